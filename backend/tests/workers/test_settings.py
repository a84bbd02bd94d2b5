"""Workers go by the settings in force, and by new ones within a moment."""

import asyncio

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database
from sightline.schemas.runtime_settings import AlertDefaults, PrivacySettings, RecognitionRules, Section
from sightline.services import runtime_settings
from sightline.services.runtime_settings import NEVER, Change
from sightline.workers.settings import run_with_current_settings
from tests.support.database import DatabaseAddress

pytestmark = pytest.mark.asyncio
PATIENCE = 20.0


class Worker:
    """Remembers what it was given."""

    def __init__(self) -> None:
        self.began: asyncio.Queue[Settings] = asyncio.Queue()

    async def run(self, settings: Settings, stop: asyncio.Event) -> None:
        self.began.put_nowait(settings)
        await stop.wait()

    async def next(self) -> Settings:
        return await asyncio.wait_for(self.began.get(), PATIENCE)


async def put(database: Database, name: Section, value: AlertDefaults | PrivacySettings | RecognitionRules) -> None:
    async with database.session(SYSTEM) as session:
        await runtime_settings.replace(session, change=Change(name, value, NEVER, None), base=Settings())


async def test_a_change_begins_the_work_again_and_others_do_not(database: Database) -> None:
    worker, stop = Worker(), asyncio.Event()
    running = asyncio.create_task(run_with_current_settings(Settings(), database, stop, worker.run))
    assert (await worker.next()).alerts.cooldown_seconds == 300
    await put(database, Section.PRIVACY, PrivacySettings(purpose_required=True))
    await put(database, Section.ALERTS, AlertDefaults(cooldown_seconds=7))
    assert (await worker.next()).alerts.cooldown_seconds == 7  # the change of privacy began nothing
    await put(database, Section.RECOGNITION, RecognitionRules(min_similarity=0.7, unknown="count"))
    recognition = (await worker.next()).recognition
    assert (recognition.min_similarity, recognition.unknown) == (0.7, "count")
    stop.set()
    await asyncio.wait_for(running, PATIENCE)
    assert worker.began.empty()


async def test_a_worker_that_fails_is_not_begun_again(database: Database) -> None:
    async def fail(_settings: Settings, _stop: asyncio.Event) -> None:
        raise RuntimeError("the analysis failed")

    with pytest.raises(RuntimeError, match="the analysis failed"):
        await run_with_current_settings(Settings(), database, asyncio.Event(), fail)


async def test_settings_wait_for_a_database_that_is_away(own_database: DatabaseAddress) -> None:
    away = Database(own_database.app_dsn.replace(own_database.name, "nowhere"))
    worker, stop = Worker(), asyncio.Event()
    running = asyncio.create_task(run_with_current_settings(Settings(), away, stop, worker.run))
    await asyncio.sleep(0.1)
    assert worker.began.empty()
    stop.set()
    await asyncio.wait_for(running, PATIENCE)
    await away.dispose()


async def test_the_recording_policy_follows(database: Database) -> None:
    """What RecognitionWorker takes its policy from."""
    await put(database, Section.ALERTS, AlertDefaults(cooldown_seconds=11))
    base = Settings(demo=True).model_copy(
        update={"jwt": Settings().jwt.model_copy(update={"secret_key": SecretStr("k")})}
    )
    async with database.session(SYSTEM) as session:
        now = await runtime_settings.effective(session, base=base)
        assert await session.scalar(text("SELECT value ->> 'cooldown_seconds' FROM settings")) == "11"
    assert now.alerts.cooldown.total_seconds() == 11
    assert (now.demo, now.jwt) == (base.demo, base.jwt)
