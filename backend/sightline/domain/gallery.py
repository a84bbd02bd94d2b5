"""The gallery that probes are searched in, and what a search gives."""

from dataclasses import dataclass

import numpy as np

from sightline.domain.arrays import TEMPLATE_DIMENSIONS, FloatArray, require_shape


@dataclass(frozen=True, slots=True)
class Candidate:
    """One subject of a ranked list: the cosine similarity (-1 to 1) of its closest template."""

    subject: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Match:
    """The answer to one probe: ranked candidates, and the first of them when it reached the threshold.

    subject and similarity are None when nobody did (similarity of an unknown person's best candidate
    stands in candidates); false_match_rate is None where the pack has not measured it.
    """

    candidates: tuple[Candidate, ...] = ()
    subject: str | None = None
    similarity: float | None = None
    false_match_rate: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """Templates (n, 512) float32 of length 1, their subjects' names (n,), and the model that made them all.

    A subject may own several templates. Embeddings of different models are never compared.
    """

    subjects: tuple[str, ...]
    templates: FloatArray
    model_version: str

    def __post_init__(self) -> None:
        """Check shapes and length."""
        require_shape("templates", self.templates, (len(self.subjects), TEMPLATE_DIMENSIONS))
        lengths = np.linalg.norm(self.templates, axis=1)
        if len(lengths) and not np.allclose(lengths, 1.0, atol=1e-3):
            raise ValueError("templates must have length 1")

    def __len__(self) -> int:
        return len(self.subjects)

    @classmethod
    def empty(cls, model_version: str) -> "Gallery":
        """A gallery nobody is in: every face is unknown."""
        return cls((), np.zeros((0, TEMPLATE_DIMENSIONS), np.float32), model_version)
