"""INT8 static quantisation of a pack's detector (QDQ, weights per channel), calibrated on pictures."""

import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import numpy as np
import onnx
import onnxruntime as ort
from onnx import version_converter
from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from sightline.core.errors import ImageRejected, InvalidInput
from sightline.domain.arrays import FloatArray, ImageArray
from sightline.vision.detectors.factory import RECIPES
from sightline.vision.images import load_image
from sightline.vision.model_packs.files import sha256_of
from sightline.vision.model_packs.manifest import DetectorEntry
from sightline.vision.model_packs.store import InstalledPack
from sightline.vision.preprocess import Normalisation, Size, make_tensor, size_of
from sightline.vision.runtime import ERRORS_ONLY, RuntimeOptions, input_spec, open_session, run

MAX_PICTURES = 64
"""For calibration: ranges of activations of CenterFace hardly changed beyond 24 pictures."""

CALIBRATION_SIZE = 640
"""px, longer side; activations depend little on it, the time does."""

MIN_OPSET = 13
"""QuantizeLinear knows channels since then."""

TARGET_OPSET = 17
TIMED_PICTURE = (384, 640)
TIMED_RUNS = 10
_CONVOLUTIONS = ("Conv", "ConvTranspose")
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")


def quantise_detector(pack: InstalledPack, images: Path, folder: Path, report: Callable[[str], None]) -> DetectorEntry:
    """Write the pack's detector in INT8 into a folder and describe it.

    Everything up to the last convolutions is quantised; what follows them decodes boxes and scores
    and keeps float32, for one range cannot hold both pixels and probabilities. images: a folder
    with at least one picture (jpg, png, webp, bmp), searched in depth. Raises InvalidInput.
    """
    entry = pack.manifest.detector
    if entry.precision == "int8":
        raise InvalidInput(f"the detector of {pack.name} is quantised already", hint="Quantise its original.")
    pictures = _calibration_pictures(images, report)
    target = folder / f"{Path(entry.file).stem}-int8.onnx"
    with tempfile.TemporaryDirectory() as temporary, _quiet():
        report(f"calibrating on {len(pictures)} pictures")
        prepared = _prepared(pack.folder / entry.file, Path(temporary))
        quantize_static(
            str(prepared),
            str(target),
            _Feed(_input_name(pack.folder / entry.file), _tensors(pictures, entry, pack.folder)),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            nodes_to_exclude=_after_the_last_convolutions(onnx.load(str(prepared))),
        )
    return entry.model_copy(
        update={
            "file": target.name,
            "sha256": sha256_of(target),
            "precision": "int8",
            "source": f"{entry.source}; quantised here to INT8, calibrated on {len(pictures)} pictures",
        }
    )


def milliseconds_per_picture(folder: Path, entry: DetectorEntry) -> float:
    """Shortest time of the detector on one thread for a 640×384 picture (or its fixed size)."""
    session = open_session(folder / entry.file, RuntimeOptions(threads=1))
    spec = input_spec(session)
    height, width = (size or default for size, default in zip(spec.shape[2:], TIMED_PICTURE, strict=True))
    picture = np.zeros((1, 3, height, width), np.float32)
    times = []
    for _ in range(TIMED_RUNS):
        started = perf_counter()
        run(session, spec.name, picture)
        times.append(perf_counter() - started)
    return min(times) * 1e3


class _Feed:
    """What quantize_static asks for calibration inputs (its CalibrationDataReader, an untyped class)."""

    def __init__(self, name: str, tensors: Iterator[FloatArray]) -> None:
        self._name = name
        self._tensors = tensors

    def get_next(self) -> dict[str, FloatArray] | None:
        """The next input, None after the last."""
        tensor = next(self._tensors, None)
        return None if tensor is None else {self._name: tensor}


def _input_name(path: Path) -> str:
    return input_spec(open_session(path, RuntimeOptions())).name


def _tensors(pictures: Sequence[ImageArray], entry: DetectorEntry, folder: Path) -> Iterator[FloatArray]:
    """The pictures as the detector is fed with them at run time."""
    recipe = RECIPES[entry.kind]
    normalisation = Normalisation(entry.colour_order == "RGB", entry.mean, entry.scale, recipe.fill)
    height, width = input_spec(open_session(folder / entry.file, RuntimeOptions())).shape[2:]
    fixed = Size(width, height) if height and width else None
    for picture in pictures:
        placement = recipe.place(size_of(picture), CALIBRATION_SIZE, fixed)
        yield make_tensor([picture], placement, normalisation, recipe.interpolation)


def _calibration_pictures(images: Path, report: Callable[[str], None]) -> list[ImageArray]:
    """Up to MAX_PICTURES readable pictures, spread over the folder."""
    paths = sorted(path for path in images.rglob("*") if path.suffix.lower() in _SUFFIXES)
    step = max(1, len(paths) // MAX_PICTURES)
    pictures = []
    for path in paths[::step][:MAX_PICTURES]:
        try:
            pictures.append(load_image(path))
        except ImageRejected as error:
            report(f"{path.name} is left out: {error.message}")
    if not pictures:
        raise InvalidInput(
            f"no readable picture in {images}", hint="Give a folder with some dozen pictures like your cameras'."
        )
    return pictures


def _prepared(source: Path, folder: Path) -> Path:
    """The model in a recent opset, its batch normalisation folded, each node with a name of its own."""
    model = onnx.load(str(source))
    if next(opset.version for opset in model.opset_import if opset.domain == "") < MIN_OPSET:
        model = version_converter.convert_version(model, TARGET_OPSET)
    converted, prepared = folder / "converted.onnx", folder / "prepared.onnx"
    onnx.save(model, str(converted))
    quant_pre_process(str(converted), str(prepared), skip_symbolic_shape=True)
    model = onnx.load(str(prepared))
    for index, node in enumerate(model.graph.node):
        node.name = f"{node.op_type}_{index}"
    onnx.save(model, str(prepared))
    return prepared


def _after_the_last_convolutions(model: onnx.ModelProto) -> list[str]:
    """Names of the nodes from which no convolution can be reached."""
    needed: set[str] = set()
    after: list[str] = []
    for node in reversed(model.graph.node):
        if node.op_type in _CONVOLUTIONS or needed.intersection(node.output):
            needed.update(node.input)
        else:
            after.append(node.name)
    return after


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence ONNX Runtime's remarks on the export, which no user can act on; errors are still raised."""
    ort.set_default_logger_severity(ERRORS_ONLY)
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
