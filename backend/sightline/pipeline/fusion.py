"""Fusion: one template from a track's embeddings."""

import numpy as np

from sightline.domain.arrays import FloatArray, normalise, require_shape

QUALITY_POWER = 1.0
"""How strongly quality weighs."""


def fuse(embeddings: FloatArray, qualities: FloatArray, power: float = QUALITY_POWER) -> FloatArray:
    """Weighted mean of unit vectors, brought back to length 1.

    embeddings (n, d) float32 of length 1; qualities (n,) 0 to 1 -> (d,) float32. The order does not
    matter. Raises ValueError for no embeddings.
    """
    require_shape("embeddings", embeddings, (None, None))
    require_shape("qualities", qualities, (len(embeddings),))
    if not len(embeddings):
        raise ValueError("a template needs at least one embedding")
    weights = np.maximum(qualities, 1e-3).astype(np.float64) ** power
    return normalise(weights @ embeddings.astype(np.float64))
