"""Error rates of comparisons, with what the data can carry (terms of ISO/IEC 19795-1)."""

from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray

FALSE_MATCH_RATES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
"""Operating points that are measured and stated, from the loosest to the strictest."""

Interval = tuple[float, float]
"""Lower and upper end of a 95 % confidence interval."""

Similarities = NDArray[np.float64]
"""Cosine similarities (n,), each from -1 to 1."""

_STEP = 1e-6
"""Thresholds are stated to six decimals: finer than float32 embeddings carry."""


def binomial_interval(successes: int, trials: int, confidence: float = 0.95) -> Interval:
    """Exact interval of a proportion (Clopper and Pearson 1934). No trials -> (0, 1): nothing is known."""
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes of {trials} trials")
    tail = (1.0 - confidence) / 2.0
    from scipy.special import betaincinv  # noqa: PLC0415 - 30 MB and a quarter of a second that starting spares

    low = float(betaincinv(successes, trials - successes + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, trials - successes, 1.0 - tail)) if successes < trials else 1.0
    return low, high


def just_above(similarity: float) -> float:
    """The lowest six-decimal threshold that a similarity does not reach."""
    threshold = round((floor(similarity / _STEP) + 1) * _STEP, 6)
    return threshold if threshold > similarity else round(threshold + _STEP, 6)


def threshold_at(impostors: Similarities, fmr: float, *, min_errors: float = 1.0) -> float | None:
    """The lowest threshold that at most the share fmr of impostor comparisons reaches.

    None where fewer than min_errors false matches would be expected: the data does not support the rate.
    """
    expected = len(impostors) * fmr
    if expected < min_errors * (1 - 1e-9):
        return None
    allowed = int(expected * (1 + 1e-9))
    first_refused = len(impostors) - 1 - allowed
    if first_refused < 0:
        return -1.0
    return just_above(float(np.partition(impostors, first_refused)[first_refused]))


def best_threshold(similarities: Similarities, genuine: NDArray[np.bool_]) -> float:
    """The threshold with the fewest errors; among equals the middle of the widest gap, which generalises best."""
    order = np.argsort(similarities)
    values, labels = similarities[order], genuine[order]
    correct = np.concatenate(([0], np.cumsum(~labels))) + np.concatenate((np.cumsum(labels[::-1])[::-1], [0]))
    edges = np.concatenate(([-1.0 - _STEP], values, [1.0 + _STEP]))
    gaps = np.diff(edges)
    best = np.lexsort((gaps, np.where(gaps > 0, correct, -1)))[-1]
    return float((edges[best] + edges[best + 1]) / 2)


@dataclass(frozen=True, slots=True, eq=False)
class DetCurve:
    """Detection error trade-off: false-match and false-non-match rate (n,) over all thresholds (n,), rising."""

    thresholds: Similarities
    fmr: Similarities
    fnmr: Similarities


def det_curve(genuine: Similarities, impostors: Similarities, *, missed_genuine: int = 0) -> DetCurve:
    """The curve of these comparisons. missed_genuine pairs had no face to compare: they never match."""
    thresholds = np.unique(np.concatenate((genuine, impostors)))
    false_matches = len(impostors) - np.searchsorted(np.sort(impostors), thresholds, side="left")
    misses = missed_genuine + np.searchsorted(np.sort(genuine), thresholds, side="left")
    attempts = max(len(genuine) + missed_genuine, 1)
    return DetCurve(thresholds, false_matches / max(len(impostors), 1), misses / attempts)
