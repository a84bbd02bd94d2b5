"""One round of killing the API under load; how long errors last is for `python -m tests.chaos.api_killed` to say."""

from pathlib import Path

import pytest

from tests.chaos.api_killed import PROMISE, Round, Summary, measure, running_for_load

pytestmark = pytest.mark.e2e


@pytest.mark.timeout(300)
def test_every_write_is_done_once_and_whole_whatever_the_moment_of_death(lite_pack: Path, tmp_path: Path) -> None:
    with running_for_load(tmp_path, lite_pack) as system:
        summary = measure(system, 2)
    assert summary.is_correct, summary
    assert len(summary.rounds) == 2


def test_a_summary_holds_only_what_was_promised() -> None:
    fine = Round(3, PROMISE, 9.0)
    assert Summary([fine], 5, 2).held
    assert not Summary([fine, Round(3, PROMISE + 0.1, 9.0)], 5, 2).held
    assert not Summary([fine], 5, 0).held
    for wrong in ("lost", "doubled", "torn", "unasked", "unaudited"):
        assert not Summary([fine], 5, 2, **{wrong: 1}).held
