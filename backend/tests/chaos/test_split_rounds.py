"""A few rounds of split mode under faults: whatever is hit, all comes back, and records, steps and mails are true."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.split_rounds import GIVE_UP, SplitChaos
from tests.chaos.split_system import split_demo
from tests.chaos.split_truth import PROMISE, Round, Summary

pytestmark = pytest.mark.e2e


@pytest.mark.timeout(420)
def test_records_steps_and_mails_are_true_whatever_is_hit(lite_pack: Path, tmp_path: Path) -> None:
    """Five rounds. That all is back within 15 s is for `make chaos`, on a machine of its own."""
    with split_demo(tmp_path, lite_pack) as (running, mail):
        summary = asyncio.run(SplitChaos(running, mail, seed=106, calm=(1.0, 2.0)).run(5))
    assert summary.faults == {}
    assert summary.slowest is not None, f"not back after {GIVE_UP:g} s: {summary.rounds}"


def test_a_summary_holds_only_what_was_promised() -> None:
    fine, late, never = (Round(("valkey SIGKILL",), seconds) for seconds in (PROMISE, PROMISE + 0.1, None))
    good = Summary([fine], acknowledged=5, tracks=3, sightings=4, mails=9)
    assert good.held
    assert replace(good, repeated=1).held, "a receiver tells repeated mails by their id"
    assert not replace(good, rounds=[fine, late]).held
    assert not replace(good, rounds=[fine, never]).held
    for missing in ("acknowledged", "tracks", "sightings", "mails"):
        assert not _but(good, missing, 0).held
    for wrong in ("lost", "doubled", "overlapping", "steps_twice", "steps_missed", "unsent", "set_aside"):
        assert not _but(good, wrong, 1).held
    assert not replace(good, errors=["recognition-0: boom"]).held


def _but(summary: Summary, name: str, value: Any) -> Summary:
    return replace(summary, **{name: value})
