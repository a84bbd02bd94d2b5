"""Search over history: complete with and without filters, within the caller's rights, and by two people if need be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import SYSTEM, WORKER, Database, Role, act_as
from sightline.core.errors import ApprovalRequired, Conflict, Gone, NotFound
from sightline.core.key_ring import KeyRing
from sightline.core.sealing import Sealer
from sightline.services import history_search
from sightline.services.history_search import HistoryQuery
from sightline.services.keyset import Order, PageRequest
from sightline.services.probes import Probe
from sightline.services.sightings import RecordingPolicy, UnknownPolicy, record_tracks
from tests.support.database import (
    MODEL,
    NOON,
    DatabaseAddress,
    acting,
    add_camera,
    add_subject,
    add_user,
    template_of,
    track_record,
)
from tests.support.history import clustered, exact, fill_history

KEEPS = RecordingPolicy(UnknownPolicy.TEMPLATE)
ALL = HistoryQuery(min_similarity=-1.0, top_k=100)
MONTHS = [(2026, 9), (2026, 10)]
SEALER = Sealer(KeyRing.given([b"s" * 32]))


def _probe(seed: int, model_version: str = MODEL) -> Probe:
    return Probe(template_of(seed), model_version)


@pytest.mark.asyncio
async def test_found_with_and_without_filters_as_by_comparing_everything(
    database: Database, own_database: DatabaseAddress
) -> None:
    async with database.session(SYSTEM) as session:
        cameras = [(await add_camera(session)).id for _ in range(10)]
        operator = await add_user(session, Role.OPERATOR)
    samples = clustered(500, 13)
    stored, probes = samples[:, :12].reshape(-1, 512), samples[::25, 12]
    ids = await fill_history(own_database.admin_dsn, stored, cameras=cameras, model_version=MODEL, months=MONTHS)
    async with database.session(SYSTEM) as session:
        rows = (await session.execute(text("SELECT id, camera_id, detected_at FROM sightings"))).all()
    where = {row.id: row for row in rows}
    camera_of = np.array([str(where[one].camera_id) for one in ids])
    month_of = np.array([where[one].detected_at.month for one in ids])
    everything = np.ones(len(ids), bool)
    october = datetime(2026, 10, 1, tzinfo=UTC)
    cases = [
        (HistoryQuery(-1.0, 10), everything),
        (HistoryQuery(-1.0, 10, camera_ids=(cameras[3],)), camera_of == str(cameras[3])),
        (HistoryQuery(-1.0, 10, camera_ids=tuple(cameras[:8])), np.isin(camera_of, [str(one) for one in cameras[:8]])),
        (HistoryQuery(-1.0, 10, since=october), month_of == 10),
        (HistoryQuery(-1.0, 10, until=october), month_of == 9),
    ]
    for query, allowed in cases:
        hits = 0
        async with database.session(operator) as session:
            for template in probes:
                found = await history_search.find_similar(session, probe=Probe(template, MODEL), query=query)
                expected = {ids[one] for one in exact(stored, template, allowed, 10)}
                hits += len(expected & {match.view.id for match in found})
                assert [match.similarity for match in found] == sorted((m.similarity for m in found), reverse=True)
        assert hits >= 0.95 * 10 * len(probes), query


@pytest.mark.asyncio
async def test_known_and_kept_unknown_people_of_the_same_model_over_the_threshold(session: AsyncSession) -> None:
    camera, guest = await add_camera(session), await add_subject(session)
    known = track_record(camera, guest, template=template_of(1))
    unknown = track_record(camera, template=template_of(1), first_seen=NOON - timedelta(days=400))
    other_person = track_record(camera, template=template_of(2))
    other_model = track_record(camera, template=template_of(1), model_version="older/1")
    async with acting(session, WORKER):
        await record_tracks(session, tracks=[known, unknown, other_person, other_model], policy=KEEPS)
    found = await history_search.find_similar(session, probe=_probe(1), query=replace(ALL, min_similarity=0.5))
    assert {(match.view.id, round(match.similarity, 3)) for match in found} == {
        (known.track_id, 1.0),
        (unknown.track_id, 1.0),
    }
    recent = replace(ALL, min_similarity=0.5, since=NOON - timedelta(days=1), until=NOON + timedelta(days=1))
    assert [m.view.id for m in await history_search.find_similar(session, probe=_probe(1), query=recent)] == [
        known.track_id
    ]
    nowhere = replace(ALL, camera_ids=(uuid4(),))
    assert await history_search.find_similar(session, probe=_probe(1), query=nowhere) == ()


@pytest.mark.asyncio
async def test_nobody_finds_beyond_their_cameras(session: AsyncSession) -> None:
    camera = await add_camera(session)
    async with acting(session, WORKER):
        await record_tracks(session, tracks=[track_record(camera, template=template_of(1))], policy=KEEPS)
    operator = await add_user(session, Role.OPERATOR)
    async with acting(session, operator):
        assert len(await history_search.find_similar(session, probe=_probe(1), query=ALL)) == 1
    group = await session.scalar(text("INSERT INTO camera_groups (name) VALUES ('vault') RETURNING id"))
    await session.execute(text("UPDATE cameras SET group_id = :g"), {"g": group})
    async with acting(session, operator):
        assert await history_search.find_similar(session, probe=_probe(1), query=ALL) == ()


@pytest.mark.asyncio
async def test_others_like_this_one_and_the_search_is_on_record(session: AsyncSession) -> None:
    camera = await add_camera(session)
    tracks = [track_record(camera, template=template_of(seed)) for seed in (1, 1, 2)]
    async with acting(session, WORKER):
        await record_tracks(session, tracks=tracks, policy=KEEPS)
    query = HistoryQuery(0.5, 1)
    first = tracks[0].track_id
    probe = await history_search.probe_of_sighting(session, sighting_id=first)
    found = await history_search.similar_to(session, sighting_id=first, probe=probe, query=query, purpose="case 9")
    assert [match.view.id for match in found] == [tracks[1].track_id]
    event = (await session.execute(text("SELECT new_values FROM audit_entries WHERE action = 'SEARCH'"))).scalar_one()
    assert event["purpose"] == "case 9"
    assert str(tracks[1].track_id) in event["found"]
    await session.execute(text("UPDATE sightings SET embedding = NULL, model_version = NULL"))
    with pytest.raises(Conflict):
        await history_search.probe_of_sighting(session, sighting_id=first)
    with pytest.raises(NotFound):
        await history_search.probe_of_sighting(session, sighting_id=uuid4())


async def _needs_approval(session: AsyncSession) -> None:
    await session.execute(
        text("INSERT INTO settings (key, value) VALUES ('privacy', '{\"search_needs_approval\": true}')")
    )


@pytest.mark.asyncio
async def test_a_search_by_two_people(session: AsyncSession) -> None:
    await _needs_approval(session)
    camera = await add_camera(session)
    track = track_record(camera, template=template_of(1))
    async with acting(session, WORKER):
        await record_tracks(session, tracks=[track], policy=KEEPS)
    asking, second = await add_user(session, Role.OPERATOR), await add_user(session, Role.OPERATOR)
    assert asking.user_id is not None
    assert second.user_id is not None
    await act_as(session, asking)
    with pytest.raises(ApprovalRequired):
        await history_search.probe_of_sighting(session, sighting_id=track.track_id)
    request = await history_search.ask(
        session, SEALER, probe=_probe(1), query=HistoryQuery(0.5, 10), purpose="case 10", user_id=asking.user_id
    )
    with pytest.raises(ApprovalRequired):
        await history_search.run(session, SEALER, request_id=request.id, user_id=asking.user_id)
    with pytest.raises(ApprovalRequired):
        await history_search.decide(session, request_id=request.id, user_id=asking.user_id, approved=True)
    await act_as(session, second)
    decided = await history_search.decide(session, request_id=request.id, user_id=second.user_id, approved=True)
    assert (decided.status, decided.decided_by) == ("approved", second.user_id)
    with pytest.raises(Conflict):
        await history_search.decide(session, request_id=request.id, user_id=second.user_id, approved=False)
    with pytest.raises(NotFound):
        await history_search.run(session, SEALER, request_id=request.id, user_id=second.user_id)
    await act_as(session, asking)
    found = await history_search.run(session, SEALER, request_id=request.id, user_id=asking.user_id)
    assert [match.view.id for match in found] == [track.track_id]
    page = PageRequest(Order("created_at", descending=True))
    mine = await history_search.list_requests(session, page=page, status="approved", requested_by=asking.user_id)
    assert [one.id for one in mine.items] == [request.id]
    await act_as(session, SYSTEM)
    assert await session.scalar(text("SELECT count(*) FROM audit_payloads WHERE new_values ? 'probe'")) == 0


@pytest.mark.asyncio
async def test_a_probe_goes_after_a_day_and_what_nobody_decided_expires(session: AsyncSession) -> None:
    asking = await add_user(session, Role.ADMIN)
    assert asking.user_id is not None
    async with acting(session, asking):
        approved, pending = [
            await history_search.ask(session, SEALER, probe=_probe(1), query=ALL, purpose="p", user_id=asking.user_id)
            for _ in range(2)
        ]
    first, second = approved.id, pending.id
    await session.execute(text("UPDATE search_requests SET expires_at = now()"))
    await session.execute(text("UPDATE search_requests SET status = 'approved' WHERE id = :id"), {"id": first})
    await session.execute(text("SELECT purge_expired_media()"))
    rows = (await session.execute(text("SELECT id, status, probe FROM search_requests"))).all()
    assert {tuple(row) for row in rows} == {(first, "approved", None), (second, "expired", None)}
    session.expunge_all()
    with pytest.raises(Gone):
        await history_search.run(session, SEALER, request_id=first, user_id=asking.user_id)


@pytest.mark.asyncio
@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR])
async def test_who_may_not_search_sees_no_request(session: AsyncSession, role: Role) -> None:
    admin, other = await add_user(session, Role.ADMIN), await add_user(session, role)
    assert admin.user_id is not None
    async with acting(session, admin):
        request = await history_search.ask(
            session, SEALER, probe=_probe(1), query=ALL, purpose="p", user_id=admin.user_id
        )
    session.expunge_all()
    async with acting(session, other):
        with pytest.raises(NotFound):
            await history_search.get_request(session, request_id=request.id)
