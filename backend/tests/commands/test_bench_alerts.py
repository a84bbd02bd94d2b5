"""The bench of the alert engine counts every alert again, and every kind of rule is in it."""

import pytest

from sightline.commands.bench_alert_rules import KINDS
from sightline.commands.bench_alerts import measure_alerts
from sightline.core.database import Database


@pytest.mark.asyncio
async def test_alerts_of_rules_of_every_kind_are_as_recounted(database: Database) -> None:
    figures = await measure_alerts(database, sightings=300, rules=3 * len(KINDS), engines=1)
    assert (figures.sightings, figures.rules, figures.as_recounted) == (600, 30, True)
    assert figures.alerts > 20
    assert min(figures.sightings_per_second, figures.engine_alone) > 0
