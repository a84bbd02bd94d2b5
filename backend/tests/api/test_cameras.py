"""Cameras over the API: who may what, secrets that never come back, no lost update, refusals that change nothing."""

import json
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, WORKER, Database, Role
from sightline.core.sealing import open_sealer
from sightline.services import cameras, snapshots, stream_probe
from sightline.services.camera_secrets import CameraAddress
from sightline.services.sightings import record_tracks
from sightline.services.stream_probe import ProbeReport
from tests.api.conftest import SignIn, World
from tests.support.database import NOON, track_record

SECRET = "s3cret-of-the-gate"
GATE = {"name": "Gate", "stream_url": f"rtsp://me:{SECRET}@192.168.1.64:554/1?token=tok3n-of-gate"}

pytestmark = pytest.mark.asyncio


async def make(client: httpx.AsyncClient, **changes: object) -> httpx.Response:
    answer = await client.post("/v1/cameras", json=GATE | changes)
    assert answer.status_code == 201, answer.text
    return answer


async def in_database(database: Database, sql: str) -> list[tuple[object, ...]]:
    async with database.session(SYSTEM) as session:
        return [tuple(row) for row in await session.execute(text(sql))]


async def opened(app: FastAPI, database: Database, camera_id: str) -> str:
    async with database.session(WORKER) as session:
        found = await cameras.sources(session, sealer=app.state.resources.sealer)
    return next(source.url for source in found if source.id == UUID(camera_id))


async def test_an_admin_adds_a_camera_and_nobody_ever_sees_its_secrets_again(
    sign_in: SignIn, app: FastAPI, database: Database
) -> None:
    admin = await sign_in(Role.ADMIN)
    made = await make(admin, location="Yard", time_zone="Europe/Berlin", config={"privacy": [[[0, 0], [1, 0], [0, 1]]]})
    camera = made.json()
    assert made.headers["location"] == f"/v1/cameras/{camera['id']}"
    assert made.headers["etag"] == (await admin.get(made.headers["location"])).headers["etag"]
    assert camera["stream_url"] == "rtsp://192.168.1.64:554/1?token=***"
    assert (camera["has_credentials"], camera["time_zone"]) == (True, "Europe/Berlin")
    assert camera["config"]["privacy"] == [[[0, 0], [1, 0], [0, 1]]]
    assert await opened(app, database, camera["id"]) == GATE["stream_url"]
    shown = json.dumps([(await admin.get(path)).json() for path in (f"/v1/cameras/{camera['id']}", "/v1/cameras")])
    stored = str(await in_database(database, "SELECT c, k FROM cameras c, camera_credentials k"))
    audited = str(await in_database(database, "SELECT old_values, new_values FROM audit_payloads"))
    for place in (made.text, shown, stored, audited):
        assert SECRET not in place
        assert "tok3n" not in place


async def test_addresses_are_shown_to_those_who_manage_cameras_only(sign_in: SignIn, world: World) -> None:
    for role, sees in ((Role.ADMIN, True), (Role.OPERATOR, False), (Role.VIEWER, False), (Role.AUDITOR, False)):
        client = await sign_in(role)
        answer = await client.get(f"/v1/cameras/{world.lobby.id}")
        assert (answer.json()["stream_url"] is not None) == sees
        assert "rtsp" not in (await client.get("/v1/cameras")).text


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER, Role.AUDITOR])
async def test_only_admins_manage(sign_in: SignIn, world: World, database: Database, role: Role) -> None:
    client, path = await sign_in(role), f"/v1/cameras/{world.lobby.id}"
    before = await in_database(database, "SELECT * FROM cameras ORDER BY id")
    asked = [
        await client.post("/v1/cameras", json=GATE),
        await client.put(path, json=GATE, headers={"If-Match": "*"}),
        await client.delete(path),
        await client.post("/v1/cameras/bulk", json={"action": "delete", "ids": [str(world.lobby.id)]}),
        await client.post("/v1/cameras/probe", json={"stream_url": "rtsp://192.0.2.1/"}),
        await client.post(f"{path}/probe"),
        await client.post("/v1/camera-groups", json={"name": "Mine"}),
    ]
    assert [answer.status_code for answer in asked] == [403] * len(asked)
    assert await in_database(database, "SELECT * FROM cameras ORDER BY id") == before


