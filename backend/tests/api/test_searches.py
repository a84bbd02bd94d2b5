"""Search over history over HTTP: a picture, a purpose, and a second person where the house asks for one."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import numpy as np
import pytest
import pytest_asyncio
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import QueuePool, text

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, WORKER, Database, Role
from sightline.services.face_inference import FaceInference
from sightline.services.sightings import record_tracks
from tests.api.conftest import SignIn, World
from tests.services.fake_models import Painted, PaintedModels, picture, template
from tests.support.database import matched, track_record

PURPOSE = {"Sightline-Purpose": "Case 11"}
QUERY = {"min_similarity": "0.5", "top_k": "5"}


def _png(*faces: Painted) -> bytes:
    file = BytesIO()
    Image.fromarray(np.ascontiguousarray(picture(*faces)[:, :, ::-1])).save(file, "PNG")
    return file.getvalue()


@pytest_asyncio.fixture
async def seen(app: FastAPI, world: World, database: Database) -> UUID:
    """Painted person 7 was in the lobby; the API has models that can tell."""
    opened = app.state.resources
    faces = FaceInference(opened.settings, load=lambda _: cast("Any", PaintedModels()))
    app.state.resources = replace(opened, faces=faces)
    now = datetime.now(UTC)
    track = track_record(
        world.lobby,
        match=matched(world.guest, 0.6),
        template=template(7, 1),
        model_version="painted-1",
        first_seen=now,
        last_seen=now,
    )
    async with database.session(WORKER) as session:
        await record_tracks(session, tracks=[track])
    return track.track_id


async def _search(browser: httpx.AsyncClient, data: bytes, **form: Any) -> httpx.Response:
    files = {"file": ("face.png", data, "image/png")}
    return await browser.post("/v1/sightings/search", files=files, data={**QUERY, **form}, headers=PURPOSE)


@pytest.mark.asyncio
async def test_a_face_is_found_in_the_past(sign_in: SignIn, world: World, seen: UUID) -> None:
    operator = await sign_in(Role.OPERATOR)
    answer = await _search(operator, _png(Painted(7, 2)))
    assert answer.status_code == 200, answer.text
    (match,) = answer.json()["items"]
    assert (match["sighting"]["id"], match["sighting"]["camera_name"]) == (str(seen), "Lobby")
    assert match["similarity"] > 0.5
    assert match["sighting"]["image_url"].startswith("/v1/media?token=")
    other_cameras = [str(world.vault.id), str(uuid4())]
    assert (await _search(operator, _png(Painted(7, 2)), camera_id=other_cameras)).json()["items"] == []
    here = [str(world.lobby.id), str(uuid4())]
    assert len((await _search(operator, _png(Painted(7, 2)), camera_id=here)).json()["items"]) == 1
    assert (await _search(operator, _png(Painted(8)))).json()["items"] == []
    similar = await operator.get(f"/v1/sightings/{seen}/similar", params=QUERY, headers=PURPOSE)
    assert similar.json() == {"items": [], "min_similarity": 0.5}


@pytest.mark.asyncio
async def test_never_without_a_purpose_nor_by_others(sign_in: SignIn, world: World, seen: UUID) -> None:
    operator = await sign_in(Role.OPERATOR)
    files = {"file": ("face.png", _png(Painted(7)), "image/png")}
    answer = await operator.post("/v1/sightings/search", files=files)
    assert (answer.status_code, answer.json()["code"]) == (422, "purpose_required")
    similar = await operator.get(f"/v1/sightings/{seen}/similar", params=QUERY)
    assert similar.json()["code"] == "purpose_required"
    for role in (Role.VIEWER, Role.AUDITOR):
        browser = await sign_in(role)
        assert (await _search(browser, _png(Painted(7)))).status_code == 403
        assert (await browser.get("/v1/searches")).status_code == 403


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("data", "form", "status", "code"),
    [
        (b"", {}, 422, "image_rejected"),
        (b"GIF89a not really", {}, 422, "image_rejected"),
        (_png(), {}, 422, "no_face_found"),
        (_png(Painted(7)), {"top_k": "101"}, 422, "invalid_input"),
        (_png(Painted(7)), {"min_similarity": "nan"}, 422, "invalid_input"),
        (_png(Painted(7)), {"since": "yesterday"}, 422, "invalid_input"),
        (_png(Painted(7)), {"colour": "red"}, 422, "invalid_input"),
        (_png(Painted(7)), {"camera_id": ["1"]}, 422, "invalid_input"),
    ],
)
async def test_pictures_and_filters_that_mean_nothing(
    sign_in: SignIn, seen: UUID, database: Database, data: bytes, form: dict[str, Any], status: int, code: str
) -> None:
    answer = await _search(await sign_in(Role.OPERATOR), data, **form)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    async with database.session(SYSTEM) as session:
        assert await session.scalar(text("SELECT count(*) FROM audit_logs WHERE action = 'SEARCH'")) == 0


@pytest.mark.asyncio
async def test_where_the_house_asks_a_second_person_decides_first(
    sign_in: SignIn, world: World, seen: UUID, database: Database
) -> None:
    async with database.session(SYSTEM) as session:
        await session.execute(
            text("INSERT INTO settings (key, value) VALUES ('privacy', '{\"search_needs_approval\": true}')")
        )
    operator, admin = await sign_in(Role.OPERATOR), await sign_in(Role.ADMIN)
    asked = await _search(operator, _png(Painted(7, 2)))
    address = asked.headers["location"]
    assert (asked.status_code, asked.json()["status"], asked.json()["purpose"]) == (202, "pending", "Case 11")
    assert "items" not in asked.json()
    assert (await operator.post(f"{address}/approve", json={})).json()["code"] == "approval_required"
    assert (await operator.get(address)).json()["found"] is None
    approved = await admin.post(f"{address}/approve", json={"note": "warrant seen"})
    assert (approved.json()["status"], approved.json()["decided_by_name"]) == ("approved", "admin")
    assert (await admin.post(f"{address}/deny", json={})).status_code == 409
    assert (await admin.get(address)).json()["found"] is None
    found = (await operator.get(address)).json()["found"]
    assert [match["sighting"]["id"] for match in found["items"]] == [str(seen)]
    listed = (await admin.get("/v1/searches", params={"status": "approved"})).json()["items"]
    assert [(one["requested_by_name"], one["note"]) for one in listed] == [("operator", "warrant seen")]
    assert (await admin.get("/v1/searches", params={"mine": True})).json()["items"] == []
    similar = await operator.get(f"/v1/sightings/{seen}/similar", params=QUERY, headers=PURPOSE)
    assert (similar.status_code, similar.json()["code"]) == (403, "approval_required")
    assert (await operator.get(f"/v1/searches/{uuid4()}")).status_code == 404


@pytest.mark.asyncio
async def test_no_connection_to_the_database_is_held_while_models_look(
    app: FastAPI, sign_in: SignIn, seen: UUID
) -> None:
    """Inference waits for its turn: if it held connections meanwhile, a few searches would stop everybody else."""
    operator = await sign_in(Role.OPERATOR)
    opened = app.state.resources
    pool = cast("QueuePool", opened.database.engine.pool)
    held: list[int] = []

    def load(_: Settings) -> Any:
        held.append(pool.checkedout())
        return PaintedModels()

    app.state.resources = replace(opened, faces=FaceInference(opened.settings, load=load))
    assert (await _search(operator, _png(Painted(7, 2)))).status_code == 200
    assert held == [0]
