"""`sightline streams`: what was set aside is seen without faces, put back once, and every look is on record."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from pydantic import SecretStr
from redis import Redis as DirectRedis

from sightline.bus.codec import encode_faces
from sightline.bus.ports import FACES, Consumer, Fields
from sightline.bus.redis_streams import RedisBus
from sightline.core.config import RedisSettings
from sightline.core.redis import open_redis
from sightline.domain.messages import DetectedFace, FacesMessage
from sightline.workers.embedded.valkey import ValkeyAddress
from tests.commands.conftest import Cli
from tests.support.database import DatabaseAddress

CAMERA = "01890a5d-ac96-774b-bcce-b302099a8057"
FACE = DetectedFace((1, 2, 3, 4), 0.9, b"a face" * 100, 0.5)
ANA = Consumer("recognition", "ana")


@pytest.fixture
def servers(
    redis_server: ValkeyAddress, own_database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[DirectRedis]:
    """Servers that the settings name, as in a cluster."""
    monkeypatch.setenv("SIGHTLINE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SIGHTLINE_REDIS__URL", redis_server.url)
    monkeypatch.setenv("SIGHTLINE_DATABASE__URL", own_database.app_dsn)
    client: DirectRedis = DirectRedis.from_url(redis_server.url)
    client.flushall()
    yield client
    client.flushall()
    client.close()


def set_aside(
    redis_server: ValkeyAddress, stream: str, *messages: Fields, reason: str = "detections: is missing"
) -> None:
    async def work() -> None:
        client = open_redis(RedisSettings(url=SecretStr(redis_server.url)))
        bus = RedisBus(client)
        await bus.publish(stream, messages, limit=99)
        for delivery in await bus.read(ANA, [stream], count=99, wait=0):
            await bus.set_aside(ANA, delivery, reason)
        await client.aclose()

    asyncio.run(work())


def recorded(database: DatabaseAddress) -> list[tuple[str, str, dict[str, object]]]:
    async def work() -> list[tuple[str, str, dict[str, object]]]:
        connection = await asyncpg.connect(database.admin_dsn)
        try:
            rows = await connection.fetch(
                "SELECT action, record_id, new_values FROM audit_logs JOIN audit_payloads ON audit_id = id"
                " WHERE table_name = 'streams' ORDER BY created_at, id"
            )
        finally:
            await connection.close()
        return [(row["action"], row["record_id"], json.loads(row["new_values"])) for row in rows]

    return asyncio.run(work())


def faces() -> Fields:
    return encode_faces(FacesMessage(UUID(CAMERA), datetime(2024, 1, 20, tzinfo=UTC), (FACE,)))


def test_streams_are_listed_with_who_reads_them(cli: Cli, servers: DirectRedis, redis_server: ValkeyAddress) -> None:
    assert "no streams" in cli("streams", "list").both
    set_aside(redis_server, FACES, faces())
    servers.xadd(f"camera:{CAMERA}:frames", {"sequence": "1"})
    servers.set("camera:other:frames", "not a stream")
    listed = {state["stream"]: state for state in json.loads(cli("streams", "list", "--json").stdout)}
    assert set(listed) == {FACES, f"camera:{CAMERA}:frames"}
    assert listed[FACES]["groups"] == [{"name": "recognition", "members": 1, "waiting": 0, "pending": 0}]
    assert (listed[FACES]["length"], listed[FACES]["poison"], listed[FACES]["dropped"]) == (0, 1, 0)
    assert listed[f"camera:{CAMERA}:frames"]["oldest_seconds"] >= 0
    table = cli("streams", "list").both
    assert "faces:detected" in table
    assert "recognition(1)" in table


def test_a_look_shows_reasons_and_nobodys_face_and_is_on_record(
    cli: Cli, servers: DirectRedis, redis_server: ValkeyAddress, own_database: DatabaseAddress
) -> None:
    wild = {"\x1b[2Jname": b"x", "camera_id": b"\x1b[2J[red]"}
    set_aside(redis_server, FACES, faces(), wild, reason="\x1b[2Jbad")
    shown = cli("streams", "show", FACES, "--purpose", "camera 7 sends rubbish")
    assert shown.code == 0, shown.both
    assert "tries: 1" in shown.both
    assert f"camera_id: {CAMERA}" in shown.both
    assert "bytes" in shown.both
    assert "face_crop" not in shown.both
    assert "\x1b" not in shown.stdout
    ((action, stream, details),) = recorded(own_database)
    assert (action, stream, details["purpose"]) == ("VIEW", FACES, "camera 7 sends rubbish")
    first, second = json.loads(cli("streams", "show", FACES, "--json").stdout)
    assert details["messages"] == [first["message_id"], second["message_id"]]
    assert first["fields"]["detections"].endswith(" bytes")
    (one,) = json.loads(cli("streams", "show", FACES, second["message_id"], "--json").stdout)
    assert one == second


def test_a_message_is_put_back_once(
    cli: Cli, servers: DirectRedis, redis_server: ValkeyAddress, own_database: DatabaseAddress
) -> None:
    set_aside(redis_server, FACES, faces(), faces())
    poison = json.loads(cli("streams", "show", FACES, "--json").stdout)
    assert cli("streams", "replay", FACES, poison[0]["message_id"]).both == "1 messages put back"
    again = cli("streams", "replay", FACES, poison[0]["message_id"])
    assert (again.code, "no message" in again.both) == (2, True)
    entries: Any = servers.xrange(FACES)
    ((_, back),) = entries
    assert {name.decode(): value for name, value in back.items()} == faces()
    assert cli("streams", "replay", FACES, "--all").both == "1 messages put back"
    assert cli("streams", "replay", FACES, "--all").both == "0 messages put back"
    assert servers.xlen(FACES) == 2
    assert [action for action, _, _ in recorded(own_database)] == ["VIEW", "STREAM_REPLAY", "STREAM_REPLAY"]


def test_what_was_not_kept_whole_can_only_be_dropped(
    cli: Cli, servers: DirectRedis, redis_server: ValkeyAddress, own_database: DatabaseAddress
) -> None:
    set_aside(redis_server, FACES, {"camera_id": b"x", "detections": b"y" * 2_000_000})
    refused = cli("streams", "replay", FACES, "--all")
    assert (refused.code, "not kept whole" in refused.both, "streams drop" in refused.both) == (2, True, True)
    assert cli("streams", "drop", FACES, "--all").both == "1 messages deleted"
    assert servers.xlen(FACES + ":poison") == 0
    assert "nothing was set aside" in cli("streams", "show", FACES).both
    assert [action for action, _, _ in recorded(own_database)][-1] == "STREAM_DROP"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("show", "lease:ingestion:7"), "is no stream of ours"),
        (("drop", "session:1", "--all"), "is no stream of ours"),
        (("show", FACES, "seven"), "is no id"),
        (("replay", FACES), "name one message, or all"),
        (("drop", FACES, "1-1", "--all"), "name one message, or all"),
        (("drop", FACES, "1-1"), "no message 1-1"),
    ],
)
def test_what_is_not_there_is_refused(cli: Cli, servers: DirectRedis, arguments: tuple[str, ...], word: str) -> None:
    said = cli("streams", *arguments)
    assert (said.code, word in said.both) == (2, True), said.both


def test_the_streams_of_a_running_machine_are_found(beside: Cli) -> None:
    listed = beside("streams", "list", "--json")
    assert listed.code == 0, listed.both
    assert isinstance(json.loads(listed.stdout), list)
