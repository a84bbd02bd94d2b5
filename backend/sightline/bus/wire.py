"""The JSON inside messages, checked field by field. Names and order are the specification's; extras follow."""

from base64 import b64decode
from binascii import Error as Base64Error
from typing import Annotated, Self, cast
from uuid import UUID

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from sightline.domain.arrays import FloatArray
from sightline.domain.messages import DetectedFace
from sightline.domain.quality import CaptureQuality
from sightline.domain.tracks import Box, TrackState

JPEG_BYTES = 8 * 1024 * 1024
"""Longest picture that is taken: a 4K frame at JPEG quality 95 has about 4 MB."""
JPEG_TEXT = (JPEG_BYTES + 2) // 3 * 4
"""The same in base64."""
DETECTIONS = 256
"""Most faces of one frame: more is no picture of people but an attack on the workers behind."""
TRACKS = 1024
"""Most tracks that one observation tells of: those in view, and those that end with it."""
COUNT = 2**62
"""Numbers that count stay below this, so that they fit a bigint with room."""
SECONDS = 1e10
"""Media times lie within three hundred years of zero, so that no arithmetic with them overflows."""
PIXELS = 1e6

Count = Annotated[int, Field(ge=0, le=COUNT)]
MediaTime = Annotated[float, Field(ge=-SECONDS, le=SECONDS)]
Pixel = Annotated[float, Field(ge=-PIXELS, le=PIXELS)]
Length = Annotated[float, Field(ge=0, le=PIXELS)]
Share = Annotated[float, Field(ge=0, le=1)]
Degrees = Annotated[float, Field(ge=-360, le=360)]
Point = tuple[Pixel, Pixel]
Landmarks = tuple[Point, Point, Point, Point, Point]
FrameSize = tuple[Annotated[int, Field(ge=1, le=65_535)], Annotated[int, Field(ge=1, le=65_535)]]


class Wire(BaseModel):
    """Strict about types, silent about fields that it does not know."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", allow_inf_nan=False)


class QualityWire(Wire):
    """CaptureQuality."""

    score: Share
    eye_distance: Length
    sharpness: Share
    frontality: Share
    exposure: Share
    detector_score: Pixel  # as the detector gave it: any finite number
    yaw: Degrees
    pitch: Degrees
    roll: Degrees

    @classmethod
    def of(cls, quality: CaptureQuality) -> Self:
        """Its form on the stream. Raises ValidationError for values that are none."""
        return cls(**{name: float(getattr(quality, name)) for name in cls.model_fields})

    def value(self) -> CaptureQuality:
        """As the pipeline knows it."""
        return CaptureQuality(**self.model_dump())


class DetectionWire(Wire):
    """One entry of `detections`: the specification's four keys, then ours."""

    bbox: tuple[Pixel, Pixel, Length, Length]
    confidence: Share
    face_crop: Annotated[str, Field(min_length=4, max_length=JPEG_TEXT)] = Field(repr=False)
    quality_score: Share
    track_id: UUID | None = None
    media_time: MediaTime | None = None
    landmarks: Landmarks | None = None
    quality: QualityWire | None = None
    frame_ref: Annotated[str, Field(min_length=1, max_length=200)] | None = None

    @classmethod
    def of(cls, face: DetectedFace, crop: str) -> Self:
        """Its form on the stream; crop: the picture in base64. Raises ValidationError for values that are none."""
        return cls(
            bbox=_box(face.bbox),
            confidence=float(face.confidence),
            face_crop=crop,
            quality_score=float(face.quality_score),
            track_id=face.track_id,
            media_time=None if face.media_time is None else float(face.media_time),
            landmarks=None if face.landmarks is None else _landmarks(face.landmarks),
            quality=None if face.quality is None else QualityWire.of(face.quality),
            frame_ref=face.frame_ref,
        )

    def value(self) -> DetectedFace:
        """As the pipeline knows it. Raises ValueError where the crop is no base64."""
        return DetectedFace(
            bbox=self.bbox,
            confidence=self.confidence,
            face_crop=picture(self.face_crop),
            quality_score=self.quality_score,
            track_id=self.track_id,
            media_time=self.media_time,
            landmarks=None if self.landmarks is None else np.array(self.landmarks, np.float32),
            quality=None if self.quality is None else self.quality.value(),
            frame_ref=self.frame_ref,
        )


class TrackWire(Wire):
    """TrackState."""

    track_id: UUID
    first_seen: MediaTime
    last_seen: MediaTime
    detections: Count
    box: tuple[Pixel, Pixel, Length, Length]
    shots: Count = 0
    confirmed: bool = False
    ended: bool = False
    due: bool = False

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.last_seen < self.first_seen:
            raise ValueError("a track cannot end before it begins")
        return self

    @classmethod
    def of(cls, state: TrackState) -> Self:
        """Its form on the stream. Raises ValidationError for values that are none."""
        return cls(
            track_id=state.track_id,
            first_seen=float(state.first_seen),
            last_seen=float(state.last_seen),
            detections=int(state.detections),
            box=_box(state.box),
            shots=int(state.shots),
            confirmed=bool(state.confirmed),
            ended=bool(state.ended),
            due=bool(state.due),
        )

    def value(self) -> TrackState:
        """As the pipeline knows it."""
        return TrackState(**self.model_dump())


def picture(text: str | bytes) -> bytes:
    """The bytes of a base64 text. Raises ValueError where it is none."""
    try:
        return b64decode(text, validate=True)
    except Base64Error:
        raise ValueError("is no base64") from None  # binascii's own words say where, which helps nobody


def _box(box: Box) -> Box:
    x, y, width, height = box
    return (float(x), float(y), float(width), float(height))


def _landmarks(points: FloatArray) -> Landmarks:
    """Of any shape: the model says what is wrong with another than (5, 2)."""
    return cast("Landmarks", tuple(tuple(point) if isinstance(point, list) else point for point in points.tolist()))


DETECTIONS_JSON: TypeAdapter[list[DetectionWire]] = TypeAdapter(
    Annotated[list[DetectionWire], Field(max_length=DETECTIONS)]
)
TRACKS_JSON: TypeAdapter[list[TrackWire]] = TypeAdapter(Annotated[list[TrackWire], Field(max_length=TRACKS)])
COUNT_JSON: TypeAdapter[int] = TypeAdapter(Count, config=ConfigDict(strict=True))
MEDIA_TIME_JSON: TypeAdapter[float] = TypeAdapter(MediaTime, config=ConfigDict(strict=True, allow_inf_nan=False))
FLAG_JSON: TypeAdapter[bool] = TypeAdapter(bool, config=ConfigDict(strict=True))
SIZE_JSON: TypeAdapter[tuple[int, int]] = TypeAdapter(FrameSize, config=ConfigDict(strict=True))