async def test_operators_switch_cameras_on_and_off_and_viewers_do_not(sign_in: SignIn, world: World) -> None:
    operator, viewer = await sign_in(Role.OPERATOR), await sign_in(Role.VIEWER)
    path = f"/v1/cameras/{world.lobby.id}"
    for _ in range(2):
        off = await operator.post(f"{path}/disable")
        assert (off.status_code, off.json()["detection_enabled"]) == (200, False)
    assert (await viewer.post(f"{path}/enable")).status_code == 403
    assert (await viewer.get(path)).json()["detection_enabled"] is False
    assert (await operator.post(f"{path}/enable")).json()["detection_enabled"] is True
    assert (await operator.post(f"/v1/cameras/{world.vault.id}/enable")).status_code == 404, "not of their groups"


async def test_an_update_replaces_all_but_the_login(sign_in: SignIn, app: FastAPI, database: Database) -> None:
    admin = await sign_in(Role.ADMIN)
    made = await make(admin, location="Yard", recognition_enabled=False)
    path, shown = made.headers["location"], made.json()["stream_url"]
    changed = await admin.put(
        path, json={"name": "Back gate", "stream_url": shown}, headers={"If-Match": made.headers["etag"]}
    )
    assert changed.status_code == 200, changed.text
    assert (changed.json()["name"], changed.json()["location"]) == ("Back gate", "")
    assert changed.json()["recognition_enabled"] is True
    assert await opened(app, database, made.json()["id"]) == GATE["stream_url"], "the masked address is the same one"
    new_path = {"name": "Back gate", "stream_url": "rtsp://192.168.1.64:554/2"}
    moved = await admin.put(path, json=new_path, headers={"If-Match": changed.headers["etag"]})
    assert moved.json()["has_credentials"] is True
    assert await opened(app, database, made.json()["id"]) == f"rtsp://me:{SECRET}@192.168.1.64:554/2"
    without = await admin.put(path, json=new_path | {"username": None}, headers={"If-Match": "*"})
    assert without.json()["has_credentials"] is False
    assert await opened(app, database, made.json()["id"]) == "rtsp://192.168.1.64:554/2"
    again = await admin.put(path, json=new_path | {"username": "u", "password": "p:@"}, headers={"If-Match": "*"})
    assert again.json()["has_credentials"] is True
    assert await opened(app, database, made.json()["id"]) == "rtsp://u:p%3A%40@192.168.1.64:554/2"


async def test_a_kept_login_is_not_shown_to_another_server(sign_in: SignIn, app: FastAPI, database: Database) -> None:
    admin = await sign_in(Role.ADMIN)
    made = await make(admin)
    elsewhere = {"name": "Gate", "stream_url": "rtsp://198.51.100.9/1"}
    refused = await admin.put(made.headers["location"], json=elsewhere, headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
    assert await opened(app, database, made.json()["id"]) == GATE["stream_url"]
    entered = await admin.put(
        made.headers["location"], json=elsewhere | {"username": "x", "password": "y"}, headers={"If-Match": "*"}
    )
    assert entered.status_code == 200


async def test_of_two_who_change_the_same_camera_the_second_is_told(sign_in: SignIn, world: World) -> None:
    admin, path = await sign_in(Role.ADMIN), f"/v1/cameras/{world.lobby.id}"
    read = await admin.get(path)
    body = {"name": "Lobby", "stream_url": read.json()["stream_url"], "location": "first"}
    assert (await admin.put(path, json=body)).status_code == 428
    first = await admin.put(path, json=body, headers={"If-Match": read.headers["etag"]})
    second = await admin.put(path, json=body | {"location": "2nd"}, headers={"If-Match": read.headers["etag"]})
    assert (first.status_code, second.status_code) == (200, 412)
    assert (await admin.get(path)).json()["location"] == "first"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 201},
        {"name": "a\0b"},
        {"name": 7},
        {"location": "a\0b"},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"group_id": "nobody"},
        {"config": {"loop": True}},
        {"config": {"privacy": [[[0, 0], [1, 1]]]}},
        {"config": {"privacy": [[[0, 0], [2, 0], [0, 1]]]}},
        {"config": {"privacy": "everything"}},
        {"config": {"transport": "pigeon"}},
        {"config": {"min_eye_distance": -1}},
        {"status": "active"},
        {"address_trusted": True},
        {"password": "p"},
        {"username": "me", "password": "twice"},
        {"stream_url": "file:///etc/passwd"},
        {"stream_url": "/etc/passwd"},
        {"stream_url": "webcam:///dev/video0"},
        {"stream_url": "rtsp://127.0.0.1/"},
        {"stream_url": "http://169.254.169.254/latest/meta-data"},
        {"stream_url": "rtsp://h/\r\nSETUP x"},
        {"stream_url": "rtsp://h/a\0b"},
        {"stream_url": "rtsp://me:p@[bad/"},
        {"stream_url": "rtsp://" + "h" * 2100},
    ],
)
async def test_what_cannot_be_a_camera_is_refused_and_nothing_is_added(
    sign_in: SignIn, database: Database, changes: dict[str, object]
) -> None:
    admin = await sign_in(Role.ADMIN)
    answer = await admin.post("/v1/cameras", json=GATE | changes)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), answer.text
    assert SECRET not in answer.text
    assert await in_database(database, "SELECT count(*) FROM cameras WHERE name NOT IN ('Lobby', 'Vault')") == [(0,)]


