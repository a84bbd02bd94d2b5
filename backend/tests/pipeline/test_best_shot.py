"""Which faces are worth an embedding."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline.domain.tracks import FaceCrop, TrackedFrame
from sightline.pipeline.best_shot import BestShotRules, BestShotStage
from tests.pipeline.fakes import Painted, PaintedAligner, PaintedQuality, faces_of, frame_at

ANA = UUID(int=1)
CONFIRMED_AT = 2
"""Place of the frame that confirms the track, as with three hits."""


def run(qualities: Sequence[float], stage: BestShotStage | None = None, size: float = 60) -> list[list[FaceCrop]]:
    """One face, five frames a second, with these qualities -> the crops that each frame gives."""
    stage = stage or BestShotStage(PaintedAligner(), PaintedQuality())
    return [stage.process([tracked(place, quality, size)]) for place, quality in enumerate(qualities)]


def tracked(place: int, quality: float, size: float = 60) -> TrackedFrame:
    face = Painted(1, 300, size=size, quality=quality)
    confirmed = (ANA,) if place == CONFIRMED_AT else ()
    return TrackedFrame(frame_at(place / 5, face), faces_of(face), (ANA,), confirmed)


def counts(crops: list[list[FaceCrop]]) -> list[int]:
    return [len(batch) for batch in crops]


def test_an_unconfirmed_track_costs_no_embedding_and_a_confirmed_one_gives_its_shots_at_once() -> None:
    crops = run([0.5, 0.7, 0.6])
    assert counts(crops) == [0, 0, 3]
    assert [crop.quality.score for crop in crops[2]] == pytest.approx([0.7, 0.6, 0.5], abs=0.01)
    assert {crop.track_id for crop in crops[2]} == {ANA}


def test_shots_of_the_same_quality_go_on_every_other_frame_until_the_budget_is_used_up() -> None:
    assert counts(run([0.6] * 30)) == [0, 0, 3, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, *[0] * 17]


def test_a_better_shot_goes_on_at_once() -> None:
    assert counts(run([0.4, 0.4, 0.4, 0.8, 0.8]))[3:] == [1, 0]


def test_a_poor_shot_after_a_good_one_does_not_go_on() -> None:
    assert counts(run([0.9, 0.9, 0.9, *[0.4] * 20])) == [0, 0, 3, *[0] * 20]


def test_after_the_budget_only_better_ones_replace_the_worst() -> None:
    crops = counts(run([0.5] * 20 + [0.51, 0.6, 0.5, 0.9]))
    assert sum(crops[:20]) == 8
    assert crops[20:] == [0, 1, 0, 1]


def test_faces_too_small_to_be_told_are_not_even_cut_out() -> None:
    aligner = PaintedAligner()
    crops = run([0.9] * 5, BestShotStage(aligner, PaintedQuality()), size=30)  # 12 px between the eyes
    assert counts(crops) == [0] * 5
    assert aligner.cut == 0


def test_shots_under_the_least_quality_do_not_go_on() -> None:
    stage = BestShotStage(PaintedAligner(), PaintedQuality(), BestShotRules(min_quality=0.5))
    assert counts(run([0.4, 0.6, 0.4], stage)) == [0, 0, 1]


@settings(max_examples=25)
@given(st.lists(st.floats(0.05, 1), min_size=3, max_size=60))
def test_however_qualities_run_a_track_costs_a_bounded_number_of_embeddings(qualities: list[float]) -> None:
    rules = BestShotRules()
    given_on = sum(counts(run(qualities)))
    assert 3 <= given_on <= rules.budget + rules.budget / rules.margin


def test_what_ended_or_died_is_forgotten() -> None:
    stage = BestShotStage(PaintedAligner(), PaintedQuality())
    run([0.5] * 6, stage)
    stage.process([TrackedFrame(frame_at(9), faces_of(), (), ended=(ANA,))])
    run([0.5] * 2, stage)
    stage.process([TrackedFrame(frame_at(9), faces_of(), (), dropped=(ANA,))])
    assert not stage._tracks


def test_a_crop_knows_its_box_and_its_time() -> None:
    crop = run([0.5] * 3)[2][0]
    assert crop.box == pytest.approx((270, 150, 60, 60))
    assert crop.camera_id == "gate"
    assert crop.media_time in {0, 0.2, 0.4}
