"""Who is who over time: ids hold, end, and never come back."""

from collections.abc import Sequence
from itertools import pairwise
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline.domain.faces import Faces
from sightline.domain.tracks import DetectedFrame, TrackedFrame
from sightline.pipeline.track import TrackEnds, TrackRules, TrackStage
from tests.pipeline.fakes import Painted, counted_ids, detected, faces_of, frame_at


def follow(
    scenes: Sequence[Sequence[Painted]], stage: TrackStage | None = None, start: float = 0.0
) -> list[TrackedFrame]:
    """Five scenes a second through a stage."""
    stage = stage or TrackStage(counted_ids())
    return stage.process([detected(frame_at(start + tick / 5, *scene), *scene) for tick, scene in enumerate(scenes)])


def ids(tracked: Sequence[TrackedFrame]) -> set[UUID]:
    return {track_id for frame in tracked for track_id in frame.track_ids}


def kept_back(media_time: float, *scene: Painted) -> DetectedFrame:
    return DetectedFrame(frame_at(media_time, *scene), Faces.none(), analysed=False)


@pytest.mark.parametrize("step", [0, 10, 45, 70])
def test_a_walker_keeps_one_id_even_at_more_than_a_face_per_sample(step: int) -> None:
    """70 px per sample are 117 % of the face's 60 px."""
    tracked = follow([[Painted(1, 40 + step * tick)] for tick in range(8)])
    assert len(ids(tracked)) == 1
    assert [len(frame.faces) for frame in tracked] == [1] * 8


def test_two_who_pass_each_other_keep_their_ids() -> None:
    tracked = follow([[Painted(1, 100 + 30 * tick, 150), Painted(2, 500 - 30 * tick, 215)] for tick in range(12)])
    first = [frame.track_ids[int(np.argmin(frame.faces.boxes[:, 1]))] for frame in tracked]
    second = [frame.track_ids[int(np.argmax(frame.faces.boxes[:, 1]))] for frame in tracked]
    assert len(set(first)) == len(set(second)) == 1
    assert first[0] != second[0]


def test_every_face_carries_the_id_of_its_own_row() -> None:
    people = [Painted(person, 80.0 * person) for person in range(1, 7)]
    tracked = follow([people, people[::-1], [people[3], people[0], people[5]]])
    owners = [
        {float(box[0]): track_id for box, track_id in zip(frame.faces.boxes, frame.track_ids, strict=True)}
        for frame in tracked
    ]
    assert len(owners[0]) == len(set(owners[0].values())) == 6
    assert owners[1] == owners[0]
    assert owners[2].items() <= owners[0].items()


def test_the_third_detection_confirms_and_no_other() -> None:
    tracked = follow([[Painted(1, 300)]] * 6)
    assert [len(frame.confirmed) for frame in tracked] == [0, 0, 1, 0, 0, 0]
    assert set(tracked[2].confirmed) == ids(tracked)


def test_a_short_loss_is_bridged_and_a_long_one_ends_the_track() -> None:
    here: list[Painted] = [Painted(1, 300)]
    bridged = follow([here] * 4 + [[]] * 8 + [here] * 4)
    ended = follow([here] * 4 + [[]] * 12 + [here] * 4)
    assert len(ids(bridged)) == 1
    assert len(ids(ended)) == 2
    assert [tick for tick, frame in enumerate(ended) if frame.ended] == [3 + 11], "2 s after it was last seen"


def test_what_was_never_confirmed_is_dropped_not_ended() -> None:
    tracked = follow([[Painted(1, 300)]] * 2 + [[]] * 14)
    assert not any(frame.ended for frame in tracked)
    assert {track_id for frame in tracked for track_id in frame.dropped} == ids(tracked)


def test_frames_that_the_gate_kept_back_keep_tracks_alive() -> None:
    stage = TrackStage(counted_ids())
    here = Painted(1, 300)
    before = follow([[here]] * 3, stage)
    still = stage.process([kept_back(0.6 + tick / 5, here) for tick in range(50)])
    after = follow([[here]] * 2, stage, start=10.6)
    assert not any(frame.ended or frame.analysed for frame in still)
    assert ids(after) == ids(before)


def test_a_lost_face_does_not_live_on_kept_back_frames() -> None:
    stage = TrackStage(counted_ids())
    follow([[Painted(1, 300)], [Painted(1, 300)], [Painted(1, 300)], []], stage)
    still = stage.process([kept_back(0.8 + tick / 5) for tick in range(20)])
    assert sum(len(frame.ended) for frame in still) == 1


