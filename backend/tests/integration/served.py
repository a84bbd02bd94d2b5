"""`sightline api` and the maintenance worker as processes on real servers, and what a client of them needs."""

import asyncio
import base64
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, TypeVar
from uuid import UUID, uuid4

import asyncpg
import httpx
import numpy as np
from pydantic import SecretStr

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, WORKER
from sightline.domain.arrays import FloatArray
from sightline.domain.gallery import Candidate, Match
from sightline.models import User
from sightline.services import passwords, sightings
from sightline.services.sightings import MinuteCount, TrackRecord
from sightline.vision.crops import encode_jpeg
from sightline.workers.embedded.machine import child_environment, object_storage
from sightline.workers.embedded.packs import activate_pack, provide_pack
from tests.factories import PASSWORD, UserBody
from tests.support.database import SEALING_KEY, DatabaseAddress, connected
from tests.support.limits import PLENTY, with_limits
from tests.support.machine import BACKEND
from tests.support.ports import free_port
from tests.support.rules import run_rules

JPEG = encode_jpeg(np.full((360, 640, 3), 90, np.uint8))
ADMIN = "admin"
Found = TypeVar("Found")
WAIT = 60.0
"""Seconds that anything may take on a busy machine."""


class Client(httpx.Client):
    """Somebody who calls the API, with an access token or without."""

    def __init__(self, url: str, token: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        super().__init__(base_url=url, headers={**headers, "User-Agent": "integration tests"}, timeout=WAIT)

    def make(self, path: str, body: Mapping[str, Any], **options: Any) -> dict[str, Any]:
        """The record that a POST made."""
        return answered(self.post(path, json=body, **options), 201)

    def read(self, path: str, **params: Any) -> dict[str, Any]:
        """A record or a page."""
        return answered(self.get(path, params=params), 200)

    def all_of(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """A list, page by page."""
        page = self.read(path, **params)
        found: list[dict[str, Any]] = page["items"]
        while page["next"]:
            page = self.read(path, **params, cursor=page["next"])
            found = [*found, *page["items"]]
        return found

    def enrol(self, subject_id: str, picture: Path) -> dict[str, Any]:
        """A picture of a subject."""
        files = {"file": (picture.name, picture.read_bytes(), "image/jpeg")}
        return answered(self.post(f"/v1/subjects/{subject_id}/images", files=files), 201)

    def finished(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """The job once it has ended well."""
        ended = until(lambda: self._ended(job["id"]), f"the job {job['kind']}")
        assert ended["status"] == "done", ended
        return ended

    def _ended(self, job_id: str) -> dict[str, Any] | None:
        job = self.read(f"/v1/jobs/{job_id}")
        return None if job["status"] in {"queued", "running"} else job


def answered(response: httpx.Response, status: int) -> dict[str, Any]:
    """The body of an answer of this status."""
    assert response.status_code == status, f"{response.status_code}: {response.text[:2000]}"
    body: dict[str, Any] = response.json()
    return body


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem."""
    assert response.headers["content-type"] == "application/problem+json", response.text[:500]
    problem = response.json()
    assert problem["request_id"] == response.headers["X-Request-ID"]
    return response.status_code, str(problem["code"])


def until(ask: Callable[[], Found | None], what: str) -> Found:
    """The first thing that is there."""
    deadline = time.monotonic() + WAIT
    while not (found := ask()):
        assert time.monotonic() < deadline, f"waited {WAIT:g} s in vain for {what}"
        time.sleep(0.05)
    return found


@dataclass(frozen=True)
class Served:
    """The running API. database: as superuser, for what no client can do: a camera's frames, a look at the disk."""

    settings: Settings
    database: DatabaseAddress
    staff: dict[str, Client] = field(default_factory=dict)
    opened: list[Client] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.api.port}"

    def client(self, token: str | None = None) -> Client:
        """Somebody with this token, or without an account; closed at the end."""
        self.opened.append(Client(self.url, token))
        return self.opened[-1]

    def log_in(self, username: str, password: str = PASSWORD) -> Client:
        """A program that acts for this account."""
        body = {"username": username, "password": password}
        tokens = answered(self.client().post("/v1/auth/login", json=body), 200)
        return self.client(tokens["access_token"])

    def hire(self, role: str, **changes: Any) -> Client:
        """A new account, logged in."""
        body = UserBody.new(role=role, **changes)
        self.of(ADMIN).make("/v1/users", body)
        return self.log_in(body["username"])

    def of(self, role: str) -> Client:
        """One account of a role, the same for all."""
        if role not in self.staff:
            self.staff[role] = self.log_in(ADMIN) if role == ADMIN else self.hire(role)
        return self.staff[role]

    def rows(self, sql: str, *values: object) -> list[Any]:
        """What the database holds."""

        async def ask() -> list[Any]:
            connection = await asyncpg.connect(self.database.admin_dsn)
            try:
                return list(await connection.fetch(sql, *values))
            finally:
                await connection.close()

        return asyncio.run(ask())

    def tamper(self, sql: str, *values: object) -> None:
        """Change rows as the database's owner can, past every trigger."""

        async def change() -> None:
            connection = await asyncpg.connect(self.database.admin_dsn)
            try:
                await connection.execute("SET session_replication_role = replica")
                await connection.execute(sql, *values)
            finally:
                await connection.close()

        asyncio.run(change())

    def see(self, camera: str, **changes: Any) -> str:
        """A camera has seen somebody, as a recognition worker records it; the sighting's id."""
        track = _track(camera, **changes)
        storage = object_storage(self.settings)

        async def record() -> None:
            for key in (track.image_path, track.frame_path):
                await storage.upload(str(key), JPEG)
            async with connected(self.database) as database, database.session(WORKER) as session:
                await sightings.record_tracks(session, tracks=[track])
            async with connected(self.database) as database:
                await run_rules(database)

        asyncio.run(record())
        return str(track.track_id)

    def count(self, *counts: MinuteCount) -> None:
        """What a recognition worker has counted."""

        async def record() -> None:
            async with connected(self.database) as database, database.session(WORKER) as session:
                await sightings.count_minutes(session, counts=counts)

        asyncio.run(record())

    def template(self, subject: str) -> tuple[FloatArray, str]:
        """The first template of an enrolled subject, and the model that made it."""
        (row,) = self.rows(
            "SELECT embedding::text AS numbers, model_version FROM images WHERE subject_id = $1"
            " ORDER BY created_at LIMIT 1",
            UUID(subject),
        )
        return np.fromstring(row["numbers"].strip("[]"), np.float32, sep=","), row["model_version"]


def known_as(subject: str, similarity: float = 0.7) -> Match:
    """The match of a subject."""
    return Match((Candidate(subject, similarity),), subject, similarity)


def _track(camera: str, **changes: Any) -> TrackRecord:
    """Somebody who came a minute ago and left; id, time and pictures of its own."""
    now, number = datetime.now(UTC), uuid4()
    subject: str | None = changes.pop("subject", None)
    defaults: dict[str, Any] = {
        "track_id": number,
        "camera_id": UUID(camera),
        "first_seen": now - timedelta(minutes=1),
        "last_seen": now,
        "detections": 10,
        "box": (200.0, 100.0, 80.0, 80.0),
        "frame_width": 640,
        "frame_height": 360,
        "match": known_as(subject) if subject else Match(),
        "quality": 0.8,
        "model_version": "of-tests/1",
        "image_path": f"crops/{number}.jpg",
        "frame_path": f"frames/{number}.jpg",
        "closed": True,
    }
    return TrackRecord(**{**defaults, **changes})


@contextmanager
def serve_api(database: DatabaseAddress, redis_url: str, data_dir: Path) -> Iterator[Served]:
    """Start both processes, wait until the API answers, and stop them as an operator would."""
    data_dir.joinpath("models").symlink_to(Settings().packs_dir)
    settings = _settings(database, redis_url, data_dir)
    asyncio.run(_furnish(database, settings))
    running = Served(settings, database)
    env = _environment(settings)
    log = data_dir / "processes.log"
    with log.open("wb") as output:
        children = [_start(words, env, output) for words in (("api",), ("worker", "maintenance"))]
    try:
        until(lambda: _answers(running.url, children[0], log), f"the API, which writes {log}")
        yield running
    finally:
        for client in running.opened:
            client.close()
        codes = [_end(child) for child in children]
    assert set(codes) <= {0, -signal.SIGTERM}, log.read_text()[-4000:]


def _settings(database: DatabaseAddress, redis_url: str, data_dir: Path) -> Settings:
    base = with_limits(Settings(data_dir=data_dir))
    secret = SecretStr(secrets.token_urlsafe(48))
    return base.model_copy(
        update={
            "api": base.api.model_copy(update={"port": free_port()}),
            "database": base.database.model_copy(update={"url": SecretStr(database.app_dsn)}),
            "redis": base.redis.model_copy(update={"url": SecretStr(redis_url)}),
            "jwt": base.jwt.model_copy(update={"secret_key": secret}),
            "storage": base.storage.model_copy(update={"signing_key": secret}),
            "sealing": base.sealing.model_copy(update={"keys": SecretStr(base64.b64encode(SEALING_KEY).decode())}),
        }
    )


async def _furnish(address: DatabaseAddress, settings: Settings) -> None:
    """The first administrator, who hires the others over the API, and the model that templates are searched with."""
    hashed = await passwords.hash_password(PASSWORD)
    async with connected(address) as database, database.session(SYSTEM) as session:
        session.add(User(username=ADMIN, hashed_password=hashed, role="admin"))
    await activate_pack(settings, provide_pack(settings))


def _environment(settings: Settings) -> dict[str, str]:
    """Of the children: quotas that no test uses up, and cameras of this machine."""
    names = type(settings.api.rate_limits).model_fields
    quotas = {f"SIGHTLINE_API__RATE_LIMITS__{name.upper()}": str(PLENTY) for name in names}
    own = {"SIGHTLINE_CAPTURE__ALLOW_LOOPBACK": "true", "PYTHONPATH": str(BACKEND)}
    return {**os.environ, **child_environment(settings), **quotas, **own}


def _start(words: Sequence[str], env: Mapping[str, str], output: IO[bytes]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "sightline", *words]
    return subprocess.Popen(command, cwd=BACKEND, env=env, stdout=output, stderr=output)


def _answers(url: str, child: "subprocess.Popen[bytes]", log: Path) -> bool:
    assert child.poll() is None, log.read_text()[-4000:]
    try:
        return httpx.get(f"{url}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _end(child: "subprocess.Popen[bytes]") -> int:
    child.send_signal(signal.SIGTERM)
    try:
        return child.wait(20)
    finally:
        child.kill()
        child.wait()


@contextmanager
def policy(admin: Client, section: str, **changes: object) -> Iterator[None]:
    """Another policy of the house for a while."""
    address = f"/v1/settings/{section}"

    def tag() -> dict[str, str]:
        return {"If-Match": admin.get(address).headers["ETag"]}

    admin.put(address, json=changes, headers=tag()).raise_for_status()
    try:
        yield
    finally:
        admin.delete(address, headers=tag()).raise_for_status()


def move_in(url: str, said: str) -> Client:
    """The administrator of a new `sightline up`, who has replaced the password that it has said."""
    shown = re.search(r"password  (\S+)", said)
    assert shown, said
    tokens = _tokens(url, shown.group(1))
    with Client(url, tokens) as first:
        me = first.read("/v1/auth/me")
        assert me["must_change_password"] is True
        assert refusal(first.get("/v1/cameras")) == (403, "password_change_required")
        body = {"old_password": shown.group(1), "new_password": PASSWORD}
        first.post(f"/v1/users/{me['user_id']}/change-password", json=body).raise_for_status()
    return Client(url, _tokens(url, PASSWORD))


def _tokens(url: str, password: str) -> str:
    body = {"username": ADMIN, "password": password}
    return str(answered(httpx.post(f"{url}/v1/auth/login", json=body, timeout=WAIT), 200)["access_token"])
