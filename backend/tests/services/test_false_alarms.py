"""Expected false alarms: the product of what was measured, with an interval that allows for both measurements."""

from datetime import timedelta
from typing import cast

import numpy as np
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.config import RecognitionSettings
from sightline.core.database import WORKER, Role
from sightline.core.errors import InvalidInput
from sightline.domain.operating_points import OperatingCurve, OperatingPoint
from sightline.models import Camera
from sightline.services import false_alarms
from sightline.services.false_alarms import FalseAlarms, FalseAlarmsOfAll, OperatingChoice, people_interval
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


async def ask_all(session: AsyncSession, **choice: float) -> FalseAlarmsOfAll:
    rates = cast("MatchRates", Rates())
    return await false_alarms.expected_of_all(
        session, rates=rates, settings=SETTINGS, choice=OperatingChoice(**choice), now=NOON
    )


@pytest.mark.asyncio
async def test_all_cameras_together_are_the_sum_of_those_that_were_watched_for_a_day(session: AsyncSession) -> None:
    nobody = await ask_all(session)
    assert (nobody.per_day, nobody.cameras_counted, nobody.reason) == (None, 0, "no camera has been watched for a day")
    gate = await busy(session, days=10, people=5000)
    yard = await busy(session, days=5, people=500)
    await busy(session, days=0.5, people=9000)
    for seed in range(4):
        await add_subject(session, seed=seed)
    found = await ask_all(session)
    assert (found.cameras_counted, found.cameras_left_out, found.reason) == (2, 1, None)
    assert [share.camera_id for share in found.cameras] == [gate.id, yard.id]
    assert [share.per_day for share in found.cameras] == pytest.approx([2.0, 0.4])
    assert found.per_day == pytest.approx(2.4)
    assert found.low is not None
    assert found.high is not None
    assert 0.85 * 2.4 < found.low < 2.4 < found.high < 1.15 * 2.4
    assert (await ask_all(session, fmr=1e-2)).per_day == pytest.approx(24)
    strict = await ask_all(session, fmr=1e-6)
    assert strict.per_day is None
    assert strict.people_per_day == pytest.approx(600)
    assert "not measured" in str(strict.reason)
    with pytest.raises(InvalidInput):
        await ask_all(session, fmr=1e-3, min_similarity=0.5)


def test_the_interval_of_a_sum_covers_the_sum() -> None:
    """Against draws: of 400 worlds with three cameras, 95 % at least have their truth inside."""
    draws, rates, days = np.random.default_rng(7), (40.0, 3.0, 0.2), (2.0, 14.0, 1.0)
    inside = 0
    for _ in range(400):
        seen = [(int(draws.poisson(rate * one)), one) for rate, one in zip(rates, days, strict=True)]
        low, high = people_interval(seen, 0.95)
        inside += low <= sum(rates) <= high
    assert inside >= 0.95 * 400


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0.0, 3.689), (1, 0.025, 5.572), (10, 4.795, 18.39)])
def test_the_interval_of_a_count_is_garwoods(count: int, low: float, high: float) -> None:
    """Values of the table in Garwood 1936, for 95 %."""
    assert people_interval([(count, 1.0)], 0.95) == pytest.approx((low, high), abs=5e-3)
