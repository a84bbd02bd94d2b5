"""Cameras of a playlist."""

from fastapi import Depends

from sightline.api.after_commit import AfterCommitDep
from sightline.api.deps import ResourcesDep, SessionDep
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router
from sightline.schemas.camera_imports import CameraImportEntry, CameraImportIn, CameraImportOut
from sightline.services import camera_import
from sightline.services.camera_import import ImportedEntry
from sightline.services.cameras import CameraFields, Keeping
from sightline.services.events import Event, EventKind
from sightline.services.stream_policy import StreamPolicy

router = Router(prefix="/cameras", tags=["cameras"])

MANAGE = [Depends(Requires(Permission.MANAGE_CAMERAS))]


@router.post("/imports", dependencies=MANAGE)
async def import_cameras(
    wanted: CameraImportIn, session: SessionDep, opened: ResourcesDep, after: AfterCommitDep
) -> CameraImportOut:
    """Add the cameras of an M3U playlist; without dry_run: false it says what would happen and adds nothing.

    Each entry stands alone. Addresses are not opened: a camera that does not answer says so in its state.
    """
    done = await camera_import.run(
        session,
        playlist=wanted.playlist,
        lines=wanted.lines,
        fields=CameraFields(
            name="",
            group_id=wanted.group_id,
            detection_enabled=wanted.detection_enabled,
            time_zone=wanted.time_zone,
        ),
        keeping=Keeping(opened.sealer, StreamPolicy.of(opened.settings.capture)),
        dry_run=wanted.dry_run,
    )
    after.publish(*(Event(EventKind.CAMERA, entry.camera.id) for entry in done if entry.camera))
    return CameraImportOut(dry_run=wanted.dry_run, items=[_entry_out(entry) for entry in done])


def _entry_out(entry: ImportedEntry) -> CameraImportEntry:
    return CameraImportEntry(
        line=entry.line,
        name=entry.name,
        stream_url=entry.shown,
        state=entry.state,
        camera_id=entry.camera.id if entry.camera else None,
        code=entry.code,
        detail=entry.detail,
        hint=entry.hint,
    )
