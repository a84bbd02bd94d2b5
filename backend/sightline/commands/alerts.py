"""`sightline alerts`: sightings that rules could not be evaluated for."""

from functools import partial
from typing import Annotated

import typer

from sightline.commands.database_access import in_transaction
from sightline.commands.support import print_json
from sightline.core.errors import InvalidInput
from sightline.services import alert_rule_queue

alerts_app = typer.Typer(help="What the alert engine could not work on.", no_args_is_help=True)


@alerts_app.callback()
def of_alerts() -> None:
    """Alerts themselves are handled in the web interface or over the API."""


@alerts_app.command("set-aside")
def set_aside(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Sightings that rules failed on three times, with the reason. They are kept for seven days."""
    found = in_transaction(alert_rule_queue.that_were_set_aside)
    if as_json:
        print_json(
            [
                {
                    "id": one.id,
                    "sighting_id": str(one.sighting_id),
                    "detected_at": one.detected_at.isoformat(),
                    "set_aside_at": one.set_aside_at.isoformat(),
                    "reason": one.reason,
                }
                for one in found
            ]
        )
        return
    for one in found:
        typer.echo(f"{one.id}  sighting {one.sighting_id} of {one.detected_at:%Y-%m-%d %H:%M:%S} UTC  {one.reason}")
    if not found:
        typer.echo("nothing was set aside")


@alerts_app.command()
def replay(
    number: Annotated[int | None, typer.Argument(help="Number of one, as `set-aside` gives it.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that were set aside.")] = False,
) -> None:
    """Let rules look at them again. For after the cause is mended; it is in the audit log."""
    if (number is None) != everything:
        raise InvalidInput("name one sighting, or all of them", hint="Give a number as `set-aside` has it, or --all.")
    again = in_transaction(partial(alert_rule_queue.replay, queued_id=number))
    typer.echo(f"rules look again at {len(again)} sightings")
