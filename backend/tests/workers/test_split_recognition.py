"""Recognition in split mode: at least once, nothing doubled, and no name lost with Redis."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import text

from sightline.bus.codec import encode_faces
from sightline.core.config import Settings, StorageSettings
from sightline.core.database import SYSTEM, Database
from sightline.core.errors import ServiceUnavailable
from sightline.core.storage import UrlSigner, open_storage
from sightline.domain.arrays import FloatArray, ImageArray
from sightline.domain.messages import DetectedFace, FacesMessage
from sightline.workers import split_recognition
from sightline.workers.embedded.valkey import ValkeyAddress
from sightline.workers.face_messages import SeenFaces
from sightline.workers.track_memory import ENDED_SECONDS, TTL_SECONDS, TrackStore
from sightline.workers.track_settling import TrackSettler
from tests.support.database import add_camera
from tests.workers.split_scene import BOX, SPREAD, Killed, Scene, crop_of, new_track

pytestmark = pytest.mark.asyncio
EVENT_FIELDS = ("subject_id", "confidence", "detected_at", "last_seen_at", "closed_at", "detections", "quality_score")


@pytest_asyncio.fixture
async def scene(database: Database, redis_server: ValkeyAddress, tmp_path: Path) -> AsyncIterator[Scene]:
    settings = Settings(data_dir=tmp_path)
    storage = open_storage(StorageSettings(), folder=tmp_path, signer=UrlSigner("k" * 40))
    async with Redis.from_url(redis_server.url, protocol=2) as client:
        await client.flushall()
        async with database.session(SYSTEM) as session:
            camera = await add_camera(session, "Hall")
        yield Scene(settings, database, storage, client, camera)


async def test_a_guest_is_named_shown_and_seen_off(scene: Scene) -> None:
    guest, track = await scene.enrol(3), new_track()
    await scene.bus.keep("frame-1", crop_of(9), seconds=60)
    await scene.play(
        scene.said(track, 1.0, (3, 0.8), (3, 0.6), confirmed=True, frame_ref="frame-1"),
        scene.said(track, 2.0, (3, 0.7)),
        scene.said(track, 4.0, ended=True),
    )
    row = await scene.row()
    assert (row["id"], row["subject_id"], row["detections"]) == (track, guest.id, 21)
    assert row["detected_at"] == scene.began
    assert row["last_seen_at"] == row["closed_at"] == scene.began + timedelta(seconds=4)
    assert row["quality_score"] == pytest.approx(0.8)
    assert (await scene.storage.download(row["image_path"])).data == crop_of(3)
    assert (await scene.storage.download(row["frame_path"])).data == crop_of(9)
    assert await scene.recognitions() == 1
    assert 0 < await scene.redis.ttl(f"track:{track}") <= TTL_SECONDS


async def test_of_strangers_no_frame_is_kept(scene: Scene) -> None:
    await scene.bus.keep("frame-1", crop_of(9), seconds=60)
    await scene.play(scene.said(new_track(), 1.0, (4, 0.8), confirmed=True, frame_ref="frame-1"))
    row = await scene.row()
    assert row["subject_id"] is None
    assert row["image_path"] is not None
    assert row["frame_path"] is None


async def test_what_is_delivered_twice_changes_nothing(scene: Scene) -> None:
    await scene.enrol(3)
    track = new_track()
    first = scene.said(track, 1.0, (3, 0.8), confirmed=True)
    second = scene.said(track, 2.0, (3, 0.9), likeness=0.8)
    end = scene.said(track, 4.0, ended=True)
    await scene.play(first, second, end)
    before = await scene.row()
    await scene.play(end, first)
    await scene.play(second, end)
    after = await scene.row()
    assert [after[name] for name in EVENT_FIELDS] == [before[name] for name in EVENT_FIELDS]
    assert await scene.recognitions() == 1


async def test_two_replicas_on_one_track_lose_no_shot(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split_recognition, "BATCH", 1)
    monkeypatch.setattr(split_recognition, "FIRST_BATCH", 1)
    await scene.enrol(3)
    track = new_track()
    messages = [scene.said(track, 0.2 * number, (3, 0.5 + number / 100)) for number in range(20)]
    await scene.send(replace(messages[0], tracks=(replace(messages[0].tracks[0], confirmed=True),)), *messages[1:])
    async with scene.working("one", "two", "three"):
        await scene.until_done()
    memory = (await TrackStore(scene.redis).load([track]))[track]
    assert memory.track.face is not None
    assert len(memory.track.face.moments) == 20
    assert len(memory.track.face.embeddings) == 8
    row = await scene.row()
    assert row["detections"] == 20
    assert row["quality_score"] == pytest.approx(0.69)


async def test_a_track_that_is_over_is_soon_forgotten(scene: Scene) -> None:
    """Templates of people lie in Redis no longer than they serve, and a crowd does not fill it."""
    over, in_view = new_track(), new_track()
    await scene.play(
        scene.said(over, 1.0, (3, 0.8), confirmed=True), scene.said(in_view, 1.0, (4, 0.8), confirmed=True)
    )
    assert all([TTL_SECONDS - 5 < await scene.redis.ttl(f"track:{one}") <= TTL_SECONDS for one in (over, in_view)])
    await scene.play(scene.said(over, 2.0, ended=True))
    assert 0 < await scene.redis.ttl(f"track:{over}") <= ENDED_SECONDS
    assert await scene.redis.ttl(f"track:{in_view}") > ENDED_SECONDS


@pytest.mark.parametrize("ends", [True, False])
async def test_a_name_is_not_lost_with_redis(scene: Scene, ends: bool) -> None:
    """A late end, or a stranger's shot of the same track, after Redis forgot everything."""
    guest, track = await scene.enrol(3), new_track()
    await scene.play(scene.said(track, 1.0, (3, 0.8), confirmed=True))
    named = await scene.row()
    await scene.redis.flushall()
    await scene.play(scene.said(track, 3.0, ended=True) if ends else scene.said(track, 3.0, (4, 0.3)))
    row = await scene.row()
    assert (row["subject_id"], row["confidence"]) == (guest.id, named["confidence"])
    assert row["image_path"] == named["image_path"]
    assert row["last_seen_at"] == scene.began + timedelta(seconds=3)
    assert (row["closed_at"] is not None) is ends
    assert row["detected_at"] == named["detected_at"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda kept: kept[:-4],
        lambda kept: kept + bytes(4 * 512),
        lambda kept: kept[:-4] + np.float32("nan").tobytes(),
        lambda kept: kept[1:],
        lambda kept: kept.replace(b'"format":1', b'"format":2'),
    ],
    ids=["short", "long", "nan", "foreign", "newer"],
)
async def test_a_memory_that_cannot_be_read_costs_no_name(scene: Scene, damage: Callable[[bytes], bytes]) -> None:
    guest, track = await scene.enrol(3), new_track()
    await scene.play(scene.said(track, 1.0, (3, 0.8), confirmed=True))
    kept = await scene.redis.hget(f"track:{track}", "d")
    assert isinstance(kept, bytes)
    await scene.redis.hset(f"track:{track}", "d", damage(kept))
    await scene.play(scene.said(track, 3.0, (3, 0.7)))
    row = await scene.row()
    assert (row["subject_id"], row["last_seen_at"]) == (guest.id, scene.began + timedelta(seconds=3))
    assert scene.bus.reasons == []


