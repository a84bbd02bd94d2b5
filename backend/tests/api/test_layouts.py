"""Saved layouts: one's own, shared with others, small, and never overwritten unseen."""

from typing import Any
from uuid import uuid4

import pytest

from sightline.core.database import Role
from tests.api.conftest import SignIn, World

PATH = "/v1/layouts"
BODY: dict[str, Any] = {"name": "Night", "kind": "live", "content": {"columns": 3, "tiles": [{"x": 1.5}, None, "ü"]}}


@pytest.mark.asyncio
async def test_a_layout_from_its_beginning_to_its_end(sign_in: SignIn, world: World) -> None:
    viewer = await sign_in(Role.VIEWER)
    made = await viewer.post(PATH, json=BODY)
    layout, where = made.json(), made.headers["location"]
    assert (made.status_code, layout["content"], layout["is_own"]) == (201, BODY["content"], True)
    assert layout["owner_name"] == "viewer"
    assert (await viewer.post(PATH, json={**BODY, "name": "NIGHT"})).status_code == 409
    assert (await viewer.post(PATH, json={**BODY, "kind": "dashboard"})).status_code == 201
    assert (await viewer.put(where, json=BODY)).status_code == 428
    body = {**BODY, "content": {}}
    changed = await viewer.put(where, json=body, headers={"If-Match": made.headers["etag"]})
    assert (changed.status_code, changed.json()["content"]) == (200, {})
    assert (await viewer.put(where, json=BODY, headers={"If-Match": made.headers["etag"]})).status_code == 412
    assert (await viewer.get(where)).json()["content"] == {}
    assert len((await viewer.get(PATH, params={"kind": "live"})).json()["items"]) == 1
    assert (await viewer.delete(where)).status_code == 204
    for gone in (viewer.get(where), viewer.delete(where), viewer.put(where, json=BODY, headers={"If-Match": "*"})):
        assert (await gone).status_code == 404


@pytest.mark.asyncio
async def test_others_see_what_is_shared_and_change_nothing(sign_in: SignIn, world: World) -> None:
    operator, admin = await sign_in(Role.OPERATOR), await sign_in(Role.ADMIN)
    secret = (await operator.post(PATH, json=BODY)).headers["location"]
    shared = (await operator.post(PATH, json={**BODY, "name": "a", "is_shared": True})).headers["location"]
    assert (await admin.get(secret)).status_code == 404
    seen = (await admin.get(shared)).json()
    assert (seen["is_own"], seen["owner_name"]) == (False, "operator")
    assert [one["name"] for one in (await admin.get(PATH)).json()["items"]] == ["a"]
    assert (await admin.get(PATH, params={"own": True})).json()["items"] == []
    for path, code in ((secret, 404), (shared, 403)):
        assert (await admin.delete(path)).status_code == code
        assert (await admin.put(path, json=BODY, headers={"If-Match": "*"})).status_code == code
    assert (await operator.get(shared)).json()["name"] == "a"
    auditor = await sign_in(Role.AUDITOR)
    assert (await auditor.get(PATH)).status_code == 403
    assert (await auditor.post(PATH, json=BODY)).status_code == 403


@pytest.mark.asyncio
async def test_one_default_per_screen(sign_in: SignIn, world: World) -> None:
    viewer, operator = await sign_in(Role.VIEWER), await sign_in(Role.OPERATOR)
    await operator.post(PATH, json={**BODY, "is_default": True, "is_shared": True})
    for name, kind in (("a", "live"), ("b", "live"), ("c", "dashboard")):
        body = {**BODY, "name": name, "kind": kind, "is_default": True}
        assert (await viewer.post(PATH, json=body)).status_code == 201
    mine = (await viewer.get(PATH, params={"own": True})).json()["items"]
    assert [(one["name"], one["is_default"]) for one in mine] == [("a", False), ("b", True), ("c", True)]
    others = [one for one in (await viewer.get(PATH)).json()["items"] if not one["is_own"]]
    assert [one["is_default"] for one in others] == [True]


@pytest.mark.asyncio
async def test_pages_by_name(sign_in: SignIn, world: World) -> None:
    viewer = await sign_in(Role.VIEWER)
    for name in ("b", "A", "ß", "c"):
        await viewer.post(PATH, json={**BODY, "name": name})
    names: list[str] = []
    cursor = None
    while True:
        page = (await viewer.get(PATH, params={"limit": 1} | ({"cursor": cursor} if cursor else {}))).json()
        names += [one["name"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(names) == sorted(["A", "b", "c", "ß"])
    assert names[:3] == ["A", "b", "c"]


def _nested(depth: int) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for _ in range(depth - 1):
        content = {"a": content}
    return content


@pytest.mark.asyncio
async def test_large_deep_and_odd_ones_are_refused(sign_in: SignIn, world: World) -> None:
    viewer = await sign_in(Role.VIEWER)
    assert (await viewer.post(PATH, json={**BODY, "content": _nested(8)})).status_code == 201
    odd: list[dict[str, Any]] = [
        {"content": _nested(9)}, {"content": {"a": "x" * 16384}}, {"content": {"a": "\0"}}, {"content": {"\0": 1}},
        {"content": []}, {"content": None}, {"content": "x"}, {"kind": "other"}, {"name": ""}, {"name": "\0"},
        {"name": "x" * 101}, {"user_id": str(uuid4())}, {"is_default": "perhaps"},
    ]  # fmt: skip
    for changes in odd:
        answer = await viewer.post(PATH, json={**BODY, "name": "n", **changes})
        assert answer.status_code == 422, changes
    for raw in ('{"name":"n","kind":"live","content":{"a":NaN}}', '{"name":"n","kind":"live","content":{"a":1e999}}'):
        answer = await viewer.post(PATH, content=raw, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422, raw
    assert len((await viewer.get(PATH)).json()["items"]) == 1
