"""The outbox from the worker's side: taking what is due, and keeping what came of it.

A claim ends by itself soon, so that what a killed worker had in hand is taken again, and is renewed while its worker
lives; its number is the attempt's. Each channel has a rate (GCRA, the virtual schedule of ITU-T I.371) and a circuit,
both in the database: they hold over any number of workers.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.schemas.deliveries import AttemptOutcome
from sightline.services.delivery_content import Due

LEASE: Final = timedelta(seconds=12)
"""How long a claim holds without being renewed: what a killed worker had in hand is sent by another within 15 s."""
RENEW_SECONDS: Final = 4.0
"""Between two renewals: one may fail, or be late by as much again, before a claim is lost."""
FIRST_RETRY: Final = 5.0
LAST_RETRY: Final = 3600.0
"""Seconds; the pause doubles from the one to the other: about 30 attempts in a day."""
BURST: Final = 10
"""Deliveries that may go at once on a channel that was quiet: a door that opens brings several people."""
FAILURES_TO_OPEN: Final = 5
"""In a row, on one channel."""
FIRST_OPENING: Final = 5.0
LAST_OPENING: Final = 900.0
"""Seconds that a circuit stays open; doubled at each probe that fails."""

_KNOW = text(
    """
    INSERT INTO channel_health (channel_id)
    SELECT DISTINCT o.channel_id FROM notification_outbox o
    WHERE o.status = 'pending' AND NOT EXISTS (SELECT FROM channel_health h WHERE h.channel_id = o.channel_id)
    ON CONFLICT DO NOTHING
    """
)
_READY = """o.status = 'pending' AND o.next_attempt_at <= now() AND o.give_up_at > now()
    AND (o.claimed_until IS NULL OR o.claimed_until <= now())"""
_CHANNELS = text(
    f"""
    SELECT h.channel_id, h.opened_until, greatest(h.rate_at, now()) AS rate_at, now() AS now, c.rate_per_minute
    FROM channel_health h JOIN notification_channels c ON c.id = h.channel_id
    WHERE c.is_active AND c.paused_at IS NULL AND (h.opened_until IS NULL OR h.opened_until <= now())
        AND EXISTS (SELECT FROM notification_outbox o WHERE o.channel_id = h.channel_id AND {_READY})
    ORDER BY h.channel_id FOR UPDATE OF h SKIP LOCKED
    """  # noqa: S608 - constants of this module
)
_TAKE = text(
    f"""
    WITH due AS MATERIALIZED (SELECT o.id FROM notification_outbox o WHERE o.channel_id = :channel AND {_READY}
        ORDER BY o.next_attempt_at, o.id LIMIT :most FOR UPDATE SKIP LOCKED)
    UPDATE notification_outbox o SET attempts = o.attempts + 1, claimed_until = now() + :lease
    FROM due WHERE o.id = due.id
    RETURNING o.id, o.alert_id, o.channel_id, o.level, o.attempts, o.created_at, o.give_up_at, o.reached
    """  # noqa: S608
)
_SPEND = text(
    "UPDATE channel_health SET rate_at = :rate_at, opened_until = CASE WHEN opened_until IS NULL THEN NULL"
    " ELSE now() + :lease END WHERE channel_id = :channel"
)
_RENEW = text(
    """
    UPDATE notification_outbox o SET claimed_until = now() + :lease
    FROM unnest(cast(:ids AS uuid[]), cast(:attempts AS integer[])) AS mine (id, attempt)
    WHERE o.id = mine.id AND o.attempts = mine.attempt AND o.status = 'pending' AND o.claimed_until IS NOT NULL
    """
)
_PROBE_ON = text(
    "UPDATE channel_health SET opened_until = greatest(opened_until, now() + :lease)"
    " WHERE channel_id = ANY(:channels) AND opened_until IS NOT NULL"
)
_EXPIRE = text(
    """
    UPDATE notification_outbox SET status = 'failed', claimed_until = NULL,
        last_error = left('given up: ' || coalesce(last_error, 'its channel was paused or off'), 500)
    WHERE status = 'pending' AND give_up_at <= now() AND (claimed_until IS NULL OR claimed_until <= now())
    RETURNING id
    """
)
_NEXT = text(
    """
    SELECT min(extract(epoch FROM greatest(o.due, h.opened_until,
        h.rate_at - make_interval(secs => :burst * 60.0 / c.rate_per_minute)) - now()))
    FROM notification_channels c LEFT JOIN channel_health h ON h.channel_id = c.id CROSS JOIN LATERAL (
        SELECT min(greatest(o.next_attempt_at, o.claimed_until)) AS due FROM notification_outbox o
        WHERE o.channel_id = c.id AND o.status = 'pending') o
    WHERE c.is_active AND c.paused_at IS NULL AND o.due IS NOT NULL
    """
)
_STATE = text(
    """
    SELECT (SELECT count(*) FROM channel_health WHERE opened_until IS NOT NULL),
        (SELECT count(*) FROM notification_outbox WHERE status = 'pending' AND next_attempt_at <= now())
    """
)
_LOG = text(
    """
    INSERT INTO delivery_attempts (delivery_id, attempt, outcome, detail, started_at, duration_ms)
    SELECT id, :attempt, :outcome, :detail, :started, :duration FROM notification_outbox WHERE id = :id
    """
)
_SETTLE = text(
    """
    UPDATE notification_outbox SET status = :status, last_error = :error, claimed_until = NULL,
        next_attempt_at = coalesce(now() + :wait, next_attempt_at), reached = reached || cast(:reached AS text[]),
        delivered_at = CASE WHEN :status = 'delivered' THEN now() END
    WHERE id = :id AND status = 'pending' AND (attempts = :attempt OR :status = 'delivered')
    """
)
_WELL = text(
    "UPDATE channel_health SET failures = 0, openings = 0, opened_until = NULL, last_delivered_at = now()"
    " WHERE channel_id = :channel"
)
_ANSWERS = text("UPDATE channel_health SET opened_until = NULL, last_failed_at = now(), last_error = :error"
    " WHERE channel_id = :channel")  # fmt: skip
_ILL = text(
    """
    UPDATE channel_health h SET failures = h.failures + 1, last_failed_at = now(), last_error = :error,
        openings = h.openings + opens.one, opened_until = CASE opens.one WHEN 0 THEN h.opened_until
            ELSE now() + make_interval(secs => least(:first * 2 ^ least(h.openings, 10), :last)) END
    FROM (SELECT channel_id, CASE WHEN (opened_until IS NULL AND failures + 1 >= :limit)
            OR (opened_until IS NOT NULL AND :probe) THEN 1 ELSE 0 END AS one
        FROM channel_health WHERE channel_id = :channel FOR UPDATE) opens
    WHERE h.channel_id = opens.channel_id
    """
)
_WAIT = text(
    "UPDATE channel_health SET opened_until = now() + :wait, last_failed_at = now(), last_error = :error"
    " WHERE channel_id = :channel"
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one attempt. final: it is not tried again although nobody has it; wait: seconds that the receiver
    asked for; reached: marks of those who have it now; whole: nobody is missing."""

    outcome: AttemptOutcome
    detail: str
    started_at: datetime
    duration: timedelta
    reached: tuple[str, ...] = ()
    whole: bool = True
    wait: float | None = None


