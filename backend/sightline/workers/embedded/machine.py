"""From settings to running services: which servers are ours, what they need before the first child starts.

A server with an address in the settings is somebody else's: it is checked, never started or stopped.
"""

import asyncio
import secrets
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import redis.asyncio
from pydantic import SecretStr
from redis.exceptions import AuthenticationError, RedisError
from sqlalchemy.engine import make_url

from sightline.core.config import DatabaseSettings, RedisSettings, Settings
from sightline.core.config_view import mask_url
from sightline.core.database import SYSTEM, Database
from sightline.core.database_setup import app_password, app_url, prepare_database
from sightline.core.errors import ServiceUnavailable
from sightline.core.storage import ObjectStorage, UrlSigner, open_storage
from sightline.services import users
from sightline.services.users import Account
from sightline.workers.embedded.data_folder import DataFolder, is_held
from sightline.workers.embedded.postgres import EmbeddedPostgres, PostgresAddress
from sightline.workers.embedded.supervisor import Supervisor
from sightline.workers.embedded.valkey import EmbeddedValkey, ValkeyAddress

DATABASE = "sightline"


@dataclass(frozen=True)
class Prepared:
    """What children need: settings with every address and key filled in; the admin where this start made one."""

    settings: Settings
    first_admin: Account | None


def start_servers(supervisor: Supervisor, settings: Settings, folder: DataFolder) -> Settings:
    """Start the servers that have no address; gives the settings with the addresses of all.

    Raises ServiceUnavailable.
    """
    if settings.database.url is None:
        postgres = EmbeddedPostgres(folder.path)
        supervisor.start(postgres)
        asyncio.run(_ensure_database(postgres.address))
        settings = _with_postgres(settings, postgres.address)
    if settings.redis.url is None:
        valkey = EmbeddedValkey(folder.path)
        supervisor.start(valkey)
        settings = _with_valkey(settings, valkey.address)
    return settings


async def prepare(settings: Settings, folder: DataFolder) -> Prepared:
    """Check queue and object store, make bucket, keys, schema and the first admin.

    Raises ServiceUnavailable, StorageError, DatabaseUnreachable, DatabaseUnsuitable.
    """
    settings = _with_keys(settings, folder)
    await check_redis(settings.redis)
    await object_storage(settings).ensure_bucket()
    admin_dsn = _admin_dsn(settings.database)
    password = _own_password(settings.database) or app_password(_password_file(settings))
    prepared = await prepare_database(admin_dsn, app_password=password)
    first_admin = await _first_admin(prepared.app_dsn, must_change=not settings.demo)
    database = settings.database.model_copy(update={"url": SecretStr(prepared.app_dsn), "admin_url": None})
    return Prepared(settings.model_copy(update={"database": database}), first_admin)


def child_environment(settings: Settings) -> dict[str, str]:
    """What children get beside our own environment; carries passwords. The administrator's address is withheld."""
    values = {
        "DEMO": "true" if settings.demo else None,
        "DATA_DIR": settings.data_dir,
        "DATABASE__URL": settings.database.url,
        "DATABASE__ADMIN_URL": "",
        "REDIS__URL": settings.redis.url,
        "API__HOST": settings.api.host,
        "API__PORT": settings.api.port,
        "JWT__SECRET_KEY": settings.jwt.secret_key,
        "JWT__PREVIOUS_SECRET_KEY": settings.jwt.previous_secret_key,
        "SEALING__KEYS": settings.sealing.keys,
        "STORAGE__SIGNING_KEY": settings.storage.signing_key,
    }
    return {f"SIGHTLINE_{key}": _plain(value) for key, value in values.items() if value is not None}


def running_settings(settings: Settings) -> Settings:
    """For commands beside a running `sightline up`: the settings with the addresses and keys that it uses.

    database.url is the application's role, database.admin_url the one that the schema was made with.
    Raises ServiceUnavailable where servers are ours and none runs.
    """
    data_dir = settings.data_dir.expanduser().resolve()
    ours = settings.database.url is None or settings.redis.url is None
    if ours and not is_held(data_dir):
        raise ServiceUnavailable(
            f"no sightline runs in {data_dir}",
            hint="start it with `sightline up`, or name servers by SIGHTLINE_DATABASE__URL",
        )
    try:
        if settings.database.url is None:
            settings = _with_postgres(settings, EmbeddedPostgres(data_dir).address)
        if settings.redis.url is None:
            settings = _with_valkey(settings, EmbeddedValkey(data_dir).address)
        settings = _as_application(settings)
    except FileNotFoundError as error:
        raise ServiceUnavailable(
            f"the sightline in {data_dir} is still starting for the first time", hint="try again in a few seconds"
        ) from error
    return _with_keys(settings, DataFolder(data_dir)) if (data_dir / "secrets").is_dir() else settings


