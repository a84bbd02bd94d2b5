"""The command line: assembles the commands and turns errors into words and exit codes.

Exit codes: 0 done; 1 unexpected error; 2 input or usage; 3 a source failed; 4 a model pack; 5 a service (database,
queue, store, data folder); 130 interrupted.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated

import typer
from rich.console import Console

from sightline import __version__
from sightline.core.errors import EXIT_INTERRUPTED, AppError

EXIT_CODES = (
    "Exit codes: 0 done, 1 unexpected error, 2 input or usage, 3 a source failed, 4 a model pack, "
    "5 a service such as the database, 130 interrupted."
)
RECOGNITION, SYSTEM, MEASURING = "Recognition, without a running system", "The running system", "Measuring"


@dataclass(frozen=True, slots=True)
class Command:
    """Where a command lives: module below sightline.commands, and its function or Typer application."""

    module: str
    attribute: str
    panel: str


COMMANDS = {
    "watch": Command("watch", "watch", RECOGNITION),
    "enroll-check": Command("enroll_check", "enroll_check", RECOGNITION),
    "models": Command("models", "models_app", RECOGNITION),
    "demo": Command("demo", "demo", SYSTEM),
    "up": Command("up", "up", SYSTEM),
    "camera": Command("camera", "camera_app", SYSTEM),
    "enroll": Command("enroll", "enroll", SYSTEM),
    "gallery": Command("gallery", "gallery_app", SYSTEM),
    "watchlist": Command("watchlist", "watchlist_app", SYSTEM),
    "sightings": Command("sightings", "sightings_app", SYSTEM),
    "purge": Command("sightings", "purge", SYSTEM),
    "admin": Command("admin", "admin_app", SYSTEM),
    "db": Command("db", "db_app", SYSTEM),
    "audit": Command("audit", "audit_app", SYSTEM),
    "doctor": Command("doctor", "doctor", SYSTEM),
    "config": Command("config", "config_app", SYSTEM),
    "alerts": Command("alerts", "alerts_app", SYSTEM),
    "streams": Command("streams", "streams_app", SYSTEM),
    "worker": Command("worker", "worker_app", SYSTEM),
    "api": Command("api", "api", SYSTEM),
    "openapi": Command("openapi", "openapi", SYSTEM),
    "evaluate": Command("evaluate", "evaluate", MEASURING),
    "evaluate-fusion": Command("fusion_study", "evaluate_fusion", MEASURING),
    "calibrate": Command("calibrate", "calibrate", MEASURING),
    "bench": Command("bench", "bench_app", MEASURING),
}


def build_app(names: Iterable[str] = tuple(COMMANDS)) -> typer.Typer:
    """The application with these commands. Only their modules are loaded: a worker that runs for months carries no
    more than it needs."""
    app = typer.Typer(
        name="sightline",
        help="Watches cameras and streams, finds faces and names the people you have enrolled, "
        "with a stated error rate.",
        epilog=EXIT_CODES,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(options)
    for name in names:
        command = COMMANDS[name]
        found = getattr(import_module(f"sightline.commands.{command.module}"), command.attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name, rich_help_panel=command.panel)
        else:
            app.command(name, rich_help_panel=command.panel)(found)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sightline {__version__}")
        raise typer.Exit


def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Options before the command."""


def main() -> None:
    """Run the command line; every known error ends in one line, one hint and its exit code."""
    first = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
    try:
        build_app([first] if first in COMMANDS else COMMANDS)(prog_name="sightline")
    except AppError as error:
        console = Console(stderr=True, highlight=False)
        console.print(f"[bold red]error[/] \\[{error.code}] ", end="")
        console.print(error.message, markup=False, soft_wrap=True)
        if error.hint:
            console.print("[bold]what to do[/] ", end="")
            console.print(error.hint, markup=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
