"""Operating points of a model pack, measured on all pairs of a folder of labelled pictures."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sightline.core.errors import NotMeasured
from sightline.domain.arrays import FloatArray
from sightline.domain.operating_points import RULE_OF_THIRTY
from sightline.services.face_images import (
    FaceModels,
    FailedImage,
    OnProgress,
    embed_principal_faces,
    ignore_progress,
)
from sightline.services.labelled_folder import read_labelled_folder
from sightline.services.statistics import FALSE_MATCH_RATES
from sightline.vision.model_packs.manifest import OperatingPointsEntry, PointEntry

_BINS = 2_000_000
"""Of the histograms: a step of 1e-6 of similarity, 16 MB each however many pairs there are."""

_BLOCK = 1024
"""Rows of a matrix product: 13,000 templates make 53 MB of similarities at a time."""

Histogram = NDArray[np.int64]
"""Pairs per bin of similarity, from -1 to 1 (_BINS,)."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A measurement for a manifest, with what stands behind it. model_version names the embedder."""

    entry: OperatingPointsEntry
    model_version: str
    images: int
    subjects: int
    failed: tuple[FailedImage, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PairHistograms:
    """How similar all pairs of one person (genuine) and of two (impostor) are."""

    genuine: Histogram
    impostor: Histogram

    @property
    def genuine_pairs(self) -> int:
        """Pairs of one person."""
        return int(self.genuine.sum())

    @property
    def impostor_pairs(self) -> int:
        """Pairs of two people."""
        return int(self.impostor.sum())


def calibrate(folder: Path, models: FaceModels, *, pack: str, on_progress: OnProgress = ignore_progress) -> Calibration:
    """Measure thresholds on DIR/NAME/*.jpg and DIR/NAME-1.jpg, the principal face of each picture.

    Raises GalleryInvalid for an unusable folder, NotMeasured when not even the loosest rate is supported.
    """
    listing = read_labelled_folder(folder)
    names = [image.path for image in listing.images]
    embedded = embed_principal_faces(folder, names, models, on_progress)
    subject_of = {image.path: image.subject for image in listing.images}
    subjects = [subject_of[name] for name in embedded.names]
    people, labels = np.unique(np.array(subjects, dtype=str), return_inverse=True)
    histograms = pair_histograms(embedded.templates, labels)
    source = (
        f"all pairs of {len(subjects)} pictures of {len(people)} subjects in {folder.resolve().name}, "
        f"principal faces, pack {pack}; pictures without a face left out"
    )
    return Calibration(
        operating_points(histograms, source),
        models.embedder.model_version,
        len(subjects),
        len(people),
        (*listing.refused, *embedded.failed),
    )


def pair_histograms(templates: FloatArray, labels: NDArray[np.int64]) -> PairHistograms:
    """Count every pair once. templates (n, 512) float32 of length 1; labels (n,) the subject of each."""
    genuine = np.zeros(_BINS, np.int64)
    impostor = np.zeros(_BINS, np.int64)
    for similarities, same in _pair_rows(templates, labels):
        bins = np.clip((similarities.astype(np.float64) + 1.0) * (_BINS / 2), 0, _BINS - 1).astype(np.int64)
        genuine += np.bincount(bins[same], minlength=_BINS)
        impostor += np.bincount(bins[~same], minlength=_BINS)
    return PairHistograms(genuine, impostor)


def _pair_rows(templates: FloatArray, labels: NDArray[np.int64]) -> Iterator[tuple[FloatArray, NDArray[np.bool_]]]:
    """Similarities of pairs and whether they are genuine, a block of the upper triangle at a time."""
    columns = np.arange(len(templates))
    for start in range(0, len(templates), _BLOCK):
        rows = columns[start : start + _BLOCK]
        upper = columns[None, start:] > rows[:, None]
        similarities = templates[rows] @ templates[start:].T
        yield similarities[upper], (labels[rows][:, None] == labels[None, start:])[upper]


def operating_points(histograms: PairHistograms, source: str) -> OperatingPointsEntry:
    """Thresholds per false-match rate; a rate with fewer than RULE_OF_THIRTY expected false matches is null.

    Raises NotMeasured when none is supported.
    """
    points = tuple(_point(histograms, fmr) for fmr in FALSE_MATCH_RATES)
    pairs = histograms.impostor_pairs
    if all(point.min_similarity is None for point in points):
        needed = round(RULE_OF_THIRTY / max(FALSE_MATCH_RATES))
        raise NotMeasured(
            f"{pairs} pairs of different people support no false-match rate",
            hint=f"Add people: {needed} pairs (25 people with one picture each) are the least; more is better.",
        )
    return OperatingPointsEntry(
        source=source, impostor_pairs=pairs, genuine_pairs=histograms.genuine_pairs, points=points
    )


def _point(histograms: PairHistograms, fmr: float) -> PointEntry:
    expected = histograms.impostor_pairs * fmr
    if expected < RULE_OF_THIRTY * (1 - 1e-9):
        return PointEntry(fmr=fmr, min_similarity=None)
    reached = np.cumsum(histograms.impostor[::-1])[::-1]
    first = int(np.searchsorted(-reached, -int(expected * (1 + 1e-9))))
    threshold = round(first / (_BINS / 2) - 1.0, 6)
    hits = int(histograms.genuine[first:].sum())
    tmr = hits / histograms.genuine_pairs if histograms.genuine_pairs else None
    return PointEntry(fmr=fmr, min_similarity=threshold, tmr=tmr)


def better_supported(existing: OperatingPointsEntry | None, measured: OperatingPointsEntry) -> bool:
    """Whether the measurement that a pack already has stands on more impostor pairs than the new one."""
    return existing is not None and existing.impostor_pairs > measured.impostor_pairs
