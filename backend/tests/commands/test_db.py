"""`sightline db` and `sightline admin` against a real server named by the environment."""

import asyncio

import pytest
from typer.testing import CliRunner

from sightline.commands.admin import admin_app
from sightline.commands.db import db_app
from sightline.core.errors import Conflict, DatabaseUnsuitable, InvalidInput
from tests.support.database import DatabaseAddress, execute_as_admin

RUN = CliRunner()


@pytest.fixture
def named(own_database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch) -> DatabaseAddress:
    monkeypatch.setenv("SIGHTLINE_DATABASE__ADMIN_URL", own_database.admin_dsn)
    monkeypatch.setenv("SIGHTLINE_DATABASE__URL", own_database.app_dsn)
    return own_database


def test_check_upgrade_and_downgrade(named: DatabaseAddress) -> None:
    checked = RUN.invoke(db_app, ["check"])
    assert "current" in checked.output, checked.exception
    assert "audit log: 0 events" in checked.output
    assert "up to date" in RUN.invoke(db_app, ["upgrade"]).output
    assert isinstance(RUN.invoke(db_app, ["downgrade", "0003"]).exception, InvalidInput)
    assert "0003" in RUN.invoke(db_app, ["downgrade", "0003", "--yes"]).output
    assert isinstance(RUN.invoke(db_app, ["check"]).exception, DatabaseUnsuitable)
    assert "migrated" in RUN.invoke(db_app, ["upgrade"]).output


def test_admins_get_a_password_that_is_shown_once(named: DatabaseAddress) -> None:
    created = RUN.invoke(admin_app, ["create", "root"])
    assert "password" in created.output, created.exception
    assert isinstance(RUN.invoke(admin_app, ["create", "root"]).exception, Conflict)
    reset = RUN.invoke(admin_app, ["reset-password", "root"])
    assert reset.output.split()[3] != created.output.split()[3]


def test_a_broken_chain_is_told(named: DatabaseAddress) -> None:
    asyncio.run(
        execute_as_admin(
            named.admin_dsn,
            "INSERT INTO camera_groups (name) VALUES ('x')",
            "SELECT seal_audit_events()",
            "SET session_replication_role = replica; UPDATE audit_logs SET actor = 'innocent'",
        )
    )
    failed = RUN.invoke(db_app, ["check"])
    assert isinstance(failed.exception, DatabaseUnsuitable)
    assert "edited at position 1" in failed.exception.message
