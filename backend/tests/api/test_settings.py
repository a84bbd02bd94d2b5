"""Settings: read with their origin, changed by administrators only, never lost to somebody else's change."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from sightline.core.database import SYSTEM, WORKER, Database, Role
from sightline.services import measures, runtime_settings
from sightline.services.sightings import MinuteCount, count_minutes, record_tracks
from tests.api.conftest import SignIn, World
from tests.support.database import track_record

pytestmark = pytest.mark.asyncio
URL = "/v1/settings"
FIRST = {"If-Match": '"0"'}
SECTIONS = ["general", "cameras", "recognition", "alerts", "retention", "privacy"]


async def stored(database: Database) -> dict[str, Any]:
    async with database.session(SYSTEM) as session:
        return {row.key: row.value for row in await session.execute(text("SELECT key, value FROM settings"))}


async def test_every_section_says_what_is_in_force_and_why(sign_in: SignIn) -> None:
    auditor = await sign_in(Role.AUDITOR)
    everything = (await auditor.get(URL)).json()
    assert list(everything) == SECTIONS
    assert {section["source"] for section in everything.values()} == {"default"}
    assert everything["retention"]["value"] == {"sightings_days": 30, "minute_counts_days": 90}
    for name in SECTIONS:
        one = await auditor.get(f"{URL}/{name}")
        assert (one.json(), one.headers["ETag"]) == (everything[name], '"0"')


async def test_a_change_is_shown_with_who_made_it_and_can_be_taken_back(sign_in: SignIn, database: Database) -> None:
    admin = await sign_in(Role.ADMIN)
    changed = await admin.put(f"{URL}/alerts", json={"cooldown_seconds": 60}, headers=FIRST)
    assert changed.status_code == 200, changed.text
    body = changed.json()
    assert (body["value"], body["default"]) == ({"cooldown_seconds": 60}, {"cooldown_seconds": 300})
    assert (body["source"], body["updated_by_name"]) == ("changed", "admin")
    assert body["etag"] == changed.headers["ETag"]
    async with database.session(SYSTEM) as session:
        logged = await session.execute(
            text("SELECT action, new_values FROM audit_entries WHERE table_name = 'settings' AND record_id = 'alerts'")
        )
        assert [(row.action, row.new_values["value"]) for row in logged] == [("INSERT", {"cooldown_seconds": 60})]
    assert (await admin.delete(f"{URL}/alerts", headers=FIRST)).status_code == 412
    assert (await admin.delete(f"{URL}/alerts", headers={"If-Match": body["etag"]})).status_code == 204
    assert (await admin.get(f"{URL}/alerts")).json()["source"] == "default"


async def test_nobody_overwrites_what_they_have_not_read(sign_in: SignIn, database: Database) -> None:
    admin = await sign_in(Role.ADMIN)
    assert (await admin.put(f"{URL}/alerts", json={"cooldown_seconds": 1})).status_code == 428
    answers = await asyncio.gather(
        *(admin.put(f"{URL}/alerts", json={"cooldown_seconds": 10 + n}, headers=FIRST) for n in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    tag = next(answer.headers["ETag"] for answer in answers if answer.status_code == 200)
    answers = await asyncio.gather(
        *(admin.put(f"{URL}/alerts", json={"cooldown_seconds": 20 + n}, headers={"If-Match": tag}) for n in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER, Role.AUDITOR])
async def test_only_administrators_change_settings(sign_in: SignIn, database: Database, role: Role) -> None:
    client = await sign_in(role)
    assert (await client.put(f"{URL}/privacy", json={}, headers=FIRST)).status_code == 403
    assert (await client.delete(f"{URL}/privacy", headers=FIRST)).status_code == 403
    assert (await client.post(f"{URL}/retention/preview", json={})).status_code == 403
    assert (await client.get(URL)).status_code == (200 if role is Role.AUDITOR else 403)
    assert await stored(database) == {}


@pytest.mark.parametrize(
    ("section", "body"),
    [
        ("alerts", {"cooldown_seconds": -1}),
        ("alerts", {"cooldown_seconds": "soon"}),
        ("alerts", {"cooldown_second": 1}),
        ("alerts", []),
        ("retention", {"sightings_days": 0}),
        ("retention", {"sightings_days": 10**9}),
        ("general", {"time_zone": "../../etc/passwd"}),
        ("general", {"time_zone": "a\0b"}),
        ("general", {"system_name": "\0"}),
        ("general", {"system_name": "x" * 101}),
        ("general", {"language": "'; DROP TABLE settings"}),
        ("recognition", {"unknown": "template"}),
        ("recognition", {"unknown": "template", "unknown_purpose": "  "}),
        ("recognition", {"unknown": "everything"}),
        ("recognition", {"fmr": 0}),
        ("cameras", {"sample_rate": 1e400}),
        ("privacy", {"purpose_required": "perhaps"}),
    ],
)
async def test_what_makes_no_sense_is_refused(sign_in: SignIn, database: Database, section: str, body: Any) -> None:
    admin = await sign_in(Role.ADMIN)
    content = str(body).replace("'", '"').replace("inf", "1e400") if "sample_rate" in body else None
    given: dict[str, Any] = {"content": content} if content else {"json": body}
    headers = {**FIRST, "Content-Type": "application/json"}
    assert (await admin.put(f"{URL}/{section}", headers=headers, **given)).status_code == 422
    assert await stored(database) == {}


async def test_there_are_no_other_sections(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    for name in ("jwt", "database", "..", "%00"):
        assert (await admin.get(f"{URL}/{name}")).status_code in {404, 422}
        assert (await admin.put(f"{URL}/{name}", json={}, headers=FIRST)).status_code in {404, 405, 422}


async def test_templates_of_unknown_people_are_a_decision_on_record(sign_in: SignIn, database: Database) -> None:
    admin = await sign_in(Role.ADMIN)
    body = {"unknown": "template", "unknown_purpose": "search for a missing child, order 7/2026"}
    answer = await admin.put(f"{URL}/recognition", json=body, headers=FIRST)
    assert answer.status_code == 200, answer.text
    async with database.session(SYSTEM) as session:
        logged = (
            await session.execute(text("SELECT new_values FROM audit_entries WHERE table_name = 'settings'"))
        ).one()
    assert logged.new_values["value"]["unknown_purpose"] == body["unknown_purpose"]


async def test_what_was_changed_lies_above_the_environment(sign_in: SignIn, app: FastAPI, database: Database) -> None:
    admin = await sign_in(Role.ADMIN)
    await admin.put(f"{URL}/recognition", json={"fmr": 1e-5, "unknown": "count"}, headers=FIRST)
    await admin.put(f"{URL}/cameras", json={"sample_rate": 2.5}, headers=FIRST)
    base = app.state.resources.settings
    async with database.session(WORKER) as session:
        now = await runtime_settings.effective(session, base=base)
    assert (now.recognition.fmr, now.recognition.unknown, now.capture.sample_rate) == (1e-5, "count", 2.5)
    assert now.recognition.pack == base.recognition.pack
    assert now.capture.stall_timeout == base.capture.stall_timeout
    assert now.database == base.database


async def test_the_preview_counts_and_removes_nothing(sign_in: SignIn, world: World, database: Database) -> None:
    admin = await sign_in(Role.ADMIN)
    now = datetime.now(UTC)
    old = [now - timedelta(days=days) for days in (100, 50, 40)]
    async with database.session(WORKER) as session:
        tracks = [track_record(world.lobby, track_id=uuid4(), first_seen=at, last_seen=at) for at in old]
        await record_tracks(session, tracks=tracks)
        minute = (now - timedelta(days=95)).replace(second=0, microsecond=0)
        await count_minutes(session, counts=[MinuteCount(world.lobby.id, minute, 1)])
    url = f"{URL}/retention/preview"
    found = (await admin.post(url, json={"sightings_days": 45})).json()
    assert (found["sightings"], found["known"], found["pictures_estimate"]) == (2, 0, 4)
    assert (found["minute_counts"], found["alerts_anonymised"]) == (1, 0)
    assert datetime.fromisoformat(found["oldest_sighting_at"]) == old[0]
    everything = (await admin.post(url, json={"sightings_days": 1})).json()
    assert everything["sightings"] == 3
    none = (await admin.post(url, json={"sightings_days": 3660, "minute_counts_days": 3660})).json()
    assert (none["sightings"], none["database_bytes_estimate"], none["minute_counts"]) == (0, 0, 0)
    async with database.session(SYSTEM) as session:
        assert await session.scalar(text("SELECT count(*) FROM sightings")) == 6
        await measures.fold(session)
    assert (await admin.post(url, json={"sightings_days": 45})).json()["sightings"] == 2
