"""The arithmetic of deliveries: pauses, rates and circuits."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.services import deliveries
from tests.support.database import NOON


@given(st.integers(1, 100_000))
def test_pauses_grow_and_end(attempt: int) -> None:
    whole = min(deliveries.FIRST_RETRY * 2.0 ** min(attempt - 1, 20), deliveries.LAST_RETRY)
    assert whole / 2 <= deliveries.pause_after(attempt) <= whole


def test_a_day_has_room_for_some_thirty_attempts() -> None:
    waited = [min(deliveries.FIRST_RETRY * 2.0**attempt, deliveries.LAST_RETRY) for attempt in range(40)]
    fitting = sum(1 for number in range(40) if sum(waited[:number]) * 0.75 <= 24 * 3600)
    assert 25 < fitting <= 45


def _health(ahead: float, **changes: Any) -> Any:
    moment = {"rate_at": NOON + timedelta(seconds=ahead), "now": NOON, "opened_until": None, "rate_per_minute": 60}
    return SimpleNamespace(**(moment | changes))


@pytest.mark.parametrize(
    ("health", "allowed"),
    [
        (_health(0), deliveries.BURST),
        (_health(4), deliveries.BURST - 4),
        (_health(deliveries.BURST), 0),
        (_health(3600), 0),
        (_health(0.5, rate_per_minute=6000), 0),
        (_health(0, opened_until=NOON), 1),
    ],
)
def test_a_rate_allows_a_burst_and_then_its_pace(health: Any, allowed: int) -> None:
    assert deliveries.allowance(health)[0] == max(allowed, 0)
