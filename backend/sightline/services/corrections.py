"""People correct what recognition said of a sighting: "this is not that person", "this is that person".

The newest decision counts. It changes the sighting, is kept beside what the machine had said, and the machine's later
updates of the same track leave it alone (sightings_sql). From the decisions come the counts of errors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import Conflict, NotFound
from sightline.models import Alert, Sighting, SightingCorrection, Subject
from sightline.services import alert_handling
from sightline.services.sighting_views import no_sighting
from sightline.services.sightings import RecordingPolicy, UnknownPolicy, review_seen


class Verdict(StrEnum):
    """What a person decided. CONFIRMED: it is whom the machine recognised; ASSIGNED: it is somebody else."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    ASSIGNED = "assigned"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decides, and what they note; the note goes when a person it is about is erased."""

    user_id: UUID | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """A decision as a sighting's page shows it. decided_by: the account's name, None where it is gone."""

    id: UUID
    verdict: str
    subject_id: UUID | None
    subject_name: str | None
    note: str
    decided_by: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class _Machine:
    """What recognition had said before any decision."""

    subject_id: UUID | None
    similarity: float | None
    media_expires_at: datetime | None


async def reject(session: AsyncSession, *, sighting_id: UUID, by: Decider, policy: RecordingPolicy) -> Sighting:
    """It is not that person: the sighting is of somebody unknown, of whom only what the policy allows is kept.

    The template goes at once unless templates of unknown people are kept, the pictures with their time.
    Raises NotFound, Conflict (nobody was recognised, or what was known is anonymised).
    """
    sighting = await _locked(session, sighting_id)
    machine = await _machine(session, sighting)
    if sighting.subject_id is None and machine.subject_id is None:
        raise Conflict(
            "nobody was recognised in this sighting", hint="Assign a subject instead, if you know who it is."
        )
    sighting.subject_id = sighting.confidence = None
    sighting.media_expires_at = func.now() + policy.unknown_for
    if policy.unknown is not UnknownPolicy.TEMPLATE:
        sighting.embedding = sighting.model_version = None
    return await _decided(session, sighting, machine, Verdict.REJECTED, by)


async def assign(session: AsyncSession, *, sighting_id: UUID, subject_id: UUID, by: Decider) -> Sighting:
    """It is this subject; where that is whom the machine recognised, its match is confirmed.

    Raises NotFound (no such sighting or subject), Conflict (anonymised).
    """
    sighting = await _locked(session, sighting_id)
    if await session.get(Subject, subject_id) is None:
        raise NotFound(f"no subject {subject_id}", hint="Enrol the person first, or choose another subject.")
    machine = await _machine(session, sighting)
    confirmed = machine.subject_id == subject_id
    sighting.confidence = machine.similarity if confirmed else _ranked(sighting.candidates).get(subject_id)
    sighting.subject_id, sighting.media_expires_at = subject_id, None
    return await _decided(session, sighting, machine, Verdict.CONFIRMED if confirmed else Verdict.ASSIGNED, by)


async def undo(session: AsyncSession, *, sighting_id: UUID, by: Decider) -> Sighting:
    """Back to what the machine said; a template that a rejection removed stays away. Raises NotFound, Conflict."""
    sighting = await _locked(session, sighting_id)
    if sighting.verdict is None:
        raise Conflict("nobody has decided about this sighting", hint="There is nothing to take back.")
    machine = await _machine(session, sighting)
    sighting.subject_id, sighting.confidence = machine.subject_id, machine.similarity
    sighting.media_expires_at = machine.media_expires_at
    return await _decided(session, sighting, machine, Verdict.UNDONE, by)


async def history(session: AsyncSession, *, sighting_id: UUID) -> tuple[CorrectionView, ...]:
    """Every decision about a sighting, the oldest first."""
    statement = text(
        "SELECT c.id, c.verdict, c.subject_id, s.name, c.note, u.username, c.created_at FROM sighting_corrections c"
        " LEFT JOIN subjects s ON s.id = c.subject_id LEFT JOIN user_names u ON u.id = c.decided_by"
        " WHERE c.sighting_id = :sighting ORDER BY c.created_at, c.id"
    )
    rows: Sequence[Sequence[Any]] = (await session.execute(statement, {"sighting": sighting_id})).all()
    return tuple(CorrectionView(*row) for row in rows)


async def _locked(session: AsyncSession, sighting_id: UUID) -> Sighting:
    statement = select(Sighting).where(Sighting.id == sighting_id)
    options = statement.with_for_update().execution_options(populate_existing=True)
    sighting = (await session.scalars(options)).one_or_none()
    if sighting is None:
        raise no_sighting(sighting_id)
    if sighting.anonymised_at is not None:
        raise Conflict("this sighting was made anonymous", hint="Nobody can be named in it any more.")
    return sighting


async def _machine(session: AsyncSession, sighting: Sighting) -> _Machine:
    """From the last decision while one is in force, for it carries what was before the first; else as it stands."""
    if sighting.verdict is not None:
        last = (
            await session.scalars(
                select(SightingCorrection)
                .where(SightingCorrection.sighting_id == sighting.id)
                .order_by(SightingCorrection.created_at.desc(), SightingCorrection.id.desc())
                .limit(1)
            )
        ).first()
        if last is not None:
            return _Machine(last.machine_subject_id, last.machine_similarity, last.machine_media_expires_at)
    return _Machine(sighting.subject_id, sighting.confidence, sighting.media_expires_at)


