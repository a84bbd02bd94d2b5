"""Addresses of cameras and what is secret in them: taken apart, sealed at rest, put together for who opens them.

A camera's row shows its address without login and without values of queries (stream_url). Where that leaves something
out, the whole address lies sealed in camera_credentials, bound to its camera.
"""

import json
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import SecretUnreadable, SourceInvalid
from sightline.core.sealing import Sealer
from sightline.media.sources import redact
from sightline.models import Camera, CameraCredentials


@dataclass(frozen=True, slots=True)
class CameraAddress:
    """An address without its login, and the login (None where there is none)."""

    url: str = field(repr=False)
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """What everybody may read who may read addresses."""
        return redact(self.url)

    @property
    def has_login(self) -> bool:
        """Whether there is one."""
        return self.username is not None

    @property
    def is_secret(self) -> bool:
        """Whether it says more than what is shown."""
        return self.has_login or self.shown != self.url

    @property
    def opened(self) -> str:
        """What is opened, with the login. Never log it."""
        return join_credentials(self.url, self.username, self.password or "") if self.username is not None else self.url

    @property
    def server(self) -> tuple[str, str]:
        """Scheme and host with port: whom the login is shown to."""
        parts = urlsplit(self.url)
        return parts.scheme, parts.netloc.lower()


def split_credentials(url: str) -> CameraAddress:
    """Take user and password out of an address. Raises SourceInvalid without repeating the address."""
    try:
        parts = urlsplit(url)
        username, password = parts.username, parts.password
    except ValueError as error:
        raise SourceInvalid("the camera's address cannot be read", hint="Check brackets and port.") from error
    if not parts.scheme:
        raise SourceInvalid("the camera's address has no scheme", hint="Write rtsp://, https:// or file://.")
    if username is None and password is None:
        return CameraAddress(url)
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return CameraAddress(bare, unquote(username or ""), unquote(password or ""))


def join_credentials(url: str, username: str, password: str) -> str:
    """The address with its login, percent-encoded."""
    parts = urlsplit(url)
    login = quote(username, safe="") + (":" + quote(password, safe="") if password else "")
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc}"))


def opened(camera: Camera, kept: CameraCredentials | None, sealer: Sealer) -> CameraAddress:
    """The whole address of a camera. Raises SecretUnreadable."""
    if kept is None:
        return CameraAddress(camera.stream_url)
    if kept.sealed is None:
        return CameraAddress(camera.stream_url, kept.username, kept.password)
    fields = json.loads(sealer.open(kept.sealed, context=_context(camera.id)))
    return CameraAddress(fields["url"], fields["username"], fields["password"])


async def read(session: AsyncSession, camera: Camera, sealer: Sealer) -> CameraAddress:
    """The same, fetched. Principals who may not read secrets get what is shown."""
    statement = select(CameraCredentials).where(CameraCredentials.camera_id == camera.id)
    return opened(camera, (await session.scalars(statement)).one_or_none(), sealer)


async def put(session: AsyncSession, camera: Camera, address: CameraAddress, sealer: Sealer) -> None:
    """Give a camera this address. The camera's row must be in the database."""
    camera.stream_url, camera.has_credentials = address.shown, address.has_login
    if not address.is_secret:
        await forget(session, camera_id=camera.id)
        return
    fields = {"url": address.url, "username": address.username, "password": address.password}
    sealed = sealer.seal(json.dumps(fields).encode(), context=_context(camera.id))
    values = {"username": None, "password": None, "sealed": sealed}
    statement = insert(CameraCredentials).values(camera_id=camera.id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["camera_id"], set_=values))


async def forget(session: AsyncSession, *, camera_id: UUID) -> None:
    """Remove what is secret."""
    await session.execute(delete(CameraCredentials).where(CameraCredentials.camera_id == camera_id))


async def seal_plain(session: AsyncSession, sealer: Sealer) -> int:
    """Seal what was written before there was sealing, or with an older key; gives how many. For SYSTEM."""
    rows = await _with_secrets(session)
    count = 0
    for camera, kept in rows:
        if kept is not None and kept.sealed is not None and not sealer.is_stale(kept.sealed):
            continue
        try:
            await put(session, camera, opened(camera, kept, sealer), sealer)
            count += 1
        except SecretUnreadable:  # the camera's own state tells it
            continue
    await session.flush()
    return count


async def count_plain(session: AsyncSession) -> int:
    """Cameras with a secret that is not sealed."""
    return sum(kept is None or kept.sealed is None for _, kept in await _with_secrets(session))


async def _with_secrets(session: AsyncSession) -> list[tuple[Camera, CameraCredentials | None]]:
    """Cameras with a sealed or plain login, and those whose address shows a secret."""
    statement = (
        select(Camera, CameraCredentials)
        .outerjoin(CameraCredentials, CameraCredentials.camera_id == Camera.id)
        .order_by(Camera.id)
    )
    rows: list[tuple[Camera, CameraCredentials | None]] = [(row[0], row[1]) for row in await session.execute(statement)]
    return [(camera, kept) for camera, kept in rows if kept or redact(camera.stream_url) != camera.stream_url]


def _context(camera_id: UUID) -> str:
    return f"camera:{camera_id}"
