"""`sightline audit`: is the record of who did what still whole?"""

import asyncio
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from sightline.commands.database_access import in_transaction, reachable
from sightline.commands.support import print_json
from sightline.core.config import Settings, load_settings
from sightline.core.errors import DatabaseUnsuitable
from sightline.services import audit, audit_anchors

ANCHORS = "audit-anchors.jsonl"
AT_ONCE = 1_000_000
"""Events that one call of seal takes, at most."""
SHOWN = 20
"""Findings that are printed, at most."""

audit_app = typer.Typer(help="The audit log: check its chain, and seal what waits.", no_args_is_help=True)


@audit_app.callback()
def audit_log() -> None:
    """The record of every change, every login and every look at a person."""


@audit_app.command()
def verify(
    anchors: Annotated[
        Path | None, typer.Option(help="A file of anchors from another machine, beside our own.", exists=True)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Find any edit, removal, reordering or cut-off tail. Exit code 5 where something was found.

    The chain is compared with the anchors in the data folder, in the object store, and in the file you name.
    """
    report = checked(load_settings(), anchors)
    if as_json:
        print_json(asdict(report))
    else:
        _show(report)
    require_whole(report)


@audit_app.command()
def seal() -> None:
    """Seal what waits now, where no maintenance worker runs."""
    typer.echo(f"{in_transaction(partial(audit.seal, most=AT_ONCE))} events sealed")


def checked(settings: Settings, more: Path | None = None) -> audit.ChainReport:
    """The check, against every anchor that can be found. Raises InvalidInput for a damaged anchor."""
    known = asyncio.run(_anchors(reachable(settings), more))
    return in_transaction(partial(audit.verify_chain, anchors=known), settings=settings)


def require_whole(report: audit.ChainReport) -> None:
    """Raises DatabaseUnsuitable where something was found."""
    if not report.is_whole:
        first = report.problems[0]
        raise DatabaseUnsuitable(
            f"the audit log was tampered with: {first.kind} at position {first.position}"
            f" ({len(report.problems)} findings)",
            hint="Keep the database as it is and compare it with a backup.",
        )


def _show(report: audit.ChainReport) -> None:
    console = Console(highlight=False)
    console.print(
        f"audit log: {report.events} events, {report.erased} payloads erased on record, {report.pending} not sealed yet"
    )
    if report.head is not None:
        console.print(f"head {report.head.position}: {report.head.digest}")
    for problem in report.problems[:SHOWN]:
        console.print(f"position {problem.position}: {problem.kind.value} {problem.audit_id or ''}")


async def _anchors(settings: Settings, more: Path | None) -> tuple[audit.Anchor, ...]:
    """Those of the data folder, of the object store, and of a file from elsewhere."""
    from sightline.workers.embedded.machine import object_storage  # noqa: PLC0415 - loads the servers' code

    known = audit_anchors.read_anchors(settings.data_dir / ANCHORS)
    known += await audit_anchors.stored_anchors(object_storage(settings))
    return known if more is None else known + audit_anchors.read_anchors(more)