async def test_names_are_unique_and_groups_must_exist(sign_in: SignIn, world: World) -> None:
    admin = await sign_in(Role.ADMIN)
    assert (await admin.post("/v1/cameras", json=GATE | {"name": "LOBBY"})).status_code == 409
    assert (await admin.post("/v1/cameras", json=GATE | {"group_id": str(uuid4())})).status_code == 404
    renamed = {"name": "vault", "stream_url": "rtsp://192.0.2.3/"}
    answer = await admin.put(f"/v1/cameras/{world.lobby.id}", json=renamed, headers={"If-Match": "*"})
    assert answer.status_code == 409
    uuid_like = str(world.lobby.id)
    assert (await make(admin, name=uuid_like)).json()["name"] == uuid_like, "a name may look like an id"


async def test_lists_are_filtered_sorted_and_paged(sign_in: SignIn, world: World) -> None:
    admin = await sign_in(Role.ADMIN)
    for number in range(5):
        await make(admin, name=f"Door {number}", location="100%_sure" if number == 3 else "")

    async def names(query: str) -> list[str]:
        answer = await admin.get(f"/v1/cameras?{query}")
        assert answer.status_code == 200, answer.text
        return [camera["name"] for camera in answer.json()["items"]]

    assert await names("q=door") == [f"Door {number}" for number in range(5)]
    assert await names("q=%25_") == ["Door 3"], "a pattern's characters stand for themselves"
    assert await names("status=error") == ["Vault"]
    assert await names(f"group_id={world.vault.group_id}") == ["Vault"]
    assert "Vault" not in await names("without_group=true")
    assert await names("detection_enabled=false") == []
    assert await names("sort=-last_seen_at&limit=2") == ["Vault", "Lobby"]
    for sort in ("name", "-name", "created_at", "-created_at", "last_seen_at", "-last_seen_at"):
        walked: list[str] = []
        cursor = ""
        while True:
            page = (await admin.get(f"/v1/cameras?sort={sort}&limit=3&total=true{cursor}")).json()
            walked += [camera["name"] for camera in page["items"]]
            assert page["total"] == 7
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert walked == await names(f"sort={sort}")
    for wrong in ("sort=stream_url", "limit=0", "limit=201", "cursor=x", "status=asleep", "q=%00", "group_id=1"):
        assert (await admin.get(f"/v1/cameras?{wrong}")).status_code == 422, wrong


async def test_a_removed_camera_keeps_its_sightings_and_frees_its_name(sign_in: SignIn, world: World) -> None:
    admin, path = await sign_in(Role.ADMIN), f"/v1/cameras/{world.lobby.id}"
    unused = (await make(admin)).headers["location"]
    for gone in (path, unused):
        assert (await admin.delete(gone)).status_code == 204
        for answer in (await admin.get(gone), await admin.delete(gone), await admin.post(f"{gone}/enable")):
            assert answer.status_code == 404
    kept = (await admin.get(f"/v1/sightings?camera_id={world.lobby.id}")).json()["items"]
    assert {sighting["camera_name"] for sighting in kept} == {"Lobby"}
    await make(admin, name="Lobby")


