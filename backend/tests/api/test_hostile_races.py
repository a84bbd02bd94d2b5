"""Two who act at the same moment, deletions of what is in use, pages beyond the end: nothing is lost or half done."""

import asyncio
from itertools import count
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database, Role
from tests.api.conftest import SignIn, World
from tests.api.conftest import settings as usual_settings  # noqa: F401 - a fixture that ours builds on
from tests.factories import CameraBody, CameraGroupBody, RuleBody, SubjectBody, UserBody, WatchlistBody
from tests.support.limits import with_limits

_numbers = count()


def _layout() -> dict[str, Any]:
    return {"name": f"Night {next(_numbers)}", "kind": "live", "content": {}}


def _channel() -> dict[str, Any]:
    return {"name": f"Guards {next(_numbers)}", "kind": "email", "recipients": ["guards@example.org"]}


def _user() -> dict[str, Any]:
    return {"role": "viewer", "email": f"viewer-{next(_numbers)}@example.org"}


EDITABLE: dict[str, tuple[Any, Any]] = {
    "/v1/cameras": (CameraBody.new, CameraBody.new),
    "/v1/camera-groups": (CameraGroupBody.new, CameraGroupBody.new),
    "/v1/watchlists": (WatchlistBody.new, WatchlistBody.new),
    "/v1/subjects": (SubjectBody.new, SubjectBody.new),
    "/v1/alerts/rules": (RuleBody.new, RuleBody.new),
    "/v1/alerts/channels": (_channel, _channel),
    "/v1/layouts": (_layout, _layout),
    "/v1/users": (UserBody.new, _user),
}
"""Of each noun: what makes one, and what replaces it."""


@pytest.fixture
def settings(usual_settings: Settings) -> Settings:  # noqa: F811
    return with_limits(usual_settings)


@pytest.mark.asyncio
async def test_of_two_changes_at_once_one_counts_and_the_other_is_told(sign_in: SignIn) -> None:
    one, two = await sign_in(Role.ADMIN), await sign_in(Role.ADMIN)
    for noun, (new, changed) in EDITABLE.items():
        made = await one.post(noun, json=new())
        assert made.status_code == 201, (noun, made.text)
        where, version = made.headers["location"], {"If-Match": made.headers["etag"]}
        answers = await asyncio.gather(
            *(browser.put(where, json=changed(), headers=version) for browser in (one, two, one, two))
        )
        assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412], noun
        kept = next(answer for answer in answers if answer.status_code == 200)
        assert (await two.get(where)).headers["etag"] == kept.headers["etag"], noun


@pytest.mark.asyncio
async def test_of_two_deletions_at_once_one_is_told_that_it_is_gone(sign_in: SignIn) -> None:
    one, two = await sign_in(Role.ADMIN), await sign_in(Role.ADMIN)
    for noun, (new, _) in EDITABLE.items():
        if noun == "/v1/subjects":
            continue  # an erasure of its own, with a receipt
        where = (await one.post(noun, json=new())).headers["location"]
        headers = {"If-Match": "*"}
        answers = await asyncio.gather(one.delete(where, headers=headers), two.delete(where, headers=headers))
        assert sorted(answer.status_code for answer in answers) == [204, 404], noun
        assert (await one.get(where)).status_code == 404, noun


@pytest.mark.asyncio
async def test_a_change_and_a_deletion_at_once_leave_one_of_both(sign_in: SignIn) -> None:
    one, two = await sign_in(Role.ADMIN), await sign_in(Role.ADMIN)
    for noun, (new, changed) in EDITABLE.items():
        if noun == "/v1/subjects":
            continue
        made = await one.post(noun, json=new())
        where, version = made.headers["location"], {"If-Match": made.headers["etag"]}
        put, deleted = await asyncio.gather(
            one.put(where, json=changed(), headers=version), two.delete(where, headers={"If-Match": "*"})
        )
        assert (put.status_code, deleted.status_code) in {(200, 204), (404, 204)}, (noun, put.text, deleted.text)
        assert (await one.get(where)).status_code == 404, noun


@pytest.mark.asyncio
async def test_the_same_name_twice_at_once_is_taken_once(sign_in: SignIn) -> None:
    one, two = await sign_in(Role.ADMIN), await sign_in(Role.ADMIN)
    for noun, new in (
        ("/v1/users", UserBody),
        ("/v1/camera-groups", CameraGroupBody),
        ("/v1/watchlists", WatchlistBody),
    ):
        body = new.new()
        answers = await asyncio.gather(one.post(noun, json=body), two.post(noun, json=body))
        assert sorted(answer.status_code for answer in answers) == [201, 409], noun


async def _rows(database: Database) -> dict[str, int]:
    tables = ("cameras", "camera_groups", "watchlists", "subjects", "alerts", "sightings", "alert_rules")
    async with database.session(SYSTEM) as session:
        return {name: await session.scalar(text(f"SELECT count(*) FROM {name}")) for name in tables}  # noqa: S608


@pytest.mark.asyncio
async def test_what_is_in_use_stays(sign_in: SignIn, world: World, database: Database) -> None:
    admin = await sign_in(Role.ADMIN)
    before = await _rows(database)
    paths = [f"/v1/camera-groups/{world.vault.group_id}", f"/v1/watchlists/{world.guest.watchlist_id}"]
    guards = (await admin.post("/v1/alerts/channels", json=_channel())).json()["id"]
    assert (await admin.post("/v1/alerts/rules", json=RuleBody.new(channel_ids=[guards]))).status_code == 201
    paths.append(f"/v1/alerts/channels/{guards}")
    before["alert_rules"] += 1
    for path in paths:
        refused = await admin.delete(path, headers={"If-Match": "*"})
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict"), (path, refused.text)
        assert refused.json()["hint"], path
    assert await _rows(database) == before


LISTS = ("/v1/cameras", "/v1/subjects", "/v1/watchlists", "/v1/users", "/v1/layouts", "/v1/alerts/rules")


@pytest.mark.asyncio
async def test_behind_the_end_is_an_empty_page(app: FastAPI, sign_in: SignIn, world: World) -> None:
    admin = await sign_in(Role.ADMIN)
    for noun in LISTS:
        new = EDITABLE[noun][0]
        made = [
            (await admin.post(noun, json={**new(), "name": f"zz {n}"} if noun != "/v1/users" else new()))
            for n in (1, 2)
        ]
        if noun == "/v1/layouts":
            made = [*made, await admin.post(noun, json=_layout())]
        assert all(answer.status_code == 201 for answer in made), noun
        seen = await _until_the_last(admin, noun)
        rest = [item["id"] for item in (await admin.get(noun, params={"limit": 200})).json()["items"]]
        assert seen[1] == rest[:-1], noun
        await admin.delete(f"{noun}/{rest[-1]}", headers={"If-Match": "*"})
        behind = (await admin.get(noun, params={"limit": 1, "cursor": seen[0]})).json()
        assert (behind["items"], behind["next"]) == ([], None), noun


async def _until_the_last(client: httpx.AsyncClient, noun: str) -> tuple[str, list[str]]:
    """The cursor of the last page, and the ids of those before."""
    ids: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(noun, params=params)).json()
        following = page["next"]
        if following is None:
            assert cursor is not None
            return cursor, ids
        ids += [item["id"] for item in page["items"]]
        cursor = following
