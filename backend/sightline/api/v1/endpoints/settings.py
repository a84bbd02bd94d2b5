"""Settings that change while the system runs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.api import conditional
from sightline.api.conditional import IfMatch
from sightline.api.deps import CurrentUser, ResourcesDep, SessionDep
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router
from sightline.core.config import Settings
from sightline.schemas.runtime_settings import (
    AlertDefaults,
    AnySection,
    CameraDefaults,
    GeneralSettings,
    PrivacySettings,
    RecognitionRules,
    RetentionRules,
    Section,
)
from sightline.schemas.settings import RetentionPreviewOut, SectionOut, SettingsOut, SettingsSource
from sightline.services import retention_preview, runtime_settings
from sightline.services.runtime_settings import Change, SectionState

router = Router(prefix="/settings", tags=["settings"])
READ = [Depends(Requires(Permission.READ_SETTINGS))]
MANAGE = [Depends(Requires(Permission.MANAGE_SETTINGS))]

Value = TypeVar("Value")
AnySectionOut = (
    SectionOut[GeneralSettings]
    | SectionOut[CameraDefaults]
    | SectionOut[RecognitionRules]
    | SectionOut[AlertDefaults]
    | SectionOut[RetentionRules]
    | SectionOut[PrivacySettings]
)


@dataclass(frozen=True, slots=True)
class Writer:
    """Replaces a section on behalf of by, based on the version that they read (None: whichever is there)."""

    session: AsyncSession
    base: Settings
    by: UUID
    expected: datetime | None
    response: Response

    async def put(self, name: Section, value: AnySection, _kind: type[Value]) -> SectionOut[Value]:
        """Put the value in force, and show the section."""
        change = Change(name, value, self.expected, self.by)
        state = await runtime_settings.replace(self.session, change=change, base=self.base)
        conditional.tag(self.response, state.version)
        return _out(state)


async def writer(
    session: SessionDep, opened: ResourcesDep, current: CurrentUser, expected: IfMatch, response: Response
) -> Writer:
    """On behalf of whoever asks."""
    return Writer(session, opened.settings, current.user_id, expected, response)


WriterDep = Annotated[Writer, Depends(writer)]


@router.get("", dependencies=READ)
async def get_settings(session: SessionDep, opened: ResourcesDep) -> SettingsOut:
    """All sections."""
    found = await runtime_settings.sections(session, base=opened.settings)
    return SettingsOut.model_validate({state.section.value: _out(state) for state in found})


@router.post("/retention/preview", dependencies=MANAGE)
async def preview_retention(body: RetentionRules, session: SessionDep) -> RetentionPreviewOut:
    """What these rules would remove now; nothing is removed."""
    return RetentionPreviewOut.model_validate(await retention_preview.preview(session, rules=body))


@router.get("/{section}", dependencies=READ)
async def get_settings_section(
    section: Section, session: SessionDep, opened: ResourcesDep, response: Response
) -> AnySectionOut:
    """One section, with its ETag."""
    state = await runtime_settings.section(session, name=section, base=opened.settings)
    conditional.tag(response, state.version)
    return _out(state)


@router.put("/general", dependencies=MANAGE)
async def update_general_settings(body: GeneralSettings, writer: WriterDep) -> SectionOut[GeneralSettings]:
    """Replace the section."""
    return await writer.put(Section.GENERAL, body, GeneralSettings)


@router.put("/cameras", dependencies=MANAGE)
async def update_camera_settings(body: CameraDefaults, writer: WriterDep) -> SectionOut[CameraDefaults]:
    """Replace the section; workers go by it within seconds and begin new tracks."""
    return await writer.put(Section.CAMERAS, body, CameraDefaults)


@router.put("/recognition", dependencies=MANAGE)
async def update_recognition_settings(body: RecognitionRules, writer: WriterDep) -> SectionOut[RecognitionRules]:
    """Replace the section; workers go by it within seconds and begin new tracks."""
    return await writer.put(Section.RECOGNITION, body, RecognitionRules)


@router.put("/alerts", dependencies=MANAGE)
async def update_alert_settings(body: AlertDefaults, writer: WriterDep) -> SectionOut[AlertDefaults]:
    """Replace the section; workers go by it within seconds and begin new tracks."""
    return await writer.put(Section.ALERTS, body, AlertDefaults)


@router.put("/retention", dependencies=MANAGE)
async def update_retention_settings(body: RetentionRules, writer: WriterDep) -> SectionOut[RetentionRules]:
    """Replace the section; what is older goes within a minute, for good: look at the preview first."""
    return await writer.put(Section.RETENTION, body, RetentionRules)


@router.put("/privacy", dependencies=MANAGE)
async def update_privacy_settings(body: PrivacySettings, writer: WriterDep) -> SectionOut[PrivacySettings]:
    """Replace the section, in force with the next request."""
    return await writer.put(Section.PRIVACY, body, PrivacySettings)


@router.delete("/{section}", dependencies=MANAGE, status_code=204)
async def reset_settings_section(section: Section, session: SessionDep, expected: IfMatch) -> None:
    """Let a section be as the environment says again."""
    await runtime_settings.reset(session, name=section, expected=expected)


def _out(state: SectionState) -> SectionOut[Value]:
    return SectionOut(
        section=state.section,
        value=state.value,
        default=state.default,
        source=SettingsSource.CHANGED if state.is_changed else SettingsSource.DEFAULT,
        updated_at=state.updated_at,
        updated_by=state.updated_by,
        updated_by_name=state.updated_by_name,
        etag=conditional.etag(state.version),
    )
