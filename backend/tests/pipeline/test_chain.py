"""All stages in a row, over a small painted world and over recordings."""

from collections.abc import Sequence
from itertools import groupby, pairwise
from pathlib import Path

import pytest
from uuid_utils.compat import uuid7

from sightline.domain.frames import Frame
from sightline.domain.tracks import TrackEvent, TrackEventKind
from sightline.pipeline.best_shot import BestShotStage
from sightline.pipeline.chain import Pipeline
from sightline.pipeline.detect import DetectStage
from sightline.pipeline.gate import MotionGate
from sightline.pipeline.recognise import RecogniseStage, RecognitionRules
from sightline.pipeline.track import TrackStage
from tests.pipeline.fakes import (
    CURVE,
    MODEL,
    Painted,
    PaintedAligner,
    PaintedDetector,
    PaintedEmbedder,
    PaintedQuality,
    counted_ids,
    frame_at,
    gallery_of,
)

TRACK, MATCH, UPDATE, END = TrackEventKind.TRACK, TrackEventKind.MATCH, TrackEventKind.UPDATE, TrackEventKind.END


class World:
    """A pipeline over painted pictures, with its parts at hand."""

    def __init__(self, *, noise: float = 0.0, gate: bool = True, min_similarity: float = 0.5) -> None:
        self.detector = PaintedDetector()
        self.recognise = RecogniseStage(
            PaintedEmbedder(noise), gallery_of(ana=1, ben=2), CURVE, RecognitionRules(min_similarity)
        )
        self.pipeline = Pipeline(
            DetectStage(self.detector, MotionGate() if gate else None),
            TrackStage(counted_ids()),
            BestShotStage(PaintedAligner(), PaintedQuality()),
            self.recognise,
        )

    def play(self, *scenes: Sequence[Painted], camera_id: str = "gate") -> list[TrackEvent]:
        """Five scenes a second, one batch each."""
        frames = [frame_at(tick / 5, *scene, camera_id=camera_id) for tick, scene in enumerate(scenes)]
        return [event for frame in frames for event in self.pipeline.process([frame])]


def kinds(events: Sequence[TrackEvent]) -> list[TrackEventKind]:
    return [event.kind for event in events]


def walk(person: int, steps: int, quality: float = 0.8) -> list[list[Painted]]:
    return [[Painted(person, 60 + 40 * step, quality=quality)] for step in range(steps)]


def test_who_walks_by_is_told_named_and_ended() -> None:
    world = World()
    track, match, end = [*world.play(*walk(1, 8)), *world.pipeline.close("gate")]
    assert (track.kind, match.kind, end.kind) == (TRACK, MATCH, END)
    assert {track.track_id, match.track_id, end.track_id} == {track.track_id}
    assert match.match.subject == "ana"
    assert match.match.false_match_rate == 1e-4
    assert (end.first_seen, end.detections) == (0, 8)
    assert end.last_seen == pytest.approx(1.4)
    assert end.template is not None
    assert end.model_version == MODEL


def test_a_track_is_told_with_its_first_answer_when_that_comes_with_its_confirmation() -> None:
    track = World().play(*walk(1, 3))[0]
    assert track.kind is TRACK
    assert track.match.subject == "ana"
    assert track.quality is not None


def test_a_stranger_gets_a_track_and_no_match() -> None:
    world = World()
    events = [*world.play(*walk(9, 8)), *world.pipeline.close("gate")]
    assert kinds(events) == [TRACK, END]
    assert all(event.match.subject is None for event in events)
    assert len(events[-1].match.candidates) == 2


def test_someone_too_far_away_to_be_told_is_tracked_without_a_template() -> None:
    world = World()
    scenes = [[Painted(1, 300 + tick, size=24)] for tick in range(5)]
    (track,) = world.play(*scenes)
    assert (track.kind, track.template, track.quality, track.model_version) == (TRACK, None, None, "")
    assert track.box == (292, 168, 24, 24), "where it was last seen"


def test_a_flicker_of_a_face_is_never_told() -> None:
    world = World()
    assert world.play([Painted(1, 100)], [Painted(1, 140)], *[[]] * 20) == []
    assert world.pipeline.close("gate") == []
    assert not world.pipeline._observe._courses


def test_a_match_is_told_again_only_when_it_improved_by_a_hundredth() -> None:
    world = World(noise=1.2, min_similarity=0.3)
    people = [[Painted(1, 60 + 20 * step, quality=0.35 + 0.03 * step)] for step in range(20)]
    told = [event.match for event in world.play(*people) if event.kind is MATCH]
    similarities = [match.similarity or 0 for match in told]
    assert len(told) > 2
    assert all(later >= earlier + 0.01 for earlier, later in pairwise(similarities))


def test_a_face_that_stands_still_is_one_track_for_as_long_as_it_stands_at_little_cost() -> None:
    world = World()
    events = world.play(*[[Painted(1, 300)]] * 150)
    assert kinds(events) == [TRACK, MATCH, UPDATE, UPDATE], "and every ten seconds it is told that it still does"
    assert [event.last_seen for event in events[2:]] == pytest.approx([11, 21], abs=1.1)
    assert world.detector.seen == 30, "once a second"


def test_who_leaves_ends_two_seconds_later() -> None:
    events = World(gate=False).play(*walk(1, 6), *[[]] * 15)
    assert kinds(events) == [TRACK, MATCH, END]
    assert events[-1].last_seen == 1.0
    assert events[-1].media_time == pytest.approx(3.2)


