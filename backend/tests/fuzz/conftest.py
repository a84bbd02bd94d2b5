"""A running API with a little world in it, asked over real HTTP by somebody who is logged in."""

import asyncio
import base64
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from sightline.api.app import create_app
from sightline.core.config import SealingSettings, Settings
from sightline.services import passwords
from sightline.workers.embedded.postgres import PostgresAddress
from sightline.workers.embedded.valkey import ValkeyAddress
from tests.api.conftest import PASSWORD
from tests.fuzz import world
from tests.fuzz.world import Ids
from tests.support.database import (
    APP_PASSWORD,
    SEALING_KEY,
    DatabaseAddress,
    connected,
    create_database,
    drop_database,
)
from tests.support.limits import with_limits


@dataclass(frozen=True)
class Running:
    """Where it runs, its description, the headers of an administrator, and what there is to ask for."""

    url: str
    document: dict[str, Any]
    headers: dict[str, str]
    ids: Ids


@pytest.fixture(scope="module")
def running(
    postgres_server: PostgresAddress,
    migrated_template: str,
    redis_server: ValkeyAddress,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Running]:
    name = create_database(postgres_server, template=migrated_template)
    admin = postgres_server.dsn(name)
    address = DatabaseAddress(
        name, admin, admin.replace(f"postgres:{postgres_server.password}", f"sightline_app:{APP_PASSWORD}")
    )
    asyncio.run(_furnish(address))
    base = Settings(data_dir=tmp_path_factory.mktemp("fuzz"))
    base.packs_dir.symlink_to(Settings().packs_dir)
    settings = with_limits(
        base.model_copy(
            update={
                "database": base.database.model_copy(update={"url": SecretStr(address.app_dsn)}),
                "sealing": SealingSettings(keys=SecretStr(base64.b64encode(SEALING_KEY).decode())),
                "redis": base.redis.model_copy(update={"url": SecretStr(redis_server.url)}),
            }
        )
    )
    app = create_app(settings)
    with _served(app) as url:
        headers = _headers(url)
        with httpx.Client(base_url=url, headers=headers) as client:
            ids = world.settle(client)
        yield Running(url, app.openapi(), headers, ids)
    drop_database(postgres_server, name)


async def _furnish(address: DatabaseAddress) -> None:
    hashed = await passwords.hash_password(PASSWORD)
    async with connected(address) as database:
        await world.furnish(database, hashed)


def _headers(url: str) -> dict[str, str]:
    body = {"username": "admin", "password": PASSWORD}
    answer = httpx.post(f"{url}/v1/auth/login", json=body).raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['access_token']}", "Sightline-Purpose": "test of the interface"}


class _served:  # noqa: N801 - used as a with block
    """The app in a thread of its own, on a free port."""

    def __init__(self, app: FastAPI) -> None:
        self._server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="on"))
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            time.sleep(0.02)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
