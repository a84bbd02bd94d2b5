"""Cameras: logins apart from addresses, and removal that keeps history."""

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import SYSTEM, WORKER, Database
from sightline.core.errors import Conflict, NotFound, SourceInvalid
from sightline.services import cameras
from sightline.services.camera_secrets import join_credentials, split_credentials
from sightline.services.sightings import record_tracks
from tests.support.database import SEALER, acting, add_camera, track_record


@given(username=st.text(min_size=1, max_size=20), password=st.text(max_size=20))
def test_any_login_comes_back_as_it_was(username: str, password: str) -> None:
    whole = join_credentials("rtsp://camera.example:554/live?x=1", username, password)
    split = split_credentials(whole)
    assert (split.url, split.username, split.password) == ("rtsp://camera.example:554/live?x=1", username, password)


@pytest.mark.parametrize("address", ["no address", "rtsp://user:secret@[bad/1"])
def test_what_is_no_address_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(SourceInvalid) as caught:
        split_credentials(address)
    assert "secret" not in caught.value.message


@pytest.mark.asyncio
async def test_the_login_is_kept_apart_and_joined_for_the_worker(session: AsyncSession) -> None:
    camera = await cameras.create(
        session, name="door", stream_url="rtsp://u:p%40ss@h:554/1", sealer=SEALER, location="hall"
    )
    assert camera.stream_url == "rtsp://h:554/1"
    async with acting(session, WORKER):
        (source,) = await cameras.sources(session, sealer=SEALER)
    assert source.url == "rtsp://u:p%40ss@h:554/1"
    assert "p%40ss" not in repr(source)


@pytest.mark.asyncio
async def test_names_are_unique_whatever_their_case(session: AsyncSession) -> None:
    await add_camera(session, "Door")
    with pytest.raises(Conflict):
        await add_camera(session, "dOOR")
    assert (await cameras.get(session, name_or_id="DOOR")).name == "Door"


@pytest.mark.asyncio
async def test_a_camera_with_sightings_is_put_away_and_its_name_is_free(session: AsyncSession) -> None:
    unused, used = await add_camera(session, "unused"), await add_camera(session, "used")
    await record_tracks(session, tracks=[track_record(used)])
    assert await cameras.remove(session, name_or_id="unused") is True
    assert await cameras.remove(session, name_or_id=str(used.id)) is False
    assert await cameras.list_cameras(session) == []
    assert await session.scalar(text("SELECT count(*) FROM camera_credentials")) == 0
    assert await session.scalar(text("SELECT count(*) FROM sightings")) == 1
    await add_camera(session, "used")
    with pytest.raises(NotFound):
        await cameras.get(session, name_or_id=str(unused.id))


@pytest.mark.asyncio
async def test_a_sighting_that_comes_while_its_camera_is_removed_is_kept(database: Database) -> None:
    async with database.session(SYSTEM) as session:
        camera = await add_camera(session, "gate")
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )

    async def remove() -> bool:
        async with database.session(SYSTEM) as session:
            return await cameras.remove(session, name_or_id="gate")

    async def until_it_waits() -> None:
        waits = 0
        while not waits:  # each time in a transaction of its own: within one this view stays as it was first seen
            async with database.session(SYSTEM) as session:
                waits = await session.scalar(waiting) or 0

    async with asyncio.timeout(60), asyncio.TaskGroup() as group, database.session(WORKER) as session:
        await record_tracks(session, tracks=[track_record(camera)])
        removing = group.create_task(remove())
        await until_it_waits()
    assert removing.result() is False
    async with database.session(SYSTEM) as session:
        assert await session.scalar(text("SELECT count(*) FROM sightings")) == 1


@pytest.mark.asyncio
async def test_a_worker_tells_how_a_camera_is_and_changes_nothing_else(session: AsyncSession) -> None:
    camera = await add_camera(session)
    async with acting(session, WORKER):
        await cameras.set_status(session, camera_id=camera.id, status="active", fps=25.0, resolution="1280x720")
        changed = await session.execute(text("UPDATE cameras SET name = 'mine'"))
    assert changed.rowcount == 0  # type: ignore[attr-defined]
    await session.refresh(camera)
    assert (camera.status, camera.fps, camera.resolution) == ("active", 25.0, "1280x720")


@pytest.mark.asyncio
async def test_what_a_worker_tells_makes_nobodys_copy_of_the_settings_old(session: AsyncSession) -> None:
    camera = await add_camera(session)
    read_at = datetime(2026, 1, 1, tzinfo=UTC)
    await session.execute(text("UPDATE cameras SET updated_at = :at"), {"at": read_at})
    async with acting(session, WORKER):
        await cameras.set_status(session, camera_id=camera.id, status="error", message="no answer", resolution="4x4")
    await session.refresh(camera)
    assert (camera.status, camera.updated_at) == ("error", read_at)
    await session.execute(text("UPDATE cameras SET name = 'Another'"))
    await session.refresh(camera)
    assert camera.updated_at > read_at
