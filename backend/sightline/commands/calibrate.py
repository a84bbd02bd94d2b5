"""`sightline calibrate`: measure a pack's thresholds and write them into its manifest."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from sightline.commands.support import PACK_HELP, Json, open_pack, print_failed, print_json, progress
from sightline.core.config import load_settings
from sightline.core.errors import InvalidInput
from sightline.domain.operating_points import fmr_key

if TYPE_CHECKING:
    from sightline.services.calibration import Calibration

NOT_MEASURED = "not measured"
SHOWN = 5
"""Closest pairs in the table's company; --json gives ten."""


def calibrate(
    images: Annotated[
        Path, typer.Option(help="Folder of labelled pictures: DIR/NAME/*.jpg, or DIR/NAME-1.jpg, NAME-2.jpg …")
    ],
    pack: Annotated[str | None, typer.Option(help=PACK_HELP)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Measure and show, change nothing.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a measurement that stands on more impostor pairs.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")] = False,
) -> None:
    """Measure similarity thresholds per false-match rate for a model pack.

    All pictures are compared with all others, and the thresholds are written
    into the pack's manifest. A rate is stated only when at least thirty false
    matches stand behind it (the "rule of 30"), otherwise it is "not measured":
    FMR 1e-4 takes 300,000 impostor pairs, about 780 people with one picture
    each. Use pictures like those that your cameras see, of people who agreed.
    One person under two names spoils the strictest rates: look at the closest
    pairs that are shown.

    Example: sightline calibrate --images lfw --pack cpu --dry-run
    """
    from sightline.services.calibration import better_supported  # noqa: PLC0415 - loads the models
    from sightline.services.calibration import calibrate as run  # noqa: PLC0415
    from sightline.vision.model_packs.store import PackStore, update_operating_points  # noqa: PLC0415

    installed, models = open_pack(pack)
    with progress("embedding pictures") as on_progress:
        calibration = run(images, models, pack=installed.name, on_progress=on_progress)
    existing = installed.manifest.operating_points
    refused = not dry_run and not force and better_supported(existing, calibration.entry)
    written = not dry_run and not refused
    if written:
        update_operating_points(PackStore.from_settings(load_settings()), installed.name, calibration.entry)
    if as_json:
        print_json(as_document(calibration, installed.name, written=written))
    else:
        _print(calibration, installed.name, written=written)
    if refused and existing is not None:
        raise InvalidInput(
            f"pack {installed.name} keeps its thresholds: they stand on {existing.impostor_pairs} impostor pairs, "
            f"this measurement on {calibration.entry.impostor_pairs}",
            hint="Use more pictures, or --force to replace them all the same.",
        )


def as_document(calibration: "Calibration", pack: str, *, written: bool) -> dict[str, Json]:
    """The measurement as JSON."""
    points = calibration.entry.points
    return {
        "pack": pack,
        "model_version": calibration.model_version,
        "images": calibration.images,
        "subjects": calibration.subjects,
        "genuine_pairs": calibration.entry.genuine_pairs,
        "impostor_pairs": calibration.entry.impostor_pairs,
        "threshold": {fmr_key(point.fmr): point.min_similarity for point in points},
        "tmr": {fmr_key(point.fmr): point.tmr for point in points},
        "failed_to_enrol": len(calibration.failed),
        "failed_files": [image.name for image in calibration.failed],
        "closest_impostors": [
            {"first": pair.first, "second": pair.second, "similarity": round(pair.similarity, 4)}
            for pair in calibration.closest
        ],
        "source": calibration.entry.source,
        "written": written,
    }


def _print(calibration: "Calibration", pack: str, *, written: bool) -> None:
    console = Console(highlight=False)
    entry = calibration.entry
    console.print(
        f"[bold]{pack}[/] ({calibration.model_version}): {calibration.images} pictures of {calibration.subjects} "
        f"people, {entry.impostor_pairs:,} impostor and {entry.genuine_pairs:,} genuine pairs"
    )
    table = Table("FMR", "threshold", "TMR")
    for point in entry.points:
        if point.min_similarity is None:
            table.add_row(fmr_key(point.fmr), NOT_MEASURED, "", style="dim")
        else:
            tmr = "no genuine pairs" if point.tmr is None else f"{point.tmr:.2%}"
            table.add_row(fmr_key(point.fmr), f"{point.min_similarity:.4f}", tmr)
    console.print(table)
    console.print("Closest pairs of different people; is any of them one person?")
    for pair in calibration.closest[:SHOWN]:
        console.print(f"  {pair.similarity:.3f}  {pair.first}  {pair.second}", markup=False, soft_wrap=True)
    print_failed(console, calibration.failed, f"{len(calibration.failed)} pictures were left out:")
    console.print("Written into the pack's manifest." if written else "The pack's manifest is unchanged.")
