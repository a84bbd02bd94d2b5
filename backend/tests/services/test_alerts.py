"""Alerts on their way from new to resolved, with a history, and held back until a second person confirms the match."""

import json
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import SYSTEM, WORKER, Database, Principal, Role
from sightline.core.errors import AppError, ApprovalRequired, Conflict, InvalidInput, NotFound
from sightline.services import alert_handling, alerts
from sightline.services.alerts import AlertFilter
from sightline.services.keyset import Order, PageRequest
from sightline.services.sightings import record_tracks
from tests.support.database import acting, add_camera, add_subject, add_user, add_watchlist, track_record

NEWEST = PageRequest(Order("created_at", descending=True))
NEED_VERIFICATION = text(
    "INSERT INTO settings (key, value) VALUES ('privacy', cast(:v AS jsonb))"
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)


async def _raised(session: AsyncSession, group_id: UUID | None = None, priority: int = 4) -> UUID:
    subject = await add_subject(session, await add_watchlist(session, priority))
    track = track_record(await add_camera(session, group_id=group_id), subject)
    async with acting(session, WORKER):
        (alert,) = (await record_tracks(session, tracks=[track])).alerts
    return alert.id


async def _two(session: AsyncSession) -> tuple[Principal, Principal]:
    return await add_user(session, Role.OPERATOR), await add_user(session, Role.OPERATOR)


@pytest.mark.asyncio
async def test_the_first_who_acknowledges_stays_on_record(session: AsyncSession) -> None:
    alert_id, (first, second) = await _raised(session), await _two(session)
    async with acting(session, first):
        await alert_handling.acknowledge(session, alert_id=alert_id, user_id=first.user_id, note="I go")
        await alert_handling.acknowledge(session, alert_id=alert_id, user_id=first.user_id)
    async with acting(session, second):
        with pytest.raises(Conflict, match="acknowledged"):
            await alert_handling.acknowledge(session, alert_id=alert_id, user_id=second.user_id)
        await alert_handling.resolve(session, alert_id=alert_id, user_id=second.user_id, verdict="true_match")
        await alert_handling.resolve(session, alert_id=alert_id, user_id=second.user_id, verdict="true_match")
        for verdict in ("true_match", "false_match"):
            with pytest.raises(Conflict, match="resolved"):
                await alert_handling.resolve(session, alert_id=alert_id, user_id=first.user_id, verdict=verdict)
        alert = await alert_handling.reopen(session, alert_id=alert_id, user_id=second.user_id)
        assert (alert.status, alert.acknowledged_by, alert.verdict) == ("acknowledged", first.user_id, None)
        told = await alerts.history(session, alert_id=alert_id)
    assert [(event.kind, event.user_id, event.note, event.verdict) for event in told] == [
        ("acknowledged", first.user_id, "I go", None),
        ("resolved", second.user_id, "", "true_match"),
        ("reopened", second.user_id, "", None),
    ]
    assert all(event.user_name for event in told)


@pytest.mark.asyncio
async def test_an_alert_goes_to_somebody_who_sees_its_camera(session: AsyncSession) -> None:
    group = UUID(str(await session.scalar(text("INSERT INTO camera_groups (name) VALUES ('vault') RETURNING id"))))
    alert_id, (member, stranger) = await _raised(session, group), await _two(session)
    viewer, admin = await add_user(session, Role.VIEWER), await add_user(session, Role.ADMIN)
    joins = text("INSERT INTO user_camera_groups (user_id, group_id) VALUES (:user, :group)")
    for user in (member, viewer):
        await session.execute(joins, {"user": user.user_id, "group": group})
    async with acting(session, member):
        able = {person.id for person in await alerts.assignees(session, alert_id=alert_id)}
        assert {member.user_id, admin.user_id} <= able
        for unable in (stranger.user_id, viewer.user_id, uuid4()):
            assert unable not in able
            with pytest.raises(InvalidInput):
                await alert_handling.assign(session, alert_id=alert_id, user_id=member.user_id, assigned_to=unable)
        await alert_handling.assign(session, alert_id=alert_id, user_id=member.user_id, assigned_to=admin.user_id)
        assert (await alerts.get_view(session, alert_id=alert_id)).assigned_to == admin.user_id
        assert (await alerts.count_open(session, user_id=admin.user_id)).mine == 1
        freed = await alert_handling.assign(session, alert_id=alert_id, user_id=member.user_id, assigned_to=None)
        assert freed.assigned_to is None
    async with acting(session, stranger):
        for refused in (
            alerts.get_view(session, alert_id=alert_id),
            alerts.assignees(session, alert_id=alert_id),
            alert_handling.comment(session, alert_id=alert_id, user_id=stranger.user_id, note="hello"),
        ):
            with pytest.raises(NotFound):
                await refused
        assert await alerts.history(session, alert_id=alert_id) == ()


