"""`sightline config show` and `sightline doctor` as a person sees them."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from sightline.commands.config import config_app
from sightline.commands.doctor import doctor

ROOT = typer.Typer()
ROOT.add_typer(config_app, name="config")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    monkeypatch.setenv("COLUMNS", "220")
    monkeypatch.setenv("SIGHTLINE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SIGHTLINE_REDIS__URL", "redis://:hunter2@127.0.0.1:9/0")
    return monkeypatch


def test_the_table_shows_values_with_their_origin_and_no_secret(environment: pytest.MonkeyPatch) -> None:
    shown = CliRunner().invoke(ROOT, ["config", "show"])
    assert shown.exit_code == 0
    row = next(line for line in shown.stdout.splitlines() if line.startswith("redis.url"))
    assert "redis://:***@127.0.0.1:9/0" in row
    assert "environment" in row
    assert "hunter2" not in shown.output


def test_json_holds_every_key(environment: pytest.MonkeyPatch) -> None:
    keys = json.loads(CliRunner().invoke(ROOT, ["config", "show", "--json"]).stdout)
    assert keys["redis.url"]["value"] == "redis://:***@127.0.0.1:9/0"
    assert keys["recognition.fmr"] == {
        "variable": "SIGHTLINE_RECOGNITION__FMR",
        "value": "0.0001",
        "origin": "default",
        "description": "False-match rate of one comparison (operating point).",
    }


def test_the_doctor_fails_with_a_next_step(environment: pytest.MonkeyPatch) -> None:
    app = typer.Typer()
    app.command()(doctor)
    seen = CliRunner().invoke(app, ["--json"])
    assert seen.exit_code == 1
    findings = {finding["check"]: finding for finding in json.loads(seen.stdout)}
    assert findings["queue"]["verdict"] == "fail"
    assert "SIGHTLINE_REDIS__URL" in findings["queue"]["next_step"]
    assert findings["python"]["verdict"] == "ok"
    assert "hunter2" not in seen.output
