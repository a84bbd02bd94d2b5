"""What a person is handed holds nothing about other people."""

import json
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.services import access_export, audit, corrections
from sightline.services.corrections import Decider
from sightline.services.sightings import record_tracks
from tests.support.database import add_camera, add_subject, matched, track_record


async def _held_on(session: AsyncSession, subject_id: UUID) -> str:
    return json.dumps(await access_export.collect(session, subject_id=subject_id), default=str)


@pytest.mark.asyncio
async def test_templates_of_other_models_are_held_too(session: AsyncSession) -> None:
    guest, other = await add_subject(session, seed=1), await add_subject(session, seed=2)
    await session.execute(
        text(
            "INSERT INTO image_templates (image_id, model_version, embedding, expires_at)"
            " SELECT id, 'former/1', embedding, now() + interval '1 day' FROM images"
        )
    )
    for person in (guest, other):
        (held,) = (await access_export.collect(session, subject_id=person.id))["other_templates"]
        own = (await access_export.collect(session, subject_id=person.id))["images"]
        assert (held["image_id"], held["model_version"]) == (own[0]["id"], "former/1")
        assert held["embedding"] == own[0]["embedding"]


@pytest.mark.asyncio
async def test_a_person_is_not_told_with_whom_they_were_mixed_up(session: AsyncSession) -> None:
    guest, other = await add_subject(session), await add_subject(session)
    track = track_record(await add_camera(session), match=matched(guest, 0.71))
    await record_tracks(session, tracks=[track])
    await corrections.assign(session, sighting_id=track.track_id, subject_id=other.id, by=Decider(None))
    ranked = [{"subject": str(other.id), "similarity": 0.9}]
    await audit.record_event(
        session, action="SEARCH", table_name="subjects", record_id=str(guest.id), details={"candidates": ranked}
    )
    held = await _held_on(session, guest.id)
    assert str(other.id) not in held
    assert '"verdict": "assigned"' in held
    assert '"action": "SEARCH"' in held
    assert str(guest.id) not in await _held_on(session, other.id)
