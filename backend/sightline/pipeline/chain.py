"""The stages in a row: from frames of many cameras to what happened to their tracks."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sightline.domain.frames import Frame
from sightline.domain.gallery import Gallery, Match
from sightline.domain.quality import CaptureQuality
from sightline.domain.tracks import Box, FaceCrop, TrackedFrame, TrackEvent, TrackEventKind
from sightline.pipeline.best_shot import BestShotStage, box_of
from sightline.pipeline.detect import DetectStage
from sightline.pipeline.recognise import RecogniseStage, Recognition
from sightline.pipeline.track import TrackStage

REPORTED_IMPROVEMENT = 0.01
"""Cosine similarity by which a match must improve before it is told again: less is the noise of one shot."""

UPDATE_SECONDS = 10.0
"""Seconds of media time after which a track in view is told of again, so that a record's last_seen is never old."""


@dataclass(slots=True)
class PipelineCounters:
    """What went through a pipeline since its start. tracks: confirmed ones;
    matches: tracks per name that they bear."""

    frames: int = 0
    analysed_frames: int = 0
    faces: int = 0
    embedded: int = 0
    tracks: int = 0
    matches: Counter[str] = field(default_factory=Counter)
    faces_by_camera: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _TrackRecord:
    """A track as its events tell it."""

    track_id: UUID
    camera_id: str
    first_seen: float
    last_seen: float
    box: Box
    frame_size: tuple[int, int]
    detections: int = 0
    quality: CaptureQuality | None = None
    recognition: Recognition | None = None
    reported: Match = field(default_factory=Match)
    best_frame: Frame | None = None
    told_at: float | None = None

    def see(self, media_time: float, box: Box) -> None:
        self.last_seen = media_time
        self.detections += 1
        if self.quality is None:
            self.box = box

    def take_shot(self, crop: FaceCrop) -> None:
        if self.quality is None or crop.quality.score > self.quality.score:
            self.quality, self.box, self.best_frame = crop.quality, crop.box, crop.frame

    def give_best_frame(self) -> Frame | None:
        """The frame of the best shot, once: a frame is large, so it is kept no longer than its event."""
        frame, self.best_frame = self.best_frame, None
        return frame

    @property
    def match(self) -> Match:
        return self.recognition.match if self.recognition else Match()

    def is_overdue(self) -> bool:
        """Whether a track that was told of has been silent for long."""
        return self.told_at is not None and self.last_seen - self.told_at >= UPDATE_SECONDS

    def has_news(self) -> bool:
        """Whether the name changed, or its similarity improved enough to tell."""
        known, match = self.reported, self.match
        if match.subject != known.subject:
            return True
        if match.similarity is None or known.similarity is None:
            return False
        return match.similarity >= known.similarity + REPORTED_IMPROVEMENT


