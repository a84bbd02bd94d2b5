"""Keeping rules: what is refused, what is warned of, and what is shown of one that nobody understands any more."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.config import Settings
from sightline.core.database import Role
from sightline.core.errors import InvalidInput
from sightline.domain.operating_points import OperatingCurve
from sightline.schemas.alert_rules import RuleIn, RuleWarning
from sightline.services import alert_rules
from sightline.services.alert_rule_checks import House
from sightline.services.alert_rule_records import rules_in_force
from tests.services.rule_engine import CURVE, HOUSE, keep, rule
from tests.support.database import acting, add_camera, add_subject, add_user, add_watchlist

BAD_RULES: list[dict[str, Any]] = [
    {"name": ""}, {"name": "x" * 101}, {"name": "nul \0"}, {}, {"name": "x", "unknown": 1},
    {"name": "x", "camera_id": str(uuid4()), "group_id": str(uuid4())},
    {"name": "x", "min_similarity": 1.1}, {"name": "x", "min_similarity": "nan"}, {"name": "x", "severity": "fatal"},
    {"name": "x", "cooldown_seconds": -1}, {"name": "x", "cooldown_seconds": 604801},
    {"name": "x", "watchlist_id": 0}, {"name": "x", "watchlist_id": 2**31},
    {"name": "x", "channel_ids": [str(UUID(int=1))] * 2},
    {"name": "x", "schedule": {"time_zone": "../../etc/passwd"}}, {"name": "x", "schedule": {"time_zone": "Europe"}},
    {"name": "x", "schedule": {"windows": [{"days": [], "from": "01:00", "to": "02:00"}]}},
    {"name": "x", "schedule": {"windows": [{"days": ["mon", "mon"], "from": "01:00", "to": "02:00"}]}},
    {"name": "x", "schedule": {"windows": [{"days": ["mon"], "from": "01:00", "to": "01:00"}]}},
    {"name": "x", "schedule": {"windows": [{"days": ["mon"], "from": "24:00", "to": "01:00"}]}},
    {"name": "x", "schedule": {"windows": [{"days": ["mon"], "from": "1:00", "to": "25:00"}]}},
    {"name": "x", "schedule": {"windows": [{"days": ["mon"], "from": "01:00", "to": "02:00"}] * 22}},
    {"name": "x", "schedule": {"windows": [{"from": "01:00", "to": "02:00", "holidays": "sometimes"}]}},
    {"name": "x", "schedule": {"holidays": {"country": "XX"}}},
    {"name": "x", "schedule": {"holidays": {"country": "de"}}},
    {"name": "x", "schedule": {"holidays": {"country": "DE", "subdivision": "ZZ"}}},
    {"name": "x", "schedule": {"holidays": {"subdivision": "BY"}}},
    {"name": "x", "schedule": {"holidays": {"dates": ["2026-02-30"]}}},
    {"name": "x", "quiet_hours": {"windows": []}},
    {"name": "x", "zone": [[[0, 0], [1, 0], [1, 1]]]},
    {"name": "x", "camera_id": str(uuid4()), "zone": [[[0, 0], [1, 0]]]},
    {"name": "x", "camera_id": str(uuid4()), "zone": [[[0, 0], [1, 0], [1, 1.5]]]},
    {"name": "x", "camera_id": str(uuid4()), "zone": []},
    {"name": "x", "max_fmr": 0}, {"name": "x", "max_fmr": 1}, {"name": "x", "max_fmr": "nan"},
    {"name": "x", "frequency": {"count": 1, "within_seconds": 60}},
    {"name": "x", "frequency": {"count": 2, "within_seconds": 0}},
    {"name": "x", "frequency": {"count": 2, "within_seconds": 32 * 24 * 3600}},
    {"name": "x", "co_presence": {"subject_id": str(uuid4())}},
    {"name": "x", "subject_id": str(uuid4()), "co_presence": {"subject_id": str(uuid4()), "within_seconds": -1}},
    {"name": "x", "cooldown_scope": "house"}, {"name": "x", "unknown_after_seconds": -1},
    {"name": "x", "snoozed_until": "2026-11-22T12:00:00"},
]  # fmt: skip


@pytest.mark.parametrize("body", BAD_RULES)
def test_rules_that_make_no_sense_are_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RuleIn.model_validate(body)


@pytest.mark.asyncio
async def test_what_a_rule_names_must_be_there_and_fit(session: AsyncSession) -> None:
    watchlist, other = await add_watchlist(session), await add_watchlist(session)
    subject = await add_subject(session, watchlist)
    for changes in (
        {"camera_id": uuid4()}, {"group_id": uuid4()}, {"watchlist_id": 2**31 - 1}, {"subject_id": uuid4()},
        {"channel_ids": [uuid4()]}, {"subject_id": subject.id, "watchlist_id": other.id},
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            await keep(session, **changes)
    kept = await keep(session, subject_id=subject.id, watchlist_id=watchlist.id, min_similarity=0.7)
    assert (kept.given.min_similarity, kept.warnings) == (0.7, ())
    operator = await add_user(session, Role.OPERATOR)
    group = await session.scalar(text("INSERT INTO camera_groups (name) VALUES ('vault') RETURNING id"))
    hidden = await add_camera(session, group_id=group)
    async with acting(session, operator):
        with pytest.raises(InvalidInput):
            await keep(session, camera_id=hidden.id)


@pytest.mark.asyncio
async def test_rules_that_cannot_do_what_was_meant_say_so(session: AsyncSession) -> None:
    empty, group = (
        await add_watchlist(session),
        await session.scalar(text("INSERT INTO camera_groups (name) VALUES ('none') RETURNING id")),
    )
    camera, off = await add_camera(session), await add_watchlist(session)
    subject = await add_subject(session, off)
    await session.execute(text("UPDATE watchlists SET is_active = false WHERE id = :id"), {"id": off.id})
    await session.execute(text("UPDATE cameras SET recognition_enabled = false WHERE id = :id"), {"id": camera.id})
    other = await add_subject(session)
    night = {"from": "22:00", "to": "06:00"}
    only_holidays = {"windows": [{**night, "holidays": "only"}]}
    all_week = [{"from": "00:00", "to": "12:00"}, {"from": "12:00", "to": "24:00"}]
    month = {"count": 3, "within_seconds": 31 * 24 * 3600}
    code = RuleWarning
    for changes, expected in (
        ({}, {code.EVERYBODY_EVERYWHERE}),
        ({"schedule": {"windows": all_week}}, {code.EVERYBODY_EVERYWHERE}),
        ({"watchlist_id": empty.id}, {code.LIST_IS_EMPTY}),
        ({"watchlist_id": off.id}, {code.LIST_NOT_IN_FORCE}),
        ({"subject_id": subject.id}, {code.SUBJECT_NOT_SEARCHED}),
        ({"camera_id": camera.id}, {code.CAMERA_OFF}),
        ({"group_id": group}, {code.GROUP_IS_EMPTY}),
        ({"schedule": only_holidays}, {code.NEVER_IN_FORCE, code.HOLIDAYS_NOT_NAMED}),
        ({"schedule": {**only_holidays, "holidays": {"dates": ["2020-01-01"]}}}, {code.NEVER_IN_FORCE}),
        ({"schedule": {**only_holidays, "holidays": {"country": "DE"}}}, set()),
        ({"frequency": month}, {code.FREQUENCY_BEYOND_RETENTION}),
        ({"max_fmr": 1e-7}, {code.RATE_NOT_MEASURED}),
        ({"max_fmr": 1e-4}, set()),
        ({"unknown_person": True, "subject_id": other.id}, {code.UNKNOWN_AND_NAMED}),
        ({"subject_id": other.id, "co_presence": {"subject_id": other.id}}, {code.CO_PRESENCE_WITH_ONESELF}),
        ({"subject_id": other.id, "co_presence": {"subject_id": subject.id}}, {code.CO_PRESENCE_NOT_SEARCHED}),
        ({"subject_id": other.id, "quiet_hours": {"windows": [night]}}, set()),
        ({"subject_id": other.id, "quiet_hours": {"windows": all_week}}, {code.ALWAYS_QUIET}),
    ):
        kept = await keep(session, **changes)
        assert {doubt.code for doubt in kept.warnings} == expected, changes
        assert all(doubt.message for doubt in kept.warnings)


@pytest.mark.asyncio
async def test_what_the_house_does_not_keep_or_measure_no_rule_can_see(session: AsyncSession) -> None:
    camera = await add_camera(session)
    kept = await keep(session, camera_id=camera.id, unknown_person=True, max_fmr=0.5)
    assert {doubt.code for doubt in kept.warnings} == {RuleWarning.UNKNOWN_AND_NAMED}
    settings = Settings()
    counted = settings.recognition.model_copy(update={"unknown": "count"})
    bare = House(OperatingCurve(), settings.model_copy(update={"recognition": counted}))
    shown = await alert_rules.get_rule(session, rule_id=kept.id, house=bare)
    assert {RuleWarning.UNKNOWN_NOT_RECORDED, RuleWarning.RATE_NOT_MEASURED} <= {one.code for one in shown.warnings}


@pytest.mark.asyncio
async def test_a_rule_comes_back_as_it_was_given(session: AsyncSession) -> None:
    one, other, camera = await add_subject(session), await add_subject(session), await add_camera(session)
    hours = {"time_zone": "Asia/Tokyo", "windows": [{"days": ["mon"], "from": "22:00", "to": "06:00"}]}
    given = rule(
        subject_id=one.id, camera_id=camera.id, zone=[[[0, 0], [1, 0], [1, 1]]], max_fmr=1e-4,
        frequency={"count": 3, "within_seconds": 600, "place": "anywhere"},
        co_presence={"subject_id": other.id, "within_seconds": 5, "place": "group"},
        cooldown_scope="subject", snoozed_until="2027-01-01T00:00:00Z", severity="high",
        schedule={**hours, "holidays": {"country": "DE", "subdivision": "BY", "dates": ["2026-12-24"]}},
        quiet_hours={**hours, "spares_critical": False},
    )  # fmt: skip
    kept = await alert_rules.create_alert_rule(session, given=given, created_by=None, house=HOUSE)
    assert kept.given == given
    quiet = await alert_rules.snooze(session, rule_id=kept.id, until=None, house=HOUSE)
    assert quiet.given == given.model_copy(update={"snoozed_until": None})


@pytest.mark.asyncio
async def test_a_rule_that_nobody_understands_is_left_out_and_shown(session: AsyncSession) -> None:
    broken, whole = await keep(session, name="newer"), await keep(session, name="ours")
    strange = text("""UPDATE alert_rules SET schedule = '{"phase_of_the_moon": "full"}' WHERE id = :id""")
    await session.execute(strange, {"id": broken.id})
    book = await rules_in_force(session, curve=CURVE)
    assert whole.id in {one.id for one in book.rules}
    assert list(book.unreadable) == [broken.id]
    assert "phase_of_the_moon" in book.unreadable[broken.id]
    session.expire_all()
    shown = await alert_rules.get_rule(session, rule_id=broken.id, house=HOUSE)
    assert RuleWarning.CANNOT_BE_EVALUATED in {doubt.code for doubt in shown.warnings}
