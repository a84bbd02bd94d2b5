"""The fused worker: many cameras in one process, none starves, none is forgotten, and it ends when told to."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, pairwise
from pathlib import Path

import pytest

from sightline.core.config import CaptureSettings
from sightline.core.errors import NotAVideo, SourceEnded
from sightline.domain.arrays import ImageArray
from sightline.domain.faces import Faces
from sightline.domain.frames import Frame
from sightline.domain.tracks import TrackEvent, TrackEventKind
from sightline.media.sources import parse_source
from sightline.media.supervisor import CameraState
from sightline.pipeline.best_shot import BestShotStage
from sightline.pipeline.chain import Pipeline
from sightline.pipeline.detect import DetectStage
from sightline.pipeline.recognise import RecogniseStage, RecognitionRules
from sightline.pipeline.track import TrackStage
from sightline.workers.camera_plan import CameraPlan
from sightline.workers.fused import BATCH_FRAMES, FusedWorker
from tests.pipeline.fakes import (
    CURVE,
    Painted,
    PaintedAligner,
    PaintedDetector,
    PaintedEmbedder,
    PaintedQuality,
    counted_ids,
    faces_of,
    frame_at,
    gallery_of,
)
from tests.support.clips import Clip, record
from tests.workers.scripted_cameras import FILE, LIVE, PATIENCE, Script, use_scripts

SETTINGS = CaptureSettings(sample_rate=5.0, reconnect_delay=30.0, reconnect_delay_max=30.0, buffer_frames=10)


class Everywhere(PaintedDetector):
    """Finds the same face in every picture, as if somebody stood before each camera."""

    def detect(self, images: Sequence[ImageArray]) -> list[Faces]:
        return [faces_of(Painted(1, 100, 100)) for _ in images]


class Broken(PaintedDetector):
    """A model that fails."""

    def detect(self, images: Sequence[ImageArray]) -> list[Faces]:
        raise RuntimeError(f"the model broke on {len(images)} pictures")


class Held(PaintedDetector):
    """A detector that waits until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.release = threading.Event()

    def detect(self, images: Sequence[ImageArray]) -> list[Faces]:
        assert self.release.wait(PATIENCE)
        return [Faces.none() for _ in images]


class Watched:
    """A worker, and what it told."""

    def __init__(self, plans: Sequence[CameraPlan], detector: PaintedDetector) -> None:
        self.events: list[TrackEvent] = []
        self.order: list[str] = []
        self.worker = FusedWorker(
            plans,
            Pipeline(
                DetectStage(detector),
                TrackStage(counted_ids()),
                BestShotStage(PaintedAligner(), PaintedQuality()),
                RecogniseStage(PaintedEmbedder(), gallery_of(ana=1, ben=2), CURVE, RecognitionRules(0.5)),
            ),
            SETTINGS,
            on_events=self.events.extend,
            on_frames=lambda frames: self.order.extend(frame.camera_id for frame in frames),
        )

    def of(self, camera_id: str) -> list[TrackEventKind]:
        shown = [event for event in self.events if event.camera_id == camera_id]
        return [event.kind for event in shown if event.kind is not TrackEventKind.UPDATE]


def watch(monkeypatch: pytest.MonkeyPatch, scripts: Mapping[str, Script], **live: bool) -> Watched:
    """A worker for scripted cameras; those named as live=False are files."""
    use_scripts(monkeypatch, scripts)
    plans = [CameraPlan(camera, LIVE if live.get(camera, True) else FILE) for camera in scripts]
    return Watched(plans, PaintedDetector())


def stands(camera: str, person: int, seconds: float = 2.0) -> Iterator[Frame]:
    for tick in range(round(seconds * 5)):
        yield frame_at(tick / 5, Painted(person, 200), camera_id=camera)


def test_cameras_of_different_kinds_side_by_side(tmp_path: Path) -> None:
    kinds = {
        "wide": Clip(seconds=3),
        "tall": Clip(width=192, height=320, fps=10, seconds=3),
        "hevc": Clip(codec="libx265", width=480, height=270, seconds=3),
        "old": Clip(codec="mpeg4", with_sound=True, seconds=3),
    }
    clips = {name: record(tmp_path / f"{name}.mp4", clip) for name, clip in kinds.items()}
    plans = [CameraPlan(name, parse_source(str(path))) for name, path in clips.items()]
    watched = Watched(plans, Everywhere())
    watched.worker.run()
    for name in kinds:
        assert watched.worker.processed[name] == 15
        told = watched.of(name)
        assert (told[0], told[-1]) == (TrackEventKind.TRACK, TrackEventKind.END)
        assert told.count(TrackEventKind.TRACK) == told.count(TrackEventKind.END)
    assert {status.state for status in watched.worker.statuses()} == {CameraState.ENDED}


