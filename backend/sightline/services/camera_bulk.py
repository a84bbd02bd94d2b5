"""One change of several cameras: each stands alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import translate
from sightline.core.errors import AppError
from sightline.services import cameras


class BulkAction(StrEnum):
    """What is done with each."""

    ENABLE = "enable"
    DISABLE = "disable"
    DELETE = "delete"
    SET_GROUP = "set_group"


@dataclass(frozen=True, slots=True)
class BulkResult:
    """How it went with one camera. code, detail: why not."""

    id: UUID
    done: bool
    code: str | None = None
    detail: str | None = None


async def change(
    session: AsyncSession, *, ids: Sequence[UUID], action: BulkAction, group_id: UUID | None = None
) -> list[BulkResult]:
    """Do it with each, in the order of ids. What fails for one is undone for that one only."""
    return [await _one(session, camera_id, action, group_id) for camera_id in ids]


async def _one(session: AsyncSession, camera_id: UUID, action: BulkAction, group_id: UUID | None) -> BulkResult:
    try:
        async with session.begin_nested():
            await _do(session, camera_id, action, group_id)
    except DBAPIError as error:
        known = translate(error)
        if not isinstance(known, AppError):
            raise
        return BulkResult(camera_id, done=False, code=known.code, detail=known.message)
    except AppError as error:
        return BulkResult(camera_id, done=False, code=error.code, detail=error.message)
    return BulkResult(camera_id, done=True)


async def _do(session: AsyncSession, camera_id: UUID, action: BulkAction, group_id: UUID | None) -> None:
    match action:
        case BulkAction.ENABLE | BulkAction.DISABLE:
            await cameras.switch_detection(session, camera_id=camera_id, enabled=action is BulkAction.ENABLE)
        case BulkAction.DELETE:
            await cameras.remove(session, name_or_id=str(camera_id))
        case BulkAction.SET_GROUP:
            await cameras.move(session, camera_id=camera_id, group_id=group_id)
