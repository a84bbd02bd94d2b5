"""The second half of the pipeline: from what was seen to who it is, told as events. It needs no frames."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sightline.domain.frames import Frame
from sightline.domain.gallery import Gallery, Match
from sightline.domain.quality import CaptureQuality
from sightline.domain.tracks import Box, FaceCrop, Observation, TrackEvent, TrackEventKind, TrackState
from sightline.pipeline.recognise import FaceMemory, RecogniseStage, Recognition

REPORTED_IMPROVEMENT = 0.01
"""Cosine similarity by which a match must improve before it is told again: less is the noise of one shot."""


@dataclass(frozen=True, slots=True, eq=False)
class TrackMemory:
    """All that is known of a live track, to go on with it elsewhere. quality, box: of its best shot; told: the match
    that was told last."""

    camera_id: str
    state: TrackState
    frame_size: tuple[int, int]
    quality: CaptureQuality | None
    box: Box
    told: Match
    face: FaceMemory | None


@dataclass(slots=True)
class _TrackRecord:
    """A track as its events tell it."""

    camera_id: str
    state: TrackState
    box: Box
    frame_size: tuple[int, int]
    quality: CaptureQuality | None = None
    recognition: Recognition | None = None
    reported: Match = field(default_factory=Match)
    best_frame: Frame | None = None

    def see(self, state: TrackState) -> None:
        self.state = state
        if self.quality is None:
            self.box = state.box

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

    def has_news(self) -> bool:
        """Whether the name changed, or its similarity improved enough to tell."""
        known, match = self.reported, self.match
        if match.subject != known.subject:
            return True
        if match.similarity is None or known.similarity is None:
            return False
        return match.similarity >= known.similarity + REPORTED_IMPROVEMENT


class ReportStage:
    """Recognise, and tell what is new of each track.

    A track is reported from its confirmation on: TRACK once, MATCH when it is named, when its name changes
    (to none, where a new gallery no longer holds the subject) or its similarity improves, UPDATE when only its
    best shot is a better one, or when nothing was told for a while, END once. One thread at a time calls process;
    replace_gallery may be called from any.
    """

    consumes = Observation
    produces = TrackEvent

    def __init__(self, recognise: RecogniseStage) -> None:
        self._recognise = recognise
        self._records: dict[UUID, _TrackRecord] = {}
        self.matches: Counter[str] = Counter()

    @property
    def model_version(self) -> str:
        """The embedder's."""
        return self._recognise.model_version

    def process(self, batch: Sequence[Observation]) -> list[TrackEvent]:
        """Take observations in; those of one camera stand in order of time."""
        crops = [crop for seen in batch for crop in seen.crops]
        recognitions = self._recognise.process(crops)
        for seen in batch:
            for state in seen.tracks:
                self._see(seen, state)
        for crop in crops:
            self._records[crop.track_id].take_shot(crop)
        for recognition in recognitions:
            self._records[recognition.track_id].recognition = recognition
        told = [*self._confirmations(batch), *self._news(recognitions)]
        return [*told, *self._updates(batch), *self._endings(batch)]

    def replace_gallery(self, gallery: Gallery) -> None:
        """Search another gallery from the next batch on. Any thread may call this. Raises GalleryInvalid."""
        self._recognise.replace_gallery(gallery)

    def memory(self) -> dict[UUID, TrackMemory]:
        """What is known of all live tracks."""
        faces = self._recognise.memory()
        return {
            track_id: TrackMemory(
                record.camera_id,
                record.state,
                record.frame_size,
                record.quality,
                record.box,
                record.reported,
                faces.get(track_id),
            )
            for track_id, record in self._records.items()
        }

    def restore(self, tracks: Mapping[UUID, TrackMemory], *, is_current: bool = True) -> None:
        """Go on with tracks of which only this is known. is_current: their matches are those of today's gallery."""
        known = {track_id: memory.face for track_id, memory in tracks.items() if memory.face is not None}
        recognitions = self._recognise.restore(known, is_current=is_current)
        for track_id, memory in tracks.items():
            self._records[track_id] = _TrackRecord(
                memory.camera_id,
                memory.state,
                memory.box,
                memory.frame_size,
                memory.quality,
                recognitions.get(track_id),
                memory.told,
            )

    def forget(self, tracks: Iterable[UUID]) -> None:
        """Drop what is known of these tracks; nothing is told."""
        for track_id in tracks:
            self._records.pop(track_id, None)
            self._recognise.forget([track_id])

    def _see(self, seen: Observation, state: TrackState) -> None:
        record = self._records.get(state.track_id)
        if record is None:
            record = _TrackRecord(seen.camera_id, state, state.box, seen.frame_size)
            self._records[state.track_id] = record
        record.see(state)

    def _confirmations(self, batch: Sequence[Observation]) -> list[TrackEvent]:
        return [
            self._event(TrackEventKind.TRACK, self._records[state.track_id], seen.media_time)
            for seen in batch
            for state in seen.tracks
            if state.confirmed
        ]

    def _news(self, recognitions: Sequence[Recognition]) -> list[TrackEvent]:
        events = []
        for recognition in recognitions:
            record = self._records[recognition.track_id]
            if record.has_news():
                self._recount(record)
                record.reported = record.match
                events.append(self._event(TrackEventKind.MATCH, record, record.state.last_seen))
        return events

    def _updates(self, batch: Sequence[Observation]) -> list[TrackEvent]:
        """Tracks whose best shot is a new one that no other event of this batch has shown, and those that have been
        in view for a while without any news."""
        touched = dict.fromkeys(state.track_id for seen in batch for state in seen.tracks)
        due = {state.track_id for seen in batch for state in seen.tracks if state.due and not state.ended}
        records = [(track_id, self._records[track_id]) for track_id in touched]
        return [
            self._event(TrackEventKind.UPDATE, record, record.state.last_seen)
            for track_id, record in records
            if record.best_frame is not None or track_id in due
        ]

    def _recount(self, record: _TrackRecord) -> None:
        before, now = record.reported.subject, record.match.subject
        if before == now:
            return
        if before is not None:
            self.matches[before] -= 1
        if now is not None:
            self.matches[now] += 1

    def _endings(self, batch: Sequence[Observation]) -> list[TrackEvent]:
        events = []
        for seen in batch:
            for state in seen.tracks:
                if state.ended:
                    record = self._records.pop(state.track_id)
                    moment = state.last_seen if seen.closed else seen.media_time
                    events.append(self._event(TrackEventKind.END, record, moment))
        self._recognise.forget([event.track_id for event in events])
        return events

    def _event(self, kind: TrackEventKind, record: _TrackRecord, media_time: float) -> TrackEvent:
        recognition, state = record.recognition, record.state
        return TrackEvent(
            kind=kind,
            track_id=state.track_id,
            camera_id=record.camera_id,
            media_time=media_time,
            first_seen=state.first_seen,
            last_seen=state.last_seen,
            detections=state.detections,
            box=record.box,
            frame_size=record.frame_size,
            quality=record.quality,
            match=record.match,
            template=recognition.template if recognition else None,
            model_version=self._recognise.model_version if recognition else "",
            best_frame=record.give_best_frame(),
        )
