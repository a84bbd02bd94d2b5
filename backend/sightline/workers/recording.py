"""From track events to sightings on record: pictures into the object store, rows into the database.

The analysing thread hands events over and goes on; an asynchronous loop writes the latest state of every track
that has news. A track counts as recorded only once its transaction is committed. When the database or the store
is gone, states wait (newer ones replace older ones of the same track) and are written when it is back.
"""

import asyncio
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sightline.core.config import Settings
from sightline.core.database import WORKER, Database
from sightline.core.errors import InvalidInput, ServiceUnavailable
from sightline.core.storage import ObjectStorage
from sightline.domain.frames import Frame
from sightline.domain.tracks import TrackEvent, TrackEventKind
from sightline.services.sightings import (
    MinuteCount,
    Recorded,
    RecordingPolicy,
    TrackRecord,
    UnknownPolicy,
    count_minutes,
    record_tracks,
)
from sightline.workers.clock import MediaClock, later, pause

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 0.25
"""How often news is written: a person sees a sighting within half a second, and a busy second is one transaction."""

MAX_BATCH = 200
"""Tracks per transaction."""

MAX_WAITING_PICTURES = 64
"""Frames held for tracks that wait to be written (1080p: 6 MB each when converted, 400 MB in all). Beyond it the
oldest waiting track keeps its row and loses its picture, which is counted."""

RETRY_SECONDS = (0.5, 1.0, 2.0, 4.0)
"""Pauses after failures in a row; the last one is repeated."""


def recording_policy(settings: Settings) -> RecordingPolicy:
    """What is kept, as the settings say."""
    rules = settings.recognition
    return RecordingPolicy(UnknownPolicy(rules.unknown), timedelta(hours=rules.unknown_hours), settings.alerts.cooldown)