def _ranked(candidates: Sequence[Any]) -> dict[UUID, float]:
    """candidates: [{"subject": id, "similarity": number}, …] as record_tracks() writes them."""
    return {UUID(entry["subject"]): float(entry["similarity"]) for entry in candidates}


async def _decided(
    session: AsyncSession, sighting: Sighting, machine: _Machine, verdict: Verdict, by: Decider
) -> Sighting:
    in_force = verdict is not Verdict.UNDONE
    others = (*inspect(sighting).attrs.subject_id.history.deleted, machine.subject_id, sighting.subject_id)
    sighting.verdict = verdict.value if in_force else None
    sighting.corrected_at = func.now() if in_force else None
    session.add(
        SightingCorrection(
            sighting_id=sighting.id,
            detected_at=sighting.detected_at,
            camera_id=sighting.camera_id,
            verdict=verdict.value,
            subject_id=sighting.subject_id,
            machine_subject_id=machine.subject_id,
            machine_similarity=machine.similarity,
            machine_media_expires_at=machine.media_expires_at,
            note=by.note,
            decided_by=by.user_id,
        )
    )
    await session.flush()
    await review_seen(session, subjects=sorted({subject for subject in others if subject}))
    await _judge_alert(session, sighting, machine, verdict, by)
    await session.refresh(sighting)
    return sighting


async def _judge_alert(
    session: AsyncSession, sighting: Sighting, machine: _Machine, verdict: Verdict, by: Decider
) -> None:
    """Close open alerts on a match that was none; what they would have told to others stays in the house."""
    if verdict not in {Verdict.REJECTED, Verdict.ASSIGNED} or machine.subject_id is None:
        return
    statement = select(Alert.id).where(
        Alert.sighting_id == sighting.id, Alert.subject_id == machine.subject_id, Alert.status != "resolved"
    )
    for alert_id in (await session.scalars(statement)).all():
        await alert_handling.resolve(
            session, alert_id=alert_id, user_id=by.user_id, verdict="false_match", note="The sighting was corrected."
        )


@dataclass(frozen=True, slots=True)
class ErrorCount:
    """Decisions about the sightings of a camera, or about one subject (id, name).

    false_matches: recognised as this one, and it was not; missed: it was this one, and not recognised as such;
    confirmed: recognised rightly.
    """

    id: UUID
    name: str
    false_matches: int
    missed: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class ErrorCounts:
    """Per camera and per subject, most errors first."""

    cameras: tuple[ErrorCount, ...]
    subjects: tuple[ErrorCount, ...]


_IN_FORCE = """
    WITH latest AS (
        SELECT DISTINCT ON (c.sighting_id) c.* FROM sighting_corrections c
        WHERE (cast(:since AS timestamptz) IS NULL OR c.detected_at >= :since)
            AND (cast(:until AS timestamptz) IS NULL OR c.detected_at < :until)
            AND (cast(:cameras AS uuid[]) IS NULL OR c.camera_id = ANY (:cameras))
        ORDER BY c.sighting_id, c.created_at DESC, c.id DESC
    ), judged AS (
        -- machine_similarity outlives an erased subject, and still says that somebody was recognised
        SELECT l.camera_id, l.subject_id, l.machine_subject_id,
            l.verdict <> 'confirmed' AND l.machine_similarity IS NOT NULL AS is_false,
            l.verdict = 'assigned' AS is_missed, l.verdict = 'confirmed' AS is_confirmed
        FROM latest l WHERE l.verdict <> 'undone'
    )
"""
_BY_CAMERA = text(
    f"""{_IN_FORCE}
    SELECT c.id, c.name, count(*) FILTER (WHERE j.is_false), count(*) FILTER (WHERE j.is_missed),
        count(*) FILTER (WHERE j.is_confirmed)
    FROM judged j JOIN cameras c ON c.id = j.camera_id GROUP BY c.id, c.name
    ORDER BY count(*) FILTER (WHERE NOT j.is_confirmed) DESC, c.name, c.id LIMIT :most
    """  # noqa: S608 - of constants only
)
_BY_SUBJECT = text(
    f"""{_IN_FORCE}
    , told AS (
        SELECT machine_subject_id AS id, is_false, false AS is_missed, is_confirmed FROM judged
        UNION ALL SELECT subject_id, false, true, false FROM judged WHERE is_missed
    )
    SELECT s.id, s.name, count(*) FILTER (WHERE t.is_false), count(*) FILTER (WHERE t.is_missed),
        count(*) FILTER (WHERE t.is_confirmed)
    FROM told t JOIN subjects s ON s.id = t.id GROUP BY s.id, s.name
    ORDER BY count(*) FILTER (WHERE NOT t.is_confirmed) DESC, s.name, s.id LIMIT :most
    """  # noqa: S608 - of constants only
)


async def error_counts(
    session: AsyncSession,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    camera_ids: Sequence[UUID] | None = None,
    most: int = 100,
) -> ErrorCounts:
    """What decisions in force say about sightings of this time (since included) and of these cameras (None: all).

    Errors that nobody looked at are in no count. most: cameras, and subjects, at most.
    """
    given = {"since": since, "until": until, "cameras": None if camera_ids is None else list(camera_ids), "most": most}
    cameras: Sequence[Sequence[Any]] = (await session.execute(_BY_CAMERA, given)).all()
    subjects: Sequence[Sequence[Any]] = (await session.execute(_BY_SUBJECT, given)).all()
    return ErrorCounts(tuple(ErrorCount(*row) for row in cameras), tuple(ErrorCount(*row) for row in subjects))
