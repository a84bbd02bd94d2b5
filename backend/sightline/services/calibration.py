"""Operating points of a model pack, measured on all pairs of a folder of labelled pictures."""

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

_BLOCK = 256
"""Rows of a matrix product: 13,000 templates make 13 MB of similarities at a time; larger is hardly faster."""

_CLOSEST = 10
"""Most similar pairs of different people that are kept for a person to look at."""

Histogram = NDArray[np.int64]
"""Pairs per bin of similarity, from -1 to 1 (_BINS,)."""


@dataclass(frozen=True, slots=True)
class ClosePair:
    """Two pictures of different people, by their paths, and how similar they are."""

    first: str
    second: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """A measurement for a manifest, with what stands behind it.

    model_version names the embedder. closest: the most similar pairs of different people, first the
    worst; one person under two names would stand here, and spoil the strictest rates.
    """

    entry: OperatingPointsEntry
    model_version: str
    images: int
    subjects: int
    failed: tuple[FailedImage, ...]
    closest: tuple[ClosePair, ...]


@dataclass(frozen=True, slots=True, eq=False)
class AllPairs:
    """How similar all pairs of one person (genuine) and of two (impostor) are, and the rows of the closest
    impostor pairs with their similarity."""

    genuine: Histogram
    impostor: Histogram
    closest: tuple[tuple[int, int, float], ...]

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
    paths = [image.path for image in listing.images]
    embedded = embed_principal_faces(folder, paths, models, on_progress)
    subject_of = {image.path: image.subject for image in listing.images}
    subjects = [subject_of[name] for name in embedded.names]
    people, labels = np.unique(np.array(subjects, dtype=str), return_inverse=True)
    pairs = compare_all_pairs(embedded.templates, labels)
    source = (
        f"all pairs of {len(subjects)} pictures of {len(people)} subjects in {folder.resolve().name}, "
        f"principal faces, pack {pack}; pictures without a face left out"
    )
    return Calibration(
        operating_points(pairs, source),
        models.embedder.model_version,
        len(subjects),
        len(people),
        (*listing.refused, *embedded.failed),
        tuple(ClosePair(embedded.names[i], embedded.names[j], similarity) for i, j, similarity in pairs.closest),
    )


def compare_all_pairs(templates: FloatArray, labels: NDArray[np.int64]) -> AllPairs:
    """Count every pair once. templates (n, 512) float32 of length 1; labels (n,) the subject of each."""
    genuine = np.zeros(_BINS, np.int64)
    impostor = np.zeros(_BINS, np.int64)
    closest: list[tuple[int, int, float]] = []
    for start in range(0, len(templates), _BLOCK):
        block = templates[start : start + _BLOCK]
        similarities = block @ templates[start:].T
        pair = np.triu(np.ones(similarities.shape, dtype=bool), k=1)
        same = labels[start : start + len(block), None] == labels[None, start:]
        genuine += _histogram(similarities[pair & same])
        impostor += _histogram(similarities[pair & ~same])
        found = _closest(np.where(pair & ~same, similarities, -np.inf), start)
        closest = sorted(closest + found, key=lambda row: -row[2])[:_CLOSEST]
    return AllPairs(genuine, impostor, tuple(closest))


def _histogram(similarities: FloatArray) -> Histogram:
    bins = np.clip((similarities.astype(np.float64) + 1.0) * (_BINS / 2), 0, _BINS - 1).astype(np.int64)
    return np.bincount(bins, minlength=_BINS)


def _closest(similarities: FloatArray, start: int) -> list[tuple[int, int, float]]:
    """The highest of a block whose first row and column is template number start; -inf is no pair."""
    flat = similarities.ravel()
    highest = np.argpartition(flat, -_CLOSEST)[-_CLOSEST:] if flat.size > _CLOSEST else np.arange(flat.size)
    rows, columns = np.unravel_index(highest[np.isfinite(flat[highest])], similarities.shape)
    return [(start + int(i), start + int(j), float(similarities[i, j])) for i, j in zip(rows, columns, strict=True)]


def operating_points(pairs: AllPairs, source: str) -> OperatingPointsEntry:
    """Thresholds per false-match rate; a rate with fewer than RULE_OF_THIRTY expected false matches is null.

    Raises NotMeasured when none is supported.
    """
    points = tuple(_point(pairs, fmr) for fmr in FALSE_MATCH_RATES)
    if all(point.min_similarity is None for point in points):
        needed = round(RULE_OF_THIRTY / max(FALSE_MATCH_RATES))
        raise NotMeasured(
            f"{pairs.impostor_pairs} pairs of different people support no false-match rate",
            hint=f"Add people: {needed} pairs (25 people with one picture each) are the least; more is better.",
        )
    return OperatingPointsEntry(
        source=source, impostor_pairs=pairs.impostor_pairs, genuine_pairs=pairs.genuine_pairs, points=points
    )


def _point(pairs: AllPairs, fmr: float) -> PointEntry:
    expected = pairs.impostor_pairs * fmr
    if expected < RULE_OF_THIRTY * (1 - 1e-9):
        return PointEntry(fmr=fmr, min_similarity=None)
    reached = np.cumsum(pairs.impostor[::-1])[::-1]
    first = int(np.searchsorted(-reached, -int(expected * (1 + 1e-9))))
    threshold = round(first / (_BINS / 2) - 1.0, 6)
    hits = int(pairs.genuine[first:].sum())
    tmr = hits / pairs.genuine_pairs if pairs.genuine_pairs else None
    return PointEntry(fmr=fmr, min_similarity=threshold, tmr=tmr)


def better_supported(existing: OperatingPointsEntry | None, measured: OperatingPointsEntry) -> bool:
    """Whether the measurement that a pack already has stands on more impostor pairs than the new one."""
    return existing is not None and existing.impostor_pairs > measured.impostor_pairs
