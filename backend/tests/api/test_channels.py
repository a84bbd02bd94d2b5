"""Notification channels: secrets stay in, tests really go out, and only where they may."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from email.message import Message
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from aiosmtpd.handlers import Message as MessageHandler
from aiosmtpd.smtp import SMTP
from fastapi import FastAPI
from sqlalchemy import text

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database, Role
from tests.api.conftest import SignIn, World

PATH = "/v1/alerts/channels"
SECRET = "whsec_of_a_test_only"
EMAIL = {"kind": "email", "name": "Guards", "recipients": ["guard@example.org", "boss@example.org"]}


def _webhook(url: str = "https://hooks.example.org/T0/s3cret-path") -> dict[str, Any]:
    return {"kind": "webhook", "name": "Ops", "url": url, "secret": SECRET}


class Hook:
    """A web server that keeps what it is sent and answers as it is told."""

    def __init__(self) -> None:
        self.status = 204
        self.heads: list[str] = []
        self.bodies: list[bytes] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(int(line[15:]) for line in head.lower().split("\r\n") if line.startswith("content-length:"))
        self.heads.append(head)
        self.bodies.append(await reader.readexactly(length))
        place = "Location: http://127.0.0.1/\r\n" if self.status == 302 else ""
        writer.write(f"HTTP/1.1 {self.status} X\r\n{place}Content-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@pytest_asyncio.fixture
async def hook() -> AsyncIterator[Hook]:
    made = Hook()
    server = await asyncio.start_server(made.serve, "127.0.0.1")
    made.url = f"http://localhost:{server.sockets[0].getsockname()[1]}/in?token=s3cret-path"
    yield made
    server.close()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Loopback is open, for the web server of these tests."""
    open_here = settings.notifications.model_copy(update={"allowed_networks": "127.0.0.0/8, ::1/128"})
    return settings.model_copy(update={"notifications": open_here})


@pytest.mark.asyncio
async def test_a_channel_from_its_beginning_to_its_end(sign_in: SignIn, world: World, database: Database) -> None:
    admin = await sign_in(Role.ADMIN)
    made = await admin.post(PATH, json=_webhook())
    channel, where = made.json(), made.headers["location"]
    assert (made.status_code, channel["host"], channel["has_secret"]) == (201, "hooks.example.org", True)
    assert (channel["recipients"], channel["include_pictures"]) == ([], False)
    assert (await admin.post(PATH, json=_webhook())).status_code == 409
    kept = {"kind": "webhook", "name": "Ops 2", "is_active": False}
    changed = await admin.put(where, json=kept, headers={"If-Match": made.headers["etag"]})
    assert (changed.status_code, changed.json()["has_secret"], changed.json()["host"]) == (200, True, channel["host"])
    stale = await admin.put(where, json=kept, headers={"If-Match": made.headers["etag"]})
    assert stale.status_code == 412
    other_kind = await admin.put(where, json=EMAIL, headers={"If-Match": "*"})
    assert other_kind.status_code == 422
    mail = await admin.post(PATH, json=EMAIL)
    assert (mail.json()["recipients"], mail.json()["has_secret"]) == (EMAIL["recipients"], False)
    names = [one["name"] for one in (await admin.get(PATH)).json()["items"]]
    assert names == ["Guards", "Ops 2"]
    for answer in (made, changed, await admin.get(where), await admin.get(PATH)):
        assert SECRET not in answer.text
        assert "s3cret-path" not in answer.text
    async with database.session(SYSTEM) as session:
        for table in ("notification_channels", "audit_payloads"):
            whole = await session.scalar(text(f"SELECT string_agg(t::text, ' ') FROM {table} t"))  # noqa: S608
            assert SECRET.encode().hex() not in whole
            assert SECRET not in whole
            assert "s3cret-path" not in whole
    assert (await admin.delete(where)).status_code == 204
    assert (await admin.get(where)).status_code == 404
    assert (await admin.delete(where)).status_code == 404


@pytest.mark.asyncio
async def test_a_kept_password_goes_to_no_other_broker(sign_in: SignIn, world: World) -> None:
    admin = await sign_in(Role.ADMIN)
    broker = {"kind": "mqtt", "name": "Home", "host": "broker.example.org", "username": "sightline"}
    where = (await admin.post(PATH, json={**broker, "password": SECRET})).headers["location"]
    elsewhere = {**broker, "host": "elsewhere.example.org"}
    anyone = {"If-Match": "*"}
    for change in (elsewhere, {**broker, "port": 1884}):
        refused = await admin.put(where, json=change, headers=anyone)
        assert (refused.status_code, "another broker" in refused.text) == (422, True), refused.text
    assert (await admin.put(where, json={**broker, "name": "House"}, headers=anyone)).json()["has_secret"] is True
    moved = await admin.put(where, json={**elsewhere, "password": "another"}, headers=anyone)
    assert (moved.status_code, moved.json()["has_secret"]) == (200, True)
    without = await admin.put(where, json={**broker, "username": None}, headers=anyone)
    assert (without.status_code, without.json()["has_secret"]) == (200, False)


@pytest.mark.asyncio
async def test_a_channel_that_a_rule_names_stays(sign_in: SignIn, world: World) -> None:
    admin = await sign_in(Role.ADMIN)
    made = await admin.post(PATH, json=EMAIL)
    rule = await admin.post("/v1/alerts/rules", json={"name": "n", "channel_ids": [made.json()["id"]]})
    assert (await admin.delete(made.headers["location"])).json()["code"] == "conflict"
    await admin.delete(rule.headers["location"])
    assert (await admin.delete(made.headers["location"])).status_code == 204


