"""The audit log: complete, free of secrets, and a chain that shows tampering and survives erasure."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import MAINTENANCE, SYSTEM, WORKER, Database, Role
from sightline.core.errors import Forbidden, InvalidInput
from sightline.services import audit, audit_anchors, retention, sightings, subject_merge, subjects, users, watchlists
from sightline.services.audit import Anchor, ProblemKind
from tests.support.database import (
    DatabaseAddress,
    acting,
    add_camera,
    add_subject,
    add_user,
    add_watchlist,
    execute_as_admin,
    matched,
    track_record,
)

SAMPLE_ROWS = {
    "users": "INSERT INTO users (username, hashed_password, role) VALUES ('eve', 'x', 'viewer')",
    "settings": "INSERT INTO settings (key, value) VALUES ('colour', '1')",
    "camera_groups": "INSERT INTO camera_groups (name) VALUES ('doors')",
    "user_camera_groups": "INSERT INTO user_camera_groups SELECT u.id, g.id FROM users u, camera_groups g LIMIT 1",
    "refresh_tokens": "INSERT INTO refresh_tokens (user_id, token_hash, family_id, expires_at)"
    " SELECT id, 'token-hash', id, now() FROM users LIMIT 1",
    "api_keys": "INSERT INTO api_keys (user_id, name, key_hash, prefix, expires_at)"
    " SELECT id, 'k', 'key-hash', 'sl_abc', now() FROM users LIMIT 1",
    "second_factors": "INSERT INTO second_factors (user_id, sealed_secret, recovery_hashes)"
    " SELECT id, 'sealed-seed', '{recovery-hash}' FROM users LIMIT 1",
    "push_subscriptions": "INSERT INTO push_subscriptions (user_id, endpoint_hash, host, secrets)"
    " SELECT id, 'endpoint-hash', 'push.example', 'secret-of-browser' FROM users LIMIT 1",
    "layouts": "INSERT INTO layouts (user_id, name, kind, content) SELECT id, 'night', 'live', '{}' FROM users LIMIT 1",
    "jobs": "INSERT INTO jobs (kind) VALUES ('report')",
    "erasures": "INSERT INTO erasures (subject_digest, reason, work) VALUES (repeat('0', 64), 'request', '{}')",
    "sighting_corrections": "INSERT INTO sighting_corrections (sighting_id, detected_at, camera_id, verdict)"
    " SELECT id, detected_at, camera_id, 'confirmed' FROM sightings LIMIT 1",
    "search_requests": "INSERT INTO search_requests"
    " (requested_by, purpose, probe, model_version, min_similarity, top_k, expires_at)"
    " SELECT id, 'a theft', 'sealed-probe', 'm/1', 0.5, 10, now() FROM users LIMIT 1",
    "image_templates": "INSERT INTO image_templates (image_id, model_version, refusal)"
    " SELECT id, 'm/2', 'no face' FROM images LIMIT 1",
    "alert_events": "INSERT INTO alert_events (alert_id, kind) SELECT id, 'acknowledged' FROM alerts LIMIT 1",
    "alert_rules": "INSERT INTO alert_rules (name) VALUES ('night')",
    "escalation_policies": "INSERT INTO escalation_policies (name) VALUES ('night')",
    "notification_channels": "INSERT INTO notification_channels (name, kind, secrets)"
    " VALUES ('mail', 'email', '{\"password\": \"secret-of-channel\"}')",
    "alert_rule_channels": "INSERT INTO alert_rule_channels"
    " SELECT r.id, c.id FROM alert_rules r, notification_channels c",
    "notification_outbox": "INSERT INTO notification_outbox (alert_id, channel_id)"
    " SELECT a.id, c.id FROM alerts a, notification_channels c LIMIT 1",
    "delivery_attempts": "INSERT INTO delivery_attempts"
    " (delivery_id, attempt, outcome, detail, started_at, duration_ms)"
    " SELECT id, 1, 'failed', 'nobody answered', now(), 1 FROM notification_outbox LIMIT 1",
    "channel_health": "INSERT INTO channel_health (channel_id) SELECT id FROM notification_channels LIMIT 1",
    "camera_minute_counters": "INSERT INTO camera_minute_counters (camera_id, minute)"
    " SELECT id, '2026-11-22 12:00Z' FROM cameras LIMIT 1",
    "object_deletions": "INSERT INTO object_deletions (object_key, reason) VALUES ('k', 'test')",
}


@pytest.mark.asyncio
async def test_every_table_leaves_a_trace_and_no_secret(session: AsyncSession) -> None:
    subject = await add_subject(session, await add_watchlist(session), seed=1)
    await sightings.record_tracks(session, tracks=[track_record(await add_camera(session), subject)])
    for statement in SAMPLE_ROWS.values():
        await session.execute(text(statement))
    twin = await add_subject(session)
    await subject_merge.merge(session, kept_id=subject.id, emptied_id=twin.id, take_emptied_list=False)
    tables = await session.scalars(
        text(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT"
            " relispartition AND relname NOT LIKE 'audit%' AND relname NOT LIKE 'statistic%'"
            " AND relname NOT IN ('alembic_version', 'idempotency_keys', 'rule_queue', 'alert_escalations')"
        )
    )
    traced = set(await session.scalars(text("SELECT table_name FROM audit_logs WHERE action = 'INSERT'")))
    assert set(tables) - traced == set()
    everything = str(list(await session.execute(text("SELECT old_values, new_values FROM audit_payloads"))))
    for secret in (
        "secret-of-camera",
        "secret-of-channel",
        "token-hash",
        "key-hash",
        "sealed-seed",
        "recovery-hash",
        "endpoint-hash",
        "secret-of-browser",
        "sealed-probe",
        "hashed_password': ",
        "embedding",
    ):
        assert secret not in everything
        assert secret.encode().hex() not in everything


@pytest.mark.asyncio
async def test_who_and_from_where_with_old_and_new_values(session: AsyncSession) -> None:
    subject = await add_subject(session)
    operator = await add_user(session, Role.OPERATOR)
    async with acting(session, operator):
        await session.execute(text("UPDATE subjects SET external_id = 'E-1' WHERE id = :id"), {"id": subject.id})
    entry = (
        await session.execute(
            text("SELECT * FROM audit_entries WHERE action = 'UPDATE' AND record_id = :id"), {"id": str(subject.id)}
        )
    ).one()
    assert (entry.user_id, entry.actor, str(entry.ip_address)) == (operator.user_id, "operator", "192.0.2.7")
    assert (entry.old_values["external_id"], entry.new_values["external_id"]) == (None, "E-1")


@pytest.mark.asyncio
async def test_a_changed_password_shows_as_changed_only(session: AsyncSession) -> None:
    account = await users.create_admin(session, username="grace")
    await users.reset_password(session, username="grace")
    values = await session.scalar(
        text("SELECT new_values FROM audit_entries WHERE action = 'UPDATE' AND record_id = :id"),
        {"id": str(account.id)},
    )
    assert values["changed_but_withheld"] == ["hashed_password"]
    assert "hashed_password" not in values


@pytest.mark.asyncio
async def test_machines_are_audited_per_batch_and_people_per_row(session: AsyncSession) -> None:
    camera = await add_camera(session)
    async with acting(session, WORKER):
        await sightings.record_tracks(session, tracks=[track_record(camera) for _ in range(20)])
    batch = (
        await session.execute(text("SELECT actor, row_count FROM audit_logs WHERE table_name = 'sightings'"))
    ).all()
    assert [tuple(row) for row in batch] == [("worker", 20)]
    async with acting(session, await add_user(session, Role.OPERATOR)):
        await session.execute(text('UPDATE sightings SET metadata = \'{"note": "seen"}\''))
    rows = await session.scalar(
        text("SELECT count(*) FROM audit_logs WHERE table_name = 'sightings' AND actor = 'operator' AND row_count = 1")
    )
    assert rows == 20


@pytest.mark.asyncio
async def test_being_seen_is_no_event(session: AsyncSession) -> None:
    camera = await add_camera(session)
    async with acting(session, WORKER):
        await sightings.record_tracks(session, tracks=[track_record(camera)])
    updates = text("SELECT count(*) FROM audit_logs WHERE table_name = 'cameras' AND action = 'UPDATE'")
    assert await session.scalar(updates) == 0
    assert await session.scalar(text("SELECT updated_at = created_at FROM cameras WHERE id = :id"), {"id": camera.id})


async def _history(database: Database, events: int = 6) -> None:
    for _ in range(events):
        async with database.session(SYSTEM) as session:
            await add_camera(session)
    async with database.session(MAINTENANCE) as session:
        await audit.seal(session)


@pytest.mark.asyncio
async def test_an_untouched_chain_verifies(database: Database, tmp_path: Path) -> None:
    await _history(database)
    async with database.session(SYSTEM) as session:
        head = await audit_anchors.current_anchor(session)
        assert head is not None
        audit_anchors.append_anchor(tmp_path / "anchors", head)
        report = await audit.verify_chain(session, anchors=audit_anchors.read_anchors(tmp_path / "anchors"))
    assert report.is_whole
    assert report.head == head
    assert report.events == 12, "a camera and its login, six times"


@pytest.mark.asyncio
async def test_events_wait_for_their_seal_and_are_then_part_of_the_chain(database: Database) -> None:
    async with database.session(SYSTEM) as session:
        await add_camera(session)
    async with database.session(MAINTENANCE) as session:
        before = await audit.verify_chain(session)
        sealed = [await audit.seal(session, most=1) for _ in range(3)]
        after = await audit.verify_chain(session)
    assert (before.events, before.pending, before.is_whole) == (0, 2, True)
    assert sealed == [1, 1, 0]
    assert (after.events, after.pending, after.is_whole) == (2, 0, True)


@pytest.mark.asyncio
async def test_writers_do_not_wait_for_each_other_or_for_the_seal(database: Database) -> None:
    """With the chain sealed inside of their transactions the second writer's commit would wait for the first's."""
    async with database.session(MAINTENANCE) as sealer, database.session(SYSTEM) as slow:
        await add_camera(slow)
        await audit.seal(sealer)
        async with asyncio.timeout(10), database.session(SYSTEM) as quick:
            await add_camera(quick)
    async with database.session(MAINTENANCE) as session:
        assert await audit.seal(session) == 4
        assert (await audit.verify_chain(session)).is_whole


@pytest.mark.asyncio
async def test_two_sealers_at_once_make_one_chain(database: Database) -> None:
    for _ in range(20):
        async with database.session(SYSTEM) as session:
            await add_camera(session)

    async def seal_some() -> int:
        count = 0
        for _ in range(10):
            async with database.session(MAINTENANCE) as session:
                count += await audit.seal(session, most=3)
        return count

    assert sum(await asyncio.gather(seal_some(), seal_some())) == 40
    async with database.session(MAINTENANCE) as session:
        assert (await audit.verify_chain(session)).is_whole


@pytest.mark.asyncio
async def test_operators_do_not_seal(database: Database) -> None:
    async with database.session(SYSTEM) as session:
        operator = await add_user(session, Role.OPERATOR)
    with pytest.raises(Forbidden):
        async with database.session(operator) as session:
            await audit.seal(session)


TAMPERING = {
    "an edited event": ("UPDATE audit_logs SET actor = 'innocent' WHERE {third}", ProblemKind.EDITED),
    "an edited payload": (
        "UPDATE audit_payloads SET new_values = '{{}}' WHERE audit_id = (SELECT id FROM audit_logs WHERE {third})",
        ProblemKind.PAYLOAD_EDITED,
    ),
    "an emptied payload": (
        (
            "UPDATE audit_payloads SET salt = NULL, old_values = NULL, new_values = NULL, erased_at = now(),"
            " erased_by = audit_id WHERE audit_id = (SELECT id FROM audit_logs WHERE {third})"
        ),
        ProblemKind.PAYLOAD_ERASED_WITHOUT_RECORD,
    ),
    "a removed event": (
        (
            "DELETE FROM audit_payloads WHERE audit_id = (SELECT id FROM audit_logs WHERE {third});"
            "DELETE FROM audit_chain WHERE position = 3"
        ),
        ProblemKind.REMOVED,
    ),
    "reordered events": (
        (
            "UPDATE audit_chain SET position = -position WHERE position IN (3, 4);"
            "UPDATE audit_chain SET position = 7 + position WHERE position < 0"
        ),
        ProblemKind.EDITED,
    ),
    "a cut-off tail": ("DELETE FROM audit_chain WHERE position > 8", ProblemKind.CUT_OFF),
    "an event that never gets its turn": (
        (
            "INSERT INTO audit_logs (id, actor, action, table_name, payload_digest)"
            " VALUES ('01990000-0000-7000-8000-000000000001', 'x', 'LOGIN', 'users', '');"
            "INSERT INTO audit_pending VALUES ('01990000-0000-7000-8000-000000000001', now() - interval '1 hour')"
        ),
        ProblemKind.UNSEALED,
    ),
    "an event put in": (
        "INSERT INTO audit_logs (actor, action, table_name, payload_digest) VALUES ('x', 'LOGIN', 'users', '')",
        ProblemKind.UNSEALED,
    ),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("what", TAMPERING)
async def test_tampering_by_the_superuser_is_found(
    what: str, own_database: DatabaseAddress, database: Database
) -> None:
    await _history(database)
    async with database.session(SYSTEM) as session:
        head = await audit_anchors.current_anchor(session)
    assert head is not None
    statement, expected = TAMPERING[what]
    third = "id = (SELECT audit_id FROM audit_chain WHERE position = 3)"
    await execute_as_admin(
        own_database.admin_dsn, "SET session_replication_role = replica;" + statement.format(third=third)
    )
    async with database.session(SYSTEM) as session:
        report = await audit.verify_chain(session, anchors=[head])
    assert expected in {problem.kind for problem in report.problems}


@pytest.mark.asyncio
async def test_a_whole_history_written_anew_is_found_by_the_anchor(database: Database) -> None:
    await _history(database, 1)
    async with database.session(SYSTEM) as session:
        report = await audit.verify_chain(session, anchors=[Anchor(2, "00" * 32)])
    assert [problem.kind for problem in report.problems] == [ProblemKind.CUT_OFF]


@pytest.mark.asyncio
async def test_erasing_a_person_leaves_no_trace_and_the_chain_whole(
    own_database: DatabaseAddress, database: Database
) -> None:
    async with database.session(SYSTEM) as session:
        watchlist = await add_watchlist(session)
        person, other = await add_subject(session, watchlist, seed=1), await add_subject(session, watchlist, seed=2)
        await subjects.move_to_watchlist(session, subject_id=person.id, watchlist_id=watchlist.id)
        camera = await add_camera(session)
    async with database.session(WORKER) as session:
        both = matched(other, 0.9)
        both = type(both)((*both.candidates, *matched(person, 0.3).candidates), both.subject, both.similarity)
        tracks = [track_record(camera, person), track_record(camera, match=both)]
        await sightings.record_tracks(session, tracks=tracks)
    async with database.session(SYSTEM) as session:
        report = await retention.erase_subject(session, subject_id=person.id)
    assert report.amount("images_deleted") == 1
    assert report.amount("sightings_anonymised") == 1
    assert report.amount("candidate_lists_cleaned") == 1
    async with database.session(SYSTEM) as session:
        await audit.seal(session)
        check = await audit.verify_chain(session)
        assert check.is_whole
        assert check.erased == report.amount("audit_payloads_erased") > 0
        for table in ("audit_payloads", "sightings", "alerts", "subjects", "images"):
            rows = str(list(await session.execute(text(f"SELECT * FROM {table}"))))  # noqa: S608
            assert str(person.id) not in rows, table
            assert person.name not in rows, table
        objects = set(await session.scalars(text("SELECT object_key FROM object_deletions")))
        assert objects == {tracks[0].image_path, tracks[0].frame_path, f"enrolled/{person.id}.jpg"}


@pytest.mark.asyncio
async def test_searches_and_logins_are_recorded_too(session: AsyncSession) -> None:
    operator = await add_user(session, Role.OPERATOR)
    async with acting(session, operator):
        event = await audit.record_event(session, action="SEARCH", table_name="images", details={"probes": 1})
    entry = (await session.execute(text("SELECT * FROM audit_entries WHERE id = :id"), {"id": event})).one()
    assert (entry.action, entry.user_id, entry.new_values) == ("SEARCH", operator.user_id, {"probes": 1})


def test_a_damaged_file_of_anchors_is_refused(tmp_path: Path) -> None:
    (tmp_path / "anchors").write_text('{"position": 1}\n')
    with pytest.raises(InvalidInput, match="line 1"):
        audit_anchors.read_anchors(tmp_path / "anchors")
    assert audit_anchors.read_anchors(tmp_path / "none") == ()


@pytest.mark.asyncio
async def test_maintenance_may_check_the_chain(database: Database) -> None:
    await _history(database, 1)
    async with database.session(MAINTENANCE) as session:
        assert (await audit.verify_chain(session)).events == 2


@pytest.mark.asyncio
async def test_switching_a_watchlist_is_recorded(session: AsyncSession) -> None:
    watchlist = await add_watchlist(session)
    await watchlists.set_active(session, name=watchlist.name, is_active=False)
    actions = await session.scalars(text("SELECT action FROM audit_logs WHERE table_name = 'watchlists' ORDER BY id"))
    assert list(actions) == ["INSERT", "UPDATE"]
