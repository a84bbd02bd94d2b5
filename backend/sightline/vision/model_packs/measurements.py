"""What was measured with the models that the product installs or recognises."""

from sightline.vision.model_packs.manifest import AccuracyEntry, OperatingPointsEntry, PointEntry

_LFW_PICTURES = 7_701
_LFW_GENUINE = 8_101

MOBILEFACENET_POINTS = OperatingPointsEntry(
    source=f"LFW, all pairs of {_LFW_PICTURES:,} pictures, five-point alignment, one crop per picture",
    impostor_pairs=_LFW_PICTURES * (_LFW_PICTURES - 1) // 2 - _LFW_GENUINE,
    genuine_pairs=_LFW_GENUINE,
    points=(
        PointEntry(fmr=1e-1, min_similarity=0.198, tmr=0.998),
        PointEntry(fmr=1e-2, min_similarity=0.348, tmr=0.993),
        PointEntry(fmr=1e-3, min_similarity=0.451, tmr=0.981),
        PointEntry(fmr=1e-4, min_similarity=0.532, tmr=0.945),
        PointEntry(fmr=1e-5, min_similarity=0.598, tmr=0.880),
        # About thirty impostor pairs stand behind this rate, and some of those are mislabelled.
        PointEntry(fmr=1e-6, min_similarity=None),
    ),
)
"""29.6 million impostor pairs."""

_LFW_VIEW_2 = "LFW view 2"
_LFW_VIEW_2_PAIRS = 6_000
_ONE_CROP = "one crop per picture, no mirrored one"

LITE_ACCURACY = (
    AccuracyEntry(set=_LFW_VIEW_2, pairs=_LFW_VIEW_2_PAIRS, accuracy=0.9918, remark=f"{_ONE_CROP}; no face missed"),
)
YUNET_MOBILEFACENET_ACCURACY = (
    AccuracyEntry(set=_LFW_VIEW_2, pairs=_LFW_VIEW_2_PAIRS, accuracy=0.9910, remark=_ONE_CROP),
)


def with_another_detector(measured: OperatingPointsEntry | None, detector: str) -> OperatingPointsEntry | None:
    """An embedder's operating points in a pack with another detector: they still hold, and their source says so.

    An embedder's thresholds depend on its detector only through the landmarks; how exact those
    are is what `sightline calibrate` measures anew.
    """
    if measured is None:
        return None
    note = f"measured with another detector than this pack's {detector}"
    if note in measured.source:
        return measured
    return measured.model_copy(update={"source": f"{measured.source}; {note}"})
