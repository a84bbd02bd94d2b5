"""Fixtures that every test may use: recordings, model files and the installed default pack."""

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from argon2 import PasswordHasher
from hypothesis import settings as hypothesis_settings

from sightline.core.config import Settings, StorageSettings
from sightline.services import passwords
from sightline.workers.embedded.postgres import EmbeddedPostgres, PostgresAddress
from sightline.workers.embedded.valkey import EmbeddedValkey, ValkeyAddress
from tests.support.database import (  # noqa: F401 - fixtures
    database,
    empty_database,
    migrated_template,
    own_database,
    session,
    shared_database,
)
from tests.support.folders import quick_folder
from tests.support.seaweed import run_seaweed

# Times say nothing on a machine that others share; laws are what is tested.
hypothesis_settings.register_profile("sightline", deadline=None)
hypothesis_settings.load_profile("sightline")

SLOW: Final = ("chaos", "e2e", "fuzz", "integration", "commands", "workers")
"""Folders whose files run first, so that at the end no process waits long for another's last file; each folder in one
go, as its tests share a running system."""

TESTS = Path(__file__).resolve().parent
REPOSITORY = TESTS.parents[1]
SHARED = Path(os.environ.get("SIGHTLINE_TEST_SHARED", REPOSITORY.parent / "shared"))


def pytest_configure() -> None:
    """Let Ctrl-C reach what tests start, also where they run in a shell's background: that has children ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow folders first, else as collected."""

    def rank(item: pytest.Item) -> int:
        folder = item.path.relative_to(TESTS).parts[0]
        return SLOW.index(folder) if folder in SLOW else len(SLOW)

    items.sort(key=rank)


def _required(path: Path, what: str) -> Path:
    """Give the path; where it is missing skip, but fail in CI, where it must be there."""
    if not path.exists():
        message = f"{what} not found at {path}; set SIGHTLINE_TEST_SHARED to the folder that holds media/ and models/"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[PasswordHasher]:
    """Hashes of passwords that cost a millisecond instead of a tenth of a second; gives the product's own hasher."""
    own = passwords.HASHER
    passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    yield own
    passwords.HASHER = own


@pytest.fixture(scope="session")
def media_dir() -> Path:
    """Recordings and photographs for tests: clips/, people/, pairs/."""
    return _required(SHARED / "media", "test media")


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """Model files for tests of import: YuNet and a YOLOv8n-face."""
    return _required(SHARED / "models", "test models")


@pytest.fixture(scope="session")
def lite_pack() -> Path:
    """The installed default pack (`make setup` installs it)."""
    return _required(Settings().packs_dir / "lite" / "manifest.json", "the lite pack").parent


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresAddress]:
    """A real PostgreSQL 18 with pgvector of this test session; make databases of your own in it."""
    with tempfile.TemporaryDirectory(prefix="sightline-postgres-", dir=quick_folder()) as folder:
        server = EmbeddedPostgres(Path(folder), settings={"fsync": "off"})  # thrown away: nothing to save from a crash
        yield server.start()
        server.stop()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[ValkeyAddress]:
    """A real Valkey of this test session; flush what you use."""
    with tempfile.TemporaryDirectory(prefix="sightline-valkey-") as folder:
        server = EmbeddedValkey(Path(folder))
        yield server.start()
        server.stop()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[StorageSettings]:
    """A real S3 server (SeaweedFS) of this test session, without a bucket; take another bucket name per test."""
    with run_seaweed() as settings:
        yield settings
