"""Everything below /v1."""

from fastapi import APIRouter

from sightline.api.v1.endpoints import (
    alert_rules,
    alerts,
    analytics,
    api_keys,
    audit,
    auth,
    camera_groups,
    camera_insight,
    cameras,
    channels,
    erasures,
    events,
    jobs,
    layouts,
    media,
    push,
    reports,
    searches,
    settings,
    sightings,
    subject_images,
    subject_transfers,
    subjects,
    system_information,
    users,
    watchlists,
    ws,
)

router = APIRouter(prefix="/v1")
NOUNS = (
    auth,
    users,
    api_keys,
    cameras,
    camera_insight,
    camera_groups,
    subject_transfers,
    subjects,
    subject_images,
    watchlists,
    searches,
    sightings,
    media,
    alert_rules,  # before alerts, whose /{alert_id} would take /rules
    channels,
    alerts,
    push,
    layouts,
    analytics,
    reports,
    audit,
    jobs,
    erasures,
    events,
    ws,
    settings,
    system_information,
)
for noun in NOUNS:
    router.include_router(noun.router)
