"""Addresses of pictures for whoever asks: only those that they may see, for a purpose where the house wants one."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.api.deps import CurrentUser, ResourcesDep, SessionDep
from sightline.api.permissions import Permission, allows
from sightline.api.purpose import StatedPurpose
from sightline.services import runtime_settings
from sightline.services.media_links import Grant, MediaLinks, PictureKind


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
    if not allows(current, Permission.SEE_PICTURES):
        return PictureUrls(opened.links, None)
    return await urls_of(session, opened.links, user_id=current.user_id, purpose=purpose)


async def urls_of(
    session: AsyncSession, links: MediaLinks, *, user_id: UUID | None, purpose: str | None = None
) -> PictureUrls:
    """For somebody who may see pictures: none where the house wants a purpose and none is stated."""
    wanting = purpose is None and (await runtime_settings.get(session)).privacy.purpose_required
    return PictureUrls(links, None if wanting else user_id, purpose)


PictureUrlsDep = Annotated[PictureUrls, Depends(picture_urls)]
