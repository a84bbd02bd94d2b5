"""From cameras in the database to what a worker watches."""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID
from zlib import crc32

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sightline.core.config import Settings
from sightline.core.errors import AppError, SecretUnreadable
from sightline.domain.regions import Point, Polygon, Regions
from sightline.media.sources import SourceKind, Transport, parse_source
from sightline.pipeline.detect import CameraRules
from sightline.services.camera_leases import WatchedCamera
from sightline.services.cameras import CameraSource
from sightline.services.stream_policy import StreamPolicy
from sightline.workers.camera_plan import CameraPlan

logger = logging.getLogger(__name__)


class CameraConfig(BaseModel):
    """cameras.config: what a camera wants other than the settings."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    interest: tuple[tuple[Point, ...], ...] = ()
    privacy: tuple[tuple[Point, ...], ...] = ()
    transport: Transport = Transport.TCP
    loop: bool = Field(default=False, description="Play a file again and again.")
    min_eye_distance: float | None = Field(None, gt=0, description="px below which a face is ignored.")
    min_eye_distance_recognise: float | None = Field(None, gt=0, description="px below which a face is not told.")


@dataclass(frozen=True, slots=True)
class PlannedCamera:
    """What to watch, and which faces count there: px between the eyes below which one is ignored, or not told."""

    plan: CameraPlan
    min_eye_distance_detect: float
    min_eye_distance_recognise: float


@dataclass(frozen=True, slots=True)
class CameraWords:
    """How a camera is, as the database says it: active, inactive or error, and why."""

    camera_id: UUID
    status: str
    message: str
    fps: float | None = None
    resolution: str | None = None


@dataclass(frozen=True, slots=True)
class RefusedCamera:
    """A camera that cannot be watched as it is configured."""

    source: CameraSource
    error: str


def plan_cameras(
    sources: Sequence[CameraSource], settings: Settings
) -> tuple[tuple[PlannedCamera, ...], tuple[RefusedCamera, ...]]:
    """Plans of the cameras that can be watched, and those that cannot, with the reason.

    A camera whose privacy masks are not understood is refused: nobody may see what they should hide.
    """
    planned, refused = [], []
    for source in sources:
        try:
            planned.append(_plan(source, settings))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            refused.append(RefusedCamera(source, f"its configuration is wrong at {place}: {first['msg']}"))
        except (ValueError, AppError) as error:
            refused.append(RefusedCamera(source, str(error)))
    return tuple(planned), tuple(refused)


def share_of(sources: Sequence[CameraSource], *, index: int, count: int) -> tuple[CameraSource, ...]:
    """The cameras of one of count workers.

    A camera's own id says whose it is, so that adding or removing one moves no other to another worker, which would
    break its tracks. The price: of 50 cameras two workers have 25 ± 3.5 each, not 25.
    """
    return tuple(source for source in sources if crc32(source.id.bytes) % count == index)


def rules_of(camera: WatchedCamera, settings: Settings) -> CameraRules | None:
    """Which faces of a camera count, for a worker that does not open it; None where its configuration is wrong."""
    try:
        config = CameraConfig.model_validate(camera.config)
        interest = tuple(Polygon(points) for points in config.interest)
    except ValueError:  # pydantic's too; whoever opens the camera says why
        return None
    return _rules(config, interest, settings, is_recognised=camera.recognition_enabled)


def _rules(
    config: CameraConfig, interest: tuple[Polygon, ...], settings: Settings, *, is_recognised: bool
) -> CameraRules:
    recognise = config.min_eye_distance_recognise or settings.recognition.min_eye_distance
    # Where nobody is recognised faces are tracked and counted, but none is ever large enough to be told.
    return CameraRules(
        interest,
        config.min_eye_distance or settings.detection.min_eye_distance,
        recognise if is_recognised else math.inf,
    )


def _plan(source: CameraSource, settings: Settings) -> PlannedCamera:
    if source.problem:
        raise SecretUnreadable(source.problem)
    config = CameraConfig.model_validate(source.config)
    regions = Regions(
        tuple(Polygon(points) for points in config.interest), tuple(Polygon(points) for points in config.privacy)
    )
    address = parse_source(source.url)
    policy = None if source.is_trusted else StreamPolicy.of(settings.capture)
    if policy is not None:
        policy.check(address)
    plan = CameraPlan(
        camera_id=str(source.id),
        source=address,
        regions=regions,
        transport=config.transport,
        loop=config.loop,
        realtime=address.kind is SourceKind.FILE,
        guard=policy,
    )
    rules = _rules(config, regions.interest, settings, is_recognised=source.recognition_enabled)
    return PlannedCamera(plan, rules.min_eye_distance_detect, rules.min_eye_distance_recognise)
