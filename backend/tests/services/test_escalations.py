"""What happens while nobody acknowledges an alert: steps in order, each once, and what ends or delays them."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import AUTH, WORKER, Role
from sightline.core.errors import Conflict, InvalidInput
from sightline.models import Alert, AlertEscalation, AlertEvent, NotificationChannel, NotificationOutbox
from sightline.schemas.escalations import EscalationPolicyIn, EscalationStep, EscalationWarning
from sightline.services import alert_handling, alerts, escalation_policies, escalations, sightings
from sightline.services.acknowledge_links import Grant
from sightline.services.escalations import Escalated, LinkState
from sightline.services.keyset import Order, PageRequest
from tests.support.database import acting, add_camera, add_subject, add_user, add_watchlist, track_record

pytestmark = pytest.mark.asyncio


async def add_channel(session: AsyncSession, name: str, *, is_active: bool = True) -> UUID:
    channel = NotificationChannel(name=name, kind="email", config={"recipients": []}, is_active=is_active)
    session.add(channel)
    await session.flush()
    return channel.id


def policy_of(*steps: EscalationStep, name: str = "Night", is_default: bool = True) -> EscalationPolicyIn:
    return EscalationPolicyIn(name=name, steps=steps, is_default=is_default)


async def raised(session: AsyncSession, priority: int = 3) -> Alert:
    """An alert of a watchlist, of severity medium."""
    subject = await add_subject(session, await add_watchlist(session, priority), seed=1)
    camera = await add_camera(session)
    async with acting(session, WORKER):
        recorded = await sightings.record_tracks(session, tracks=[track_record(camera, subject)])
    return await found(session, recorded.alerts[0].id)


async def found(session: AsyncSession, alert_id: UUID) -> Alert:
    statement = select(Alert).where(Alert.id == alert_id).execution_options(populate_existing=True)
    return (await session.scalars(statement)).one()


async def timer(session: AsyncSession, alert: Alert) -> tuple[int, float] | None:
    """The step that is next, and in how many seconds."""
    statement = text(
        "SELECT step, extract(epoch FROM due_at - now())::float8 FROM alert_escalations"
        " WHERE alert_id = :id AND done_at IS NULL"
    )
    row = (await session.execute(statement, {"id": alert.id})).one_or_none()
    return None if row is None else (row[0], row[1])


async def time_passes(session: AsyncSession, seconds: float) -> None:
    """For timers."""
    passed = AlertEscalation.due_at - timedelta(seconds=seconds)
    await session.execute(AlertEscalation.__table__.update().values(due_at=passed))  # type: ignore[attr-defined]


async def take(session: AsyncSession) -> Escalated | None:
    async with acting(session, WORKER):
        return await escalations.escalate_next(session)


async def levels(session: AsyncSession, alert: Alert) -> list[tuple[int, str]]:
    statement = select(NotificationOutbox.level, NotificationOutbox.status)
    rows = await session.execute(statement.where(NotificationOutbox.alert_id == alert.id).order_by("level"))
    return [(row.level, row.status) for row in rows.all()]


async def test_the_house_has_a_policy_from_the_start_that_tells_nobody_yet(session: AsyncSession) -> None:
    page = await escalation_policies.list_policies(session, request=PageRequest(order=Order("name"), limit=10))
    (house,) = page.items
    assert (house.is_default, [step.after_seconds for step in house.steps]) == (True, [300])
    assert [(doubt.code, doubt.step) for doubt in house.warnings] == [(EscalationWarning.NOBODY_IS_TOLD, 1)]
    alert = await raised(session)
    assert await timer(session, alert) == (1, 300)
    assert await take(session) is None
    await time_passes(session, 300)
    assert await take(session) == Escalated(alert.id, 1, ())
    assert (await found(session, alert.id)).severity == "high"
    assert await timer(session, alert) is None
    assert await take(session) is None


async def test_each_step_raises_the_severity_tells_its_channels_and_is_on_record(session: AsyncSession) -> None:
    chief, guard, off = [
        await add_channel(session, name, is_active=name != "off") for name in ("chief", "guard", "off")
    ]
    given = policy_of(
        EscalationStep(after_seconds=60, channel_ids=(chief, off)),
        EscalationStep(after_seconds=120, channel_ids=(guard, chief), raise_severity=False),
        EscalationStep(after_seconds=30),
        EscalationStep(after_seconds=30),
    )
    made = await escalation_policies.create_policy(session, given=given)
    assert [(doubt.code, doubt.step) for doubt in made.warnings] == [
        (EscalationWarning.CHANNEL_OFF, 1), (EscalationWarning.NOBODY_IS_TOLD, 3), (EscalationWarning.NOBODY_IS_TOLD, 4)
    ]  # fmt: skip
    alert = await raised(session)
    seen = []
    for _ in range(5):
        await time_passes(session, 120)
        seen.append(((await take(session)) is not None, (await found(session, alert.id)).severity))
    assert seen == [(True, "high"), (True, "high"), (True, "critical"), (True, "critical"), (False, "critical")]
    assert await levels(session, alert) == [(1, "pending"), (2, "pending"), (2, "pending")]
    history = await alerts.history(session, alert_id=alert.id)
    assert [(event.kind, event.step, event.severity, event.user_id) for event in history] == [
        ("escalated", 1, "high", None), ("escalated", 2, "high", None),
        ("escalated", 3, "critical", None), ("escalated", 4, "critical", None),
    ]  # fmt: skip


async def test_after_an_outage_each_step_keeps_its_distance(session: AsyncSession) -> None:
    await escalation_policies.create_policy(session, given=policy_of(*[EscalationStep(after_seconds=60)] * 3))
    alert = await raised(session)
    await time_passes(session, 3600)
    assert await take(session) is not None
    assert await timer(session, alert) == (2, 60)
    assert await take(session) is None


@pytest.mark.parametrize("ending", ["acknowledge", "resolve"])
async def test_who_handles_an_alert_ends_it(session: AsyncSession, ending: str) -> None:
    alert = await raised(session)
    if ending == "acknowledge":
        await alert_handling.acknowledge(session, alert_id=alert.id, user_id=None)
    else:
        await alert_handling.resolve(session, alert_id=alert.id, user_id=None, verdict="unclear")
    assert await timer(session, alert) is None
    await time_passes(session, 3600)
    assert await take(session) is None


async def test_an_alert_that_is_reopened_unseen_goes_on_with_the_next_step(session: AsyncSession) -> None:
    steps = (EscalationStep(after_seconds=60), EscalationStep(after_seconds=90))
    await escalation_policies.create_policy(session, given=policy_of(*steps))
    alert = await raised(session)
    await time_passes(session, 60)
    await take(session)
    await alert_handling.resolve(session, alert_id=alert.id, user_id=None, verdict="test")
    await alert_handling.reopen(session, alert_id=alert.id, user_id=None)
    assert await timer(session, alert) == (2, 90)
    await alert_handling.acknowledge(session, alert_id=alert.id, user_id=None)
    await alert_handling.resolve(session, alert_id=alert.id, user_id=None, verdict="test")
    await alert_handling.reopen(session, alert_id=alert.id, user_id=None)
    assert await timer(session, alert) is None, "somebody looks at it already"


async def test_a_rule_brings_its_policy_or_none(session: AsyncSession) -> None:
    slow = await escalation_policies.create_policy(
        session, given=policy_of(EscalationStep(after_seconds=900), name="Slow", is_default=False)
    )
    make = text(
        "INSERT INTO alert_rules (name, is_escalated, escalation_policy_id) VALUES ('r', :is_on, :policy) RETURNING id"
    )
    by_slow = await session.scalar(make, {"is_on": True, "policy": slow.id})
    never = await session.scalar(make, {"is_on": False, "policy": None})
    alert = await raised(session)
    take_over = text("UPDATE alerts SET rule_id = :rule WHERE id = :id")
    await session.execute(take_over, {"rule": by_slow, "id": alert.id})
    assert await timer(session, alert) == (1, 900)
    state = await escalations.state_of(session, alert_id=alert.id, rule_id=by_slow)
    assert (state.policy_name, state.step, state.steps, state.next_at is not None) == ("Slow", 0, 1, True)
    with pytest.raises(Conflict, match="rule"):
        await escalation_policies.remove_policy(session, policy_id=slow.id)
    await session.execute(take_over, {"rule": never, "id": alert.id})
    assert await timer(session, alert) is None
    state = await escalations.state_of(session, alert_id=alert.id, rule_id=never)
    assert (state.policy_id, state.steps, state.next_at) == (None, 0, None)
    other = await raised(session)
    await session.execute(take_over, {"rule": by_slow, "id": other.id})
    await session.execute(text("DELETE FROM alert_rules"))
    assert await timer(session, other) == (1, 900), "a rule that goes does not stop its alerts' timers"
    await escalation_policies.remove_policy(session, policy_id=slow.id)
    await time_passes(session, 900)
    assert await take(session) is not None, "the house's policy takes over"


async def test_a_policy_that_was_shortened_ends_the_chain(session: AsyncSession) -> None:
    steps = [EscalationStep(after_seconds=60)] * 2
    policy = await escalation_policies.create_policy(session, given=policy_of(*steps))
    alert = await raised(session)
    await time_passes(session, 60)
    await take(session)
    await escalation_policies.update_policy(session, policy_id=policy.id, given=policy_of(steps[0]), expected=None)
    await time_passes(session, 60)
    assert await take(session) is None
    assert await timer(session, alert) is None
    assert (await escalations.state_of(session, alert_id=alert.id, rule_id=None)).step == 1


async def test_nothing_of_an_unconfirmed_match_leaves_the_house_but_it_grows_more_severe(session: AsyncSession) -> None:
    channel = await add_channel(session, "chief")
    await escalation_policies.create_policy(
        session, given=policy_of(EscalationStep(after_seconds=60, channel_ids=(channel,)))
    )
    alert = await raised(session)
    await session.execute(text("UPDATE alerts SET verification = 'pending' WHERE id = :id"), {"id": alert.id})
    await time_passes(session, 60)
    taken = await take(session)
    assert taken is not None
    assert await levels(session, alert) == [(1, "held")]
    assert (await found(session, alert.id)).severity == "high"


async def test_the_chain_begins_when_somebody_is_told(session: AsyncSession) -> None:
    """In quiet hours an alert's own notifications wait: so does calling the next person."""
    channel = await add_channel(session, "guard")
    alert = await raised(session)
    wait = text(
        "INSERT INTO notification_outbox (alert_id, channel_id, next_attempt_at)"
        " VALUES (:alert, :channel, now() + interval '2 hours')"
    )
    await session.execute(wait, {"alert": alert.id, "channel": channel})
    await time_passes(session, 300)
    assert await take(session) is None
    assert await timer(session, alert) == (1, 7200 + 300)
    await session.execute(text("UPDATE notification_outbox SET status = 'delivered'"))
    await time_passes(session, 7500)
    assert await take(session) is not None


