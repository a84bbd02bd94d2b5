"""Links in notifications: a page with a button for who holds one, nothing for anybody else, and once only."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import text

from sightline.core.database import SYSTEM, Database, Role
from sightline.services import acknowledge_links, events
from sightline.services.events import EventKind
from tests.api.conftest import SignIn, World, client_of

pytestmark = pytest.mark.asyncio
FORM = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
"""What a browser sends with the page's form, which has no fields."""


class Delivered:
    """A notification of the world's one alert."""

    def __init__(self, app: FastAPI, alert_id: UUID, delivery_id: UUID) -> None:
        self.app, self.alert_id, self.delivery_id = app, alert_id, delivery_id

    def link(self, *, age: timedelta = timedelta(), delivery_id: UUID | None = None) -> str:
        return acknowledge_links.link(
            self.app.state.resources.acknowledge_keys,
            "",
            alert_id=self.alert_id,
            delivery_id=delivery_id or self.delivery_id,
            now=datetime.now(UTC) - age,
        )


@pytest_asyncio.fixture
async def delivered(app: FastAPI, world: World, database: Database) -> Delivered:
    async with database.session(SYSTEM) as session:
        statement = text(
            "WITH channel AS (INSERT INTO notification_channels (name, kind) VALUES ('Night <shift>', 'email')"
            " RETURNING id) INSERT INTO notification_outbox (alert_id, channel_id)"
            " SELECT a.id, c.id FROM alerts a, channel c RETURNING alert_id, id"
        )
        alert_id, delivery_id = (await session.execute(statement)).one()
    return Delivered(app, alert_id, delivery_id)


@pytest_asyncio.fixture
async def phone(app: FastAPI) -> httpx.AsyncClient:
    """Somebody who is not logged in."""
    return client_of(app)


async def _alert(sign_in: SignIn, alert_id: UUID) -> dict[str, object]:
    found: dict[str, object] = (await (await sign_in(Role.ADMIN)).get(f"/v1/alerts/{alert_id}")).json()
    return found


async def test_looking_changes_nothing_however_often(
    phone: httpx.AsyncClient, delivered: Delivered, sign_in: SignIn
) -> None:
    before = await _alert(sign_in, delivered.alert_id)
    for method in ("GET", "HEAD", "GET"):
        assert (await phone.request(method, delivered.link())).status_code == 200
    assert await _alert(sign_in, delivered.alert_id) == before


async def test_the_page_tells_no_name_shows_no_picture_and_loads_nothing(
    phone: httpx.AsyncClient, delivered: Delivered, world: World, database: Database
) -> None:
    async with database.session(SYSTEM) as session:
        await session.execute(text("UPDATE cameras SET name = '<script>alert(1)</script> & co' WHERE name = 'Lobby'"))
    page = await phone.get(delivered.link())
    assert '<form method="post"><button>' in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in page.text
    assert world.guest.name not in page.text
    assert "list " not in page.text
    assert re.findall(r"<(?:script|img|link|iframe)|https?://", page.text) == []
    assert page.headers["cache-control"] == "no-store"
    assert "script-src" not in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "same-origin"


async def test_the_button_acknowledges_once(
    phone: httpx.AsyncClient, delivered: Delivered, sign_in: SignIn, app: FastAPI, database: Database
) -> None:
    pressed = await phone.post(delivered.link(), headers=FORM)
    assert (pressed.status_code, "Acknowledged" in pressed.text) == (200, True)
    again = await phone.post(delivered.link(), headers=FORM)
    assert (again.status_code, "works once" in again.text) == (200, True)
    assert "<form" not in (await phone.get(delivered.link())).text
    alert = await _alert(sign_in, delivered.alert_id)
    assert (alert["status"], alert["acknowledged_by"]) == ("acknowledged", None)
    assert [(event["kind"], event["user_id"], event["channel"]) for event in alert["history"]] == [  # type: ignore[attr-defined]
        ("acknowledged", None, "Night <shift>")
    ]
    told = events.entries(events.rows(await app.state.resources.redis.xrange(events.STREAM)))[0]
    assert [entry.event.id for entry in told if entry.event.kind is EventKind.ALERT] == [delivered.alert_id]
    async with database.session(SYSTEM) as session:
        written = await session.execute(
            text("SELECT action, host(ip_address) FROM audit_entries WHERE table_name = 'alert_events'")
        )
        assert [tuple(row) for row in written] == [("INSERT", "192.0.2.10")]


async def test_who_is_late_is_told_so(
    phone: httpx.AsyncClient, delivered: Delivered, sign_in: SignIn, database: Database
) -> None:
    operator = await sign_in(Role.OPERATOR)
    await operator.post(f"/v1/alerts/{delivered.alert_id}/acknowledge")
    late = await phone.post(delivered.link(), headers=FORM)
    assert (late.status_code, "Somebody else" in late.text, "operator" in late.text) == (409, True, False)
    await operator.post(f"/v1/alerts/{delivered.alert_id}/resolve", json={"verdict": "test"})
    closed = await phone.post(delivered.link(), headers=FORM)
    assert (closed.status_code, "closed" in closed.text) == (409, True)
    assert (await phone.get(delivered.link())).status_code == 200
    async with database.session(SYSTEM) as session:
        await session.execute(text("DELETE FROM notification_channels"))
    gone = await phone.get(delivered.link())
    assert (gone.status_code, "no longer there" in gone.text) == (404, True)


async def test_an_alert_that_waits_for_a_second_person_says_so(
    phone: httpx.AsyncClient, delivered: Delivered, sign_in: SignIn, database: Database
) -> None:
    async with database.session(SYSTEM) as session:
        await session.execute(text("UPDATE alerts SET verification = 'pending'"))
    pressed = await phone.post(delivered.link(), headers=FORM)
    assert "second person" in pressed.text
    alert = await _alert(sign_in, delivered.alert_id)
    assert (alert["status"], alert["verification"]) == ("acknowledged", "pending")


async def test_forged_changed_and_ended_links_do_nothing(
    phone: httpx.AsyncClient, delivered: Delivered, sign_in: SignIn
) -> None:
    token = delivered.link().partition("token=")[2]
    path = acknowledge_links.PATH
    hostile = {
        "": 403, "x": 403, "A" * 80: 403, token[:-1]: 403, token[:-4] + "AAAA": 403, token + "AAAA": 403, "%00": 403,
        "%F0%9F%98%80": 403, "..%2F..%2Fetc%2Fpasswd": 403, "A" * 5000: 403, "'%20OR%201=1--": 403,
        delivered.link(age=timedelta(hours=25)).partition("token=")[2]: 410,
        delivered.link(delivery_id=uuid4()).partition("token=")[2]: 404,
    }  # fmt: skip
    for wrong, status in hostile.items():
        for method in ("GET", "POST"):
            answer = await phone.request(method, f"{path}?token={wrong}", headers=FORM)
            assert (answer.status_code, "<form" in answer.text) == (status, False), (wrong, answer.text)
            assert answer.headers["content-type"].startswith("text/html")
    assert (await phone.post(path)).status_code == 403
    assert (await _alert(sign_in, delivered.alert_id))["status"] == "new"


async def test_another_sites_page_cannot_press_the_button(
    phone: httpx.AsyncClient, delivered: Delivered, sign_in: SignIn
) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        assert (await phone.post(delivered.link(), headers=headers)).status_code == 403
    assert (await _alert(sign_in, delivered.alert_id))["status"] == "new"