@pytest.mark.asyncio
async def test_a_match_waits_for_a_second_person_and_so_do_its_notifications(session: AsyncSession) -> None:
    await session.execute(NEED_VERIFICATION, {"v": json.dumps({"match_needs_verification": True})})
    (first, second), outcomes = await _two(session), {}
    for confirmed in (True, False):
        alert_id = await _raised(session)
        await _queue(session, alert_id)
        assert await _queued(session, alert_id) == "held"
        async with acting(session, second):
            with pytest.raises(Conflict, match="acknowledged"):
                await alert_handling.verify(session, alert_id=alert_id, user_id=second.user_id, confirmed=True)
            await alert_handling.acknowledge(session, alert_id=alert_id, user_id=second.user_id)
            with pytest.raises(ApprovalRequired):
                await alert_handling.verify(session, alert_id=alert_id, user_id=second.user_id, confirmed=True)
        assert await _queued(session, alert_id) == "held"
        async with acting(session, first):
            alert = await alert_handling.verify(session, alert_id=alert_id, user_id=first.user_id, confirmed=confirmed)
            with pytest.raises(Conflict, match="verification is"):
                await alert_handling.verify(session, alert_id=alert_id, user_id=first.user_id, confirmed=True)
        outcomes[confirmed] = (alert.verification, await _queued(session, alert_id))
    assert outcomes == {True: ("confirmed", "pending"), False: ("refused", "cancelled")}


@pytest.mark.asyncio
async def test_a_false_match_is_never_told_and_later_ones_neither(session: AsyncSession) -> None:
    await session.execute(NEED_VERIFICATION, {"v": json.dumps({"match_needs_verification": True})})
    alert_id = await _raised(session)
    await _queue(session, alert_id)
    alert = await alert_handling.resolve(session, alert_id=alert_id, user_id=None, verdict="false_match")
    assert (alert.verification, await _queued(session, alert_id)) == ("refused", "cancelled")
    await session.execute(text("DELETE FROM notification_outbox"))
    await _queue(session, alert_id)
    assert await _queued(session, alert_id) == "cancelled"


@pytest.mark.asyncio
async def test_without_the_policy_nothing_is_held(session: AsyncSession) -> None:
    alert_id = await _raised(session)
    await _queue(session, alert_id)
    assert await _queued(session, alert_id) == "pending"
    with pytest.raises(Conflict, match="not_needed"):
        await alert_handling.verify(session, alert_id=alert_id, user_id=None, confirmed=True)


async def _queue(session: AsyncSession, alert_id: UUID) -> None:
    statement = text(
        "WITH c AS (INSERT INTO notification_channels (name, kind) VALUES (uuidv7()::text, 'email') RETURNING id)"
        " INSERT INTO notification_outbox (alert_id, channel_id) SELECT :alert, id FROM c"
    )
    await session.execute(statement, {"alert": alert_id})


async def _queued(session: AsyncSession, alert_id: UUID) -> str:
    statement = text("SELECT status FROM notification_outbox WHERE alert_id = :alert")
    return str((await session.execute(statement, {"alert": alert_id})).scalar_one())


@pytest.mark.asyncio
async def test_what_people_wrote_goes_with_the_person_and_is_not_in_the_audit_log(session: AsyncSession) -> None:
    alert_id = await _raised(session)
    await alert_handling.comment(session, alert_id=alert_id, user_id=None, note="It is Mr. Hidden-Name")
    subject_id = (await alerts.get_view(session, alert_id=alert_id)).subject_id
    await session.execute(text("SELECT * FROM erase_subject(:id)"), {"id": subject_id})
    (event,) = await alerts.history(session, alert_id=alert_id)
    assert (event.kind, event.note) == ("commented", "")
    leaked = text("SELECT count(*) FROM audit_payloads WHERE concat(old_values, new_values) LIKE '%Hidden-Name%'")
    assert await session.scalar(leaked) == 0


