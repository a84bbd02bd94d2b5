"""Row level security: direct SQL through the application's own role, for each role, reads and writes."""

from collections.abc import Mapping
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import AUTH, MAINTENANCE, WORKER, Principal, Role, sqlstate
from sightline.services.sightings import record_tracks
from tests.support.database import (
    acting,
    add_camera,
    add_subject,
    add_user,
    add_watchlist,
    track_record,
)

NOBODY = Principal(Role.ADMIN)
"""A role of users without a user."""

READABLE: Mapping[str, set[str]] = {
    "users": {"admin", "auth"},
    "camera_credentials": {"admin", "worker"},
    "cameras": {"admin", "operator", "viewer", "auditor", "worker"},
    "watchlists": {"admin", "operator", "viewer", "auditor", "worker"},
    "subjects": {"admin", "operator", "viewer", "worker"},
    "images": {"admin", "operator", "worker"},
    "image_templates": {"admin", "operator", "worker", "maintenance"},
    "sightings": {"admin", "operator", "viewer", "worker"},
    "alerts": {"admin", "operator", "viewer", "worker"},
    "audit_logs": {"admin", "auditor", "maintenance"},
    "audit_payloads": {"admin", "auditor", "maintenance"},
    "object_deletions": {"admin", "maintenance"},
}

WRITES: Mapping[str, set[str]] = {
    "UPDATE users SET role = 'admin'": {"admin"},
    "UPDATE users SET hashed_password = 'x'": {"admin", "auth", "operator", "viewer", "auditor"},  # their own
    "UPDATE users SET last_login_at = now()": {"admin", "auth"},
    "UPDATE second_factors SET last_counter = 1": {"admin", "auth"},
    "UPDATE cameras SET detection_enabled = NOT detection_enabled": {"admin", "operator"},
    "DELETE FROM camera_credentials": {"admin"},
    "UPDATE watchlists SET is_active = false": {"admin"},
    "UPDATE subjects SET status = 'inactive'": {"admin", "operator"},
    "DELETE FROM image_templates": {"admin", "operator"},
    "DELETE FROM images": {"admin", "operator"},
    "UPDATE sightings SET metadata = '{\"note\": 1}'": {"admin", "operator", "worker"},
    "UPDATE alerts SET status = 'resolved'": {"admin", "operator"},
    "DELETE FROM alerts": {"admin"},
}


async def _world(session: AsyncSession) -> dict[str, Principal]:
    """One row in every table above, and everybody who may act."""
    subject = await add_subject(session, await add_watchlist(session), seed=1)
    await record_tracks(session, tracks=[track_record(await add_camera(session), subject)])
    columns = "image_id, model_version, embedding"
    beside = f"INSERT INTO image_templates ({columns}) SELECT id, 'former/1', embedding FROM images"  # noqa: S608
    await session.execute(text(beside))
    await session.execute(text("INSERT INTO object_deletions (object_key, reason) VALUES ('k', 'test')"))
    protected = await add_user(session, Role.VIEWER)
    factor = "INSERT INTO second_factors (user_id, sealed_secret) VALUES (:id, 'x')"
    await session.execute(text(factor), {"id": protected.user_id})
    people = {
        role.value: await add_user(session, role) for role in (Role.ADMIN, Role.OPERATOR, Role.VIEWER, Role.AUDITOR)
    }
    return people | {"worker": WORKER, "auth": AUTH, "maintenance": MAINTENANCE, "nobody": NOBODY}


