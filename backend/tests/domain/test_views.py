import numpy as np
import pytest

from sightline.domain.arrays import FloatArray, ImageArray, normalise
from sightline.domain.views import ENROLMENT_VIEWS, PROBE_VIEWS, View, cut_views, embed_views


class RecordingAligner:
    """Cuts nothing: remembers the landmarks that it was asked for, and paints each crop's left half."""

    def __init__(self) -> None:
        self.asked: FloatArray = np.zeros((0, 5, 2), np.float32)

    def align(self, image: ImageArray, landmarks: FloatArray) -> ImageArray:
        self.asked = landmarks
        crops = np.zeros((len(landmarks), 112, 112, 3), np.uint8)
        crops[:, :, :56] = 200
        return crops


class CountingEmbedder:
    """Embeds a crop as its mean over the left and the right half; counts its runs."""

    model_version = "counting"

    def __init__(self) -> None:
        self.runs = 0

    def embed(self, aligned: ImageArray) -> FloatArray:
        self.runs += 1
        vectors = np.zeros((len(aligned), 512), np.float32)
        vectors[:, 0] = aligned[:, :, :56].mean(axis=(1, 2, 3)) + 1
        vectors[:, 1] = aligned[:, :, 56:].mean(axis=(1, 2, 3)) + 1
        return normalise(vectors)


LANDMARKS = np.array([[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]], np.float32)
IMAGE = np.zeros((200, 200, 3), np.uint8)


def test_views_draw_the_landmarks_together_or_apart_about_their_centre() -> None:
    aligner = RecordingAligner()
    cut_views(aligner, IMAGE, LANDMARKS, (View(0.5), View(), View(2.0)))
    assert np.allclose(aligner.asked.mean(axis=1), LANDMARKS.mean(axis=0), atol=1e-4)
    distances = np.linalg.norm(aligner.asked[:, 0] - aligner.asked[:, 1], axis=1)
    assert distances.tolist() == pytest.approx([20, 40, 80])


def test_a_mirrored_view_is_the_mirror_image_and_the_others_are_not() -> None:
    crops = cut_views(RecordingAligner(), IMAGE, LANDMARKS, (View(), View(mirrored=True)))
    assert crops[0, 0, 0, 0] == 200
    assert crops[1, 0, 0, 0] == 0
    assert np.array_equal(crops[1], crops[0][:, ::-1])


def test_faces_with_different_numbers_of_views_go_through_the_embedder_at_once() -> None:
    embedder = CountingEmbedder()
    faces = [cut_views(RecordingAligner(), IMAGE, LANDMARKS, views) for views in (PROBE_VIEWS, ENROLMENT_VIEWS)]
    embeddings = embed_views(embedder, faces)
    assert embedder.runs == 1
    assert embeddings.shape == (2, 512)
    assert np.linalg.norm(embeddings, axis=1) == pytest.approx([1, 1])
    # Half of each face's views are mirrored, so both halves weigh the same.
    assert embeddings[:, 0] == pytest.approx(embeddings[:, 1])


def test_landmarks_of_several_faces_are_refused() -> None:
    with pytest.raises(ValueError, match="landmarks must have shape"):
        cut_views(RecordingAligner(), IMAGE, np.stack([LANDMARKS, LANDMARKS]))
