"""ZIP files from outside: looked at before anything is unpacked, and read one entry at a time, never onto the disk."""

import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sightline.core.errors import InvalidInput, TooLarge

GIB = 1024**3


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may hold. ratio: of unpacked to packed bytes, for entries beyond ratio_from bytes: pictures
    hardly shrink, and text that shrinks by 100 is no picture."""

    entries: int = 60_000
    total_bytes: int = 4 * GIB
    entry_bytes: int = 20 * 1024 * 1024
    ratio: int = 100
    ratio_from: int = 1024 * 1024
    name_length: int = 255


DEFAULT_LIMITS = ArchiveLimits()
_NESTED = {".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".jar"}
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_HINT = "Make a plain ZIP file of pictures, without a password."


class PictureArchive:
    """Pictures of an archive that was checked. Raises InvalidInput or TooLarge where it is not safe to read."""

    def __init__(self, path: Path, limits: ArchiveLimits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        try:
            self._file = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise InvalidInput("the archive is no ZIP file, or is damaged", hint=_HINT) from error
        try:
            self._entries = _checked(self._file.infolist(), limits)
        except InvalidInput:
            self._file.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def read(self, name: str) -> bytes:
        """An entry's bytes; never more than its limit, whatever its header says. Raises InvalidInput."""
        entry = self._entries.get(name)
        if entry is None:
            raise InvalidInput(f"the archive holds no {name}", hint="Names are those inside the archive, with folders.")
        try:
            with self._file.open(entry) as opened:
                data = opened.read(self._limits.entry_bytes + 1)
        except (zipfile.BadZipFile, OSError, ValueError, EOFError, RuntimeError, NotImplementedError) as error:
            raise InvalidInput(f"{name} in the archive is damaged", hint="Make the archive again.") from error
        if len(data) > self._limits.entry_bytes:
            raise TooLarge(f"{name} is larger than it says", hint=_HINT)
        return data


def _checked(entries: list[zipfile.ZipInfo], limits: ArchiveLimits) -> dict[str, zipfile.ZipInfo]:
    if len(entries) > limits.entries:
        raise TooLarge(f"the archive holds more than {limits.entries:,} files", hint="Split it.")
    if sum(entry.file_size for entry in entries) > limits.total_bytes:
        raise TooLarge(f"the archive holds more than {limits.total_bytes // GIB} GiB", hint="Split it.")
    _refuse_overlaps(entries)
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        if entry.is_dir():
            _refuse_name(entry.filename.rstrip("/"), limits)
            continue
        _refuse_entry(entry, limits)
        if entry.filename in found:
            raise InvalidInput("the archive holds two files of one name", hint=_HINT)
        found[entry.filename] = entry
    return found


def _refuse_entry(entry: zipfile.ZipInfo, limits: ArchiveLimits) -> None:
    _refuse_name(entry.filename, limits)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG}:
        raise InvalidInput("the archive holds a link or a device", hint=_HINT)
    if entry.flag_bits & 0x1:
        raise InvalidInput("the archive is encrypted", hint=_HINT)
    if entry.compress_type not in _METHODS:
        raise InvalidInput("the archive is packed by a method that is not read here", hint=_HINT)
    if PurePosixPath(entry.filename).suffix.lower() in _NESTED:
        raise InvalidInput("the archive holds another archive", hint=_HINT)
    if entry.file_size > limits.entry_bytes:
        raise TooLarge(f"a file of the archive is larger than {limits.entry_bytes // 1024**2} MiB", hint=_HINT)
    if entry.file_size > limits.ratio_from and entry.file_size > limits.ratio * max(entry.compress_size, 1):
        raise TooLarge("a file of the archive unpacks to far more than a picture would", hint=_HINT)


def _refuse_name(name: str, limits: ArchiveLimits) -> None:
    """Names are only ever compared, never used as paths; a hostile one still says what the archive is."""
    parts = name.split("/")
    hostile = name.startswith("/") or "\\" in name or "\0" in name or ":" in parts[0] or ".." in parts
    if hostile or not name or len(name) > limits.name_length or not name.isprintable():
        raise InvalidInput("a file of the archive has a name that leads out of it", hint=_HINT)


def _refuse_overlaps(entries: list[zipfile.ZipInfo]) -> None:
    """Entries that share their packed bytes are how a small file unpacks to petabytes (Fifield, WOOT 2019)."""
    end = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        if entry.header_offset < end:
            raise InvalidInput("files of the archive overlap", hint=_HINT)
        end = entry.header_offset + entry.compress_size