def test_counters_tell_the_whole_story() -> None:
    world = World(gate=False)
    world.play(*[[*one, Painted(9, 300, 40)] for one in walk(1, 8)])
    counters = world.pipeline.counters
    assert (counters.frames, counters.analysed_frames, counters.faces, counters.tracks) == (8, 8, 16, 2)
    assert counters.matches == {"ana": 1}
    assert counters.embedded == 10, "three shots of each at once, two more of each every other frame"


def test_a_new_gallery_renames_live_tracks() -> None:
    world = World(gate=False)
    world.play(*walk(1, 4))
    world.recognise.replace_gallery(gallery_of(anna=1))
    (renamed,) = world.pipeline.process([])
    assert (renamed.kind, renamed.match.subject) == (MATCH, "anna")
    assert +world.pipeline.counters.matches == {"anna": 1}
    world.recognise.replace_gallery(gallery_of(ben=2))
    (withdrawn,) = world.pipeline.process([])
    assert (withdrawn.kind, withdrawn.match.subject) == (MATCH, None)


def test_batches_over_cameras_give_the_same_events_as_frame_by_frame() -> None:
    scenes = {"a": [*walk(1, 6), *[[]] * 14], "b": [*walk(2, 9), *[[]] * 14], "c": walk(9, 12)}
    frames = sorted(
        (
            frame_at(tick / 5, *scene, camera_id=camera)
            for camera, story in scenes.items()
            for tick, scene in enumerate(story)
        ),
        key=lambda frame: frame.media_time,
    )

    def story(batch: int) -> list[tuple[str, TrackEventKind, str | None, int]]:
        pipeline = World(gate=False).pipeline
        events = [
            event for start in range(0, len(frames), batch) for event in pipeline.process(frames[start : start + batch])
        ]
        events += [event for camera in scenes for event in pipeline.close(camera)]
        first = {camera: [e for e in events if e.camera_id == camera] for camera in scenes}
        return [
            (camera, event.kind, event.match.subject, event.detections * (event.kind is END))
            for camera, told in first.items()
            for event in told
        ]

    assert story(1) == story(7) == story(len(frames))


def test_nothing_is_kept_of_tracks_that_are_over() -> None:
    world = World(gate=False)
    for start in range(20):
        frames = [frame_at(start * 60 + tick / 5, *scene) for tick, scene in enumerate([*walk(1, 5), *[[]] * 12])]
        world.pipeline.process(frames)
    assert not world.pipeline._observe._courses
    assert not world.recognise._tracks


# On recordings, with the installed default pack.


def recorded(clip: Path) -> list[Frame]:
    from sightline.media.capture import CameraSession  # noqa: PLC0415 - loads libav
    from sightline.media.sources import parse_source  # noqa: PLC0415

    with CameraSession(parse_source(str(clip))) as session:
        return list(session.frames())


def real_events(clip: Path, people: Path, pack: Path) -> list[TrackEvent]:
    """A clip through the default pack, with portraits as gallery, at the default false-match rate."""
    from sightline.domain.gallery import Gallery  # noqa: PLC0415 - loads ONNX Runtime
    from sightline.services.face_images import embed_principal_faces  # noqa: PLC0415
    from sightline.vision.loading import load_models  # noqa: PLC0415
    from sightline.vision.model_packs.manifest import Manifest  # noqa: PLC0415
    from sightline.vision.runtime import RuntimeOptions  # noqa: PLC0415

    manifest = Manifest.model_validate_json((pack / "manifest.json").read_text())
    models = load_models(pack, manifest, RuntimeOptions())
    portraits = sorted(path.name for path in people.iterdir() if path.stem[-1].isdigit())
    embedded = embed_principal_faces(people, portraits, models)
    subjects = tuple(name.rsplit("-", 1)[0].removesuffix("-partial") for name in embedded.names)
    gallery = Gallery(subjects, embedded.templates, models.embedder.model_version)
    threshold = models.curve.min_similarity(1e-4)
    assert threshold is not None
    pipeline = Pipeline(
        DetectStage(models.detector, MotionGate()),
        TrackStage(uuid7),
        BestShotStage(models.aligner, models.quality),
        RecogniseStage(models.embedder, gallery, models.curve, RecognitionRules(threshold)),
    )
    events = [event for frame in recorded(clip) for event in pipeline.process([frame])]
    return [*events, *pipeline.close("camera")]


@pytest.mark.media
def test_singer_and_guest_of_the_evening_are_named_and_nobody_who_is_not_there(
    media_dir: Path, lite_pack: Path
) -> None:
    events = real_events(media_dir / "clips" / "stage.mp4", media_dir / "people", lite_pack)
    ends = sorted((event for event in events if event.kind is END), key=lambda event: event.match.subject or "")
    tracks = {name: list(group) for name, group in groupby(ends, key=lambda event: event.match.subject)}
    assert 1 <= len(tracks["lin-manuel-miranda"]) <= 3
    assert 1 <= len(tracks["barack-obama"]) <= 3
    assert max(event.last_seen - event.first_seen for event in tracks["lin-manuel-miranda"]) > 3
    assert "joe-biden" not in tracks


@pytest.mark.media
def test_strangers_in_the_street_are_tracked_and_none_is_named(media_dir: Path, lite_pack: Path) -> None:
    events = real_events(media_dir / "clips" / "street.mp4", media_dir / "people", lite_pack)
    ends = [event for event in events if event.kind is END]
    assert 5 <= len(ends) <= 16
    assert all(event.match.subject is None for event in events)
