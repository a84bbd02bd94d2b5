"""Browsers that are told of alerts: one's own, with real keys, at the address of a push service."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import SecretStr
from sqlalchemy import text

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database, Role
from sightline.services import web_push
from tests.api.conftest import SignIn, World

PATH = "/v1/push/subscriptions"
ENDPOINT = "https://push.example.com/send/capability-of-a-browser"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _subscription(endpoint: str = ENDPOINT, **changes: Any) -> dict[str, Any]:
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    encoded = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    keys = {"p256dh": _base64url(encoded), "auth": _base64url(b"a" * 16)}
    return {"endpoint": endpoint, "expirationTime": None, "keys": keys, **changes}


def test_the_key_stays_the_same_and_is_a_point(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    key = web_push.public_key(settings)
    assert web_push.public_key(settings) == key
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), base64.urlsafe_b64decode(key + "="))
    assert web_push.public_key(Settings(data_dir=tmp_path / "other")) != key
    given = SecretStr(base64.b64encode(b"\xff" * 32).decode())  # beyond the order of the curve
    chosen = settings.notifications.model_copy(update={"push_key": given})
    cluster = settings.model_copy(update={"notifications": chosen, "data_dir": tmp_path / "none"})
    assert web_push.public_key(cluster) == web_push.public_key(cluster)
    assert not (tmp_path / "none").exists()


@pytest.mark.asyncio
async def test_a_browser_subscribes_renews_and_leaves(sign_in: SignIn, world: World, database: Database) -> None:
    viewer = await sign_in(Role.VIEWER)
    assert len((await viewer.get("/v1/push/key")).json()["public_key"]) == 87
    made = await viewer.post(PATH, json=_subscription(device="Front desk", expirationTime=4_102_444_800_000))
    kept = made.json()
    assert (made.status_code, kept["host"], kept["device"]) == (201, "push.example.com", "Front desk")
    assert kept["expires_at"] == "2100-01-01T00:00:00Z"
    again = await viewer.post(PATH, json=_subscription())
    assert (again.json()["id"], again.json()["expires_at"]) == (kept["id"], None)
    listed = await viewer.get(PATH)
    assert [one["id"] for one in listed.json()] == [kept["id"]]
    assert "capability" not in made.text + listed.text
    async with database.session(SYSTEM) as session:
        for table in ("push_subscriptions", "audit_payloads"):
            whole = await session.scalar(text(f"SELECT string_agg(t::text, ' ') FROM {table} t"))  # noqa: S608
            assert "capability" not in whole
    where = made.headers["location"]
    assert (await viewer.delete(where)).status_code == 204
    assert (await viewer.delete(where)).status_code == 404


@pytest.mark.asyncio
async def test_a_browser_belongs_to_whoever_used_it_last(sign_in: SignIn, world: World) -> None:
    viewer, operator, admin = [await sign_in(role) for role in (Role.VIEWER, Role.OPERATOR, Role.ADMIN)]
    first = await viewer.post(PATH, json=_subscription())
    for other in (operator, admin):
        assert (await other.get(PATH)).json() == []
        assert (await other.delete(first.headers["location"])).status_code == 404
    second = await operator.post(PATH, json=_subscription())
    assert second.status_code == 201
    assert (await viewer.get(PATH)).json() == []
    assert len((await operator.get(PATH)).json()) == 1


def _bad() -> Iterator[dict[str, Any]]:
    for endpoint in (
        "http://push.example.com/x", "https://127.0.0.1/x", "https://[::1]/x", "https://localhost/x",
        "https://push.example.com", "https://push.example.com:8443/x", "https://u:p@push.example.com/x",
        "file:///x", "", "x" * 2001, "https://push.example.com/x#y", "https://push.example.com/\0",
    ):  # fmt: skip
        yield _subscription(endpoint)
    good = _subscription()["keys"]
    for keys in (
        {}, {"p256dh": good["p256dh"]}, {**good, "auth": "short"}, {**good, "p256dh": "A" * 87},
        {**good, "p256dh": "!" * 87}, {**good, "more": 1}, None,
    ):  # fmt: skip
        yield _subscription(keys=keys)
    for changes in ({"device": "x" * 101}, {"device": "\0"}, {"expirationTime": -1}, {"expirationTime": 10**18}):
        yield _subscription(**changes)


@pytest.mark.asyncio
async def test_what_no_browser_sends_is_refused(sign_in: SignIn, world: World) -> None:
    viewer = await sign_in(Role.VIEWER)
    for body in _bad():
        answer = await viewer.post(PATH, json=body)
        assert answer.status_code == 422, body
    assert (await viewer.get(PATH)).json() == []
    auditor = await sign_in(Role.AUDITOR)
    assert (await auditor.get("/v1/push/key")).status_code == 403
    assert (await auditor.post(PATH, json=_subscription())).status_code == 403
    assert (await viewer.delete(f"{PATH}/{uuid4()}")).status_code == 404


@pytest.mark.asyncio
async def test_twenty_browsers_are_enough(sign_in: SignIn, world: World) -> None:
    viewer = await sign_in(Role.VIEWER)
    codes = [(await viewer.post(PATH, json=_subscription(f"{ENDPOINT}/{number}"))).status_code for number in range(21)]
    assert codes == [201] * 20 + [409]
