"""Cameras: adding, listing, changing and removing them, and the addresses that recognition opens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Select, delete, exists, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import Conflict, NotFound, SecretUnreadable
from sightline.core.sealing import Sealer
from sightline.models import Camera, CameraCredentials, CameraGroup, Sighting
from sightline.services import camera_secrets, keyset, versions
from sightline.services.camera_addresses import AddressChange
from sightline.services.camera_secrets import CameraAddress, split_credentials
from sightline.services.keyset import PageOf, PageRequest
from sightline.services.stream_policy import StreamPolicy

MOST_COUNTED = 10_000
"""A total beyond it is given as this: no installation has as many cameras."""

ORDERS = {"name": Camera.sort_name, "created_at": Camera.created_at, "last_seen_at": Camera.sort_seen}
POSITIONS = {"name": "sort_name", "created_at": "created_at", "last_seen_at": "sort_seen"}
MACHINE_KEYS = frozenset({"loop"})
"""Of config: what only the machine's own command line sets."""


@dataclass(frozen=True, slots=True)
class CameraSource:
    """What a worker needs to open a camera. url carries the login: never log it.

    is_trusted: the machine's own command line put the address in. problem: why it cannot be opened, if so.
    """

    id: UUID
    name: str
    url: str = field(repr=False)
    detection_enabled: bool
    recognition_enabled: bool
    config: dict[str, object]
    is_trusted: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CameraFilter:
    """Which cameras a list shows. q: part of the name or the location; without_group: those of no group."""

    q: str | None = None
    status: str | None = None
    group_id: UUID | None = None
    without_group: bool = False
    detection_enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class CameraFields:
    """What people say about a camera, beside its address. config: as CameraConfig writes it."""

    name: str
    location: str = ""
    group_id: UUID | None = None
    detection_enabled: bool = True
    recognition_enabled: bool = True
    time_zone: str = "UTC"
    config: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How addresses are kept, and which are allowed."""

    sealer: Sealer
    policy: StreamPolicy


async def create(
    session: AsyncSession,
    *,
    name: str,
    stream_url: str,
    sealer: Sealer,
    location: str = "",
    config: dict[str, object] | None = None,
    group_id: UUID | None = None,
) -> Camera:
    """Add a camera for the machine's own command line, which may name files, webcams and this machine itself.

    A login inside the address is sealed. Raises Conflict when the name is taken, SourceInvalid.
    """
    fields = CameraFields(name, location, group_id, config=config or {})
    return await add(session, fields=fields, address=split_credentials(stream_url), sealer=sealer, is_trusted=True)


async def add(
    session: AsyncSession, *, fields: CameraFields, address: CameraAddress, sealer: Sealer, is_trusted: bool = False
) -> Camera:
    """Add a camera. Raises Conflict when the name is taken, NotFound for an unknown group."""
    await _require_free_name(session, fields.name)
    await _require_group(session, fields.group_id)
    shown, has_login = address.shown, address.has_login
    camera = Camera(stream_url=shown, has_credentials=has_login, address_trusted=is_trusted, config={})
    _take(camera, fields)
    session.add(camera)
    await session.flush()
    await camera_secrets.put(session, camera, address, sealer)
    return await _fresh(session, camera)


async def update(
    session: AsyncSession,
    *,
    camera_id: UUID,
    expected: datetime | None,
    fields: CameraFields,
    change: AddressChange,
    keeping: Keeping,
) -> Camera:
    """Replace what people say about a camera, and what change says of its address.

    Raises NotFound, PreconditionFailed, Conflict (the name is taken), SourceInvalid, AddressNotAllowed, InvalidInput.
    """
    camera = await versions.lock(session, _present(camera_id), expected=expected, noun="camera")
    await _require_free_name(session, fields.name, but=camera.id)
    await _require_group(session, fields.group_id)
    current = await _current(session, camera, change, keeping.sealer)
    address = change.applied_to(current, keeping.policy)
    if address != current:
        camera.address_trusted = camera.address_trusted and address.url == current.url
        await camera_secrets.put(session, camera, address, keeping.sealer)
    _take(camera, fields)
    return await _fresh(session, camera)


async def _current(session: AsyncSession, camera: Camera, change: AddressChange, sealer: Sealer) -> CameraAddress:
    """The address that is kept. Where its key is lost, a change that needs nothing of it still goes through."""
    try:
        return await camera_secrets.read(session, camera, sealer)
    except SecretUnreadable:
        if change.keeps_login or change.url == camera.stream_url:
            raise
        return CameraAddress(camera.stream_url)


def _take(camera: Camera, fields: CameraFields) -> None:
    camera.name, camera.location, camera.group_id = fields.name, fields.location, fields.group_id
    camera.detection_enabled, camera.recognition_enabled = fields.detection_enabled, fields.recognition_enabled
    camera.time_zone = fields.time_zone
    kept = {key: value for key, value in camera.config.items() if key in MACHINE_KEYS}
    camera.config = {**kept, **fields.config}


async def _fresh(session: AsyncSession, camera: Camera) -> Camera:
    """Written, and as the database has it: its triggers set the version."""
    await session.flush()
    await session.refresh(camera)
    return camera


async def _require_free_name(session: AsyncSession, name: str, *, but: UUID | None = None) -> None:
    """Raise Conflict where another camera has the name; two at the same moment are told apart by the index."""
    found = (await session.scalars(_named(name))).one_or_none()
    if found is not None and found.id != but:
        raise Conflict(f"a camera named {name} exists", hint="Choose another name, or remove that camera.")


async def _require_group(session: AsyncSession, group_id: UUID | None) -> None:
    """Raise NotFound where there is no such group."""
    if group_id is not None and await session.get(CameraGroup, group_id) is None:
        raise NotFound("no such camera group", hint="See the list of camera groups.")


async def readdress(session: AsyncSession, *, name_or_id: str, stream_url: str, sealer: Sealer) -> Camera:
    """Let a camera show another address, for the machine's own command line. Raises NotFound, SourceInvalid."""
    camera, address = await get(session, name_or_id=name_or_id), split_credentials(stream_url)
    if not camera.address_trusted or address != await camera_secrets.read(session, camera, sealer):
        camera.address_trusted = True
        await camera_secrets.put(session, camera, address, sealer)
        await session.flush()
    return camera