@pytest.mark.asyncio
async def test_the_button_really_sends_and_signs(sign_in: SignIn, world: World, hook: Hook) -> None:
    admin = await sign_in(Role.ADMIN)
    where = (await admin.post(PATH, json=_webhook(hook.url))).headers["location"]
    went = (await admin.post(f"{where}/test")).json()
    assert (went["delivered"], went["detail"]) == (True, "the server answered 204")
    (body,), (head,) = hook.bodies, hook.heads
    event = json.loads(body)
    assert (event["type"], event["id"]) == ("channel.test", went["delivery_id"])
    signed = next(line for line in head.split("\r\n") if line.lower().startswith("sightline-signature:"))
    seconds, digest = (part.partition("=")[2] for part in signed.partition(":")[2].strip().split(","))
    assert digest == hmac.new(SECRET.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    hook.status = 302
    refused = (await admin.post(f"{where}/test")).json()
    assert (refused["delivered"], "302" in refused["detail"]) == (False, True)
    deliveries = (await admin.get(f"{where}/deliveries")).json()["items"]
    assert [(one["status"], one["is_test"], one["alert_id"]) for one in deliveries] == [
        ("failed", True, None),
        ("delivered", True, None),
    ]
    failed = (await admin.get(f"{where}/deliveries", params={"status": "failed"})).json()["items"]
    assert [one["last_error"] for one in failed] == [refused["detail"]]
    assert "s3cret-path" not in json.dumps([went, refused, deliveries])


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest/meta-data", "http://[fe80::1]/", "http://0.0.0.0:1/", "http://10.0.0.1/x"]
)
async def test_a_webhook_never_leads_to_metadata_or_an_unnamed_network(sign_in: SignIn, world: World, url: str) -> None:
    admin = await sign_in(Role.ADMIN)
    where = (await admin.post(PATH, json=_webhook(url))).headers["location"]
    went = (await admin.post(f"{where}/test")).json()
    assert (went["delivered"], "must not go to" in went["detail"]) == (False, True)


class Inbox(MessageHandler):
    """Keeps mails."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.mails.append(message)


@pytest.mark.asyncio
async def test_a_mail_arrives_and_shows_no_other_recipient(
    app: FastAPI, sign_in: SignIn, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, inbox = await sign_in(Role.ADMIN), Inbox()
    where = (await admin.post(PATH, json=EMAIL)).headers["location"]
    unset = (await admin.post(f"{where}/test")).json()
    assert (unset["delivered"], "no mail server" in unset["detail"]) == (False, True)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(inbox, loop=loop), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    opened = app.state.resources.settings
    smtp = opened.smtp.model_copy(update={"host": "127.0.0.1", "port": port, "security": "none"})
    monkeypatch.setattr(opened, "smtp", smtp)
    went = (await admin.post(f"{where}/test")).json()
    server.close()
    await server.wait_closed()
    assert (went["delivered"], went["detail"]) == (True, "told 2 recipients at the mail server")
    (mail,) = inbox.mails
    assert mail["X-RcptTo"] == "guard@example.org, boss@example.org"
    assert (mail["To"], mail["Subject"], mail["Auto-Submitted"]) == (
        "undisclosed-recipients:;", "Sightline: test", "auto-generated"
    )  # fmt: skip
    gone = (await admin.post(f"{where}/test")).json()
    assert (gone["delivered"], "mail server did not take it" in gone["detail"]) == (False, True)


BAD = [
    {}, {"kind": "pigeon", "name": "n"}, {"kind": "sms", "name": "n"}, {"kind": "email", "name": "n"},
    {**EMAIL, "recipients": []},
    {**EMAIL, "recipients": ["nobody"]}, {**EMAIL, "recipients": ["a@example.org\r\nBcc: b@example.org"]},
    {**EMAIL, "recipients": ["a@example.org"] * 51}, {**EMAIL, "name": "n\0"}, {**EMAIL, "name": ""},
    {**EMAIL, "url": "https://example.org"}, {**EMAIL, "include_pictures": "maybe"},
    {"kind": "webhook", "name": "n"}, {**_webhook(), "secret": None}, {**_webhook(), "url": None},
    {**_webhook(), "secret": "short"}, {**_webhook(), "secret": "n" * 20 + "\0"},
    _webhook("file:///etc/passwd"), _webhook("gopher://x/"), _webhook("https://user:pw@example.org/"),
    _webhook("https://"), _webhook("https://exa mple.org"), _webhook("x" * 2001), _webhook("https://e.org/\r\nX: y"),
]  # fmt: skip


@pytest.mark.asyncio
async def test_nonsense_is_refused_and_not_repeated(sign_in: SignIn, world: World) -> None:
    admin = await sign_in(Role.ADMIN)
    for body in BAD:
        answer = await admin.post(PATH, json=body)
        assert answer.status_code == 422, body
        assert SECRET not in answer.text
    assert (await admin.get(PATH)).json()["items"] == []


@pytest.mark.asyncio
@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER, Role.AUDITOR])
async def test_channels_are_for_administrators(sign_in: SignIn, world: World, role: Role) -> None:
    where = (await (await sign_in(Role.ADMIN)).post(PATH, json=EMAIL)).headers["location"]
    other: httpx.AsyncClient = await sign_in(role)
    for answer in (
        await other.get(PATH), await other.post(PATH, json=EMAIL), await other.get(where), await other.delete(where),
        await other.put(where, json=EMAIL, headers={"If-Match": "*"}), await other.post(f"{where}/test"),
        await other.get(f"{where}/deliveries"), await other.get(f"{PATH}/{uuid4()}"),
    ):  # fmt: skip
        assert answer.status_code == 403
