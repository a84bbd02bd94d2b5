"""`sightline models`: list, install, verify, import and quantise model packs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sightline.commands.support import Json, print_json
from sightline.core.config import load_settings
from sightline.core.errors import AppError, PackNotInstalled
from sightline.domain.operating_points import fmr_key
from sightline.vision.model_packs.catalogue import CATALOGUE, LITE, KnownPack
from sightline.vision.model_packs.manifest import Manifest, ModelFile
from sightline.vision.model_packs.store import InstalledPack, PackStore

if TYPE_CHECKING:
    from sightline.vision.model_packs.importer import ImportReport

models_app = typer.Typer(
    help="Model packs: what is installed, under which licence, with which measured error rates.",
    no_args_is_help=True,
)

NOT_MEASURED = "not measured"
SHOWN_RATES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")]


@models_app.command("list")
def list_packs(as_json: AsJson = False) -> None:
    """Show the installed packs with licence and thresholds, and how to get the others.

    A threshold is the cosine similarity that two faces of different people reach at the stated
    false-match rate (FMR). "not measured" means that the data behind the pack does not support it.
    """
    store = PackStore.from_settings(load_settings())
    installed = store.list()
    missing = [pack for pack in CATALOGUE if pack.name not in {one.name for one in installed}]
    if as_json:
        print_json(
            {
                "packs": [as_document(pack) for pack in installed],
                "broken": [{"name": one.name, "reason": one.reason} for one in store.broken()],
                "not_installed": [_known_document(pack) for pack in missing],
            }
        )
        return
    console = Console(highlight=False)
    if installed:
        console.print(_thresholds_table(installed))
        for pack in installed:
            _print_sources(console, pack)
    for broken in store.broken():
        console.print(Text(f"damaged: {broken.reason}", style="red"))
    for known in missing:
        _print_missing(console, known)


@models_app.command()
def install(
    name: Annotated[str, typer.Argument(help=f"Name of the pack, for example {LITE}.")] = LITE,
) -> None:
    """Install a pack from published packages, check it, and keep the downloads for next time.

    Does nothing where the pack is installed and whole; repairs it where it is not. Packs that
    cannot be downloaded say where their files are and how to import them.
    """
    store = PackStore.from_settings(load_settings())
    with _reporting() as report:
        pack = store.install(name, report=report)
    _print_installed(Console(highlight=False), pack)


@models_app.command()
def verify(
    name: Annotated[str | None, typer.Argument(help="Name of a pack.  [default: all that are installed]")] = None,
    as_json: AsJson = False,
) -> None:
    """Check installed packs: checksums, that the models run, their shapes, batches and vector length.

    Exit code 4 when one is damaged, with what is wrong and what to do.
    """
    store = PackStore.from_settings(load_settings())
    names = [name] if name else _names(store)
    if not names:
        raise PackNotInstalled("no model pack is installed", hint=f"Run `sightline models install {LITE}`.")
    problems = {one: _problem(store, one) for one in names}
    if as_json:
        print_json({"packs": [_verdict(one, problem) for one, problem in problems.items()]})
    else:
        console = Console(highlight=False)
        for one, problem in problems.items():
            console.print(Text(f"{one}: {problem.message if problem else 'ok'}", style="red" if problem else ""))
    first = next((problem for problem in problems.values() if problem), None)
    if first:
        raise first


@models_app.command("import")
def import_models(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of ONNX files, or a pack's folder.")],
    name: Annotated[str | None, typer.Option(help="Name of the pack, where the folder makes one.")] = None,
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="You have read the files' licences and may use them.")
    ] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite a pack of the same name.")] = False,
) -> None:
    """Make packs out of model files that you have: one per detector in the folder, with its embedder.

    Files are recognised by what they are: YuNet, SCRFD, YOLOv8-face with landmarks and CenterFace
    as detectors, ArcFace-style 112×112 embedders. A folder without an embedder borrows
    MobileFaceNet from the installed pack lite, and the other way round. Models that infer
    attributes of people are never imported. YuNet becomes pack cpu, a YOLOv8-face file gives its
    name, other packs are named after the folder. Files under a restrictive or an unknown licence
    need --accept-licence.

    Example: sightline models import buffalo_l --accept-licence
    """
    from sightline.vision.model_packs.importer import import_folder  # noqa: PLC0415 - loads ONNX Runtime

    store = PackStore.from_settings(load_settings())
    with _reporting() as report:
        outcome = import_folder(store, folder, name=name, accept_licence=accept_licence, replace=replace, report=report)
    _print_import(outcome)
    outcome.require_all()


@models_app.command()
def quantise(
    name: Annotated[str, typer.Argument(help="Name of the installed pack.")],
    images: Annotated[Path, typer.Option(help="Pictures like your cameras', for calibration.")],
    pairs: Annotated[Path, typer.Option(help="Labelled pairs that decide: LFW's pairs.txt or a CSV.")],
    pair_images: Annotated[Path, typer.Option(help="Folder of the pictures that the pairs name.")],
    new_name: Annotated[str | None, typer.Option("--name", help="Name of the new pack.  [default: NAME-int8]")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite a pack of the same name.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a pack whose detector computes in INT8, and keep it only where its accuracy holds.

    Both packs are measured on the same labelled pairs. The new one is kept when its accuracy is at
    most 0.5 percentage points lower and it finds a face in every picture where the original does.

    Example: sightline models quantise lite --images frames --pairs pairs.csv --pair-images pictures
    """
    from sightline.commands.quantisation import print_comparison, quantise_pack  # noqa: PLC0415 - loads models

    store = PackStore.from_settings(load_settings())
    with _reporting() as report:
        names = (name, new_name or f"{name}-int8")
        comparison = quantise_pack(store, names, images, (pairs, pair_images), report, replace=replace)
    print_comparison(comparison, as_json=as_json)
    comparison.require_kept()


