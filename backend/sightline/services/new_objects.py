"""Objects that a transaction writes: they stay when it commits, and go when it fails."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sightline.core.errors import StorageError
from sightline.core.storage import ObjectStorage

logger = logging.getLogger(__name__)


class NewObjects:
    """Remembers what was uploaded."""

    def __init__(self, storage: ObjectStorage) -> None:
        self._storage = storage
        self._keys: list[str] = []

    async def upload(self, key: str, data: bytes) -> None:
        """Store bytes under a key that is not in use. Raises StorageError."""
        self._keys.append(key)
        await self._storage.upload(key, data)

    async def discard(self) -> None:
        """Remove what was uploaded. A store that refuses is logged: the error that led here matters more."""
        try:
            await self._storage.delete(self._keys)
        except StorageError as error:
            logger.warning(
                "%d objects that no record speaks of could not be removed: %s", len(self._keys), error.message
            )


@asynccontextmanager
async def new_objects(storage: ObjectStorage) -> AsyncIterator[NewObjects]:
    """Enter it before the transaction: then it also sees a commit that fails, or a caller who hangs up."""
    objects = NewObjects(storage)
    try:
        yield objects
    except BaseException:
        await objects.discard()
        raise
