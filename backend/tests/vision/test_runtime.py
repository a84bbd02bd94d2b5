"""Sessions: threads and providers as asked for, and errors that say what to do."""

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from sightline.core.errors import InvalidInput, PackDamaged
from sightline.vision.runtime import (
    CPU,
    PREFERRED_PROVIDERS,
    RuntimeOptions,
    choose_providers,
    input_spec,
    open_session,
    run,
    runs_on_cpu,
)
from tests.vision.detectors.factories import constant_model

ANSWER = [np.ones((1, 2), np.float32)]


def test_threads_are_under_our_control(tmp_path: Path) -> None:
    path = constant_model(tmp_path / "model.onnx", ANSWER, [1, 3, "height", "width"])
    settings = open_session(path, RuntimeOptions(threads=2)).get_session_options()
    assert settings.intra_op_num_threads == 2
    assert settings.inter_op_num_threads == 1
    assert settings.get_session_config_entry("session.intra_op.allow_spinning") == "0"


def test_the_fastest_installed_provider_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ort, "get_available_providers", lambda: [CPU, "CUDAExecutionProvider", "Other"])
    assert choose_providers(None) == ["CUDAExecutionProvider", CPU]
    assert choose_providers((CPU,)) == [CPU]
    assert PREFERRED_PROVIDERS[-1] == CPU


def test_a_provider_that_is_not_installed_is_named() -> None:
    with pytest.raises(InvalidInput, match="NoSuchProvider is not installed") as caught:
        choose_providers(("NoSuchProvider",))
    assert CPU in caught.value.hint


def test_the_input_is_described_with_free_dimensions_as_none(tmp_path: Path) -> None:
    path = constant_model(tmp_path / "model.onnx", ANSWER, [1, 3, "height", "width"])
    session = open_session(path, RuntimeOptions(providers=(CPU,)))
    assert input_spec(session).shape == (1, 3, None, None)
    assert runs_on_cpu(session)


@pytest.mark.parametrize("content", [None, b"", b"no model at all"], ids=["missing", "empty", "garbage"])
def test_a_file_that_is_no_model_says_what_to_do(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "model.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PackDamaged, match=r"model\.onnx") as caught:
        open_session(path, RuntimeOptions())
    assert "sightline models verify" in caught.value.hint
    assert str(tmp_path) not in caught.value.message


def test_a_picture_of_the_wrong_shape_is_the_models_fault(tmp_path: Path) -> None:
    session = open_session(constant_model(tmp_path / "m.onnx", ANSWER, [1, 3, 4, 4]), RuntimeOptions())
    with pytest.raises(PackDamaged, match="failed on input"):
        run(session, "picture", np.zeros((1, 3, 5, 5), np.float32))