async def test_a_bulk_change_tells_of_each_and_does_what_it_can(sign_in: SignIn, world: World) -> None:
    admin = await sign_in(Role.ADMIN)
    missing, ids = str(uuid4()), [str(world.lobby.id), str(world.vault.id)]
    off = await admin.post("/v1/cameras/bulk", json={"action": "disable", "ids": [ids[0], missing, ids[1]]})
    assert off.status_code == 200, off.text
    assert [(item["id"], item["done"], item["code"]) for item in off.json()["items"]] == [
        (ids[0], True, None),
        (missing, False, "not_found"),
        (ids[1], True, None),
    ]
    assert (await admin.get("/v1/cameras?detection_enabled=true")).json()["items"] == []
    moved = await admin.post(
        "/v1/cameras/bulk", json={"action": "set_group", "ids": ids, "group_id": str(world.vault.group_id)}
    )
    assert all(item["done"] for item in moved.json()["items"])
    gone = await admin.post("/v1/cameras/bulk", json={"action": "delete", "ids": ids})
    assert all(item["done"] for item in gone.json()["items"])
    for wrong in (
        {"action": "explode", "ids": ids},
        {"action": "delete", "ids": []},
        {"action": "delete", "ids": ids, "group_id": missing},
    ):
        assert (await admin.post("/v1/cameras/bulk", json=wrong)).status_code == 422


async def test_secrets_from_before_sealing_are_sealed(
    sign_in: SignIn, settings: Settings, app: FastAPI, database: Database, world: World
) -> None:
    from sightline.services import camera_secrets  # noqa: PLC0415

    url = "http://camera.example/video?user=a&pwd=old-secret"
    async with database.session(SYSTEM) as session:
        await session.execute(
            text("UPDATE camera_credentials SET sealed = NULL, username = 'old', password = 'old-secret'")
        )
        await session.execute(text("UPDATE cameras SET stream_url = :url WHERE name = 'Vault'"), {"url": url})
        assert await camera_secrets.count_plain(session) == 2
    for expected in (2, 0):
        async with database.session(SYSTEM) as session:
            assert await camera_secrets.seal_plain(session, open_sealer(settings)) == expected
    assert await opened(app, database, str(world.vault.id)) == url.replace("//", "//old:old-secret@")
    stored = await in_database(database, "SELECT c, k FROM cameras c, camera_credentials k")
    assert "old-secret" not in str(stored)
    async with database.session(SYSTEM) as session:
        assert await camera_secrets.count_plain(session) == 0


async def test_a_login_moved_to_another_camera_opens_no_camera(
    app: FastAPI, database: Database, sign_in: SignIn, world: World
) -> None:
    admin = await sign_in(Role.ADMIN)
    one, two = await make(admin), await make(admin, name="Other")
    async with database.session(SYSTEM) as session:
        await session.execute(
            text(
                "UPDATE camera_credentials SET sealed = (SELECT sealed FROM camera_credentials WHERE camera_id = :a)"
                " WHERE camera_id = :b"
            ),
            {"a": one.json()["id"], "b": two.json()["id"]},
        )
    async with database.session(WORKER) as session:
        found = {s.name: s for s in await cameras.sources(session, sealer=app.state.resources.sealer)}
    assert found["Gate"].url == GATE["stream_url"]
    assert (found["Other"].url, bool(found["Other"].problem)) == ("", True)


async def test_statistics_are_of_cameras_that_one_may_see(sign_in: SignIn, world: World, database: Database) -> None:
    admin, viewer, auditor = await sign_in(Role.ADMIN), await sign_in(Role.VIEWER), await sign_in(Role.AUDITOR)
    path = f"/v1/cameras/{world.lobby.id}/stats"
    found = await viewer.get(f"{path}?interval=hour&time_zone=Asia/Kathmandu")
    assert found.status_code == 200, found.text
    total = found.json()["total"]
    assert total == {
        "frames": 300,
        "detections": 40,
        "tracks": 2,
        "recognitions": 1,
        "sightings": 2,
        "known": 1,
        "unknown": 1,
    }
    assert sum(bucket["frames"] for bucket in found.json()["buckets"]) == 300
    assert found.json()["watched_minutes"] == 1
    assert (await auditor.get(path)).status_code == 403
    assert (await viewer.get(f"/v1/cameras/{world.vault.id}/stats")).status_code == 404
    assert (await admin.get(f"/v1/cameras/{world.vault.id}/stats")).json()["total"]["sightings"] == 1
    for wrong in ("interval=century", "time_zone=Nowhere", "since=2020-01-01T00:00:00Z", "since=yesterday"):
        assert (await viewer.get(f"{path}?{wrong}")).status_code == 422, wrong


