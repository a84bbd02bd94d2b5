"""Rules: when they hold, what they would have raised, and what they raise while sightings are recorded."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import WORKER, Role
from sightline.core.errors import InvalidInput
from sightline.schemas.alert_rules import RuleIn, RuleWarning, Schedule, Window
from sightline.services import alert_rule_runs, alert_rules, alerts
from sightline.services.alert_rule_evaluation import (
    DAYS,
    RuleConditions,
    SightingFacts,
    evaluate_alert_rules,
    fires,
    in_force,
)
from sightline.services.sightings import Recorded, TrackRecord, record_tracks
from tests.support.database import (
    NOON,
    acting,
    add_camera,
    add_subject,
    add_user,
    add_watchlist,
    matched,
    track_record,
)

SUNDAY_NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FACTS = SightingFacts(uuid4(), SUNDAY_NOON, SUNDAY_NOON, uuid4(), uuid4(), uuid4(), 7, 0.6)


def _schedule(*windows: tuple[str, str, str], time_zone: str = "UTC") -> Schedule:
    made = [Window.model_validate({"days": days.split(), "from": begins, "to": ends}) for days, begins, ends in windows]
    return Schedule(time_zone=time_zone, windows=tuple(made))


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, True),
        (
            {"camera_id": FACTS.camera_id, "subject_id": FACTS.subject_id, "watchlist_id": 7, "min_similarity": 0.6},
            True,
        ),
        ({"group_id": FACTS.group_id}, True),
        ({"camera_id": uuid4()}, False),
        ({"group_id": uuid4()}, False),
        ({"watchlist_id": 8}, False),
        ({"subject_id": uuid4()}, False),
        ({"min_similarity": 0.61}, False),
        ({"schedule": _schedule(("sun", "11:00", "13:00"))}, True),
        ({"schedule": _schedule(("sun", "12:01", "13:00"))}, False),
        ({"schedule": _schedule(("sun", "11:00", "12:00"))}, False),
        ({"schedule": _schedule(("sun", "12:00", "12:01"))}, True),
        ({"schedule": _schedule(("mon", "00:00", "24:00"))}, False),
    ],
)
def test_all_conditions_must_be_met(conditions: dict[str, Any], expected: bool) -> None:
    assert bool(evaluate_alert_rules([RuleConditions(**conditions)], FACTS)) is expected


def test_a_match_without_similarity_reaches_none() -> None:
    facts = replace(FACTS, similarity=None, group_id=None, watchlist_id=None)
    rules = [RuleConditions(min_similarity=-1.0), RuleConditions(group_id=uuid4()), RuleConditions(watchlist_id=7)]
    assert evaluate_alert_rules(rules, facts) == ()


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-20T21:59:00+00:00", False),
        ("2026-11-20T22:00:00+00:00", True),  # Friday night
        ("2026-11-21T05:59:00+00:00", True),
        ("2026-11-21T06:00:00+00:00", False),
        ("2026-11-21T23:00:00+00:00", False),  # Saturday night is not named
        ("2026-11-19T23:00:00+00:00", False),
    ],
)
def test_a_window_over_midnight_ends_the_next_day(moment: str, expected: bool) -> None:
    assert in_force(_schedule(("fri", "22:00", "06:00")), datetime.fromisoformat(moment)) is expected


def test_windows_follow_the_clock_on_the_wall_through_summer_time() -> None:
    night = _schedule(("sat sun", "22:00", "06:00"), time_zone="Europe/Berlin")
    assert in_force(night, datetime(2026, 7, 5, 3, 59, tzinfo=UTC))  # 05:59 in summer
    assert not in_force(night, datetime(2026, 7, 5, 4, 0, tzinfo=UTC))
    assert in_force(night, datetime(2026, 12, 6, 4, 59, tzinfo=UTC))  # 05:59 in winter
    assert not in_force(night, datetime(2026, 12, 6, 5, 0, tzinfo=UTC))


@given(at=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_window_and_its_opposite_cover_all_time_once(at: datetime) -> None:
    every = " ".join(DAYS)
    night, day = _schedule((every, "22:00", "06:00")), _schedule((every, "06:00", "22:00"))
    assert in_force(night, at) is not in_force(day, at)
    assert in_force(_schedule((every, "00:00", "24:00")), at)


def test_cool_down_is_per_person_and_camera() -> None:
    other = uuid4()
    steps = [(0, FACTS.camera_id), (200, FACTS.camera_id), (200, other), (300, FACTS.camera_id), (301, FACTS.camera_id)]
    seen = [replace(FACTS, at=NOON + timedelta(seconds=s), camera_id=c, sighting_id=uuid4()) for s, c in steps]
    fired = fires(RuleConditions(cooldown=timedelta(seconds=300)), seen)
    assert [seen.index(facts) for facts in fired] == [0, 2, 4]


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
]  # fmt: skip


@pytest.mark.parametrize("body", BAD_RULES)
def test_rules_that_make_no_sense_are_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RuleIn.model_validate(body)


def _rule(**changes: Any) -> RuleIn:
    return RuleIn.model_validate({"name": "night", **changes})


@pytest.mark.asyncio
async def test_what_a_rule_names_must_be_there_and_fit(session: AsyncSession) -> None:
    watchlist, other = await add_watchlist(session), await add_watchlist(session)
    subject = await add_subject(session, watchlist)
    for changes in (
        {"camera_id": uuid4()}, {"group_id": uuid4()}, {"watchlist_id": 2**31 - 1}, {"subject_id": uuid4()},
        {"channel_ids": [uuid4()]}, {"subject_id": subject.id, "watchlist_id": other.id},
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            await alert_rules.create_alert_rule(session, given=_rule(**changes), created_by=None)
    kept = await alert_rules.create_alert_rule(
        session, given=_rule(subject_id=subject.id, watchlist_id=watchlist.id, min_similarity=0.7), created_by=None
    )
    assert (kept.given.min_similarity, kept.warnings) == (0.7, ())
    operator = await add_user(session, Role.OPERATOR)
    group = await session.scalar(text("INSERT INTO camera_groups (name) VALUES ('vault') RETURNING id"))
    hidden = await add_camera(session, group_id=group)
    async with acting(session, operator):
        with pytest.raises(InvalidInput):
            await alert_rules.create_alert_rule(session, given=_rule(camera_id=hidden.id), created_by=None)


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
    for changes, expected in (
        ({}, {RuleWarning.EVERYBODY_EVERYWHERE}),
        ({"watchlist_id": empty.id}, {RuleWarning.LIST_IS_EMPTY}),
        ({"watchlist_id": off.id}, {RuleWarning.LIST_NOT_IN_FORCE}),
        ({"subject_id": subject.id}, {RuleWarning.SUBJECT_NOT_SEARCHED}),
        ({"camera_id": camera.id}, {RuleWarning.CAMERA_OFF}),
        ({"group_id": group}, {RuleWarning.GROUP_IS_EMPTY}),
    ):
        rule = await alert_rules.create_alert_rule(session, given=_rule(**changes), created_by=None)
        assert {doubt.code for doubt in rule.warnings} == expected
        assert all(doubt.message for doubt in rule.warnings)


async def _recorded(session: AsyncSession, *tracks: TrackRecord) -> Recorded:
    """As the worker does."""
    async with acting(session, WORKER):
        recorded = await record_tracks(session, tracks=tracks)
        return await alert_rule_runs.apply(session, tracks=tracks, recorded=recorded)


async def _channel(session: AsyncSession, *, active: bool = True) -> UUID:
    statement = text(
        "INSERT INTO notification_channels (name, kind, is_active) VALUES (uuidv7()::text, 'email', :on) RETURNING id"
    )
    found: UUID = (await session.execute(statement, {"on": active})).scalar_one()
    return found


@pytest.mark.asyncio
async def test_a_rule_takes_over_what_the_watchlist_raises(session: AsyncSession) -> None:
    subject, camera = await add_subject(session, await add_watchlist(session, priority=3)), await add_camera(session)
    channels = [await _channel(session), await _channel(session, active=False)]
    rule = await alert_rules.create_alert_rule(
        session, given=_rule(camera_id=camera.id, severity="critical", channel_ids=channels), created_by=None
    )
    track = track_record(camera, subject)
    (alert,) = (await _recorded(session, track)).alerts
    view = await alerts.get_view(session, alert_id=alert.id)
    assert (view.rule_id, view.severity, view.watchlist_id) == (rule.id, "critical", subject.watchlist_id)
    again = await _recorded(session, replace(track, last_seen=track.last_seen + timedelta(hours=1)))
    assert again.alerts == ()
    queued = text("SELECT channel_id, status FROM notification_outbox WHERE alert_id = :id")
    assert (await session.execute(queued, {"id": alert.id})).all() == [(channels[0], "pending")]


@pytest.mark.asyncio
async def test_a_rule_raises_where_no_watchlist_does(session: AsyncSession) -> None:
    listless, camera = await add_subject(session), await add_camera(session)
    await alert_rules.create_alert_rule(session, given=_rule(subject_id=listless.id), created_by=None)
    first, soon = track_record(camera, listless), track_record(camera, listless)
    (alert,) = (await _recorded(session, first, soon)).alerts
    assert (alert.watchlist_id, alert.severity) == (None, "low")
    assert 'rule "night"' in alert.message
    assert listless.name not in alert.message
    later = NOON + timedelta(minutes=10)
    assert (
        len((await _recorded(session, track_record(camera, listless, first_seen=later, last_seen=later))).alerts) == 1
    )
    assert (await _recorded(session, track_record(camera))).alerts == ()


@pytest.mark.asyncio
async def test_rules_that_do_not_hold_raise_nothing(session: AsyncSession) -> None:
    listless, camera, elsewhere = await add_subject(session), await add_camera(session), await add_camera(session)
    for changes in (
        {"is_active": False}, {"camera_id": elsewhere.id}, {"min_similarity": 0.9},
        {"schedule": {"windows": [{"days": ["sun"], "from": "13:00", "to": "14:00"}]}},
    ):  # fmt: skip
        given = _rule(subject_id=listless.id, **changes)
        await alert_rules.create_alert_rule(session, given=given, created_by=None)
    assert (await _recorded(session, track_record(camera, listless))).alerts == ()


@pytest.mark.asyncio
async def test_alerts_by_rules_are_raised_by_workers_only(session: AsyncSession) -> None:
    call = "SELECT raise_alert_by_rule(uuidv7(), uuidv7(), now(), now(), 'x')"
    async with acting(session, await add_user(session, Role.ADMIN)):
        with pytest.raises(Exception, match="not allowed"):
            async with session.begin_nested():
                await session.execute(text(call))


@pytest.mark.asyncio
async def test_the_past_is_tried_with_the_same_rule(session: AsyncSession) -> None:
    subject, camera, elsewhere = await add_subject(session), await add_camera(session), await add_camera(session)
    moments = [NOON + timedelta(minutes=m) for m in (0, 2, 30, 60 * 24)]
    tracks = [track_record(camera, first_seen=m, last_seen=m, match=matched(subject, 0.7)) for m in moments]
    weak = track_record(camera, first_seen=NOON, last_seen=NOON, match=matched(subject, 0.4))
    other = track_record(elsewhere, subject)
    await _recorded(session, *tracks, weak, other)
    given = _rule(camera_id=camera.id, min_similarity=0.7, subject_id=subject.id)
    run = await alert_rule_runs.dry_run(
        session, given=given, since=NOON - timedelta(days=1), until=NOON + timedelta(days=2), purpose="case 7"
    )
    assert [facts.sighting_id for facts in run.fired] == [tracks[0].track_id, tracks[2].track_id, tracks[3].track_id]
    assert [(str(day), count) for day, count in run.per_day] == [("2026-11-22", 2), ("2026-11-23", 1)]
    assert (run.sightings, run.is_complete) == (4, True)
    assert await session.scalar(text("SELECT count(*) FROM alerts")) == 0
    event = text("SELECT new_values ->> 'purpose' FROM audit_entries WHERE action = 'SEARCH'")
    assert list(await session.scalars(event)) == ["case 7"]
    nobody = await alert_rule_runs.dry_run(session, given=given, since=NOON, until=NOON, purpose=None)
    assert (nobody.fired, nobody.sightings) == ((), 0)


@pytest.mark.asyncio
async def test_a_dry_run_shows_only_what_the_asking_user_sees(session: AsyncSession) -> None:
    group = await session.scalar(text("INSERT INTO camera_groups (name) VALUES ('vault') RETURNING id"))
    subject, hidden = await add_subject(session), await add_camera(session, group_id=group)
    await _recorded(session, track_record(hidden, subject))
    span = {"since": NOON - timedelta(hours=1), "until": NOON + timedelta(hours=1)}
    run = await alert_rule_runs.dry_run(session, given=_rule(), **span, purpose=None)
    assert len(run.fired) == 1
    async with acting(session, await add_user(session, Role.OPERATOR)):
        run = await alert_rule_runs.dry_run(session, given=_rule(), **span, purpose=None)
    assert run.fired == ()
