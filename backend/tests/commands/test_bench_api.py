"""The benches of the API, run small on servers of their own: they measure what they say."""

import itertools
import json
from pathlib import Path

import pytest

from sightline.commands.bench_world import Size, World, shares
from sightline.commands.bench_world import months as spans_of
from sightline.core.errors import InvalidInput
from tests.commands.conftest import Cli
from tests.support.database import NOON

SMALL = ("--sightings", "2000", "--templates", "400")


def test_months_join_and_share_out_everything() -> None:
    spans = spans_of(NOON)
    assert len(spans) == 24
    assert all(end == begin for (_, end), (begin, _) in itertools.pairwise(spans))
    assert (spans[0][0].isoformat(), spans[-1][1]) == ("2024-12-01T00:00:00+00:00", NOON)
    assert sum(shares(5_000_000, spans)) == 5_000_000


def test_nothing_to_measure_where_nothing_was_generated(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no generated world"):
        World.load(tmp_path)


def test_a_kept_world_is_measured_twice(cli: Cli, tmp_path: Path) -> None:
    said = cli("bench", "api", *SMALL, "--seconds", "4", "--rate", "20", "--keep", tmp_path / "w", "--json")
    assert said.code == 0, said.both
    found = json.loads(said.stdout)
    assert (found["requests"], found["errors"], found["sightings"]) == (80, 0, 2400)
    assert min(found["api_cpu_ms"], found["database_cpu_ms"]) > 0
    assert len({one["name"] for one in found["endpoints"]}) > 60
    assert World.load(tmp_path / "w").size == Size(2000, 400, 50, 100, minute_days=1)

    said = cli("bench", "search", "--probes", "10", "--reuse", tmp_path / "w", "--json")
    assert said.code == 0, said.both
    found = json.loads(said.stdout)
    history = [one for one in found["searches"] if one["recall"] is not None]
    assert len(history) == 7
    assert all(one["recall"] >= 0.95 for one in history)