def test_every_camera_names_its_own_people(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = watch(
        monkeypatch,
        {"door": lambda _: stands("door", 1), "gate": lambda _: stands("gate", 2)},
        door=False,
        gate=False,
    )
    watched.worker.run()
    named = {(event.camera_id, event.match.subject) for event in watched.events if event.match.subject}
    assert named == {("door", "ana"), ("gate", "ben")}


def test_a_lost_camera_ends_its_tracks_while_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def breaks(_: threading.Event) -> Iterator[Frame]:
        yield from stands("door", 1)
        raise SourceEnded("the camera hung up")

    def goes_on(stop: threading.Event) -> Iterator[Frame]:
        for tick in count():
            if stop.wait(0.02) or ended.is_set():
                return
            yield frame_at(tick / 5, Painted(2, 200), camera_id="gate")

    watched = watch(monkeypatch, {"door": breaks, "gate": goes_on}, gate=False)
    take = watched.events.extend

    def tell(events: Sequence[TrackEvent]) -> None:
        take(events)
        if any(event.camera_id == "door" and event.kind is TrackEventKind.END for event in events):
            ended.set()
            watched.worker.stop()

    monkeypatch.setattr(watched.worker, "_on_events", tell)
    watched.worker.run()
    assert ended.is_set()
    assert watched.of("door") == [TrackEventKind.TRACK, TrackEventKind.MATCH, TrackEventKind.END]
    assert watched.of("gate")[-1] is TrackEventKind.END  # by stop(), after the other


def test_a_camera_that_floods_does_not_starve_its_neighbour(monkeypatch: pytest.MonkeyPatch) -> None:
    detector = Held()
    calm = 8

    def floods(stop: threading.Event) -> Iterator[Frame]:
        for tick in count():
            if stop.is_set():
                return
            yield frame_at(tick / 5, camera_id="flood")
            if tick > 3 * SETTINGS.buffer_frames:
                detector.release.set()

    def is_calm(_: threading.Event) -> Iterator[Frame]:
        for tick in range(calm):
            yield frame_at(tick / 5, camera_id="calm")
        raise SourceEnded("the camera hung up")

    use_scripts(monkeypatch, {"flood": floods, "calm": is_calm})
    watched = Watched([CameraPlan("flood", LIVE), CameraPlan("calm", LIVE)], detector)

    def note(frames: Sequence[Frame]) -> None:
        watched.order.extend(frame.camera_id for frame in frames)
        if watched.order.count("calm") == calm:
            watched.worker.stop()

    monkeypatch.setattr(watched.worker, "_on_frames", note)
    watched.worker.run()
    served = Counter(watched.order)
    assert served["calm"] == calm
    assert served["flood"] <= calm + 3 * BATCH_FRAMES  # turn by turn while both wait
    dropped = {status.camera_id: status.dropped for status in watched.worker.statuses()}
    assert dropped["calm"] == 0
    assert dropped["flood"] > 0


def test_a_model_that_fails_ends_the_run_and_is_not_hushed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    use_scripts(monkeypatch, {"door": lambda _: stands("door", 1)})
    watched = Watched([CameraPlan("door", LIVE)], Broken())
    with pytest.raises(RuntimeError, match="the model broke on"):
        watched.worker.run()
    assert [status.state for status in watched.worker.statuses()] == [CameraState.STOPPED]
    assert not [thread for thread in threading.enumerate() if thread.name == "camera-door"]


def test_a_listener_that_fails_ends_the_run_too(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = watch(monkeypatch, {"door": lambda _: stands("door", 1)})

    def refuse(_: Sequence[TrackEvent]) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(watched.worker, "_on_events", refuse)
    with pytest.raises(BrokenPipeError):
        watched.worker.run()
    assert [status.state for status in watched.worker.statuses()] == [CameraState.STOPPED]


def test_stopping_many_cameras_ends_every_track_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cameras = [f"camera-{number}" for number in range(12)]

    def stays(camera: str) -> Script:
        def script(stop: threading.Event) -> Iterator[Frame]:
            for tick in count():
                if stop.wait(0.01):
                    return
                yield frame_at(tick / 5, Painted(1, 200), camera_id=camera)

        return script

    watched = watch(monkeypatch, {camera: stays(camera) for camera in cameras})
    running = threading.Thread(target=watched.worker.run)
    running.start()
    deadline = time.monotonic() + PATIENCE
    while not all(watched.of(camera) for camera in cameras):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    watched.worker.stop()
    running.join(PATIENCE)
    assert not running.is_alive()
    for camera in cameras:
        told = watched.of(camera)
        assert told[0] is TrackEventKind.TRACK
        assert told.count(TrackEventKind.END) == 1
        assert told[-1] is TrackEventKind.END


def test_stopped_before_it_began_it_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = watch(monkeypatch, {"door": lambda _: stands("door", 1)})
    watched.worker.stop()
    watched.worker.run()
    assert watched.events == []


def test_a_file_waits_for_analysis_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = 6 * SETTINGS.buffer_frames
    watched = watch(monkeypatch, {"file": lambda _: stands("file", 1, frames / 5)}, file=False)
    watched.worker.run()
    assert watched.worker.processed == {"file": frames}
    assert [status.dropped for status in watched.worker.statuses()] == [0]
    times = [event.last_seen for event in watched.events]
    assert all(before <= after for before, after in pairwise(times))


def test_a_source_that_fails_at_once_leaves_its_reason(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("not a video")
    watched = Watched([CameraPlan("door", parse_source(str(tmp_path / "notes.mp4")))], PaintedDetector())
    watched.worker.run()
    failure = watched.worker.statuses()[0].last_failure
    assert failure is not None
    assert isinstance(failure.error, NotAVideo)
