"""What each part of the pipeline costs alone: the yardstick for its overhead."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sightline.core.config import CaptureSettings
from sightline.domain.arrays import ImageArray
from sightline.domain.faces import Faces
from sightline.domain.frames import Frame
from sightline.domain.views import PROBE_VIEWS, embed_views
from sightline.media.capture import CameraSession, CaptureOptions
from sightline.media.sources import Source
from sightline.vision.loading import Models
from sightline.workers.fused import BATCH_FRAMES

RUNS = 5
"""Each part is measured so often, and the least counts: noise only adds."""

FRAMES = 24
"""Sampled frames per run, about five seconds of video."""

FACES = 16
"""Crops per run of the embedder."""


@dataclass(frozen=True, slots=True)
class Parts:
    """CPU in ms: decode per sampled frame (with all frames between, and conversion to BGR), detect per frame,
    embed per face, in as many
    views as the pipeline takes."""

    decode: float
    detect: float
    embed: float


def measure_parts(source: Source, models: Models, settings: CaptureSettings, *, live: bool) -> Parts:
    """Measure the parts on the source's own frames, with the sessions, threads and batch of the pipeline.

    For a live source the decoding is measured while waiting for it, which costs a little more than from a file.
    """
    models.warm_up()
    options = CaptureOptions(sample_rate=settings.sample_rate)
    runs = [_decode(source, options) for _ in range(2 if live else RUNS)]
    images = runs[0][1]
    faces = models.detector.detect(images)
    detect = _least(lambda: _detect(models, images)) / len(images)
    crops = _crops(models, images, faces)
    embed = _least(lambda: embed_views(models.embedder, crops)) / len(crops)
    return Parts(decode=min(cost for cost, _ in runs), detect=detect, embed=embed)


def _decode(source: Source, options: CaptureOptions) -> tuple[float, list[ImageArray]]:
    """CPU ms per sampled frame, and the pictures."""
    images: list[ImageArray] = []
    session = CameraSession(source, options)
    session.open()
    began = time.process_time()
    for frame in session.frames():
        images.append(_converted(frame))
        if len(images) == FRAMES:
            break
    cost = 1000 * (time.process_time() - began) / len(images)
    session.close()
    return cost, images


def _converted(frame: Frame) -> ImageArray:
    return frame.pixels.bgr()


def _detect(models: Models, images: list[ImageArray]) -> None:
    for first in range(0, len(images), BATCH_FRAMES):
        models.detector.detect(images[first : first + BATCH_FRAMES])


def _crops(models: Models, images: list[ImageArray], faces: list[Faces]) -> list[ImageArray]:
    """FACES times the views of a face in the pictures; of the picture's middle where there is no face at all."""
    found = [
        models.aligner.align(image, some.landmarks) for image, some in zip(images, faces, strict=True) if len(some)
    ]
    crops = np.concatenate(found) if found else np.zeros((1, 112, 112, 3), np.uint8)
    return list(np.resize(crops, (FACES, len(PROBE_VIEWS), *crops.shape[1:])))


def _least(work: Callable[[], object]) -> float:
    """CPU ms of the cheapest of RUNS runs."""
    costs = []
    for _ in range(RUNS):
        began = time.process_time()
        work()
        costs.append(1000 * (time.process_time() - began))
    return min(costs)