async def test_a_face_without_an_embedding_is_set_aside(scene: Scene) -> None:
    """A model that makes no numbers of one picture: the others of its batch are recorded, and no worker ends."""
    embed = scene.embedder.embed

    def broken(aligned: ImageArray) -> FloatArray:
        is_bad = [round(view[0, 0, 0] / SPREAD) == 9 for view in aligned]
        return np.where(np.array(is_bad)[:, None], np.float32("nan"), embed(aligned))

    scene.embedder.embed = broken  # type: ignore[method-assign]
    bad, good = scene.said(new_track(), 1.0, (3, 0.5), (9, 0.8)), scene.said(new_track(), 2.0, (3, 0.8))
    await scene.play(bad, good)
    assert (await scene.row())["id"] == good.tracks[0].track_id
    assert scene.bus.reasons == ["detections.1.face_crop: the model makes no embedding of it"]


async def test_a_full_redis_is_drained(scene: Scene) -> None:
    """What fills it are messages: if nothing could be remembered before they are done with, it stayed full for ever."""
    guest, track = await scene.enrol(3), new_track()
    await scene.play(scene.said(track, 1.0, (3, 0.8), confirmed=True))
    await scene.redis.config_set("maxmemory", "1")
    try:
        await scene.play(scene.said(track, 2.0, (3, 0.9)), scene.said(other := new_track(), 2.0, (3, 0.5)))
        assert not await scene.redis.exists(f"track:{track}", f"track:{other}"), "nothing that is out of date"
    finally:
        await scene.redis.config_set("maxmemory", "256mb")
    await scene.play(scene.said(track, 3.0, ended=True))
    rows = {row["id"]: row for row in await scene.rows()}
    assert rows.keys() == {track, other}
    assert {row["subject_id"] for row in rows.values()} == {guest.id}
    assert rows[track]["closed_at"] == scene.began + timedelta(seconds=3)
    assert rows[track]["quality_score"] == pytest.approx(0.9)


