"""The queue on this machine: real server."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import redis.asyncio
from redis.exceptions import OutOfMemoryError

from sightline.workers.embedded import process
from sightline.workers.embedded.valkey import EmbeddedValkey, ValkeyAddress


@pytest.mark.asyncio
async def test_streams_work_over_the_socket(redis_server: ValkeyAddress) -> None:
    async with redis.asyncio.Redis.from_url(redis_server.url) as client:
        await client.xadd("test:frames", {"n": "1"}, maxlen=10)
        assert await client.xlen("test:frames") == 1
        settings = await client.config_get("*")
        assert settings["save"] == ""
        assert settings["appendonly"] == "no"
        assert settings["maxmemory-policy"] == "noeviction"
        await client.delete("test:frames")


def test_nobody_gets_in_without_the_password(redis_server: ValkeyAddress) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(redis_server.socket))
        connection.sendall(b"KEYS *\r\n")
        assert connection.recv(256).startswith(b"-NOAUTH")


def test_the_password_is_not_in_the_text_of_the_address(redis_server: ValkeyAddress) -> None:
    assert redis_server.password not in repr(redis_server)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path, maxmemory="16mb")
    yield server
    server.stop()
    assert process.processes_in(server.home) == []


def test_it_starts_again_after_kill_9_and_keeps_nothing(server: EmbeddedValkey) -> None:
    with redis.Redis.from_url(server.start().url) as client:
        client.set("lease", "mine")
    assert server.process
    server.process.kill()
    os.waitid(os.P_PID, server.process.pid, os.WEXITED | os.WNOWAIT)  # a zombie, and its socket lies there
    with redis.Redis.from_url(server.start().url) as client:
        assert client.get("lease") is None
    assert sorted(entry.name for entry in server.home.iterdir()) == ["valkey.conf", "valkey.sock"]
    assert server.address.password not in " ".join(psutil.Process(server.process.pid).cmdline())


def _fill(client: redis.Redis) -> None:
    for number in range(200):
        client.set(f"frame:{number}", b"x" * 100_000)


def test_a_full_server_says_so_instead_of_forgetting(server: EmbeddedValkey) -> None:
    with redis.Redis.from_url(server.start().url) as client:
        client.set("lease", "mine", ex=60)
        with pytest.raises(OutOfMemoryError):
            _fill(client)
        assert client.get("lease") == b"mine"
