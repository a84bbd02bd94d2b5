"""A house of painted people before recognition workers: streams in memory, PostgreSQL, Redis and the store are real."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from redis.asyncio import Redis
from sqlalchemy import text
from uuid_utils.compat import uuid7

from sightline.bus.codec import encode_faces
from sightline.bus.memory import MemoryBus
from sightline.bus.ports import FACES, Consumer, Delivery
from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database
from sightline.core.storage import ObjectStorage
from sightline.domain.arrays import FloatArray, ImageArray, normalise
from sightline.domain.faces import Faces
from sightline.domain.messages import DetectedFace, FacesMessage
from sightline.domain.quality import CaptureQuality
from sightline.domain.tracks import TrackState
from sightline.models import Camera, Subject
from sightline.services import subjects
from sightline.services.sightings import Recorded
from sightline.vision.crops import encode_jpeg
from sightline.vision.loading import Models
from sightline.workers.split_recognition import SplitRecognitionWorker
from sightline.workers.track_memory import TrackStore
from sightline.workers.track_settling import Services
from tests.pipeline.fakes import CURVE
from tests.support.database import template_of

MODEL = "painted-1"
SPREAD = 20
"""Grey levels between two people's colours: JPEG moves them by one or two."""
LANDMARKS = np.array([[28, 32], [52, 32], [40, 44], [30, 56], [50, 56]], np.float32)
BOX = (100.0, 50.0, 40.0, 40.0)
BEGIN = 100.0
"""Media time of the first frame."""


def crop_of(person: int, likeness: float = 1.0) -> bytes:
    """JPEG of a painted face; likeness 0 to 1: how much of the template is the person's."""
    image = np.empty((80, 80, 3), np.uint8)
    image[:] = (person * SPREAD, round(likeness * 10) * SPREAD, 60)
    return encode_jpeg(image, 100)


class ColourDetector:
    """Finds one face in every picture."""

    def detect(self, images: Sequence[ImageArray]) -> list[Faces]:
        return [self._faces(image) for image in images]

    @staticmethod
    def _faces(image: ImageArray) -> Faces:
        box = np.array([[0, 0, image.shape[1], image.shape[0]]], np.float32)
        return Faces(box, LANDMARKS[None], np.array([0.9], np.float32))


class ColourAligner:
    """The picture's own colour."""

    def align(self, image: ImageArray, landmarks: FloatArray) -> ImageArray:
        return np.broadcast_to(image[40, 40], (len(landmarks), 112, 112, 3)).copy()


class FullQuality:
    """Nothing is wrong with any face."""

    def assess(self, faces: Faces, aligned: ImageArray) -> list[CaptureQuality]:
        return [CaptureQuality(0.9, 24, 1, 1, 1, 0.9, 0, 0, 0) for _ in aligned]


class ColourEmbedder:
    """The person's template, and somebody else's in it where the likeness is less than 1."""

    model_version = MODEL

    def __init__(self) -> None:
        self.embedded = 0

    def embed(self, aligned: ImageArray) -> FloatArray:
        self.embedded += len(aligned)
        return np.stack([self._one(view[0, 0]) for view in aligned])

    @staticmethod
    def _one(colour: ImageArray) -> FloatArray:
        person, likeness = round(colour[0] / SPREAD), round(colour[1] / SPREAD) / 10
        return normalise(likeness * template_of(person) + (1 - likeness) * template_of(1000))