async def _count(session: AsyncSession, table: str) -> int:
    return int((await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())  # noqa: S608


async def _refused(session: AsyncSession, statement: str, **values: object) -> str:
    """The SQLSTATE of a statement that must fail; the transaction goes on."""
    with pytest.raises(DBAPIError) as caught:
        async with session.begin_nested():
            await session.execute(text(statement), values)
    return sqlstate(caught.value)


async def _touched(session: AsyncSession, statement: str) -> int:
    """How many rows it changes, undone; none where a trigger refuses it."""
    attempt = await session.begin_nested()
    try:
        return int((await session.execute(text(statement))).rowcount)  # type: ignore[attr-defined]
    except DBAPIError as error:
        if sqlstate(error) != "42501":
            raise
        return 0
    finally:
        await attempt.rollback()


@pytest.mark.asyncio
async def test_each_role_reads_what_it_may(session: AsyncSession) -> None:
    people = await _world(session)
    for name, principal in people.items():
        async with acting(session, principal):
            for table, readers in READABLE.items():
                own_row = table == "users" and principal.user_id is not None
                seen = await _count(session, table)
                assert (seen > 0) == (name in readers or own_row), f"{name} reads {seen} of {table}"
                if own_row and name not in readers:
                    assert seen == 1, f"{name} sees other accounts"


@pytest.mark.asyncio
async def test_each_role_writes_what_it_may(session: AsyncSession) -> None:
    people = await _world(session)
    for name, principal in people.items():
        async with acting(session, principal):
            for statement, writers in WRITES.items():
                touched = await _touched(session, statement)
                assert (touched > 0) == (name in writers), f"{name}: {statement} touched {touched} rows"


@pytest.mark.asyncio
async def test_inserts_that_no_policy_allows_are_refused(session: AsyncSession) -> None:
    people = await _world(session)
    statements = {
        "INSERT INTO users (username, hashed_password, role) VALUES ('mallory', 'x', 'admin')": "operator",
        "INSERT INTO cameras (name, stream_url) VALUES ('c', 'rtsp://h/1')": "operator",
        "INSERT INTO subjects (name) VALUES ('somebody')": "viewer",
        "INSERT INTO settings (key, value) VALUES ('k', '1')": "worker",
        "INSERT INTO user_camera_groups (user_id, group_id) VALUES (gen_random_uuid(), gen_random_uuid())": "operator",
    }
    for statement, name in statements.items():
        async with acting(session, people[name]):
            assert await _refused(session, statement) == "42501", f"{name}: {statement}"


@pytest.mark.asyncio
async def test_groups_hide_cameras_and_all_that_hangs_on_them(session: AsyncSession) -> None:
    watchlist = await add_watchlist(session)
    subject = await add_subject(session, watchlist)
    insert = text("INSERT INTO camera_groups (name) VALUES ('staff') RETURNING id")
    group: UUID = (await session.execute(insert)).scalar_one()
    hidden, open_to_all = await add_camera(session, group_id=group), await add_camera(session)
    await record_tracks(session, tracks=[track_record(hidden, subject), track_record(open_to_all, subject)])
    stranger, member = await add_user(session, Role.VIEWER), await add_user(session, Role.VIEWER)
    joins = text("INSERT INTO user_camera_groups (user_id, group_id) VALUES (:user, :group)")
    await session.execute(joins, {"user": member.user_id, "group": group})
    for principal, expected in ((stranger, {open_to_all.id}), (member, {open_to_all.id, hidden.id})):
        async with acting(session, principal):
            assert set(await session.scalars(text("SELECT id FROM cameras"))) == expected
            assert set(await session.scalars(text("SELECT camera_id FROM sightings"))) == expected
            assert set(await session.scalars(text("SELECT camera_id FROM alerts"))) == expected


@pytest.mark.asyncio
@pytest.mark.parametrize("role", [Role.ADMIN, Role.VIEWER])
@pytest.mark.parametrize("verb", ["SELECT * FROM", "DELETE FROM", "TRUNCATE"])
async def test_partitions_cannot_be_reached_by_name(session: AsyncSession, role: Role, verb: str) -> None:
    principal = await add_user(session, role)
    statement = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'sightings'::regclass")
    partitions = list(await session.scalars(statement))
    assert "sightings_default" in partitions
    async with acting(session, principal):
        for partition in partitions:
            assert await _refused(session, f"{verb} {partition}") == "42501"


@pytest.mark.asyncio
async def test_a_demoted_or_deactivated_user_loses_access_at_once(session: AsyncSession) -> None:
    await add_subject(session)
    principal = await add_user(session, Role.OPERATOR)
    async with acting(session, principal):
        assert await _count(session, "subjects") > 0
    await session.execute(text("UPDATE users SET role = 'auditor' WHERE id = :id"), {"id": principal.user_id})
    async with acting(session, principal):
        assert await _count(session, "subjects") == 0, "the token still says operator"
    await session.execute(
        text("UPDATE users SET role = 'operator', is_active = false WHERE id = :id"), {"id": principal.user_id}
    )
    async with acting(session, principal):
        assert await _count(session, "subjects") == 0


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_logs SET actor = 'somebody else'",
        "DELETE FROM audit_logs",
        "TRUNCATE audit_logs, audit_payloads, audit_chain",
        "INSERT INTO audit_logs (actor, action, table_name, payload_digest) VALUES ('x', 'X', 'x', '')",
        "UPDATE audit_payloads SET new_values = NULL",
        "DELETE FROM audit_chain",
        "SELECT audit_write('UPDATE', 'users', 'x', NULL, NULL)",
        "SELECT record_audit_event('DELETE', 'users')",
        "SELECT purge_before(now())",
        "DELETE FROM subjects",
        "ALTER TABLE sightings DISABLE ROW LEVEL SECURITY",
        "DROP TRIGGER audit_trigger ON users",
        "SET ROLE sightline_owner",
        "SET session_replication_role = replica",
    ],
)
async def test_the_application_cannot_rewrite_history(session: AsyncSession, statement: str) -> None:
    await add_camera(session)
    assert await _refused(session, statement) == "42501"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "call",
    ["purge_old_data(30)", "purge_expired_media()", "set_vector_index('hnsw')", "erase_subject(gen_random_uuid())"],
)
async def test_functions_of_the_owner_ask_who_calls(session: AsyncSession, call: str) -> None:
    viewer = await add_user(session, Role.VIEWER)
    async with acting(session, viewer):
        assert await _refused(session, f"SELECT {call}") == "42501"


