"""What a worker shall watch. Light on purpose: a worker without cameras loads no video library."""

from dataclasses import dataclass, field

from sightline.domain.regions import Regions
from sightline.media.sources import Source, SourceGuard, Transport


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """A camera that a worker shall watch. guard: asked before every connection; a value, because plans are compared."""

    camera_id: str
    source: Source
    regions: Regions = field(default_factory=Regions)
    transport: Transport = Transport.TCP
    loop: bool = False
    realtime: bool = False
    guard: SourceGuard | None = None
