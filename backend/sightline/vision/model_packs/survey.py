"""Looks through a folder of ONNX files and tells which can serve, as what, and under which licence."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import onnx
import onnxruntime as ort

from sightline.core.errors import PackDamaged
from sightline.vision.model_packs.files import sha256_of
from sightline.vision.model_packs.manifest import DetectorEntry, DetectorKind, EmbedderEntry
from sightline.vision.model_packs.probe import (
    EmbedderShape,
    ModelShape,
    detector_kind,
    embedder_shape,
    probe_session,
)
from sightline.vision.runtime import RuntimeOptions, open_session

UNKNOWN_LICENCE = "unknown"
_INSIGHTFACE = "InsightFace model zoo: non-commercial research only"
_INSIGHTFACE_NAMES = re.compile(r"(det_(10g|2\.5g|500m|34g)|scrfd_.*|w600k_.*|glintr100)\.onnx", re.IGNORECASE)
_ATTRIBUTES = re.compile(r"gender|age\b|emotion|race|ethnic", re.IGNORECASE)
_LANDMARK_SIDE = 192
"""px; the input of the 68-point and 106-point landmark models that come with detectors."""

_BATCH = 2
_FIRST_NODES = 8
"""Where a model that normalises its own input does so (insightface looks at as many)."""


@dataclass(frozen=True, slots=True)
class Licence:
    """Under what a file is, and whose it is. restricted: needs explicit acceptance."""

    text: str
    restricted: bool
    source: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A file that will not be used, and why."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What a folder holds. paths tells where the file is that an entry names."""

    folder: Path
    paths: dict[str, Path]
    detectors: tuple[DetectorEntry, ...]
    embedders: tuple[EmbedderEntry, ...]
    ignored: tuple[Ignored, ...]


_KNOWN = {
    "104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12": Licence(
        "Apache-2.0", restricted=False, source="YuNet, project libfacedetection.train"
    ),
    "fbc141e2c7bfd46d9bfbf035f3c6b855197b3ea0a43387a58371da6173872085": Licence(
        "AGPL-3.0", restricted=True, source="a YOLOv8n-face trained with ultralytics on composites, for tests"
    ),
}


@dataclass(frozen=True, slots=True)
class _Defaults:
    """How a detector is fed and filtered unless its manifest says otherwise."""

    input_size: int
    score_threshold: float
    nms_iou: float
    colour_order: str
    mean: float = 0.0
    scale: float = 1.0


_DEFAULTS = {
    DetectorKind.CENTERFACE: _Defaults(960, 0.5, 0.3, "RGB"),
    DetectorKind.YUNET: _Defaults(960, 0.6, 0.3, "BGR"),
    DetectorKind.SCRFD: _Defaults(640, 0.5, 0.4, "RGB", 127.5, 1 / 128),
    DetectorKind.YOLOV8_FACE: _Defaults(640, 0.7, 0.45, "RGB", 0.0, 1 / 255),
}


def survey_folder(folder: Path, report: Callable[[str], None]) -> Survey:
    """Look at every *.onnx of a folder (not below it). Files that do not load are ignored with a reason."""
    detectors: list[DetectorEntry] = []
    embedders: list[EmbedderEntry] = []
    ignored: list[Ignored] = []
    paths = {_safe_name(path.name): path for path in sorted(folder.glob("*.onnx"))}
    for path in paths.values():
        report(f"looking at {path.name}")
        try:
            found = _recognise(path)
        except PackDamaged as error:
            found = Ignored(path.name, error.message)
        if isinstance(found, DetectorEntry):
            detectors.append(found)
        elif isinstance(found, EmbedderEntry):
            embedders.append(found)
        else:
            ignored.append(found)
    return Survey(folder, paths, tuple(detectors), tuple(embedders), tuple(ignored))


def _recognise(path: Path) -> DetectorEntry | EmbedderEntry | Ignored:
    if _ATTRIBUTES.search(path.stem):
        return Ignored(path.name, "infers attributes of people, which this product never does")
    session = open_session(path, RuntimeOptions())
    shape = probe_session(session, path.name)
    kind, embedder = detector_kind(shape), embedder_shape(shape)
    if kind is not None:
        return _detector(path, session, shape, kind)
    if embedder is not None:
        return _embedder(path, session, shape, embedder)
    return Ignored(path.name, _why_not(shape))


