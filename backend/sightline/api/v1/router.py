"""Everything below /v1."""

from fastapi import APIRouter

from sightline.api.v1.endpoints import (
    alerts,
    analytics,
    audit,
    auth,
    cameras,
    erasures,
    events,
    jobs,
    media,
    searches,
    settings,
    sightings,
    subjects,
    watchlists,
)

router = APIRouter(prefix="/v1")
NOUNS = (
    auth,
    cameras,
    subjects,
    watchlists,
    searches,
    sightings,
    media,
    alerts,
    analytics,
    audit,
    jobs,
    erasures,
    events,
    settings,
)
for noun in NOUNS:
    router.include_router(noun.router)
