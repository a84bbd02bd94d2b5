"""Moving cameras on behalf of users: only where they may, on record, and never for longer than was asked for.

A camera takes commands on the host of its own address, with its own login, so that a login is never shown to another
host (ADR 45). A camera with privacy masks is not moved: masks lie on the picture and would cover something else.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID
from weakref import WeakValueDictionary

from sightline.core.config import CaptureSettings
from sightline.core.database import WORKER, Database, Principal
from sightline.core.errors import AppError, Conflict, InvalidInput, SourceDenied
from sightline.core.sealing import Sealer
from sightline.media import onvif
from sightline.media.onvif import ControlPoint, Device, Motion, Preset
from sightline.media.sources import parse_source
from sightline.models import Camera
from sightline.schemas.camera_control import ControlConfigOut
from sightline.services import audit, camera_secrets, cameras
from sightline.services.camera_secrets import CameraAddress
from sightline.services.stream_policy import StreamPolicy

REMEMBERED: Final = 300.0
"""Seconds for which what a camera can do is not asked again; its clock is then off by less than logins allow."""
STOPS: Final = 3
"""Attempts to stop a camera that nobody holds any longer."""
PAUSE: Final = 1.0
CLOSING: Final = 1.5
"""Seconds that cameras have to stop when the process ends; it has three."""

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a camera says it can do."""

    pan_tilt: bool
    zoom: bool
    home: bool
    presets: tuple[Preset, ...]


@dataclass(frozen=True, slots=True)
class _Movement:
    """Somebody moves a camera; ends: stops it."""

    user_id: UUID | None
    device: Device
    ends: asyncio.Task[None]


