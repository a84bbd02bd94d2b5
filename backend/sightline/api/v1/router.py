"""Everything below /v1."""

from fastapi import APIRouter

from sightline.api.v1.endpoints import alerts, analytics, auth, cameras, events, jobs, sightings

router = APIRouter(prefix="/v1")
for noun in (auth, cameras, sightings, alerts, analytics, events, jobs):
    router.include_router(noun.router)
