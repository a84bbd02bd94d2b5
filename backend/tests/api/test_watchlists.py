"""Watchlists: none without a basis, an approver and an end; what is in use stays."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from sightline.core.database import SYSTEM, WORKER, Database, Role
from sightline.services import gallery
from tests.api.conftest import SignIn, World
from tests.support.database import MODEL, add_subject, add_watchlist


def _body(**changes: Any) -> dict[str, Any]:
    expires = (datetime.now(UTC) + timedelta(days=90)).isoformat()
    body = {"name": "Banned", "legal_basis": "house rules §4", "approver": "Dana", "expires_at": expires}
    return {**body, **changes}


@pytest.mark.asyncio
async def test_a_list_is_made_read_renewed_and_deleted(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    made = await admin.post("/v1/watchlists", json=_body(name="  Banned ", priority=5))
    assert made.status_code == 201, made.text
    watchlist = made.json()
    assert (watchlist["name"], watchlist["in_force"], watchlist["subjects"]) == ("Banned", True, 0)
    path = made.headers["Location"]
    assert path == f"/v1/watchlists/{watchlist['id']}"
    read = await admin.get(path)
    assert (read.json(), read.headers["ETag"]) == (watchlist, made.headers["ETag"])

    later = (datetime.now(UTC) + timedelta(days=300)).isoformat()
    renewed = await admin.put(path, json=_body(expires_at=later), headers={"If-Match": read.headers["ETag"]})
    assert renewed.status_code == 200, renewed.text
    assert renewed.json()["expires_at"][:10] == later[:10]
    assert renewed.json()["priority"] == 3, "left out: back to its default"
    stale = await admin.put(path, json=_body(), headers={"If-Match": read.headers["ETag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert (await admin.put(path, json=_body())).status_code == 428

    assert (await admin.delete(path)).status_code == 204
    assert (await admin.get(path)).status_code == 404
    assert (await admin.delete(path)).status_code == 404


@pytest.mark.asyncio
@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER, Role.AUDITOR])
async def test_others_read_and_change_nothing(sign_in: SignIn, role: Role) -> None:
    reader = await sign_in(role)
    (watchlist,) = (await reader.get("/v1/watchlists")).json()["items"]
    assert watchlist["subjects"] == 1, "auditors see the number as well"
    path = f"/v1/watchlists/{watchlist['id']}"
    assert (await reader.post("/v1/watchlists", json=_body())).status_code == 403
    assert (await reader.put(path, json=_body(), headers={"If-Match": "*"})).status_code == 403
    assert (await reader.delete(path)).status_code == 403
    assert (await reader.get(path)).json() == watchlist


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "change",
    [
        {"legal_basis": " "},
        {"approver": ""},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"expires_at": "2999-01-01T00:00:00Z"},
        {"expires_at": "2027-01-01T00:00:00"},
        {"review_date": "2999-01-01"},
        {"priority": 6},
        {"priority": "high"},
        {"color": "red"},
        {"name": "\x00"},
        {"name": "x" * 101},
        {"unknown": 1},
        {"name": None},
    ],
)
async def test_what_a_list_must_have_cannot_be_left_out(sign_in: SignIn, change: dict[str, Any]) -> None:
    admin = await sign_in(Role.ADMIN)
    refused = await admin.post("/v1/watchlists", json=_body(**change))
    assert refused.status_code == 422, refused.text
    assert (await admin.get("/v1/watchlists", params={"total": True})).json()["total"] == 1, "only the world's"


@pytest.mark.asyncio
async def test_a_name_is_taken_once_in_whatever_case(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    assert (await admin.post("/v1/watchlists", json=_body())).status_code == 201
    again = await admin.post("/v1/watchlists", json=_body(name="BANNED"))
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


@pytest.mark.asyncio
async def test_a_list_that_somebody_is_on_cannot_be_deleted(sign_in: SignIn, world: World) -> None:
    admin = await sign_in(Role.ADMIN)
    path = f"/v1/watchlists/{world.guest.watchlist_id}"
    refused = await admin.delete(path)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert (await admin.get(path)).json()["subjects"] == 1


@pytest.mark.asyncio
async def test_lists_are_filtered_sorted_and_paged(sign_in: SignIn, database: Database, world: World) -> None:
    admin = await sign_in(Role.ADMIN)
    for number in range(5):
        await admin.post("/v1/watchlists", json=_body(name=f"50% list {number}", priority=1 + number))
    async with database.session(SYSTEM) as session:
        await session.execute(text("UPDATE watchlists SET expires_at = now() - interval '1 s' WHERE priority = 1"))
    seen: list[int] = []
    cursor = None
    while True:
        params: dict[str, Any] = {"q": "50% LIST", "sort": "-priority", "limit": 2, "total": True, "cursor": cursor}
        page = (await admin.get("/v1/watchlists", params={k: v for k, v in params.items() if v})).json()
        seen += [item["priority"] for item in page["items"]]
        assert page["total"] == 5
        if (cursor := page["next"]) is None:
            break
    assert seen == [5, 4, 3, 2, 1]
    over = (await admin.get("/v1/watchlists", params={"in_force": False})).json()["items"]
    assert [item["name"] for item in over] == ["50% list 0"]
    assert (await admin.get("/v1/watchlists", params={"sort": "color"})).status_code == 422
    assert (await admin.get("/v1/watchlists/99999999999")).status_code == 422


@pytest.mark.asyncio
async def test_an_expired_list_can_be_edited_without_renewing_it(sign_in: SignIn, database: Database) -> None:
    admin = await sign_in(Role.ADMIN)
    path = (await admin.post("/v1/watchlists", json=_body())).headers["Location"]
    async with database.session(SYSTEM) as session:
        await session.execute(text("UPDATE watchlists SET expires_at = '2026-01-01T00:00:00Z' WHERE name = 'Banned'"))
    edited = await admin.put(
        path,
        json=_body(expires_at="2026-01-01T00:00:00Z", description="kept for the record"),
        headers={"If-Match": "*"},
    )
    assert (edited.status_code, edited.json()["in_force"]) == (200, False)


@pytest.mark.asyncio
@pytest.mark.parametrize("whose", ["watchlists", "subjects"])
async def test_what_expires_stops_matching_by_itself(database: Database, whose: str) -> None:
    """Nothing is written at that moment: workers ask for the fingerprint every second, and load the gallery anew."""
    async with database.session(SYSTEM) as session:
        await add_subject(session, await add_watchlist(session), seed=1)
        await session.execute(text(f"UPDATE {whose} SET expires_at = now() + interval '1 s'"))  # noqa: S608
    async with database.session(WORKER) as session:
        before = await gallery.fingerprint(session, model_version=MODEL)
        assert len(await gallery.load_gallery(session, model_version=MODEL)) == 1
    async with database.session(SYSTEM) as session:
        await session.execute(text("SELECT pg_sleep(1.1)"))
    async with database.session(WORKER) as session:
        assert await gallery.fingerprint(session, model_version=MODEL) != before
        assert len(await gallery.load_gallery(session, model_version=MODEL)) == 0