async def test_groups_say_who_sees_what(sign_in: SignIn, world: World, database: Database) -> None:
    admin, viewer = await sign_in(Role.ADMIN), await sign_in(Role.VIEWER)
    made = await admin.post("/v1/camera-groups", json={"name": "Cellar", "description": "below"})
    assert (made.status_code, made.json()["cameras"]) == (201, 0)
    path = made.headers["location"]
    assert (await admin.post("/v1/camera-groups", json={"name": "cellar"})).status_code == 409
    put = await admin.put(f"{path}/cameras", json={"camera_ids": [str(world.lobby.id)]})
    assert put.json()["cameras"] == 1
    assert (await viewer.get("/v1/cameras")).json()["items"] == []
    assert (await viewer.get("/v1/sightings")).json()["items"] == []
    assert (await viewer.get(f"/v1/cameras/{world.lobby.id}/stats")).status_code == 404
    assert (await viewer.get(path)).json()["cameras"] == 0
    assert (await admin.delete(path)).status_code == 409
    wrong = await admin.put(f"{path}/cameras", json={"camera_ids": [str(world.vault.id), str(uuid4())]})
    assert wrong.status_code == 404
    assert (await admin.get(path)).json()["cameras"] == 1, "nothing was changed"
    assert (await admin.put(f"{path}/cameras", json={"camera_ids": []})).json()["cameras"] == 0
    assert len((await viewer.get("/v1/cameras")).json()["items"]) == 1
    read = await admin.get(path)
    renamed = await admin.put(path, json={"name": "Attic"}, headers={"If-Match": read.headers["etag"]})
    assert (renamed.json()["name"], renamed.json()["description"]) == ("Attic", "")
    stale = await admin.put(path, json={"name": "Roof"}, headers={"If-Match": read.headers["etag"]})
    assert stale.status_code == 412
    assert (await admin.delete(path)).status_code == 204
    assert (await admin.get(path)).status_code == 404
    listed = (await viewer.get("/v1/camera-groups?q=ault&total=true")).json()
    assert ([group["name"] for group in listed["items"]], listed["total"]) == (["vaults"], 1)


async def test_a_group_with_removed_cameras_stays_while_their_sightings_do(sign_in: SignIn, world: World) -> None:
    admin = await sign_in(Role.ADMIN)
    assert (await admin.delete(f"/v1/cameras/{world.vault.id}")).status_code == 204
    refused = await admin.delete(f"/v1/camera-groups/{world.vault.group_id}")
    assert (refused.status_code, "sightings" in refused.json()["detail"]) == (409, True)


async def test_expected_false_alarms_say_what_they_are_made_of(sign_in: SignIn, world: World) -> None:
    viewer = await sign_in(Role.VIEWER)
    path = f"/v1/cameras/{world.lobby.id}/expected-false-alarms"
    found = (await viewer.get(path)).json()
    assert found["per_day"] is None
    assert found["reason"] == "no model pack is installed"
    assert (await viewer.get(f"{path}?fmr=2")).status_code == 422
    assert (await viewer.get(f"{path}?fmr=1e-4&min_similarity=0.6")).status_code == 422


async def test_a_live_view_is_told_where_pictures_are(sign_in: SignIn, world: World) -> None:
    admin, viewer, auditor = await sign_in(Role.ADMIN), await sign_in(Role.VIEWER), await sign_in(Role.AUDITOR)
    path = f"/v1/cameras/{world.lobby.id}/stream"
    found = (await viewer.get(path)).json()
    assert (found["kind"], found["url"]) == ("snapshots", f"/v1/cameras/{world.lobby.id}/snapshot")
    assert found["sample_rate"] == 5.0
    assert found["source_url"] is None
    assert (await admin.get(path)).json()["source_url"] == "rtsp://camera.example/1"
    assert (await auditor.get(path)).status_code == 403
    assert (await viewer.get(f"/v1/cameras/{world.vault.id}/stream")).status_code == 404


async def test_sightings_of_a_removed_camera_are_counted_no_more_by_it(database: Database, world: World) -> None:
    """A worker that has not heard of the removal yet does no harm."""
    async with database.session(SYSTEM) as session:
        await cameras.remove(session, name_or_id=str(world.lobby.id))
    async with database.session(WORKER) as session:
        await record_tracks(session, tracks=[track_record(world.lobby, first_seen=NOON, last_seen=datetime.now(UTC))])


