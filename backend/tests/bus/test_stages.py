"""The stages on either bus do what they do in one process: the same tracks, the same names, at the same times."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from redis.asyncio import Redis
from uuid_utils.compat import uuid7

from sightline.bus.codec import decode_faces, decode_frame, encode_faces, encode_frame
from sightline.bus.memory import MemoryBus
from sightline.bus.ports import FACES, Bus, Consumer, Delivery, frames_of
from sightline.bus.redis_streams import RedisBus
from sightline.domain.arrays import ImageArray
from sightline.domain.frames import ArrayPixels, Frame
from sightline.domain.gallery import Gallery
from sightline.domain.messages import DetectedFace, FacesMessage, FrameMessage
from sightline.domain.tracks import FaceCrop, Observation, TrackEvent, TrackEventKind
from sightline.pipeline.best_shot import BestShotStage
from sightline.pipeline.chain import Pipeline
from sightline.pipeline.detect import DetectStage
from sightline.pipeline.gate import MotionGate
from sightline.pipeline.observe import ObserveStage
from sightline.pipeline.recognise import RecogniseStage, RecognitionRules
from sightline.pipeline.report import ReportStage
from sightline.pipeline.track import TrackStage
from sightline.services.face_images import embed_principal_faces
from sightline.vision.crops import encode_jpeg
from sightline.vision.loading import Models, load_models
from sightline.vision.model_packs.manifest import Manifest
from sightline.vision.runtime import RuntimeOptions
from sightline.workers.face_messages import FaceReader
from sightline.workers.face_telling import FaceTeller
from sightline.workers.frame_intake import FrameIntake, open_frame
from tests.bus.conftest import Ground
from tests.pipeline.fakes import (
    CURVE,
    Painted,
    PaintedAligner,
    PaintedDetector,
    PaintedEmbedder,
    PaintedQuality,
    frame_at,
    gallery_of,
    shrink,
)
from tests.pipeline.test_chain import recorded, walk

pytestmark = pytest.mark.asyncio

GATE, YARD = UUID(int=1), UUID(int=2)
DETECTION, RECOGNITION = Consumer("detection", "one"), Consumer("recognition", "one")
BEGIN = datetime(2024, 1, 20, 14, 25, 30, tzinfo=UTC)
END = TrackEventKind.END
FIRST_FRAMES = 30
"""Of the recording: six seconds, in which people are named."""
End = tuple[str, int, int]
"""Of a track: its name or nothing, from which sample to which."""


@dataclass(frozen=True)
class Stages:
    """Both halves, fresh."""

    observe: ObserveStage
    report: ReportStage


def painted() -> tuple[DetectStage, TrackStage, BestShotStage, RecogniseStage]:
    return (
        DetectStage(PaintedDetector(), MotionGate()),
        TrackStage(uuid7),
        BestShotStage(PaintedAligner(), PaintedQuality()),
        RecogniseStage(PaintedEmbedder(), gallery_of(ana=1, ben=2), CURVE, RecognitionRules(0.5)),
    )


def halves(detect: DetectStage, track: TrackStage, best_shot: BestShotStage, recognise: RecogniseStage) -> Stages:
    return Stages(ObserveStage(detect, track, best_shot), ReportStage(recognise))


def exact(image: ImageArray) -> bytes:
    """Unlike JPEG: what is compared here is not what compression does."""
    file = BytesIO()
    np.save(file, image)
    return file.getvalue()


def pixels(data: bytes) -> ImageArray:
    return np.asarray(np.load(BytesIO(data)), np.uint8)


def moment(media_time: float) -> datetime:
    return BEGIN + timedelta(seconds=media_time)


def sent(frame: Frame) -> FrameMessage:
    picture = exact(frame.pixels.bgr())
    camera = UUID(frame.camera_id)
    return FrameMessage(
        camera, moment(frame.media_time), picture, frame.sequence, frame.media_time, frame.discontinuity
    )


def received(delivery: Delivery) -> Frame:
    message = decode_frame(delivery.fields)
    image = pixels(message.frame_data)
    height, width = image.shape[:2]
    time = message.media_time or 0.0
    camera = str(message.camera_id)
    return Frame(camera, message.sequence, time, time, width, height, shrink(image), ArrayPixels(image))


def told(seen: Observation) -> FacesMessage:
    faces = tuple(
        DetectedFace(
            crop.box,
            crop.quality.detector_score,
            exact(crop.aligned),
            crop.quality.score,
            crop.track_id,
            crop.media_time,
            crop.landmarks,
            crop.quality,
        )
        for crop in seen.crops
    )
    camera = UUID(seen.camera_id)
    return FacesMessage(
        camera, moment(seen.media_time), faces, seen.media_time, seen.frame_size, seen.tracks, seen.closed
    )


def heard(delivery: Delivery) -> Observation:
    message = decode_faces(delivery.fields)
    camera, at, size = str(message.camera_id), message.media_time, message.frame_size
    assert at is not None
    assert size is not None
    crops = tuple(
        FaceCrop(face.track_id, camera, at, face.bbox, face.quality, pixels(face.face_crop))
        for face in message.detections
        if face.track_id is not None and face.quality is not None
    )
    return Observation(camera, at, size, message.tracks, crops, closed=message.closed)


async def observe(bus: Bus, stages: Stages, streams: Sequence[str]) -> None:
    while found := await bus.read(DETECTION, streams, count=8, wait=0):
        for seen in stages.observe.process([received(delivery) for delivery in found]):
            if seen.is_news:
                await bus.publish(FACES, [encode_faces(told(seen))], limit=1000)
        await bus.acknowledge(DETECTION, found)


async def report(bus: Bus, stages: Stages) -> list[TrackEvent]:
    events: list[TrackEvent] = []
    while found := await bus.read(RECOGNITION, [FACES], count=5, wait=0):
        events += stages.report.process([heard(delivery) for delivery in found])
        await bus.acknowledge(RECOGNITION, found)
    return events


def fused(frames: Sequence[Frame]) -> list[TrackEvent]:
    pipeline = Pipeline(*painted())
    events = [event for frame in frames for event in pipeline.process([frame])]
    return [*events, *(event for camera in (GATE, YARD) for event in pipeline.close(str(camera)))]


def story(events: Sequence[TrackEvent]) -> list[tuple[str, list[object]]]:
    """What is told of each track, whose ids are others each time. How far it has come when it is told, and what is
    told of others in between, depends on the batch; the whole of it stands at its end."""
    tracks: dict[UUID, tuple[str, list[object]]] = {}
    for event in events:
        likeness = round(event.match.similarity or 0.0, 4)  # the last digits depend on the batch
        whole = (event.first_seen, event.last_seen, event.detections, event.box, event.quality, likeness)
        _, told = tracks.setdefault(event.track_id, (event.camera_id, []))
        told.append((event.kind.value, event.match.subject, whole if event.kind is END else event.frame_size))
    return sorted(tracks.values(), key=repr)


async def test_painted_people_are_the_same_over_the_bus_as_fused(ground: Ground) -> None:
    at_gate = [*walk(1, 10), *[[]] * 15, *walk(2, 8), *[[Painted(9, 300)]] * 15]
    in_yard = [*[[]] * 4, *[[*scene, Painted(2, 500, 300)] for scene in walk(7, 12)], *[[]] * 20]
    frames = [
        frame_at(tick / 5, *scene, camera_id=str(camera))
        for camera, scenes in ((GATE, at_gate), (YARD, in_yard))
        for tick, scene in enumerate(scenes)
    ]
    frames.sort(key=lambda frame: frame.media_time)
    streams, stages = [frames_of(GATE), frames_of(YARD)], halves(*painted())
    events: list[TrackEvent] = []
    for begin in range(0, len(frames), 20):  # the halves work in turns, as processes do
        for frame in frames[begin : begin + 20]:
            await ground.bus.publish(frames_of(UUID(frame.camera_id)), [encode_frame(sent(frame))], limit=30)
        await observe(ground.bus, stages, streams)
        events += await report(ground.second, stages)
    for camera in (GATE, YARD):
        for seen in stages.observe.close(str(camera)):
            await ground.bus.publish(FACES, [encode_faces(told(seen))], limit=1000)
    events += await report(ground.second, stages)
    assert story(events) == story(fused(frames))
    assert {event.match.subject for event in events} == {None, "ana", "ben"}
    assert await ground.bus.dropped(FACES) == 0


@pytest.fixture(scope="module")
def models(lite_pack: Path) -> Models:
    manifest = Manifest.model_validate_json((lite_pack / "manifest.json").read_text())
    return load_models(lite_pack, manifest, RuntimeOptions(threads=1))


@pytest.fixture(scope="module")
def gallery(media_dir: Path, models: Models) -> Gallery:
    people = media_dir / "people"
    portraits = sorted(path.name for path in people.iterdir() if path.stem[-1].isdigit())
    found = embed_principal_faces(people, portraits, models)
    names = tuple(name.rsplit("-", 1)[0].removesuffix("-partial") for name in found.names)
    return Gallery(names, found.templates, models.embedder.model_version)


@pytest.fixture(scope="module")
def clip(media_dir: Path) -> list[Frame]:
    frames = recorded(media_dir / "clips" / "stage.mp4")[:FIRST_FRAMES]
    return [replace(frame, camera_id=str(GATE)) for frame in frames]


def real(models: Models, gallery: Gallery) -> tuple[DetectStage, TrackStage, BestShotStage, RecogniseStage]:
    threshold = models.curve.min_similarity(1e-4)
    assert threshold is not None
    return (
        DetectStage(models.detector, MotionGate()),
        TrackStage(uuid7),
        BestShotStage(models.aligner, models.quality),
        RecogniseStage(models.embedder, gallery, models.curve, RecognitionRules(threshold)),
    )


@pytest.fixture(scope="module")
def fused_events(clip: list[Frame], models: Models, gallery: Gallery) -> list[TrackEvent]:
    pipeline = Pipeline(*real(models, gallery))
    return [*(event for frame in clip for event in pipeline.process([frame])), *pipeline.close(str(GATE))]


@pytest.mark.media
async def test_a_recording_names_the_same_people_at_the_same_times(
    redis: Redis, clip: list[Frame], models: Models, gallery: Gallery, fused_events: list[TrackEvent]
) -> None:
    """With the workers' own parts at both ends. JPEG decides about faces at the limit, not about who is named."""
    in_memory = await over(MemoryBus(), clip, models, gallery)
    on_redis = await over(RedisBus(redis), clip, models, gallery)
    assert on_redis == in_memory
    named, expected = named_in(in_memory), named_in(ends(fused_events))
    assert [name for name, _, _ in named] == [name for name, _, _ in expected]
    assert expected
    for one, other in zip(named, expected, strict=True):
        assert abs(one[1] - other[1]) <= 1
        assert abs(one[2] - other[2]) <= 1


