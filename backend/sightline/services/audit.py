"""The audit log's chain: sealing events into it, and checking that nothing was edited, removed, reordered or cut off.

Writers only add events; maintenance seals them a second later, so that writers never wait for each other. Each link
is sha256(digest before || text of the event). The check builds text and digests itself instead of asking the
database's functions, which somebody might have replaced. A tail that was cut off leaves a chain that is whole but
shorter: that is found by anchors, heads of the chain that are kept outside of the database from time to time.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

BATCH = 2000
"""Events fetched at once while checking: about 2 MB."""
SEALED_WITHIN = timedelta(minutes=15)
"""An event that waits longer was left out on purpose, or maintenance does not run; both are findings."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head of the chain as it once was: position counts from 1; digest in hexadecimal."""

    position: int
    digest: str


class ProblemKind(StrEnum):
    """What can be wrong with a chain."""

    EDITED = "edited"
    REMOVED = "removed"
    PAYLOAD_EDITED = "payload edited"
    PAYLOAD_ERASED_WITHOUT_RECORD = "payload erased without record"
    UNSEALED = "event outside of the chain"
    CUT_OFF = "cut off"


@dataclass(frozen=True, slots=True)
class ChainProblem:
    """One finding at a position of the chain (0: none)."""

    kind: ProblemKind
    position: int
    audit_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a check found. erased: payloads emptied by recorded erasures, which is as it should be; pending: events
    that wait to be sealed."""

    events: int
    erased: int
    head: Anchor | None
    problems: tuple[ChainProblem, ...] = ()
    pending: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


@dataclass(slots=True)
class _Check:
    """State of one pass over the chain."""

    digest: bytes = b""
    position: int = 0
    events: int = 0
    erased: int = 0
    anchors: dict[int, str] = field(default_factory=dict)
    problems: list[ChainProblem] = field(default_factory=list)

    def found(self, kind: ProblemKind, audit_id: UUID | None = None) -> None:
        self.problems.append(ChainProblem(kind, self.position, audit_id))


_EVENTS = text(
    """
    SELECT c.position, c.digest, c.audit_id, a.id AS event_id, a.payload_digest, p.salt, p.erased_at,
        jsonb_build_array(a.id, a.user_id, a.actor, a.action, a.table_name, a.record_id, a.row_count,
            host(a.ip_address), a.user_agent, encode(a.payload_digest, 'hex'),
            (extract(epoch FROM a.created_at) * 1000000)::bigint)::text AS event_text,
        jsonb_build_array(p.old_values, p.new_values)::text AS payload_text,
        e.action = 'ERASE' AND p.salt IS NULL AS erased_on_record
    FROM audit_chain c LEFT JOIN audit_logs a ON a.id = c.audit_id LEFT JOIN audit_payloads p ON p.audit_id = a.id
    LEFT JOIN audit_logs e ON e.id = p.erased_by
    WHERE c.position > :after ORDER BY c.position LIMIT :batch
    """
)


async def verify_chain(session: AsyncSession, *, anchors: Sequence[Anchor] = ()) -> ChainReport:
    """Check every event, payload and link. Needs the role admin, auditor, system or maintenance."""
    check = _Check(anchors={anchor.position: anchor.digest for anchor in anchors})
    async for row in _events(session):
        _check_link(check, row)
        _check_payload(check, row)
    for position in sorted(at for at in check.anchors if at > check.position):
        check.problems.append(ChainProblem(ProblemKind.CUT_OFF, position))
    check.problems += [ChainProblem(ProblemKind.UNSEALED, 0, event) for event in await _left_out(session)]
    pending = int(await session.scalar(text("SELECT count(*) FROM audit_pending")) or 0)
    head = Anchor(check.position, check.digest.hex()) if check.events else None
    return ChainReport(check.events, check.erased, head, tuple(check.problems), pending)


async def seal(session: AsyncSession, *, most: int = BATCH) -> int:
    """Append what waits to the chain, the oldest first; how many events that were. Not for operators and viewers."""
    return int(await session.scalar(text("SELECT seal_audit_events(:most)"), {"most": most}) or 0)


async def _left_out(session: AsyncSession) -> Sequence[UUID]:
    """Events that are neither sealed nor waiting, or wait for too long."""
    statement = text(
        "SELECT a.id FROM audit_logs a LEFT JOIN audit_pending p ON p.audit_id = a.id"
        " WHERE NOT EXISTS (SELECT FROM audit_chain c WHERE c.audit_id = a.id)"
        " AND (p.queued_at IS NULL OR p.queued_at < now() - cast(:longest AS interval)) ORDER BY a.id"
    )
    return (await session.scalars(statement, {"longest": SEALED_WITHIN})).all()


async def _events(session: AsyncSession) -> AsyncIterator[Row[tuple[object, ...]]]:
    after = 0
    while True:
        rows = (await session.execute(_EVENTS, {"after": after, "batch": BATCH})).all()
        for row in rows:
            yield row
        if len(rows) < BATCH:
            return
        after = rows[-1].position


def _check_link(check: _Check, row: Row[tuple[object, ...]]) -> None:
    gap = row.position != check.position + 1
    check.position = row.position
    check.events += 1
    if gap or row.event_id is None:
        check.found(ProblemKind.REMOVED, row.audit_id)
    elif hashlib.sha256(check.digest + row.event_text.encode()).digest() != row.digest:
        check.found(ProblemKind.EDITED, row.audit_id)
    expected = check.anchors.get(row.position)
    if expected is not None and expected != row.digest.hex():
        check.found(ProblemKind.CUT_OFF, row.audit_id)
    check.digest = row.digest


def _check_payload(check: _Check, row: Row[tuple[object, ...]]) -> None:
    if row.event_id is None:
        return
    if row.erased_at is not None:
        check.erased += 1
        if not row.erased_on_record:
            check.found(ProblemKind.PAYLOAD_ERASED_WITHOUT_RECORD, row.audit_id)
        return
    whole = (row.salt or b"") + row.payload_text.encode()
    if hashlib.sha256(whole).digest() != row.payload_digest:
        check.found(ProblemKind.PAYLOAD_EDITED, row.audit_id)


async def record_event(
    session: AsyncSession,
    *,
    action: str,
    table_name: str,
    record_id: str | None = None,
    details: dict[str, object] | None = None,
    subject_id: UUID | None = None,
) -> UUID:
    """Record what is no change of a row: LOGIN, SEARCH, EXPORT, VIEW. subject_id: whom details tell about, so that
    they are erased with that person."""
    statement = text(
        "SELECT record_audit_event(:action, :table_name, :record_id, cast(:details AS jsonb), :subject_id)"
    )
    given = {
        "action": action,
        "table_name": table_name,
        "record_id": record_id,
        "details": None if details is None else json.dumps(details),
        "subject_id": subject_id,
    }
    event: UUID = (await session.execute(statement, given)).scalar_one()
    return event