@pytest.mark.asyncio
async def test_history_is_only_added_to_and_under_ones_own_name(session: AsyncSession) -> None:
    alert_id, (first, second) = await _raised(session), await _two(session)
    admin = await add_user(session, Role.ADMIN)
    viewer = await add_user(session, Role.VIEWER)
    insert = "INSERT INTO alert_events (alert_id, user_id, kind) VALUES (:alert, :user, 'commented')"
    for principal, user in ((first, second), (admin, first), (viewer, viewer)):
        async with acting(session, principal):
            with pytest.raises(Exception, match="row-level security"):
                async with session.begin_nested():
                    await session.execute(text(insert), {"alert": alert_id, "user": user.user_id})
    for statement in ("UPDATE alert_events SET note = 'x'", "DELETE FROM alert_events"):
        async with acting(session, admin):
            with pytest.raises(Exception, match="permission denied"):
                async with session.begin_nested():
                    await session.execute(text(statement))


@pytest.mark.asyncio
async def test_pages_filters_and_orders(session: AsyncSession) -> None:
    ids = [await _raised(session, priority=priority) for priority in (1, 5, 3)]
    await alert_handling.resolve(session, alert_id=ids[2], user_id=None, verdict="test")
    by_severity = PageRequest(Order("severity", descending=True), limit=2)
    first = await alerts.list_alerts(session, where=AlertFilter(ids=tuple(ids)), request=by_severity, with_total=True)
    assert [view.severity for view in first.items] == ["critical", "medium"]
    assert first.total == 3
    rest = PageRequest(by_severity.order, 2, first.next)
    second = await alerts.list_alerts(session, where=AlertFilter(ids=tuple(ids)), request=rest)
    assert ([view.severity for view in second.items], second.next) == (["low"], None)
    for where, expected in (
        (AlertFilter(statuses=("resolved",)), ids[2:]),
        (AlertFilter(severities=("low", "critical")), ids[1::-1]),
        (AlertFilter(verdicts=("test",), verification="not_needed"), ids[2:]),
        (AlertFilter(verdicts=("false_match",)), []),
        (AlertFilter(group_id=uuid4()), []),
        (AlertFilter(rule_id=uuid4()), []),
    ):
        found = await alerts.list_alerts(session, where=where, request=NEWEST)
        assert {view.id for view in found.items if view.id in ids} == set(expected)
    count = await alerts.count_open(session, user_id=None, where=AlertFilter(ids=tuple(ids)))
    assert (count.new, count.acknowledged, count.unverified) == (2, 0, 0)
    assert count.by_severity == {"low": 1, "medium": 0, "high": 0, "critical": 1}
    with pytest.raises(NotFound):
        await alerts.get_view(session, alert_id=uuid4())


@pytest.mark.asyncio
async def test_several_at_once_and_each_stands_alone(database: Database) -> None:
    async with database.session(SYSTEM) as session:
        ids = [await _raised(session) for _ in range(3)]
        await alert_handling.resolve(session, alert_id=ids[1], user_id=None, verdict="test")
    missing = uuid4()
    async with database.session(SYSTEM) as session:

        async def step(alert_id: UUID) -> None:
            await alert_handling.acknowledge(session, alert_id=alert_id, user_id=None)

        items = await alert_handling.each(session, alert_ids=[*reversed(ids), missing, ids[0]], step=step)
    assert [(item.id, item.done, item.code) for item in items] == [
        (ids[2], True, None),
        (ids[1], False, "conflict"),
        (ids[0], True, None),
        (missing, False, "not_found"),
        (ids[0], True, None),
    ]
    async with database.session(SYSTEM) as session:
        states = {view.id: view.status for view in await alerts.list_views(session)}
    assert states == {ids[0]: "acknowledged", ids[1]: "resolved", ids[2]: "acknowledged"}


@pytest.mark.asyncio
async def test_of_two_people_at_once_one_wins(database: Database) -> None:
    async with database.session(SYSTEM) as session:
        alert_id, people = await _raised(session), await _two(session)
    winners: list[Principal] = []
    async with database.session(people[0]) as first:
        await alert_handling.acknowledge(first, alert_id=alert_id, user_id=people[0].user_id)
        async with database.session(people[1]) as second:
            await second.execute(text("SET LOCAL lock_timeout = '50ms'"))
            with pytest.raises(Exception, match="lock timeout"):  # it waits for the first one
                await alert_handling.acknowledge(second, alert_id=alert_id, user_id=people[1].user_id)
            await second.rollback()
        winners.append(people[0])
    with pytest.raises(AppError) as caught:
        async with database.session(people[1]) as again:
            await alert_handling.acknowledge(again, alert_id=alert_id, user_id=people[1].user_id)
    assert caught.value.status == 409
