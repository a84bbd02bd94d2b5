"""Sightings as rules look at them, read from the database: those that are queued, what surrounds them, and the past."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.services.alert_rule_evaluation import RuleConditions, SightingFacts
from sightline.services.alert_rule_queue import Queued

MOST_READ = 200_000
"""Sightings of a dry run."""
MOST_AROUND = 2_000
"""Sightings of one person, or of unknown people at one camera, that are read to count how often they come: twice what
a rule may ask for, the latest first, so that a count is only missed behind a backlog of a thousand."""

_COLUMNS = """
    s.id, s.detected_at, s.last_seen_at, s.closed_at IS NOT NULL, now(), s.camera_id, c.name, c.time_zone, c.group_id,
    s.subject_id, p.watchlist_id, s.confidence,
    (s.bounding_box[1] + s.bounding_box[3] / 2) / s.frame_width,
    (s.bounding_box[2] + s.bounding_box[4] / 2) / s.frame_height, s.verdict IS NOT NULL
"""
"""In the order of SightingFacts."""

_QUEUED = text(
    f"""
    SELECT {_COLUMNS}
    FROM unnest(cast(:ids AS uuid[]), cast(:detected AS timestamptz[])) AS q(id, detected_at)
    JOIN sightings s ON s.id = q.id AND s.detected_at = q.detected_at
    JOIN cameras c ON c.id = s.camera_id LEFT JOIN searchable_subjects p ON p.id = s.subject_id
    WHERE s.anonymised_at IS NULL AND (s.subject_id IS NULL OR p.id IS NOT NULL)
    """  # noqa: S608 - of constants only
)
_OF_SUBJECTS = text(
    f"""
    SELECT {_COLUMNS}
    FROM unnest(cast(:wanted AS uuid[]), cast(:since AS timestamptz[])) AS w(id, since)
    JOIN searchable_subjects p ON p.id = w.id,
        LATERAL (SELECT * FROM sightings o WHERE o.subject_id = w.id AND o.detected_at >= w.since
            AND o.anonymised_at IS NULL ORDER BY o.detected_at DESC LIMIT :most) AS s
    JOIN cameras c ON c.id = s.camera_id
    """  # noqa: S608 - of constants only
)
_OF_UNKNOWN = text(
    f"""
    SELECT {_COLUMNS}
    FROM unnest(cast(:wanted AS uuid[]), cast(:since AS timestamptz[])) AS w(id, since)
    JOIN cameras c ON c.id = w.id,
        LATERAL (SELECT * FROM sightings o WHERE o.camera_id = w.id AND o.detected_at >= w.since
            AND o.subject_id IS NULL AND o.anonymised_at IS NULL ORDER BY o.detected_at DESC LIMIT :most) AS s
    LEFT JOIN searchable_subjects p ON p.id = s.subject_id
    """  # noqa: S608 - of constants only
)
_PAST = text(
    f"""
    SELECT {_COLUMNS}
    FROM sightings s JOIN cameras c ON c.id = s.camera_id LEFT JOIN subjects p ON p.id = s.subject_id
    WHERE s.detected_at >= :since AND s.detected_at < :until
        AND (s.subject_id IS NULL) = :unknown
        AND (cast(:camera_id AS uuid) IS NULL OR s.camera_id = :camera_id)
        AND (cast(:group_id AS uuid) IS NULL OR c.group_id = :group_id)
        AND (cast(:subjects AS uuid[]) IS NULL OR s.subject_id = ANY(:subjects))
        AND (cast(:watchlist_id AS int) IS NULL OR p.watchlist_id = :watchlist_id)
        AND (cast(:least AS real) IS NULL OR s.confidence >= cast(:least AS real))
    ORDER BY s.detected_at, s.id LIMIT :most
    """  # noqa: S608 - of constants only
)
_CAMERAS = text("SELECT id FROM cameras WHERE removed_at IS NULL")


async def of_queued(session: AsyncSession, *, queued: Sequence[Queued]) -> list[SightingFacts]:
    """Those that are still there, as they are now: not of anonymised sightings, nor of people nobody looks for."""
    given = {"ids": [one.sighting_id for one in queued], "detected": [one.detected_at for one in queued]}
    return await _read(session, _QUEUED, given)


async def of_subjects(session: AsyncSession, *, since: Mapping[UUID, datetime]) -> list[SightingFacts]:
    """Sightings of these people, each since a moment, the latest MOST_AROUND of each."""
    return await _since(session, _OF_SUBJECTS, since)


async def of_unknown(session: AsyncSession, *, since: Mapping[UUID, datetime]) -> list[SightingFacts]:
    """Sightings of unknown people at these cameras, each since a moment, the latest MOST_AROUND of each."""
    return await _since(session, _OF_UNKNOWN, since)


async def all_cameras(session: AsyncSession) -> tuple[UUID, ...]:
    """Where sightings come from."""
    return tuple(await session.scalars(_CAMERAS))


async def of_past(
    session: AsyncSession, *, rule: RuleConditions, since: datetime, until: datetime
) -> tuple[list[SightingFacts], bool]:
    """Sightings that may meet a rule, in order of time, and whether these are all.

    What counts how often somebody was seen begins as much earlier as the rule reaches.
    """
    wanted = None if rule.subject_id is None else [rule.subject_id]
    if wanted is not None and rule.co_presence is not None:
        wanted.append(rule.co_presence.subject_id)
    alone = rule.co_presence is None  # the other person may stand at another camera and be on another list
    limits: dict[str, object] = {
        "since": since - rule.reach,
        "until": until,
        "unknown": rule.unknown_after is not None,
        "camera_id": rule.camera_id if alone else None,
        "group_id": rule.group_id if alone else None,
        "subjects": wanted,
        "watchlist_id": rule.watchlist_id if alone else None,
        "least": rule.min_similarity,
        "most": MOST_READ + 1,
    }
    found = await _read(session, _PAST, limits)
    return found[:MOST_READ], len(found) <= MOST_READ


async def _since(session: AsyncSession, statement: TextClause, since: Mapping[UUID, datetime]) -> list[SightingFacts]:
    if not since:
        return []
    return await _read(session, statement, {"wanted": list(since), "since": list(since.values()), "most": MOST_AROUND})


async def _read(session: AsyncSession, statement: TextClause, given: dict[str, object]) -> list[SightingFacts]:
    rows = (await session.execute(statement, given)).all()
    return [SightingFacts(*row) for row in rows]
