"""What a system needs before its alerts reach anybody: a mail channel, a rule at every match, a chain of steps."""

from collections.abc import Sequence
from uuid import UUID

from sightline.core.database import SYSTEM, Database
from sightline.core.sealing import open_sealer
from sightline.schemas.alert_rules import RuleIn
from sightline.schemas.channels import ChannelKind, EmailChannelIn
from sightline.schemas.escalations import EscalationPolicyIn, EscalationStep
from sightline.services import alert_rules, cameras, escalation_policies, notifications
from sightline.services.alert_rule_checks import House
from sightline.services.match_rates import MatchRates
from sightline.vision.model_packs.store import PackStore
from tests.support.machine import Machine


async def furnish(system: Machine, *, steps: Sequence[int] = ()) -> tuple[set[UUID], UUID]:
    """Add all that, and a camera for a replay, which nobody watches; the cameras before it, and its id.

    steps: seconds after which an alert that nobody acknowledged is escalated; none: never.
    """
    settings = system.settings
    url = settings.database.url
    assert url is not None
    (policy,) = await system.query("SELECT id FROM escalation_policies WHERE is_default")
    database = Database(url.get_secret_value(), pool_size=1, max_overflow=0)
    sealer = open_sealer(settings)
    try:
        async with database.session(SYSTEM) as session:
            watched = {camera.id for camera in await cameras.list_cameras(session)}
            camera = await cameras.create(session, name="Replay", stream_url="rtsp://192.0.2.1/x", sealer=sealer)
            camera.detection_enabled = False
            given = EmailChannelIn(
                name="Guards", kind=ChannelKind.EMAIL, recipients=("guards@example.org",), rate_per_minute=6000
            )
            channel = await notifications.create_channel(session, given=given, sealer=sealer)
            chain = tuple(EscalationStep(after_seconds=seconds, channel_ids=(channel.id,)) for seconds in steps)
            await escalation_policies.update_policy(
                session,
                policy_id=UUID(str(policy["id"])),
                given=EscalationPolicyIn(name="House", steps=chain, is_default=True),
                expected=None,
            )
            rule = RuleIn(name="Every match", cooldown_seconds=0, channel_ids=(channel.id,))
            rates = MatchRates(PackStore.from_settings(settings), settings.recognition.pack)
            house = House(rates.curve, settings)
            await alert_rules.create_alert_rule(session, given=rule, created_by=None, house=house)
            return watched, camera.id
    finally:
        await database.dispose()
