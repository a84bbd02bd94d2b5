"""Measured error rates of a model pack: which similarity stands for which false-match rate."""

from dataclasses import dataclass
from itertools import pairwise
from math import exp, log

RULE_OF_THIRTY = 30
"""Errors that must have been seen before a rate is stated in a manifest (Doddington et al. 2000, the "rule of 30":
with 30 errors the true rate lies within ±30 % of the measured one at 90 % confidence)."""


def fmr_key(fmr: float) -> str:
    """The name of a false-match rate in files and JSON: 0.0001 -> "1e-4"."""
    mantissa, exponent = f"{fmr:.10e}".split("e")
    digits = f"{float(mantissa):g}"
    return f"{digits}e{int(exponent)}"


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """One row of a pack's measurement. min_similarity None: the data does not support this rate ("not measured")."""

    fmr: float
    min_similarity: float | None
    tmr: float | None = None


@dataclass(frozen=True, slots=True)
class OperatingCurve:
    """A pack's measured operating points, with the pairs behind them and where they come from."""

    points: tuple[OperatingPoint, ...] = ()
    impostor_pairs: int = 0
    genuine_pairs: int = 0
    source: str = "not measured"

    def __post_init__(self) -> None:
        """Refuse a curve on which a stricter rate has a lower threshold."""
        measured = [(p.fmr, p.min_similarity) for p in self.measured]
        for (loose, low), (strict, high) in pairwise(measured):
            if not (loose > strict and low is not None and high is not None and low <= high):
                raise ValueError(f"operating points are out of order at FMR {strict:g}")

    @property
    def measured(self) -> tuple[OperatingPoint, ...]:
        """The points that carry a threshold, from the loosest rate to the strictest."""
        known = (point for point in self.points if point.min_similarity is not None)
        return tuple(sorted(known, key=lambda point: -point.fmr))

    def min_similarity(self, fmr: float) -> float | None:
        """The threshold that holds a false-match rate; None where it was not measured.

        Between measured rates the threshold is interpolated linearly over log(FMR); outside of
        them nothing is known.
        """
        points = self._table()
        for rate, similarity in points:
            if abs(rate / fmr - 1) < 1e-9:
                return similarity
        for (loose, low), (strict, high) in pairwise(points):
            if loose > fmr > strict:
                return low + (high - low) * log(loose / fmr) / log(loose / strict)
        return None

    def false_match_rate(self, similarity: float) -> float | None:
        """The rate at which impostors reach a similarity; None below the loosest measured point.

        Between measured points log(FMR) is interpolated linearly; above the strictest one its
        rate is returned, which is then an upper bound.
        """
        points = self._table()
        if not points or similarity < points[0][1]:
            return None
        for (loose, low), (strict, high) in pairwise(points):
            if low <= similarity < high:
                return exp(log(loose) + (log(strict) - log(loose)) * (similarity - low) / (high - low))
        return points[-1][0]

    def _table(self) -> list[tuple[float, float]]:
        return [(point.fmr, point.min_similarity) for point in self.measured if point.min_similarity is not None]


def false_positive_identification_rate(fmr: float, templates: int) -> float:
    """FPIR of one probe against a gallery: 1 - (1 - FMR)^n, about n·FMR (ISO/IEC 19795-1). templates is n."""
    return float(1.0 - (1.0 - fmr) ** templates)
