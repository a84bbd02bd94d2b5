"""Finds out what a model file is by running it once on a small picture and looking at the shapes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort

from sightline.core.errors import PackDamaged
from sightline.domain.arrays import FloatArray
from sightline.vision.model_packs.manifest import DetectorKind
from sightline.vision.runtime import RuntimeOptions, input_spec, open_session, run

STRIDES = (8, 16, 32)
PROBE_SIZE = (64, 96)
"""px, height and width; different, and multiples of the largest stride."""

CROP = 112
"""px; the side of an aligned face."""

LARGEST_EMBEDDING = 512
SMALLEST_EMBEDDING = 16


@dataclass(frozen=True, slots=True)
class ModelShape:
    """What went into a model and what came out. channels_first tells NCHW from NHWC."""

    batch: int
    height: int
    width: int
    channels_first: bool
    outputs: tuple[tuple[int, ...], ...]
    free_batch: bool
    finite: bool


_Seam = Callable[[ModelShape], list[tuple[int, ...]]]
"""The outputs that an architecture gives for an input."""


@dataclass(frozen=True, slots=True)
class EmbedderShape:
    """The seam of an ArcFace-style embedder."""

    dimensions: int
    channels_first: bool


def probe(path: Path, batch: int = 1) -> ModelShape:
    """Run a model on noise. Raises PackDamaged when it does not load, does not run, or takes no pictures."""
    session = open_session(path, RuntimeOptions())
    return probe_session(session, path.name, batch)


def probe_session(session: ort.InferenceSession, name: str, batch: int = 1) -> ModelShape:
    """Like probe, on a session that is already open."""
    spec = input_spec(session)
    if len(spec.shape) != 4 or 3 not in (spec.shape[1], spec.shape[3]):
        raise PackDamaged(f"{name} takes no colour pictures: its input is {spec.shape}", hint=_NO_PICTURES)
    channels_first = spec.shape[1] == 3
    declared = spec.shape[2:] if channels_first else spec.shape[1:3]
    height, width = (size or default for size, default in zip(declared, PROBE_SIZE, strict=True))
    noise = _noise(batch, height, width)
    outputs = run(session, spec.name, noise if channels_first else noise.transpose(0, 2, 3, 1).copy())
    return ModelShape(
        batch=batch,
        height=height,
        width=width,
        channels_first=channels_first,
        outputs=tuple(tuple(output.shape) for output in outputs),
        free_batch=spec.shape[0] is None,
        finite=all(bool(np.isfinite(output).all()) for output in outputs),
    )


_NO_PICTURES = "A detector or embedder takes float32 pictures, (n, 3, height, width) or (n, height, width, 3)."


def _noise(batch: int, height: int, width: int) -> FloatArray:
    """(batch, 3, height, width) float32 in -1 to 1, the same at every call."""
    return np.random.default_rng(0).uniform(-1, 1, (batch, 3, height, width)).astype(np.float32)


def detector_kind(shape: ModelShape) -> DetectorKind | None:
    """The architecture whose outputs these are, None for none that we can decode."""
    if not shape.channels_first:
        return None
    found = sorted(shape.outputs)
    return next((kind for kind, seams in _DETECTORS.items() for seam in seams if sorted(seam(shape)) == found), None)


def embedder_shape(shape: ModelShape) -> EmbedderShape | None:
    """The seam of an ArcFace-style embedder (112×112 pictures to one vector each), None for anything else."""
    if (shape.height, shape.width) != (CROP, CROP) or len(shape.outputs) != 1:
        return None
    output = shape.outputs[0]
    if len(output) != 2 or output[0] != shape.batch:
        return None
    if not SMALLEST_EMBEDDING <= output[1] <= LARGEST_EMBEDDING:
        return None
    return EmbedderShape(output[1], shape.channels_first)


def _cells(shape: ModelShape) -> list[int]:
    return [-(-shape.height // stride) * -(-shape.width // stride) for stride in STRIDES]


def _centerface(shape: ModelShape) -> list[tuple[int, ...]]:
    """Heat map, size, offset and five landmarks at stride 4."""
    return [(shape.batch, c, shape.height // 4, shape.width // 4) for c in (1, 2, 2, 10)]


def _yunet(shape: ModelShape) -> list[tuple[int, ...]]:
    """Class, objectness, box and five landmarks per cell of three strides."""
    return [(shape.batch, cells, c) for c in (1, 1, 4, 10) for cells in _cells(shape)]


def _scrfd(shape: ModelShape) -> list[tuple[int, ...]]:
    """Score, box and five landmarks for two anchors per cell of three strides."""
    return [(shape.batch, 2 * cells, c) for c in (1, 4, 10) for cells in _cells(shape)]


def _scrfd_flat(shape: ModelShape) -> list[tuple[int, ...]]:
    """The same from exports without a batch dimension, which take one picture at a time."""
    return [(2 * cells, c) for c in (1, 4, 10) for cells in _cells(shape)]


def _yolov8_face(channels: int, *, anchors_last: bool) -> _Seam:
    """Box, score and five landmarks, with or without visibility, per cell of three strides."""

    def seam(shape: ModelShape) -> list[tuple[int, ...]]:
        anchors = sum(_cells(shape))
        return [(shape.batch, channels, anchors) if anchors_last else (shape.batch, anchors, channels)]

    return seam


_DETECTORS: dict[DetectorKind, tuple[_Seam, ...]] = {
    DetectorKind.CENTERFACE: (_centerface,),
    DetectorKind.YUNET: (_yunet,),
    DetectorKind.SCRFD: (_scrfd, _scrfd_flat),
    DetectorKind.YOLOV8_FACE: tuple(
        _yolov8_face(4 + 1 + 5 * values, anchors_last=last) for values in (3, 2) for last in (True, False)
    ),
}
