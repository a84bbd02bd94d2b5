"""The DET curve as a picture. A module of its own, since loading matplotlib takes half a second."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sightline.core.errors import InvalidInput
from sightline.services.evaluation import Evaluation

PICTURE_SUFFIXES = frozenset({".png", ".svg", ".pdf"})
_LEAST_RATE = 1e-6
"""Where the logarithmic axes end, at the latest."""


def check_picture_path(path: Path) -> None:
    """Refuse a path that could not be written, before hours of work rather than after. Raises InvalidInput."""
    if path.suffix.lower() not in PICTURE_SUFFIXES:
        endings = ", ".join(sorted(PICTURE_SUFFIXES))
        raise InvalidInput(f"{path.name} has no ending that names a kind of picture", hint=f"Use one of {endings}.")
    if not path.parent.is_dir():
        raise InvalidInput(f"{path.parent} is not a folder", hint="Create it first.")


def draw_det_curve(evaluation: Evaluation, title: str, path: Path) -> None:
    """Draw false-non-match over false-match rate, both logarithmic; the file's ending says the format."""
    figure = Figure(figsize=(7.0, 5.5), layout="constrained")
    axes: Axes = figure.add_subplot()
    curve = evaluation.det
    shown = curve.fmr > 0
    least_miss = 0.5 / max(evaluation.genuine_pairs, 1)
    axes.step(curve.fmr[shown], np.maximum(curve.fnmr[shown], least_miss), where="post", label=evaluation.model_version)
    _mark_operating_points(axes, evaluation, least_miss)
    axes.set(xscale="log", yscale="log", ylim=(least_miss * 0.8, 1.0))
    axes.set_xlim(max(_LEAST_RATE, 0.5 / max(evaluation.impostor_pairs, 1)), 1.0)
    axes.set_xlabel("false-match rate")
    axes.set_ylabel("false-non-match rate, pairs without a face included")
    axes.set_title(f"{title}: {evaluation.genuine_pairs} genuine, {evaluation.impostor_pairs} impostor pairs")
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=150)


def _mark_operating_points(axes: Axes, evaluation: Evaluation, least_miss: float) -> None:
    """A bar per supported rate: the 95 % interval of the misses."""
    for key, interval in evaluation.tmr_interval.items():
        tmr = evaluation.tmr[key]
        if interval is None or tmr is None:
            continue
        low, middle, high = (max(1 - share, least_miss) for share in (interval[1], tmr, interval[0]))
        axes.errorbar([float(key)], [middle], [[middle - low], [high - middle]], fmt="o", capsize=3, color="C1")
        axes.annotate(f"{key}: TMR {tmr:.2%}", (float(key), middle), xytext=(6, 6), textcoords="offset points")