async def over(bus: Bus, clip: Sequence[Frame], models: Models, gallery: Gallery) -> list[End]:
    """The recording's tracks when the halves meet on this bus."""
    stages, stream = halves(*real(models, gallery)), frames_of(GATE)
    intake, teller, reader = FrameIntake(), FaceTeller(), FaceReader(models)
    for frame in clip:
        message = replace(sent(frame), frame_data=encode_jpeg(frame.pixels.bgr(), 92))
        await bus.publish(stream, [encode_frame(message)], limit=100)
    while found := await bus.read(DETECTION, [stream], count=8, wait=0):
        arrived = [intake.arrived(open_frame(GATE, delivery)) for delivery in found]
        for seen in stages.observe.process([one.frame for one in arrived if one is not None]):
            await _tell(bus, teller, seen)
        await bus.acknowledge(DETECTION, found)
    for seen in stages.observe.close(str(GATE)):
        await _tell(bus, teller, seen)
    events: list[TrackEvent] = []
    while found := await bus.read(RECOGNITION, [FACES], count=8, wait=0):
        for faces in map(reader.read, found):
            crops = tuple(shot.crop for shot in faces.shots)
            camera, size = str(faces.camera_id), faces.frame_size
            seen = Observation(camera, faces.media_time, size, faces.states, crops, closed=faces.closed)
            events += stages.report.process([seen])
    return ends(events)


def ends(events: Sequence[TrackEvent]) -> list[End]:
    over = [event for event in events if event.kind is END]
    return sorted(
        ((event.match.subject or "", round(event.first_seen * 5), round(event.last_seen * 5)) for event in over),
        key=lambda end: (end[1], end[2], end[0]),
    )


def named_in(found: Sequence[End]) -> list[End]:
    return sorted(end for end in found if end[0])


async def _tell(bus: Bus, teller: FaceTeller, seen: Observation) -> None:
    if seen.is_news:
        message = teller.told(seen, moment(seen.media_time)).message
        await bus.publish(FACES, [encode_faces(message)], limit=1000)
