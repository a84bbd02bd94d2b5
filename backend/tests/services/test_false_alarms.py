"""Expected false alarms: the product of what was measured, with an interval that allows for both measurements."""

from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.config import RecognitionSettings
from sightline.core.database import WORKER, Role
from sightline.core.errors import InvalidInput
from sightline.domain.operating_points import OperatingCurve, OperatingPoint
from sightline.models import Camera
from sightline.services import false_alarms
from sightline.services.false_alarms import FalseAlarms, OperatingChoice, poisson_interval
from sightline.services.match_rates import MatchRates
from sightline.services.sightings import MinuteCount, count_minutes
from tests.support.database import MODEL, NOON, acting, add_camera, add_subject, add_user

SETTINGS = RecognitionSettings(fmr=1e-3)


class Rates:
    """A pack with two measured rates."""

    model_version: str | None = MODEL
    curve = OperatingCurve((OperatingPoint(1e-2, 0.3), OperatingPoint(1e-3, 0.45)), impostor_pairs=1_000_000)


async def ask(session: AsyncSession, camera: Camera, rates: object = Rates(), **choice: float) -> FalseAlarms:
    return await false_alarms.expected(
        session,
        camera_id=camera.id,
        rates=cast("MatchRates", rates),
        settings=SETTINGS,
        choice=OperatingChoice(**choice),
        now=NOON,
    )


async def busy(session: AsyncSession, *, days: float, people: int) -> Camera:
    """A camera that has been watched for so long and counted so many, at its first minute."""
    camera = await add_camera(session)
    async with acting(session, WORKER):
        await count_minutes(session, counts=[MinuteCount(camera.id, NOON - timedelta(days=days), 300, 50, people, 0)])
    return camera


@pytest.mark.asyncio
async def test_people_times_rate_times_templates(session: AsyncSession) -> None:
    camera = await busy(session, days=10, people=5000)
    for seed in range(4):
        await add_subject(session, seed=seed)
    found = await ask(session, camera)
    assert (found.templates, found.people_counted) == (4, 5000)
    assert found.people_per_day == pytest.approx(500)
    assert found.per_day == pytest.approx(500 * 1e-3 * 4)
    assert found.low is not None
    assert found.high is not None
    assert 0.8 * 2 < found.low < 2 < found.high < 1.2 * 2
    assert (found.reason, found.false_match_rate_is_bound) == (None, False)
    looser = await ask(session, camera, fmr=1e-2)
    assert looser.per_day == pytest.approx(10 * 2)
    assert (await ask(session, camera, min_similarity=0.9)).false_match_rate_is_bound is True
    viewer = await add_user(session, Role.VIEWER)
    async with acting(session, viewer):
        assert (await ask(session, camera)).templates == 4, "who may not read templates may know how many there are"


@pytest.mark.asyncio
async def test_what_was_not_measured_is_said_and_not_guessed(session: AsyncSession) -> None:
    camera, new = await busy(session, days=10, people=10), await busy(session, days=0.5, people=10)
    for found, word in (
        (await ask(session, new), "less than a day"),
        (await ask(session, await add_camera(session)), "less than a day"),
        (await ask(session, camera, fmr=1e-6), "not measured"),
        (await ask(session, camera, min_similarity=0.1), "not measured"),
    ):
        assert (found.per_day, found.low, found.high) == (None, None, None)
        assert word in str(found.reason)
    nothing = await ask(session, await busy(session, days=3, people=0))
    assert (nothing.per_day, nothing.low) == (0, 0)
    with pytest.raises(InvalidInput):
        await ask(session, camera, fmr=1e-3, min_similarity=0.5)


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0.0, 3.689), (1, 0.025, 5.572), (10, 4.795, 18.39)])
def test_the_interval_of_a_count_is_garwoods(count: int, low: float, high: float) -> None:
    """Values of the table in Garwood 1936, for 95 %."""
    assert poisson_interval(count, 0.95) == pytest.approx((low, high), abs=5e-3)
