"""Rules on what is recorded: what they raise, update and tell, and that a dry run says the same of the past."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import WORKER, Role
from sightline.models import Camera
from sightline.schemas.alert_rules import DryRunLimit
from sightline.services import alerts
from sightline.services.sightings import TrackRecord, close_silent
from tests.services.rule_engine import add_channel, evaluated, keep, rule, tried
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

pytestmark = pytest.mark.asyncio
NIGHT_ENDS = (datetime.now(UTC) + timedelta(days=2)).replace(hour=6, minute=0, second=0, microsecond=0)
"""Of a night to come: nothing waits for one that is over."""


def seen(camera: Camera, minutes: float, *, subject: Any = None, lasts: float = 5, **changes: Any) -> TrackRecord:
    begin = NOON + timedelta(minutes=minutes)
    own = {"first_seen": begin, "last_seen": begin + timedelta(seconds=lasts), "closed": True}
    return track_record(camera, subject, **{**own, **changes})


async def _outbox(session: AsyncSession, alert_id: UUID) -> list[tuple[Any, ...]]:
    queued = text("SELECT channel_id, status, next_attempt_at FROM notification_outbox WHERE alert_id = :id")
    return [tuple(row) for row in (await session.execute(queued, {"id": alert_id})).all()]


async def test_a_rule_takes_over_what_the_watchlist_raises(session: AsyncSession) -> None:
    subject, camera = await add_subject(session, await add_watchlist(session, priority=3)), await add_camera(session)
    channels = [await add_channel(session), await add_channel(session, active=False)]
    kept = await keep(session, camera_id=camera.id, severity="critical", channel_ids=channels)
    track = track_record(camera, subject)
    (alert,) = (await evaluated(session, track)).raised
    view = await alerts.get_view(session, alert_id=alert)
    assert (view.rule_id, view.severity, view.watchlist_id) == (kept.id, "critical", subject.watchlist_id)
    again = await evaluated(session, replace(track, last_seen=track.last_seen + timedelta(hours=1)))
    assert (again.sightings, again.raised) == (1, ())
    assert [row[:2] for row in await _outbox(session, alert)] == [(channels[0], "pending")]
    assert await session.scalar(text("SELECT count(*) FROM alerts")) == 1


async def test_a_rule_raises_where_no_watchlist_does(session: AsyncSession) -> None:
    listless, camera = await add_subject(session), await add_camera(session)
    await keep(session, subject_id=listless.id)
    (alert,) = (await evaluated(session, track_record(camera, listless), track_record(camera, listless))).raised
    view = await alerts.get_view(session, alert_id=alert)
    assert (view.watchlist_id, view.severity) == (None, "low")
    assert 'rule "night"' in view.message
    assert listless.name not in view.message
    assert len((await evaluated(session, seen(camera, 10, subject=listless))).raised) == 1
    assert (await evaluated(session, track_record(camera))).raised == ()


async def test_rules_that_do_not_hold_raise_nothing_and_nothing_waits_where_none_is_in_force(
    session: AsyncSession,
) -> None:
    listless, camera, elsewhere = await add_subject(session), await add_camera(session), await add_camera(session)
    await keep(session, subject_id=listless.id, is_active=False)
    assert (await evaluated(session, track_record(camera, listless))).sightings == 0
    cases: list[dict[str, Any]] = [
        {"camera_id": elsewhere.id}, {"min_similarity": 0.9}, {"max_fmr": 1e-7}, {"unknown_person": True},
        {"schedule": {"windows": [{"days": ["sun"], "from": "13:00", "to": "14:00"}]}},
        {"snoozed_until": "2026-11-23T00:00:00Z"}, {"frequency": {"count": 2, "within_seconds": 60}},
        {"camera_id": camera.id, "zone": [[[0.5, 0.5], [1, 0.5], [1, 1]]]},
    ]  # fmt: skip
    for changes in cases:
        await keep(session, **{"subject_id": listless.id, **changes})
    batch = await evaluated(session, seen(camera, 5, subject=listless))
    assert (batch.sightings, batch.raised) == (1, ())


async def test_alerts_by_rules_are_raised_by_workers_only(session: AsyncSession) -> None:
    for call in ("raise_alerts_by_rules('{}', '{}', '{}', '{}', '{}', '{}')", "follow_sightings('{}', '{}')"):
        async with acting(session, await add_user(session, Role.ADMIN)):
            with pytest.raises(Exception, match="not allowed"):
                async with session.begin_nested():
                    await session.execute(text(f"SELECT * FROM {call}"))  # noqa: S608 - of constants


async def test_an_unknown_person_raises_once_they_are_gone_or_stay(session: AsyncSession) -> None:
    camera, guest = await add_camera(session), await add_subject(session)
    await keep(session, camera_id=camera.id, unknown_person=True, unknown_after_seconds=3600, severity="high")
    now = datetime.now(UTC)
    there = seen(camera, 0, first_seen=now, last_seen=now, closed=False)
    assert (await evaluated(session, there)).raised == ()
    due = text("SELECT due_at, detected_at FROM rule_queue")
    ((due_at, detected_at),) = (await session.execute(due)).all()
    assert due_at - detected_at == timedelta(hours=1)
    (alert,) = (await evaluated(session, replace(there, closed=True))).raised
    view = await alerts.get_view(session, alert_id=alert)
    assert (view.subject_id, view.severity, view.message[:22]) == (None, "high", "Unknown person by rule")
    long_ago = now - timedelta(hours=2)
    stays = seen(camera, 0, first_seen=long_ago, last_seen=long_ago, closed=False)
    (alert,) = (await evaluated(session, stays)).raised
    assert (await alerts.get_view(session, alert_id=alert)).matched_at == long_ago + timedelta(hours=1)
    named = seen(camera, 0, subject=guest, first_seen=now - timedelta(hours=9), last_seen=now - timedelta(hours=9))
    assert (await evaluated(session, named)).raised == ()


async def test_a_track_whose_worker_died_counts_as_unknown_when_it_is_closed(session: AsyncSession) -> None:
    camera, begin = await add_camera(session), datetime.now(UTC) - timedelta(minutes=5)
    await keep(session, camera_id=camera.id, unknown_person=True, unknown_after_seconds=3600)
    assert (await evaluated(session, seen(camera, 0, first_seen=begin, last_seen=begin, closed=False))).raised == ()
    async with acting(session, WORKER):
        await close_silent(session, silent_for=timedelta(minutes=2))
    assert len((await evaluated(session)).raised) == 1


async def test_better_shots_update_the_alert_and_tell_nobody_again(session: AsyncSession) -> None:
    guest, camera, channel = await add_subject(session), await add_camera(session), await add_channel(session)
    await keep(session, subject_id=guest.id, channel_ids=[channel])
    first = track_record(camera, match=matched(guest, 0.5))
    (alert,) = (await evaluated(session, first)).raised
    told = await _outbox(session, alert)
    for similarity, best, changed in ((0.7, 0.7, (alert,)), (0.6, 0.7, ())):
        first = replace(first, match=matched(guest, similarity), last_seen=first.last_seen + timedelta(seconds=1))
        batch = await evaluated(session, first)
        assert (batch.raised, batch.followed) == ((), changed)
        view = await alerts.get_view(session, alert_id=alert)
        assert view.similarity == pytest.approx(best, abs=1e-6)
    assert await _outbox(session, alert) == told


async def test_an_alert_of_a_watchlist_follows_its_sighting_too(session: AsyncSession) -> None:
    guest, other = await add_subject(session, await add_watchlist(session)), await add_subject(session)
    track = track_record(await add_camera(session), match=matched(guest, 0.5))
    assert (await evaluated(session, track)).sightings == 0
    ((alert, similarity),) = (await session.execute(text("SELECT id, similarity FROM alerts"))).all()
    assert similarity == pytest.approx(0.5)
    steps = [
        (guest, 0.9, "same"),
        (other, 0.8, "other"),
        (other, 0.85, "other"),
        (None, 0.1, "unknown"),
        (guest, 0.6, "same"),
    ]
    for who, how_sure, expected in steps:
        track = replace(track, match=matched(who, how_sure), last_seen=track.last_seen + timedelta(seconds=1))
        await evaluated(session, track)
        view = await alerts.get_view(session, alert_id=alert)
        assert view.identity == expected
        assert view.similarity == pytest.approx(0.9)
    kinds = [(event.kind, event.user_id) for event in await alerts.history(session, alert_id=alert)]
    assert kinds == [("identity_changed", None)] * 3


async def test_quiet_hours_keep_notifications_back_but_for_critical_ones(session: AsyncSession) -> None:
    guest, camera, channel = await add_subject(session), await add_camera(session), await add_channel(session)
    quiet: dict[str, Any] = {"windows": [{"from": "22:00", "to": "06:00"}]}
    at_night, own = NIGHT_ENDS - timedelta(hours=2), {"subject_id": guest.id, "channel_ids": [channel]}
    cases: list[tuple[dict[str, Any], bool]] = [
        ({"quiet_hours": quiet}, True),
        ({"quiet_hours": quiet, "severity": "critical"}, False),
        ({"quiet_hours": {**quiet, "spares_critical": False}, "severity": "critical"}, True),
        ({"quiet_hours": {"windows": [{"from": "08:00", "to": "09:00"}]}}, False),
    ]
    for number, (changes, waits) in enumerate(cases):
        kept = await keep(session, **own, **changes)
        (alert,) = (await evaluated(session, seen(camera, number, subject=guest), now=at_night)).raised
        ((_, status, due),) = await _outbox(session, alert)
        assert status == "pending"
        assert (due == NIGHT_ENDS) is waits
        await session.execute(text("DELETE FROM alert_rules WHERE id = :id"), {"id": kept.id})


COMBINED: list[dict[str, Any]] = [
    {"min_similarity": 0.7}, {"frequency": {"count": 2, "within_seconds": 300}},
    {"frequency": {"count": 3, "within_seconds": 3600, "place": "anywhere"}, "cooldown_scope": "subject"},
    {"cooldown_scope": "rule", "cooldown_seconds": 600}, {"cooldown_seconds": 0},
    {"schedule": {"time_zone": "Europe/Berlin", "windows": [{"days": ["sun"], "from": "13:10", "to": "13:45"}]}},
    {"unknown_person": True, "unknown_after_seconds": 2}, {"max_fmr": 1e-4, "cooldown_seconds": 60},
    {"unknown_person": True, "unknown_after_seconds": 2, "frequency": {"count": 2, "within_seconds": 1200}},
]  # fmt: skip


@pytest.mark.parametrize("changes", COMBINED, ids=str)
async def test_a_dry_run_says_what_the_live_rule_raised(session: AsyncSession, changes: dict[str, Any]) -> None:
    anna, bert = await add_subject(session), await add_subject(session)
    lobby, gate = await add_camera(session), await add_camera(session)
    people = [anna, bert, None, anna, anna, bert, None, anna]
    tracks = [
        seen(gate if number % 3 == 2 else lobby, 3 * number, match=matched(person, 0.5 + 0.06 * number))
        for number, person in enumerate(people * 2)
    ]
    given = rule(**changes)
    past = (NOON - timedelta(hours=1), NOON + timedelta(hours=2))
    kept = await keep(session, **changes)
    for track in tracks:
        await evaluated(session, replace(track, closed=False))
        await evaluated(session, track)
    rows = text("SELECT sighting_id, matched_at FROM alerts WHERE rule_id = :rule ORDER BY matched_at, sighting_id")
    live = [tuple(row) for row in (await session.execute(rows, {"rule": kept.id})).all()]
    run = await tried(session, given, *past)
    assert [(one.facts.sighting_id, one.at) for one in run.fired] == live
    assert live
    assert run.summary == f"It would have fired {'once' if len(live) == 1 else f'{len(live)} times'} in 1 day."


async def test_company_counts_in_whatever_order_two_people_are_recorded(session: AsyncSession) -> None:
    anna, bert, camera = await add_subject(session), await add_subject(session), await add_camera(session)
    given = {"subject_id": anna.id, "co_presence": {"subject_id": bert.id, "within_seconds": 60}}
    await keep(session, **given, cooldown_seconds=60)
    assert (await evaluated(session, seen(camera, 0, subject=anna))).raised == ()
    assert len((await evaluated(session, seen(camera, 1, subject=bert))).raised) == 1
    assert (await evaluated(session, seen(camera, 30, subject=bert))).raised == ()
    (alert,) = (await evaluated(session, seen(camera, 30.5, subject=anna))).raised
    assert (await alerts.get_view(session, alert_id=alert)).subject_id == anna.id
    run = await tried(session, rule(**given, cooldown_seconds=60), NOON, NOON + timedelta(hours=1))
    assert len(run.fired) == 2


async def test_the_past_is_tried_with_the_same_rule(session: AsyncSession) -> None:
    subject, camera, elsewhere = await add_subject(session), await add_camera(session), await add_camera(session)
    tracks = [seen(camera, minutes, match=matched(subject, 0.7)) for minutes in (0, 2, 30, 60 * 24)]
    await evaluated(session, *tracks, seen(camera, 0, match=matched(subject, 0.4)), track_record(elsewhere, subject))
    given = rule(camera_id=camera.id, min_similarity=0.7, subject_id=subject.id)
    span = (NOON - timedelta(days=1), NOON + timedelta(days=2))
    run = await tried(session, given, *span, purpose="case 7")
    ids = [one.facts.sighting_id for one in run.fired]
    assert ids == [tracks[0].track_id, tracks[2].track_id, tracks[3].track_id]
    assert [(str(day), count) for day, count in run.per_day] == [("2026-11-22", 2), ("2026-11-23", 1)]
    assert (run.sightings, run.is_complete, run.summary) == (4, True, "It would have fired 3 times in 3 days.")
    assert await session.scalar(text("SELECT count(*) FROM alerts")) == 0
    event = text("SELECT new_values ->> 'purpose' FROM audit_entries WHERE action = 'SEARCH'")
    assert list(await session.scalars(event)) == ["case 7"]
    nobody = await tried(session, given, NOON, NOON)
    assert (nobody.fired, nobody.sightings) == ((), 0)


async def test_a_dry_run_says_what_the_past_cannot_tell(session: AsyncSession) -> None:
    camera, now = await add_camera(session), datetime.now(UTC)
    recent = now - timedelta(hours=1)
    await evaluated(session, seen(camera, 0, first_seen=recent, last_seen=recent))
    await session.execute(
        text("UPDATE sightings SET anonymised_at = now(), verdict = 'rejected', corrected_at = now()")
    )
    told: dict[str, Any] = {"camera_id": camera.id, "unknown_person": True, "zone": [[[0, 0], [1, 0], [1, 1]]]}
    run = await tried(session, rule(**told), now - timedelta(days=60), now)
    assert {limit.code for limit in run.limits} == {
        DryRunLimit.RETENTION, DryRunLimit.NAMED_LATER, DryRunLimit.BEST_SHOT_ONLY, DryRunLimit.ANONYMISED,
        DryRunLimit.CORRECTED,
    }  # fmt: skip
    guest = await add_subject(session)
    plain = await tried(session, rule(subject_id=guest.id), recent + timedelta(seconds=1), now)
    assert plain.limits == ()


async def test_a_dry_run_shows_only_what_the_asking_user_sees(session: AsyncSession) -> None:
    group = await session.scalar(text("INSERT INTO camera_groups (name) VALUES ('vault') RETURNING id"))
    subject, hidden = await add_subject(session), await add_camera(session, group_id=group)
    await evaluated(session, track_record(hidden, subject))
    span = (NOON - timedelta(hours=1), NOON + timedelta(hours=1))
    assert len((await tried(session, rule(), *span)).fired) == 1
    async with acting(session, await add_user(session, Role.OPERATOR)):
        assert (await tried(session, rule(), *span)).fired == ()
