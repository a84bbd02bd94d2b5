"""One API process for all integration tests: stories keep apart by names of their own."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sightline.workers.embedded.postgres import PostgresAddress
from sightline.workers.embedded.valkey import EmbeddedValkey, ValkeyAddress
from tests.integration.served import ADMIN, Client, Served, serve_api
from tests.support.database import APP_PASSWORD, DatabaseAddress, create_database, drop_database


@pytest.fixture(scope="package")
def own_redis() -> Iterator[ValkeyAddress]:
    """A Valkey of these tests: others flush theirs."""
    with tempfile.TemporaryDirectory(prefix="sightline-valkey-") as folder:
        server = EmbeddedValkey(Path(folder))
        yield server.start()
        server.stop()


@pytest.fixture(scope="package")
def served(
    postgres_server: PostgresAddress,
    migrated_template: str,
    own_redis: ValkeyAddress,
    lite_pack: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """`sightline api` and its maintenance worker."""
    name = create_database(postgres_server, template=migrated_template)
    admin = postgres_server.dsn(name)
    app = admin.replace(f"postgres:{postgres_server.password}", f"sightline_app:{APP_PASSWORD}")
    with serve_api(DatabaseAddress(name, admin, app), own_redis.url, tmp_path_factory.mktemp("served")) as running:
        yield running
    drop_database(postgres_server, name)


@pytest.fixture
def admin(served: Served) -> Client:
    return served.of(ADMIN)


@pytest.fixture
def operator(served: Served) -> Client:
    return served.of("operator")


@pytest.fixture
def viewer(served: Served) -> Client:
    return served.of("viewer")


@pytest.fixture
def auditor(served: Served) -> Client:
    return served.of("auditor")