@pytest.mark.asyncio
async def test_search_finds_nothing_for_who_may_not_see_templates(session: AsyncSession) -> None:
    await add_subject(session, seed=3)
    viewer, operator = await add_user(session, Role.VIEWER), await add_user(session, Role.OPERATOR)
    search = text(
        "SELECT count(*) FROM find_similar_faces((SELECT array_fill(0.04419417, ARRAY[512])::vector), -1, 5, :model)"
    )
    for principal, expected in ((viewer, 0), (operator, 1)):
        async with acting(session, principal):
            assert (await session.execute(search, {"model": "test-model/1"})).scalar_one() == expected


@pytest.mark.asyncio
async def test_operators_switch_cameras_and_change_nothing_else(session: AsyncSession) -> None:
    await add_camera(session)
    operator = await add_user(session, Role.OPERATOR)
    async with acting(session, operator):
        assert await _refused(session, "UPDATE cameras SET location = 'moved'") == "42501"
        assert await _refused(session, "UPDATE cameras SET detection_enabled = false, stream_url = 'x://y/'") == "42501"
        await session.execute(text("UPDATE cameras SET detection_enabled = false"))


@pytest.mark.asyncio
async def test_no_account_vouches_for_an_address(session: AsyncSession) -> None:
    camera = await add_camera(session)
    admin = await add_user(session, Role.ADMIN)
    async with acting(session, admin):
        await session.execute(text("UPDATE cameras SET location = 'yard'"))
        insert = "INSERT INTO cameras (name, stream_url, address_trusted) VALUES ('c', 'file:///etc/passwd', true)"
        assert await _refused(session, insert) == "42501"
        assert await _refused(session, "UPDATE cameras SET stream_url = 'file:///etc/passwd'") == "42501"
        await session.execute(text("UPDATE cameras SET stream_url = 'rtsp://h/2', address_trusted = false"))
        assert await _refused(session, "UPDATE cameras SET address_trusted = true") == "42501"
    await session.refresh(camera)
    assert camera.address_trusted is False