async def claim(
    session: AsyncSession, *, most: int, per_channel: int, busy: Mapping[UUID, int], lease: timedelta
) -> tuple[Due, ...]:
    """Take what is due, in each channel's order, rate and circuit. busy: what this worker has in hand per channel, of
    per_channel at most; most: of all."""
    await session.execute(_KNOW)
    taken: list[Due] = []
    for row in (await session.execute(_CHANNELS)).all():
        allowed, interval = allowance(row)
        allowed = min(allowed, per_channel - busy.get(row.channel_id, 0), most - len(taken))
        if allowed <= 0:
            continue
        values = {"channel": row.channel_id, "most": allowed, "lease": lease}
        found = (await session.execute(_TAKE, values)).all()
        taken.extend(_due(one, is_probe=row.opened_until is not None) for one in found)
        if found:
            spent = {"channel": row.channel_id, "rate_at": row.rate_at + len(found) * interval, "lease": lease}
            await session.execute(_SPEND, spent)
    return tuple(taken)


async def renew(session: AsyncSession, held: Sequence[Due], *, lease: timedelta) -> None:
    """Keep what this worker has in hand from the others; what is settled, or another's by now, stays as it is."""
    if not held:
        return
    values = {"ids": [due.id for due in held], "attempts": [due.attempt for due in held], "lease": lease}
    await session.execute(_RENEW, values)
    if probed := [due.channel_id for due in held if due.is_probe]:
        await session.execute(_PROBE_ON, {"channels": probed, "lease": lease})


