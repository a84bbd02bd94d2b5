"""From faces in frames to tracks: which faces of successive frames are one person's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from uuid import UUID

import numpy as np
import supervision as sv
from trackers import ByteTrackTracker
from trackers.utils.iou import BIoU

from sightline.domain.faces import Faces
from sightline.domain.frames import Frame
from sightline.domain.ports import NewId
from sightline.domain.tracks import DetectedFrame, TrackedFrame
from sightline.pipeline.cuts import is_cut

SMALLEST_STEP = 1e-3
"""Seconds that a frame advances the motion model by at least: time stamps may repeat."""


@dataclass(frozen=True, slots=True)
class TrackRules:
    """How faces are joined into tracks.

    min_hits: detections that confirm a track. max_age: seconds of media time without detection after
    which it ends. frame_rate: analysed frames per second, the motion model's unit. buffer_ratio: share
    of its size by which a box grows on every side before overlap is measured (buffered IoU, Yang et al.,
    WACV 2023), because at 5 frames per second a face moves more than its width; min_overlap: the
    overlap of grown boxes that joins them. min_score_to_start: a face with a lower detector score
    continues tracks but starts none.
    """

    min_hits: int = 3
    max_age: float = 2.0
    frame_rate: float = 5.0
    buffer_ratio: float = 0.5
    min_overlap: float = 0.1
    min_score_to_start: float = 0.0


@dataclass(frozen=True, slots=True)
class TrackEnds:
    """Tracks that are over: ended were confirmed, dropped were not."""

    ended: tuple[UUID, ...] = ()
    dropped: tuple[UUID, ...] = ()


@dataclass(slots=True)
class _Track:
    track_id: UUID
    last_seen: float
    detections: int = 0


class TrackStage:
    """Faces to tracks: ByteTrack per camera, with ids of our own and ends by media time.

    A frame that the motion gate kept back moves nothing: faces seen in the last analysed frame count
    as still there. A discontinuity, a change of size, time that runs backwards or a cut ends all tracks
    of the camera.
    """

    consumes = DetectedFrame
    produces = TrackedFrame

    def __init__(self, new_id: NewId, rules: TrackRules | None = None) -> None:
        self._new_id = new_id
        self._rules = rules or TrackRules()
        self._cameras: dict[str, _CameraTracks] = {}

    def process(self, batch: Sequence[DetectedFrame]) -> list[TrackedFrame]:
        """Give every face its track's id. Faces that start no track are left out."""
        return [self._camera(detected.frame.camera_id).follow(detected) for detected in batch]

    def close(self, camera_id: str) -> TrackEnds:
        """End all tracks of a camera and drop what is known of it."""
        camera = self._cameras.pop(camera_id, None)
        return camera.end_all() if camera else TrackEnds()

    def _camera(self, camera_id: str) -> "_CameraTracks":
        if camera_id not in self._cameras:
            self._cameras[camera_id] = _CameraTracks(self._new_id, self._rules)
        return self._cameras[camera_id]