async def test_a_better_answer_replaces_a_name_that_redis_forgot(scene: Scene) -> None:
    await scene.enrol(3)
    other, track = await scene.enrol(5), new_track()
    await scene.play(scene.said(track, 1.0, (3, 0.2), likeness=0.5, confirmed=True))
    assert (await scene.row())["subject_id"] is not None
    await scene.redis.flushall()
    await scene.play(scene.said(track, 3.0, (5, 0.9)))
    assert (await scene.row())["subject_id"] == other.id


async def test_a_name_without_its_template_stays(scene: Scene) -> None:
    """Nothing is left but the name: Redis is empty and the template was removed."""
    guest, track = await scene.enrol(3), new_track()
    await scene.play(scene.said(track, 1.0, (3, 0.8), confirmed=True))
    await scene.redis.flushall()
    async with scene.database.session(SYSTEM) as session:
        await session.execute(text("UPDATE sightings SET embedding = NULL, model_version = NULL"))
    await scene.play(scene.said(track, 3.0, (4, 0.9)), scene.said(track, 4.0, ended=True))
    row = await scene.row()
    assert row["subject_id"] == guest.id
    assert row["closed_at"] is not None


async def test_a_third_partys_message_is_a_track_of_its_own_each_time_the_same(scene: Scene) -> None:
    guest = await scene.enrol(3)
    message = FacesMessage(
        scene.camera.id, scene.began, (DetectedFace(BOX, 0.9, crop_of(3), 0.7), DetectedFace(BOX, 0.9, crop_of(4), 0.7))
    )
    plain = {name: value for name, value in encode_faces(message).items() if name != "schema"}
    await scene.send_fields(plain, plain)
    async with scene.working():
        await scene.until_done()
    rows = await scene.rows()
    assert sorted(str(row["subject_id"]) for row in rows) == sorted([str(guest.id), "None"])
    assert all(row["closed_at"] == row["detected_at"] == scene.began for row in rows)
    assert all(row["id"].version == 7 for row in rows)


async def test_who_is_enrolled_while_in_view_is_named_without_another_shot(scene: Scene) -> None:
    track = new_track()
    await scene.send(scene.said(track, 1.0, (3, 0.8), confirmed=True))
    async with scene.working():
        await scene.until_done()
        assert (await scene.row())["subject_id"] is None
        guest = await scene.enrol(3)

        async def is_named() -> bool:
            return bool((await scene.row())["subject_id"] == guest.id)

        await scene.until(is_named)
        async with scene.database.session(SYSTEM) as session:
            await session.execute(text("UPDATE subjects SET status = 'inactive'"))

        async def is_unnamed() -> bool:
            return (await scene.row())["subject_id"] is None

        await scene.until(is_unnamed)


