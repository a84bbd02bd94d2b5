"""`sightline worker fused`: the recognition worker of one machine.

It takes its share of the cameras from the database, follows changes of cameras and gallery while it runs, and
records what it sees. Nothing heavy is loaded before it has a camera.
"""

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sightline.core import metrics
from sightline.core.config import Settings
from sightline.core.database import SYSTEM, WORKER, Database
from sightline.core.errors import ServiceUnavailable
from sightline.core.sealing import open_sealer
from sightline.core.storage import ObjectStorage
from sightline.domain.frames import Frame
from sightline.domain.tracks import TrackEvent, TrackEventKind
from sightline.services import camera_secrets, cameras, gallery
from sightline.services.sightings import MinuteCount
from sightline.workers.camera_plans import CameraWords, RefusedCamera, plan_cameras, share_of
from sightline.workers.clock import MediaClock, pause
from sightline.workers.events import EventPublisher
from sightline.workers.galleries import changed_gallery, load_people
from sightline.workers.recording import TrackRecorder, recording_policy
from sightline.workers.snapshots import SnapshotMaker
from sightline.workers.together import apply_changes

if TYPE_CHECKING:
    from sightline.workers.analysis import Analysis

logger = logging.getLogger(__name__)

STATUS_SECONDS = 1.0
"""How often the cameras' states are compared with what the database knows."""

SEEN_SECONDS = 30.0
"""How often a state that stays as it is is written again."""

RETRY_SECONDS = 1.0
"""Pause before the database is tried again."""
PART = "cameras"
"""What makes the process ready: it knows its cameras, and has its models where it has any camera."""


@dataclass(frozen=True, slots=True)
class Share:
    """Which part of the cameras is this worker's: one of count, from 0 on."""

    index: int = 0
    count: int = 1


LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Counted:
    """What was counted since the last time it was written."""

    frames: Counter[str] = field(default_factory=Counter)
    tracks: Counter[str] = field(default_factory=Counter)
    recognitions: Counter[str] = field(default_factory=Counter)
    named: set[UUID] = field(default_factory=set)


