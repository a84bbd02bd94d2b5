"""Manifest entries and tiny models for tests of detectors."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from sightline.domain.faces import Faces
from sightline.vision.model_packs.manifest import DetectorEntry, DetectorKind

NO_SHA = "0" * 64


def detector_entry(kind: DetectorKind, file: str = "detector.onnx", **changes: object) -> DetectorEntry:
    values: dict[str, object] = {
        "kind": kind,
        "file": file,
        "sha256": NO_SHA,
        "licence": "MIT",
        "source": "a test",
        "score_threshold": 0.5,
        "nms_iou": 0.4,
        "colour_order": "RGB",
    }
    return DetectorEntry.model_validate(values | changes)


def constant_model(path: Path, outputs: list[np.ndarray], input_shape: list[int | str]) -> Path:
    """An ONNX file that gives the same outputs whatever picture it sees."""
    inputs = [helper.make_tensor_value_info("picture", TensorProto.FLOAT, input_shape)]
    results = [
        helper.make_tensor_value_info(f"out{index}", TensorProto.FLOAT, list(output.shape))
        for index, output in enumerate(outputs)
    ]
    nodes = [
        helper.make_node("Constant", [], [f"out{index}"], value=numpy_helper.from_array(output.astype(np.float32)))
        for index, output in enumerate(outputs)
    ]
    graph = helper.make_graph(nodes, "constant", inputs, results)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path


def same_faces(found: Faces, wanted: Faces, tolerance: float = 1e-2) -> bool:
    """Whether two sets of faces agree, in whatever order."""
    if len(found) != len(wanted):
        return False
    one, two = (faces.take(np.lexsort(faces.boxes.T)) for faces in (found, wanted))
    return (
        np.allclose(one.boxes, two.boxes, atol=tolerance)
        and np.allclose(one.landmarks, two.landmarks, atol=tolerance)
        and np.allclose(one.scores, two.scores, atol=1e-4)
    )