class Publisher(Protocol):
    """Tells the world, after the commit."""

    async def publish(self, recorded: Recorded) -> None:
        """Say which sightings and alerts there are. Must not raise."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class _News:
    """The latest state of a track that is not on record yet, and the picture that goes with it."""

    record: TrackRecord
    frame: Frame | None = None


@dataclass(slots=True)
class RecordingCounters:
    """What a recorder did. lost_pictures: best shots that were given up because they waited too long or could not
    be encoded; refused: tracks, and counts of cameras per minute, that the database would not take."""

    written: int = 0
    alerts: int = 0
    failures: int = 0
    lost_pictures: int = 0
    refused: int = 0


class TrackRecorder:
    """Writes tracks of one worker. take() is for the analysing thread, run() for the event loop."""

    def __init__(
        self,
        database: Database,
        storage: ObjectStorage,
        clock: MediaClock,
        policy: RecordingPolicy,
        publisher: Publisher,
    ) -> None:
        self._database = database
        self._storage = storage
        self._clock = clock
        self._policy = policy
        self._publisher = publisher
        self._news: dict[UUID, _News] = {}
        self._first_seen: dict[UUID, datetime] = {}
        self._minutes: list[MinuteCount] = []
        self._lock = threading.Lock()
        self.counters = RecordingCounters()

    def take(self, events: Sequence[TrackEvent]) -> None:
        """Remember what is to be written. Called by the analysing thread; does no work."""
        with self._lock:
            for event in events:
                before = self._news.pop(event.track_id, None)
                news = _News(self._record(event), event.best_frame)
                self._news[event.track_id] = _merged(before, news) if before else news
            self._give_up_old_pictures()

    def count(self, counts: Sequence[MinuteCount]) -> None:
        """Add to what cameras counted."""
        with self._lock:
            self._minutes += counts

    async def run(self, stop: asyncio.Event) -> None:
        """Write news until stop is set and nothing waits, or until what waits cannot be written any more."""
        failures = 0
        while not stop.is_set() or self._waits():
            try:
                await self._flush()
                failures = 0
                await pause(stop, FLUSH_SECONDS)
            except ServiceUnavailable as error:
                failures += 1
                self.counters.failures += 1
                logger.warning("sightings wait to be written: %s", error.message)
                if stop.is_set():
                    raise
                await pause(stop, RETRY_SECONDS[min(failures, len(RETRY_SECONDS)) - 1])

    def _waits(self) -> bool:
        with self._lock:
            return bool(self._news or self._minutes)

    def _record(self, event: TrackEvent) -> TrackRecord:
        first_seen = self._first_seen.get(event.track_id)
        if first_seen is None:
            first_seen = self._clock.moment(event.camera_id, event.first_seen)
            self._first_seen[event.track_id] = first_seen
        closed = event.kind is TrackEventKind.END
        if closed:
            del self._first_seen[event.track_id]
        return TrackRecord(
            track_id=event.track_id,
            camera_id=UUID(event.camera_id),
            first_seen=first_seen,
            last_seen=later(first_seen, event.last_seen - event.first_seen),
            detections=event.detections,
            box=event.box,
            frame_width=event.frame_size[0],
            frame_height=event.frame_size[1],
            match=event.match,
            quality=event.quality.score if event.quality else None,
            template=event.template,
            model_version=event.model_version,
            closed=closed,
        )

    def _give_up_old_pictures(self) -> None:
        pictured = [track_id for track_id, news in self._news.items() if news.frame is not None]
        for track_id in pictured[: max(len(pictured) - MAX_WAITING_PICTURES, 0)]:
            self._news[track_id] = replace(self._news[track_id], frame=None)
            self.counters.lost_pictures += 1

    async def _flush(self) -> None:
        batch, minutes = self._take_batch()
        if not (batch or minutes):
            return
        try:
            for number, news in enumerate(batch):
                batch[number] = await self._with_pictures(news)
            await self._write([news.record for news in batch], minutes)
        except ServiceUnavailable:
            self._put_back(batch, minutes)
            raise

    def _take_batch(self) -> tuple[list[_News], list[MinuteCount]]:
        with self._lock:
            oldest = list(self._news)[:MAX_BATCH]
            minutes, self._minutes = self._minutes, []
            return [self._news.pop(track_id) for track_id in oldest], minutes

    def _put_back(self, batch: Sequence[_News], minutes: Sequence[MinuteCount]) -> None:
        """What could not be written waits again; of a track that has newer news only the picture is kept."""
        with self._lock:
            newer, self._news = self._news, {news.record.track_id: news for news in batch}
            for track_id, news in newer.items():
                before = self._news.pop(track_id, None)
                self._news[track_id] = _merged(before, news) if before else news
            self._minutes = [*minutes, *self._minutes]

    async def _write(self, records: Sequence[TrackRecord], minutes: list[MinuteCount]) -> None:
        """All in one transaction; what the database refuses (its camera was deleted, say) keeps nothing else back.

        minutes loses what was written, so that nothing is counted twice when the rest must wait.
        """
        try:
            recorded = await self._commit(records, minutes)
        except InvalidInput as error:
            await self._write_one_by_one(records, minutes, error)
            return
        minutes.clear()
        self.counters.written += len(records)
        self.counters.alerts += len(recorded.alerts)
        await self._publisher.publish(recorded)

    async def _write_one_by_one(
        self, records: Sequence[TrackRecord], minutes: list[MinuteCount], error: InvalidInput
    ) -> None:
        if len(records) + len(minutes) == 1:
            self.counters.refused += 1
            logger.error("a %s was refused by the database: %s", "track" if records else "count", error.message)
            return
        for record in records:
            await self._write((record,), [])
        while minutes:
            await self._write((), minutes[:1])
            del minutes[0]

    async def _commit(self, records: Sequence[TrackRecord], minutes: Sequence[MinuteCount]) -> Recorded:
        async with self._database.session(WORKER) as session:
            recorded = await record_tracks(session, tracks=records, policy=self._policy)
            await count_minutes(session, counts=minutes)
        return recorded

    async def _with_pictures(self, news: _News) -> _News:
        """Store the best shot; its objects exist before a row speaks of them."""
        known = news.record.match.subject is not None
        if news.frame is None or not (known or self._policy.unknown is not UnknownPolicy.COUNT):
            return replace(news, frame=None)
        folder = f"sightings/{news.record.first_seen:%Y/%m/%d}/{news.record.track_id}"
        try:
            crop, whole = await asyncio.to_thread(_encoded, news.frame, news.record, with_frame=known)
        except ValueError as error:  # the row counts for more than its picture
            self.counters.lost_pictures += 1
            logger.error("track %s stays without a picture: %s", news.record.track_id, error)
            return replace(news, frame=None)
        await self._storage.upload(f"{folder}/face.jpg", crop)
        frame_path = None
        if whole is not None:
            frame_path = f"{folder}/frame.jpg"
            await self._storage.upload(frame_path, whole)
        return _News(replace(news.record, image_path=f"{folder}/face.jpg", frame_path=frame_path))


def _encoded(frame: Frame, record: TrackRecord, *, with_frame: bool) -> tuple[bytes, bytes | None]:
    """The face, and for known people the whole frame: of strangers no more is kept than a person needs to be told."""
    from sightline.vision.crops import encode_jpeg, face_crop  # noqa: PLC0415 - loads OpenCV

    image = frame.pixels.bgr()
    return encode_jpeg(face_crop(image, record.box)), encode_jpeg(image) if with_frame else None


def _merged(before: _News, news: _News) -> _News:
    """The newer state, with the older one's picture where it has none of its own."""
    if news.frame is not None:
        return news
    older = before.record
    return _News(replace(news.record, image_path=older.image_path, frame_path=older.frame_path), before.frame)
