"""Cameras: adding, listing, removing, and the address that recognition opens."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from uuid import UUID

from sqlalchemy import delete, exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import Conflict, NotFound, SourceInvalid
from sightline.models import Camera, CameraCredentials, Sighting


@dataclass(frozen=True, slots=True)
class CameraSource:
    """What a worker needs to open a camera. url carries the login: never log it."""

    id: UUID
    name: str
    url: str = field(repr=False)
    detection_enabled: bool
    recognition_enabled: bool
    config: dict[str, object]


@dataclass(frozen=True, slots=True)
class SplitUrl:
    """An address without its login, and the login (None where there is none)."""

    url: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)


def split_credentials(url: str) -> SplitUrl:
    """Take user and password out of an address. Raises SourceInvalid without repeating the address."""
    try:
        parts = urlsplit(url)
        username, password = parts.username, parts.password
    except ValueError as error:
        raise SourceInvalid("the camera's address cannot be read", hint="Check brackets and port.") from error
    if not parts.scheme:
        raise SourceInvalid("the camera's address has no scheme", hint="Write rtsp://, https:// or file://.")
    if username is None and password is None:
        return SplitUrl(url)
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return SplitUrl(bare, unquote(username or ""), unquote(password or ""))


def join_credentials(url: str, username: str, password: str) -> str:
    """The address with its login, percent-encoded."""
    parts = urlsplit(url)
    login = quote(username, safe="") + (":" + quote(password, safe="") if password else "")
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc}"))


async def create(
    session: AsyncSession,
    *,
    name: str,
    stream_url: str,
    location: str = "",
    group_id: UUID | None = None,
    config: dict[str, object] | None = None,
) -> Camera:
    """Add a camera; a login inside the address is kept apart. Raises Conflict when the name is taken, SourceInvalid."""
    if await _find(session, name) is not None:
        raise Conflict(f"a camera named {name} exists", hint="Choose another name, or remove that camera.")
    address = split_credentials(stream_url)
    camera = Camera(name=name, stream_url=address.url, location=location, group_id=group_id, config=config or {})
    session.add(camera)
    await session.flush()
    await _add_login(session, camera, address)
    return camera


async def readdress(session: AsyncSession, *, name_or_id: str, stream_url: str) -> Camera:
    """Let a camera show another address, with the login in it or none. Raises NotFound, SourceInvalid."""
    camera, address = await get(session, name_or_id=name_or_id), split_credentials(stream_url)
    camera.stream_url = address.url
    await session.execute(delete(CameraCredentials).where(CameraCredentials.camera_id == camera.id))
    await _add_login(session, camera, address)
    return camera


async def _add_login(session: AsyncSession, camera: Camera, address: SplitUrl) -> None:
    if address.username is not None:
        session.add(CameraCredentials(camera_id=camera.id, username=address.username, password=address.password or ""))
    await session.flush()


async def list_cameras(session: AsyncSession) -> Sequence[Camera]:
    """Cameras that the principal may see, by name."""
    statement = select(Camera).where(Camera.removed_at.is_(None)).order_by(func.lower(Camera.name))
    return (await session.scalars(statement)).all()


async def get(session: AsyncSession, *, name_or_id: str) -> Camera:
    """A camera by name or id. Raises NotFound, also when the principal may not see it."""
    camera = await _find(session, name_or_id)
    if camera is None:
        raise NotFound(f"no camera {name_or_id}", hint="See `sightline camera list`.")
    return camera


async def _find(session: AsyncSession, name_or_id: str) -> Camera | None:
    statement = select(Camera).where(Camera.removed_at.is_(None))
    try:
        by_id = statement.where(Camera.id == UUID(name_or_id))
    except ValueError:
        return (await session.scalars(statement.where(func.lower(Camera.name) == name_or_id.lower()))).one_or_none()
    return (await session.scalars(by_id)).one_or_none()


async def remove(session: AsyncSession, *, name_or_id: str) -> bool:
    """Remove a camera with its login; one that has sightings is put away and keeps them.

    True when it was deleted, False when it was put away. Raises NotFound.
    """
    camera = await get(session, name_or_id=name_or_id)
    await session.execute(delete(CameraCredentials).where(CameraCredentials.camera_id == camera.id))
    seen = await session.scalar(select(exists().where(Sighting.camera_id == camera.id)))
    if not seen:
        await session.execute(delete(Camera).where(Camera.id == camera.id))
        return True
    camera.removed_at = datetime.now(UTC)
    camera.status = "inactive"
    await session.flush()
    return False


async def sources(session: AsyncSession) -> tuple[CameraSource, ...]:
    """All cameras to watch, with logins; for the worker and the machine's own command line."""
    statement = (
        select(Camera, CameraCredentials)
        .outerjoin(CameraCredentials, CameraCredentials.camera_id == Camera.id)
        .where(Camera.removed_at.is_(None), Camera.detection_enabled)
        .order_by(Camera.id)
    )
    rows = (await session.execute(statement)).all()
    return tuple(_source(camera, login) for camera, login in rows)


def _source(camera: Camera, login: CameraCredentials | None) -> CameraSource:
    url = camera.stream_url
    if login is not None:
        url = join_credentials(url, login.username, login.password)
    return CameraSource(
        camera.id, camera.name, url, camera.detection_enabled, camera.recognition_enabled, camera.config
    )


async def set_status(
    session: AsyncSession,
    *,
    camera_id: UUID,
    status: str,
    message: str = "",
    fps: float | None = None,
    resolution: str | None = None,
) -> None:
    """Say how a camera is: active, inactive or error. message must hold no login. resolution: "1280x720"."""
    await session.execute(
        text("SELECT set_camera_status(:id, :status, :message, cast(:fps AS real), :resolution)"),
        {"id": camera_id, "status": status, "message": message, "fps": fps, "resolution": resolution},
    )
