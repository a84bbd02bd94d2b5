"""Reading the audit log: who did what to which record, and who looked at whom."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Integer, Row, Select, Text, Uuid, column, func, select, table
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import NotFound
from sightline.models.base import Json
from sightline.services import keyset
from sightline.services.keyset import Order, PageOf, PageRequest

ENTRIES = table(
    "audit_entries",
    column("id", Uuid()),
    column("user_id", Uuid()),
    column("actor", Text()),
    column("action", Text()),
    column("table_name", Text()),
    column("record_id", Text()),
    column("row_count", Integer()),
    column("subject_id", Uuid()),
    column("old_values", JSONB()),
    column("new_values", JSONB()),
    column("erased_at", DateTime(timezone=True)),
    column("ip_address", INET()),
    column("user_agent", Text()),
    column("created_at", DateTime(timezone=True)),
    column("position", BigInteger()),
)
NAMES = table("user_names", column("id", Uuid()), column("username", Text()))
MOST_USERS = 50
"""Names to choose from; whoever has more accounts types more letters."""
NEWEST_FIRST = Order("created_at", descending=True)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries. subject_id: what tells about this person, whoever did it; until is not included."""

    user_id: UUID | None = None
    actor: str | None = None
    actions: tuple[str, ...] = ()
    table_name: str | None = None
    record_id: str | None = None
    subject_id: UUID | None = None
    ip_address: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An event. username: None for services and for accounts that are gone; old_values, new_values: None where there
    are none or where they were erased with the person; position: in the chain, None while it waits for its seal."""

    id: UUID
    user_id: UUID | None
    username: str | None
    actor: str
    action: str
    table_name: str
    record_id: str | None
    row_count: int
    subject_id: UUID | None
    old_values: Json | None
    new_values: Json | None
    erased_at: datetime | None
    ip_address: str | None
    user_agent: str | None
    created_at: datetime
    position: int | None


async def list_entries(session: AsyncSession, *, where: AuditFilter, request: PageRequest) -> PageOf[AuditEntry]:
    """A page of the log; for admins and auditors, others see nothing."""
    columns = {"created_at": ENTRIES.c.created_at}
    statement = keyset.applied(_selected(where), request, columns=columns, row_id=ENTRIES.c.id)
    entries = [_entry(row) for row in await session.execute(statement)]
    return keyset.split(entries, request, {"created_at": "created_at"})


@dataclass(frozen=True, slots=True)
class AuditUser:
    """An account by its name; those that are gone have none."""

    id: UUID
    username: str


async def find_users(
    session: AsyncSession, *, q: str | None = None, user_id: UUID | None = None, limit: int = MOST_USERS
) -> tuple[AuditUser, ...]:
    """Accounts whose name holds q, or the one with this id, by name: whom entries may be about."""
    statement = select(NAMES.c.id, NAMES.c.username).order_by(func.lower(NAMES.c.username), NAMES.c.id).limit(limit)
    if q:
        statement = statement.where(NAMES.c.username.icontains(q, autoescape=True))
    if user_id is not None:
        statement = statement.where(NAMES.c.id == user_id)
    return tuple(AuditUser(row.id, row.username) for row in await session.execute(statement))


async def get(session: AsyncSession, *, entry_id: UUID) -> AuditEntry:
    """One entry. Raises NotFound."""
    row = (await session.execute(_selected(AuditFilter()).where(ENTRIES.c.id == entry_id))).one_or_none()
    if row is None:
        raise NotFound("no such entry of the audit log", hint="List the entries.")
    return _entry(row)


def _selected(where: AuditFilter) -> Select[tuple[object, ...]]:
    entry = ENTRIES.c
    statement = select(ENTRIES, func.host(entry.ip_address).label("address"), NAMES.c.username).join_from(
        ENTRIES, NAMES, NAMES.c.id == entry.user_id, isouter=True
    )
    equals = {
        entry.user_id: where.user_id,
        entry.actor: where.actor,
        entry.table_name: where.table_name,
        entry.record_id: where.record_id,
        entry.subject_id: where.subject_id,
        func.host(entry.ip_address): where.ip_address,
    }
    statement = statement.where(*(place == value for place, value in equals.items() if value is not None))
    if where.actions:
        statement = statement.where(entry.action.in_(where.actions))
    if where.since is not None:
        statement = statement.where(entry.created_at >= where.since)
    if where.until is not None:
        statement = statement.where(entry.created_at < where.until)
    return statement


def _entry(row: Row[tuple[object, ...]]) -> AuditEntry:
    fields = {name: getattr(row, name) for name in AuditEntry.__dataclass_fields__ if name != "ip_address"}
    return AuditEntry(**fields, ip_address=row.address)
