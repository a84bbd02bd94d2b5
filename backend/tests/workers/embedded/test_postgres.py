"""The database on this machine: real server, real crashes."""

import asyncpg
import pytest

from sightline.workers.embedded.postgres import PostgresAddress

pytestmark = pytest.mark.asyncio


async def _fetch(address: PostgresAddress, query: str) -> object:
    connection = await asyncpg.connect(address.dsn())
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_the_session_server_is_postgres_18_with_pgvector(postgres_server: PostgresAddress) -> None:
    assert str(await _fetch(postgres_server, "show server_version")).startswith("18.")
    names = await _fetch(postgres_server, "select array_agg(name::text) from pg_available_extensions")
    assert isinstance(names, list)
    assert {"vector", "pg_trgm"} <= set(names)
