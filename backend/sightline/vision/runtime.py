"""ONNX Runtime sessions with threads, memory and providers under our control."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from sightline.core.errors import InvalidInput, PackDamaged
from sightline.domain.arrays import FloatArray

CPU = "CPUExecutionProvider"
PREFERRED_PROVIDERS = (
    "TensorrtExecutionProvider",
    "CUDAExecutionProvider",
    "OpenVINOExecutionProvider",
    CPU,
)
"""Fastest first; those that the installed ONNX Runtime lacks are skipped."""

ERRORS_ONLY = 3
"""ONNX Runtime's log severity: its warnings are about a model's export; no operator can act on them."""

_SESSION_ERRORS = (
    ort_errors.EPFail,
    ort_errors.EngineError,
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoModel,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)
REINSTALL = "run `sightline models verify`, then install or import the pack again"


@dataclass(frozen=True, slots=True)
class RuntimeOptions:
    """How models run.

    threads: threads inside one inference; 1 suits many cameras per machine, which run side by side.
    providers: names of ONNX Runtime's execution providers in order; None takes the fastest installed.
    """

    threads: int = 1
    providers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class InputSpec:
    """A model's only input: its name and its shape, None where any length goes."""

    name: str
    shape: tuple[int | None, ...]


def choose_providers(wanted: tuple[str, ...] | None) -> list[str]:
    """Execution providers in order. Raises InvalidInput for one that is not installed."""
    installed = ort.get_available_providers()
    if wanted is None:
        return [name for name in PREFERRED_PROVIDERS if name in installed]
    missing = [name for name in wanted if name not in installed]
    if missing:
        raise InvalidInput(
            f"execution provider {missing[0]} is not installed",
            hint=f"choose from {', '.join(installed)}, or install the ONNX Runtime build that carries it",
        )
    return list(wanted)


def open_session(path: Path, options: RuntimeOptions) -> ort.InferenceSession:
    """Open an ONNX file. Raises PackDamaged when it is missing or no model."""
    if not path.is_file():
        raise PackDamaged(f"model file {path.name} is missing", hint=REINSTALL)
    providers = choose_providers(options.providers)
    try:
        return ort.InferenceSession(str(path), _session_options(options), providers=providers)
    except _SESSION_ERRORS as error:
        raise PackDamaged(f"{path.name} cannot be loaded: {_reason(error)}", hint=REINSTALL) from error


def input_spec(session: ort.InferenceSession) -> InputSpec:
    """The session's only input. Raises PackDamaged when there are several or it is not float32."""
    inputs = session.get_inputs()
    if len(inputs) != 1 or inputs[0].type != "tensor(float)":
        found = ", ".join(f"{one.name} {one.type}" for one in inputs)
        raise PackDamaged(f"the model must have one float32 input, found {found}", hint=REINSTALL)
    shape = tuple(size if isinstance(size, int) and size > 0 else None for size in inputs[0].shape)
    return InputSpec(inputs[0].name, shape)


def runs_on_cpu(session: ort.InferenceSession) -> bool:
    """Whether no accelerator serves this session."""
    return list(session.get_providers())[:1] == [CPU]


def run(session: ort.InferenceSession, name: str, tensor: FloatArray) -> list[np.ndarray]:
    """Run a session on its input -> all outputs in the model's order. Raises PackDamaged when it fails."""
    try:
        return cast("list[np.ndarray]", session.run(None, {name: tensor}))
    except _SESSION_ERRORS as error:
        raise PackDamaged(f"the model failed on input {tensor.shape}: {_reason(error)}", hint=REINSTALL) from error


def _session_options(options: RuntimeOptions) -> ort.SessionOptions:
    """Spinning threads would burn a core between frames. Memory patterns are planned per input
    shape, so pictures of many sizes would keep adding to them; the arena itself is bounded by the
    largest picture and, without it, every layer pays for fresh pages."""
    settings = ort.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
    settings.enable_mem_pattern = False
    settings.log_severity_level = ERRORS_ONLY
    return settings


def _reason(error: Exception) -> str:
    """ONNX Runtime's message without the file's path, which says nothing to a user."""
    return str(error).splitlines()[0].rsplit(":", 1)[-1].strip() or type(error).__name__
