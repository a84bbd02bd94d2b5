"""Views: one face cut out several times, a little larger and smaller and mirrored, so that errors cancel.

A detector's landmarks are off by a pixel or two, and an embedder is not quite indifferent to scale and side. The mean
of the embeddings of several views is steadier than any of them. Measured on 75 portraits scaled down to 11 to 20 px
between the eyes and compressed, against the full portraits (lite pack; 228 genuine, 1,572 impostor comparisons):
d' 4.84 with one view enrolled and a face and its mirror image as probe, 5.02 with these views, at the same cost
of the probe; the false non-match rate at FMR 1e-3 fell from 2.6 % to 0.4 %, impostors came no closer (99th percentile
0.325 and 0.310).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from sightline.domain.arrays import FloatArray, ImageArray, normalise, require_shape
from sightline.domain.ports import FaceAligner, FaceEmbedder


@dataclass(frozen=True, slots=True)
class View:
    """How a face is cut out: landmarks drawn together (scale below 1: the face fills more of the crop) or apart."""

    scale: float = 1.0
    mirrored: bool = False


PLAIN_VIEW = (View(),)
PROBE_VIEWS = (View(0.95), View(1.05, mirrored=True))
"""For faces in a stream: two runs of the embedder per shot."""

ENROLMENT_VIEWS = tuple(View(scale, mirrored=mirrored) for scale in (0.93, 1.0, 1.07) for mirrored in (False, True))
"""For pictures that are enrolled once and searched for years."""


def cut_views(
    aligner: FaceAligner, image: ImageArray, landmarks: FloatArray, views: Sequence[View] = PROBE_VIEWS
) -> ImageArray:
    """Cut one face out in several views. image (H, W, 3) uint8 BGR; landmarks (5, 2) px -> (v, 112, 112, 3)."""
    require_shape("landmarks", landmarks, (5, 2))
    centre = landmarks.mean(axis=0)
    scaled = np.stack([(landmarks - centre) * view.scale + centre for view in views]).astype(np.float32)
    crops = aligner.align(image, scaled).copy()
    for crop, view in zip(crops, views, strict=True):
        if view.mirrored:
            crop[:] = crop[:, ::-1].copy()
    return crops


def embed_views(embedder: FaceEmbedder, faces: Sequence[ImageArray]) -> FloatArray:
    """One embedding per face from its views. faces: n arrays (v, 112, 112, 3) uint8 BGR -> (n, 512) float32.

    All views of all faces go through the embedder in one batch; the result has length 1.
    """
    embeddings = embedder.embed(np.concatenate(faces))
    ends = list(accumulate(len(views) for views in faces))
    return normalise(np.stack([part.mean(axis=0) for part in np.split(embeddings, ends[:-1])]))
