"""What travels between workers in split mode. The bus carries these; sightline/bus/codec.py puts them into fields."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sightline.domain.arrays import FloatArray
from sightline.domain.quality import CaptureQuality
from sightline.domain.tracks import Box, TrackState

SCHEMA = 1
"""Version of our extra fields. A message of a newer one is set aside, not guessed at."""


@dataclass(frozen=True, slots=True)
class FrameMessage:
    """A frame of a camera, privacy masks already black (specification, 4.1).

    timestamp: when it was received, aware UTC; frame_data: JPEG file; sequence counts the camera's sampled frames.
    Extra fields, which a third party's message lacks: media_time in seconds of the source, rising over reconnects
    (else the timestamp stands in); discontinuity on the first frame after an interruption.
    """

    camera_id: UUID
    timestamp: datetime
    frame_data: bytes = field(repr=False)
    sequence: int
    media_time: float | None = None
    discontinuity: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class DetectedFace:
    """A face worth an embedding (specification, 4.2).

    bbox: x, y, width, height in px of the frame; confidence, quality_score 0 to 1; face_crop: JPEG file of the face
    with its surroundings. Extra fields: track_id (else the face is a track of its own); media_time of the frame it
    was cut from; landmarks (5, 2) in px of face_crop (else they are found again on it); quality in detail;
    frame_ref: name under which the bus keeps the whole frame's JPEG for a short while.
    """

    bbox: Box
    confidence: float
    face_crop: bytes = field(repr=False)
    quality_score: float
    track_id: UUID | None = None
    media_time: float | None = None
    landmarks: FloatArray | None = None
    quality: CaptureQuality | None = None
    frame_ref: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FacesMessage:
    """What was seen in one frame of a camera (specification, 4.2), where it is news.

    timestamp: of the frame, aware UTC. Extra fields: media_time of the frame in seconds; frame_size width, height in
    px; tracks: how far confirmed tracks have come, their media times on the scale of media_time; closed: the camera is
    gone and its tracks are ended by that.
    """

    camera_id: UUID
    timestamp: datetime
    detections: tuple[DetectedFace, ...] = ()
    media_time: float | None = None
    frame_size: tuple[int, int] | None = None
    tracks: tuple[TrackState, ...] = ()
    closed: bool = False
