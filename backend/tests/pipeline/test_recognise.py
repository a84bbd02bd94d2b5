"""From crops to names."""

from itertools import count
from uuid import UUID

import numpy as np
import pytest

from sightline.core.errors import GalleryInvalid
from sightline.domain.gallery import Candidate, Gallery, Match
from sightline.domain.quality import CaptureQuality
from sightline.domain.tracks import FaceCrop
from sightline.pipeline.recognise import RecogniseStage, RecognitionRules, better_supported
from tests.pipeline.fakes import CURVE, FACE_MARK, PaintedEmbedder, face_of, gallery_of

RULES = RecognitionRules(min_similarity=0.5)
ONE, TWO = UUID(int=1), UUID(int=2)


MOMENTS = count()
"""Shots of one track are never of one moment."""


def crop(
    person: int, track: UUID = ONE, quality: float = 1.0, camera: str = "gate", at: float | None = None, views: int = 1
) -> FaceCrop:
    aligned = np.empty((112, 112, 3), np.uint8)
    aligned[:] = (person, FACE_MARK, round(quality * 200))
    assessed = CaptureQuality(quality, 40, 1, 1, 1, 0.9, 0, 0, 0)
    return FaceCrop(
        track, camera, next(MOMENTS) if at is None else at, (0, 0, 60, 60), assessed, np.stack([aligned] * views)
    )


def stage(gallery: Gallery, embedder: PaintedEmbedder | None = None, rules: RecognitionRules = RULES) -> RecogniseStage:
    return RecogniseStage(embedder or PaintedEmbedder(), gallery, CURVE, rules)


def named(subject: str, similarity: float) -> Match:
    return Match((Candidate(subject, similarity),), subject, similarity, None)


def test_crops_of_all_cameras_are_embedded_in_one_run_and_each_track_gets_its_name() -> None:
    embedder = PaintedEmbedder()
    answers = stage(gallery_of(ana=1, ben=2), embedder).process(
        [crop(1, ONE, camera="a"), crop(2, TWO, camera="b"), crop(1, ONE, camera="a")]
    )
    assert [(answer.track_id, answer.match.subject) for answer in answers] == [(ONE, "ana"), (TWO, "ben")]
    assert embedder.calls == 1


def test_a_stranger_has_candidates_but_no_name() -> None:
    (answer,) = stage(gallery_of(ana=1, ben=2)).process([crop(9)])
    assert (answer.match.subject, answer.match.similarity, answer.match.false_match_rate) == (None, None, None)
    assert len(answer.match.candidates) == 2


def test_a_match_says_how_often_such_a_similarity_is_wrong() -> None:
    (answer,) = stage(gallery_of(ana=1)).process([crop(1)])
    assert answer.match.similarity == pytest.approx(1, abs=1e-3)
    assert answer.match.false_match_rate == 1e-4, "the strictest measured rate"


def test_only_the_best_shots_make_the_template() -> None:
    rules = RecognitionRules(0.5, max_embeddings=3)
    recognise = stage(gallery_of(ana=1), rules=rules)
    poor = [crop(person, quality=0.3) for person in (5, 6, 7)]
    (answer,) = recognise.process([*poor, *[crop(1, quality=0.9)] * 3])
    np.testing.assert_allclose(answer.template, face_of(1), atol=1e-3)


def test_a_name_once_supported_stays_through_worse_shots() -> None:
    recognise = stage(gallery_of(ana=1), rules=RecognitionRules(0.9, max_embeddings=2))
    recognise.process([crop(1, quality=0.5)])
    (answer,) = recognise.process([crop(9, quality=0.9), crop(9, quality=0.9)])
    assert answer.template @ face_of(1) < 0.5
    assert answer.match.subject == "ana"


@pytest.mark.parametrize(
    ("known", "answer", "kept"),
    [
        (Match(), named("ana", 0.6), "ana"),
        (named("ana", 0.7), Match((Candidate("ana", 0.4),)), "ana"),
        (named("ana", 0.7), named("ben", 0.6), "ana"),
        (named("ana", 0.6), named("ben", 0.7), "ben"),
        (Match((Candidate("ana", 0.2),)), Match((Candidate("ben", 0.3),)), None),
    ],
)
def test_the_better_supported_match_is_kept(known: Match, answer: Match, kept: str | None) -> None:
    assert better_supported(known, answer).subject == kept


def test_a_new_gallery_is_searched_for_live_tracks_without_new_crops() -> None:
    embedder = PaintedEmbedder()
    recognise = stage(gallery_of(ben=2), embedder)
    assert recognise.process([crop(1)])[0].match.subject is None
    recognise.replace_gallery(gallery_of(ana=1, ben=2))
    assert [answer.match.subject for answer in recognise.process([])] == ["ana"]
    assert recognise.process([]) == [], "once"
    recognise.replace_gallery(gallery_of(ben=2))
    assert [answer.match.subject for answer in recognise.process([])] == [None], "who left the gallery is not named"
    assert embedder.calls == 1


def test_templates_of_another_model_are_refused_and_the_old_gallery_stays() -> None:
    with pytest.raises(GalleryInvalid, match="'other-1'"):
        stage(gallery_of("other-1", ana=1))
    recognise = stage(gallery_of(ana=1))
    with pytest.raises(GalleryInvalid) as refusal:
        recognise.replace_gallery(gallery_of("other-1", ben=2))
    assert refusal.value.hint
    assert recognise.process([crop(1)])[0].match.subject == "ana"


def test_every_view_of_a_shot_is_embedded_and_makes_one_template() -> None:
    embedder = PaintedEmbedder()
    recognition = stage(gallery_of(ana=1), embedder).process([crop(1, views=2), crop(2, TWO)])
    assert embedder.embedded == 3
    assert [known.template.shape for known in recognition] == [(512,), (512,)]


def test_a_forgotten_track_starts_afresh() -> None:
    recognise = stage(gallery_of(ana=1))
    recognise.process([crop(1)])
    recognise.forget([ONE, TWO])
    assert not recognise._tracks
    assert recognise.process([crop(9)])[0].match.subject is None


def test_a_shot_that_comes_twice_counts_once() -> None:
    recognise = stage(gallery_of(ana=1))
    (first,) = recognise.process([crop(1, at=1.0), crop(1, at=2.0)])
    assert recognise.process([crop(1, at=2.0)]) == [], "as a message that is delivered again brings it"
    (memory,) = recognise.memory().values()
    assert memory.moments == (1.0, 2.0)
    assert memory.match == first.match


def test_a_track_goes_on_elsewhere_as_if_nothing_had_happened() -> None:
    here, there, alone = (stage(gallery_of(ana=1, ben=2)) for _ in range(3))
    here.process([crop(1, at=1.0, quality=0.5)])
    there.restore(here.memory(), is_current=True)
    (moved,) = there.process([crop(1, at=2.0, quality=0.9)])
    alone.process([crop(1, at=1.0, quality=0.5)])
    (stayed,) = alone.process([crop(1, at=2.0, quality=0.9)])
    assert moved.match == stayed.match
    np.testing.assert_array_equal(moved.template, stayed.template)


def test_a_track_that_was_matched_against_another_gallery_is_matched_afresh() -> None:
    here, there = stage(gallery_of(ana=1)), stage(gallery_of(ben=2))
    here.process([crop(1)])
    (known,) = there.restore(here.memory(), is_current=False).values()
    assert known.match.subject == "ana"
    (answer,) = there.process([])
    assert answer.match.subject is None