async def test_the_house_keeps_exactly_one_default(session: AsyncSession) -> None:
    new = await escalation_policies.create_policy(session, given=policy_of(name="New"))
    assert [doubt.code for doubt in new.warnings] == [EscalationWarning.NO_STEPS]
    request = PageRequest(order=Order("name"), limit=10)
    page = await escalation_policies.list_policies(session, request=request)
    assert [(policy.name, policy.is_default) for policy in page.items] == [("House", False), ("New", True)]
    with pytest.raises(Conflict, match="default"):
        await escalation_policies.remove_policy(session, policy_id=new.id)
    given = policy_of(name="New", is_default=False)
    with pytest.raises(Conflict, match="default"):
        await escalation_policies.update_policy(session, policy_id=new.id, given=given, expected=None)
    alert = await raised(session)
    assert await timer(session, alert) is None


async def test_a_channel_that_is_not_there_is_refused(session: AsyncSession) -> None:
    step = EscalationStep(channel_ids=(UUID(int=7),))
    with pytest.raises(InvalidInput, match="channel"):
        await escalation_policies.create_policy(session, given=policy_of(step))


async def test_a_link_acknowledges_once_and_tells_how_it_stands(session: AsyncSession) -> None:
    channel = await add_channel(session, "Night shift")
    alert = await raised(session)
    queue = text("INSERT INTO notification_outbox (alert_id, channel_id, level) VALUES (:a, :c, :l) RETURNING id")
    first, second = [await session.scalar(queue, {"a": alert.id, "c": channel, "l": level}) for level in (0, 1)]
    assert first is not None
    assert second is not None
    async with acting(session, AUTH):
        for _ in range(2):
            seen = await escalations.look(session, grant=Grant(alert.id, first))
            assert seen is not None
            assert seen.state is LinkState.OPEN
        states = [
            getattr(await escalations.acknowledge(session, grant=Grant(alert.id, delivery)), "state", None)
            for delivery in (first, first, second, UUID(int=9))
        ]
    assert states == [LinkState.DONE, LinkState.USED, LinkState.ACKNOWLEDGED, None]
    kept = (await session.scalars(select(AlertEvent).where(AlertEvent.alert_id == alert.id))).one()
    assert (kept.kind, kept.user_id, kept.delivery_id, kept.channel) == ("acknowledged", None, first, "Night shift")
    now = await found(session, alert.id)
    assert (now.status, now.acknowledged_by, now.acknowledged_at is not None) == ("acknowledged", None, True)
    assert await timer(session, alert) is None
    await alert_handling.resolve(session, alert_id=alert.id, user_id=None, verdict="test")
    async with acting(session, AUTH):
        after = await escalations.acknowledge(session, grant=Grant(alert.id, second))
    assert after is not None
    assert after.state is LinkState.RESOLVED


