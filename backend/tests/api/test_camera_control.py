"""Moving cameras over the API: who may, what is on record, when it ends, and cameras that are not to be moved."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import text

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database, Role
from sightline.media import onvif
from sightline.services import camera_control
from tests.api.conftest import SignIn, World
from tests.api.conftest import settings as usual_settings  # noqa: F401 - a fixture that ours builds on
from tests.support.onvif_camera import LOGIN, OnvifCamera, onvif_camera

pytestmark = pytest.mark.asyncio


@pytest.fixture
def settings(usual_settings: Settings) -> Settings:  # noqa: F811
    capture = usual_settings.capture.model_copy(update={"allow_loopback": True})
    return usual_settings.model_copy(update={"capture": capture})


@pytest.fixture
def camera() -> Iterator[OnvifCamera]:
    with onvif_camera() as running:
        yield running


def yard(camera: OnvifCamera, **config: object) -> dict[str, Any]:
    return {
        "name": "Yard",
        "stream_url": "rtsp://127.0.0.1:554/1",
        "username": LOGIN[0],
        "password": LOGIN[1],
        "config": {"control": {"port": camera.port}, **config},
    }


@pytest_asyncio.fixture
async def path(sign_in: SignIn, camera: OnvifCamera) -> AsyncIterator[str]:
    """Of a camera that can be moved."""
    admin = await sign_in(Role.ADMIN)
    made = await admin.post("/v1/cameras", json=yard(camera))
    assert made.status_code == 201, made.text
    assert made.json()["is_movable"]
    yield f"{made.headers['location']}/control"
    await admin.delete(made.headers["location"])


async def records(database: Database) -> list[tuple[str, dict[str, object]]]:
    """Who moved the camera, and how."""
    sql = "SELECT actor, new_values FROM audit_entries WHERE action = 'MOVE' ORDER BY id"
    async with database.session(SYSTEM) as session:
        return [(row[0], row[1]) for row in await session.execute(text(sql))]


async def until(condition: Any) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def ok(answer: httpx.Response) -> None:
    assert answer.status_code == 204, answer.text


async def test_an_operator_moves_a_camera_and_it_is_on_record(
    sign_in: SignIn, camera: OnvifCamera, path: str, database: Database
) -> None:
    operator = await sign_in(Role.OPERATOR)
    told = (await operator.get(path)).json()
    assert told == {
        "pan_tilt": True,
        "zoom": True,
        "home": True,
        "presets": [{"token": "1", "name": "Gate"}, {"token": "2", "name": "2"}],
    }
    for _ in range(3):  # held: one movement
        await ok(await operator.post(f"{path}/move", json={"pan": 0.5, "seconds": 10}))
    assert camera.is_moving()
    await ok(await operator.post(f"{path}/stop"))
    assert not camera.is_moving()
    await ok(await operator.post(f"{path}/preset", json={"token": "1"}))
    await ok(await operator.post(f"{path}/home"))
    assert camera.looks() == (0.0, 0.0, 0.0)
    assert await records(database) == [
        ("operator", {"pan": 0.5, "tilt": 0.0, "zoom": 0.0}),
        ("operator", {"preset": "1"}),
        ("operator", {"home": True}),
    ]


async def test_a_camera_that_nobody_holds_any_longer_stops(
    sign_in: SignIn, camera: OnvifCamera, path: str, database: Database
) -> None:
    operator, admin = await sign_in(Role.OPERATOR), await sign_in(Role.ADMIN)
    camera.odd.heeds_timeout = False
    await ok(await operator.post(f"{path}/move", json={"zoom": -1, "seconds": 0.3}))
    assert camera.is_moving()
    await until(lambda: not camera.is_moving())
    await ok(await operator.post(f"{path}/move", json={"zoom": 1, "seconds": 10}))
    await ok(await admin.post(f"{path}/move", json={"tilt": 1, "seconds": 0.3}))  # the last one wins
    assert camera.speed == (0.0, 1.0, 0.0)
    await until(lambda: not camera.is_moving())
    assert [who for who, _ in await records(database)] == ["operator", "operator", "admin"]


async def test_a_camera_that_could_not_be_stopped_is_told_again(
    sign_in: SignIn, camera: OnvifCamera, path: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(camera_control, "PAUSE", 0.05)
    operator = await sign_in(Role.OPERATOR)
    camera.odd.heeds_timeout = False
    await ok(await operator.post(f"{path}/move", json={"pan": 1, "seconds": 0.3}))
    camera.odd.answers += [(500, b""), (500, b"")]
    await until(lambda: not camera.is_moving())
    assert caplog.text.count("was not stopped") == 2
    assert LOGIN[1] not in caplog.text


async def test_a_camera_that_did_not_say_that_it_moves_is_stopped_too(
    sign_in: SignIn, camera: OnvifCamera, path: str
) -> None:
    operator = await sign_in(Role.OPERATOR)
    await ok(await operator.post(f"{path}/home"))
    camera.odd.heeds_timeout = False
    camera.odd.loses_answers = True
    answer = await operator.post(f"{path}/move", json={"pan": 1, "seconds": 0.3})
    assert (answer.status_code, answer.json()["code"]) == (502, "source_unreachable")
    assert camera.is_moving()
    camera.odd.loses_answers = False
    await until(lambda: not camera.is_moving())


async def test_a_movement_that_goes_on_ends_also_where_going_on_is_refused(
    sign_in: SignIn, camera: OnvifCamera, path: str
) -> None:
    operator = await sign_in(Role.OPERATOR)
    camera.odd.heeds_timeout = False
    await ok(await operator.post(f"{path}/move", json={"pan": 1, "seconds": 0.5}))
    camera.odd.answers.append((500, b""))
    assert (await operator.post(f"{path}/move", json={"pan": 1, "seconds": 0.5})).status_code == 502
    assert camera.is_moving()
    await until(lambda: not camera.is_moving())


async def test_a_view_that_is_none_leaves_the_end_of_the_movement_in_place(
    sign_in: SignIn, camera: OnvifCamera, path: str
) -> None:
    operator = await sign_in(Role.OPERATOR)
    camera.odd.heeds_timeout = False
    await ok(await operator.post(f"{path}/move", json={"pan": 1, "seconds": 0.5}))
    assert (await operator.post(f"{path}/preset", json={"token": "gone"})).status_code == 502
    assert camera.is_moving()
    await until(lambda: not camera.is_moving())


async def test_a_product_that_ends_leaves_no_camera_moving(
    app: FastAPI, sign_in: SignIn, camera: OnvifCamera, path: str
) -> None:
    camera.odd.heeds_timeout = False
    await ok(await (await sign_in(Role.OPERATOR)).post(f"{path}/move", json={"pan": 1, "seconds": 10}))
    await app.state.resources.control.close()
    assert not camera.is_moving()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR])
async def test_who_only_looks_moves_nothing(
    sign_in: SignIn, camera: OnvifCamera, path: str, database: Database, role: Role
) -> None:
    client = await sign_in(role)
    asked = [
        await client.get(path),
        await client.post(f"{path}/move", json={"pan": 1}),
        await client.post(f"{path}/stop"),
        await client.post(f"{path}/preset", json={"token": "1"}),
        await client.post(f"{path}/home"),
    ]
    assert [answer.status_code for answer in asked] == [403] * 5
    assert (camera.orders, await records(database)) == ([], [])


async def test_a_camera_of_another_group_is_none(sign_in: SignIn, world: World, camera: OnvifCamera) -> None:
    admin, operator = await sign_in(Role.ADMIN), await sign_in(Role.OPERATOR)
    group = (await admin.get(f"/v1/cameras/{world.vault.id}")).json()["group_id"]
    made = await admin.post("/v1/cameras", json=yard(camera) | {"group_id": group})
    answer = await operator.post(f"{made.headers['location']}/control/move", json={"pan": 1})
    assert (answer.status_code, camera.orders) == (404, [])


async def test_a_camera_with_privacy_masks_stays_where_it_is(
    sign_in: SignIn, camera: OnvifCamera, database: Database
) -> None:
    admin = await sign_in(Role.ADMIN)
    masks = [[[0, 0], [1, 0], [0, 1]]]
    made = await admin.post("/v1/cameras", json=yard(camera, privacy=masks))
    assert not made.json()["is_movable"]
    answer = await admin.post(f"{made.headers['location']}/control/move", json={"pan": 1})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "privacy masks" in answer.json()["detail"]
    assert (camera.orders, await records(database)) == ([], [])


async def test_a_camera_that_is_not_set_up_says_so(sign_in: SignIn, world: World) -> None:
    operator = await sign_in(Role.OPERATOR)
    answer = await operator.get(f"/v1/cameras/{world.lobby.id}/control")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert not (await operator.get(f"/v1/cameras/{world.lobby.id}")).json()["is_movable"]


async def test_a_changed_login_counts_at_once(sign_in: SignIn, camera: OnvifCamera, path: str) -> None:
    admin = await sign_in(Role.ADMIN)
    await ok(await admin.post(f"{path}/home"))
    body = yard(camera) | {"password": "another-passphrase"}
    changed = await admin.put(path.removesuffix("/control"), json=body, headers={"If-Match": "*"})
    assert changed.status_code == 200, changed.text
    refused = await admin.post(f"{path}/home")
    assert (refused.status_code, refused.json()["code"]) == (502, "source_denied")
    assert "another-passphrase" not in refused.text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"pan": 0},
        {"pan": 1.1},
        {"tilt": -2},
        {"zoom": "NaN"},
        {"pan": 1, "seconds": 0},
        {"pan": 1, "seconds": 11},
        {"pan": 1, "speed": 1},
    ],
)
async def test_what_is_no_movement_is_refused(
    sign_in: SignIn, camera: OnvifCamera, path: str, body: dict[str, object]
) -> None:
    answer = await (await sign_in(Role.OPERATOR)).post(f"{path}/move", json=body)
    assert (answer.status_code, camera.orders) == (422, [])


@pytest.mark.parametrize(
    "control",
    [
        {"port": 0},
        {"port": 65536},
        {"path": "onvif"},
        {"path": "//evil.example/x"},
        {"path": "/a?b"},
        {"path": "/a\r\nX: y"},
        {"path": "/é"},
        {"host": "192.0.2.1"},
    ],
)
async def test_where_commands_cannot_go_is_refused(
    sign_in: SignIn, camera: OnvifCamera, control: dict[str, object]
) -> None:
    admin = await sign_in(Role.ADMIN)
    answer = await admin.post("/v1/cameras", json=yard(camera, control=control))
    assert answer.status_code == 422, answer.text


async def test_a_host_in_a_forbidden_range_is_not_asked(
    app: FastAPI, sign_in: SignIn, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where its name stands for another address than when it was entered."""
    admin = await sign_in(Role.ADMIN)
    body = {"name": "Gate", "stream_url": "rtsp://gate.camera.example/1", "config": {"control": {}}}
    made = await admin.post("/v1/cameras", json=body)
    assert made.status_code == 201, made.text
    asked: list[object] = []
    monkeypatch.setattr(onvif, "connect", asked.append)
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("169.254.169.254", 0))])
    answer = await admin.post(f"{made.headers['location']}/control/home")
    assert (answer.status_code, answer.json()["code"], asked) == (422, "address_not_allowed", [])
