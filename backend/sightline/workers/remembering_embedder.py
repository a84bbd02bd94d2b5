"""An embedder that knows what it embedded a moment ago: a batch that must be settled again costs no second run."""

from collections import OrderedDict
from hashlib import blake2b

import numpy as np

from sightline.domain.arrays import FloatArray, ImageArray
from sightline.domain.ports import FaceEmbedder

KEPT = 4096
"""Views: 8 MB of embeddings, several batches."""


class RememberingEmbedder:
    """A FaceEmbedder in front of another one. Two threads at a time may call it: one embeds ahead, one settles."""

    def __init__(self, embedder: FaceEmbedder, kept: int = KEPT) -> None:
        self._embedder = embedder
        self._kept = kept
        self._known: OrderedDict[bytes, FloatArray] = OrderedDict()
        self.embedded = 0

    @property
    def model_version(self) -> str:
        """The inner embedder's."""
        return self._embedder.model_version

    def embed(self, aligned: ImageArray) -> FloatArray:
        """aligned (n, 112, 112, 3) uint8 BGR -> (n, 512) float32 of length 1."""
        keys = [blake2b(np.ascontiguousarray(view).tobytes(), digest_size=16).digest() for view in aligned]
        found = {key: known for key in keys if (known := self._known.get(key)) is not None}
        missing = list({key: row for row, key in enumerate(keys) if key not in found}.items())
        if missing:
            made = self._embedder.embed(aligned[[row for _, row in missing]])
            found |= {key: embedding for (key, _), embedding in zip(missing, made, strict=True)}
            self.embedded += len(missing)
            self._keep(found)
        return np.stack([found[key] for key in keys])

    def _keep(self, found: dict[bytes, FloatArray]) -> None:
        self._known.update(found)
        while len(self._known) > self._kept:
            self._known.popitem(last=False)
