"""Tiny embedders of the ArcFace signature: mean colour per quarter of the crop, so that outputs can be foretold."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from sightline.vision.model_packs.manifest import EmbedderEntry

QUARTER = 56
"""px, side of the four quarters of a crop."""


def embedder_entry(file: str = "embedder.onnx", **changes: object) -> EmbedderEntry:
    values: dict[str, object] = {
        "file": file,
        "sha256": "0" * 64,
        "licence": "MIT",
        "source": "a test",
        "model_version": "quarters-1",
        "dimensions": 16,
        "layout": "NCHW",
        "mean": 127.5,
        "scale": 1 / 128,
    }
    return EmbedderEntry.model_validate(values | changes)


def quarters_model(path: Path, layout: str = "NCHW", batch: int | str = "batch") -> Path:
    """A model (n, 3, 112, 112) or (n, 112, 112, 3) -> (n, 16): twelve means and four zeros."""
    shape: list[int | str] = [batch, 3, 112, 112] if layout == "NCHW" else [batch, 112, 112, 3]
    source = "crops" if layout == "NCHW" else "nchw"
    nodes = [
        helper.make_node("AveragePool", [source], ["means"], kernel_shape=[QUARTER] * 2, strides=[QUARTER] * 2),
        helper.make_node("Flatten", ["means"], ["flat"], axis=1),
        helper.make_node("Pad", ["flat", "pads"], ["embedding"]),
    ]
    if layout == "NHWC":
        nodes.insert(0, helper.make_node("Transpose", ["crops"], ["nchw"], perm=[0, 3, 1, 2]))
    graph = helper.make_graph(
        nodes,
        "quarters",
        [helper.make_tensor_value_info("crops", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [batch, 16])],
        initializer=[numpy_helper.from_array(np.asarray((0, 0, 0, 4), np.int64), "pads")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path