async def switch_detection(session: AsyncSession, *, camera_id: UUID, enabled: bool) -> Camera:
    """Watch a camera, or leave it alone; doing it twice changes nothing. Raises NotFound."""
    camera = await versions.lock(session, _present(camera_id), expected=None, noun="camera")
    camera.detection_enabled = enabled
    return await _fresh(session, camera)


async def move(session: AsyncSession, *, camera_id: UUID, group_id: UUID | None) -> Camera:
    """Put a camera into a group, or into none. Raises NotFound."""
    camera = await versions.lock(session, _present(camera_id), expected=None, noun="camera")
    await _require_group(session, group_id)
    camera.group_id = group_id
    return await _fresh(session, camera)


async def list_cameras(session: AsyncSession) -> Sequence[Camera]:
    """Cameras that the principal may see, by name."""
    statement = select(Camera).where(Camera.removed_at.is_(None)).order_by(func.lower(Camera.name))
    return (await session.scalars(statement)).all()


async def page_of_cameras(
    session: AsyncSession, *, where: CameraFilter, request: PageRequest, with_total: bool = False
) -> PageOf[Camera]:
    """A page of the cameras that the principal may see. Raises InvalidInput for an order that is none of ORDERS."""
    statement = _filtered(select(Camera).where(Camera.removed_at.is_(None)), where)
    found = await keyset.fetch(session, statement, request, columns=ORDERS, positions=POSITIONS, row_id=Camera.id)
    if not with_total:
        return found
    counted = statement.with_only_columns(Camera.id).limit(MOST_COUNTED).subquery()
    total = await session.scalar(select(func.count()).select_from(counted))
    return PageOf(found.items, found.next, total)


