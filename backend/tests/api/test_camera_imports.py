"""Cameras of a playlist over the API: nothing before it was said, secrets never, each entry for itself."""

import json
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from sightline.core.database import SYSTEM, WORKER, Database, Role
from sightline.services import camera_import, cameras
from tests.api.conftest import SignIn, World

PLAYLIST = """#EXTM3U
#EXTINF:-1,Lobby
rtsp://me:s3cret@192.168.7.1:554/1
#EXTINF:-1,Yard
rtsp://192.168.7.2:554/1?token=tok3n
#EXTINF:-1,Yard again
rtsp://other:login@192.168.7.2:554/1?token=tok3n
#EXTINF:-1,Metadata
http://169.254.169.254/latest
#EXTINF:-1,Broken
rtsp://me:s3cret@[bad/1
video.mp4
"""

pytestmark = pytest.mark.asyncio


async def imported(client: httpx.AsyncClient, **changes: object) -> list[dict[str, object]]:
    answer = await client.post("/v1/cameras/imports", json={"playlist": PLAYLIST} | changes)
    assert answer.status_code == 200, answer.text
    assert "s3cret" not in answer.text
    assert "tok3n" not in answer.text
    items: list[dict[str, object]] = answer.json()["items"]
    return items


async def test_a_dry_run_says_of_every_entry_what_would_happen_and_adds_nothing(
    sign_in: SignIn, world: World, database: Database
) -> None:
    admin = await sign_in(Role.ADMIN)
    items = await imported(admin)
    assert [(item["line"], item["name"], item["state"]) for item in items] == [
        (3, "Lobby 2", "ready"),
        (5, "Yard", "ready"),
        (7, "Yard again", "duplicate"),
        (9, "Metadata", "refused"),
        (11, "Broken", "refused"),
        (12, "", "refused"),
    ]
    assert items[1]["stream_url"] == "rtsp://192.168.7.2:554/1?token=***"
    assert (items[3]["code"], items[3]["stream_url"]) == ("address_not_allowed", "")
    assert items[3]["hint"]
    async with database.session(SYSTEM) as session:
        assert await session.scalar(text("SELECT count(*) FROM cameras")) == 2


async def test_what_is_chosen_is_added_with_its_login_sealed_and_on_record(
    sign_in: SignIn, world: World, app: FastAPI, database: Database
) -> None:
    admin = await sign_in(Role.ADMIN)
    group = str(world.vault.group_id)
    items = await imported(admin, dry_run=False, lines=[3, 9], group_id=group, time_zone="Europe/Berlin")
    assert [item["state"] for item in items] == ["added", "refused"]
    camera = (await admin.get(f"/v1/cameras/{items[0]['camera_id']}")).json()
    assert (camera["name"], camera["group_id"], camera["time_zone"]) == ("Lobby 2", group, "Europe/Berlin")
    assert camera["has_credentials"] is True
    async with database.session(WORKER) as session:
        found = await cameras.sources(session, sealer=app.state.resources.sealer)
    url = next(source.url for source in found if source.id == UUID(camera["id"]))
    assert url == "rtsp://me:s3cret@192.168.7.1:554/1"
    async with database.session(SYSTEM) as session:
        audited = str((await session.execute(text("SELECT old_values, new_values FROM audit_payloads"))).all())
    assert "Lobby 2" in audited
    assert "s3cret" not in audited
    again = await imported(admin, dry_run=False)
    assert [item["state"] for item in again] == ["duplicate", "added", "duplicate", "refused", "refused", "refused"]


async def test_the_same_key_imports_once(sign_in: SignIn, world: World) -> None:
    admin = await sign_in(Role.ADMIN)
    body = {"playlist": PLAYLIST, "dry_run": False}
    first, second = [
        await admin.post("/v1/cameras/imports", json=body, headers={"Idempotency-Key": "one"}) for _ in range(2)
    ]
    assert first.json() == second.json()
    assert [item["state"] for item in second.json()["items"]][:2] == ["added", "added"]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER, Role.AUDITOR])
async def test_only_who_manages_cameras_imports(sign_in: SignIn, world: World, role: Role) -> None:
    client = await sign_in(role)
    answer = await client.post("/v1/cameras/imports", json={"playlist": PLAYLIST})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    "changes",
    [
        {"playlist": ""},
        {"playlist": "#EXTM3U\n\0"},
        {"playlist": "#EXTM3U\n#EXT-X-TARGETDURATION:6\na.ts"},
        {"lines": [0]},
        {"time_zone": "Mars/Base"},
        {"file": "x"},
    ],
)
async def test_what_is_no_import_is_refused(sign_in: SignIn, world: World, changes: dict[str, object]) -> None:
    admin = await sign_in(Role.ADMIN)
    answer = await admin.post("/v1/cameras/imports", json={"playlist": PLAYLIST} | changes)
    assert answer.status_code == 422, answer.text


async def test_a_long_playlist_is_told_whole_and_added_in_parts(
    sign_in: SignIn, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_import, "MOST_ADDED", 2)
    admin = await sign_in(Role.ADMIN)
    refused = await admin.post("/v1/cameras/imports", json={"playlist": PLAYLIST, "dry_run": False})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
    names = "".join(f"#EXTINF:-1,Channel {number}\nrtsp://192.168.8.1/{number}\n" for number in range(6000))
    items = await imported(admin, playlist=names)
    assert len(json.dumps({"playlist": names})) > 256 * 1024, "longer than other bodies may be"
    assert {item["state"] for item in items} == {"ready"}
