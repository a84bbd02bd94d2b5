"""The command line: assembles the commands and turns errors into words and exit codes.

Exit codes: 0 done; 1 unexpected error; 2 input or usage; 3 a source failed; 4 a model pack; 130 interrupted.
"""

import sys
from typing import Annotated

import typer
from rich.console import Console

from sightline import __version__
from sightline.commands import bench, calibrate, enroll_check, evaluate, models, watch
from sightline.core.errors import EXIT_INTERRUPTED, AppError

EXIT_CODES = (
    "Exit codes: 0 done, 1 unexpected error, 2 input or usage, 3 a source failed, 4 a model pack, 130 interrupted."
)

app = typer.Typer(
    name="sightline",
    help="Watches cameras and streams, finds faces and names the people you have enrolled, with a stated error rate.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sightline {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Options before the command; the docstring of the program stands at app."""


app.command("watch")(watch.watch)
app.command("enroll-check")(enroll_check.enroll_check)
app.command("evaluate")(evaluate.evaluate)
app.command("calibrate")(calibrate.calibrate)
app.add_typer(models.models_app, name="models")
app.add_typer(bench.bench_app, name="bench")


def main() -> None:
    """Run the command line; every known error ends in one line, one hint and its exit code."""
    try:
        app()
    except AppError as error:
        console = Console(stderr=True, highlight=False)
        console.print(f"[bold red]error[/] \\[{error.code}] ", end="")
        console.print(error.message, markup=False)
        if error.hint:
            console.print("[bold]what to do[/] ", end="")
            console.print(error.hint, markup=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
