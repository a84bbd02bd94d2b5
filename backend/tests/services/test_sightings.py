"""From track to record: one row per track, alerts for watchlists only, and nothing of unknown people beyond policy."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import SYSTEM, WORKER, Database
from sightline.core.errors import InvalidInput, NotFound
from sightline.domain.arrays import FloatArray
from sightline.models import Subject
from sightline.services import sightings, subjects
from sightline.services.sighting_views import list_sightings
from sightline.services.sightings import (
    MinuteCount,
    RecordingPolicy,
    UnknownPolicy,
    record_tracks,
)
from tests.support.database import (
    MODEL,
    NOON,
    acting,
    add_camera,
    add_subject,
    add_watchlist,
    matched,
    template_of,
    track_record,
)

SECOND = timedelta(seconds=1)


async def _row(session: AsyncSession, track_id: object) -> dict[str, object]:
    result = await session.execute(text("SELECT * FROM sightings WHERE id = :id"), {"id": track_id})
    return dict(result.mappings().one())


@pytest.mark.asyncio
async def test_a_track_grows_in_one_row(session: AsyncSession) -> None:
    camera, subject = await add_camera(session), await add_subject(session)
    track = track_record(camera)
    async with acting(session, WORKER):
        first = await record_tracks(session, tracks=[track])
        better = replace(
            track, last_seen=NOON + 60 * SECOND, detections=90, match=matched(subject, 0.77), quality=0.9, closed=True
        )
        second = await record_tracks(session, tracks=[better])
    assert (first.created, first.updated) == ((track.track_id,), ())
    assert (second.created, second.updated) == ((), (track.track_id,))
    row = await _row(session, track.track_id)
    assert (row["detected_at"], row["last_seen_at"], row["closed_at"]) == (NOON, better.last_seen, better.last_seen)
    assert (row["detections"], row["subject_id"], row["bounding_box"]) == (90, subject.id, [10.0, 20.0, 30.0, 40.0])
    assert row["confidence"] == pytest.approx(0.77)
    assert row["candidates"] == [{"subject": str(subject.id), "similarity": 0.77}]
    assert (row["model_version"], row["media_expires_at"]) == (MODEL, None)


@pytest.mark.asyncio
async def test_delivered_twice_out_of_order_or_with_another_beginning_is_one_row(session: AsyncSession) -> None:
    camera = await add_camera(session)
    track = track_record(camera)
    later = replace(track, last_seen=NOON + 30 * SECOND, detections=50)
    wrong_birth = replace(later, first_seen=NOON + 3 * SECOND)
    for batch in ([later, track], [later], [track], [wrong_birth]):
        await record_tracks(session, tracks=batch)
    rows = (await session.execute(text("SELECT detected_at, detections, last_seen_at FROM sightings"))).all()
    assert [tuple(row) for row in rows] == [(NOON, 50, later.last_seen)]


@pytest.mark.asyncio
async def test_pictures_of_somebody_erased_while_in_view_go_too(session: AsyncSession) -> None:
    """The track goes on, and with it come better shots that no row speaks of."""
    camera, subject = await add_camera(session), await add_subject(session)
    track, other = track_record(camera, subject), track_record(camera)
    await record_tracks(session, tracks=[track, other])
    await session.execute(text("SELECT erase_subject(:id)"), {"id": subject.id})
    await session.execute(text("DELETE FROM object_deletions"))
    again = [
        replace(track, match=matched(None), last_seen=NOON + 9 * SECOND, image_path="late/face.jpg"),
        replace(other, last_seen=NOON - SECOND, first_seen=NOON - SECOND, image_path="late/other.jpg"),
    ]
    async with acting(session, WORKER):
        recorded = await record_tracks(session, tracks=again)
    assert (recorded.created, recorded.updated) == ((), ())
    keys = (await session.scalars(text("SELECT object_key FROM object_deletions"))).all()
    assert set(keys) == {"late/face.jpg", track.frame_path}, "the other row is there, only newer"


@pytest.mark.asyncio
async def test_two_workers_that_record_a_new_track_at_once_make_one_row(database: Database) -> None:
    """Each has another message of it, and worked out its beginning from that: a microsecond apart."""
    async with database.session(SYSTEM) as session:
        camera = await add_camera(session)
        await record_tracks(session, tracks=[track_record(camera, last_seen=NOON + 60 * SECOND)])
        track = track_record(camera)
    later = replace(track, first_seen=NOON + timedelta(microseconds=1), last_seen=NOON + 30 * SECOND, closed=True)

    async def record_other() -> None:
        async with database.session(WORKER) as session:
            await record_tracks(session, tracks=[later])

    async with database.session(WORKER) as session:
        await record_tracks(session, tracks=[track])
        other = asyncio.create_task(record_other())
        await asyncio.wait({other}, timeout=0.3)
    await other
    async with database.session(SYSTEM) as session:
        row = await _row(session, track.track_id)
    assert (row["detected_at"], row["last_seen_at"]) == (NOON, later.last_seen)


@pytest.mark.asyncio
async def test_an_alert_for_watchlists_once_per_subject_camera_and_cooldown(session: AsyncSession) -> None:
    camera, other_camera = await add_camera(session), await add_camera(session)
    subject = await add_subject(session, await add_watchlist(session, priority=5))

    async def alerts_at(seconds: int, where: object = camera) -> int:
        moment = NOON + seconds * SECOND
        track = track_record(where, subject, first_seen=moment, last_seen=moment)  # type: ignore[arg-type]
        return len((await record_tracks(session, tracks=[track])).alerts)

    async with acting(session, WORKER):
        long_stay = track_record(camera, subject)
        raised = (await record_tracks(session, tracks=[long_stay])).alerts
        assert [(alert.severity, alert.sighting_id) for alert in raised] == [("critical", long_stay.track_id)]
        assert subject.name not in raised[0].message
        assert await alerts_at(120) == 0, "within the cool-down"
        assert await alerts_at(120, other_camera) == 1, "another camera"
        assert await alerts_at(400) == 1, "after the cool-down"
        stayed = replace(long_stay, last_seen=NOON + 3600 * SECOND)
        assert (await record_tracks(session, tracks=[stayed])).alerts == (), "the same stay"


@pytest.mark.asyncio
async def test_two_tracks_of_one_person_in_one_batch_raise_one_alert(session: AsyncSession) -> None:
    camera = await add_camera(session)
    subject = await add_subject(session, await add_watchlist(session))
    tracks = [track_record(camera, subject), track_record(camera, subject)]
    assert len((await record_tracks(session, tracks=tracks)).alerts) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE watchlists SET is_active = false",
        "UPDATE watchlists SET expires_at = now() - interval '1 second'",
        "UPDATE subjects SET alert_on_match = false",
        "UPDATE subjects SET status = 'inactive'",
        "UPDATE subjects SET watchlist_id = NULL",
    ],
)
async def test_no_alert_without_a_list_in_force(session: AsyncSession, change: str) -> None:
    camera = await add_camera(session)
    subject = await add_subject(session, await add_watchlist(session))
    await session.execute(text(change))
    recorded = await record_tracks(session, tracks=[track_record(camera, subject)])
    assert (len(recorded.created), recorded.alerts) == (1, ())


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("policy", "rows", "has_crop", "has_template"),
    [
        (UnknownPolicy.COUNT, 0, False, False),
        (UnknownPolicy.CROP, 1, True, False),
        (UnknownPolicy.TEMPLATE, 1, True, True),
    ],
)
async def test_of_unknown_people_only_what_the_policy_allows(
    session: AsyncSession, policy: UnknownPolicy, rows: int, has_crop: bool, has_template: bool
) -> None:
    camera = await add_camera(session)
    track = track_record(camera)
    await record_tracks(session, tracks=[track], policy=RecordingPolicy(policy, timedelta(hours=2)))
    found = (await session.execute(text("SELECT * FROM sightings"))).mappings().all()
    assert len(found) == rows
    for row in found:
        assert (row["image_path"] is not None, row["embedding"] is not None) == (has_crop, has_template)
        assert row["media_expires_at"] == track.last_seen + timedelta(hours=2)


def _nan() -> FloatArray:
    template = template_of(1).copy()
    template[7] = np.nan
    return template


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "changes",
    [
        {"template": np.ones(192, np.float32)},
        {"template": np.zeros(512, np.float32)},
        {"template": _nan()},
        {"template": template_of(1), "model_version": ""},
        {"box": (0.0, 0.0, float("nan"), 1.0)},
        {"last_seen": NOON - SECOND},
        {"first_seen": NOON.replace(tzinfo=None)},
    ],
    ids=["192 numbers", "length zero", "not finite", "no model", "box not finite", "ends early", "no zone"],
)
async def test_nonsense_is_refused_and_nothing_of_the_batch_written(
    database: Database, changes: dict[str, Any]
) -> None:
    async with database.session(SYSTEM) as session:
        camera = await add_camera(session)
    with pytest.raises(InvalidInput):
        async with database.session(WORKER) as session:
            await record_tracks(session, tracks=[track_record(camera), track_record(camera, **changes)])
    async with database.session(WORKER) as session:
        assert await list_sightings(session) == ()


@pytest.mark.asyncio
async def test_an_unknown_camera_is_refused(database: Database) -> None:
    async with database.session(SYSTEM) as session:
        camera = await add_camera(session)
    with pytest.raises(NotFound, match="camera"):
        async with database.session(WORKER) as session:
            await record_tracks(session, tracks=[track_record(camera, camera_id=uuid4())])


@pytest.mark.asyncio
async def test_a_subject_erased_meanwhile_is_unknown(session: AsyncSession) -> None:
    camera, subject = await add_camera(session), await add_subject(session)
    await session.execute(text("SELECT * FROM erase_subject(:id)"), {"id": subject.id})
    track = track_record(camera, subject)
    await record_tracks(session, tracks=[track])
    row = await _row(session, track.track_id)
    assert (row["subject_id"], row["confidence"]) == (None, None)


@pytest.mark.asyncio
async def test_cameras_and_subjects_know_when_they_were_last_seen(session: AsyncSession) -> None:
    camera, subject = await add_camera(session), await add_subject(session)
    async with acting(session, WORKER):
        later = track_record(camera, subject, last_seen=NOON + 9 * SECOND)
        await record_tracks(session, tracks=[later, track_record(camera)])
        await record_tracks(session, tracks=[track_record(camera, subject)])
    seen = text("SELECT c.last_seen_at, s.last_seen_at FROM cameras c, subjects s WHERE c.id = :c AND s.id = :s")
    row = (await session.execute(seen, {"c": camera.id, "s": subject.id})).one()
    assert tuple(row) == (later.last_seen, later.last_seen)


@pytest.mark.asyncio
async def test_who_was_taken_for_somebody_by_mistake_was_not_seen(session: AsyncSession) -> None:
    camera, taken, real = await add_camera(session), await add_subject(session), await add_subject(session)
    before = track_record(camera, taken)
    track = track_record(camera, taken, last_seen=NOON + 9 * SECOND)
    better = replace(track, match=matched(real), last_seen=NOON + 12 * SECOND)
    async with acting(session, WORKER):
        await record_tracks(session, tracks=[before])
        await record_tracks(session, tracks=[track])
        assert await _last_seen(session, taken) == track.last_seen
        await record_tracks(session, tracks=[better])
        assert await _last_seen(session, taken) == before.last_seen
        assert await _last_seen(session, real) == better.last_seen
        await record_tracks(session, tracks=[replace(better, match=matched(None), last_seen=NOON + 15 * SECOND)])
    assert await _last_seen(session, real) is None


async def _last_seen(session: AsyncSession, subject: Subject) -> object:
    return await session.scalar(text("SELECT last_seen_at FROM subjects WHERE id = :id"), {"id": subject.id})


@pytest.mark.asyncio
async def test_statistics_take_detections_from_counters_and_recognitions_from_sightings(session: AsyncSession) -> None:
    camera, subject = await add_camera(session), await add_subject(session)
    await record_tracks(session, tracks=[track_record(camera, subject), track_record(camera)])
    counts = [MinuteCount(camera.id, NOON + n * SECOND, frames=5, detections=4) for n in (0, 10, 70)]
    async with acting(session, WORKER):
        await sightings.count_minutes(session, counts=counts)
        await sightings.count_minutes(session, counts=counts[:1])
    statement = text("SELECT * FROM get_sighting_stats(:camera, '2026-11-21', '2026-11-22')")
    rows = (await session.execute(statement, {"camera": camera.id})).all()
    assert [(str(row.day), row.detections, row.recognitions) for row in rows] == [
        ("2026-11-21", 0, 0),
        ("2026-11-22", 16, 1),
    ]


@pytest.mark.asyncio
async def test_enrolment_is_told_whose_face_it_is_already(session: AsyncSession) -> None:
    subject = await add_subject(session, seed=5)
    await add_subject(session, seed=6)
    found = await subjects.closest_other(session, template=template_of(5), model_version=MODEL, min_similarity=0.5)
    assert found is not None
    assert (found.name, round(found.similarity, 3)) == (subject.name, 1.0)
    same = await subjects.closest_other(
        session, template=template_of(5), model_version=MODEL, min_similarity=0.5, besides=subject.id
    )
    assert same is None
