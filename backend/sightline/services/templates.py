"""Templates on their way into and out of PostgreSQL."""

import numpy as np

from sightline.core.errors import InvalidInput
from sightline.domain.arrays import TEMPLATE_DIMENSIONS, FloatArray

_FORMAT = "[" + ",".join(["%.9g"] * TEMPLATE_DIMENSIONS) + "]"
"""pgvector's text form; nine digits bring every float32 back exactly."""

_HEADER = 4
"""Bytes before the numbers in pgvector's binary form: two int16, dimensions and zero; then big-endian float32."""


def to_text(template: FloatArray) -> str:
    """A template (512,) float32 of length 1 as pgvector reads it. Raises InvalidInput for anything else."""
    return _FORMAT % tuple(checked(template).tolist())


def checked(template: FloatArray) -> FloatArray:
    """The template (512,) float32 of length 1. Raises InvalidInput for anything else."""
    array = np.asarray(template, dtype=np.float32)
    if array.shape != (TEMPLATE_DIMENSIONS,):
        raise InvalidInput(
            f"a template must have shape ({TEMPLATE_DIMENSIONS},), got {array.shape}",
            hint="Pad shorter embeddings with zeros (domain.arrays.pad_templates).",
        )
    length = float(np.linalg.norm(array))
    if not abs(length - 1.0) < 1e-3:  # also false for NaN and infinity
        raise InvalidInput(
            f"a template must have length 1, got {length:g}", hint="Normalise it (domain.arrays.normalise)."
        )
    return array


def from_binary(rows: list[bytes]) -> FloatArray:
    """Templates as vector_send() gives them -> (n, 512) float32."""
    if not rows:
        return np.zeros((0, TEMPLATE_DIMENSIONS), np.float32)
    numbers = np.frombuffer(b"".join(row[_HEADER:] for row in rows), dtype=">f4")
    return numbers.reshape(len(rows), TEMPLATE_DIMENSIONS).astype(np.float32)
