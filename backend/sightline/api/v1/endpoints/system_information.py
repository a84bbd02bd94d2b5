"""What the system consists of."""

from fastapi import Depends

from sightline import __version__
from sightline.api.deps import ResourcesDep
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router
from sightline.core.database import SYSTEM
from sightline.core.migrations import head_revision
from sightline.schemas.system import SystemInformationOut, VersionOut
from sightline.services import system_information

router = Router(prefix="/system", tags=["system"])


@router.get("/version", dependencies=[Depends(Requires(Permission.OWN_ACCOUNT))])
async def get_version(opened: ResourcesDep) -> VersionOut:
    """Which program answers."""
    return VersionOut(version=__version__, schema_revision=head_revision(), demo=opened.settings.demo)


@router.get("/information", dependencies=[Depends(Requires(Permission.READ_SYSTEM))])
async def get_system_information(opened: ResourcesDep) -> SystemInformationOut:
    """Versions, sizes, queues, the model pack with its measured accuracy and licences; no secret, no address."""
    async with opened.database.session(SYSTEM) as session:
        found = await system_information.get_information(session, settings=opened.settings, redis=opened.redis)
    return SystemInformationOut.model_validate(found)
