"""Addresses of pictures for whoever asks: only those that they may see, for a purpose where the house wants one."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.api.deps import CurrentUser, ResourcesDep, SessionDep
from sightline.api.permissions import Permission, Requires
from sightline.api.purpose import StatedPurpose
from sightline.core.database import Principal
from sightline.core.errors import Forbidden
from sightline.services import runtime_settings
from sightline.services.media_links import Grant, MediaLinks, PictureKind

_SEES = Requires(Permission.SEE_PICTURES)


@dataclass(frozen=True, slots=True)
class PictureUrls:
    """Makes addresses for one user; None instead of each where the user may see none."""

    links: MediaLinks
    user_id: UUID | None
    purpose: str | None = None

    def of(self, kind: PictureKind, record_id: UUID, *, kept: bool = True) -> str | None:
        """The address of a record's picture; None where none is kept."""
        if self.user_id is None or not kept:
            return None
        return self.links.url(Grant(kind, record_id, self.user_id, self.purpose))


async def picture_urls(
    session: SessionDep, opened: ResourcesDep, current: CurrentUser, purpose: StatedPurpose
) -> PictureUrls:
    """For the current user."""
    allowed = await _may_see(current)
    if allowed and purpose is None:
        allowed = not (await runtime_settings.get(session)).privacy.purpose_required
    return PictureUrls(opened.links, current.user_id if allowed else None, purpose)


async def urls_of(session: AsyncSession, links: MediaLinks, acting: Principal) -> PictureUrls:
    """For whoever may see pictures and states no purpose, being told of events: none where the house wants one."""
    wants_purpose = (await runtime_settings.get(session)).privacy.purpose_required
    return PictureUrls(links, None if wants_purpose else acting.user_id)


async def _may_see(current: CurrentUser) -> bool:
    try:
        await _SEES(current)
    except Forbidden:
        return False
    return True


PictureUrlsDep = Annotated[PictureUrls, Depends(picture_urls)]