def _filtered(statement: Select[Camera], where: CameraFilter) -> Select[Camera]:
    if where.q:
        statement = statement.where(
            or_(Camera.name.icontains(where.q, autoescape=True), Camera.location.icontains(where.q, autoescape=True))
        )
    if where.status is not None:
        statement = statement.where(Camera.status == where.status)
    if where.group_id is not None:
        statement = statement.where(Camera.group_id == where.group_id)
    if where.without_group:
        statement = statement.where(Camera.group_id.is_(None))
    if where.detection_enabled is not None:
        statement = statement.where(Camera.detection_enabled.is_(where.detection_enabled))
    return statement


def _present(camera_id: UUID) -> Select[Camera]:
    return select(Camera).where(Camera.id == camera_id, Camera.removed_at.is_(None))


async def get_by_id(session: AsyncSession, *, camera_id: UUID) -> Camera:
    """A camera that was not removed. Raises NotFound, also when the principal may not see it."""
    camera = (await session.scalars(_present(camera_id))).one_or_none()
    if camera is None:
        raise NotFound("no such camera", hint="It may have been removed; list the cameras again.")
    return camera


async def get(session: AsyncSession, *, name_or_id: str) -> Camera:
    """A camera by name or id. Raises NotFound, also when the principal may not see it."""
    camera = await _find(session, name_or_id)
    if camera is None:
        raise NotFound(f"no camera {name_or_id}", hint="See `sightline camera list`.")
    return camera


async def _find(session: AsyncSession, name_or_id: str) -> Camera | None:
    try:
        statement = _present(UUID(name_or_id))
    except ValueError:
        statement = _named(name_or_id)
    return (await session.scalars(statement)).one_or_none()


def _named(name: str) -> Select[Camera]:
    return select(Camera).where(Camera.removed_at.is_(None), func.lower(Camera.name) == func.lower(name))


async def remove(session: AsyncSession, *, name_or_id: str) -> bool:
    """Remove a camera with its login; one that has sightings is put away and keeps them.

    True when it was deleted, False when it was put away. Raises NotFound.
    """
    found = await get(session, name_or_id=name_or_id)
    # Locked: a sighting that is being written refers to the camera; it is there, or sees that the camera is gone.
    camera = await versions.lock(session, _present(found.id), expected=None, noun="camera")
    await camera_secrets.forget(session, camera_id=camera.id)
    seen = await session.scalar(select(exists().where(Sighting.camera_id == camera.id)))
    if not seen:
        await session.execute(delete(Camera).where(Camera.id == camera.id))
        return True
    camera.removed_at, camera.has_credentials = datetime.now(UTC), False
    camera.status = "inactive"
    await session.flush()
    return False


async def sources(session: AsyncSession, *, sealer: Sealer) -> tuple[CameraSource, ...]:
    """All cameras to watch, with logins; for the worker and the machine's own command line."""
    statement = (
        select(Camera, CameraCredentials)
        .outerjoin(CameraCredentials, CameraCredentials.camera_id == Camera.id)
        .where(Camera.removed_at.is_(None), Camera.detection_enabled)
        .order_by(Camera.id)
    )
    rows = (await session.execute(statement)).all()
    return tuple(_source(camera, login, sealer) for camera, login in rows)


def _source(camera: Camera, kept: CameraCredentials | None, sealer: Sealer) -> CameraSource:
    url, problem = "", ""
    try:
        url = camera_secrets.opened(camera, kept, sealer).opened
    except SecretUnreadable as error:  # one camera's, not the others'
        problem = error.message
    return CameraSource(
        camera.id,
        camera.name,
        url,
        camera.detection_enabled,
        camera.recognition_enabled,
        camera.config,
        camera.address_trusted,
        problem,
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