class _CameraTracks:
    """The live tracks of one camera. Tracks carry numbers of ours inside the tracker, ids outside."""

    def __init__(self, new_id: NewId, rules: TrackRules) -> None:
        self._new_id = new_id
        self._rules = rules
        self._tracker = self._new_tracker()
        self._numbers = count()
        self._tracks: dict[int, _Track] = {}
        self._present: set[int] = set()
        self._clock = 0.0
        self._last: Frame | None = None

    def follow(self, detected: DetectedFrame) -> TrackedFrame:
        """Take one frame further."""
        frame = detected.frame
        interrupted = self._last is not None and _interrupts(self._last, frame)
        ends = self.end_all() if interrupted else self._expire(frame.media_time, analysed=detected.analysed)
        step = frame.media_time - self._last.media_time if self._last else 0.0
        self._last = frame
        if not detected.analysed:
            return TrackedFrame(frame, Faces.none(), (), (), ends.ended, analysed=False, dropped=ends.dropped)
        self._clock += min(max(step, SMALLEST_STEP), self._rules.max_age)
        rows, numbers = self._associate(detected.faces)
        confirmed = self._note(numbers, frame.media_time)
        return TrackedFrame(
            frame,
            detected.faces.take(np.array(rows, dtype=np.intp)),
            tuple(self._tracks[number].track_id for number in numbers),
            confirmed,
            ends.ended,
            dropped=ends.dropped,
        )

    def end_all(self) -> TrackEnds:
        """End every track and forget all motion."""
        ends = self._ends(self._tracks.values())
        self._tracker = self._new_tracker()
        self._tracks.clear()
        self._present.clear()
        return ends

    def _new_tracker(self) -> ByteTrackTracker:
        rules = self._rules
        return ByteTrackTracker(
            lost_track_buffer=max(1, round(rules.max_age * 30)),  # the library counts in frames of 30 per second
            frame_rate=rules.frame_rate,
            track_activation_threshold=rules.min_score_to_start,
            high_conf_det_threshold=rules.min_score_to_start,
            minimum_consecutive_frames=1,  # we confirm by detections, in _note
            minimum_iou_threshold=rules.min_overlap,
            iou=BIoU(buffer_ratio=rules.buffer_ratio),
        )

    def _associate(self, faces: Faces) -> tuple[list[int], list[int]]:
        """Rows of faces that belong to tracks, and the numbers of these tracks."""
        detections = sv.Detections(xyxy=faces.boxes, confidence=faces.scores, data={"row": np.arange(len(faces))})
        found = self._tracker.update(detections, timestamp=self._clock)
        if found.tracker_id is None or not len(found):
            return [], []
        rows = [int(row) for row in found.data["row"]]
        numbers = [int(number) for number in found.tracker_id]
        self._name_newborn(numbers)
        kept = [place for place, number in enumerate(numbers) if number >= 0]
        return [rows[place] for place in kept], [numbers[place] for place in kept]

    def _name_newborn(self, numbers: list[int]) -> None:
        """Number the tracks that this update started, in place of -1.

        The library numbers a track at its second detection and appends new tracks in the order of the
        last unnumbered rows; we number at birth, so that the first detection already belongs to a track.
        """
        newborn = [tracklet for tracklet in self._tracker.tracks if tracklet.tracker_id < 0]
        unnumbered = [place for place, number in enumerate(numbers) if number < 0]
        places = unnumbered[len(unnumbered) - len(newborn) :]
        for tracklet, place in zip(newborn, places, strict=True):
            tracklet.tracker_id = numbers[place] = next(self._numbers)

    def _note(self, numbers: list[int], media_time: float) -> tuple[UUID, ...]:
        """Count detections. The ids of tracks that this frame confirms."""
        self._present = set(numbers)
        confirmed = []
        for number in numbers:
            if number not in self._tracks:
                self._tracks[number] = _Track(self._new_id(), media_time)
            track = self._tracks[number]
            track.last_seen = media_time
            track.detections += 1
            if track.detections == self._rules.min_hits:
                confirmed.append(track.track_id)
        return tuple(confirmed)

    def _expire(self, media_time: float, *, analysed: bool) -> TrackEnds:
        if not analysed:
            for number in self._present:
                self._tracks[number].last_seen = media_time
        over = {
            number: track
            for number, track in self._tracks.items()
            if media_time - track.last_seen > self._rules.max_age
        }
        if over:
            self._tracks = {number: track for number, track in self._tracks.items() if number not in over}
            self._present -= over.keys()
            self._tracker.tracks = [tracklet for tracklet in self._tracker.tracks if tracklet.tracker_id not in over]
        return self._ends(over.values())

    def _ends(self, tracks: Iterable[_Track]) -> TrackEnds:
        over = list(tracks)
        ended = tuple(track.track_id for track in over if track.detections >= self._rules.min_hits)
        dropped = tuple(track.track_id for track in over if track.detections < self._rules.min_hits)
        return TrackEnds(ended, dropped)


def _interrupts(last: Frame, frame: Frame) -> bool:
    """Whether what was seen before says nothing about this frame."""
    return (
        frame.discontinuity
        or (frame.width, frame.height) != (last.width, last.height)
        or frame.media_time < last.media_time
        or is_cut(last.luma, frame.luma)
    )