class CameraControl:
    """Of one API process. Several processes send their commands independently: a stop of one may end what another
    began a moment before, never the other way round."""

    def __init__(self, database: Database, sealer: Sealer, settings: CaptureSettings) -> None:
        self._database = database
        self._sealer = sealer
        self._settings = settings
        self._known: dict[UUID, tuple[float, Device]] = {}
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
        self._moving: dict[UUID, _Movement] = {}

    async def abilities(self, acting: Principal, *, camera_id: UUID) -> Abilities:
        """Ask the camera. Raises NotFound, Conflict, AddressNotAllowed, SecretUnreadable, MediaError."""
        device = await self._device(camera_id, await self._point(acting, camera_id, None))
        kept = await self._asking(camera_id, onvif.presets(device))
        return Abilities(device.pan_tilt, device.zoom, device.home, kept)

    async def move(self, acting: Principal, *, camera_id: UUID, motion: Motion, seconds: float) -> None:
        """Move for so long, unless it is moved again or stopped before. What one user does without a pause is one
        record. Raises as abilities()."""
        moving = self._moving.get(camera_id)
        goes_on = moving is not None and moving.user_id == acting.user_id
        told = None if goes_on else {"pan": motion.pan, "tilt": motion.tilt, "zoom": motion.zoom}
        point = await self._point(acting, camera_id, told)
        async with self._turn(camera_id):
            device = await self._device(camera_id, point)
            # Before it is told: a camera that does not answer may move all the same.
            self._forget_movement(camera_id)
            ends = asyncio.create_task(self._end(camera_id, device, seconds), name=f"stop camera {camera_id}")
            self._moving[camera_id] = _Movement(acting.user_id, device, ends)
            try:
                await self._asking(camera_id, onvif.move(device, motion, seconds=seconds))
            except SourceDenied:
                if moving is None:  # else the camera still does what it was told before
                    self._forget_movement(camera_id)
                raise

    async def stop(self, acting: Principal, *, camera_id: UUID) -> None:
        """Stop at once. Raises as abilities()."""
        point = await self._point(acting, camera_id, None)
        async with self._turn(camera_id):
            moving = self._moving.get(camera_id)
            if moving is not None and moving.device.point == point:
                device = moving.device  # nothing is asked before
            else:
                device = await self._device(camera_id, point)
            await self._asking(camera_id, onvif.stop(device))
            self._forget_movement(camera_id)

    async def go_to(self, acting: Principal, *, camera_id: UUID, preset: str) -> None:
        """Show a preset's view. Raises as abilities()."""
        await self._go(acting, camera_id, {"preset": preset}, lambda device: onvif.go_to(device, preset))

    async def go_home(self, acting: Principal, *, camera_id: UUID) -> None:
        """Show the camera's home view. Raises as abilities()."""
        await self._go(acting, camera_id, {"home": True}, onvif.go_home)

    async def close(self) -> None:
        """Stop what still moves."""
        left, self._moving = self._moving, {}
        for movement in left.values():
            movement.ends.cancel()
        stops = [self._stopped(camera_id, one.device, attempts=1) for camera_id, one in left.items()]
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING):
                await asyncio.gather(*stops, return_exceptions=True)

    async def _go(
        self,
        acting: Principal,
        camera_id: UUID,
        told: Mapping[str, object],
        command: Callable[[Device], Awaitable[None]],
    ) -> None:
        point = await self._point(acting, camera_id, told)
        async with self._turn(camera_id):
            await self._asking(camera_id, command(await self._device(camera_id, point)))
            self._forget_movement(camera_id)  # not before: where it is refused, the camera moves on

    async def _point(self, acting: Principal, camera_id: UUID, told: Mapping[str, object] | None) -> ControlPoint:
        """Where the camera takes commands, after it is seen that this user may give them. told: put on record before
        anything moves."""
        async with self._database.session(acting) as session:
            camera = await cameras.get_by_id(session, camera_id=camera_id)
            config = _config(camera)
            if told is not None:
                await audit.record_event(
                    session, action="MOVE", table_name="cameras", record_id=str(camera_id), details=dict(told)
                )
        async with self._database.session(WORKER) as session:  # users do not read logins
            camera = await cameras.get_by_id(session, camera_id=camera_id)
            address = await camera_secrets.read(session, camera, self._sealer)
        # Also where the machine's command line put the address in: port and path come over the API.
        return await asyncio.to_thread(_located, address, config, StreamPolicy.of(self._settings))

    async def _device(self, camera_id: UUID, point: ControlPoint) -> Device:
        at, device = self._known.get(camera_id, (0.0, None))
        if device is None or device.point != point or time.monotonic() - at > REMEMBERED:
            device = await self._asking(camera_id, onvif.connect(point))
            self._known[camera_id] = (time.monotonic(), device)
        return device

    async def _asking(self, camera_id: UUID, question: Awaitable[T]) -> T:
        """What the camera answers; after a failure it is asked anew what it can do."""
        try:
            return await question
        except AppError:
            self._known.pop(camera_id, None)
            raise

    def _turn(self, camera_id: UUID) -> asyncio.Lock:
        """Held while a camera is told something: its commands go out one after the other."""
        return self._turns.setdefault(camera_id, asyncio.Lock())

    def _forget_movement(self, camera_id: UUID) -> None:
        movement = self._moving.pop(camera_id, None)
        if movement is not None:
            movement.ends.cancel()

    async def _end(self, camera_id: UUID, device: Device, seconds: float) -> None:
        """The end of a movement that nobody ends: a browser that is gone, or a camera that heeds no time limit."""
        await asyncio.sleep(seconds)
        async with self._turn(camera_id):
            try:
                await self._stopped(camera_id, device, attempts=STOPS)
            finally:
                self._moving.pop(camera_id, None)

    async def _stopped(self, camera_id: UUID, device: Device, *, attempts: int) -> None:
        for attempt in range(1, attempts + 1):
            try:
                await onvif.stop(device)
            except AppError as error:
                self._known.pop(camera_id, None)
                log.warning("camera %s was not stopped, attempt %d of %d: %s", camera_id, attempt, attempts, error)
                if attempt < attempts:
                    await asyncio.sleep(PAUSE)
            else:
                return


def _config(camera: Camera) -> ControlConfigOut:
    """Raises Conflict for a camera that is not to be moved."""
    given = camera.config.get("control")
    if given is None:
        raise Conflict("this camera is not set up to be moved", hint="Say in its settings where it takes commands.")
    if camera.config.get("privacy"):
        raise Conflict(
            "this camera has privacy masks, which would not move with its picture",
            hint="Set the masks in the camera itself, which moves them, and remove them here; or leave it where it is.",
        )
    return ControlConfigOut.model_validate(given)


def _located(address: CameraAddress, config: ControlConfigOut, policy: StreamPolicy) -> ControlPoint:
    """Where to connect to; looks names up. Raises AddressNotAllowed, SourceUnreachable, InvalidInput."""
    host = urlsplit(address.url).hostname
    if not host:
        raise InvalidInput("the camera's address names no host", hint="Only cameras of a network can be moved.")
    place = f"[{host}]" if ":" in host else host
    scheme = "https" if config.tls else "http"
    url = urlunsplit((scheme, f"{place}:{config.port}", config.path, "", ""))
    found = policy.addresses(parse_source(url))
    return ControlPoint(url, str(found[0]), address.username, address.password or "")
