"""From settings to services: external servers that are wrong, and what children are told."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from sightline.core.config import RedisSettings, Settings
from sightline.core.errors import ServiceUnavailable
from sightline.workers.embedded.checks import Verdict, examine
from sightline.workers.embedded.data_folder import DataFolder
from sightline.workers.embedded.machine import check_redis, child_environment, running_settings
from sightline.workers.embedded.valkey import ValkeyAddress


@pytest.mark.asyncio
async def test_a_redis_without_its_password_says_where_to_put_it(redis_server: ValkeyAddress) -> None:
    bare = SecretStr(f"unix://{redis_server.socket}")
    for settings in (RedisSettings(url=bare), RedisSettings(url=bare, password=SecretStr("guessed"))):
        with pytest.raises(ServiceUnavailable, match="wants another password") as caught:
            await check_redis(settings)
        assert "SIGHTLINE_REDIS__PASSWORD" in caught.value.hint
        assert "guessed" not in caught.value.message
    assert await check_redis(RedisSettings(url=bare, password=SecretStr(redis_server.password)))


@pytest.mark.asyncio
async def test_a_redis_that_is_not_there_is_told_without_its_password() -> None:
    with pytest.raises(ServiceUnavailable, match="does not answer") as caught:
        await check_redis(RedisSettings(url=SecretStr("redis://:hunter2@127.0.0.1:9/0")))
    assert "hunter2" not in caught.value.message + caught.value.hint


def test_children_get_every_address_but_not_the_administrators(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    database = settings.database.model_copy(
        update={"url": SecretStr("postgresql://app@/x"), "admin_url": SecretStr("no")}
    )
    environment = child_environment(settings.model_copy(update={"database": database}))
    assert environment["SIGHTLINE_DATABASE__URL"] == "postgresql://app@/x"
    assert environment["SIGHTLINE_DATABASE__ADMIN_URL"] == ""
    assert environment["SIGHTLINE_DATA_DIR"] == str(tmp_path)


def test_beside_no_running_sightline_commands_say_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailable, match="no sightline runs") as caught:
        running_settings(Settings(data_dir=tmp_path))
    assert "sightline up" in caught.value.hint


def test_with_named_servers_commands_log_in_as_the_application_too(tmp_path: Path) -> None:
    with DataFolder(tmp_path) as folder:
        folder.secret("database", "made-on-first-start")
    settings = Settings(data_dir=tmp_path)
    named = {
        "database": settings.database.model_copy(update={"url": SecretStr("postgresql://root:x@db/sightline")}),
        "redis": settings.redis.model_copy(update={"url": SecretStr("redis://cache")}),
    }
    found = running_settings(settings.model_copy(update=named))
    assert found.database.url
    assert found.database.url.get_secret_value() == "postgresql://sightline_app:made-on-first-start@db/sightline"
    assert found.database.admin_url == SecretStr("postgresql://root:x@db/sightline")
    assert found.storage.signing_key


@pytest.mark.asyncio
async def test_the_doctor_finds_what_is_missing_and_goes_on(tmp_path: Path, redis_server: ValkeyAddress) -> None:
    (tmp_path / "VERSION").write_text("99\n")
    silent = SecretStr("postgresql://app:hunter2@127.0.0.1:9/sightline")
    settings = Settings(data_dir=tmp_path)
    settings = settings.model_copy(
        update={
            "database": settings.database.model_copy(update={"url": silent}),
            "redis": settings.redis.model_copy(update={"url": SecretStr(redis_server.url)}),
        }
    )
    findings = {finding.check: finding for finding in await examine(settings)}
    assert findings["data folder"].verdict is Verdict.FAIL
    assert "newer" in findings["data folder"].detail
    assert findings["model pack"].verdict is Verdict.FAIL
    assert findings["database"].verdict is Verdict.FAIL
    assert findings["queue"].verdict is Verdict.OK
    assert all(finding.next_step for finding in findings.values() if finding.verdict is not Verdict.OK)
    assert "hunter2" not in str(findings)