def _why_not(shape: ModelShape) -> str:
    if shape.height == shape.width == _LANDMARK_SIDE:
        return "a landmark model, which is not needed: detectors here give five landmarks themselves"
    if len(shape.outputs) == 1 and len(shape.outputs[0]) == 3 and 5 in shape.outputs[0]:
        return "a detector without landmarks: its faces could not be aligned"
    outputs = ", ".join(str(list(output)) for output in shape.outputs)
    return f"neither a known face detector with five landmarks nor a 112×112 embedder (outputs {outputs})"


def _detector(path: Path, session: ort.InferenceSession, shape: ModelShape, kind: DetectorKind) -> DetectorEntry:
    defaults, sha256 = _DEFAULTS[kind], sha256_of(path)
    licence = _licence(path, sha256, session)
    takes_batches = shape.free_batch and _answers_batches(session, path.name, lambda s: detector_kind(s) is kind)
    return DetectorEntry(
        kind=kind,
        file=_safe_name(path.name),
        sha256=sha256,
        licence=licence.text,
        restricted=licence.restricted,
        source=licence.source,
        dynamic_batch=takes_batches,
        input_size=defaults.input_size,
        score_threshold=defaults.score_threshold,
        nms_iou=defaults.nms_iou,
        colour_order="RGB" if defaults.colour_order == "RGB" else "BGR",
        mean=defaults.mean,
        scale=defaults.scale,
    )


def _embedder(path: Path, session: ort.InferenceSession, shape: ModelShape, seam: EmbedderShape) -> EmbedderEntry:
    sha256 = sha256_of(path)
    licence = _licence(path, sha256, session)
    takes_batches = shape.free_batch and _answers_batches(session, path.name, lambda s: embedder_shape(s) == seam)
    mean, scale = (0.0, 1.0) if _normalises_itself(path) else (127.5, 1 / 127.5)
    return EmbedderEntry(
        file=_safe_name(path.name),
        sha256=sha256,
        licence=licence.text,
        restricted=licence.restricted,
        source=licence.source,
        dynamic_batch=takes_batches,
        model_version=f"{_safe_name(path.stem).lower()}-{sha256[:8]}",
        dimensions=seam.dimensions,
        layout="NCHW" if seam.channels_first else "NHWC",
        mean=mean,
        scale=scale,
    )


def _answers_batches(session: ort.InferenceSession, name: str, fits: Callable[[ModelShape], bool]) -> bool:
    """Whether several pictures at once give several answers; some exports only claim a free batch."""
    try:
        return fits(probe_session(session, name, _BATCH))
    except PackDamaged:
        return False


def _normalises_itself(path: Path) -> bool:
    """Whether the graph begins with its own subtraction and multiplication (old MXNet exports of ArcFace)."""
    model = onnx.load(str(path), load_external_data=False)
    first = {node.op_type for node in model.graph.node[:_FIRST_NODES]}
    return {"Sub", "Mul"} <= first


def _licence(path: Path, sha256: str, session: ort.InferenceSession) -> Licence:
    """What is known of a file's licence; restricted where nothing is."""
    source = f"imported file {path.name}"
    if sha256 in _KNOWN:
        return _KNOWN[sha256]
    declared = session.get_modelmeta().custom_metadata_map.get("license", "")
    if declared:
        return Licence(declared[:200], restricted=True, source=source)
    if _INSIGHTFACE_NAMES.fullmatch(path.name):
        return Licence(f"{_INSIGHTFACE} (by its file name)", restricted=True, source=source)
    return Licence(UNKNOWN_LICENCE, restricted=True, source=source)


def _safe_name(name: str) -> str:
    """A file name that a manifest may carry."""
    return re.sub(r"^[^A-Za-z0-9]+", "", re.sub(r"[^A-Za-z0-9._-]+", "-", name)) or "model.onnx"
