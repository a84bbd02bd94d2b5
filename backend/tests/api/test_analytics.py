"""Numbers over HTTP: right, of the caller's cameras only, and never a 500 for a strange question."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from sightline.core.database import SYSTEM, Database, Role
from tests.api.conftest import SignIn, World

pytestmark = pytest.mark.asyncio
HOUR_AGO: dict[str, Any] = {"since": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}


async def get(client: Any, path: str, status: int = 200, **parameters: Any) -> Any:
    answer = await client.get(f"/v1/analytics/{path}", params=parameters)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_the_first_page_has_everything_at_once(sign_in: SignIn, world: World) -> None:
    admin = await sign_in(Role.ADMIN)
    numbers = await get(admin, "dashboard", since=(datetime.now(UTC) - timedelta(hours=2)).isoformat())
    assert (numbers["sightings_today"], numbers["recognised_today"], numbers["unknown_today"]) == (3, 1, 2)
    assert numbers["alerts_by_severity"] == {"low": 0, "medium": 0, "high": 1, "critical": 0}
    assert (numbers["open_alerts"], len(numbers["recent_alerts"])) == (1, 1)
    assert numbers["cameras_by_status"] == {"active": 0, "inactive": 1, "error": 1}
    assert len(numbers["hours"]) == 24
    assert sum(hour["sightings"] for hour in numbers["hours"]) == 3
    assert sum(hour["known"] for hour in numbers["hours"]) == 1


async def test_frames_that_detection_leaves_out_are_told_of_cameras_that_are_watched(
    sign_in: SignIn, world: World, database: Database
) -> None:
    admin = await sign_in(Role.ADMIN)
    nothing = await get(admin, "dashboard")
    assert (nothing["frames_per_second"], nothing["frames_per_second_wanted"]) == (0, 0)  # no camera is active
    async with database.session(SYSTEM) as session:
        slowed = "UPDATE cameras SET status = 'active', sample_rate_now = :rate WHERE id = :id"
        await session.execute(text(slowed), {"id": world.lobby.id, "rate": 1.5})
        await session.execute(text(slowed), {"id": world.vault.id, "rate": None})  # no worker has said yet
    behind = await get(admin, "dashboard")
    assert (behind["frames_per_second"], behind["frames_per_second_wanted"]) == (6.5, 10)
    viewer = await get(await sign_in(Role.VIEWER), "dashboard")
    assert (viewer["frames_per_second"], viewer["frames_per_second_wanted"]) == (1.5, 5)


async def test_a_viewer_counts_what_a_viewer_sees(sign_in: SignIn, world: World) -> None:
    viewer = await sign_in(Role.VIEWER)
    trend = await get(viewer, "trends", interval="hour", **HOUR_AGO)
    assert (trend["metric"], trend["total"]) == ("sightings", 2)
    assert trend["total"] == sum(bucket["value"] for bucket in trend["buckets"])
    hidden = await get(viewer, "trends", camera_id=str(world.vault.id), **HOUR_AGO)
    assert hidden["total"] == 0
    assert [one["name"] for one in (await get(viewer, "cameras", **HOUR_AGO))["items"]] == ["Lobby"]
    heat = await get(viewer, "heatmap", **HOUR_AGO)
    assert sum(map(sum, heat["weekdays"])) == 2
    assert [one["camera_id"] for one in heat["cameras"]] == [str(world.lobby.id)]


@pytest.mark.parametrize(
    ("metric", "total"),
    [("sightings", 3), ("known", 1), ("alerts", 1), ("detections", 40), ("frames", 300), ("recognitions", 1)],
)
async def test_each_metric_has_its_series(sign_in: SignIn, world: World, metric: str, total: int) -> None:
    admin = await sign_in(Role.ADMIN)
    for interval in ("hour", "day", "week", "month"):
        trend = await get(admin, "trends", metric=metric, interval=interval, time_zone="Asia/Kathmandu", **HOUR_AGO)
        assert trend["total"] == total
        ends = [bucket["end"] for bucket in trend["buckets"]]
        assert ends[:-1] == [bucket["start"] for bucket in trend["buckets"]][1:]


async def test_alerts_are_counted_per_watchlist(sign_in: SignIn, world: World) -> None:
    admin = await sign_in(Role.ADMIN)
    own = world.guest.watchlist_id or 0
    assert (await get(admin, "trends", metric="alerts", watchlist_id=own, **HOUR_AGO))["total"] == 1
    assert (await get(admin, "trends", metric="alerts", watchlist_id=own + 1, **HOUR_AGO))["total"] == 0
    await get(admin, "trends", 422, metric="sightings", watchlist_id=own)


async def test_cameras_are_sorted_and_paged(sign_in: SignIn, world: World, database: Database) -> None:
    admin = await sign_in(Role.ADMIN)
    first = await get(admin, "cameras", sort="-sightings", limit=1, **HOUR_AGO)
    assert [(one["name"], one["sightings"], one["frames"]) for one in first["items"]] == [("Lobby", 2, 300)]
    second = await get(admin, "cameras", sort="-sightings", limit=1, cursor=first["next"], **HOUR_AGO)
    assert [(one["name"], one["uptime"]) for one in second["items"]] == [("Vault", 0.0)]
    assert second["next"] is None
    await get(admin, "cameras", 422, sort="name", cursor=first["next"])


async def test_who_looks_at_a_persons_numbers_is_on_record(sign_in: SignIn, world: World, database: Database) -> None:
    viewer = await sign_in(Role.VIEWER)
    numbers = await get(viewer, f"subjects/{world.guest.id}", time_zone="Europe/Berlin", **HOUR_AGO)
    assert (numbers["sightings"], numbers["alerts"], numbers["rejected"]) == (1, 1, 0)
    assert [one["camera_name"] for one in numbers["cameras"]] == ["Lobby"]
    assert sum(map(sum, numbers["weekdays"])) == sum(day["sightings"] for day in numbers["days"]) == 1
    async with database.session(SYSTEM) as session:
        row = (
            await session.execute(
                text(
                    "SELECT record_id, new_values FROM audit_entries WHERE action = 'VIEW' AND table_name = 'subjects'"
                )
            )
        ).one()
    assert row.record_id == str(world.guest.id)
    assert row.new_values["what"] == "analytics"
    await get(viewer, f"subjects/{uuid4()}", 404)
    await get(viewer, "subjects/7", 422)


async def test_recognition_tells_what_people_said(sign_in: SignIn, world: World, database: Database) -> None:
    admin = await sign_in(Role.ADMIN)
    numbers = await get(admin, "recognition")
    assert (numbers["sightings"], numbers["known"], numbers["judged_wrong"]) == (3, 1, None)
    assert numbers["similarities"] == [{"lower": 0.6, "count": 1}]
    async with database.session(SYSTEM) as session:
        await session.execute(
            text("UPDATE sightings SET verdict = 'confirmed', corrected_at = now() WHERE id = :id"), {"id": world.known}
        )
    numbers = await get(admin, "recognition")
    assert (numbers["confirmed"], numbers["judged_wrong"]) == (1, 0.0)
    assert numbers["judged_wrong_interval"][1] > 0.9


@pytest.mark.parametrize(
    "parameters",
    [
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": "\0"},
        {"time_zone": "x" * 65},
        {"since": "yesterday"},
        {"since": "2026-01-01T00:00:00"},
        {"since": "0001-01-01T00:00:00Z", "until": "0001-01-02T00:00:00Z"},
        {"until": "9999-12-31T23:59:59Z"},
        {"since": "2020-01-01T00:00:00Z"},
        {"camera_id": "'; DROP TABLE cameras"},
        {"group_id": "7"},
        {"metric": "minutes"},
        {"interval": "second"},
        {"watchlist_id": str(2**40)},
    ],
)
async def test_strange_questions_are_refused(sign_in: SignIn, parameters: dict[str, str]) -> None:
    await get(await sign_in(Role.VIEWER), "trends", 422, **parameters)


async def test_auditors_look_at_no_people(sign_in: SignIn, world: World) -> None:
    auditor = await sign_in(Role.AUDITOR)
    for path in ("dashboard", "trends", "cameras", "heatmap", "recognition", f"subjects/{world.guest.id}"):
        await get(auditor, path, 403)


async def test_expected_false_alarms_of_all_cameras_say_why_there_is_no_number(sign_in: SignIn, world: World) -> None:
    viewer = await sign_in(Role.VIEWER)
    found = await get(viewer, "expected-false-alarms")
    assert (found["per_day"], found["reason"]) == (None, "no model pack is installed")
    await get(viewer, "expected-false-alarms", 422, fmr=2)
    await get(viewer, "expected-false-alarms", 422, fmr=1e-4, min_similarity=0.6)
    await get(await sign_in(Role.AUDITOR), "expected-false-alarms", 403)
