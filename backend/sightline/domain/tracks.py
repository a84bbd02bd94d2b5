"""A person's way through a camera's picture, from birth to end."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sightline.domain.arrays import FloatArray, ImageArray, require_shape
from sightline.domain.faces import Faces
from sightline.domain.frames import Frame
from sightline.domain.gallery import Match
from sightline.domain.quality import CaptureQuality

Box = tuple[float, float, float, float]
"""x, y, width, height in px of the frame."""


@dataclass(frozen=True, slots=True, eq=False)
class DetectedFrame:
    """A frame with the faces found in it. analysed is False when the motion gate let the frame pass unseen:
    then faces is empty and means nothing."""

    frame: Frame
    faces: Faces
    analysed: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class TrackedFrame:
    """A frame whose faces carry track ids: track_ids[i] belongs to faces row i.

    confirmed: tracks that reached the number of detections that makes them real, with this frame;
    ended: confirmed tracks that ended with this frame; dropped: tracks that died before they were confirmed.
    """

    frame: Frame
    faces: Faces
    track_ids: tuple[UUID, ...]
    confirmed: tuple[UUID, ...] = ()
    ended: tuple[UUID, ...] = ()
    analysed: bool = True
    dropped: tuple[UUID, ...] = ()

    def __post_init__(self) -> None:
        """Check that every face has a track id."""
        if len(self.faces) != len(self.track_ids):
            raise ValueError(f"{len(self.faces)} faces but {len(self.track_ids)} track ids")


@dataclass(frozen=True, slots=True, eq=False)
class FaceCrop:
    """A face cut out for recognition: aligned (v, 112, 112, 3) uint8 BGR, v views on the ArcFace template.

    landmarks (5, 2) px; frame is the picture it was cut out of; None where they are not at hand any more.
    """

    track_id: UUID
    camera_id: str
    media_time: float
    box: Box
    quality: CaptureQuality
    aligned: ImageArray
    frame: Frame | None = None
    landmarks: FloatArray | None = None

    def __post_init__(self) -> None:
        """Check the crop's shape."""
        require_shape("aligned", self.aligned, (None, 112, 112, 3))


@dataclass(frozen=True, slots=True)
class TrackState:
    """How far a confirmed track has come. first_seen, last_seen: media time in seconds; box: of its last detection.

    shots: crops that went on to recognition so far; confirmed, ended: by the observation that carries this state;
    due: nothing else was told of it for a while.
    """

    track_id: UUID
    first_seen: float
    last_seen: float
    detections: int
    box: Box
    shots: int = 0
    confirmed: bool = False
    ended: bool = False
    due: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What was seen in one frame: the confirmed tracks in it or ended by it, and their crops for recognition.

    frame_size: width, height in px. faces: found in the frame, also such that belong to no confirmed track;
    analysed is False when the motion gate let the frame pass unseen; closed: no frame at all, the camera is gone and
    media_time that of its last frame.
    """

    camera_id: str
    media_time: float
    frame_size: tuple[int, int]
    tracks: tuple[TrackState, ...] = ()
    crops: tuple[FaceCrop, ...] = ()
    faces: int = 0
    analysed: bool = True
    closed: bool = False

    @property
    def is_news(self) -> bool:
        """Whether recognition learns something from it."""
        return bool(self.crops) or any(track.confirmed or track.ended or track.due for track in self.tracks)


class TrackEventKind(StrEnum):
    """What happened to a track: it was confirmed, its answer changed or improved, it is still in view or
    gave a better picture without other news, it ended."""

    TRACK = "track"
    MATCH = "match"
    UPDATE = "update"
    END = "end"


@dataclass(frozen=True, slots=True, eq=False)
class TrackEvent:
    """One thing that happened to a confirmed track.

    first_seen, last_seen: media time in seconds. box, quality: the best shot's; frame_size: width, height in px of
    the pictures that the track lives in. template (512,) float32 fused over
    the track, None before the first embedding; model_version names the embedder that made it. best_frame: the
    frame of the best shot when it is a better one than at the event before, else None.
    """

    kind: TrackEventKind
    track_id: UUID
    camera_id: str
    media_time: float
    first_seen: float
    last_seen: float
    detections: int
    box: Box
    frame_size: tuple[int, int]
    quality: CaptureQuality | None
    match: Match
    template: FloatArray | None = None
    model_version: str = ""
    best_frame: Frame | None = None
