"""The data folder: who may use it, and what is said when it cannot be used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sightline.core.errors import DataFolderHeld, DataFolderUnusable
from sightline.workers.embedded.data_folder import FORMAT, DataFolder, holder, is_held


def test_a_new_folder_is_made_private_and_carries_its_version(tmp_path: Path) -> None:
    path = tmp_path / "new" / "data"
    with DataFolder(path):
        assert path.stat().st_mode & 0o777 == 0o700
        assert (path / "VERSION").read_text() == f"{FORMAT}\n"
        assert is_held(path)
    assert not is_held(path)


def test_an_existing_folder_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "shared"
    path.mkdir()
    path.chmod(0o755)
    with DataFolder(path):
        assert path.stat().st_mode & 0o777 == 0o755


def test_a_second_holder_is_told_who_and_since_when(tmp_path: Path) -> None:
    with DataFolder(tmp_path), pytest.raises(DataFolderHeld, match=rf"process {os.getpid()}, since \d{{4}}-"):
        DataFolder(tmp_path).open()


def test_a_killed_holder_holds_no_more(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from sightline.workers.embedded.data_folder import DataFolder;"
        "DataFolder(Path(sys.argv[1])).open(); os.kill(os.getpid(), 9)"
    )
    backend = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", code, tmp_path], cwd=backend, check=False)
    who = holder(tmp_path)
    assert who
    assert who.pid != os.getpid()
    with DataFolder(tmp_path):
        assert holder(tmp_path) != who


def test_data_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "VERSION").write_text(f"{FORMAT + 1}\n")
    with pytest.raises(DataFolderUnusable, match="newer sightline"):
        DataFolder(tmp_path).open()
    assert [entry.name for entry in tmp_path.iterdir()] == ["VERSION"]


def test_a_file_in_its_place_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("I am a file")
    with pytest.raises(DataFolderUnusable, match="cannot be written"):
        DataFolder(tmp_path / "data").open()
    with pytest.raises(DataFolderUnusable, match="cannot be written"):
        DataFolder(tmp_path / "data" / "below").open()


@pytest.mark.skipif(not Path("/dev/full").parent.is_dir(), reason="needs a read-only system folder")
def test_a_folder_that_cannot_be_written_says_what_to_do() -> None:
    with pytest.raises(DataFolderUnusable, match="cannot be written") as caught:
        DataFolder(Path("/proc/sightline")).open()
    assert "--data-dir" in caught.value.hint


def test_too_little_space_is_told_before_anything_starts(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path, min_free_bytes=2**62)
    with pytest.raises(DataFolderUnusable, match="MB free"):
        folder.open()
    assert not is_held(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a folder away")
def test_another_users_folder_is_refused(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    with pytest.raises(DataFolderUnusable, match="belongs to another user"):
        DataFolder(tmp_path).open()
    assert list(tmp_path.iterdir()) == []


def test_a_secret_is_made_once(tmp_path: Path) -> None:
    with DataFolder(tmp_path) as folder:
        assert folder.secret("jwt", "first") == "first"
        assert folder.secret("jwt", "second") == "first"
        assert (tmp_path / "secrets" / "jwt").stat().st_mode & 0o777 == 0o600
