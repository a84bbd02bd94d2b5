"""`sightline evaluate-fusion`: what the fusion of a track's shots is worth."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from sightline.commands.support import Json, open_pack, print_json, progress

if TYPE_CHECKING:
    from sightline.workers.fusion_study import FusionStudy, MethodResult


def evaluate_fusion(
    people: Annotated[Path, typer.Option(help="Portraits named NAME-1.jpg, NAME-2.jpg …, one face each.")],
    images: Annotated[Path, typer.Option(help="Pictures of other people, none of whom is among the portraits.")],
    pack: Annotated[str | None, typer.Option(help="Model pack.  [default: the settings', lite]")] = None,
    tracks: Annotated[int, typer.Option(min=1, help="Tracks made of each portrait.")] = 8,
    frames: Annotated[int, typer.Option(min=3, help="Frames per track, five a second.")] = 15,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all chance: the same seed gives the same tracks.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")] = False,
) -> None:
    """Show what fusing a track's shots into one template is worth over its best single shot.

    Tracks are made from portraits: the face moves past a 640x360 camera with motion blur, defocus, noise,
    dim light and JPEG compression, 14 to 36 px between the eyes. They go through the product's own
    detector, tracker and best-shot selection. The fused template and the best single shot (by quality)
    are compared with the same person's other portraits (genuine) and with all other people (impostor).

    Example: sightline evaluate-fusion --people people --images strangers
    """
    from sightline.workers.fusion_study import StudyOptions, study_fusion  # noqa: PLC0415 - loads the models

    installed, models = open_pack(pack)
    options = StudyOptions(tracks, frames, seed)
    with progress("making tracks") as on_progress:
        study = study_fusion(people, images, models, models.curve, options, on_progress)
    if as_json:
        print_json(as_document(study, installed.name, models.embedder.model_version))
    else:
        _print(study, installed.name)


def as_document(study: "FusionStudy", pack: str, model_version: str) -> dict[str, Json]:
    """The study as JSON; keys as documented in docs/evaluation.md."""
    return {
        "pack": pack,
        "model_version": model_version,
        "subjects": study.subjects,
        "portraits": study.portraits,
        "distractors": study.distractors,
        "tracks": study.tracks,
        "tracks_without_face": study.lost,
        "genuine_comparisons": study.genuine,
        "impostor_comparisons": study.impostor,
        "shots_per_track": study.shots_per_track,
        "tracks_improved": study.better_share,
        "best_single": _method(study.best_single),
        "fused": _method(study.fused),
    }


def _method(result: "MethodResult") -> dict[str, Json]:
    return {
        "genuine_mean": result.genuine_mean,
        "genuine_std": result.genuine_std,
        "impostor_mean": result.impostor_mean,
        "impostor_std": result.impostor_std,
        "d_prime": result.d_prime,
        "fnmr": result.fnmr,
        "fmr": result.fmr,
    }


def _print(study: "FusionStudy", pack: str) -> None:
    console = Console(highlight=False)
    console.print(
        f"[bold]{pack}[/]: {study.tracks} tracks of {study.portraits} portraits of {study.subjects} people, "
        f"{study.shots_per_track:.1f} shots each; {study.genuine} genuine, {study.impostor} impostor comparisons"
    )
    table = Table("", "best single shot", "fused template")
    single, fused = study.best_single, study.fused
    table.add_row("mean genuine similarity", f"{single.genuine_mean:.3f}", f"{fused.genuine_mean:.3f}")
    table.add_row("mean impostor similarity", f"{single.impostor_mean:.3f}", f"{fused.impostor_mean:.3f}")
    table.add_row("d'", f"{single.d_prime:.2f}", f"{fused.d_prime:.2f}")
    for key in single.fnmr:
        table.add_row(f"FNMR at FMR {key}", f"{single.fnmr[key]:.1%}", f"{fused.fnmr[key]:.1%}")
    console.print(table)
    console.print(
        f"{study.better_share:.0%} of the tracks came closer to their person's other portraits by fusion; "
        f"in {study.lost} no face was found"
    )
