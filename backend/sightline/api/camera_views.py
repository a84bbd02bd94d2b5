"""Cameras from what goes in to what services take, and from what they give to what goes out."""

from sightline.models import Camera
from sightline.schemas.cameras import (
    CameraConfigOut,
    CameraDetailOut,
    CameraHealthOut,
    CameraIn,
    CameraOut,
    CameraStatsOut,
    CameraStatus,
    CountsOut,
    GapOut,
    StreamAddressIn,
)
from sightline.services.camera_addresses import AddressChange
from sightline.services.camera_health import CameraHealth
from sightline.services.camera_stats import CameraStats, Counts
from sightline.services.cameras import CameraFields


def fields_of(wanted: CameraIn) -> CameraFields:
    """What people say about a camera, beside its address."""
    return CameraFields(
        name=wanted.name,
        location=wanted.location,
        group_id=wanted.group_id,
        detection_enabled=wanted.detection_enabled,
        recognition_enabled=wanted.recognition_enabled,
        time_zone=wanted.time_zone,
        config=wanted.config.model_dump(mode="json", exclude_defaults=True),
    )


def change_of(wanted: StreamAddressIn) -> AddressChange:
    """The address, and whether anything was said about the login."""
    return AddressChange(
        wanted.stream_url, wanted.username, wanted.password, keeps_login="username" not in wanted.model_fields_set
    )


def detail_out(camera: Camera, *, shows_address: bool) -> CameraDetailOut:
    """All of a camera; the address for those who manage cameras."""
    return CameraDetailOut(
        **dict(CameraOut.model_validate(camera)),
        stream_url=camera.stream_url if shows_address else None,
        config=CameraConfigOut.model_validate(camera.config),
    )


def counts_out(counts: Counts) -> CountsOut:
    """Counts of a span."""
    return CountsOut.model_validate(counts)


def stats_out(stats: CameraStats, time_zone: str) -> CameraStatsOut:
    """Statistics of a camera."""
    return CameraStatsOut.model_validate(
        {
            "camera_id": stats.camera.id,
            "since": stats.since,
            "until": stats.until,
            "time_zone": time_zone,
            "status": stats.camera.status,
            "status_message": stats.camera.status_message,
            "watched_minutes": stats.watched_minutes,
            "availability": stats.availability,
            "total": counts_out(stats.total),
            "buckets": [
                {**dict(counts_out(bucket.counts)), "begins_at": bucket.begins_at, "ends_at": bucket.ends_at}
                for bucket in stats.buckets
            ],
        }
    )


def health_out(health: CameraHealth) -> CameraHealthOut:
    """When a camera gave no pictures."""
    return CameraHealthOut(
        camera_id=health.camera.id,
        since=health.since,
        until=health.until,
        status=CameraStatus(health.camera.status),
        status_message=health.camera.status_message,
        watched_minutes=health.watched_minutes,
        gaps=[GapOut.model_validate(gap) for gap in health.gaps],
        has_more=health.has_more,
    )
