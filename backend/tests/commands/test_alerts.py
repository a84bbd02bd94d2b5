"""`sightline alerts`: what rules failed on is told, and looked at again once the cause is mended."""

import asyncio
import json
from uuid import UUID

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from sightline.commands.alerts import alerts_app
from sightline.core.database import SYSTEM, WORKER, Database
from sightline.core.errors import InvalidInput, NotFound
from sightline.services import alert_rule_queue
from sightline.services.sightings import record_tracks
from tests.support.database import DatabaseAddress, add_camera, track_record

RUN = CliRunner()


@pytest.fixture
def failed_on(own_database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A sighting that every attempt failed on."""
    monkeypatch.setenv("SIGHTLINE_DATABASE__URL", own_database.app_dsn)

    async def fail() -> UUID:
        database = Database(own_database.app_dsn, pool_size=1)
        async with database.session(SYSTEM) as session:
            await session.execute(text("INSERT INTO alert_rules (name, unknown_person) VALUES ('Anybody', true)"))
            await record_tracks(session, tracks=[track_record(await add_camera(session))])
        async with database.session(WORKER) as session:
            (queued,) = await alert_rule_queue.take(session, most=10)
            results = [
                await alert_rule_queue.failed(session, queued=queued, reason="a rule of a newer version")
                for _ in range(alert_rule_queue.MOST_ATTEMPTS)
            ]
        await database.dispose()
        assert results[-1]
        return queued.sighting_id

    return asyncio.run(fail())


def test_what_was_set_aside_is_told_and_looked_at_again(failed_on: UUID, own_database: DatabaseAddress) -> None:
    assert "a rule of a newer version" in RUN.invoke(alerts_app, ["set-aside"]).output
    (told,) = json.loads(RUN.invoke(alerts_app, ["set-aside", "--json"]).output)
    assert (told["sighting_id"], told["reason"]) == (str(failed_on), "a rule of a newer version")
    assert isinstance(RUN.invoke(alerts_app, ["replay", str(told["id"] + 1)]).exception, NotFound)
    assert "look again at 1 sightings" in RUN.invoke(alerts_app, ["replay", str(told["id"])]).output
    assert "nothing was set aside" in RUN.invoke(alerts_app, ["set-aside"]).output

    async def waiting() -> alert_rule_queue.QueueSize:
        database = Database(own_database.app_dsn, pool_size=1)
        async with database.session(WORKER) as session:
            size = await alert_rule_queue.size(session)
        await database.dispose()
        return size

    assert asyncio.run(waiting()) == alert_rule_queue.QueueSize(waiting=1, set_aside=0)


@pytest.mark.usefixtures("failed_on")
def test_one_or_all() -> None:
    assert isinstance(RUN.invoke(alerts_app, ["replay"]).exception, InvalidInput)
    assert isinstance(RUN.invoke(alerts_app, ["replay", "1", "--all"]).exception, InvalidInput)
    assert "look again at 1 sightings" in RUN.invoke(alerts_app, ["replay", "--all"]).output
    assert "look again at 0 sightings" in RUN.invoke(alerts_app, ["replay", "--all"]).output
