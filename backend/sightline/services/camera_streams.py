"""What cameras show, and whether they answer. Trying an address goes on record: the server reaches out for somebody."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.config import CaptureSettings, Settings
from sightline.core.database import Database, Principal
from sightline.core.errors import AddressNotAllowed
from sightline.core.sealing import Sealer
from sightline.media.sources import Transport
from sightline.services import audit, camera_secrets, cameras, runtime_settings, stream_probe
from sightline.services.camera_secrets import CameraAddress
from sightline.services.stream_policy import StreamPolicy
from sightline.services.stream_probe import ProbeReport

REFRESH_SECONDS = 1.0
"""How often a new snapshot of a camera is made while somebody looks."""


@dataclass(frozen=True, slots=True)
class LiveStream:
    """What a live view can show. source_url: the camera's own address without secrets; sample_rate: frames per second
    that are analysed while nothing holds detection up."""

    status: str
    refresh_seconds: float
    sample_rate: float
    source_url: str


async def stream(session: AsyncSession, *, camera_id: UUID, base: Settings) -> LiveStream:
    """Of a camera. Raises NotFound."""
    camera = await cameras.get_by_id(session, camera_id=camera_id)
    rate = (await runtime_settings.effective(session, base=base)).capture.sample_rate
    return LiveStream(camera.status, REFRESH_SECONDS, rate, camera.stream_url)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An address to try. policy None: it is trusted. picture: the first one is shown, which goes on record with why."""

    address: CameraAddress
    transport: Transport
    policy: StreamPolicy | None = None
    camera_id: UUID | None = None
    picture: bool = False
    purpose: str | None = None


async def try_address(
    database: Database, acting: Principal, settings: CaptureSettings, *, wanted: Wanted
) -> ProbeReport:
    """Try an address that somebody entered; no connection of the database is held meanwhile.

    Raises AddressNotAllowed, SourceInvalid, TooManyAttempts.
    """
    return await _tried(database, acting, settings, replace(wanted, policy=StreamPolicy.of(settings)))


async def try_camera(
    database: Database, acting: Principal, settings: CaptureSettings, *, camera_id: UUID, sealer: Sealer
) -> ProbeReport:
    """Try a camera's own address with its login. Raises NotFound, SecretUnreadable and what try_address() raises."""
    async with database.session(acting) as session:
        camera = await cameras.get_by_id(session, camera_id=camera_id)
        address = await camera_secrets.read(session, camera, sealer)
    transport = Transport(str(camera.config.get("transport", Transport.TCP.value)))
    policy = None if camera.address_trusted else StreamPolicy.of(settings)
    return await _tried(database, acting, settings, Wanted(address, transport, policy, camera_id))


async def _tried(database: Database, acting: Principal, settings: CaptureSettings, wanted: Wanted) -> ProbeReport:
    try:
        report = await stream_probe.probe(
            wanted.address,
            policy=wanted.policy,
            seconds=settings.probe_seconds,
            transport=wanted.transport,
            picture=wanted.picture,
        )
    except AddressNotAllowed as error:
        await _record(database, acting, wanted, error.code)
        raise
    await _record(database, acting, wanted, report.code)
    return report


async def _record(database: Database, acting: Principal, wanted: Wanted, code: str | None) -> None:
    async with database.session(acting) as session:
        await audit.record_event(
            session,
            action="PROBE",
            table_name="cameras",
            record_id=str(wanted.camera_id) if wanted.camera_id else None,
            details={"stream_url": wanted.address.shown, "code": code} | _look(wanted),
        )


def _look(wanted: Wanted) -> dict[str, object]:
    if not wanted.picture:
        return {}
    return {"picture": True} | ({"purpose": wanted.purpose} if wanted.purpose else {})
