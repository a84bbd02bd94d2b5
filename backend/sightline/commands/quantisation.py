"""The work of `sightline models quantise`: make an INT8 pack, compare it with its original, keep it or not."""

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sightline.commands.support import Json, print_json
from sightline.core.errors import ModelPackError
from sightline.services.evaluation import Evaluation, evaluate
from sightline.services.pairs import PairSet, read_pairs
from sightline.vision.loading import load_models
from sightline.vision.model_packs.manifest import AccuracyEntry, DetectorEntry, Manifest
from sightline.vision.model_packs.quantise import milliseconds_per_picture, quantise_detector
from sightline.vision.model_packs.store import PackStore
from sightline.vision.runtime import RuntimeOptions

MAX_ACCURACY_LOSS = 0.005
"""Half a percentage point; LFW's own standard deviation over folds is about as large."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One detector's time (ms per 640×384 picture, one thread) and the pack's accuracy with it."""

    milliseconds: float
    evaluation: Evaluation

    @property
    def failed(self) -> frozenset[str]:
        """Pictures without a usable face."""
        return frozenset(image.name for image in self.evaluation.failed)


@dataclass(frozen=True, slots=True)
class Comparison:
    """An INT8 pack beside its original on the same pairs."""

    original_name: str
    name: str
    pairs_file: str
    float32: Measured
    int8: Measured

    @property
    def newly_missed(self) -> tuple[str, ...]:
        """Pictures in which only the original finds a face."""
        return tuple(sorted(self.int8.failed - self.float32.failed))

    @property
    def holds(self) -> bool:
        """Whether the accuracy is kept, which decides whether the pack is."""
        loss = self.float32.evaluation.accuracy - self.int8.evaluation.accuracy
        return loss <= MAX_ACCURACY_LOSS and not self.newly_missed

    def require_kept(self) -> None:
        """Raise ModelPackError, saying by how much accuracy fell, where the pack was not kept."""
        if self.holds:
            return
        before, after = self.float32.evaluation.accuracy, self.int8.evaluation.accuracy
        missed = f", {len(self.newly_missed)} faces are newly missed" if self.newly_missed else ""
        raise ModelPackError(
            f"{self.name} was not kept: accuracy {before:.2%} in float32, {after:.2%} in INT8{missed}",
            hint="Calibrate on more pictures, and on ones like your cameras'; or stay with the original.",
        )


def quantise_pack(
    store: PackStore,
    names: tuple[str, str],
    images: Path,
    pairs: tuple[Path, Path],
    report: Callable[[str], None],
    *,
    replace: bool = False,
) -> Comparison:
    """Quantise a pack's detector, measure both packs, publish the new one where its accuracy holds.

    names: the pack and the new one. images: pictures for calibration. pairs: the file of labelled
    pairs and the folder of its pictures. Raises PackNotInstalled, InvalidInput, PairsInvalid.
    """
    name, new_name = names
    original = store.get(name)
    store.require_free(new_name, replace=replace)
    pair_set = read_pairs(*pairs)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        detector = quantise_detector(original, images, folder, report)
        shutil.copyfile(original.folder / original.manifest.embedder.file, folder / original.manifest.embedder.file)
        candidate = original.manifest.model_copy(update={"name": new_name, "detector": detector, "accuracy": ()})
        report("measuring the original")
        float32 = _measure(original.folder, original.manifest, pair_set)
        report("measuring the quantised pack")
        int8 = _measure(folder, candidate, pair_set)
        comparison = Comparison(name, new_name, pair_set.name, float32, int8)
        if comparison.holds:
            kept = _described(candidate, comparison)
            store.add(new_name, lambda target: _copied(folder, target, kept), replace=replace)
    return comparison


def print_comparison(comparison: Comparison, *, as_json: bool) -> None:
    """Show both packs side by side."""
    if as_json:
        print_json(as_document(comparison))
        return
    table = Table("", comparison.original_name, f"{comparison.name} (INT8)")
    both = (comparison.float32, comparison.int8)
    table.add_row("detector, ms per 640×384 picture", *(f"{one.milliseconds:.1f}" for one in both))
    table.add_row("accuracy", *(f"{one.evaluation.accuracy:.2%}" for one in both))
    table.add_row("pictures without a usable face", *(str(len(one.failed)) for one in both))
    console = Console(highlight=False)
    console.print(table)
    if comparison.int8.milliseconds > comparison.float32.milliseconds:
        console.print("INT8 is slower than float32 on this machine: the original serves better here.")
    if comparison.holds:
        console.print(f"Kept as pack {comparison.name}.", markup=False)


def as_document(comparison: Comparison) -> dict[str, Json]:
    """The comparison as JSON."""
    float32, int8 = comparison.float32, comparison.int8
    return {
        "pack": comparison.original_name,
        "int8_pack": comparison.name,
        "kept": comparison.holds,
        "pairs_file": comparison.pairs_file,
        "pairs": int8.evaluation.pairs,
        "accuracy": {"float32": float32.evaluation.accuracy, "int8": int8.evaluation.accuracy},
        "detector_ms": {"float32": float32.milliseconds, "int8": int8.milliseconds},
        "failed_to_enrol": {"float32": len(float32.failed), "int8": len(int8.failed)},
        "newly_missed": list(comparison.newly_missed),
    }


def _measure(folder: Path, manifest: Manifest, pair_set: PairSet) -> Measured:
    models = load_models(folder, manifest, RuntimeOptions(threads=os.cpu_count() or 1))
    return Measured(milliseconds_per_picture(folder, manifest.detector), evaluate(pair_set, models))


def _described(candidate: Manifest, comparison: Comparison) -> Manifest:
    """The new pack's manifest: what was measured just now, and that its thresholds come from the original."""
    before, after = comparison.float32.evaluation, comparison.int8.evaluation
    accuracy = AccuracyEntry(
        set=comparison.pairs_file,
        pairs=after.pairs,
        accuracy=after.accuracy,
        remark=f"{before.accuracy:.2%} with the detector in float32 (pack {comparison.original_name})",
    )
    points = candidate.operating_points
    if points is not None:
        source = f"{points.source}; measured with the detector in float32"
        points = points.model_copy(update={"source": source})
    title = f"{candidate.title}, detector in INT8"
    return candidate.model_copy(update={"accuracy": (accuracy,), "operating_points": points, "title": title})


def _copied(folder: Path, target: Path, manifest: Manifest) -> Manifest:
    detector: DetectorEntry = manifest.detector
    for file in (detector.file, manifest.embedder.file):
        shutil.copyfile(folder / file, target / file)
    return manifest
