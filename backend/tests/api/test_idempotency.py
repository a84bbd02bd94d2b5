"""Idempotency-Key: what is sent twice is done once."""

import asyncio

import httpx
import pytest
import pytest_asyncio
from fastapi import Depends, FastAPI, Response, UploadFile
from sqlalchemy import func, select, text, update

from sightline.api.deps import SessionDep
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router
from sightline.core.database import MAINTENANCE, SYSTEM, Database, Role
from sightline.core.errors import Conflict
from sightline.models import CameraGroup, IdempotencyKey
from sightline.schemas.base import In
from sightline.services import idempotency
from tests.api.conftest import SignIn, World, client_of
from tests.support.database import DatabaseAddress, execute_as_admin

KEY = {"Idempotency-Key": "5e0c2b1a-3a6b-4d0e-9c58-0d1f7a0f9a55"}
GROUPS = "/v1/test-groups"


class GroupIn(In):
    name: str
    fail: bool = False
    pad: int = 0


router = Router(prefix="/v1", dependencies=[Depends(Requires(Permission.MANAGE_CAMERAS))])


@router.post("/test-groups", status_code=201)
async def create_test_group(session: SessionDep, body: GroupIn, response: Response) -> dict[str, str]:
    group = CameraGroup(name=f"{body.name} {await session.scalar(select(func.count()).select_from(CameraGroup))}")
    session.add(group)
    await session.flush()
    if body.fail:
        raise Conflict("refused on purpose")
    response.headers["Location"] = f"{GROUPS}/{group.id}"
    response.headers["ETag"] = '"1"'
    return {"name": group.name, "pad": "x" * body.pad}


@router.post("/auth/test-secrets", status_code=201)
async def create_test_secret(session: SessionDep) -> dict[str, str]:
    return {"secret": "shown once"}


@router.post("/test-uploads", status_code=201)
async def upload_test_file(session: SessionDep, file: UploadFile) -> dict[str, int]:
    return {"size": len(await file.read())}


@pytest.fixture
def app(own_app: FastAPI) -> FastAPI:
    """It gets routes that are there for these tests only."""
    return own_app


@pytest_asyncio.fixture
async def admin(app: FastAPI, sign_in: SignIn) -> httpx.AsyncClient:
    app.include_router(router)
    return await sign_in(Role.ADMIN)


async def _groups(database: Database) -> int:
    async with database.session(SYSTEM) as session:
        return await session.scalar(select(func.count()).select_from(CameraGroup)) or 0


async def _keys(database: Database) -> int:
    async with database.session(MAINTENANCE) as session:
        return await session.scalar(select(func.count()).select_from(IdempotencyKey)) or 0