def test_a_reconnect_a_jump_back_in_time_and_another_size_end_all_tracks_of_that_camera_only() -> None:
    here = [Painted(1, 300)]
    reconnected = detected(frame_at(0.6, *here, discontinuity=True), *here)
    jumped = detected(frame_at(0.1, *here), *here)
    for interruption in (reconnected, jumped):
        stage = TrackStage(counted_ids())
        before = follow([here] * 3, stage)
        other = [detected(frame_at(tick / 5, *here, camera_id="yard"), *here) for tick in range(4)]
        yard = stage.process(other[:3])
        (after,) = stage.process([interruption])
        assert set(after.ended) == ids(before)
        assert not ids([after]) & ids(before)
        assert ids(stage.process(other[3:])) == ids(yard)


def test_a_cut_ends_the_track_even_when_the_next_face_is_in_the_same_place() -> None:
    random = np.random.default_rng(4)
    here = Painted(1, 300)
    stage = TrackStage(counted_ids())
    scenes = [np.kron(random.integers(0, 255, (6, 12)), np.ones((9, 8))).astype(np.uint8) for _ in range(2)]
    frames = [frame_at(tick / 5, here) for tick in range(8)]
    shots = [
        type(frame)(frame.camera_id, tick, frame.media_time, 0, 640, 360, scenes[tick // 4], frame.pixels)
        for tick, frame in enumerate(frames)
    ]
    tracked = stage.process([detected(shot, here) for shot in shots])
    assert len(ids(tracked)) == 2
    assert [len(frame.ended) for frame in tracked] == [0, 0, 0, 0, 1, 0, 0, 0]


def test_closing_a_camera_ends_its_tracks_once() -> None:
    stage = TrackStage(counted_ids())
    tracked = follow([[Painted(1, 100)], [Painted(1, 100)], [Painted(1, 100), Painted(2, 400)]], stage)
    ends = stage.close("gate")
    assert ends.ended == tracked[0].track_ids
    assert set(ends.dropped) == ids(tracked) - set(ends.ended)
    assert stage.close("gate") == TrackEnds()


def test_a_weak_face_continues_a_track_but_starts_none() -> None:
    strong = faces_of(Painted(1, 300))
    weak = Faces(strong.boxes, strong.landmarks, strong.scores * 0.5)
    stage = TrackStage(counted_ids(), TrackRules(min_score_to_start=0.6))
    frames = [DetectedFrame(frame_at(tick / 5), faces) for tick, faces in enumerate([weak, strong, weak, weak])]
    assert [len(frame.faces) for frame in stage.process(frames)] == [0, 1, 1, 1]


def test_time_stamps_that_repeat_do_no_harm() -> None:
    stage = TrackStage(counted_ids())
    frames = [detected(frame_at(1.0, Painted(1, 300)), Painted(1, 300)) for _ in range(5)]
    assert len(ids(stage.process(frames))) == 1


def test_months_of_passers_by_leave_nothing_behind() -> None:
    stage = TrackStage(counted_ids())
    for hour in range(15):
        follow([[Painted(1, 300)]] * 4 + [[]] * 12, stage, start=hour * 3600.0)
    camera = stage._cameras["gate"]
    assert len(camera._tracks) == 0
    assert len(camera._tracker.tracks) == 0


scene = st.lists(
    st.builds(
        Painted,
        person=st.integers(1, 200),
        x=st.floats(0, 640),
        y=st.floats(0, 360),
        size=st.floats(0.5, 200),
    ),
    max_size=5,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(scene, st.floats(0, 3), st.booleans()), max_size=25))
def test_whatever_comes_ids_are_unique_per_frame_and_nothing_is_seen_after_its_end(
    story: list[tuple[list[Painted], float, bool]],
) -> None:
    stage, now, over = TrackStage(counted_ids()), 0.0, set[UUID]()
    confirmed: set[UUID] = set()
    for faces, pause, analysed in story:
        now += pause
        frame = frame_at(now)
        batch = detected(frame, *faces) if analysed else DetectedFrame(frame, Faces.none(), analysed=False)
        (tracked,) = stage.process([batch])
        over |= {*tracked.ended, *tracked.dropped}
        assert len(set(tracked.track_ids)) == len(tracked.track_ids) == len(faces) * analysed
        assert not over & set(tracked.track_ids)
        assert not confirmed & set(tracked.confirmed)
        confirmed |= set(tracked.confirmed)
        assert confirmed >= set(tracked.ended)
        assert not confirmed & set(tracked.dropped)


def test_ids_are_given_in_order_of_birth() -> None:
    tracked = follow([[Painted(1, 100)], [Painted(1, 100), Painted(2, 500)]])
    assert all(earlier < later for earlier, later in pairwise(tracked[1].track_ids))
