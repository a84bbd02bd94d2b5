"""The gallery moves to another pack while the API runs: people are enrolled and found before, during and after."""

import asyncio
import threading
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database, Role
from sightline.services import face_inference, runtime_settings
from sightline.workers.gallery_move import GalleryMove
from sightline.workers.gallery_upkeep import GalleryUpkeep
from tests.api.conftest import SignIn
from tests.support import two_packs
from tests.support.two_packs import FORMER, LEAST, NEW, VERSIONS, Loader, models_of
from tests.workers.split_scene import crop_of

pytestmark = pytest.mark.asyncio
DAY = timedelta(days=1)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    two_packs.install(settings.packs_dir)
    recognition = settings.recognition.model_copy(update={"pack": FORMER, "min_eye_distance": 10.0})
    return settings.model_copy(update={"recognition": recognition})


@pytest.fixture(autouse=True)
def loader(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Loader:
    made = Loader()
    monkeypatch.setattr(face_inference, "load_pack", made)
    return made


async def _enrol(browser: httpx.AsyncClient, person: int) -> str:
    subject: str = (await browser.post("/v1/subjects", json={"name": f"Person {person}"})).json()["id"]
    answer = await browser.post(f"/v1/subjects/{subject}/images", files=_picture(person))
    assert answer.status_code == 201, answer.text
    return subject


async def _found(browser: httpx.AsyncClient, person: int) -> tuple[list[str], str, float]:
    """Whom a search finds, by which model, and from which similarity on."""
    answer = await browser.post("/v1/subjects/search", files=_picture(person))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return [one["subject_id"] for one in body["candidates"]], body["model_version"], body["min_similarity"]


def _picture(person: int) -> dict[str, Any]:
    return {"file": ("face.jpg", crop_of(person), "image/jpeg")}


async def _until(app: FastAPI, pack: str) -> None:
    async with asyncio.timeout(20):
        while app.state.resources.faces.pack != pack:
            await asyncio.sleep(0.02)


async def test_people_are_enrolled_and_found_before_during_and_after(
    app: FastAPI, sign_in: SignIn, settings: Settings, database: Database, loader: Loader
) -> None:
    operator, resources = await sign_in(Role.OPERATOR), app.state.resources
    first = await _enrol(operator, 1)
    by_former, by_new = (VERSIONS[FORMER], LEAST[FORMER]), (VERSIONS[NEW], LEAST[NEW])
    assert await _found(operator, 1) == ([first], *by_former)

    goes_on = threading.Event()
    slow = models_of(NEW, lambda: None if goes_on.wait(20) else pytest.fail("nobody let it go on"))
    move = GalleryMove(database, resources.storage, slow, NEW, settings)
    moving = asyncio.create_task(move.run(grace=DAY))
    second = await _enrol(operator, 2)
    assert await _found(operator, 1) == ([first], *by_former), "while the new templates are made"
    goes_on.set()
    assert (await moving).made == 2

    third = await _enrol(operator, 3)
    for person, subject in ((1, first), (2, second), (3, third)):
        assert await _found(operator, person) == ([subject], *by_former), "while the new pack is loaded"

    loader.may_load.set()
    await _until(app, NEW)
    fourth = await _enrol(operator, 4)
    for person, subject in ((1, first), (2, second), (4, fourth)):
        assert await _found(operator, person) == ([subject], *by_new)
    assert (await _found(operator, 3))[0] == [], "until the house is kept: enrolled by the former pack"
    upkeep = GalleryUpkeep(database, resources.storage, settings, load=loader)
    assert (await upkeep.round(), await upkeep.round()) == (1, 0)
    assert await _found(operator, 3) == ([third], *by_new)
    assert loader.asked == [FORMER, NEW, NEW]


async def test_the_rules_go_by_the_pack_in_use(
    app: FastAPI, sign_in: SignIn, settings: Settings, database: Database, loader: Loader
) -> None:
    """A rate that only the new pack lacks is refused, and the system's page names the new one."""
    loader.may_load.set()
    admin = await sign_in(Role.ADMIN)
    await _enrol(admin, 1)
    await GalleryMove(database, app.state.resources.storage, models_of(NEW), NEW, settings).run(grace=DAY)
    await _until(app, NEW)
    assert (await admin.get("/v1/system/information")).json()["pack"]["name"] == NEW
    manifest = settings.packs_dir / NEW / "manifest.json"
    manifest.write_text(manifest.read_text().replace("0.0001", "0.001"))
    now = (await admin.get("/v1/settings/recognition")).headers["ETag"]
    refused = await admin.put("/v1/settings/recognition", json={"fmr": 1e-4}, headers={"If-Match": now})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_measured")


async def test_a_pack_that_is_not_installed_here_is_waited_for(
    app: FastAPI, sign_in: SignIn, settings: Settings, database: Database, loader: Loader
) -> None:
    """The former one goes on, and readiness says what is missing."""
    operator = await sign_in(Role.OPERATOR)
    first = await _enrol(operator, 1)
    faces = app.state.resources.faces
    loader.is_missing = True
    await GalleryMove(database, app.state.resources.storage, models_of(NEW), NEW, settings).run(grace=DAY)
    async with asyncio.timeout(20):
        while faces.wanted != NEW:
            await asyncio.sleep(0.02)
    assert await _found(operator, 1) == ([first], VERSIONS[FORMER], LEAST[FORMER])
    async with database.session(SYSTEM) as session:
        assert await runtime_settings.active_pack(session) == NEW