@pytest.mark.asyncio
async def test_the_second_request_gets_the_answer_of_the_first(admin: httpx.AsyncClient, database: Database) -> None:
    before = await _groups(database)
    first = await admin.post(GROUPS, json={"name": "one"}, headers=KEY)
    again = await admin.post(GROUPS, json={"name": "one"}, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for name in ("Location", "ETag", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["X-Request-ID"] != first.headers["X-Request-ID"]
    assert await _groups(database) == before + 1


@pytest.mark.asyncio
async def test_without_a_key_each_request_counts(admin: httpx.AsyncClient, database: Database) -> None:
    before = await _groups(database)
    for _ in range(2):
        assert (await admin.post(GROUPS, json={"name": "one"})).status_code == 201
    assert (await _groups(database), await _keys(database)) == (before + 2, 0)


@pytest.mark.asyncio
async def test_eight_at_once_are_done_once(admin: httpx.AsyncClient, database: Database) -> None:
    before = await _groups(database)
    answers = await asyncio.gather(*(admin.post(GROUPS, json={"name": "one"}, headers=KEY) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sorted("Idempotent-Replayed" in answer.headers for answer in answers) == [False] + [True] * 7
    assert await _groups(database) == before + 1


@pytest.mark.asyncio
async def test_the_same_key_with_another_request_is_refused(admin: httpx.AsyncClient, database: Database) -> None:
    await admin.post(GROUPS, json={"name": "one"}, headers=KEY)
    before = await _groups(database)
    for path, body in ((GROUPS, {"name": "two"}), (f"{GROUPS}?x=1", {"name": "one"})):
        refused = await admin.post(path, json=body, headers=KEY)
        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert await _groups(database) == before


@pytest.mark.asyncio
async def test_what_was_refused_may_be_sent_again(admin: httpx.AsyncClient, database: Database) -> None:
    before = await _groups(database)
    assert (await admin.post(GROUPS, json={"name": "one", "fail": True}, headers=KEY)).status_code == 409
    assert (await admin.post(GROUPS, json={"name": 7}, headers=KEY)).status_code == 422
    assert (await _groups(database), await _keys(database)) == (before, 0)
    assert (await admin.post(GROUPS, json={"name": "one"}, headers=KEY)).status_code == 201


@pytest.mark.asyncio
async def test_keys_of_two_users_have_nothing_to_do_with_each_other(
    app: FastAPI, admin: httpx.AsyncClient, sign_in: SignIn, own_database: DatabaseAddress, database: Database
) -> None:
    operator = await sign_in(Role.OPERATOR)
    await execute_as_admin(own_database.admin_dsn, "UPDATE users SET role = 'admin' WHERE username = 'operator'")
    assert (await admin.post(GROUPS, json={"name": "one"}, headers=KEY)).status_code == 201
    theirs = await operator.post(GROUPS, json={"name": "one"}, headers=KEY)
    assert theirs.status_code in {201, 401}  # a change of role may end the session; never the other one's answer
    assert "Idempotent-Replayed" not in theirs.headers


@pytest.mark.asyncio
async def test_who_may_not_gets_no_answer_of_before(admin: httpx.AsyncClient, sign_in: SignIn, app: FastAPI) -> None:
    await admin.post(GROUPS, json={"name": "one"}, headers=KEY)
    assert (await (await sign_in(Role.VIEWER)).post(GROUPS, json={"name": "one"}, headers=KEY)).status_code == 403
    async with client_of(app) as stranger:
        assert (await stranger.post(GROUPS, json={"name": "one"}, headers=KEY)).status_code == 401


@pytest.mark.asyncio
async def test_a_secret_is_shown_once_and_a_large_answer_is_not_kept(admin: httpx.AsyncClient) -> None:
    large = {"name": "large", "pad": idempotency.LARGEST_BODY}
    for path, body in (("/v1/auth/test-secrets", None), (GROUPS, large)):
        key = {"Idempotency-Key": f"key-of-{path}"}
        assert (await admin.post(path, json=body, headers=key)).status_code == 201
        again = await admin.post(path, json=body, headers=key)
        assert (again.status_code, again.json()["code"]) == (409, "answer_not_kept")
        assert "shown once" not in again.text


@pytest.mark.asyncio
async def test_a_form_is_the_same_whatever_its_boundary(admin: httpx.AsyncClient) -> None:
    async def send(content: bytes, boundary: str) -> httpx.Response:
        headers = {**KEY, "Content-Type": f"multipart/form-data; boundary={boundary}"}
        return await admin.post("/v1/test-uploads", files={"file": ("a.jpg", content)}, headers=headers)

    first, again, other = await send(b"abc", "one"), await send(b"abc", "two"), await send(b"abd", "three")
    assert [answer.status_code for answer in (first, again, other)] == [201, 201, 422]
    assert again.json() == {"size": 3}
    assert again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("key", ["", " ", "a b", "ü", "x" * 256])
@pytest.mark.asyncio
async def test_a_key_that_is_none_is_refused(admin: httpx.AsyncClient, database: Database, key: str) -> None:
    answer = await admin.post(GROUPS, json={"name": "one"}, headers={b"Idempotency-Key": key.encode()})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert await _keys(database) == 0


async def _age(database: Database) -> None:
    async with database.session(MAINTENANCE) as session:
        older = func.now() - text("interval '25 hours'")
        await session.execute(update(IdempotencyKey).values(created_at=older))


@pytest.mark.asyncio
async def test_a_key_lives_for_a_day(admin: httpx.AsyncClient, database: Database) -> None:
    await admin.post(GROUPS, json={"name": "one"}, headers=KEY)
    await _age(database)
    assert "Idempotent-Replayed" not in (await admin.post(GROUPS, json={"name": "two"}, headers=KEY)).headers
    await _age(database)
    async with database.session(MAINTENANCE) as session:
        assert await idempotency.purge(session) == 1
    assert await _keys(database) == 0


@pytest.mark.asyncio
async def test_answers_about_a_subject_go_with_the_subject(
    admin: httpx.AsyncClient, database: Database, own_database: DatabaseAddress, world: World
) -> None:
    for name in (f"about {world.guest.id}", "about nobody"):
        await admin.post(GROUPS, json={"name": name}, headers={"Idempotency-Key": name.replace(" ", "-")})
    assert await _keys(database) == 2
    statement = f"DELETE FROM subjects WHERE id = '{world.guest.id}'"  # noqa: S608 - an id of ours
    await execute_as_admin(own_database.admin_dsn, statement)
    assert await _keys(database) == 1
