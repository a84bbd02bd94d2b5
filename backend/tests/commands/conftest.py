"""One running system for all tests of commands, and the command line in this process."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sightline.cli import main
from tests.support.machine import Machine, machine


@dataclass(frozen=True)
class Said:
    """How a command ended. both: all it said, on one line each."""

    code: int | str
    stdout: str
    stderr: str

    @property
    def both(self) -> str:
        return " ".join(f"{self.stdout} {self.stderr}".split())


Cli = Callable[..., Said]


@pytest.fixture(scope="package")
def system(lite_pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """`sightline up` on a folder of its own."""
    with machine(tmp_path_factory.mktemp("system") / "data", lite_pack) as running:
        yield running


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cli:
    """Runs a command from its first line to its exit, in this process: starting one takes two seconds."""

    def run(*arguments: str | Path) -> Said:
        monkeypatch.setattr(sys, "argv", ["sightline", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "300")
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        return Said(left.value.code or 0, *capfd.readouterr())

    return run


@pytest.fixture
def beside(system: Machine, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line beside the running system."""
    monkeypatch.setenv("SIGHTLINE_DATA_DIR", str(system.data_dir))
    monkeypatch.setenv("SIGHTLINE_API__PORT", str(system.port))
    return cli