class Pipeline:
    """Detect, track, best shot, recognise: frames in, events out.

    A track is reported from its confirmation on: TRACK once, MATCH when it is named, when its name changes
    (to none, where a new gallery no longer holds the subject) or its similarity improves, UPDATE when only its
    best shot is a better one, or when nothing was told for UPDATE_SECONDS, END once. One thread at a time calls
    process and close; replace_gallery may be called from any.
    """

    def __init__(
        self, detect: DetectStage, track: TrackStage, best_shot: BestShotStage, recognise: RecogniseStage
    ) -> None:
        self._detect = detect
        self._track = track
        self._best_shot = best_shot
        self._recognise = recognise
        self._records: dict[UUID, _TrackRecord] = {}
        self.counters = PipelineCounters()

    def process(self, frames: Sequence[Frame]) -> list[TrackEvent]:
        """Take a batch of frames through all stages. Those of one camera stand in order of capture."""
        tracked = self._track.process(self._detect.process(frames))
        crops = self._best_shot.process(tracked)
        recognitions = self._recognise.process(crops)
        self._count(tracked, crops)
        for frame in tracked:
            self._see(frame)
        for crop in crops:
            self._records[crop.track_id].take_shot(crop)
        for recognition in recognitions:
            self._records[recognition.track_id].recognition = recognition
        told = [*self._confirmations(tracked), *self._news(recognitions)]
        return [*told, *self._updates(tracked, crops), *self._endings(tracked)]

    def replace_gallery(self, gallery: Gallery) -> None:
        """Search another gallery from the next batch on. Any thread may call this. Raises GalleryInvalid."""
        self._recognise.replace_gallery(gallery)

    def close(self, camera_id: str) -> list[TrackEvent]:
        """End all tracks of a camera, for example because it is gone, and drop what is known of it."""
        ends = self._track.close(camera_id)
        self._detect.close(camera_id)
        self._best_shot.forget([*ends.ended, *ends.dropped])
        return self._end(ends.ended, ends.dropped)

    def _count(self, tracked: Sequence[TrackedFrame], crops: Sequence[FaceCrop]) -> None:
        self.counters.frames += len(tracked)
        self.counters.analysed_frames += sum(frame.analysed for frame in tracked)
        self.counters.faces += sum(len(frame.faces) for frame in tracked)
        for frame in tracked:
            self.counters.faces_by_camera[frame.frame.camera_id] += len(frame.faces)
        self.counters.embedded += len(crops)
        self.counters.tracks += sum(len(frame.confirmed) for frame in tracked)

    def _see(self, tracked: TrackedFrame) -> None:
        media_time, camera_id = tracked.frame.media_time, tracked.frame.camera_id
        size = (tracked.frame.width, tracked.frame.height)
        for row, track_id in enumerate(tracked.track_ids):
            box = box_of(tracked.faces, row)
            if track_id not in self._records:
                self._records[track_id] = _TrackRecord(track_id, camera_id, media_time, media_time, box, size)
            self._records[track_id].see(media_time, box)

    def _confirmations(self, tracked: Sequence[TrackedFrame]) -> list[TrackEvent]:
        return [
            self._event(TrackEventKind.TRACK, self._records[track_id], frame.frame.media_time)
            for frame in tracked
            for track_id in frame.confirmed
        ]

    def _news(self, recognitions: Sequence[Recognition]) -> list[TrackEvent]:
        events = []
        for recognition in recognitions:
            record = self._records[recognition.track_id]
            if record.has_news():
                self._recount(record)
                record.reported = record.match
                events.append(self._event(TrackEventKind.MATCH, record, record.last_seen))
        return events

    def _updates(self, tracked: Sequence[TrackedFrame], crops: Sequence[FaceCrop]) -> list[TrackEvent]:
        """Tracks whose best shot is a new one that no other event of this batch has shown, and those that have been
        in view for a while without any news."""
        touched = {crop.track_id for crop in crops} | {one for frame in tracked for one in frame.track_ids}
        records = [self._records[track_id] for track_id in touched]
        return [
            self._event(TrackEventKind.UPDATE, record, record.last_seen)
            for record in records
            if record.best_frame is not None or record.is_overdue()
        ]

    def _recount(self, record: _TrackRecord) -> None:
        before, now = record.reported.subject, record.match.subject
        if before == now:
            return
        if before is not None:
            self.counters.matches[before] -= 1
        if now is not None:
            self.counters.matches[now] += 1

    def _endings(self, tracked: Sequence[TrackedFrame]) -> list[TrackEvent]:
        return [event for frame in tracked for event in self._end(frame.ended, frame.dropped, frame.frame.media_time)]

    def _end(self, ended: Iterable[UUID], dropped: Iterable[UUID], media_time: float | None = None) -> list[TrackEvent]:
        """End events of confirmed tracks; media_time None stands for when each was last seen."""
        records = [self._records.pop(track_id) for track_id in ended]
        events = [
            self._event(TrackEventKind.END, record, record.last_seen if media_time is None else media_time)
            for record in records
        ]
        for track_id in dropped:
            self._records.pop(track_id, None)
        self._recognise.forget([record.track_id for record in records])
        return events

    def _event(self, kind: TrackEventKind, record: _TrackRecord, media_time: float) -> TrackEvent:
        recognition = record.recognition
        record.told_at = record.last_seen
        return TrackEvent(
            kind=kind,
            track_id=record.track_id,
            camera_id=record.camera_id,
            media_time=media_time,
            first_seen=record.first_seen,
            last_seen=record.last_seen,
            detections=record.detections,
            box=record.box,
            frame_size=record.frame_size,
            quality=record.quality,
            match=record.match,
            template=recognition.template if recognition else None,
            model_version=self._recognise.model_version if recognition else "",
            best_frame=record.give_best_frame(),
        )
