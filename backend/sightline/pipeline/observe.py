"""The first half of the pipeline: from frames to what was seen in them. It runs where the frames are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sightline.domain.frames import Frame
from sightline.domain.tracks import Box, FaceCrop, Observation, TrackedFrame, TrackState
from sightline.pipeline.best_shot import BestShotStage, box_of
from sightline.pipeline.detect import DetectStage
from sightline.pipeline.track import TrackStage

UPDATE_SECONDS = 10.0
"""Seconds of media time after which a track in view is told of again, so that a record's last_seen is never old."""


@dataclass(slots=True)
class _Course:
    """A track's way so far."""

    track_id: UUID
    camera_id: str
    first_seen: float
    last_seen: float
    box: Box
    detections: int = 0
    shots: int = 0
    best_score: float = float("-inf")
    told_at: float | None = None

    def see(self, media_time: float, box: Box) -> None:
        self.last_seen, self.box = media_time, box
        self.detections += 1

    def take(self, crops: Sequence[FaceCrop]) -> bool:
        """Count shots; whether the best one so far is among them, of which a report tells by itself."""
        best = max((crop.quality.score for crop in crops), default=float("-inf"))
        is_better = best > self.best_score
        self.shots, self.best_score = self.shots + len(crops), max(best, self.best_score)
        return is_better

    @property
    def is_confirmed(self) -> bool:
        return self.told_at is not None

    @property
    def is_due(self) -> bool:
        return self.told_at is not None and self.last_seen - self.told_at >= UPDATE_SECONDS


@dataclass(slots=True)
class _LastFrame:
    media_time: float
    size: tuple[int, int]


@dataclass(slots=True)
class _Marks:
    """What is special about tracks of one observation."""

    confirmed: frozenset[UUID] = frozenset()
    ended: frozenset[UUID] = frozenset()
    crops: tuple[FaceCrop, ...] = ()


class ObserveStage:
    """Detect, track, best shot: one observation per frame, and one more when a camera is gone.

    Crops of a track go on from its confirmation on, so no observation speaks of a track that is not confirmed.
    """

    consumes = Frame
    produces = Observation

    def __init__(self, detect: DetectStage, track: TrackStage, best_shot: BestShotStage) -> None:
        self._detect = detect
        self._track = track
        self._best_shot = best_shot
        self._courses: dict[UUID, _Course] = {}
        self._last: dict[str, _LastFrame] = {}

    def process(self, batch: Sequence[Frame]) -> list[Observation]:
        """Look at frames. Those of one camera stand in order of capture."""
        return [
            self._observed(tracked, self._best_shot.process([tracked]))
            for tracked in self._track.process(self._detect.process(batch))
        ]

    def close(self, camera_id: str) -> list[Observation]:
        """End all tracks of a camera and drop what is known of it; nothing where it had none."""
        ends = self._track.close(camera_id)
        self._detect.close(camera_id)
        self._best_shot.forget([*ends.ended, *ends.dropped])
        last = self._last.pop(camera_id, None)
        states = self._states(ends.ended, _Marks(ended=frozenset(ends.ended)))
        self._forget([*ends.ended, *ends.dropped])
        if last is None or not states:
            return []
        return [Observation(camera_id, last.media_time, last.size, states, analysed=False, closed=True)]

    def _observed(self, tracked: TrackedFrame, crops: Sequence[FaceCrop]) -> Observation:
        frame = tracked.frame
        self._last[frame.camera_id] = _LastFrame(frame.media_time, (frame.width, frame.height))
        for row, track_id in enumerate(tracked.track_ids):
            self._see(track_id, frame, box_of(tracked.faces, row))
        marks = _Marks(frozenset(tracked.confirmed), frozenset(tracked.ended), tuple(crops))
        present = dict.fromkeys((*tracked.track_ids, *(crop.track_id for crop in crops), *tracked.ended))
        states = self._states(present, marks)
        self._forget([*tracked.ended, *tracked.dropped])
        return Observation(
            frame.camera_id,
            frame.media_time,
            (frame.width, frame.height),
            states,
            tuple(crops),
            faces=len(tracked.faces),
            analysed=tracked.analysed,
        )

    def _see(self, track_id: UUID, frame: Frame, box: Box) -> None:
        if track_id not in self._courses:
            self._courses[track_id] = _Course(track_id, frame.camera_id, frame.media_time, frame.media_time, box)
        self._courses[track_id].see(frame.media_time, box)

    def _states(self, tracks: Iterable[UUID], marks: _Marks) -> tuple[TrackState, ...]:
        states = []
        for course in (self._courses[track_id] for track_id in tracks):
            is_better = course.take([crop for crop in marks.crops if crop.track_id == course.track_id])
            state = self._state(course, marks)
            if not (course.is_confirmed or state.confirmed):
                continue
            if state.confirmed or state.due or is_better:
                course.told_at = course.last_seen
            states.append(state)
        return tuple(states)

    @staticmethod
    def _state(course: _Course, marks: _Marks) -> TrackState:
        return TrackState(
            track_id=course.track_id,
            first_seen=course.first_seen,
            last_seen=course.last_seen,
            detections=course.detections,
            box=course.box,
            shots=course.shots,
            confirmed=course.track_id in marks.confirmed,
            ended=course.track_id in marks.ended,
            due=course.is_due,
        )

    def _forget(self, tracks: Iterable[UUID]) -> None:
        for track_id in tracks:
            self._courses.pop(track_id, None)