def allowance(row: Row[tuple[object, ...]]) -> tuple[int, timedelta]:
    """How many deliveries of a channel are in time now, and the interval between two at its rate. After a pause of its
    circuit: one, as a probe."""
    interval = timedelta(minutes=1) / row.rate_per_minute
    if row.opened_until is not None:
        return 1, interval
    ahead: timedelta = row.rate_at - row.now
    return max(int((BURST * interval - ahead) / interval), 0), interval


async def give_up(session: AsyncSession) -> int:
    """End what was tried for its whole time, or waited for it on a channel that was off; how many these were."""
    return len((await session.execute(_EXPIRE)).all())


async def seconds_to_next(session: AsyncSession) -> float | None:
    """Until something may be due; 0 for now, None for never."""
    seconds = await session.scalar(_NEXT, {"burst": BURST - 1})
    return None if seconds is None else max(float(seconds), 0.0)


async def open_circuits_and_due(session: AsyncSession) -> tuple[int, int]:
    """How many channels are left alone for a while, and how many deliveries are due and not made; for metrics."""
    row = (await session.execute(_STATE)).one()
    return int(row[0]), int(row[1])


async def cancel(session: AsyncSession, due: Due, *, reason: str) -> None:
    """There is nothing to be said any more."""
    await _settle(session, due, status="cancelled", error=reason)


async def keep_attempt(session: AsyncSession, due: Due, attempt: Attempt, *, now: datetime) -> str:
    """Log an attempt, and settle its delivery and its channel's circuit by it; the delivery's new status."""
    values = {
        "id": due.id, "attempt": due.attempt, "outcome": attempt.outcome.value, "detail": attempt.detail[:500],
        "started": attempt.started_at, "duration": max(round(attempt.duration.total_seconds() * 1000), 0),
    }  # fmt: skip
    await session.execute(_LOG, values)
    status, wait = _verdict(due, attempt, now)
    error = None if status == "delivered" else attempt.detail[:500]
    await _settle(session, due, status=status, error=error, reached=attempt.reached, wait=wait)
    await _note_health(session, due, attempt)
    return status


def _verdict(due: Due, attempt: Attempt, now: datetime) -> tuple[str, timedelta | None]:
    """The status that follows, and how long to wait for the next attempt."""
    if attempt.outcome is AttemptOutcome.DELIVERED and attempt.whole:
        return "delivered", None
    if attempt.outcome is AttemptOutcome.REFUSED:
        return "failed", None
    wait = timedelta(seconds=max(pause_after(due.attempt), attempt.wait or 0.0))
    if now + wait < due.give_up_at:
        return "pending", wait
    return ("delivered" if due.reached or attempt.reached else "failed"), None


def pause_after(attempt: int) -> float:
    """Seconds until the next attempt: doubled each time, and between half and all of it by chance."""
    whole = min(FIRST_RETRY * 2.0 ** min(attempt - 1, 20), LAST_RETRY)
    return whole * random.uniform(0.5, 1.0)  # noqa: S311 - so that receivers are not met by all at once


async def _settle(
    session: AsyncSession,
    due: Due,
    *,
    status: str,
    error: str | None,
    reached: Sequence[str] = (),
    wait: timedelta | None = None,
) -> None:
    values = {
        "id": due.id, "attempt": due.attempt, "status": status, "error": error, "reached": list(reached), "wait": wait,
    }  # fmt: skip
    await session.execute(_SETTLE, values)


async def _note_health(session: AsyncSession, due: Due, attempt: Attempt) -> None:
    """Whoever takes some of it works; whoever asks for a pause gets it; a refusal is an answer, and no illness.

    What was in hand when a circuit opened may fail too, and lengthens nothing: only a probe says that it goes on.
    """
    values: dict[str, object] = {"channel": due.channel_id, "error": attempt.detail[:500]}
    if attempt.outcome is AttemptOutcome.DELIVERED:
        await session.execute(_WELL, {"channel": due.channel_id})
    elif attempt.outcome is AttemptOutcome.REFUSED:
        await session.execute(_ANSWERS, values)
    elif attempt.wait is not None:
        await session.execute(_WAIT, {**values, "wait": timedelta(seconds=attempt.wait)})
    else:
        limits = {
            "limit": FAILURES_TO_OPEN, "first": FIRST_OPENING, "last": LAST_OPENING, "probe": due.is_probe
        }  # fmt: skip
        await session.execute(_ILL, {**values, **limits})


def _due(row: Row[tuple[object, ...]], *, is_probe: bool) -> Due:
    return Due(
        row.id,
        row.alert_id,
        row.channel_id,
        row.level,
        row.attempts,
        row.created_at,
        row.give_up_at,
        frozenset(row.reached),
        is_probe,
    )
