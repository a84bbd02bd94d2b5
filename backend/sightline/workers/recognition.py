"""`sightline worker fused`: the recognition worker of one machine.

It takes its share of the cameras from the database, follows changes of cameras and gallery while it runs, and
records what it sees. Nothing heavy is loaded before it has a camera.
"""

import asyncio
import contextlib
import logging
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sightline.core.config import Settings
from sightline.core.database import WORKER, Database
from sightline.core.errors import AppError, ServiceUnavailable
from sightline.core.storage import ObjectStorage
from sightline.domain.frames import Frame
from sightline.domain.gallery import Gallery
from sightline.domain.regions import Regions
from sightline.domain.tracks import TrackEvent, TrackEventKind
from sightline.media.supervisor import CameraState, SupervisorStatus
from sightline.pipeline.detect import RuleBook
from sightline.services import cameras, gallery
from sightline.services.sightings import MinuteCount, RecordingPolicy, UnknownPolicy
from sightline.vision.loading import Models, load_models
from sightline.vision.model_packs.store import PackStore
from sightline.vision.runtime import RuntimeOptions
from sightline.workers.camera_plans import PlannedCamera, RefusedCamera, plan_cameras, share_of
from sightline.workers.clock import MediaClock
from sightline.workers.events import EventPublisher
from sightline.workers.fused import FusedWorker
from sightline.workers.recording import TrackRecorder
from sightline.workers.wiring import build_pipeline, camera_rules, choose_threshold

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""How often changes are looked for when no notice arrives: a watchlist that expires sends none. Changes shall be in
force within 2 s."""

STATUS_SECONDS = 1.0
"""How often the cameras' states are compared with what the database knows."""

SEEN_SECONDS = 30.0
"""How often a state that stays as it is is written again."""

RETRY_SECONDS = 1.0
"""Pause before the database is tried again."""


@dataclass(frozen=True, slots=True)
class Share:
    """Which part of the cameras is this worker's: every count-th, from index on."""

    index: int = 0
    count: int = 1


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
        share: Share = Share(),
        load: Callable[[Settings], Models] | None = None,
    ) -> None:
        """load: makes the models, by default those of the pack in the settings."""
        self._settings = settings
        self._database = database
        self._publisher = publisher
        self._share = share
        self._load = load or load_pack
        self._clock = MediaClock()
        policy = settings.recognition
        self._recorder = TrackRecorder(
            database,
            storage,
            self._clock,
            RecordingPolicy(
                UnknownPolicy(policy.unknown), timedelta(hours=policy.unknown_hours), settings.alerts.cooldown
            ),
            publisher,
        )
        self._counted = _Counted()
        self._faces: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._analysis: _Analysis | None = None
        self._known: dict[UUID, tuple[str, str]] = {}
        self._refused: tuple[RefusedCamera, ...] = ()

    async def run(self, stop: asyncio.Event) -> None:
        """Watch, recognise and record until stop is set. Raises what the analysis raises."""
        recording_stop = asyncio.Event()
        recording = asyncio.create_task(self._recorder.run(recording_stop))
        try:
            async with self._stopped_with(stop):
                await self._follow(stop)
        finally:
            if self._analysis is not None:
                await asyncio.to_thread(self._analysis.stop)
            self._count_up()
            recording_stop.set()
            await recording

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
        while not stop.is_set():
            try:
                async with self._database.changes(gallery.CHANGED, gallery.CAMERAS_CHANGED) as changes:
                    await self._apply_changes(stop, changes)
            except ServiceUnavailable as error:
                logger.warning("waiting for the database: %s", error.message)
                await _pause(stop, RETRY_SECONDS)

    async def _apply_changes(self, stop: asyncio.Event, changes: AsyncIterator[str]) -> None:
        fingerprint: int | None = None
        notice = asyncio.ensure_future(anext(changes))
        try:
            while not stop.is_set():
                await self._watch_wanted_cameras()
                if self._analysis is not None:
                    fingerprint = await self._search_current_gallery(self._analysis, fingerprint)
                self._raise_if_failed()
                await asyncio.wait({notice}, timeout=LOOK_SECONDS)
                if notice.done():
                    notice.result()
                    notice = asyncio.ensure_future(anext(changes))
        finally:
            notice.cancel()
            with contextlib.suppress(asyncio.CancelledError, AppError, StopAsyncIteration):
                await notice

    async def _watch_wanted_cameras(self) -> None:
        async with self._database.session(WORKER) as session:
            sources = await cameras.sources(session)
        own = share_of(sources, index=self._share.index, count=self._share.count)
        planned, self._refused = plan_cameras(own, self._settings)
        if self._analysis is None:
            if not planned:
                return
            self._analysis = await self._start_analysis()
        self._analysis.watch(planned)

    async def _start_analysis(self) -> "_Analysis":
        models = await asyncio.to_thread(self._load, self._settings)
        async with self._database.session(WORKER) as session:
            people = await gallery.load_gallery(session, model_version=models.embedder.model_version)
        return _Analysis(models, people, self._settings, on_events=self._take, on_frames=self._note)

    async def _search_current_gallery(self, analysis: "_Analysis", known: int | None) -> int:
        """Load the gallery again when it has changed; gives its fingerprint."""
        version = analysis.model_version
        async with self._database.session(WORKER) as session:
            fingerprint = await gallery.fingerprint(session, model_version=version)
            if fingerprint == known:
                return fingerprint
            people = await gallery.load_gallery(session, model_version=version)
        analysis.replace_gallery(people)
        logger.info("the gallery holds %d templates of %d subjects", len(people), len(set(people.subjects)))
        return fingerprint

    def _raise_if_failed(self) -> None:
        if self._analysis is not None and self._analysis.error is not None:
            raise self._analysis.error

    def _note(self, frames: Sequence[Frame]) -> None:
        """On the analysing thread: which frames are about to be analysed."""
        self._clock.note(frames)
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
            await _pause(stop, STATUS_SECONDS)
            self._raise_if_failed()
            self._count_up()
            try:
                await self._write_states(written_at)
            except ServiceUnavailable as error:
                logger.warning("camera states wait to be written: %s", error.message)

    async def _write_states(self, written_at: dict[UUID, datetime]) -> None:
        now = datetime.now(UTC)
        states = self._states()
        for camera_id, (status, message, info) in states.items():
            is_news = self._known.get(camera_id) != (status, message)
            is_old = now - written_at.get(camera_id, datetime.min.replace(tzinfo=UTC)) > timedelta(seconds=SEEN_SECONDS)
            if not (is_news or is_old):
                continue
            async with self._database.session(WORKER) as session:
                await cameras.set_status(
                    session,
                    camera_id=camera_id,
                    status=status,
                    message=message,
                    fps=info.info.fps if info and info.info else None,
                    resolution=f"{info.info.width}x{info.info.height}" if info and info.info else None,
                )
            self._known[camera_id], written_at[camera_id] = (status, message), now
            if is_news:
                await self._publisher.publish_camera(camera_id, status)

    def _states(self) -> dict[UUID, tuple[str, str, SupervisorStatus | None]]:
        states: dict[UUID, tuple[str, str, SupervisorStatus | None]] = {
            refused.source.id: ("error", refused.error, None) for refused in self._refused
        }
        for status in self._analysis.statuses() if self._analysis else ():
            states[UUID(status.camera_id)] = (*_in_words(status), status)
        return states

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


