"""Accuracy of a model pack on labelled pairs."""

from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from sightline.core.errors import PairsInvalid
from sightline.domain.operating_points import fmr_key
from sightline.services.face_images import (
    EmbeddedImages,
    FaceModels,
    FailedImage,
    OnProgress,
    embed_principal_faces,
    ignore_progress,
)
from sightline.services.pairs import PairSet
from sightline.services.statistics import (
    FALSE_MATCH_RATES,
    DetCurve,
    Interval,
    Similarities,
    best_threshold,
    binomial_interval,
    det_curve,
    threshold_at,
)

FOLDS = 10
SEED = 0
"""Of the shuffle that deals pairs without folds of their own; fixed, so that a run can be repeated."""


@dataclass(frozen=True, slots=True, eq=False)
class ComparedPairs:
    """What the comparisons gave. similarities (n,) float64, NaN where a face was missing; genuine (n,) bool;
    folds (n,) from 0."""

    similarities: Similarities
    genuine: NDArray[np.bool_]
    folds: NDArray[np.int64]

    @property
    def compared(self) -> NDArray[np.bool_]:
        """Pairs with a face in both pictures (n,) bool."""
        return np.isfinite(self.similarities)

    @property
    def genuine_similarities(self) -> Similarities:
        """Of pairs of one person that could be compared."""
        return self.similarities[self.genuine & self.compared]

    @property
    def impostor_similarities(self) -> Similarities:
        """Of pairs of two people that could be compared."""
        return self.similarities[~self.genuine & self.compared]


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The measurement. tmr, tmr_interval and threshold are keyed by false-match rate ("1e-4"), None where
    fewer than one false match would be expected among impostor_pairs; a pair without a face never matches.

    accuracy is the mean over the folds, each judged by the threshold that was best on the others;
    accuracy_std their sample standard deviation; intervals are exact binomial ones at 95 %, over
    pairs taken as independent and, for TMR, at the threshold taken as given.
    """

    pairs: int
    genuine_pairs: int
    impostor_pairs: int
    accuracy: float
    accuracy_std: float
    accuracy_interval: Interval
    accuracy_threshold: float
    tmr: dict[str, float | None]
    tmr_interval: dict[str, Interval | None]
    threshold: dict[str, float | None]
    failed: tuple[FailedImage, ...]
    folds: int
    model_version: str
    seconds: float
    det: DetCurve


def evaluate(pair_set: PairSet, models: FaceModels, on_progress: OnProgress = ignore_progress) -> Evaluation:
    """Compare the principal faces of each pair; every picture is embedded once.

    A pair with an unreadable picture or an undetected face is an error, whatever its label. Raises
    PairsInvalid when there are fewer than two pairs of either label.
    """
    folds = assign_folds(pair_set)
    started = perf_counter()
    embedded = embed_principal_faces(pair_set.folder, pair_set.pictures, models, on_progress)
    compared = compare(pair_set, embedded, folds)
    return summarise(
        compared,
        failed=embedded.failed,
        model_version=models.embedder.model_version,
        seconds=perf_counter() - started,
    )


def assign_folds(pair_set: PairSet) -> NDArray[np.int64]:
    """The file's own folds; else ten with equal shares of both labels, dealt after a seeded shuffle."""
    if all(pair.fold is not None for pair in pair_set.pairs):
        return np.array([pair.fold for pair in pair_set.pairs], np.int64)
    genuine = np.array([pair.genuine for pair in pair_set.pairs])
    rarest = int(min(genuine.sum(), (~genuine).sum()))
    if rarest < 2:
        raise PairsInvalid(
            f"{int(genuine.sum())} pairs of one person and {int((~genuine).sum())} of two are not enough to split",
            hint="Add pairs until there are at least two of each; ten of each give ten folds.",
        )
    shuffled = np.random.default_rng(SEED).permutation(len(genuine))
    by_label = shuffled[np.argsort(~genuine[shuffled], kind="stable")]
    folds = np.empty(len(genuine), np.int64)
    folds[by_label] = np.arange(len(genuine)) % min(FOLDS, rarest)
    return folds


def compare(pair_set: PairSet, embedded: EmbeddedImages, folds: NDArray[np.int64]) -> ComparedPairs:
    """Cosine similarity of each pair."""
    rows = {name: row for row, name in enumerate(embedded.names)}
    first = np.array([rows.get(pair.first, -1) for pair in pair_set.pairs])
    second = np.array([rows.get(pair.second, -1) for pair in pair_set.pairs])
    similarities = np.full(len(first), np.nan)
    both = (first >= 0) & (second >= 0)
    templates = embedded.templates.astype(np.float64)
    similarities[both] = np.einsum("ij,ij->i", templates[first[both]], templates[second[both]])
    return ComparedPairs(similarities, np.array([pair.genuine for pair in pair_set.pairs]), folds)


def summarise(
    pairs: ComparedPairs, *, failed: tuple[FailedImage, ...] = (), model_version: str = "", seconds: float = 0.0
) -> Evaluation:
    """Turn similarities into rates."""
    correct, thresholds = cross_validate(pairs)
    per_fold = np.array([correct[pairs.folds == fold].mean() for fold in np.unique(pairs.folds)])
    at_rates = {fmr_key(fmr): threshold_at(pairs.impostor_similarities, fmr) for fmr in FALSE_MATCH_RATES}
    hits = {key: _hits(pairs, threshold) for key, threshold in at_rates.items()}
    total = int(pairs.genuine.sum())
    missed = total - len(pairs.genuine_similarities)
    return Evaluation(
        pairs=len(pairs.genuine),
        genuine_pairs=total,
        impostor_pairs=len(pairs.genuine) - total,
        accuracy=float(per_fold.mean()),
        accuracy_std=float(per_fold.std(ddof=1)),
        accuracy_interval=binomial_interval(int(correct.sum()), len(correct)),
        accuracy_threshold=float(np.mean(thresholds)),
        tmr={key: None if count is None else count / total for key, count in hits.items()},
        tmr_interval={key: None if count is None else binomial_interval(count, total) for key, count in hits.items()},
        threshold=at_rates,
        failed=failed,
        folds=len(per_fold),
        model_version=model_version,
        seconds=seconds,
        det=det_curve(pairs.genuine_similarities, pairs.impostor_similarities, missed_genuine=missed),
    )


def cross_validate(pairs: ComparedPairs) -> tuple[NDArray[np.bool_], list[float]]:
    """Which pairs (n,) are told right by the threshold that is best on the other folds, and those thresholds.

    A pair that could not be compared is wrong, whatever its label.
    """
    correct = np.zeros(len(pairs.genuine), dtype=bool)
    thresholds: list[float] = []
    for fold in np.unique(pairs.folds):
        training = pairs.compared & (pairs.folds != fold)
        threshold = best_threshold(pairs.similarities[training], pairs.genuine[training])
        judged = pairs.compared & (pairs.folds == fold)
        correct[judged] = (pairs.similarities[judged] >= threshold) == pairs.genuine[judged]
        thresholds.append(threshold)
    return correct, thresholds


def _hits(pairs: ComparedPairs, threshold: float | None) -> int | None:
    """Genuine pairs that reach the threshold."""
    return None if threshold is None else int((pairs.genuine_similarities >= threshold).sum())