async def test_who_may_not(session: AsyncSession) -> None:
    alert = await raised(session)
    viewer = await add_user(session, Role.VIEWER)
    refused = {
        "SELECT * FROM escalate_next()": (viewer, AUTH),
        "SELECT * FROM acknowledge_by_link(:id, :id, true)": (viewer, WORKER),
        "SELECT escalation_steps(NULL)": (viewer, WORKER),
        "SELECT plan_escalation(:id, NULL, 1)": (viewer, WORKER),
        "INSERT INTO escalation_policies (name) VALUES ('x')": (viewer, WORKER),
    }
    for statement, people in refused.items():
        for somebody in people:
            async with acting(session, somebody):
                with pytest.raises(Exception, match=r"not allowed|permission denied|row-level security"):
                    async with session.begin_nested():
                        await session.execute(text(statement), {"id": alert.id} if ":id" in statement else {})
    async with acting(session, viewer):
        assert await session.scalar(text("SELECT count(*) FROM alert_escalations")) == 1
        assert (await session.execute(text("UPDATE alert_escalations SET due_at = now()"))).rowcount == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "steps",
    [
        "{}", "[1]", "[{}]", '[{"after_seconds": "soon", "raise_severity": true, "channel_ids": []}]',
        '[{"after_seconds": 60, "raise_severity": 1, "channel_ids": []}]',
        '[{"after_seconds": 60, "raise_severity": true, "channel_ids": ["x"]}]',
        '[{"after_seconds": 60, "raise_severity": true, "channel_ids": [7]}]',
        '[{"after_seconds": 60, "raise_severity": true}]',
        '[{"after_seconds": 1e9, "raise_severity": true, "channel_ids": []}]',
    ],
)  # fmt: skip
async def test_steps_that_engines_could_not_read_are_never_kept(session: AsyncSession, steps: str) -> None:
    statement = text("INSERT INTO escalation_policies (name, steps) VALUES ('x', cast(:steps AS json))")
    with pytest.raises(Exception, match="check constraint"):
        async with session.begin_nested():
            await session.execute(statement, {"steps": steps})
