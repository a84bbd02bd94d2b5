"""Erasure end to end: a person with pictures, sightings, alerts, a place among others' candidates and in the audit log
is gone from everywhere, a search proves it, and a signed receipt says so."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from joserfc import jws
from joserfc.jwk import OKPKey
from redis.asyncio import Redis
from sqlalchemy import text

from sightline.core.database import MAINTENANCE, SYSTEM, WORKER, Database, Role
from sightline.core.errors import StorageError
from sightline.domain.gallery import Candidate, Match
from sightline.services import audit, erasure, subjects
from sightline.services.erasure import ErasureServices
from sightline.services.receipts import open_signer
from sightline.services.sightings import record_tracks
from tests.api.conftest import JPEG, SignIn, World
from tests.support.database import template_of, track_record

pytestmark = pytest.mark.asyncio
NAME = "Erika Mustermann-Beispiel"


@dataclass(frozen=True)
class Enrolled:
    """A person who left traces in every place that we know of."""

    id: UUID
    keys: tuple[str, ...]
    kept: tuple[str, ...]


@pytest_asyncio.fixture
async def enrolled(database: Database, app: FastAPI, redis: Redis, world: World) -> Enrolled:
    async with database.session(SYSTEM) as session:
        guest = world.guest
        person = await subjects.create(session, name=NAME, external_id="badge-99817", watchlist_id=guest.watchlist_id)
        for seed in (1, 2):
            new = subjects.NewTemplate(
                template_of(seed), "of-tests/1", 0.9, image_path=f"subjects/{person.id}/{seed}.jpg"
            )
            await subjects.add_template(session, subject_id=person.id, new=new)
        details: dict[str, object] = {"found": [{"who": str(person.id)}], "purpose": "case 7"}
        await audit.record_event(session, action="SEARCH", table_name="subjects", details=details)
        await audit.record_event(session, action="VIEW", table_name="subjects", record_id=str(person.id))
    seen = track_record(world.lobby, person, model_version="of-tests/1")
    beside = track_record(
        world.lobby,
        world.guest,
        match=Match((Candidate(str(world.guest.id), 0.7), Candidate(str(person.id), 0.5)), str(world.guest.id), 0.7),
    )
    later = seen.first_seen + timedelta(hours=1)
    elsewhere = track_record(world.lobby, first_seen=later, last_seen=later)
    async with database.session(WORKER) as session:
        await record_tracks(session, tracks=[seen, beside, elsewhere])
    keys = (
        f"subjects/{person.id}/1.jpg",
        f"subjects/{person.id}/2.jpg",
        f"subjects/{person.id}/original.jpg",
        str(seen.image_path),
        str(seen.frame_path),
        str(beside.frame_path),
    )
    kept = (str(beside.image_path), str(elsewhere.image_path), str(elsewhere.frame_path))
    for key in (*keys, *kept):
        await app.state.resources.storage.upload(key, JPEG)
    await redis.set(f"gallery:{person.id}", "cached")
    await redis.xadd("faces:detected", {"subject": str(person.id)})
    await redis.xadd("faces:detected", {"subject": str(world.guest.id)})
    return Enrolled(person.id, keys, kept)


@pytest_asyncio.fixture
async def admin(sign_in: SignIn) -> AsyncIterator[httpx.AsyncClient]:
    yield await sign_in(Role.ADMIN)


async def test_nothing_is_left_and_the_receipt_proves_it(
    admin: httpx.AsyncClient, enrolled: Enrolled, app: FastAPI, redis: Redis, database: Database
) -> None:
    order = {"reason": "request", "reference": "DSR-2026-117"}
    answer = await admin.post(f"/v1/subjects/{enrolled.id}/erase", json=order)
    assert answer.status_code == 200, answer.text
    content = answer.json()["content"]
    found = {place["place"]: place["hits"] for place in content["searched"]}
    assert {place: hits for place, hits in found.items() if hits} == {}
    assert {"subjects.id", "sightings.candidates", "audit_payloads.new_values", "jobs.parameters", "redis"} <= set(
        found
    )
    assert "templates equal to one of the person's" in found
    assert content["name_mentions"] == []
    assert content["clean"] is True
    assert [one["place"] for one in content["kept"]] == ["audit_logs.record_id"]
    assert content["subject_digest"] == hashlib.sha256(str(enrolled.id).encode()).hexdigest()
    assert str(enrolled.id) not in answer.text
    assert NAME not in answer.text

    removed = {one["item"]: one["amount"] for one in content["removed"]}
    expected = {"images_deleted": 2, "sightings_anonymised": 1, "alerts_anonymised": 1, "candidate_lists_cleaned": 1}
    assert expected.items() <= removed.items()
    assert removed["frames_of_others_removed"] == 1, "the guest stood beside them"
    assert removed["redis_entries"] == 2
    assert content["objects"]["removed"] == len(enrolled.keys)
    storage = app.state.resources.storage
    assert [key for key in enrolled.keys if await storage.exists(key)] == []
    assert [key for key in enrolled.kept if not await storage.exists(key)] == []
    assert await redis.xlen("faces:detected") == 1, "others' entries stay"
    async with database.session(MAINTENANCE) as session:
        assert await session.scalar(text("SELECT count(*) FROM object_deletions")) == 0
        await audit.seal(session)
        assert (await audit.verify_chain(session)).is_whole
    assert (await admin.get(f"/v1/erasures?subject_id={enrolled.id}")).json()["items"][0]["reference"] == "DSR-2026-117"


async def test_what_workers_remember_of_their_tracks_goes_too(
    admin: httpx.AsyncClient, world: World, database: Database, redis: Redis
) -> None:
    """In split mode Redis holds templates, frames and messages by track: their names say nothing of the person."""
    now = datetime.now(UTC)
    seen = track_record(world.lobby, world.guest, first_seen=now - timedelta(minutes=2), last_seen=now)
    other = track_record(world.lobby, first_seen=now, last_seen=now)
    async with database.session(WORKER) as session:
        await record_tracks(session, tracks=[seen, other])
    for track in (seen.track_id, other.track_id):
        await redis.hset(f"track:{track}", mapping={"v": "1", "d": b"{}\n" + bytes(2048)})
        await redis.zadd("tracks:live", {str(track): 1})
        await redis.set(f"kept:frame:{track}:7", JPEG)
        told = json.dumps([{"track_id": str(track).upper(), "face_crop": base64.b64encode(JPEG).decode()}])
        for _ in range(120):
            await redis.xadd("faces:detected", {"detections": told})
        await redis.xadd("faces:detected:poison", {"tracks": json.dumps([{"track_id": str(track)}])})
    answer = await admin.post(f"/v1/subjects/{world.guest.id}/erase", json={"reason": "request"})
    content = answer.json()["content"]
    assert content["clean"] is True, answer.text
    keys = {key.decode() async for key in redis.scan_iter() if b"rack:" in key or b"frame" in key}
    assert keys == {f"track:{other.track_id}", f"kept:frame:{other.track_id}:7"}
    assert await redis.zcard("tracks:live") == 0, "a list of tracks goes whole; it is made again by their next news"
    left = [await redis.xrange(stream) or [] for stream in ("faces:detected", "faces:detected:poison")]
    assert [len(entries) for entries in left] == [120, 1]
    assert str(seen.track_id) not in str(left).lower()


async def test_templates_of_former_models_go_with_their_images(
    admin: httpx.AsyncClient, enrolled: Enrolled, database: Database
) -> None:
    """Also those that are kept for a way back, and what a model said of a picture."""
    async with database.session(SYSTEM) as session:
        await session.execute(
            text(
                "INSERT INTO image_templates (image_id, model_version, embedding, refusal)"
                " SELECT id, 'former/1', embedding, CASE WHEN embedding IS NULL THEN 'no face' END FROM images"
            )
        )
        others = await session.scalar(
            text("SELECT count(*) FROM images WHERE subject_id <> :person"), {"person": enrolled.id}
        )
    answer = await admin.post(f"/v1/subjects/{enrolled.id}/erase", json={"reason": "request"})
    assert answer.json()["content"]["clean"] is True
    async with database.session(SYSTEM) as session:
        assert await session.scalar(text("SELECT count(*) FROM image_templates")) == others


async def test_the_search_would_have_found_them(enrolled: Enrolled, database: Database) -> None:
    async with database.session(SYSTEM) as session:
        traces = await erasure.find_traces(session, needles=[str(enrolled.id)])
    found = {place.place for place in traces if place.hits}
    assert {
        "subjects.id",
        "images.subject_id",
        "sightings.subject_id",
        "sightings.candidates",
        "alerts.subject_id",
    } <= found
    assert {"audit_payloads.new_values", "audit_logs.record_id", "images.image_path"} <= found


async def test_anybody_can_check_a_receipt_with_the_public_key(admin: httpx.AsyncClient, enrolled: Enrolled) -> None:
    receipt = (await admin.delete(f"/v1/subjects/{enrolled.id}")).json()["receipt"]
    keys = (await admin.get("/v1/erasures/key")).json()["keys"]
    assert "d" not in keys[0]
    payload = jws.deserialize_compact(receipt, OKPKey.import_key(keys[0]), algorithms=["Ed25519"]).payload
    assert json.loads(payload)["clean"] is True
    check = (await admin.post("/v1/erasures/verify", json={"receipt": receipt})).json()
    assert (check["valid"], check["known"]) == (True, True)
    head, body, signature = receipt.split(".")
    for forged in (f"{head}.{body[:-2]}AA.{signature}", f"{head}.{body}.", "eyJhbGciOiJub25lIn0.e30.", "nonsense"):
        check = (await admin.post("/v1/erasures/verify", json={"receipt": forged})).json()
        assert (check["valid"], check["known"], check["content"]) == (False, False, None), forged


async def test_an_object_store_that_is_away_delays_the_receipt_and_loses_nothing(
    admin: httpx.AsyncClient, enrolled: Enrolled, app: FastAPI, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    opened = app.state.resources

    async def away(_keys: object) -> None:
        raise StorageError("the store is away", hint="wait")

    with monkeypatch.context() as patch:
        patch.setattr(opened.storage, "delete", away)
        erased = (await admin.delete(f"/v1/subjects/{enrolled.id}")).json()
    assert (erased["receipt"], erased["content"]) == (None, None)
    async with database.session(SYSTEM) as session:
        await session.execute(text("UPDATE erasures SET created_at = now() - interval '1 hour'"))
    services = ErasureServices(database, opened.storage, opened.redis, open_signer(opened.settings), "here")
    assert await erasure.complete_pending(services) == 1
    assert await erasure.complete_pending(services) == 0
    later = (await admin.get(f"/v1/erasures/{erased['id']}")).json()
    assert later["content"]["clean"] is True
    assert [key for key in enrolled.keys if await opened.storage.exists(key)] == []
    async with database.session(SYSTEM) as session:
        assert await session.scalar(text("SELECT count(*) FROM erasures WHERE work IS NOT NULL")) == 0


async def test_a_match_under_way_does_not_bring_an_erased_person_back(
    admin: httpx.AsyncClient, enrolled: Enrolled, world: World, database: Database
) -> None:
    await admin.delete(f"/v1/subjects/{enrolled.id}")
    late = track_record(world.lobby, match=Match((Candidate(str(enrolled.id), 0.8),), str(enrolled.id), 0.8))
    async with database.session(WORKER) as session:
        await record_tracks(session, tracks=[late])
    async with database.session(SYSTEM) as session:
        traces = await erasure.find_traces(session, needles=[str(enrolled.id)])
    assert {place.place for place in traces if place.hits} == {"audit_logs.record_id"}


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER, Role.AUDITOR])
async def test_only_admins_erase(sign_in: SignIn, enrolled: Enrolled, role: Role, database: Database) -> None:
    client = await sign_in(role)
    assert (await client.delete(f"/v1/subjects/{enrolled.id}")).status_code == 403
    assert (await client.post(f"/v1/subjects/{enrolled.id}/erase", json={})).status_code == 403
    async with database.session(SYSTEM) as session:
        assert (await subjects.get(session, subject_id=enrolled.id)).name == NAME


async def test_auditors_read_receipts_and_operators_do_not(
    sign_in: SignIn, admin: httpx.AsyncClient, enrolled: Enrolled
) -> None:
    erased = (await admin.delete(f"/v1/subjects/{enrolled.id}")).json()
    auditor, operator = await sign_in(Role.AUDITOR), await sign_in(Role.OPERATOR)
    assert (await auditor.get(f"/v1/erasures/{erased['id']}")).json()["receipt"] == erased["receipt"]
    assert (await operator.get(f"/v1/erasures/{erased['id']}")).status_code == 403


@pytest.mark.parametrize(
    "order",
    [
        {"reason": "because"},
        {"reference": "Erika\u0000"},
        {"reference": "x" * 101},
        {"reference": "<script>"},
        {"reason": "request", "name": "Erika"},
        {"reason": 7},
    ],
)
async def test_a_bad_order_erases_nobody(
    admin: httpx.AsyncClient, enrolled: Enrolled, order: dict[str, object], database: Database
) -> None:
    assert (await admin.post(f"/v1/subjects/{enrolled.id}/erase", json=order)).status_code == 422
    async with database.session(SYSTEM) as session:
        assert (await subjects.get(session, subject_id=enrolled.id)).name == NAME


async def test_nobody_is_erased_twice(admin: httpx.AsyncClient, enrolled: Enrolled) -> None:
    assert (await admin.delete(f"/v1/subjects/{enrolled.id}")).status_code == 200
    assert (await admin.delete(f"/v1/subjects/{enrolled.id}")).status_code == 404
    assert (await admin.delete(f"/v1/subjects/{uuid4()}")).status_code == 404
    assert (await admin.delete("/v1/subjects/nobody")).status_code == 422
    assert len((await admin.get("/v1/erasures")).json()["items"]) == 1
