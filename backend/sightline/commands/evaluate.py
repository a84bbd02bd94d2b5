"""`sightline evaluate`: how well a model pack tells people apart, on labelled pairs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from sightline.commands.support import PACK_HELP, Json, open_pack, print_failed, print_json, progress

if TYPE_CHECKING:
    from sightline.services.evaluation import Evaluation

NOT_SUPPORTED = "not supported by the data"


def evaluate(
    pairs: Annotated[
        Path,
        typer.Option(help="Labelled pairs: LFW's pairs.txt, or CSV with columns file_x,file_y,Decision (Yes/No)."),
    ],
    images: Annotated[Path, typer.Option(help="Folder of the pictures that the pairs name.")],
    pack: Annotated[str | None, typer.Option(help=PACK_HELP)] = None,
    det: Annotated[
        Path | None, typer.Option(help="Also draw the DET curve into this file (.png, .svg or .pdf).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")] = False,
) -> None:
    """Measure the accuracy of a model pack on labelled pairs of pictures.

    Each picture is embedded once, by its principal face (the largest, with a
    preference for the middle). Accuracy is the mean over ten folds, LFW's own
    or stratified ones, each judged by the threshold that was best on the rest.
    TMR is the share of pairs of one person that match at a threshold which at
    most the stated share of impostor pairs (FMR) reaches; it is left out where
    less than one such false match would be expected. A face that is not found
    counts as an error everywhere. Intervals are exact binomial ones at 95 %.

    Example: sightline evaluate --pairs pairs.txt --images lfw --det det.png
    """
    from sightline.services.evaluation import evaluate as run  # noqa: PLC0415 - loads SciPy and the models
    from sightline.services.pairs import read_pairs  # noqa: PLC0415

    if det is not None:
        from sightline.services.det_picture import check_picture_path  # noqa: PLC0415 - loads matplotlib

        check_picture_path(det)
    pair_set = read_pairs(pairs, images)
    installed, models = open_pack(pack)
    with progress("embedding pictures") as on_progress:
        evaluation = run(pair_set, models, on_progress)
    if det is not None:
        from sightline.services.det_picture import draw_det_curve  # noqa: PLC0415

        draw_det_curve(evaluation, f"{installed.name} on {pair_set.name}", det)
    if as_json:
        print_json(as_document(evaluation, installed.name, pair_set.name))
    else:
        _print(evaluation, installed.name, pair_set.name)
        if det is not None:
            typer.echo(f"DET curve: {det}")


def as_document(evaluation: "Evaluation", pack: str, pairs_file: str) -> dict[str, Json]:
    """The measurement as JSON; keys as documented in docs/evaluation.md."""
    return {
        "pairs": evaluation.pairs,
        "genuine_pairs": evaluation.genuine_pairs,
        "impostor_pairs": evaluation.impostor_pairs,
        "accuracy": evaluation.accuracy,
        "accuracy_std": evaluation.accuracy_std,
        "accuracy_interval": evaluation.accuracy_interval,
        "accuracy_threshold": evaluation.accuracy_threshold,
        "tmr": evaluation.tmr,
        "tmr_interval": evaluation.tmr_interval,
        "threshold": evaluation.threshold,
        "failed_to_enrol": len(evaluation.failed),
        "failed_files": [image.name for image in evaluation.failed],
        "folds": evaluation.folds,
        "pairs_file": pairs_file,
        "pack": pack,
        "model_version": evaluation.model_version,
        "seconds": round(evaluation.seconds, 3),
    }


def _print(evaluation: "Evaluation", pack: str, pairs_file: str) -> None:
    console = Console(highlight=False)
    console.print(
        f"[bold]{pack}[/] ({evaluation.model_version}) on {pairs_file}: {evaluation.genuine_pairs} genuine and "
        f"{evaluation.impostor_pairs} impostor pairs, {evaluation.seconds:.1f} s"
    )
    low, high = evaluation.accuracy_interval
    console.print(
        f"accuracy [bold]{evaluation.accuracy:.2%}[/] ± {evaluation.accuracy_std:.2%} over {evaluation.folds} folds, "
        f"95 % interval {low:.2%} to {high:.2%}"
    )
    table = Table("FMR", "threshold", "TMR", "95 % interval")
    for key, threshold in evaluation.threshold.items():
        tmr, interval = evaluation.tmr[key], evaluation.tmr_interval[key]
        if threshold is None or tmr is None or interval is None:
            table.add_row(key, NOT_SUPPORTED, "", "", style="dim")
        else:
            table.add_row(key, f"{threshold:.4f}", f"{tmr:.2%}", f"{interval[0]:.2%} to {interval[1]:.2%}")
    console.print(table)
    print_failed(console, evaluation.failed, f"{len(evaluation.failed)} pictures without a face count as errors:")
