"""What a worker that shares its work with others stands on."""

from dataclasses import dataclass

from redis.asyncio import Redis

from sightline.bus.ports import Bus
from sightline.core.database import WORKER, Database
from sightline.services import camera_leases
from sightline.workers.events import EventPublisher


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Opened and closed by the process. name: of this worker among those of its stage."""

    database: Database
    client: Redis
    bus: Bus
    publisher: EventPublisher
    name: str

    async def next_token(self) -> int:
        """A fencing token that is higher than all before. Raises ServiceUnavailable."""
        async with self.database.session(WORKER) as session:
            return await camera_leases.next_token(session)
