"""Finding the servers' programs inside their wheels (never importing those), readable for the user who runs them."""

import importlib.util
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

from sightline.core.errors import ServiceUnavailable
from sightline.workers.embedded.process import Account, may_execute

SYSTEM_CACHE = Path("/var/cache/sightline")  # only root copies, and only what a wheel holds


def package_folder(package: str, *, setting: str) -> Path:
    """The folder of an installed package. Raises ServiceUnavailable naming the setting of an external server."""
    spec = importlib.util.find_spec(package)
    locations = list(spec.submodule_search_locations or ()) if spec else []
    if not locations:
        raise ServiceUnavailable(
            f"the package {package} is not installed", hint=f"run make setup, or set {setting} to a server of your own"
        )
    return Path(locations[0])


def reachable(program: Path, *, package: Path, distribution: str, account: Account | None) -> Path:
    """The program, or its copy where that user may not enter the folders above it (a home is 0700).

    package is the package's folder, which holds the program; its libraries lie beside it in <package>.libs.
    Raises ServiceUnavailable.
    """
    if account is None or may_execute(account, program):
        return program
    name = f"{distribution}-{version(distribution)}"
    target = SYSTEM_CACHE / name
    if not target.is_dir():
        _copy(package, target)
    copy = target / package.name / program.relative_to(package)
    if may_execute(account, copy):
        return copy
    raise ServiceUnavailable(
        f"the user {account.name} cannot run {program.name}, neither from {program} nor from {copy}",
        hint="install sightline in a folder that every user may enter, /opt for example",
    )


def _copy(package: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
    libraries = package.with_name(f"{package.name}.libs")
    for folder in (package, libraries):
        if folder.is_dir():
            shutil.copytree(folder, fresh / folder.name, symlinks=True)
    fresh.chmod(0o755)
    try:
        fresh.rename(target)
    except OSError:  # another start was faster
        shutil.rmtree(fresh)