async def test_a_worker_that_dies_before_it_acknowledged_loses_and_doubles_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(split_recognition, "ABANDONED_SECONDS", 0.3)
    monkeypatch.setattr(split_recognition, "CLAIM_SECONDS", 0.1)
    guest, track = await scene.enrol(3), new_track()
    await scene.send(scene.said(track, 1.0, (3, 0.8), confirmed=True), scene.said(new_track(), 1.0, (4, 0.8)))
    scene.bus.dies_at_acknowledge = True
    with pytest.raises(Killed):
        async with asyncio.timeout(20):
            await scene.worker("one").run(asyncio.Event())
    scene.bus.dies_at_acknowledge = False
    before = await scene.rows()
    assert {row["subject_id"] for row in before} == {guest.id, None}
    async with scene.working("two"):
        await scene.until_done()
    after = await scene.rows()
    assert [[row[name] for name in EVENT_FIELDS] for row in after] == [
        [row[name] for name in EVENT_FIELDS] for row in before
    ]
    assert await scene.recognitions() == 1


async def test_what_waits_for_the_database_stays_in_one_hand(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Or many replicas would take a message from each other until it counts as poison."""
    for name, seconds in (("ABANDONED_SECONDS", 1.0), ("HOLD_SECONDS", 0.05), ("CLAIM_SECONDS", 0.05)):
        monkeypatch.setattr(split_recognition, name, seconds)
    caplog.set_level("INFO")
    settle, is_away = TrackSettler.settle, asyncio.Event()

    async def waits(self: TrackSettler, seen: Sequence[SeenFaces]) -> None:
        if is_away.is_set():
            raise ServiceUnavailable("the database is away", hint="Wait.")
        await settle(self, seen)

    monkeypatch.setattr(TrackSettler, "settle", waits)
    is_away.set()
    await scene.send(scene.said(new_track(), 1.0, (3, 0.8), confirmed=True))
    async with scene.working("one", "two"):
        await asyncio.sleep(2.5)
        assert await scene.rows() == []
        is_away.clear()
        await scene.until_done()
    assert len(await scene.rows()) == 1
    assert "took over" not in caplog.text


async def test_what_nobody_can_work_on_is_set_aside_and_holds_nobody_up(scene: Scene) -> None:
    good = scene.said(new_track(), 1.0, (3, 0.8), confirmed=True)
    face = good.detections[0]
    no_picture = replace(good, detections=(replace(face, face_crop=b"\xff\xd8\xff, and then nothing"),))
    stranger = replace(good, camera_id=UUID(int=7))
    ancient = replace(good, timestamp=good.timestamp.replace(year=1970))
    newer = {**encode_faces(good), "schema": b"99"}
    await scene.send_fields({"camera_id": b"hello"}, newer)
    await scene.send(no_picture, stranger, ancient, good)
    async with scene.working():
        await scene.until_done()
    assert (await scene.row())["id"] == good.tracks[0].track_id
    assert len(scene.bus.reasons) == 5
    for word in ("is missing", "schema is 99", "face_crop", "there is no camera", "timestamp"):
        assert any(word in reason for reason in scene.bus.reasons), (word, scene.bus.reasons)


async def test_a_clock_that_jumps_moves_no_track(scene: Scene) -> None:
    track = new_track()
    later = scene.said(track, 3.0, (3, 0.5))
    await scene.play(
        scene.said(track, 1.0, (3, 0.8), confirmed=True),
        replace(later, timestamp=later.timestamp - timedelta(hours=3)),
        scene.said(track, 4.0, ended=True),
    )
    row = await scene.row()
    assert row["detected_at"] == scene.began
    assert row["closed_at"] == scene.began + timedelta(seconds=4)
