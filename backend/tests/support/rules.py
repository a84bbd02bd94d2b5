"""Alert rules at work in tests that commit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sightline.core.database import Database
from sightline.workers.rule_runner import RuleRunner


@dataclass
class Told:
    """Alerts that were published, in order."""

    alerts: list[UUID] = field(default_factory=list)

    async def publish_alerts(self, alert_ids: Sequence[UUID]) -> None:
        self.alerts += alert_ids


async def run_rules(database: Database) -> list[UUID]:
    """Evaluate what waits, as an engine does; the alerts that came of it."""
    told = Told()
    await RuleRunner(database, told).drain()
    return told.alerts
