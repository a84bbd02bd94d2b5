"""What counts as a match: a similarity, chosen by the error rate that it stands for."""

from dataclasses import dataclass

from sightline.core.errors import InvalidInput, NotMeasured
from sightline.domain.operating_points import OperatingCurve, false_positive_identification_rate, fmr_key


@dataclass(frozen=True, slots=True)
class Threshold:
    """What counts as a match, and how often it is wrong.

    fmr: false-match rate of one comparison at min_similarity, None where the pack has not measured it.
    """

    min_similarity: float
    fmr: float | None

    def fpir(self, templates: int) -> float | None:
        """False-positive identification rate against a gallery of this many templates; None: not measured."""
        return None if self.fmr is None else false_positive_identification_rate(self.fmr, templates)


def choose_threshold(curve: OperatingCurve, *, fmr: float, min_similarity: float | None) -> Threshold:
    """The explicit similarity where one is given, else the pack's operating point.

    Raises NotMeasured when the pack's data does not support the rate, InvalidInput when it is none.
    """
    if not 0 < fmr < 1:
        raise InvalidInput(f"{fmr:g} is no false-match rate", hint="Give one between 0 and 1, such as 1e-4.")
    if min_similarity is not None:
        return Threshold(min_similarity, curve.false_match_rate(min_similarity))
    threshold = curve.min_similarity(fmr)
    if threshold is None:
        measured = ", ".join(fmr_key(point.fmr) for point in curve.measured) or "none"
        raise NotMeasured(
            f"a false-match rate of {fmr_key(fmr)} is not measured for this model pack (measured: {measured})",
            hint="Choose a measured rate, give --min-similarity, or measure your pack with `sightline calibrate`.",
        )
    return Threshold(threshold, fmr)
