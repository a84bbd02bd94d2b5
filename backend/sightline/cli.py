"""The command line: assembles the commands and turns errors into words and exit codes.

Exit codes: 0 done; 1 unexpected error; 2 input or usage; 3 a source failed; 4 a model pack; 5 a service (database,
queue, store, data folder); 130 interrupted.
"""

import sys
from typing import Annotated

import typer
from rich.console import Console

from sightline import __version__
from sightline.commands import (
    admin,
    api,
    bench,
    bench_db,
    calibrate,
    camera,
    config,
    db,
    doctor,
    enroll,
    enroll_check,
    evaluate,
    fusion_study,
    models,
    sightings,
    up,
    watch,
    watchlist,
    worker,
)
from sightline.core.errors import EXIT_INTERRUPTED, AppError

EXIT_CODES = (
    "Exit codes: 0 done, 1 unexpected error, 2 input or usage, 3 a source failed, 4 a model pack, "
    "5 a service such as the database, 130 interrupted."
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


RECOGNITION, SYSTEM, MEASURING = "Recognition, without a running system", "The running system", "Measuring"

app.command("watch", rich_help_panel=RECOGNITION)(watch.watch)
app.command("enroll-check", rich_help_panel=RECOGNITION)(enroll_check.enroll_check)
app.add_typer(models.models_app, name="models", rich_help_panel=RECOGNITION)
app.command("up", rich_help_panel=SYSTEM)(up.up)
app.add_typer(camera.camera_app, name="camera", rich_help_panel=SYSTEM)
app.command("enroll", rich_help_panel=SYSTEM)(enroll.enroll)
app.add_typer(watchlist.watchlist_app, name="watchlist", rich_help_panel=SYSTEM)
app.add_typer(sightings.sightings_app, name="sightings", rich_help_panel=SYSTEM)
app.add_typer(admin.admin_app, name="admin", rich_help_panel=SYSTEM)
app.add_typer(db.db_app, name="db", rich_help_panel=SYSTEM)
app.command("purge", rich_help_panel=SYSTEM)(sightings.purge)
app.command("doctor", rich_help_panel=SYSTEM)(doctor.doctor)
app.add_typer(config.config_app, name="config", rich_help_panel=SYSTEM)
app.add_typer(worker.worker_app, name="worker", rich_help_panel=SYSTEM)
app.command("api", rich_help_panel=SYSTEM)(api.api)
app.command("evaluate", rich_help_panel=MEASURING)(evaluate.evaluate)
app.command("evaluate-fusion", rich_help_panel=MEASURING)(fusion_study.evaluate_fusion)
app.command("calibrate", rich_help_panel=MEASURING)(calibrate.calibrate)
bench.bench_app.command("vectors")(bench_db.vectors)
bench.bench_app.command("writes")(bench_db.writes)
app.add_typer(bench.bench_app, name="bench", rich_help_panel=MEASURING)


def main() -> None:
    """Run the command line; every known error ends in one line, one hint and its exit code."""
    try:
        app()
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
