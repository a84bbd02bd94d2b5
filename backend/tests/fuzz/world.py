"""One record of every noun, so that a fuzzer does not only hear that something is absent."""

import base64
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sightline.core.database import SYSTEM, WORKER, Database, Role
from sightline.models import Camera, CameraGroup, Subject, User
from sightline.services import sightings
from tests.api.conftest import PASSWORD
from tests.factories import CameraGroupBody, RuleBody, UserBody
from tests.support.database import add_camera, add_subject, add_watchlist, matched, track_record

SEVERAL = 3
"""Records of a noun: one may be deleted while others are still asked for."""

Ids = dict[str, list[str]]
"""By parameter of a path, camera_id for example."""


@dataclass(frozen=True)
class Made:
    """What only the database can be told."""

    cameras: list[Camera]
    subjects: list[Subject]


async def furnish(database: Database, hashed: str) -> None:
    """An administrator, cameras, enrolled subjects on a watchlist, sightings and the alerts that follow from them."""
    async with database.session(SYSTEM) as session:
        session.add(User(username="admin", hashed_password=hashed, role=Role.ADMIN.value))
        group = CameraGroup(name="vaults")
        session.add(group)
        await session.flush()
        watchlist = await add_watchlist(session)
        made = Made(
            [await add_camera(session, group_id=group.id if number else None) for number in range(SEVERAL)],
            [await add_subject(session, watchlist, seed=number + 1) for number in range(SEVERAL)],
        )
    await _seen(database, made)


async def _seen(database: Database, made: Made) -> None:
    now = datetime.now(UTC)
    tracks = [
        track_record(
            camera,
            match=matched(subject, 0.62),
            first_seen=now - timedelta(minutes=number + 1),
            last_seen=now - timedelta(minutes=number),
        )
        for number, (camera, subject) in enumerate(zip(made.cameras, made.subjects, strict=True))
    ]
    async with database.session(WORKER) as session:
        await sightings.record_tracks(session, tracks=tracks)


def settle(client: httpx.Client) -> Ids:
    """Make over HTTP what is missing, and list everything's ids."""
    made = {name: [_created(client, path, body(number)) for number in range(SEVERAL)] for name, path, body in NOUNS}
    erased = _created(client, "/v1/subjects", {"name": "Somebody who goes"})
    client.delete(f"/v1/subjects/{erased}", headers={"If-Match": "*"}).raise_for_status()
    listed = {name: [str(item["id"]) for item in _items(client, path)] for name, path in LISTS.items()}
    member = client.get(f"/v1/users/{made['user_id'][0]}").json()["username"]
    login = client.post("/v1/auth/login", json={"username": member, "password": PASSWORD})
    made["session_id"] = [str(login.raise_for_status().json()["session_id"])]
    subject = listed["subject_id"][0]
    listed["image_id"] = [item["id"] for item in _items(client, f"/v1/subjects/{subject}/images")]
    return {**listed, **made}


def _created(client: httpx.Client, path: str, body: dict[str, Any]) -> str:
    answer = client.post(path, json=body)
    assert answer.is_success, f"{path}: {answer.text}"
    return str(answer.json()["id"])


def _items(client: httpx.Client, path: str) -> Sequence[dict[str, Any]]:
    found: Sequence[dict[str, Any]] = client.get(path).raise_for_status().json()["items"]
    return found


def _key(number: int) -> dict[str, Any]:
    expires = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    return {"name": f"gate {number}", "scopes": ["read_cameras"], "expires_at": expires}


def _subscription(number: int) -> dict[str, Any]:
    point = generate_private_key(SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    keys = {"p256dh": _base64url(point), "auth": _base64url(os.urandom(16))}
    return {"endpoint": f"https://push.example.com/send/{number}", "keys": keys}


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


NOUNS: tuple[tuple[str, str, Callable[[int], dict[str, Any]]], ...] = (
    ("user_id", "/v1/users", lambda _: UserBody.new(password=PASSWORD)),
    ("group_id", "/v1/camera-groups", lambda _: CameraGroupBody.new()),
    ("rule_id", "/v1/alerts/rules", lambda _: RuleBody.new()),
    ("key_id", "/v1/api-keys", _key),
    ("layout_id", "/v1/layouts", lambda number: {"name": f"layout {number}", "kind": "live", "content": {}}),
    (
        "channel_id",
        "/v1/alerts/channels",
        lambda number: {"kind": "email", "name": f"guards {number}", "recipients": ["guards@example.org"]},
    ),
    ("subscription_id", "/v1/push/subscriptions", _subscription),
    ("job_id", "/v1/subjects/export", lambda _: {}),
)
LISTS = {
    "camera_id": "/v1/cameras",
    "subject_id": "/v1/subjects",
    "watchlist_id": "/v1/watchlists",
    "sighting_id": "/v1/sightings",
    "alert_id": "/v1/alerts",
    "entry_id": "/v1/audit",
    "erasure_id": "/v1/erasures",
}
