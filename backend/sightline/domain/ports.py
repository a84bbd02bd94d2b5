"""What the pipeline needs from the outside, as Protocols; vision/ implements them."""

from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

from sightline.domain.arrays import FloatArray, ImageArray
from sightline.domain.faces import Faces
from sightline.domain.quality import CaptureQuality

NewId = Callable[[], UUID]
"""Gives a fresh UUIDv7."""


class FaceDetector(Protocol):
    """Finds faces in pictures."""

    def detect(self, images: Sequence[ImageArray]) -> list[Faces]:
        """Find faces. images (H, W, 3) uint8 BGR, of any sizes -> one Faces per image, in that image's pixels."""
        ...


class FaceAligner(Protocol):
    """Cuts faces out, upright and of one size."""

    def align(self, image: ImageArray, landmarks: FloatArray) -> ImageArray:
        """Warp faces onto the ArcFace template. image (H, W, 3) uint8 BGR; landmarks (n, 5, 2) px
        -> (n, 112, 112, 3) uint8 BGR."""
        ...


class QualityAssessor(Protocol):
    """Says how usable faces are."""

    def assess(self, faces: Faces, aligned: ImageArray) -> list[CaptureQuality]:
        """One quality per face. aligned (n, 112, 112, 3) uint8 BGR, the crops of these faces."""
        ...


class FaceEmbedder(Protocol):
    """Turns aligned faces into vectors that can be compared by cosine."""

    @property
    def model_version(self) -> str:
        """Name of the model; embeddings of different model versions are never compared."""
        ...

    def embed(self, aligned: ImageArray) -> FloatArray:
        """aligned (n, 112, 112, 3) uint8 BGR -> (n, 512) float32 of length 1, zero-padded where the model has fewer."""
        ...
