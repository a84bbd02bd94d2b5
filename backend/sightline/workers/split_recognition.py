"""`sightline worker recognition`: names the faces that detection saw. Any number of replicas share one stream.

Each message goes to one of them; one that dies leaves its messages to the others. At least once, and nothing doubled:
see track_settling. While the database settles one batch, a thread decodes and embeds the next one.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from sightline.bus.poison import is_spent, spent_reason
from sightline.bus.ports import FACES, Consumer, Delivery
from sightline.core import metrics
from sightline.core.config import Settings
from sightline.core.database import WORKER
from sightline.core.errors import AppError, Conflict, MessageInvalid, ServiceUnavailable
from sightline.domain.gallery import Gallery
from sightline.domain.views import embed_views
from sightline.pipeline.recognise import EMBED_BATCH, RecogniseStage, RecognitionRules
from sightline.pipeline.report import ReportStage
from sightline.services import gallery
from sightline.services.sightings import existing_cameras
from sightline.services.thresholds import choose_threshold
from sightline.workers.clock import pause
from sightline.workers.face_messages import FaceReader, SeenFaces
from sightline.workers.galleries import changed_gallery
from sightline.workers.recording import recording_policy
from sightline.workers.remembering_embedder import RememberingEmbedder
from sightline.workers.together import follow
from sightline.workers.track_settling import Services, TrackSettler

if TYPE_CHECKING:
    from sightline.vision.loading import Models

logger = logging.getLogger(__name__)

GROUP = "recognition"
BATCH = 32
"""Messages at a time: each round trip is shared by so many, and the last of them waits half a second at most."""
WAIT_SECONDS = 0.25
"""How long a read waits; a new gallery is searched after that at the latest."""
ABANDONED_SECONDS = 8.0
"""A message that was taken, or held, so long ago and is not done: its worker is gone."""
HOLD_SECONDS = 2.0
"""How often a worker says that it still has what it took: while the database is away nobody else could do more with it,
and what is taken three times is set aside."""
HELD_SECONDS = 1.0
"""Work that is taken at once, at the pace of the last batch: a slow worker must be done long before its messages count
as abandoned, or others do the same work again, and what was taken three times is set aside."""
FIRST_BATCH = 8
CLAIM_SECONDS = 2.0
RETRY_SECONDS = 0.5

MESSAGES = metrics.counter("recognition_messages", "Messages about faces, by what became of them.", "outcome")
FACES_EMBEDDED = metrics.counter("recognition_faces", "Faces that were embedded.")


@dataclass(frozen=True, slots=True)
class _Batch:
    """Messages that were read and embedded, and those that cannot be, with the reason."""

    seen: list[SeenFaces]
    refused: list[tuple[Delivery, str]]

    def __len__(self) -> int:
        return len(self.seen) + len(self.refused)


class SplitRecognitionWorker:
    """One replica. run() lives until stop is set. name: of this worker among those of its kind."""

    def __init__(self, settings: Settings, services: Services, *, models: "Models", name: str) -> None:
        self._services = services
        self._consumer = Consumer(GROUP, name)
        rules = settings.recognition
        threshold = choose_threshold(models.curve, fmr=rules.fmr, min_similarity=rules.min_similarity)
        self._embedder = RememberingEmbedder(models.embedder)
        self._reader = FaceReader(models)
        stage = RecogniseStage(
            self._embedder,
            Gallery.empty(models.embedder.model_version),
            models.curve,
            RecognitionRules(threshold.min_similarity, top_k=rules.top_k),
        )
        self._settler = TrackSettler(ReportStage(stage), services, recording_policy(settings))
        self._fingerprint: int | None = None
        self._is_gallery_new = False
        self._cameras: frozenset[UUID] = frozenset()
        self._claimed_at = float("-inf")
        self._count = FIRST_BATCH
        self._in_hand: dict[str, Delivery] = {}
        self._preparing_since: float | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Take messages and put them on record until stop is set; what was begun is brought to its end."""
        metrics.PROCESS.expect("gallery")
        following = asyncio.create_task(
            follow(self._services.database, gallery.CHANGED, stop, self._search_current_gallery)
        )
        following.add_done_callback(lambda _task: stop.set())  # nobody names anybody by a gallery that stands still
        holding = asyncio.create_task(self._hold_on())
        holding.add_done_callback(lambda _task: stop.set())
        try:
            while self._fingerprint is None and not stop.is_set():
                await pause(stop, 0.02)
            await self._work(stop)
        finally:
            stop.set()
            holding.cancel()
            await asyncio.wait({holding})
            await following
        if not holding.cancelled():
            await holding

    async def _work(self, stop: asyncio.Event) -> None:
        settling: asyncio.Task[None] | None = None
        try:
            while not stop.is_set():
                deliveries = await self._take(stop)
                if settling is not None and (settling.done() or self._is_gallery_new):
                    await settling
                    settling = None
                if self._is_gallery_new:
                    await self._rematch()
                self._in_hand |= {delivery.id: delivery for delivery in deliveries}
                for group in _groups(deliveries):
                    begun = self._preparing_since = time.monotonic()
                    batch = await asyncio.to_thread(self._prepare, group)
                    self._preparing_since = None
                    if settling is not None:
                        await settling
                    self._count = _affordable(len(group), time.monotonic() - begun)
                    settling = asyncio.create_task(self._settle(batch, stop))
        finally:
            if settling is not None:
                await settling

    async def _hold_on(self) -> None:
        """Keep what is in hand from counting as abandoned. What the models hang at is not held: others set it aside."""
        while True:
            await asyncio.sleep(HOLD_SECONDS)
            since = self._preparing_since
            if not self._in_hand or (since is not None and time.monotonic() - since > ABANDONED_SECONDS):
                continue
            try:
                await self._services.bus.hold(self._consumer, list(self._in_hand.values()))
            except ServiceUnavailable as error:
                logger.warning("messages in hand may count as abandoned: %s", error.message)

    async def _take(self, stop: asyncio.Event) -> list[Delivery]:
        """Messages that others left behind, now and then; else new ones."""
        bus, now = self._services.bus, asyncio.get_running_loop().time()
        try:
            if now - self._claimed_at >= CLAIM_SECONDS:
                self._claimed_at = now
                claimed = await bus.claim(self._consumer, [FACES], idle=ABANDONED_SECONDS, count=self._count)
                if claimed:
                    self._claimed_at = float("-inf")
                    logger.info("took over %d messages that were not finished", len(claimed))
                    return claimed
            return await bus.read(self._consumer, [FACES], count=self._count, wait=WAIT_SECONDS)
        except ServiceUnavailable as error:
            logger.warning("waiting for the stream of faces: %s", error.message)
            await pause(stop, RETRY_SECONDS)
            return []

    def _prepare(self, deliveries: Sequence[Delivery]) -> _Batch:
        """On a thread: decode, cut, embed."""
        seen, refused = [], []
        for delivery in deliveries:
            try:
                if is_spent(delivery):
                    raise MessageInvalid(spent_reason(delivery))
                seen.append(self._reader.read(delivery))
            except MessageInvalid as error:
                refused.append((delivery, error.message))
        usable = []
        for message, reason in zip(seen, self._flaws(seen), strict=True):
            if reason is None:
                usable.append(message)
            else:
                refused.append((message.delivery, reason))
        return _Batch(usable, refused)

    def _flaws(self, seen: Sequence[SeenFaces]) -> list[str | None]:
        """Embed, which is remembered until it is settled; per message why it cannot be used."""
        crops = [shot.crop.aligned for message in seen for shot in message.shots]
        are_numbers: list[bool] = []
        for start in range(0, len(crops), EMBED_BATCH):
            embeddings = embed_views(self._embedder, crops[start : start + EMBED_BATCH])
            are_numbers += [bool(np.isfinite(embedding).all()) for embedding in embeddings]
        FACES_EMBEDDED.inc(len(crops))
        each = iter(are_numbers)
        bad = [[number for number, _ in enumerate(message.shots) if not next(each)] for message in seen]
        return [f"detections.{numbers[0]}.face_crop: the model makes no embedding of it" if numbers else None
            for numbers in bad]  # fmt: skip

    async def _settle(self, batch: _Batch, stop: asyncio.Event) -> None:
        """Until it is on record and acknowledged; after stop only once more: others take over what is left."""
        while True:
            try:
                await self._settle_once(batch)
                return
            except (ServiceUnavailable, Conflict) as error:
                logger.warning("%d messages wait: %s", len(batch), error.message)
                if stop.is_set():
                    return
                await pause(stop, RETRY_SECONDS)

    async def _settle_once(self, batch: _Batch) -> None:
        """What is done with leaves the batch, so that nothing is done twice when the rest must wait: good messages come
        first, for a Redis server that is full has no room for poison until they are gone."""
        strangers = await self._unknown_cameras(batch.seen)
        for message in [message for message in batch.seen if message.camera_id in strangers]:
            batch.refused.append((message.delivery, f"camera_id: there is no camera {message.camera_id}"))
            batch.seen.remove(message)
        if batch.seen:
            await self._record(batch.seen)
            batch.seen.clear()
        while batch.refused:
            delivery, reason = batch.refused[0]
            await self._set_aside(delivery, reason)
            del batch.refused[0]

    async def _record(self, seen: list[SeenFaces]) -> None:
        """All at once; what the database refuses keeps nothing else back."""
        try:
            await self._settler.settle(seen)
        except (ServiceUnavailable, Conflict):
            raise
        except AppError as error:
            if len(seen) == 1:
                logger.error("a message about faces was refused: %s", error.message)
                await self._set_aside(seen[0].delivery, error.message)
                return
            while seen:
                await self._record(seen[:1])
                del seen[0]
            return
        await self._services.bus.acknowledge(self._consumer, [message.delivery for message in seen])
        self._let_go(message.delivery for message in seen)
        MESSAGES.labels("recorded").inc(len(seen))

    async def _unknown_cameras(self, seen: Sequence[SeenFaces]) -> frozenset[UUID]:
        asked = frozenset(message.camera_id for message in seen) - self._cameras
        if asked:
            async with self._services.database.session(WORKER) as session:
                self._cameras |= await existing_cameras(session, camera_ids=asked)
        return asked - self._cameras

    async def _set_aside(self, delivery: Delivery, reason: str) -> None:
        await self._services.bus.set_aside(self._consumer, delivery, reason)
        self._let_go([delivery])
        MESSAGES.labels("set_aside").inc()

    def _let_go(self, deliveries: Iterable[Delivery]) -> None:
        for delivery in deliveries:
            self._in_hand.pop(delivery.id, None)

    async def _rematch(self) -> None:
        self._is_gallery_new = False
        try:
            await self._settler.rematch()
        except (ServiceUnavailable, Conflict) as error:  # each is matched anew with its next message anyway
            logger.warning("tracks in view wait for the new gallery: %s", error.message)

    async def _search_current_gallery(self) -> None:
        version, known = self._embedder.model_version, self._fingerprint
        fingerprint, people = await changed_gallery(self._services.database, model_version=version, known=known)
        if people is None:
            return
        await asyncio.to_thread(self._settler.replace_gallery, people, fingerprint)
        self._is_gallery_new = known is not None
        self._fingerprint = fingerprint
        metrics.PROCESS.ready("gallery")


def _affordable(messages: int, seconds: float) -> int:
    """How many messages to take next, when so many took so long."""
    return max(1, min(BATCH, round(messages * HELD_SECONDS / max(seconds, 1e-3))))


def _groups(deliveries: Sequence[Delivery]) -> list[list[Delivery]]:
    """New messages together; each that somebody took before on its own, for it may be what ended its worker."""
    fresh = [delivery for delivery in deliveries if delivery.tries <= 1]
    again = [[delivery] for delivery in deliveries if delivery.tries > 1]
    return [*([fresh] if fresh else []), *again]
