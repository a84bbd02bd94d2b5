"""From observations to messages about faces: crops that can be aligned as well as the frame that they were cut from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil, floor
from uuid import UUID

import numpy as np

from sightline.domain.arrays import FloatArray
from sightline.domain.messages import DetectedFace, FacesMessage
from sightline.domain.tracks import FaceCrop, Observation
from sightline.domain.views import PROBE_VIEWS
from sightline.vision.aligner import CROP_SIZE, similarity_transforms
from sightline.vision.crops import MARGIN, encode_jpeg
from sightline.workers.frame_intake import JpegPixels

CROP_QUALITY = 95
"""JPEG quality of crops: they are embedded, unlike those that people look at."""
LARGEST_CROP = 8_000_000
"""px beyond which a face comes without surroundings; recognition decodes up to nine million."""
SPARE = 2
"""px around what alignment reads, since it reads between pixels."""

Region = tuple[int, int, int, int]
"""left, top, right, bottom in px of the frame; right and bottom are outside."""


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """A message, and whole frames to be kept under the names that it gives them."""

    message: FacesMessage
    frames: Mapping[str, bytes] = field(default_factory=dict, repr=False)


class FaceTeller:
    """Makes messages. Remembers each track's best quality: only a better shot's frame is worth keeping."""

    def __init__(self) -> None:
        self._best: dict[UUID, float] = {}

    def told(self, seen: Observation, timestamp: datetime) -> Told:
        """What recognition shall learn. timestamp: of the observed frame. Encodes pictures: milliseconds per crop."""
        frames: dict[str, bytes] = {}
        detections = tuple(self._detection(crop, frames) for crop in seen.crops)
        for state in seen.tracks:
            if state.ended:
                self._best.pop(state.track_id, None)
        message = FacesMessage(
            UUID(seen.camera_id),
            timestamp,
            detections,
            media_time=seen.media_time,
            frame_size=seen.frame_size,
            tracks=seen.tracks,
            closed=seen.closed,
        )
        return Told(message, frames)

    def _detection(self, crop: FaceCrop, frames: dict[str, bytes]) -> DetectedFace:
        if crop.frame is None or crop.landmarks is None:
            raise ValueError("a crop comes with its frame and landmarks where it was detected")
        left, top, right, bottom = region_of(crop, (crop.frame.width, crop.frame.height))
        reference = None
        if crop.quality.score > self._best.get(crop.track_id, float("-inf")):
            self._best[crop.track_id] = crop.quality.score
            if isinstance(crop.frame.pixels, JpegPixels):
                reference = f"frame:{crop.track_id}:{crop.frame.sequence}"
                frames[reference] = crop.frame.pixels.data
        return DetectedFace(
            crop.box,
            min(max(crop.quality.detector_score, 0.0), 1.0),
            encode_jpeg(crop.frame.pixels.bgr()[top:bottom, left:right], CROP_QUALITY),
            crop.quality.score,
            track_id=crop.track_id,
            media_time=crop.media_time,
            landmarks=np.asarray(crop.landmarks - (left, top), np.float32),
            quality=crop.quality,
            frame_ref=reference,
        )


def region_of(crop: FaceCrop, size: tuple[int, int]) -> Region:
    """What to cut out: the face with its surroundings as people see it, and all that alignment reads.

    size: width, height of the frame in px. A face at the edge is cut off there.
    """
    x, y, width, height = crop.box
    margin = MARGIN * max(width, height)
    read = _aligned_from(crop.landmarks) if crop.landmarks is not None else (x, y, x + width, y + height)
    around = (x - margin, y - margin, x + width + margin, y + height + margin)
    if (around[2] - around[0]) * (around[3] - around[1]) > LARGEST_CROP:
        around = read
    left, top = (max(0, floor(min(pair))) for pair in zip(around[:2], read[:2], strict=True))
    right, bottom = (min(side, ceil(max(pair))) for side, *pair in zip(size, around[2:], read[2:], strict=True))
    # A face that lies outside altogether still gives a pixel: whoever cuts it finds it black.
    left, top = min(left, size[0] - 1), min(top, size[1] - 1)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _aligned_from(landmarks: FloatArray) -> tuple[float, float, float, float]:
    """The box in the frame that holds all pixels from which the views of a face are made: left, top, right, bottom."""
    centre = landmarks.mean(axis=0)
    views = np.stack([(landmarks - centre) * view.scale + centre for view in PROBE_VIEWS]).astype(np.float32)
    corners = np.array(((0, 0), (CROP_SIZE, 0), (0, CROP_SIZE), (CROP_SIZE, CROP_SIZE)), np.float64)
    points = np.concatenate(
        [_back(transform.astype(np.float64), corners) for transform in similarity_transforms(views)]
    )
    (left, top), (right, bottom) = points.min(axis=0) - SPARE, points.max(axis=0) + SPARE
    return float(left), float(top), float(right), float(bottom)


def _back(transform: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Points of the aligned face in px of the frame. Landmarks that all coincide span nothing."""
    turn = transform[:, :2]
    scale = float(np.linalg.det(turn))
    if scale <= 0.0:
        return np.zeros((1, 2))
    return np.asarray((corners - transform[:, 2]) @ np.linalg.inv(turn).T)