class _Analysis:
    """The pipeline and the thread that runs it."""

    def __init__(
        self,
        models: Models,
        people: Gallery,
        settings: Settings,
        *,
        on_events: Callable[[Sequence[TrackEvent]], None],
        on_frames: Callable[[Sequence[Frame]], None],
    ) -> None:
        rules = settings.recognition
        threshold = choose_threshold(models.curve, fmr=rules.fmr, min_similarity=rules.min_similarity)
        self.model_version = models.embedder.model_version
        self.error: BaseException | None = None
        self._rules = RuleBook(camera_rules(settings, Regions()))
        self._pipeline = build_pipeline(models, people, threshold, settings, rules=self._rules)
        self._worker = FusedWorker(
            [], self._pipeline, settings.capture, on_events=on_events, on_frames=on_frames, stay=True
        )
        self._thread = threading.Thread(target=self._run, name="analysis", daemon=True)
        self._thread.start()

    def watch(self, planned: Sequence[PlannedCamera]) -> None:
        """Watch these cameras from now on."""
        for camera in planned:
            self._rules.put(camera.plan.camera_id, camera.rules)
        self._worker.replace_cameras([camera.plan for camera in planned])

    def replace_gallery(self, people: Gallery) -> None:
        """Search these people from now on."""
        self._pipeline.replace_gallery(people)

    def statuses(self) -> list[SupervisorStatus]:
        """How the cameras are."""
        return self._worker.statuses()

    def faces_by_camera(self) -> Counter[str]:
        """Faces found so far."""
        return Counter(self._pipeline.counters.faces_by_camera)

    def stop(self) -> None:
        """End all tracks and the thread."""
        self._worker.stop()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._worker.run()
        except BaseException as error:  # noqa: BLE001 - handed to the event loop, which ends the worker with it
            self.error = error


def load_pack(settings: Settings) -> Models:
    """The pack of the settings, one thread per session: there is a worker per core. Warmed up."""
    pack = PackStore.from_settings(settings).get(settings.recognition.pack)
    models = load_models(pack.folder, pack.manifest, RuntimeOptions(threads=1))
    models.warm_up()
    return models


def _in_words(status: SupervisorStatus) -> tuple[str, str]:
    """A camera's state as the database knows states, and why."""
    reason = status.last_failure.error.message if status.last_failure else ""
    match status.state:
        case CameraState.ONLINE:
            return "active", ""
        case CameraState.ERROR:
            return "error", reason
        case CameraState.RECONNECTING:
            return "inactive", f"reconnecting: {reason}"
        case CameraState.CONNECTING:
            return "inactive", "connecting"
        case CameraState.ENDED | CameraState.STOPPED:
            return "inactive", "ended"


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
