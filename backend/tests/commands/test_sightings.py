"""`sightline sightings` and `sightline purge` beside a running system."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from sightline.commands import sightings
from sightline.core.database import SYSTEM, Database
from sightline.services.sighting_views import SightingView
from sightline.services.sightings import record_tracks
from tests.commands.conftest import Cli
from tests.support.database import add_camera, add_subject, track_record
from tests.support.machine import BACKEND, Machine

NOW = datetime.now(UTC).replace(microsecond=0)


def _record(system: Machine, *, known: bool, seen: datetime) -> str:
    async def record() -> str:
        url = system.settings.database.url
        assert url
        database = Database(url.get_secret_value(), pool_size=1)
        async with database.session(SYSTEM) as session:
            camera = await add_camera(session)
            camera.detection_enabled = False  # there is nobody to connect to
            subject = await add_subject(session) if known else None
            last_seen = seen + timedelta(seconds=5)
            track = track_record(
                camera, subject, first_seen=seen, last_seen=last_seen, image_path=None, frame_path=None
            )
            await record_tracks(session, tracks=[track])
        await database.dispose()
        return str(track.track_id)

    return asyncio.run(record())


def _see_again(system: Machine, sighting_id: str, last_seen: str) -> None:
    async def see() -> None:
        url = system.settings.database.url
        assert url
        database = Database(url.get_secret_value(), pool_size=1)
        async with database.session(SYSTEM) as session:
            again = text("UPDATE sightings SET last_seen_at = cast(cast(:at AS text) AS timestamptz) WHERE id = :id")
            await session.execute(again, {"at": last_seen, "id": UUID(sighting_id)})
        await database.dispose()

    asyncio.run(see())


@pytest.fixture(scope="module")
def recorded(system: Machine) -> tuple[str, str]:
    """Ids of a known person's sighting and, later, an unknown one's."""
    known = _record(system, known=True, seen=NOW - timedelta(seconds=60))
    return known, _record(system, known=False, seen=NOW - timedelta(seconds=30))


def test_the_newest_come_first_and_json_says_it_all(beside: Cli, recorded: tuple[str, str]) -> None:
    known, unknown = recorded
    lines = [json.loads(line) for line in beside("sightings", "list", "--json").stdout.splitlines()]
    assert [line["id"] for line in lines] == [unknown, known]
    assert lines[1]["name"].startswith("Person ")
    assert lines[1]["similarity"] == pytest.approx(0.8)
    assert lines[1]["first_seen"] == (NOW - timedelta(seconds=60)).isoformat()
    assert (lines[0]["name"], lines[0]["subject_id"], lines[0]["closed"]) == (None, None, None)
    only = [json.loads(line)["id"] for line in beside("sightings", "list", "--known", "--json").stdout.splitlines()]
    assert only == [known]
    assert "unknown" in beside("sightings", "list", "--limit", "1").stdout


def test_follow_goes_on_with_what_happens(system: Machine, recorded: tuple[str, str]) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "sightline", "sightings", "list", "--follow", "--json"],
        cwd=BACKEND,
        env={**os.environ, "SIGHTLINE_DATA_DIR": str(system.data_dir)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as following:
        assert following.stdout
        try:
            assert [json.loads(following.stdout.readline())["id"] for _ in recorded] == list(recorded)
            fresh = _record(system, known=False, seen=NOW)
            # The system closes tracks that nobody goes on with, and who changes is shown again.
            while (shown := json.loads(following.stdout.readline())["id"]) != fresh:
                assert shown in recorded
            later = (NOW + timedelta(seconds=7)).isoformat()
            _see_again(system, fresh, later)
            while (line := json.loads(following.stdout.readline()))["id"] != fresh or line["last_seen"] != later:
                assert line["id"] in {*recorded, fresh}
            following.send_signal(signal.SIGINT)
            assert following.communicate(timeout=120)[1] == ""
            assert following.returncode == 130
        finally:
            following.kill()


def test_an_interruption_while_the_database_is_asked_is_not_lost(
    system: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    async def ends_well(session: object, **_filter: object) -> tuple[SightingView, ...]:
        asked.append(session)
        assert len(asked) == 1, "it went on"
        signal.raise_signal(signal.SIGINT)
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(5)
        return ()

    monkeypatch.setenv("SIGHTLINE_DATA_DIR", str(system.data_dir))
    monkeypatch.setattr(sightings, "list_sightings", ends_well)
    with pytest.raises(KeyboardInterrupt):
        sightings.list_command(follow=True)


def test_a_dry_purge_says_what_would_go_and_removes_nothing(system: Machine, beside: Cli) -> None:
    old = _record(system, known=True, seen=NOW - timedelta(days=50))
    said = beside("purge", "--dry-run")
    assert "older than 30 days" in said.both
    assert "would go" in said.both
    assert old in beside("sightings", "list", "--json").stdout
    assert "older than 60 days" in beside("purge", "--days", "60").both
    assert old in beside("sightings", "list", "--json").stdout
    assert " went" in beside("purge", "--days", "30").both
    assert old not in beside("sightings", "list", "--json").stdout
    assert beside("purge", "--days", "0").code == 2
