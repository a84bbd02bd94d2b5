"""People correct recognition: the record follows, the machine keeps off it, errors are counted, undo takes it back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import SYSTEM, WORKER, Role, act_as
from sightline.core.errors import Conflict, NotFound
from sightline.models import Camera, Subject
from sightline.services import corrections, subjects
from sightline.services.corrections import Decider
from sightline.services.sightings import RecordingPolicy, TrackRecord, UnknownPolicy, record_tracks
from tests.support.database import acting, add_camera, add_subject, add_user, add_watchlist, matched, track_record

POLICY = RecordingPolicy()
NOBODY = Decider(None)


async def _seen(session: AsyncSession, camera: Camera, subject: Subject | None = None) -> TrackRecord:
    now = datetime.now(UTC)
    track = track_record(camera, match=matched(subject, 0.71), first_seen=now, last_seen=now)
    await record_tracks(session, tracks=[track])
    return track


async def _row(session: AsyncSession, sighting_id: UUID) -> dict[str, object]:
    statement = text("SELECT *, embedding IS NOT NULL AS has_template FROM sightings WHERE id = :id")
    return dict((await session.execute(statement, {"id": sighting_id})).mappings().one())


@pytest.mark.asyncio
async def test_a_rejected_match_is_of_somebody_unknown_whatever_the_machine_says_later(session: AsyncSession) -> None:
    camera, guest = await add_camera(session), await add_subject(session)
    track = await _seen(session, camera, guest)
    operator = await add_user(session, Role.OPERATOR)
    by = Decider(operator.user_id, "taller")
    async with acting(session, operator):
        await corrections.reject(session, sighting_id=track.track_id, by=by, policy=POLICY)
    async with acting(session, WORKER):
        later = replace(track, last_seen=track.last_seen + timedelta(seconds=9), detections=50)
        await record_tracks(session, tracks=[later])
    row = await _row(session, track.track_id)
    assert (row["subject_id"], row["confidence"], row["verdict"], row["detections"]) == (None, None, "rejected", 50)
    assert (row["has_template"], row["model_version"]) == (False, None)
    assert row["media_expires_at"] is not None
    (decision,) = await corrections.history(session, sighting_id=track.track_id)
    assert (decision.verdict, decision.note, decision.subject_id) == ("rejected", "taller", None)
    assert decision.decided_by is not None


@pytest.mark.asyncio
async def test_the_template_stays_where_those_of_unknown_people_are_kept(session: AsyncSession) -> None:
    track = await _seen(session, await add_camera(session), await add_subject(session))
    kept = RecordingPolicy(UnknownPolicy.TEMPLATE)
    await corrections.reject(session, sighting_id=track.track_id, by=NOBODY, policy=kept)
    assert (await _row(session, track.track_id))["has_template"] is True


@pytest.mark.asyncio
async def test_assigned_to_somebody_else_and_taken_back(session: AsyncSession) -> None:
    camera, guest, other = await add_camera(session), await add_subject(session), await add_subject(session)
    track = await _seen(session, camera, guest)
    await corrections.assign(session, sighting_id=track.track_id, subject_id=other.id, by=NOBODY)
    row = await _row(session, track.track_id)
    assert (row["subject_id"], row["confidence"], row["verdict"]) == (other.id, None, "assigned")
    await corrections.reject(session, sighting_id=track.track_id, by=NOBODY, policy=POLICY)
    undone = await corrections.undo(session, sighting_id=track.track_id, by=NOBODY)
    assert (undone.subject_id, undone.verdict, undone.corrected_at) == (guest.id, None, None)
    assert undone.confidence == pytest.approx(0.71)
    assert undone.media_expires_at is None
    decisions = await corrections.history(session, sighting_id=track.track_id)
    assert [one.verdict for one in decisions] == ["assigned", "rejected", "undone"]
    with pytest.raises(Conflict):
        await corrections.undo(session, sighting_id=track.track_id, by=NOBODY)


@pytest.mark.asyncio
async def test_people_were_seen_when_their_sightings_say_so(session: AsyncSession) -> None:
    camera, guest, other = await add_camera(session), await add_subject(session), await add_subject(session)
    track = await _seen(session, camera, guest)

    async def seen() -> list[object]:
        statement = text("SELECT last_seen_at FROM subjects WHERE id = :id")
        return [await session.scalar(statement, {"id": subject.id}) for subject in (guest, other)]

    assert await seen() == [track.last_seen, None]
    operator = await add_user(session, Role.OPERATOR)
    by = Decider(operator.user_id, "the twin")
    async with acting(session, operator):
        await corrections.assign(session, sighting_id=track.track_id, subject_id=other.id, by=by)
    assert await seen() == [None, track.last_seen]
    await corrections.reject(session, sighting_id=track.track_id, by=NOBODY, policy=POLICY)
    assert await seen() == [None, None]
    await corrections.undo(session, sighting_id=track.track_id, by=NOBODY)
    assert await seen() == [track.last_seen, None]


@pytest.mark.asyncio
async def test_somebody_unknown_is_named_and_their_pictures_are_kept(session: AsyncSession) -> None:
    camera, guest = await add_camera(session), await add_subject(session)
    track = await _seen(session, camera)
    await corrections.assign(session, sighting_id=track.track_id, subject_id=guest.id, by=NOBODY)
    row = await _row(session, track.track_id)
    assert (row["subject_id"], row["verdict"], row["media_expires_at"]) == (guest.id, "assigned", None)
    undone = await corrections.undo(session, sighting_id=track.track_id, by=NOBODY)
    assert undone.subject_id is None
    assert undone.media_expires_at is not None


@pytest.mark.asyncio
async def test_errors_are_counted_per_camera_and_subject_by_the_decisions_in_force(session: AsyncSession) -> None:
    door, yard = await add_camera(session, "door"), await add_camera(session, "yard")
    guest, other = await add_subject(session), await add_subject(session)
    right, wrong, mistaken, unknown, taken_back = [
        await _seen(session, *place) for place in ((door, guest), (door, guest), (yard, guest), (yard,), (yard, guest))
    ]
    await corrections.assign(session, sighting_id=right.track_id, subject_id=guest.id, by=NOBODY)
    await corrections.reject(session, sighting_id=wrong.track_id, by=NOBODY, policy=POLICY)
    await corrections.assign(session, sighting_id=mistaken.track_id, subject_id=other.id, by=NOBODY)
    await corrections.assign(session, sighting_id=unknown.track_id, subject_id=other.id, by=NOBODY)
    await corrections.reject(session, sighting_id=taken_back.track_id, by=NOBODY, policy=POLICY)
    await corrections.undo(session, sighting_id=taken_back.track_id, by=NOBODY)
    counts = await corrections.error_counts(session)
    by_camera = {one.name: (one.false_matches, one.missed, one.confirmed) for one in counts.cameras}
    by_subject = {one.id: (one.false_matches, one.missed, one.confirmed) for one in counts.subjects}
    assert by_camera == {"door": (1, 0, 1), "yard": (1, 2, 0)}
    assert by_subject == {guest.id: (2, 0, 1), other.id: (0, 2, 0)}
    only = await corrections.error_counts(session, camera_ids=[door.id], since=datetime(2020, 1, 1, tzinfo=UTC))
    assert [one.name for one in only.cameras] == ["door"]


@pytest.mark.asyncio
async def test_an_open_alert_on_a_match_that_was_none_is_closed_as_such(session: AsyncSession) -> None:
    camera, guest = await add_camera(session), await add_subject(session, await add_watchlist(session))
    track = await _seen(session, camera, guest)
    await corrections.reject(session, sighting_id=track.track_id, by=NOBODY, policy=POLICY)
    alert = (await session.execute(text("SELECT status, verdict FROM alerts"))).one()
    assert tuple(alert) == ("resolved", "false_match")


@pytest.mark.asyncio
async def test_decisions_that_are_refused_change_nothing(session: AsyncSession) -> None:
    camera, guest = await add_camera(session), await add_subject(session)
    unknown = await _seen(session, camera)
    with pytest.raises(Conflict):
        await corrections.reject(session, sighting_id=unknown.track_id, by=NOBODY, policy=POLICY)
    with pytest.raises(NotFound):
        await corrections.assign(session, sighting_id=unknown.track_id, subject_id=uuid4(), by=NOBODY)
    with pytest.raises(NotFound):
        await corrections.undo(session, sighting_id=uuid4(), by=NOBODY)
    await session.execute(text("UPDATE sightings SET anonymised_at = now()"))
    with pytest.raises(Conflict):
        await corrections.assign(session, sighting_id=unknown.track_id, subject_id=guest.id, by=NOBODY)
    row = await _row(session, unknown.track_id)
    assert (row["subject_id"], row["verdict"]) == (None, None)
    assert await corrections.history(session, sighting_id=unknown.track_id) == ()


@pytest.mark.asyncio
async def test_erasing_a_person_leaves_decisions_without_name_and_note(session: AsyncSession) -> None:
    camera, guest = await add_camera(session), await add_subject(session)
    track = await _seen(session, camera, guest)
    by = Decider(None, f"never {guest.name}")
    await corrections.reject(session, sighting_id=track.track_id, by=by, policy=POLICY)
    await session.execute(text("SELECT erase_subject(:id)"), {"id": guest.id})
    (decision,) = await corrections.history(session, sighting_id=track.track_id)
    assert (decision.verdict, decision.note) == ("rejected", "")
    assert [one.false_matches for one in (await corrections.error_counts(session)).cameras] == [1]
    named = text("SELECT count(*) FROM audit_payloads p WHERE cast(p AS text) LIKE '%' || :name || '%'")
    assert await session.scalar(named, {"name": guest.name}) == 0
    assert await session.scalar(named, {"name": str(guest.id)}) == 0


@pytest.mark.asyncio
async def test_decisions_go_with_the_sightings_they_are_about(session: AsyncSession) -> None:
    camera, guest = await add_camera(session), await add_subject(session)
    old = datetime.now(UTC) - timedelta(days=100)
    track = track_record(camera, guest, first_seen=old, last_seen=old)
    fresh = track_record(camera, guest, first_seen=old + timedelta(days=99), last_seen=old + timedelta(days=99))
    await record_tracks(session, tracks=[track, fresh])
    for one in (track, fresh):
        await corrections.assign(session, sighting_id=one.track_id, subject_id=guest.id, by=NOBODY)
    await session.execute(text("SELECT * FROM purge_old_data(30)"))
    assert await corrections.history(session, sighting_id=track.track_id) == ()
    assert len(await corrections.history(session, sighting_id=fresh.track_id)) == 1


@pytest.mark.asyncio
async def test_operators_decide_for_cameras_that_they_see_and_in_their_own_name(session: AsyncSession) -> None:
    camera, guest = await add_camera(session), await add_subject(session)
    track = await _seen(session, camera, guest)
    group = await session.scalar(text("INSERT INTO camera_groups (name) VALUES ('vault') RETURNING id"))
    await session.execute(text("UPDATE cameras SET group_id = :g"), {"g": group})
    operator = await add_user(session, Role.OPERATOR)
    await act_as(session, operator)
    with pytest.raises(NotFound):
        await corrections.reject(session, sighting_id=track.track_id, by=Decider(operator.user_id), policy=POLICY)
    await act_as(session, SYSTEM)
    assert (await subjects.get(session, subject_id=guest.id)).id == guest.id
