"""A few rounds of `make chaos`: whichever part is killed, all works again soon and no record is lost or doubled."""

import asyncio
from pathlib import Path

import pytest

from tests.chaos.rounds import GIVE_UP, PROMISE, Chaos, Round, Summary, demo

pytestmark = pytest.mark.e2e


@pytest.mark.timeout(300)
def test_records_survive_whatever_is_killed(lite_pack: Path, tmp_path: Path) -> None:
    """Three parts by chance. That each is back within 10 s is for `make chaos`, on a machine of its own."""
    with demo(tmp_path, lite_pack) as running:
        summary = asyncio.run(Chaos(running, seed=3).run(3))
    assert (summary.lost, summary.doubled, summary.changed_birth) == (0, 0, 0)
    assert summary.acknowledged > 0
    assert summary.slowest is not None, f"not back after {GIVE_UP:g} s: {summary.rounds}"


def test_a_summary_holds_only_what_was_promised() -> None:
    fine = Round("api", PROMISE)
    assert Summary([fine], 5).held
    assert not Summary([fine, Round("api", PROMISE + 0.1)], 5).held
    assert not Summary([fine, Round("api", None)], 5).held
    assert not Summary([fine], 5, lost=1).held
    assert not Summary([fine], 5, doubled=1).held
    assert not Summary([fine], 5, changed_birth=1).held