class WatchedBus(MemoryBus):
    """Counts what was acknowledged and set aside; fails where a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.reasons: list[str] = []
        self.dies_at_acknowledge = False

    async def acknowledge(self, consumer: Consumer, deliveries: Sequence[Delivery]) -> None:
        if self.dies_at_acknowledge:
            raise Killed
        await super().acknowledge(consumer, deliveries)
        self.done += [delivery.id for delivery in deliveries]

    async def set_aside(self, consumer: Consumer, delivery: Delivery, reason: str) -> None:
        await super().set_aside(consumer, delivery, reason)
        self.reasons.append(reason)


class Killed(Exception):
    """As kill -9 would end a worker."""


class Told:
    """Takes what is published."""

    def __init__(self) -> None:
        self.recorded: list[Recorded] = []

    async def publish(self, recorded: Recorded) -> None:
        self.recorded.append(recorded)


@dataclass
class Scene:
    """One camera in a hall, and recognition behind it."""

    settings: Settings
    database: Database
    storage: ObjectStorage
    redis: Redis
    camera: Camera
    bus: WatchedBus = field(default_factory=WatchedBus)
    told: Told = field(default_factory=Told)
    embedder: ColourEmbedder = field(default_factory=ColourEmbedder)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    published: int = 0

    def worker(self, name: str = "one") -> SplitRecognitionWorker:
        models = Models(ColourDetector(), ColourAligner(), FullQuality(), self.embedder, CURVE, "painted")
        services = Services(self.database, self.storage, self.bus, TrackStore(self.redis), self.told)
        return SplitRecognitionWorker(self.settings, services, models=models, name=name)

    @asynccontextmanager
    async def working(self, *names: str) -> AsyncIterator[None]:
        stop = asyncio.Event()
        running = [asyncio.create_task(self.worker(name).run(stop)) for name in names or ("one",)]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*running)

    async def until(self, true: Callable[[], Awaitable[object]]) -> None:
        async with asyncio.timeout(20):
            while not await true():
                await asyncio.sleep(0.02)

    async def until_done(self) -> None:
        """Every message so far is acknowledged or set aside."""

        async def is_so() -> bool:
            return len(self.bus.done) + len(self.bus.reasons) >= self.published

        await self.until(is_so)

    async def send(self, *messages: FacesMessage) -> None:
        await self.send_fields(*(encode_faces(message) for message in messages))

    async def send_fields(self, *fields: Any) -> None:
        await self.bus.publish(FACES, fields, limit=10_000)
        self.published += len(fields)

    async def play(self, *messages: FacesMessage) -> None:
        """Send them, and let one worker come to their end."""
        await self.send(*messages)
        async with self.working():
            await self.until_done()

    def said(
        self,
        track_id: UUID,
        second: float,
        *faces: tuple[int, float],
        likeness: float = 1.0,
        confirmed: bool = False,
        ended: bool = False,
        frame_ref: str | None = None,
    ) -> FacesMessage:
        """What detection says of a track: faces are persons and the quality of their shots."""
        now = BEGIN + second
        state = TrackState(
            track_id, BEGIN, now, 1 + round(second * 5), BOX, len(faces), confirmed=confirmed, ended=ended
        )
        seen = tuple(
            DetectedFace(
                BOX,
                0.9,
                crop_of(person, likeness),
                quality,
                track_id,
                now + 0.01 * number,
                LANDMARKS,
                CaptureQuality(quality, 24, 1, 1, 1, 0.9, 0, 0, 0),
                frame_ref,
            )
            for number, (person, quality) in enumerate(faces)
        )
        moment = self.began + timedelta(seconds=second)
        return FacesMessage(self.camera.id, moment, seen, now, (640, 360), (state,))

    async def enrol(self, person: int) -> Subject:
        async with self.database.session(SYSTEM) as session:
            subject = await subjects.create(session, name=f"Person {person}")
            await subjects.add_template(
                session, subject_id=subject.id, new=subjects.NewTemplate(template_of(person), MODEL)
            )
            return subject

    async def rows(self) -> list[dict[str, Any]]:
        async with self.database.session(SYSTEM) as session:
            found = await session.execute(text("SELECT * FROM sightings ORDER BY detected_at, id"))
            return [dict(row) for row in found.mappings()]

    async def row(self) -> dict[str, Any]:
        (only,) = await self.rows()
        return only

    async def recognitions(self) -> int:
        async with self.database.session(SYSTEM) as session:
            return int(await session.scalar(text("SELECT coalesce(sum(recognitions), 0) FROM camera_minute_counters")))


def new_track() -> UUID:
    return uuid7()