async def test_tries_go_on_record_and_name_no_secret(sign_in: SignIn, database: Database, world: World) -> None:
    admin = await sign_in(Role.ADMIN)
    dead = {"stream_url": "rtsp://192.0.2.1:9/1?key=s3cret-key", "username": "u", "password": SECRET}
    refused = await admin.post("/v1/cameras/probe", json=dead | {"stream_url": "http://169.254.169.254/"})
    assert (refused.status_code, refused.json()["code"]) == (422, "address_not_allowed")
    for wrong in ({}, dead | {"extra": 1}, dead | {"transport": "x"}, {"stream_url": "rtsp://h/\0"}):
        assert (await admin.post("/v1/cameras/probe", json=wrong)).status_code == 422
    own = await admin.post(f"/v1/cameras/{world.lobby.id}/probe")
    assert own.status_code == 200, own.text
    assert (own.json()["reachable"], own.json()["code"]) == (False, "source_unreachable")
    assert own.json()["stream_url"] == "rtsp://camera.example/1"
    assert (await admin.post(f"/v1/cameras/{uuid4()}/probe")).status_code == 404
    rows = await in_database(
        database,
        "SELECT a.record_id, p.new_values FROM audit_logs a JOIN audit_payloads p ON p.audit_id = a.id"
        " WHERE action = 'PROBE'",
    )
    assert rows == [(str(world.lobby.id), {"stream_url": "rtsp://camera.example/1", "code": "source_unreachable"})]


async def test_the_first_picture_of_a_try_is_a_look_at_people(
    sign_in: SignIn, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What answers is another test's matter (tests/services/test_stream_probe.py)."""

    async def answers(address: CameraAddress, **asked: object) -> ProbeReport:
        return ProbeReport(address.shown, reachable=True, picture="/9j/" if asked["picture"] else None)

    monkeypatch.setattr(stream_probe, "probe", answers)
    admin = await sign_in(Role.ADMIN)
    body = {"stream_url": "rtsp://192.0.2.1/", "picture": True}
    async with database.session(SYSTEM) as session:
        await session.execute(
            text("""INSERT INTO settings (key, value) VALUES ('privacy', '{"purpose_required": true}')""")
        )
    assert (await admin.post("/v1/cameras/probe", json=body)).json()["code"] == "purpose_required"
    assert (await admin.post("/v1/cameras/probe", json=body | {"picture": False})).json()["picture"] is None
    shown = await admin.post("/v1/cameras/probe", json=body, headers={"Sightline-Purpose": "setting up"})
    assert shown.json()["picture"] == "/9j/"
    rows = await in_database(
        database,
        "SELECT p.new_values ->> 'picture', p.new_values ->> 'purpose' FROM audit_logs a"
        " JOIN audit_payloads p ON p.audit_id = a.id WHERE action = 'PROBE' ORDER BY a.id",
    )
    assert rows == [(None, None), ("true", "setting up")]


async def test_a_snapshot_is_shown_to_who_may_watch_and_each_look_goes_on_record_once_a_minute(
    sign_in: SignIn, app: FastAPI, database: Database, world: World
) -> None:
    viewer, auditor, operator = await sign_in(Role.VIEWER), await sign_in(Role.AUDITOR), await sign_in(Role.OPERATOR)
    path, redis = f"/v1/cameras/{world.lobby.id}/snapshot", app.state.resources.redis
    assert (await viewer.get(path)).status_code == 404, "nobody watches this camera"
    assert await snapshots.wanted(redis) == [world.lobby.id]
    await snapshots.put(redis, camera_id=world.lobby.id, picture=b"\xff\xd8picture")
    await snapshots.put(redis, camera_id=world.vault.id, picture=b"\xff\xd8secret")
    for headers in ({}, {}, {"Sightline-Purpose": "case 7"}):
        shown = await viewer.get(path, headers=headers)
        assert (shown.status_code, shown.content, shown.headers["content-type"]) == (
            200,
            b"\xff\xd8picture",
            "image/jpeg",
        )
        assert shown.headers["cache-control"] == "private, no-store"
    assert (await auditor.get(path)).status_code == 403
    assert (await operator.get(f"/v1/cameras/{world.vault.id}/snapshot")).status_code == 404
    rows = await in_database(
        database,
        "SELECT a.record_id, p.new_values ->> 'purpose' FROM audit_logs a JOIN audit_payloads p ON p.audit_id = a.id"
        " WHERE action = 'VIEW' AND table_name = 'cameras' ORDER BY a.id",
    )
    assert rows == [(str(world.lobby.id), None), (str(world.lobby.id), "case 7")]
    async with database.session(SYSTEM) as session:
        await session.execute(
            text("""INSERT INTO settings (key, value) VALUES ('privacy', '{"purpose_required": true}')""")
        )
    assert (await viewer.get(path)).json()["code"] == "purpose_required"
