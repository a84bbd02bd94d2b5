"""Array types and the checks that values of the domain make at birth."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
"""float32 of any shape; the field's docstring gives the shape."""

ImageArray = NDArray[np.uint8]
"""uint8, (H, W, 3) BGR where a docstring says image, (H, W) where it says luma."""

TEMPLATE_DIMENSIONS = 512
"""Length of every stored template. Shorter embeddings are zero-padded, which leaves cosine similarity as it is."""


def require_shape(name: str, array: np.ndarray, expected: tuple[int | None, ...]) -> None:
    """Raise ValueError that names expected and actual shape; None stands for any length."""
    fits = array.ndim == len(expected) and all(
        want is None or want == got for want, got in zip(expected, array.shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("n" if want is None else str(want) for want in expected)
        raise ValueError(f"{name} must have shape ({wanted}), got {array.shape}")


def normalise(vectors: np.ndarray) -> FloatArray:
    """Scale rows to length 1. vectors (..., d) -> float32 of the same shape; a zero row stays zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1.0), dtype=np.float32)


def pad_templates(embeddings: np.ndarray) -> FloatArray:
    """Zero-pad embeddings (n, d <= 512) to (n, 512) float32. Raises ValueError when d > 512."""
    require_shape("embeddings", embeddings, (None, None))
    missing = TEMPLATE_DIMENSIONS - embeddings.shape[1]
    if missing < 0:
        raise ValueError(f"embeddings have {embeddings.shape[1]} dimensions; at most {TEMPLATE_DIMENSIONS}")
    return np.pad(embeddings, ((0, 0), (0, missing))).astype(np.float32, copy=False)