def object_storage(settings: Settings) -> ObjectStorage:
    """The store of these settings, as everybody should open it."""
    key = settings.storage.signing_key
    signer = UrlSigner(key.get_secret_value() if key else secrets.token_urlsafe(32))
    return open_storage(settings.storage, folder=settings.objects_dir, signer=signer)


async def check_redis(settings: RedisSettings) -> str:
    """Ask for the server's version. Raises ServiceUnavailable saying whether it is silent or wants a password."""
    url = settings.url.get_secret_value() if settings.url else ""
    password = settings.password.get_secret_value() if settings.password else None
    client = redis.asyncio.Redis.from_url(url, protocol=2, socket_timeout=settings.timeout, password=password)
    try:
        return str((await client.info("server"))["redis_version"])
    except (RedisError, OSError) as error:
        raise _redis_error(error, mask_url(url)) from error
    finally:
        await client.aclose()


def _redis_error(error: Exception, place: str) -> ServiceUnavailable:
    if isinstance(error, AuthenticationError) or isinstance(
        error.__cause__, AuthenticationError
    ):  # wrapped on connecting
        return ServiceUnavailable(
            f"the Redis server at {place} wants another password, or one at all",
            hint="set SIGHTLINE_REDIS__PASSWORD, or put the password into SIGHTLINE_REDIS__URL",
        )
    return ServiceUnavailable(
        f"the Redis server at {place} does not answer",
        hint="check SIGHTLINE_REDIS__URL, or unset it: `sightline up` then runs its own",
    )


async def _first_admin(app_dsn: str, *, must_change: bool) -> Account | None:
    database = Database(app_dsn, pool_size=1, max_overflow=0)
    try:
        async with database.session(SYSTEM) as session:
            return await users.create_first_admin(session, must_change=must_change)
    finally:
        await database.dispose()


async def _ensure_database(address: PostgresAddress) -> None:
    """Make our database in our own server; in somebody else's that is their decision."""
    connection = await asyncpg.connect(address.dsn())
    try:
        if not await connection.fetchval("select 1 from pg_database where datname = $1", DATABASE):
            await connection.execute(f"create database {DATABASE}")
    finally:
        await connection.close()


def _admin_dsn(settings: DatabaseSettings) -> str:
    url = settings.admin_url or settings.url
    return url.get_secret_value() if url else ""


def _own_password(settings: DatabaseSettings) -> str | None:
    """The application role's password where both addresses are given: then url is the application's."""
    if settings.admin_url is None or settings.url is None or settings.admin_url == settings.url:
        return None
    return make_url(settings.url.get_secret_value()).password


def _as_application(settings: Settings) -> Settings:
    """Log in as the application's role, as children do, where its password was made here."""
    database = settings.database
    if _own_password(database) is not None or (database.admin_url is None and not _password_file(settings).exists()):
        return settings
    admin = _admin_dsn(database)
    url = app_url(admin, _password_file(settings).read_text().strip()).set(drivername="postgresql")
    update = {"url": SecretStr(url.render_as_string(hide_password=False)), "admin_url": SecretStr(admin)}
    return settings.model_copy(update={"database": database.model_copy(update=update)})


def _password_file(settings: Settings) -> Path:
    return settings.data_dir.expanduser().resolve() / "secrets" / "database"


def _with_postgres(settings: Settings, address: PostgresAddress) -> Settings:
    dsn = SecretStr(address.dsn(DATABASE))
    return settings.model_copy(update={"database": settings.database.model_copy(update={"url": dsn, "admin_url": dsn})})


def _with_valkey(settings: Settings, address: ValkeyAddress) -> Settings:
    update = {"url": SecretStr(address.url), "password": None}
    return settings.model_copy(update={"redis": settings.redis.model_copy(update=update)})


def _with_keys(settings: Settings, folder: DataFolder) -> Settings:
    """Keys that are not set are made once and kept in the data folder."""
    signing = settings.storage.signing_key or SecretStr(folder.secret("objects", secrets.token_urlsafe(48)))
    return settings.model_copy(update={"storage": settings.storage.model_copy(update={"signing_key": signing})})


def _plain(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
