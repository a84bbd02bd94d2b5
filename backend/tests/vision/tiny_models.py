"""Models of a few kilobytes that answer with the shapes of real ones."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
Shape = tuple[int | str, ...]


class _Graph:
    def __init__(self, picture: Shape) -> None:
        self.picture = picture
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.outputs: list[str] = []

    def constant(self, values: np.ndarray) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def map_of(self, stride: int, channels: int) -> str:
        """A feature map (b, channels, h / stride, w / stride)."""
        pooled = self.node("AveragePool", "picture", kernel_shape=[stride] * 2, strides=[stride] * 2)
        weights = np.random.default_rng(channels).normal(0, 0.1, (channels, 3, 1, 1)).astype(np.float32)
        return self.node("Conv", pooled, self.constant(weights), kernel_shape=[1, 1])

    def rows_of(self, stride: int, channels: int, anchors: int = 1, *, flat: bool = False) -> str:
        """The same with a row per cell and anchor: (b, rows, channels), or (rows, channels) when flat."""
        last = self.node("Transpose", self.map_of(stride, channels * anchors), perm=[0, 2, 3, 1])
        shape = [-1, channels] if flat else [0, -1, channels]
        return self.node("Reshape", last, self.constant(np.array(shape, np.int64)))

    def save(self, path: Path, metadata: dict[str, str] | None = None) -> Path:
        picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, self.picture)
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in self.outputs]
        graph = helper.make_graph(self.nodes, "tiny", [picture], outputs, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
        helper.set_model_props(model, metadata or {})
        path.parent.mkdir(parents=True, exist_ok=True)
        onnx.save(model, str(path))
        return path


def scrfd(path: Path, *, flat: bool = False, picture: Shape = ("b", 3, "h", "w")) -> Path:
    """SCRFD's nine outputs; flat as InsightFace exports them, for one picture at a time."""
    graph = _Graph(picture)
    graph.outputs = [graph.rows_of(s, c, 2, flat=flat) for c in (1, 4, 10) for s in (8, 16, 32)]
    return graph.save(path)


def yunet(path: Path) -> Path:
    """YuNet's twelve outputs."""
    graph = _Graph(("b", 3, "h", "w"))
    graph.outputs = [graph.rows_of(s, c) for c in (1, 1, 4, 10) for s in (8, 16, 32)]
    return graph.save(path)


def centerface(path: Path) -> Path:
    """CenterFace's four maps at stride 4."""
    graph = _Graph(("b", 3, "h", "w"))
    graph.outputs = [graph.map_of(4, c) for c in (1, 2, 2, 10)]
    return graph.save(path)


def yolov8(path: Path, channels: int = 20, *, size: int | None = None, licence: str | None = None) -> Path:
    """The Ultralytics head's single output; size fixes batch 1 and the picture, as exports do by default."""
    graph = _Graph((1, 3, size, size) if size else ("b", 3, "h", "w"))
    rows = graph.node("Concat", *(graph.rows_of(s, channels) for s in (8, 16, 32)), axis=1)
    graph.outputs = [graph.node("Transpose", rows, perm=[0, 2, 1])]
    return graph.save(path, {"license": licence} if licence else None)


def regressor(path: Path, numbers: int, *, side: int = 112, batch: int | str = "b", bad: bool = False) -> Path:
    """Pictures of side × side to so many numbers: an embedder, or a landmark or attribute model."""
    graph = _Graph((batch, 3, side, side))
    pooled = graph.node("Flatten", graph.node("GlobalAveragePool", "picture"))
    weights = np.random.default_rng(numbers).normal(0, 1, (3, numbers)).astype(np.float32)
    weights[0, 0] = np.nan if bad else weights[0, 0]
    graph.outputs = [graph.node("MatMul", pooled, graph.constant(weights))]
    return graph.save(path)


def buffalo(folder: Path) -> Path:
    """A folder with the files of InsightFace's buffalo packs."""
    scrfd(folder / "det_10g.onnx", flat=True)
    regressor(folder / "w600k_r50.onnx", 512)
    regressor(folder / "genderage.onnx", 3, side=96)
    regressor(folder / "2d106det.onnx", 212, side=192)
    regressor(folder / "1k3d68.onnx", 3309, side=192)
    return folder
