"""Erasure of a person, in two steps: one transaction in the database, then everything outside of it.

What the second step has to do is written by the first (erasures.work), so that a crash or an object store that is away
delays the receipt and loses nothing: complete_pending() goes on. The receipt says what was removed from where, and what
a search of every column of every table, the object store and Redis found afterwards.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pydantic import BaseModel
from redis.asyncio import Redis
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.bus.poison import POISON_AGE
from sightline.core.database import MAINTENANCE, Database, Principal, without_time_limit
from sightline.core.errors import InvalidInput, NotFound, ServiceUnavailable
from sightline.core.storage import ObjectStorage
from sightline.models import Erasure
from sightline.schemas.erasures import (
    Amount,
    ErasedObjects,
    ErasureIn,
    KeptTrace,
    Receipt,
    ReceiptCheck,
    SearchedPlace,
)
from sightline.services import erasure_places, keyset, runtime_settings, subjects
from sightline.services.keyset import Column, PageOf, PageRequest
from sightline.services.receipts import ReceiptSigner

log = logging.getLogger(__name__)

UNFINISHED_AFTER = timedelta(seconds=30)
"""Whoever erases completes it as well, within seconds; what is older was interrupted."""
SHORTEST_NAME = 4
"""Characters from which a name is looked for: shorter ones stand in every second text."""
_TRACKS = text(
    "SELECT id FROM sightings WHERE subject_id = :id AND last_seen_at > now() - cast(:age AS interval)"
    " AND detected_at > now() - cast(:age AS interval) - interval '1 day'"
)
"""Tracks of which Redis may still hold something: nothing is older than a poison message."""
KEPT = {
    "audit_logs.record_id": "The audit log says that this id was enrolled, looked at and erased, by whom and when,"
    " and nothing else (GDPR, article 5(2)); changing it would break the chain.",
}


@dataclass(frozen=True)
class ErasureServices:
    """Where people may be found, and who signs."""

    database: Database
    storage: ObjectStorage
    redis: Redis
    signer: ReceiptSigner
    issuer: str


class _Work(BaseModel):
    """What the second step needs; gone with it."""

    people: list[UUID]
    names: list[str]
    tracks: list[UUID] = []
    keys: list[str]
    amounts: list[Amount]
    erased_at: datetime


async def erase(opened: ErasureServices, principal: Principal, *, subject_id: UUID, order: ErasureIn) -> Erasure:
    """Erase a person. Without a receipt where a service is away: they are gone from the database then, and the rest
    follows by itself. Raises NotFound, Forbidden."""
    async with opened.database.session(principal) as session:
        erasure_id = await begin(session, subject_id=subject_id, order=order, user_id=principal.user_id)
    try:
        await complete(opened, erasure_id=erasure_id)
    except ServiceUnavailable as error:
        log.warning("erasure %s will be completed later: %s", erasure_id, error.message)
    async with opened.database.session(principal) as session:
        return await get(session, erasure_id=erasure_id)


async def begin(session: AsyncSession, *, subject_id: UUID, order: ErasureIn, user_id: UUID | None) -> UUID:
    """The first step: the person goes from the database. Raises NotFound, Forbidden."""
    await without_time_limit(session)
    subject = await subjects.get(session, subject_id=subject_id)
    names = [name for name in (subject.name, subject.external_id) if name and len(name) >= SHORTEST_NAME]
    merged = text("SELECT emptied_id FROM subject_merges WHERE subject_id = :id")
    people = [subject_id, *(await session.scalars(merged, {"id": subject_id}))]
    tracks = list(await session.scalars(_TRACKS, {"id": subject_id, "age": POISON_AGE}))
    rows = await session.execute(text("SELECT item, amount FROM erase_everywhere(:id)"), {"id": subject_id})
    amounts = [Amount(item=row.item, amount=row.amount) for row in rows]
    session.expunge(subject)
    queued = text("SELECT DISTINCT object_key FROM object_deletions WHERE queued_at = now()")
    now: datetime = (await session.execute(text("SELECT now()"))).scalar_one()
    keys = list(await session.scalars(queued))
    work = _Work(people=people, names=names, tracks=tracks, keys=keys, amounts=amounts, erased_at=now)
    erasure = Erasure(
        subject_digest=digest(subject_id),
        reason=order.reason.value,
        reference=order.reference,
        work=work.model_dump_json(),
        requested_by=user_id,
    )
    session.add(erasure)
    await session.flush()
    return erasure.id


async def complete(opened: ErasureServices, *, erasure_id: UUID) -> None:
    """The second step: objects and Redis, the search, and the receipt. Does nothing where another does it, or did.

    Raises ServiceUnavailable.
    """
    async with opened.database.session(MAINTENANCE) as session:
        wanted = select(Erasure).where(Erasure.id == erasure_id, Erasure.work.is_not(None))
        erasure = (await session.scalars(wanted.with_for_update(skip_locked=True))).one_or_none()
        if erasure is None or erasure.work is None:
            return
        work = _Work.model_validate_json(erasure.work)
        receipt = await _receipt(opened, session, erasure, work)
        erasure.work, erasure.receipt = None, opened.signer.sign(receipt.model_dump_json())
        erasure.completed_at = receipt.completed_at
        await session.flush()
    log.info("erasure %s: complete, %s", erasure_id, "clean" if receipt.clean else "NOT CLEAN, see its receipt")


async def complete_pending(opened: ErasureServices) -> int:
    """Complete what was interrupted; how many. Raises ServiceUnavailable."""
    old = datetime.now(UTC) - UNFINISHED_AFTER
    async with opened.database.session(MAINTENANCE) as session:
        statement = select(Erasure.id).where(Erasure.work.is_not(None), Erasure.created_at < old)
        found = (await session.scalars(statement.order_by(Erasure.created_at).limit(20))).all()
    for erasure_id in found:
        await complete(opened, erasure_id=erasure_id)
    return len(found)


async def _receipt(opened: ErasureServices, session: AsyncSession, erasure: Erasure, work: _Work) -> Receipt:
    late = await session.scalar(text("SELECT forget_candidates(:people)"), {"people": work.people})
    keys = sorted({*work.keys, *await erasure_places.objects_of(session, opened.storage, work.people)})
    objects = await erasure_places.remove_objects(opened.storage, keys)
    await session.execute(text("DELETE FROM object_deletions WHERE object_key = ANY(:keys)"), {"keys": keys})
    in_redis, redis_place = await erasure_places.clean_redis(opened.redis, work.people, work.tracks)
    traces = await find_traces(session, needles=[str(person) for person in work.people])
    mentions = await find_traces(session, needles=work.names) if work.names else []
    searched = [place for place in traces if place.place not in KEPT]
    searched += [redis_place, await erasure_places.search_objects(opened.storage, work.people), _templates(work)]
    amounts = [*work.amounts, _amount("late_candidates_cleaned", late or 0), _amount("redis_entries", in_redis)]
    backups = (await runtime_settings.get(session)).privacy.backups_kept_days
    now = datetime.now(UTC)
    return Receipt(
        id=erasure.id,
        issuer=opened.issuer,
        subject_digest=erasure.subject_digest,
        reason=erasure.reason,
        reference=erasure.reference,
        erased_at=work.erased_at,
        completed_at=now,
        erased_by=erasure.requested_by,
        removed=[one for one in amounts if one.item not in _SEARCHES],
        objects=objects,
        searched=searched,
        name_mentions=[KeptTrace(place=one.place, hits=one.hits, why="The name.") for one in mentions if one.hits],
        kept=[KeptTrace(place=one.place, hits=one.hits, why=KEPT[one.place]) for one in traces if one.place in KEPT],
        clean=_clean(objects, searched),
        backups_expire_on=(now + timedelta(days=backups)).date(),
    )


_SEARCHES = ("templates_searched", "identical_templates_left")


def _templates(work: _Work) -> SearchedPlace:
    amounts = {one.item: one.amount for one in work.amounts}
    searched, left = (amounts.get(item, 0) for item in _SEARCHES)
    return SearchedPlace(place="templates equal to one of the person's", searched=searched, hits=left)


def _clean(objects: ErasedObjects, searched: Sequence[SearchedPlace]) -> bool:
    return objects.left == 0 and not any(place.hits for place in searched)


def _amount(item: str, amount: int) -> Amount:
    return Amount(item=item, amount=amount)


async def find_traces(session: AsyncSession, *, needles: Sequence[str]) -> list[SearchedPlace]:
    """Every column that can hold text or an id, with how many rows hold one of these; reads every table."""
    rows = await session.execute(
        text("SELECT place, searched, hits FROM find_traces(:needles)"), {"needles": list(needles)}
    )
    return [SearchedPlace(place=row.place, searched=row.searched, hits=row.hits) for row in rows]


COLUMNS: dict[str, Column] = {"created_at": Erasure.created_at}
ORDERS = tuple(COLUMNS)


async def list_erasures(session: AsyncSession, *, page: PageRequest, subject_id: UUID | None = None) -> PageOf[Erasure]:
    """Erasures; subject_id: of this person only, for whoever still knows the id."""
    statement = select(Erasure)
    if subject_id is not None:
        statement = statement.where(Erasure.subject_digest == digest(subject_id))
    positions = {name: name for name in COLUMNS}
    return await keyset.fetch(session, statement, page, columns=COLUMNS, positions=positions, row_id=Erasure.id)


async def get(session: AsyncSession, *, erasure_id: UUID) -> Erasure:
    """An erasure by id. Raises NotFound."""
    erasure = await session.get(Erasure, erasure_id)
    if erasure is None:
        raise NotFound(f"no erasure {erasure_id}", hint="See the list of erasures.")
    return erasure


def content_of(erasure: Erasure, signer: ReceiptSigner) -> Receipt | None:
    """What its receipt says; None while there is none. Raises InvalidInput where its key is lost."""
    return Receipt.model_validate_json(signer.read(erasure.receipt)) if erasure.receipt else None


async def verify(session: AsyncSession, signer: ReceiptSigner, *, receipt: str) -> ReceiptCheck:
    """Whether a receipt was signed here and is in our records."""
    try:
        content = Receipt.model_validate_json(signer.read(receipt))
    except InvalidInput:
        return ReceiptCheck(valid=False, known=False)
    found = await session.scalar(select(Erasure.receipt).where(Erasure.id == content.id))
    return ReceiptCheck(valid=True, known=found == receipt, content=content)


def digest(subject_id: UUID) -> str:
    """How an erasure names a person: sha256 of the id as text."""
    return hashlib.sha256(str(subject_id).encode()).hexdigest()
