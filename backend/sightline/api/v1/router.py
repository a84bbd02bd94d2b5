"""Everything below /v1."""

from fastapi import APIRouter

from sightline.api.v1.endpoints import (
    alerts,
    analytics,
    audit,
    auth,
    cameras,
    events,
    jobs,
    sightings,
)

router = APIRouter(prefix="/v1")
NOUNS = (
    auth,
    cameras,
    sightings,
    alerts,
    analytics,
    audit,
    jobs,
    events,
)
for noun in NOUNS:
    router.include_router(noun.router)