def as_document(pack: InstalledPack) -> dict[str, Json]:
    """An installed pack as JSON; thresholds and tmr are keyed by false-match rate, null where not measured."""
    manifest = pack.manifest
    measured = manifest.operating_points
    points = {fmr_key(point.fmr): point for point in measured.points} if measured else {}
    keys = list(dict.fromkeys([*(fmr_key(rate) for rate in SHOWN_RATES), *points]))
    return {
        "name": pack.name,
        "title": manifest.title,
        "folder": str(pack.folder),
        "licence": _licences(manifest),
        "restricted": manifest.detector.restricted or manifest.embedder.restricted,
        "detector": {**_file_document(manifest.detector), "kind": manifest.detector.kind.value,
                     "precision": manifest.detector.precision},
        "embedder": {**_file_document(manifest.embedder), "model_version": manifest.embedder.model_version,
                     "dimensions": manifest.embedder.dimensions},
        "threshold": {key: points[key].min_similarity if key in points else None for key in keys},
        "tmr": {key: points[key].tmr if key in points else None for key in keys},
        "impostor_pairs": measured.impostor_pairs if measured else 0,
        "genuine_pairs": measured.genuine_pairs if measured else 0,
        "measured_on": measured.source if measured else NOT_MEASURED,
        "accuracy": [entry.model_dump() for entry in manifest.accuracy],
    }  # fmt: skip


def _file_document(entry: ModelFile) -> dict[str, Json]:
    return entry.model_dump(include={"file", "sha256", "licence", "restricted", "source", "provenance"}, mode="json")


def _known_document(pack: KnownPack) -> dict[str, Json]:
    return {
        "name": pack.name,
        "detector": pack.detector,
        "embedder": pack.embedder,
        "licence": pack.licence,
        "restricted": pack.restricted,
        "how_to_get": pack.how_to_get,
    }


def _licences(manifest: Manifest) -> str:
    return " / ".join(dict.fromkeys((manifest.detector.licence, manifest.embedder.licence)))


def _thresholds_table(packs: tuple[InstalledPack, ...]) -> Table:
    table = Table("installed", *(fmr_key(rate) for rate in SHOWN_RATES))
    table.caption = "least similarity of a match at each false-match rate"
    for pack in packs:
        curve = pack.manifest.curve
        thresholds = [curve.min_similarity(rate) for rate in SHOWN_RATES]
        cells = [Text(NOT_MEASURED, style="dim") if t is None else Text(f"{t:.3f}") for t in thresholds]
        table.add_row(Text(pack.name, style="bold"), *cells)
    return table


def _print_sources(console: Console, pack: InstalledPack) -> None:
    manifest = pack.manifest
    measured = manifest.operating_points
    heading = f": {manifest.title}, licence {_licences(manifest)}"
    console.print(Text.assemble((pack.name, "bold"), heading), soft_wrap=True)
    if measured:
        pairs = f"{measured.impostor_pairs:,} impostor and {measured.genuine_pairs:,} genuine pairs"
        console.print(Text(f"  thresholds from {pairs}: {measured.source}"), soft_wrap=True)
    else:
        console.print(f"  thresholds {NOT_MEASURED}: run `sightline calibrate`", soft_wrap=True)
    for entry in manifest.accuracy:
        remark = f" ({entry.remark})" if entry.remark else ""
        console.print(
            Text(f"  accuracy {entry.accuracy:.2%} on {entry.set}, {entry.pairs} pairs{remark}"), soft_wrap=True
        )
    for part in (manifest.detector, manifest.embedder):
        console.print(Text(f"  {part.file}: {part.licence}; {part.source}; {part.provenance}"), soft_wrap=True)


def _print_missing(console: Console, pack: KnownPack) -> None:
    accepted = ", must be accepted" if pack.restricted else ""
    models = f"{pack.detector} + {pack.embedder}; licence {pack.licence}{accepted}"
    console.print(Text.assemble((pack.name, "bold"), f" (not installed): {models}"), soft_wrap=True)
    console.print(Text(f"  {pack.how_to_get}."), soft_wrap=True)


def _names(store: PackStore) -> list[str]:
    return sorted([*(pack.name for pack in store.list()), *(pack.name for pack in store.broken())])


def _problem(store: PackStore, name: str) -> AppError | None:
    try:
        store.verify(name)
    except AppError as error:
        return error
    return None


def _verdict(name: str, problem: AppError | None) -> dict[str, Json]:
    if problem is None:
        return {"name": name, "ok": True, "problem": None, "what_to_do": None}
    return {"name": name, "ok": False, "problem": problem.message, "what_to_do": problem.hint}


def _print_import(outcome: "ImportReport") -> None:
    console = Console(highlight=False)
    for pack in outcome.packs:
        _print_installed(console, pack)
    for ignored in outcome.ignored:
        console.print(Text(f"ignored {ignored.file}: {ignored.reason}", style="dim"), soft_wrap=True)


def _print_installed(console: Console, pack: InstalledPack) -> None:
    manifest = pack.manifest
    text = Text.assemble((pack.name, "bold"), f": {manifest.title}, licence {_licences(manifest)}, verified")
    console.print(text, soft_wrap=True)
    if manifest.operating_points is None:
        console.print("  error rates are not measured: run `sightline calibrate` before you rely on a match")


@contextmanager
def _reporting() -> Iterator[Callable[[str], None]]:
    """Show the step that is being done on standard error: a spinner in a terminal, lines elsewhere."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda step: console.print(step, markup=False, soft_wrap=True)
        return
    with console.status("") as status:
        yield lambda step: status.update(Text(step))
