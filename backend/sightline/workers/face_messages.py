"""From messages about faces to observations: crops decoded, cut into views, judged where nobody judged them."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from uuid import UUID

import numpy as np

from sightline.bus.codec import decode_faces
from sightline.bus.ports import Delivery
from sightline.core.errors import ImageRejected, MessageInvalid
from sightline.domain.arrays import FloatArray, ImageArray
from sightline.domain.faces import Faces
from sightline.domain.messages import DetectedFace, FacesMessage
from sightline.domain.quality import CaptureQuality
from sightline.domain.tracks import FaceCrop, Observation, TrackState
from sightline.domain.views import cut_views
from sightline.services.face_images import FaceModels, find_faces, principal_face
from sightline.vision.crops import encode_jpeg
from sightline.vision.images import ImageLimits, load_image

CROP_LIMITS = ImageLimits(max_bytes=8 * 1024 * 1024, max_pixels=9_000_000, min_side_px=8)
"""A face that fills a 4K picture; small ones are the rule, and whoever cut them out said that they are worth it."""

JPEG_START = b"\xff\xd8\xff"

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""Between these a clock may be wrong; beyond, PostgreSQL and datetime run out of range."""

MOST_DETECTIONS = 2**31 - 1
"""An integer of PostgreSQL."""

ARCFACE_SIDE = 112.0
ARCFACE_POINTS = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)
"""Where landmarks lie in a face that fills its picture: for crops on which no detector finds any."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A crop ready for recognition, with the JPEG that it came as and the name under which its frame is kept."""

    crop: FaceCrop
    jpeg: bytes
    frame_ref: str | None


@dataclass(frozen=True, slots=True, eq=False)
class SeenFaces:
    """A message as recognition takes it. own: tracks that consist of this message alone."""

    delivery: Delivery
    camera_id: UUID
    timestamp: datetime
    media_time: float
    frame_size: tuple[int, int]
    states: tuple[TrackState, ...]
    shots: tuple[Shot, ...]
    own: frozenset[UUID]
    closed: bool

    @property
    def track_ids(self) -> frozenset[UUID]:
        """Every track that it speaks of."""
        return frozenset(state.track_id for state in self.states)

    def observation(self, wanted: frozenset[UUID]) -> Observation:
        """What it says of these tracks. Their end is left out: whoever remembers tracks says when they are over."""
        states = tuple(replace(state, ended=False) for state in self.states if state.track_id in wanted)
        crops = tuple(shot.crop for shot in self.shots if shot.crop.track_id in wanted)
        return Observation(str(self.camera_id), self.media_time, self.frame_size, states, crops, closed=self.closed)


class FaceReader:
    """Reads messages with the models of a pack. Any thread may call it, one at a time."""

    def __init__(self, models: FaceModels) -> None:
        self._models = models

    def read(self, delivery: Delivery) -> SeenFaces:
        """A message in full. Raises MessageInvalid for what nobody can work on, with the reason."""
        message = decode_faces(delivery.fields)
        if not EARLIEST <= message.timestamp <= LATEST:
            raise MessageInvalid("timestamp: is no time of this or the next century", hint="Set the sender's clock.")
        media_time = message.timestamp.timestamp() if message.media_time is None else message.media_time
        tracks = {state.track_id: _bounded(state) for state in message.tracks}
        shots: list[Shot] = []
        own: set[UUID] = set()
        for number, face in enumerate(message.detections):
            track_id = face.track_id
            if track_id is None:
                track_id = own_track(message, number)
                own.add(track_id)
            shot = self._shot(message, number, track_id, media_time)
            shots.append(shot)
            if track_id not in tracks:
                tracks[track_id] = _lone_state(track_id, shot.crop, face, ended=track_id in own)
        return SeenFaces(
            delivery,
            message.camera_id,
            message.timestamp,
            media_time,
            message.frame_size or _least_frame(message, tracks.values()),
            tuple(tracks.values()),
            tuple(shots),
            frozenset(own),
            message.closed,
        )

    def _shot(self, message: FacesMessage, number: int, track_id: UUID, media_time: float) -> Shot:
        face = message.detections[number]
        try:
            image = load_image(face.face_crop, CROP_LIMITS)
        except ImageRejected as error:
            raise MessageInvalid(f"detections.{number}.face_crop: {error.message}", hint=error.hint) from error
        landmarks = self._landmarks(image) if face.landmarks is None else face.landmarks
        crop = FaceCrop(
            track_id=track_id,
            camera_id=str(message.camera_id),
            media_time=media_time if face.media_time is None else face.media_time,
            box=face.bbox,
            quality=self._quality(image, landmarks, face),
            aligned=cut_views(self._models.aligner, image, landmarks),
            landmarks=landmarks,
        )
        jpeg = face.face_crop if face.face_crop.startswith(JPEG_START) else encode_jpeg(image)
        return Shot(crop, jpeg, face.frame_ref)

    def _landmarks(self, image: ImageArray) -> FloatArray:
        """Found again on the crop; where nothing is found the face is taken to fill it."""
        faces = find_faces(image, self._models.detector)
        index = principal_face(faces, image)
        if index is not None:
            return np.asarray(faces.landmarks[index], np.float32)
        height, width = image.shape[:2]
        return np.asarray(ARCFACE_POINTS * (np.array([width, height], np.float32) / ARCFACE_SIDE), np.float32)

    def _quality(self, image: ImageArray, landmarks: FloatArray, face: DetectedFace) -> CaptureQuality:
        if face.quality is not None:
            return face.quality
        height, width = image.shape[:2]
        found = Faces(
            np.array([[0, 0, width, height]], np.float32), landmarks[None], np.array([face.confidence], np.float32)
        )
        (assessed,) = self._models.quality.assess(found, self._models.aligner.align(image, landmarks[None]))
        return replace(assessed, score=float(np.clip(face.quality_score, 0.0, 1.0)))


def own_track(message: FacesMessage, number: int) -> UUID:
    """The id of a detection without a track: a UUIDv7 made of what it says, so that it is the same however often, and
    by whomever, it is delivered."""
    face = message.detections[number]
    digest = blake2b(digest_size=10)
    for part in (message.camera_id.bytes, message.timestamp.isoformat().encode(), repr(face.bbox).encode()):
        digest.update(part)
    digest.update(face.face_crop)
    milliseconds = int(message.timestamp.timestamp() * 1000)
    random = int.from_bytes(digest.digest(), "big")
    upper, lower = random >> 68, random & (2**62 - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | upper << 64 | 0b10 << 62 | lower)


def _lone_state(track_id: UUID, crop: FaceCrop, face: DetectedFace, *, ended: bool) -> TrackState:
    """The state of a track of which the message tells only by this face."""
    moment = crop.media_time
    return TrackState(track_id, moment, moment, 1, face.bbox, shots=1, confirmed=ended, ended=ended)


def _bounded(state: TrackState) -> TrackState:
    return replace(state, detections=min(state.detections, MOST_DETECTIONS))


def _least_frame(message: FacesMessage, states: Iterable[TrackState]) -> tuple[int, int]:
    """The smallest frame that holds all boxes, where the message does not say."""
    boxes = [*(face.bbox for face in message.detections), *(state.box for state in states)]
    width = max((math.ceil(x + w) for x, _, w, _ in boxes), default=1)
    height = max((math.ceil(y + h) for _, y, _, h in boxes), default=1)
    return max(width, 1), max(height, 1)
