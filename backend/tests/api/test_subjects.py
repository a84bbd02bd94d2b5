"""Subjects over HTTP: found while somebody types, changed without losing another's change, merged once and for all."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from sightline.core.database import SYSTEM, WORKER, Database, Role
from sightline.services import audit, sightings
from tests.api.conftest import SignIn, World
from tests.support.database import add_camera, add_subject, add_watchlist, matched, track_record


async def _made(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await client.post("/v1/subjects", json={"name": "Grace Hopper", **body})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"/v1/subjects/{found['id']}"
    return found


async def _events(database: Database, action: str) -> list[Any]:
    async with database.session(SYSTEM) as session:
        statement = text(
            "SELECT l.table_name, l.record_id, p.subject_id, p.new_values FROM audit_logs l"
            " JOIN audit_payloads p ON p.audit_id = l.id WHERE l.action = :action ORDER BY l.id"
        )
        return list((await session.execute(statement, {"action": action})).all())


@pytest.mark.asyncio
async def test_a_subject_is_made_read_and_replaced(sign_in: SignIn, database: Database) -> None:
    operator = await sign_in(Role.OPERATOR)
    subject = await _made(operator, external_id="NAVY-1", metadata={"rank": "RADM", "born": 1906})
    path = f"/v1/subjects/{subject['id']}"
    read = await operator.get(path, headers={"Sightline-Purpose": "case 7"})
    assert read.json() == subject
    assert (subject["is_searched"], subject["images"], subject["portrait_id"]) == (True, 0, None)
    (look,) = await _events(database, "VIEW")
    assert (look.subject_id, look.new_values) == (UUID(subject["id"]), {"purpose": "case 7"})

    changed = await operator.put(path, json={"name": "G. Hopper"}, headers={"If-Match": read.headers["ETag"]})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["external_id"], changed.json()["metadata"]) == (None, {}), "left out: back to the default"
    assert changed.headers["ETag"] != read.headers["ETag"]
    stale = await operator.put(path, json={"name": "X"}, headers={"If-Match": read.headers["ETag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert (await operator.put(path, json={"name": "X"})).status_code == 428
    assert (await operator.get(path)).json()["name"] == "G. Hopper"


@pytest.mark.asyncio
async def test_viewers_read_auditors_do_not_and_neither_writes(sign_in: SignIn, world: World) -> None:
    path = f"/v1/subjects/{world.guest.id}"
    for role, reads in ((Role.VIEWER, 200), (Role.AUDITOR, 403)):
        client = await sign_in(role)
        assert (await client.get(path)).status_code == reads
        assert (await client.get("/v1/subjects")).status_code == reads
        assert (await client.get(f"{path}/timeline")).status_code == reads
        assert (await client.post("/v1/subjects", json={"name": "x"})).status_code == 403
        assert (await client.put(path, json={"name": "x"}, headers={"If-Match": "*"})).status_code == 403
        assert (await client.post(f"{path}/merge", json={"emptied_id": str(uuid4())})).status_code == 403
        assert (await client.post("/v1/subjects/bulk", json={})).status_code == 403


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": "  "},
        {"name": None},
        {"name": "a\x00b"},
        {"name": "x" * 201},
        {"name": ["x"]},
        {"name": "x", "status": "erased"},
        {"name": "x", "expires_at": "2020-01-01T00:00:00Z"},
        {"name": "x", "expires_at": "tomorrow"},
        {"name": "x", "metadata": {"a": {"b": 1}}},
        {"name": "x", "metadata": {"a": "\x00"}},
        {"name": "x", "metadata": {"\x00": 1}},
        {"name": "x", "metadata": {str(n): n for n in range(51)}},
        {"name": "x", "metadata": {"n": 10**400}},
        {"name": "x", "watchlist_id": 2**31},
        {"name": "x", "portrait_path": "../../etc/passwd"},
    ],
)
async def test_what_cannot_be_kept_is_refused(sign_in: SignIn, body: dict[str, Any]) -> None:
    operator = await sign_in(Role.OPERATOR)
    before = (await operator.get("/v1/subjects", params={"total": True})).json()["total"]
    refused = await operator.post("/v1/subjects", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input"), refused.text
    assert (await operator.get("/v1/subjects", params={"total": True})).json()["total"] == before


@pytest.mark.asyncio
async def test_an_external_id_is_taken_once_also_in_a_race(sign_in: SignIn) -> None:
    operator = await sign_in(Role.OPERATOR)
    body = {"name": "x", "external_id": "A-1"}
    answers = await asyncio.gather(*(operator.post("/v1/subjects", json=body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    missing = await operator.post("/v1/subjects", json={"name": "y", "watchlist_id": 424242})
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


@pytest.mark.asyncio
async def test_people_are_found_while_somebody_types(sign_in: SignIn) -> None:
    operator = await sign_in(Role.OPERATOR)
    for name, number in (("Grace Hopper", "NAVY-0042"), ("Grace Kelly", None), ("100% Sure", "=cmd|' /C calc'!A0")):
        await _made(operator, name=name, external_id=number)

    async def names(**params: Any) -> list[str]:
        answer = await operator.get("/v1/subjects", params=params)
        assert answer.status_code == 200, answer.text
        return [item["name"] for item in answer.json()["items"]]

    assert await names(q="gra") == ["Grace Hopper", "Grace Kelly"]
    assert (await names(q="Grace Hoper", sort="-relevance"))[0] == "Grace Hopper"
    assert await names(q="0042") == ["Grace Hopper"]
    assert await names(q="100%") == ["100% Sure"], "a wildcard is a character like others"
    assert await names(q="_____________") == []
    assert await names(q="'; DROP TABLE subjects; --") == []
    assert (await operator.get("/v1/subjects", params={"sort": "relevance"})).status_code == 422
    assert (await operator.get("/v1/subjects", params={"q": "\x00"})).status_code == 422


@pytest.mark.asyncio
@pytest.mark.parametrize("sort", ["name", "-name", "created_at", "-created_at", "last_seen_at", "-last_seen_at"])
async def test_pages_in_every_order_give_each_subject_once(sign_in: SignIn, database: Database, sort: str) -> None:
    operator = await sign_in(Role.OPERATOR)
    async with database.session(SYSTEM) as session:
        await session.execute(
            text(
                "INSERT INTO subjects (name, last_seen_at) SELECT 'Twin ' || n % 3,"
                " CASE WHEN n % 2 = 0 THEN now() - n % 4 * interval '1 h' END FROM generate_series(1, 11) AS n"
            )
        )
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params: dict[str, Any] = {"sort": sort, "limit": 3, "q": "twin"} | ({"cursor": cursor} if cursor else {})
        page = (await operator.get("/v1/subjects", params=params)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 11


@pytest.mark.asyncio
async def test_filters_say_what_they_mean(sign_in: SignIn, world: World) -> None:
    operator = await sign_in(Role.OPERATOR)
    await _made(operator, name="Plain", status="inactive", alert_on_match=False)
    guest = world.guest.name
    for params, expected in (
        ({"watchlist_id": world.guest.watchlist_id}, [guest]),
        ({"on_watchlist": True}, [guest]),
        ({"on_watchlist": False}, ["Plain"]),
        ({"status": "inactive"}, ["Plain"]),
        ({"alert_on_match": False}, ["Plain"]),
        ({"has_images": True}, []),
        ({"created_until": "2020-01-01T00:00:00Z"}, []),
    ):
        found = (await operator.get("/v1/subjects", params=params)).json()["items"]
        assert [item["name"] for item in found] == expected, params


@pytest.mark.asyncio
async def test_many_are_changed_each_by_itself(sign_in: SignIn, world: World) -> None:
    operator = await sign_in(Role.OPERATOR)
    one, gone = await _made(operator), uuid4()
    ids = [one["id"], str(gone), str(world.guest.id)]
    change = {"status": "inactive", "alert_on_match": False, "watchlist_id": None}
    answer = (await operator.post("/v1/subjects/bulk", json={"ids": ids, "change": change})).json()["items"]
    assert [(item["id"], item["done"], item["code"]) for item in answer] == [
        (ids[0], True, None),
        (ids[1], False, "not_found"),
        (ids[2], True, None),
    ]
    guest = (await operator.get(f"/v1/subjects/{world.guest.id}")).json()
    assert (guest["status"], guest["alert_on_match"], guest["watchlist_id"]) == ("inactive", False, None)
    for body in ({"ids": ids, "change": {}}, {"ids": [], "change": change}, {"ids": ids * 200, "change": change}):
        assert (await operator.post("/v1/subjects/bulk", json=body)).status_code == 422


@pytest.mark.asyncio
async def test_the_timeline_shows_visible_cameras_and_the_time_between(
    sign_in: SignIn, world: World, database: Database
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    async with database.session(WORKER) as session:
        tracks = [
            track_record(
                camera,
                first_seen=now - timedelta(minutes=minutes),
                last_seen=now - timedelta(minutes=minutes) + timedelta(seconds=30),
                match=matched(world.guest),
            )
            for camera, minutes in ((world.lobby, 60), (world.vault, 50), (world.lobby, 40))
        ]
        await sightings.record_tracks(session, tracks=tracks)
    path = f"/v1/subjects/{world.guest.id}/timeline"
    admin, viewer = await sign_in(Role.ADMIN), await sign_in(Role.VIEWER)
    everything = (await admin.get(path)).json()["items"]
    assert [entry["camera_name"] for entry in everything] == ["Lobby", "Lobby", "Vault", "Lobby"]
    assert [entry["seconds_since_previous"] for entry in everything][1:] == [570.0, 570.0, None]
    visible = (await viewer.get(path)).json()["items"]
    assert [entry["seconds_since_previous"] for entry in visible][1:] == [1170.0, None], "the vault is not theirs"
    first = (await viewer.get(path, params={"limit": 2})).json()
    assert [entry["seconds_since_previous"] for entry in first["items"]][1:] == [1170.0], "the row after the page"
    rest = (await viewer.get(path, params={"limit": 2, "cursor": first["next"]})).json()
    assert [*first["items"], *rest["items"]] == visible
    assert (await viewer.get(f"/v1/subjects/{uuid4()}/timeline")).status_code == 404
    looks = [event for event in await _events(database, "VIEW") if event.table_name == "sightings"]
    assert {event.subject_id for event in looks} == {world.guest.id}


@pytest.mark.asyncio
async def test_numbers_without_a_beginning_are_of_all_that_is_held(
    sign_in: SignIn, world: World, database: Database
) -> None:
    then = datetime.now(UTC) - timedelta(days=20)
    before = track_record(world.lobby, world.guest, first_seen=then, last_seen=then + timedelta(seconds=5))
    async with database.session(WORKER) as session:
        await sightings.record_tracks(session, tracks=[before])
    operator = await sign_in(Role.OPERATOR)
    seen = (await operator.get(f"/v1/subjects/{world.guest.id}/timeline")).json()["items"]
    numbers = (await operator.get(f"/v1/analytics/subjects/{world.guest.id}")).json()
    assert numbers["sightings"] == len(seen) == 2


@pytest.mark.asyncio
async def test_merging_moves_everything_and_forgets_nobody(sign_in: SignIn, world: World, database: Database) -> None:
    admin, operator = await sign_in(Role.ADMIN), await sign_in(Role.OPERATOR)
    async with database.session(SYSTEM) as session:
        twin = await add_subject(session, await add_watchlist(session), seed=5)
        camera = await add_camera(session, "Hidden", group_id=world.vault.group_id)
        await session.execute(
            text("UPDATE subjects SET external_id = 'E-1', metadata = '{\"a\": 1}' WHERE id = :id"), {"id": twin.id}
        )
    async with database.session(WORKER) as session:
        await sightings.record_tracks(session, tracks=[track_record(camera, twin)])
    path = f"/v1/subjects/{world.guest.id}"
    body: dict[str, Any] = {"emptied_id": str(twin.id)}
    undecided = await operator.post(f"{path}/merge", json=body)
    assert (undecided.status_code, undecided.json()["code"]) == (409, "conflict"), "two different lists"
    itself = await operator.post(f"{path}/merge", json={"emptied_id": str(world.guest.id)})
    assert itself.status_code == 422
    merged = await operator.post(f"{path}/merge", json=body | {"watchlist": "emptied"})
    assert merged.status_code == 200, merged.text
    subject, moved = merged.json()["subject"], merged.json()["moved"]
    assert (subject["external_id"], subject["metadata"], subject["images"]) == ("E-1", {"a": 1}, 1)
    assert subject["watchlist_id"] == twin.watchlist_id
    assert (moved["images"], moved["sightings"], moved["alerts"], moved["candidate_lists"]) == (1, 1, 1, 1)
    assert (await admin.get(f"/v1/subjects/{twin.id}")).status_code == 404
    assert (await operator.post(f"{path}/merge", json=body | {"watchlist": "kept"})).status_code == 404, "once"
    names = [entry["camera_name"] for entry in (await admin.get(f"{path}/timeline")).json()["items"]]
    assert names == ["Lobby", "Hidden"], "also at a camera that the operator cannot see"
    async with database.session(SYSTEM) as session:
        still = text("SELECT count(*) FROM sightings WHERE candidates @> cast(:one AS jsonb) OR subject_id = :id")
        named = {"one": f'[{{"subject": "{twin.id}"}}]', "id": twin.id}
        assert (await session.execute(still, named)).scalar_one() == 0
        (event,) = await _events(database, "MERGE")
        assert (event.subject_id, event.new_values["emptied"]) == (world.guest.id, str(twin.id))


@pytest.mark.asyncio
async def test_erasing_the_merged_one_erases_what_the_log_holds_on_both(
    sign_in: SignIn, world: World, database: Database
) -> None:
    operator = await sign_in(Role.OPERATOR)
    twin = await _made(operator, name="Secret Twin")
    path = f"/v1/subjects/{world.guest.id}/merge"
    assert (await operator.post(path, json={"emptied_id": twin["id"], "watchlist": "kept"})).status_code == 200
    async with database.session(SYSTEM) as session:
        await session.execute(text("SELECT erase_subject(:id)"), {"id": world.guest.id})
    async with database.session(SYSTEM) as session:
        left = text("SELECT count(*) FROM audit_payloads WHERE new_values::text || old_values::text ~ 'Secret Twin'")
        assert (await session.execute(left)).scalar_one() == 0
        about = text("SELECT count(*) FROM audit_payloads WHERE new_values ->> 'name' = 'Secret Twin'")
        assert (await session.execute(about)).scalar_one() == 0
        assert (await audit.verify_chain(session)).problems == ()


@pytest.mark.asyncio
async def test_the_timeline_of_somebody_who_was_never_seen_is_empty(sign_in: SignIn) -> None:
    operator = await sign_in(Role.OPERATOR)
    nobody_saw = (await operator.post("/v1/subjects", json={"name": "Ada"})).headers["location"]
    answer = await operator.get(f"{nobody_saw}/timeline")
    assert (answer.status_code, answer.json()["items"], answer.json()["next"]) == (200, [], None)
