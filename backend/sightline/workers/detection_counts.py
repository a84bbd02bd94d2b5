"""Counters per camera and minute of what detection saw; recognition adds whom it named."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sightline.core.database import WORKER, Database
from sightline.core.errors import InvalidInput, ServiceUnavailable
from sightline.domain.tracks import Observation
from sightline.services.sightings import MinuteCount, count_minutes

logger = logging.getLogger(__name__)

MOST_WAITING = 100_000
"""Counts that wait for the database, at most: 50 cameras for a day and a half. Beyond, they are dropped."""


@dataclass(slots=True)
class _Count:
    frames: int = 0
    faces: int = 0
    tracks: int = 0


class DetectionCounts:
    """add() counts, write() hands over; what the database does not take waits."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[tuple[UUID, datetime], _Count] = {}

    def add(self, seen: Observation) -> None:
        """Count the observation of a frame, in the minute that it is now."""
        minute = datetime.now(UTC).replace(second=0, microsecond=0)
        count = self._waiting.setdefault((UUID(seen.camera_id), minute), _Count())
        count.frames += 1
        count.faces += seen.faces
        count.tracks += sum(state.confirmed for state in seen.tracks)

    async def write(self) -> None:
        """Add what was counted to the database's counters; without a database it waits."""
        counts, self._waiting = self._waiting, {}
        if not counts:
            return
        rows = [
            MinuteCount(camera_id, minute, count.frames, count.faces, count.tracks, 0)
            for (camera_id, minute), count in counts.items()
        ]
        try:
            await self._write(rows)
        except ServiceUnavailable as error:
            logger.warning("counters wait for the database: %s", error.message)
            self._put_back(counts)

    async def _write(self, rows: Sequence[MinuteCount]) -> None:
        """All at once; one by one where a camera among them was deleted meanwhile."""
        try:
            async with self._database.session(WORKER) as session:
                await count_minutes(session, counts=rows)
        except InvalidInput as error:
            if len(rows) == 1:
                logger.info("a count is dropped: %s", error.message)
                return
            for row in rows:
                await self._write([row])

    def _put_back(self, counts: dict[tuple[UUID, datetime], _Count]) -> None:
        for key, count in counts.items():
            if len(self._waiting) >= MOST_WAITING:
                return
            now = self._waiting.setdefault(key, _Count())
            now.frames += count.frames
            now.faces += count.faces
            now.tracks += count.tracks
