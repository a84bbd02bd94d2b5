"""The rules of recognition in force: the environment's, with what an administrator changed since."""

from typing import Annotated

from fastapi import Depends

from sightline.api.deps import ResourcesDep, SessionDep
from sightline.core.config import RecognitionSettings
from sightline.services import runtime_settings


async def recognition_rules(session: SessionDep, opened: ResourcesDep) -> RecognitionSettings:
    """Read in the request's own transaction, so that a change holds from the next request on."""
    return (await runtime_settings.effective(session, base=opened.settings)).recognition


RulesDep = Annotated[RecognitionSettings, Depends(recognition_rules)]
