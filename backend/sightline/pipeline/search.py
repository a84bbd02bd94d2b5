"""Search of probes in a gallery, by matrix product."""

import numpy as np

from sightline.domain.arrays import TEMPLATE_DIMENSIONS, FloatArray, require_shape
from sightline.domain.gallery import Candidate, Gallery


class GallerySearch:
    """A gallery made ready for search. Immutable, so that it can be swapped as a whole.

    A subject's similarity is that of its closest template.
    """

    def __init__(self, gallery: Gallery) -> None:
        names = np.array(gallery.subjects, dtype=object)
        self._subjects, owners = np.unique(names, return_inverse=True) if len(names) else (names, names)
        order = np.argsort(owners, kind="stable") if len(names) else np.zeros(0, np.intp)
        self._templates = gallery.templates[order]
        self._first = np.searchsorted(owners[order], np.arange(len(self._subjects)))
        self.model_version = gallery.model_version

    def __len__(self) -> int:
        return len(self._subjects)

    def similarities(self, probes: FloatArray) -> FloatArray:
        """Cosine of every probe and every subject. probes (n, 512) float32 of length 1 -> (n, subjects)."""
        require_shape("probes", probes, (None, TEMPLATE_DIMENSIONS))
        if not len(self):
            return np.zeros((len(probes), 0), np.float32)
        return np.asarray(np.maximum.reduceat(probes @ self._templates.T, self._first, axis=1), np.float32)

    def candidates(self, probes: FloatArray, top_k: int) -> list[tuple[Candidate, ...]]:
        """The closest subjects of every probe, best first, at most top_k; equal ones in order of their names."""
        return [self._ranked(row, top_k) for row in self.similarities(probes)]

    def _ranked(self, similarities: FloatArray, top_k: int) -> tuple[Candidate, ...]:
        best = np.argsort(-similarities, kind="stable")[:top_k]
        return tuple(Candidate(str(self._subjects[place]), float(similarities[place])) for place in best)