class RecognitionWorker:
    """One worker process. run() lives until stop is set; a failure of the analysis ends it with that error."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        storage: ObjectStorage,
        publisher: EventPublisher,
        *,
        snapshots: SnapshotMaker,
        share: Share = Share(),
    ) -> None:
        self._settings = settings
        self._database = database
        self._publisher = publisher
        self._share = share
        self._sealer = open_sealer(settings)
        self._snapshots = snapshots
        self._clock = MediaClock()
        self._recorder = TrackRecorder(
            database,
            storage,
            self._clock,
            recording_policy(settings),
            publisher,
        )
        self._counted = _Counted()
        self._faces: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._analysis: Analysis | None = None
        self._fingerprint: int | None = None
        self._known: dict[UUID, tuple[str, str]] = {}
        self._refused: tuple[RefusedCamera, ...] = ()

    async def run(self, stop: asyncio.Event) -> None:
        """Watch, recognise and record until stop is set. Raises what the analysis raises."""
        recording_stop = asyncio.Event()
        recording = asyncio.create_task(self._recorder.run(recording_stop))
        recording.add_done_callback(lambda _task: stop.set())  # nobody watches without a record
        try:
            async with self._stopped_with(stop):
                await self._follow(stop)
        finally:
            if self._analysis is not None:
                await asyncio.to_thread(self._analysis.stop)
            self._count_up()
            recording_stop.set()
            await recording
            await self._sign_off()

    @asynccontextmanager
    async def _stopped_with(self, stop: asyncio.Event) -> AsyncIterator[None]:
        """While inside, report the cameras' states; a failure in there ends the worker."""
        reporting = asyncio.create_task(self._report(stop))
        reporting.add_done_callback(lambda _task: stop.set())
        try:
            yield
        finally:
            stop.set()
            await reporting

    async def _follow(self, stop: asyncio.Event) -> None:
        """Keep cameras and gallery as the database has them."""
        metrics.PROCESS.expect(PART)
        while not stop.is_set():
            try:
                await self._seal_logins()
                async with self._database.changes(gallery.CHANGED, gallery.CAMERAS_CHANGED) as changes:
                    self._fingerprint = None
                    await apply_changes(changes, stop, self._apply)
            except ServiceUnavailable as error:
                logger.warning("waiting for the database: %s", error.message)
                metrics.PROCESS.unready(PART)
                await pause(stop, RETRY_SECONDS)

    async def _seal_logins(self) -> None:
        """Of cameras that were added before logins were sealed, or with an older key; one worker is enough."""
        if self._share.index > 0:
            return
        async with self._database.session(SYSTEM) as session:
            count = await camera_secrets.seal_plain(session, self._sealer)
        if count:
            logger.info("sealed the logins of %d cameras", count)

    async def _apply(self) -> None:
        """Watch the cameras that are wanted now, and search the gallery of now."""
        await self._watch_wanted_cameras()
        metrics.PROCESS.ready(PART)
        if self._analysis is not None:
            self._fingerprint = await self._search_current_gallery(self._analysis, self._fingerprint)
        self._raise_if_failed()

    async def _watch_wanted_cameras(self) -> None:
        async with self._database.session(WORKER) as session:
            sources = await cameras.sources(session, sealer=self._sealer)
        own = share_of(sources, index=self._share.index, count=self._share.count)
        planned, self._refused = plan_cameras(own, self._settings)
        if self._analysis is None:
            if not planned:
                return
            self._analysis = await self._start_analysis()
        self._analysis.watch(planned)

    async def _start_analysis(self) -> "Analysis":
        from sightline.workers.analysis import Analysis, load_pack  # noqa: PLC0415 - 120 MB that a worker without cameras spares

        models = await asyncio.to_thread(load_pack, self._settings)
        async with self._database.session(WORKER) as session:
            people = await load_people(session, models.embedder.model_version)
        return Analysis(models, people, self._settings, on_events=self._take, on_frames=self._note)

    async def _search_current_gallery(self, analysis: "Analysis", known: int | None) -> int:
        """Load the gallery again when it has changed; gives its fingerprint."""
        version = analysis.model_version
        fingerprint, people = await changed_gallery(self._database, model_version=version, known=known)
        if people is not None:
            analysis.replace_gallery(people)
        return fingerprint

    def _raise_if_failed(self) -> None:
        if self._analysis is not None and self._analysis.error is not None:
            raise self._analysis.error

    def _note(self, frames: Sequence[Frame]) -> None:
        """On the analysing thread: which frames are about to be analysed."""
        self._clock.note(frames)
        self._snapshots.note(frames)
        with self._lock:
            self._counted.frames.update(frame.camera_id for frame in frames)

    def _take(self, events: Sequence[TrackEvent]) -> None:
        """On the analysing thread: what happened."""
        self._recorder.take(events)
        with self._lock:
            for event in events:
                if event.kind is TrackEventKind.TRACK:
                    self._counted.tracks[event.camera_id] += 1
                if event.match.subject is not None and event.track_id not in self._counted.named:
                    self._counted.named.add(event.track_id)
                    self._counted.recognitions[event.camera_id] += 1
                if event.kind is TrackEventKind.END:
                    self._counted.named.discard(event.track_id)

    async def _report(self, stop: asyncio.Event) -> None:
        """Write the cameras' states and counters."""
        written_at: dict[UUID, datetime] = {}
        while not stop.is_set():
            await pause(stop, STATUS_SECONDS)
            self._raise_if_failed()
            self._count_up()
            try:
                await self._write_states(written_at)
                await self._snapshots.deliver()
            except ServiceUnavailable as error:
                logger.warning("camera states wait to be written: %s", error.message)

    async def _sign_off(self) -> None:
        """Say of every camera that nobody watches it now."""
        self._analysis, self._refused = None, ()
        try:
            await self._write_states({})
        except ServiceUnavailable as error:
            logger.warning("the cameras' last states stay as they are: %s", error.message)

    async def _write_states(self, written_at: dict[UUID, datetime]) -> None:
        now = datetime.now(UTC)
        states = self._states()
        left = self._known.keys() - {state.camera_id for state in states}
        for state in (*states, *(CameraWords(camera_id, "inactive", "not watched") for camera_id in left)):
            known = (state.status, state.message)
            is_news = self._known.get(state.camera_id) != known
            is_old = now - written_at.get(state.camera_id, LONG_AGO) > timedelta(seconds=SEEN_SECONDS)
            if not (is_news or is_old):
                continue
            async with self._database.session(WORKER) as session:
                await cameras.set_status(
                    session,
                    camera_id=state.camera_id,
                    status=state.status,
                    message=state.message,
                    fps=state.fps,
                    resolution=state.resolution,
                )
            self._known[state.camera_id], written_at[state.camera_id] = known, now
            if is_news:
                await self._publisher.publish_camera(state.camera_id)
        for camera_id in left:
            del self._known[camera_id]

    def _states(self) -> list[CameraWords]:
        refused = [CameraWords(camera.source.id, "error", camera.error) for camera in self._refused]
        return [*refused, *(self._analysis.states() if self._analysis else ())]

    def _count_up(self) -> None:
        """Hand over what was counted since the last time."""
        minute = datetime.now(UTC).replace(second=0, microsecond=0)
        with self._lock:
            counted, self._counted = self._counted, _Counted(named=self._counted.named)
        faces = Counter(self._analysis.faces_by_camera()) if self._analysis else Counter()
        fresh, self._faces = faces - self._faces, faces
        touched = {*counted.frames, *counted.tracks, *counted.recognitions, *fresh}
        self._recorder.count(
            [
                MinuteCount(
                    UUID(camera_id),
                    minute,
                    counted.frames[camera_id],
                    fresh[camera_id],
                    counted.tracks[camera_id],
                    counted.recognitions[camera_id],
                )
                for camera_id in sorted(touched)
            ]
        )
