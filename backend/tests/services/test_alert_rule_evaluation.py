"""Whether a rule fires, as a pure function of what was seen."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline.domain.regions import Polygon
from sightline.schemas.alert_rules import CooldownScope, CoPresencePlace, FrequencyPlace
from sightline.services.alert_rule_evaluation import (
    CoPresence,
    Frequency,
    RuleConditions,
    SightingFacts,
    begins,
    evaluate_alert_rules,
    fires,
    occurrences,
    waits_until,
)
from tests.services.test_schedules import times
from tests.support.database import NOON

SUNDAY_NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
GROUP, LOBBY, GATE = UUID(int=1), UUID(int=2), UUID(int=3)
ANNA, BERT = UUID(int=4), UUID(int=5)
FACTS = SightingFacts(
    uuid4(), SUNDAY_NOON, SUNDAY_NOON, True, SUNDAY_NOON, LOBBY, "Lobby", "UTC", GROUP, ANNA, 7, 0.6, 0.25, 0.75
)  # fmt: skip
LEFT = Polygon(((0, 0), (0.5, 0), (0.5, 1), (0, 1)))
RIGHT = Polygon(((0.5, 0), (1, 0), (1, 1), (0.5, 1)))


def seen(seconds: float, *, lasts: float = 0, **changes: Any) -> SightingFacts:
    """A sighting that begins so many seconds after noon."""
    begin = NOON + timedelta(seconds=seconds)
    end = begin + timedelta(seconds=lasts)
    return replace(FACTS, sighting_id=uuid4(), detected_at=begin, last_seen_at=end, as_of=end, **changes)


def moments(rule: RuleConditions, facts: Sequence[SightingFacts]) -> list[float]:
    return [(one.at - NOON).total_seconds() for one in occurrences(rule, facts)]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, True),
        ({"camera_id": LOBBY, "subject_id": ANNA, "watchlist_id": 7, "min_similarity": 0.6}, True),
        ({"group_id": GROUP}, True),
        ({"camera_id": uuid4()}, False),
        ({"group_id": uuid4()}, False),
        ({"watchlist_id": 8}, False),
        ({"subject_id": uuid4()}, False),
        ({"min_similarity": 0.61}, False),
        ({"is_impossible": True}, False),
        ({"unknown_after": timedelta()}, False),
        ({"camera_id": LOBBY, "zone": (LEFT,)}, True),
        ({"camera_id": LOBBY, "zone": (RIGHT,)}, False),
        ({"camera_id": LOBBY, "zone": (RIGHT, LEFT)}, True),
        ({"times": times(("sun", "11:00", "13:00"))}, True),
        ({"times": times(("sun", "12:01", "13:00"))}, False),
        ({"times": times(("sun", "11:00", "12:00"))}, False),
        ({"times": times(("sun", "12:00", "12:01"))}, True),
        ({"times": times(("mon", "00:00", "24:00"))}, False),
        ({"snoozed_until": SUNDAY_NOON}, True),
        ({"snoozed_until": SUNDAY_NOON + timedelta(seconds=1)}, False),
    ],
)
def test_all_conditions_must_be_met(conditions: dict[str, Any], expected: bool) -> None:
    assert bool(evaluate_alert_rules([RuleConditions(**conditions)], FACTS)) is expected


def test_a_match_without_similarity_reaches_none() -> None:
    facts = replace(FACTS, similarity=None, group_id=None, watchlist_id=None)
    rules = [RuleConditions(min_similarity=-1.0), RuleConditions(group_id=uuid4()), RuleConditions(watchlist_id=7)]
    assert evaluate_alert_rules(rules, facts) == ()


def test_who_stays_until_a_window_begins_fires_then() -> None:
    rule = RuleConditions(times=times(("sun", "12:05", "13:00")))
    assert begins(rule, seen(0, lasts=299)) is None
    assert begins(rule, seen(0, lasts=301)) == NOON + timedelta(minutes=5)
    silenced = replace(rule, snoozed_until=NOON + timedelta(minutes=7))
    assert begins(silenced, seen(0, lasts=500)) == NOON + timedelta(minutes=7)
    assert begins(silenced, seen(0, lasts=301)) is None


def test_somebody_is_unknown_once_they_are_gone_or_stayed_for_a_while() -> None:
    rule = RuleConditions(unknown_after=timedelta(seconds=10))
    gone = seen(0, lasts=3, subject_id=None)
    assert begins(rule, gone) == NOON + timedelta(seconds=3)
    there = replace(gone, is_over=False)
    assert begins(rule, there) is None
    assert waits_until(rule, there) == NOON + timedelta(seconds=10)
    still = replace(there, as_of=NOON + timedelta(seconds=10))
    assert (begins(rule, still), waits_until(rule, still)) == (NOON + timedelta(seconds=10), None)
    assert begins(rule, replace(still, subject_id=ANNA)) is None
    assert waits_until(rule, replace(there, subject_id=ANNA)) is None
    assert waits_until(replace(rule, camera_id=GATE), there) is None


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (CooldownScope.SUBJECT_AND_CAMERA, [0, 1, 2, 4]),
        (CooldownScope.SUBJECT, [0, 1, 4]),
        (CooldownScope.RULE, [0, 4]),
    ],
)
def test_cool_down_is_of_its_scope(scope: CooldownScope, expected: list[int]) -> None:
    steps = [(0, LOBBY, ANNA), (100, LOBBY, BERT), (200, GATE, ANNA), (300, LOBBY, ANNA), (301, LOBBY, ANNA)]
    facts = [seen(second, camera_id=camera, subject_id=who) for second, camera, who in steps]
    fired = fires(RuleConditions(cooldown=timedelta(seconds=300), cooldown_scope=scope), facts)
    assert [facts.index(one.facts) for one in fired] == expected


def test_so_many_times_within_a_while_at_one_camera_or_anywhere() -> None:
    often = Frequency(3, timedelta(seconds=100), FrequencyPlace.CAMERA)
    at_lobby = [seen(second) for second in (0, 50, 99, 149, 199)]
    assert moments(RuleConditions(frequency=often), at_lobby) == [99, 149]
    spread = [seen(0), seen(10, camera_id=GATE), seen(20), seen(30, subject_id=BERT)]
    assert moments(RuleConditions(frequency=often), spread) == []
    anywhere = replace(often, place=FrequencyPlace.ANYWHERE)
    assert moments(RuleConditions(frequency=anywhere), spread) == [20]


def test_two_people_at_the_same_camera_or_in_its_group() -> None:
    rule = RuleConditions(subject_id=ANNA, co_presence=CoPresence(BERT, timedelta(seconds=30), CoPresencePlace.CAMERA))
    anna = seen(0, lasts=10)
    assert moments(rule, [anna]) == []
    assert moments(rule, [anna, seen(40, subject_id=BERT)]) == [40]
    assert moments(rule, [anna, seen(41, subject_id=BERT)]) == []
    assert moments(rule, [anna, seen(-50, lasts=20, subject_id=BERT)]) == [0]
    assert moments(rule, [anna, seen(-50, lasts=19, subject_id=BERT)]) == []
    at_gate = seen(5, subject_id=BERT, camera_id=GATE)
    assert moments(rule, [anna, at_gate]) == []
    in_group = replace(rule, co_presence=CoPresence(BERT, timedelta(seconds=30), CoPresencePlace.GROUP))
    assert moments(in_group, [anna, at_gate]) == [5]
    assert moments(in_group, [replace(anna, group_id=None), replace(at_gate, group_id=None)]) == []
    with_herself = replace(rule, co_presence=CoPresence(ANNA, timedelta(seconds=30), CoPresencePlace.CAMERA))
    assert moments(with_herself, [anna, seen(5)]) == []
    sure = replace(rule, min_similarity=0.6)
    assert moments(sure, [anna, seen(5, subject_id=BERT, similarity=0.5)]) == []


tracks = st.builds(
    seen,
    st.integers(0, 600),
    lasts=st.integers(0, 60),
    camera_id=st.sampled_from([LOBBY, GATE]),
    subject_id=st.sampled_from([ANNA, BERT]),
)


def _count(facts: Sequence[SightingFacts], one: SightingFacts, within: float) -> int:
    return sum(
        other.subject_id == one.subject_id
        and 0 <= (one.detected_at - other.detected_at).total_seconds() < within
        and (other.detected_at, other.sighting_id) <= (one.detected_at, one.sighting_id)
        for other in facts
    )


@settings(max_examples=60)
@given(st.lists(tracks, max_size=25), st.integers(2, 4), st.integers(1, 300))
def test_counting_is_what_a_plain_recount_says_whatever_the_order(
    facts: list[SightingFacts], count: int, within: int
) -> None:
    rule = RuleConditions(frequency=Frequency(count, timedelta(seconds=within), FrequencyPlace.ANYWHERE))
    found = {one.facts.sighting_id for one in occurrences(rule, facts)}
    assert found == {one.sighting_id for one in facts if _count(facts, one, within) >= count}
    shuffled = random.Random(1).sample(facts, len(facts))
    assert occurrences(rule, shuffled) == occurrences(rule, facts)


@settings(max_examples=60)
@given(st.lists(tracks, max_size=25), st.integers(0, 100))
def test_company_is_what_comparing_all_pairs_says(facts: list[SightingFacts], within: int) -> None:
    rule = RuleConditions(
        subject_id=ANNA, co_presence=CoPresence(BERT, timedelta(seconds=within), CoPresencePlace.CAMERA)
    )
    expected = set()
    for one in facts:
        for other in facts:
            gap = max(one.detected_at, other.detected_at) - min(one.last_seen_at, other.last_seen_at)
            pair = (one.subject_id, other.subject_id) == (ANNA, BERT) and one.camera_id == other.camera_id
            if pair and gap <= timedelta(seconds=within):
                expected.add(one.sighting_id)
    assert {one.facts.sighting_id for one in occurrences(rule, facts)} == expected
