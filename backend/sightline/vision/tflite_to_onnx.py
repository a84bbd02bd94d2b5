"""Converts a TFLite file of plain convolutions (MobileFaceNet) to ONNX with a free batch dimension.

TFLite works in NHWC, ONNX Runtime's convolutions in NCHW: inputs and outputs keep the layout of
the file (NHWC), one transposition at each seam, everything between runs in NCHW. The PReLUs that
the file spells out as RELU, ABS, SUB, MUL, ADD stay as they are: folded into ONNX's PRelu they run
twice slower in ONNX Runtime.

Source: TFLite schema version 3 (tensorflow/compiler/mlir/lite/schema/schema.fbs), ONNX opset 17.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import tflite
from onnx import TensorProto, helper, numpy_helper

from sightline.core.errors import ModelPackError

OPSET = 17
IR_VERSION = 8
BATCH = "batch"

_DTYPES = {
    tflite.TensorType.FLOAT32: np.dtype(np.float32),
    tflite.TensorType.INT32: np.dtype(np.int32),
}
_OPERATORS = {getattr(tflite.BuiltinOperator, name): name for name in dir(tflite.BuiltinOperator) if name.isupper()}
_ACTIVATIONS = {tflite.ActivationFunctionType.NONE: None, tflite.ActivationFunctionType.RELU: "Relu"}


def convert(tflite_bytes: bytes) -> onnx.ModelProto:
    """Convert a float32 TFLite file; the first dimension of inputs and outputs becomes free.

    Supports CONV_2D, DEPTHWISE_CONV_2D, RELU, ABS, SUB, MUL, ADD and RESHAPE. Raises
    ModelPackError for anything else, naming it.
    """
    if not tflite.Model.ModelBufferHasIdentifier(tflite_bytes, 0):
        raise ModelPackError("not a TFLite file", hint="Delete the download cache and install the pack again.")
    model = tflite.Model.GetRootAs(tflite_bytes, 0)
    if model.SubgraphsLength() != 1:
        raise _unsupported(f"{model.SubgraphsLength()} subgraphs")
    return _Converter(model).run()


def _unsupported(what: str) -> ModelPackError:
    return ModelPackError(
        f"cannot convert this TFLite file: {what} is not supported",
        hint="Export the model to ONNX with its own tools and use `sightline models import`.",
    )


@dataclass
class _Converter:
    """Walks the operators once, in file order (which TFLite guarantees to be executable)."""

    model: Any
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    initialisers: dict[str, onnx.TensorProto] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.graph = self.model.Subgraphs(0)
        self.handlers: dict[str, Callable[[Any], None]] = {
            "CONV_2D": self._conv,
            "DEPTHWISE_CONV_2D": self._depthwise_conv,
            "RELU": lambda op: self._plain(op, "Relu"),
            "ABS": lambda op: self._plain(op, "Abs"),
            "SUB": lambda op: self._binary(op, "Sub", tflite.SubOptions),
            "MUL": lambda op: self._binary(op, "Mul", tflite.MulOptions),
            "ADD": lambda op: self._binary(op, "Add", tflite.AddOptions),
            "RESHAPE": self._reshape,
        }

    def run(self) -> onnx.ModelProto:
        inputs = [self._seam_in(int(i)) for i in self.graph.InputsAsNumpy()]
        for index in range(self.graph.OperatorsLength()):
            self._operator(self.graph.Operators(index))
        outputs = [self._seam_out(int(i)) for i in self.graph.OutputsAsNumpy()]
        graph = helper.make_graph(self.nodes, "converted", inputs, outputs, list(self.initialisers.values()))
        opset = [helper.make_opsetid("", OPSET)]
        proto = helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION, producer_name="sightline")
        onnx.checker.check_model(proto, full_check=True)
        return proto

    # tensors

    def _shape(self, index: int) -> list[int]:
        tensor = self.graph.Tensors(index)
        return [int(n) for n in tensor.ShapeAsNumpy()] if tensor.ShapeLength() else []

    def _constant(self, index: int) -> npt.NDArray[np.generic] | None:
        """The values of a constant tensor, None for one that is computed."""
        tensor = self.graph.Tensors(index)
        buffer = self.model.Buffers(tensor.Buffer())
        if buffer.DataLength() == 0:
            return None
        dtype = _DTYPES.get(tensor.Type())
        if dtype is None:
            raise _unsupported(f"tensor type {tensor.Type()}")
        values: npt.NDArray[np.generic] = np.frombuffer(buffer.DataAsNumpy().tobytes(), dtype)
        return values.reshape(self._shape(index))

    def _weights(self, index: int) -> npt.NDArray[np.generic]:
        values = self._constant(index)
        if values is None:
            raise _unsupported("a convolution whose weights are computed")
        return values

    def _initialiser(self, name: str, values: npt.NDArray[np.generic]) -> str:
        self.initialisers.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _operand(self, index: int) -> str:
        """The name of an operand of an elementwise operator, constants in channel-first layout."""
        values = self._constant(index)
        if values is None:
            return _name(index)
        if values.ndim == 1:
            values = values.reshape(-1, 1, 1)
        elif values.ndim == 4:
            values = values.transpose(0, 3, 1, 2)
        elif values.ndim != 0:
            raise _unsupported(f"a constant of {values.ndim} dimensions")
        return self._initialiser(f"c{index}", values)

    # seams

    def _seam_in(self, index: int) -> onnx.ValueInfoProto:
        shape: list[str | int | None] = [BATCH, *self._shape(index)[1:]]
        if len(shape) != 4 or self.graph.Tensors(index).Type() != tflite.TensorType.FLOAT32:
            raise _unsupported(f"an input of shape {shape} or of another type than float32")
        self.nodes.append(helper.make_node("Transpose", ["input"], [_name(index)], perm=[0, 3, 1, 2]))
        return helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)

    def _seam_out(self, index: int) -> onnx.ValueInfoProto:
        shape = self._shape(index)
        if len(shape) == 4:
            self.nodes.append(helper.make_node("Transpose", [_name(index)], ["output"], perm=[0, 2, 3, 1]))
        else:
            self.nodes.append(helper.make_node("Identity", [_name(index)], ["output"]))
        return helper.make_tensor_value_info("output", TensorProto.FLOAT, [BATCH, *shape[1:]])

    # operators

    def _operator(self, op: Any) -> None:
        code = self.model.OperatorCodes(op.OpcodeIndex())
        # Old files carry the code in a byte, new ones in a wide field: the larger one is meant.
        number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        name = _OPERATORS.get(number, str(number))
        if name not in self.handlers:
            raise _unsupported(f"operator {name}")
        self.handlers[name](op)

    def _emit(self, kind: str, inputs: list[str], op: Any, activation: int = 0, **attributes: Any) -> None:
        """Append a node that computes the operator's output, followed by its fused activation."""
        if activation not in _ACTIVATIONS:
            raise _unsupported(f"fused activation {activation}")
        output = _name(int(op.Outputs(0)))
        fused = _ACTIVATIONS[activation]
        raw = f"{output}_raw" if fused else output
        self.nodes.append(helper.make_node(kind, inputs, [raw], **attributes))
        if fused:
            self.nodes.append(helper.make_node(fused, [raw], [output]))

    def _plain(self, op: Any, kind: str) -> None:
        self._emit(kind, [self._operand(int(op.Inputs(0)))], op)

    def _binary(self, op: Any, kind: str, options_type: Any) -> None:
        options = _options(op, options_type)
        activation = options.FusedActivationFunction() if options else tflite.ActivationFunctionType.NONE
        self._emit(kind, [self._operand(int(i)) for i in op.InputsAsNumpy()], op, activation)

    def _conv(self, op: Any) -> None:
        weights = self._weights(int(op.Inputs(1))).transpose(0, 3, 1, 2)  # OHWI -> OIHW
        self._convolution(op, _options(op, tflite.Conv2DOptions), weights, group=1)

    def _depthwise_conv(self, op: Any) -> None:
        weights = self._weights(int(op.Inputs(1))).transpose(3, 0, 1, 2)  # 1HWC -> C1HW
        self._convolution(
            op, _options(op, tflite.DepthwiseConv2DOptions), weights, group=self._shape(int(op.Inputs(0)))[3]
        )

    def _convolution(self, op: Any, options: Any, weights: npt.NDArray[np.generic], *, group: int) -> None:
        source, kernel = int(op.Inputs(0)), weights.shape[2:]
        strides = [options.StrideH(), options.StrideW()]
        dilations = [options.DilationHFactor(), options.DilationWFactor()]
        pads = [0, 0, 0, 0]
        if options.Padding() == tflite.Padding.SAME:
            pads = _same_pads(self._shape(source)[1:3], kernel, strides, dilations)
        names = [_name(source), self._initialiser(f"w{int(op.Inputs(1))}", weights)]
        if op.InputsLength() > 2 and op.Inputs(2) >= 0:
            names.append(self._initialiser(f"b{int(op.Inputs(2))}", self._weights(int(op.Inputs(2)))))
        self._emit(
            "Conv", names, op, options.FusedActivationFunction(),
            kernel_shape=list(kernel), strides=strides, dilations=dilations, pads=pads, group=group,
        )  # fmt: skip

    def _reshape(self, op: Any) -> None:
        """Reshape in the file's own layout; the batch is left free."""
        source, target = int(op.Inputs(0)), self._shape(int(op.Outputs(0)))
        shape = self._shape(source)
        if not shape or not target or shape[0] != target[0] or len(target) == 4:
            raise _unsupported(f"RESHAPE from {shape} to {target}")
        name = _name(source)
        if len(shape) == 4:
            self.nodes.append(helper.make_node("Transpose", [name], [f"{name}_nhwc"], perm=[0, 2, 3, 1]))
            name = f"{name}_nhwc"
        wanted = self._initialiser(f"s{int(op.Outputs(0))}", np.array([-1, *target[1:]], np.int64))
        self._emit("Reshape", [name, wanted], op)


def _name(index: int) -> str:
    return f"t{index}"


def _options(op: Any, options_type: Any) -> Any:
    """The operator's options table, None where the file has none."""
    table = op.BuiltinOptions()
    if table is None:
        return None
    options = options_type()
    options.Init(table.Bytes, table.Pos)
    return options


def _same_pads(size: list[int], kernel: tuple[int, ...], strides: list[int], dilations: list[int]) -> list[int]:
    """TensorFlow's SAME padding as ONNX pads [top, left, bottom, right]; the odd pixel goes to the end."""
    begin, end = [], []
    for length, window, stride, dilation in zip(size, kernel, strides, dilations, strict=True):
        reach = (window - 1) * dilation + 1
        total = max((-(-length // stride) - 1) * stride + reach - length, 0)
        begin.append(total // 2)
        end.append(total - total // 2)
    return [*begin, *end]
