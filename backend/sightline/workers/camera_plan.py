"""What a worker shall watch. Light on purpose: a worker without cameras loads no video library."""

from dataclasses import dataclass, field

from sightline.domain.regions import Regions
from sightline.media.sources import Source, Transport


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """A camera that a worker shall watch."""

    camera_id: str
    source: Source
    regions: Regions = field(default_factory=Regions)
    transport: Transport = Transport.TCP
    loop: bool = False
    realtime: bool = False
