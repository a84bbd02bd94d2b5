"""Erasing people, and the receipts that prove it."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from sightline.api.deps import PrincipalDep, ResourcesDep, SessionDep
from sightline.api.paging import Cursor, Limit, page_out, page_request, sort_parameter
from sightline.api.permissions import Permission, Requires
from sightline.api.resources import Resources
from sightline.api.routing import Router
from sightline.models import Erasure
from sightline.schemas.base import Page
from sightline.schemas.erasures import (
    ErasureDetail,
    ErasureIn,
    ErasureOut,
    Receipt,
    ReceiptCheck,
    ReceiptIn,
    ReceiptKeys,
)
from sightline.services import erasure
from sightline.services.erasure import ErasureServices
from sightline.services.receipts import ReceiptSigner, open_signer

router = Router(tags=["erasures"])


async def signer(opened: ResourcesDep) -> ReceiptSigner:
    """Who signs receipts here."""
    return open_signer(opened.settings)


SignerDep = Annotated[ReceiptSigner, Depends(signer)]


@router.delete("/subjects/{subject_id}", dependencies=[Depends(Requires(Permission.ERASE_SUBJECTS))])
async def erase_subject(
    subject_id: UUID, opened: ResourcesDep, acting: PrincipalDep, signs: SignerDep
) -> ErasureDetail:
    """Erase a person: templates, pictures, and every trace in sightings, alerts and the audit log. For ever.

    The answer holds the signed receipt; POST /v1/subjects/{id}/erase does the same and states a reason.
    """
    return await _erased(opened, acting, signs, subject_id, ErasureIn())


@router.post("/subjects/{subject_id}/erase", dependencies=[Depends(Requires(Permission.ERASE_SUBJECTS))])
async def erase_subject_with_reason(
    subject_id: UUID, order: ErasureIn, opened: ResourcesDep, acting: PrincipalDep, signs: SignerDep
) -> ErasureDetail:
    """Erase a person, and keep on record why. For ever.

    receipt is null where the object store or Redis is away: the person is gone from the database then, and the rest
    follows by itself; ask for the erasure again.
    """
    return await _erased(opened, acting, signs, subject_id, order)


@router.get("/erasures", dependencies=[Depends(Requires(Permission.READ_AUDIT))])
async def list_erasures(
    session: SessionDep,
    *,
    subject_id: Annotated[UUID | None, Query(description="Of this person, for whoever still knows the id.")] = None,
    sort: Annotated[str, sort_parameter(erasure.ORDERS)] = "-created_at",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ErasureOut]:
    """All erasures, the newest first."""
    page = page_request(sort=sort, limit=limit, cursor=cursor)
    return page_out(await erasure.list_erasures(session, page=page, subject_id=subject_id), ErasureOut.model_validate)


@router.get("/erasures/key", dependencies=[Depends(Requires(Permission.READ_AUDIT))])
async def get_receipt_keys(signs: SignerDep) -> ReceiptKeys:
    """The public keys of receipts: with them anybody can check one, without us."""
    return ReceiptKeys(keys=signs.public_keys())


@router.post("/erasures/verify", dependencies=[Depends(Requires(Permission.READ_AUDIT))])
async def verify_receipt(given: ReceiptIn, session: SessionDep, signs: SignerDep) -> ReceiptCheck:
    """Whether a receipt was signed here, is unchanged, and is in our records."""
    return await erasure.verify(session, signs, receipt=given.receipt)


@router.get("/erasures/{erasure_id}", dependencies=[Depends(Requires(Permission.READ_AUDIT))])
async def get_erasure(erasure_id: UUID, session: SessionDep, signs: SignerDep) -> ErasureDetail:
    """An erasure with what its receipt says."""
    return _detail(await erasure.get(session, erasure_id=erasure_id), signs)


async def _erased(
    opened: Resources, acting: PrincipalDep, signs: ReceiptSigner, subject_id: UUID, order: ErasureIn
) -> ErasureDetail:
    services = ErasureServices(opened.database, opened.storage, opened.redis, signs, opened.settings.api.url)
    return _detail(await erasure.erase(services, acting, subject_id=subject_id, order=order), signs)


def _detail(found: Erasure, signs: ReceiptSigner) -> ErasureDetail:
    content: Receipt | None = erasure.content_of(found, signs)
    return ErasureDetail(**ErasureOut.model_validate(found).model_dump(), content=content)
