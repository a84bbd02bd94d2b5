"""`sightline audit` against a real server: a whole chain, a tampered one, and a cut-off tail that an anchor finds."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sightline.commands.audit import audit_app
from sightline.core.errors import DatabaseUnsuitable
from tests.support.database import DatabaseAddress, execute_as_admin

RUN = CliRunner()
INSERT_GROUP = "INSERT INTO camera_groups (name) VALUES ('{}')"
AS_ATTACKER = "SET session_replication_role = replica; "


@pytest.fixture
def named(own_database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> DatabaseAddress:
    monkeypatch.setenv("SIGHTLINE_DATABASE__URL", own_database.app_dsn)
    monkeypatch.setenv("SIGHTLINE_REDIS__URL", "redis://127.0.0.1:1")
    monkeypatch.setenv("SIGHTLINE_DATA_DIR", str(tmp_path))
    groups = [INSERT_GROUP.format(name) for name in ("doors", "halls", "vaults")]
    asyncio.run(execute_as_admin(own_database.admin_dsn, *groups))
    return own_database


def test_events_are_sealed_and_verified(named: DatabaseAddress) -> None:
    waiting = json.loads(RUN.invoke(audit_app, ["verify", "--json"]).output)
    assert (waiting["events"], waiting["pending"]) == (0, 3)
    assert "3 events sealed" in RUN.invoke(audit_app, ["seal"]).output
    verified = RUN.invoke(audit_app, ["verify"])
    assert verified.exit_code == 0, verified.exception
    assert "audit log: 3 events" in verified.output


def test_an_edit_is_told_with_its_place(named: DatabaseAddress) -> None:
    RUN.invoke(audit_app, ["seal"])
    edit = "UPDATE audit_logs SET actor = 'innocent' WHERE id = (SELECT audit_id FROM audit_chain WHERE position = 2)"
    asyncio.run(execute_as_admin(named.admin_dsn, AS_ATTACKER + edit))
    failed = RUN.invoke(audit_app, ["verify"])
    assert isinstance(failed.exception, DatabaseUnsuitable)
    assert "edited at position 2" in failed.exception.message


def test_a_cut_off_tail_is_found_by_an_anchor_from_elsewhere(named: DatabaseAddress, tmp_path: Path) -> None:
    RUN.invoke(audit_app, ["seal"])
    head = json.loads(RUN.invoke(audit_app, ["verify", "--json"]).output)["head"]
    kept = tmp_path / "kept-elsewhere.jsonl"
    kept.write_text(json.dumps(head) + "\n")
    cut = (
        "DELETE FROM audit_payloads USING audit_chain c WHERE c.audit_id = audit_payloads.audit_id AND c.position = 3;"
        "CREATE TEMP TABLE last AS SELECT audit_id FROM audit_chain WHERE position = 3;"
        "DELETE FROM audit_chain WHERE position = 3;"
        "DELETE FROM audit_logs WHERE id IN (SELECT audit_id FROM last)"
    )
    asyncio.run(execute_as_admin(named.admin_dsn, AS_ATTACKER + cut))
    assert RUN.invoke(audit_app, ["verify"]).exit_code == 0, "without an anchor nothing tells"
    failed = RUN.invoke(audit_app, ["verify", "--anchors", str(kept)])
    assert isinstance(failed.exception, DatabaseUnsuitable)
    assert "cut off at position 3" in failed.exception.message
