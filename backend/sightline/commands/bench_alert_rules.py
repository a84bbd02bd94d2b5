"""A house with people, cameras and rules of every kind, for `sightline bench alerts`."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database
from sightline.core.key_ring import KEY_BYTES, KeyRing
from sightline.core.sealing import Sealer
from sightline.domain.operating_points import OperatingCurve, OperatingPoint
from sightline.models import CameraGroup, Subject
from sightline.schemas.alert_rules import RuleIn
from sightline.services import alert_rules, cameras, watchlists
from sightline.services.alert_rule_checks import House

CURVE = OperatingCurve((OperatingPoint(1e-3, 0.451), OperatingPoint(1e-4, 0.532), OperatingPoint(1e-5, 0.598)))
"""The default pack's, in round numbers."""
CAMERAS, GROUPS, LISTS, SUBJECTS = 20, 4, 5, 500
NIGHT = {"from": "19:00", "to": "07:00"}
WORK = {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "07:00", "to": "19:00", "holidays": "not_on"}


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what there is."""

    cameras: tuple[UUID, ...]
    groups: tuple[UUID, ...]
    lists: tuple[int, ...]
    subjects: tuple[UUID, ...]


async def make_rules(database: Database, *, rules: int) -> Cast:
    """Cameras in groups, people on lists that raise nothing by themselves, and rules of every kind in turn."""
    sealer = Sealer(KeyRing.given([secrets.token_bytes(KEY_BYTES)]))
    async with database.session(SYSTEM) as session:
        groups = [CameraGroup(name=f"group {n}") for n in range(GROUPS)]
        session.add_all(groups)
        await session.flush()
        approval = watchlists.Approval("bench", "bench", datetime.now(UTC) + timedelta(days=1))
        lists = [await watchlists.create(session, name=f"list {n}", approval=approval) for n in range(LISTS)]
        made = [
            await cameras.create(
                session,
                name=f"camera {n}",
                stream_url=f"rtsp://bench/{n}",
                sealer=sealer,
                group_id=groups[n % GROUPS].id,
            )
            for n in range(CAMERAS)
        ]
        people = [
            {"name": f"person {n}", "watchlist_id": lists[n % LISTS].id, "alert_on_match": False}
            for n in range(SUBJECTS)
        ]
        subjects = (await session.scalars(insert(Subject).values(people).returning(Subject.id))).all()
        cast = Cast(
            tuple(one.id for one in made),
            tuple(one.id for one in groups),
            tuple(one.id for one in lists),
            tuple(subjects),
        )
        house = House(CURVE, Settings())
        for number in range(rules):
            given = RuleIn.model_validate({"name": f"rule {number}", **KINDS[number % len(KINDS)](cast, number)})
            await alert_rules.create_alert_rule(session, given=given, created_by=None, house=house)
    return cast


def _of(values: tuple[Any, ...], number: int) -> Any:
    return values[number // len(KINDS) % len(values)]


KINDS: tuple[Callable[[Cast, int], dict[str, Any]], ...] = (
    lambda cast, n: {"subject_id": _of(cast.subjects, n)},
    lambda cast, n: {"camera_id": _of(cast.cameras, n), "watchlist_id": _of(cast.lists, n), "min_similarity": 0.8},
    lambda cast, n: {"subject_id": _of(cast.subjects, n + 100), "schedule": {"windows": [NIGHT]}},
    lambda cast, n: {
        "camera_id": _of(cast.cameras, n),
        "watchlist_id": _of(cast.lists, n),
        "zone": [[[0, 0], [0.2, 0], [0.2, 1], [0, 1]]],
    },
    lambda cast, n: {
        "group_id": _of(cast.groups, n),
        "watchlist_id": _of(cast.lists, n),
        "schedule": {"time_zone": "Europe/Berlin", "windows": [WORK, NIGHT], "holidays": {"country": "DE"}},
        "cooldown_seconds": 3600,
        "cooldown_scope": "subject",
    },
    lambda cast, n: {
        "watchlist_id": _of(cast.lists, n),
        "frequency": {"count": 4, "within_seconds": 600, "place": "anywhere"},
        "cooldown_scope": "subject",
        "cooldown_seconds": 1800,
    },
    lambda cast, n: {
        "subject_id": _of(cast.subjects, n),
        "co_presence": {"subject_id": _of(cast.subjects, n + 50), "within_seconds": 60, "place": "group"},
    },
    lambda cast, n: {"camera_id": _of(cast.cameras, n), "unknown_person": True, "cooldown_seconds": 60},
    lambda cast, n: {"camera_id": _of(cast.cameras, n), "max_fmr": 2e-5, "cooldown_scope": "rule"},
    lambda cast, n: {"watchlist_id": _of(cast.lists, n), "min_similarity": 0.84, "cooldown_seconds": 3600},
)
"""Ten kinds, so that a hundred rules are ten of each."""
