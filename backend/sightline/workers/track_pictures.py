"""Pictures of tracks in split mode: the face as it came in its message, and the whole frame of people who are known."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sightline.bus.ports import Bus
from sightline.core.storage import ObjectStorage
from sightline.services.sightings import RecordingPolicy, TrackRecord, UnknownPolicy
from sightline.workers.face_messages import JPEG_START, Shot
from sightline.workers.track_memory import Remembered

AT_ONCE = 16
"""Uploads at a time: a store across the network answers in 10 ms, a batch shall not take a second."""


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """A track after a batch: its record, what is remembered of it, and the shot that is to be shown of it, if any."""

    record: TrackRecord
    remembered: Remembered
    shot: Shot | None


class TrackPictures:
    """Stores pictures before rows speak of them."""

    def __init__(self, storage: ObjectStorage, bus: Bus, policy: RecordingPolicy) -> None:
        self._storage = storage
        self._bus = bus
        self._policy = policy
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def stored(self, tracks: Sequence[Settled]) -> list[Settled]:
        """These tracks with their pictures stored and named. Raises ServiceUnavailable."""
        wanted = [one.remembered.frame_ref for one in tracks if _is_known(one) and one.remembered.frame_ref]
        refs = list(dict.fromkeys(wanted))
        kept = dict(zip(refs, await self._bus.kept(refs), strict=True)) if refs else {}
        return list(await asyncio.gather(*(self._one(track, kept) for track in tracks)))

    async def _one(self, track: Settled, kept: Mapping[str, bytes | None]) -> Settled:
        record, remembered = track.record, track.remembered
        if not (_is_known(track) or self._policy.unknown is not UnknownPolicy.COUNT):
            return track
        folder = _folder(record.track_id, record)
        if track.shot is not None:
            record = replace(record, image_path=f"{folder}/face.jpg")
            remembered = replace(remembered, pictured=True)
            await self._upload(f"{folder}/face.jpg", track.shot.jpeg)
        if _is_known(track) and remembered.frame_ref is not None:
            whole = kept.get(remembered.frame_ref)
            remembered = replace(remembered, frame_ref=None)  # stored, or gone for good
            if whole is not None and whole.startswith(JPEG_START):
                record = replace(record, frame_path=f"{folder}/frame.jpg")
                await self._upload(f"{folder}/frame.jpg", whole)
        return replace(track, record=record, remembered=remembered)

    async def _upload(self, key: str, data: bytes) -> None:
        async with self._slots:
            await self._storage.upload(key, data)


def _is_known(track: Settled) -> bool:
    return track.record.match.subject is not None


def _folder(track_id: UUID, record: TrackRecord) -> str:
    return f"sightings/{record.first_seen:%Y/%m/%d}/{track_id}"
