"""Archives from outside: what a hostile ZIP file may hold is refused before anything is unpacked."""

import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sightline.core.errors import InvalidInput, TooLarge
from sightline.services.archives import DEFAULT_LIMITS, PictureArchive

Fill = Callable[[zipfile.ZipFile], None]


def archive_of(folder: Path, fill: Fill) -> Path:
    path = folder / "images.zip"
    with zipfile.ZipFile(path, "w") as archive:
        fill(archive)
    return path


def named(name: str) -> Fill:
    return lambda archive: archive.writestr(zipfile.ZipInfo(name), b"x")


def link(archive: zipfile.ZipFile) -> None:
    entry = zipfile.ZipInfo("passwords.jpg")
    entry.external_attr = 0o120777 << 16
    archive.writestr(entry, b"/etc/passwd")


def device(archive: zipfile.ZipFile) -> None:
    entry = zipfile.ZipInfo("zero.jpg")
    entry.external_attr = 0o020666 << 16
    archive.writestr(entry, b"")


def bomb(archive: zipfile.ZipFile) -> None:
    archive.writestr("bomb.jpg", b"\0" * 5_000_000, zipfile.ZIP_DEFLATED)


@pytest.mark.parametrize(
    "fill",
    [
        named("../up.jpg"),
        named("/etc/passwd"),
        named("a/../../b.jpg"),
        named("C:\\windows.jpg"),
        named("C:/windows.jpg"),
        named("a\\b.jpg"),
        named("bell\x07.jpg"),
        named("x" * 300),
        named("inner.zip"),
        named("inner.tar.gz"),
        link,
        device,
        bomb,
        lambda archive: archive.writestr("a.jpg", b"x", zipfile.ZIP_LZMA),
    ],
)
def test_what_no_archive_of_pictures_holds_is_refused(tmp_path: Path, fill: Fill) -> None:
    with pytest.raises(InvalidInput):
        PictureArchive(archive_of(tmp_path, fill))


def test_pictures_are_read_by_name(tmp_path: Path) -> None:
    archive = PictureArchive(archive_of(tmp_path, lambda a: a.writestr("ann/1.jpg", b"picture")))
    assert archive.read("ann/1.jpg") == b"picture"
    assert "ann/2.jpg" not in archive
    with pytest.raises(InvalidInput):
        archive.read("ann/2.jpg")
    archive.close()


@pytest.mark.parametrize("data", [b"", b"PK", b"no archive", b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_zip_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "images.zip"
    path.write_bytes(data)
    with pytest.raises(InvalidInput):
        PictureArchive(path)


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    path = archive_of(tmp_path, named("a.jpg"))
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(InvalidInput, match="encrypted"):
        PictureArchive(path)


def test_a_file_that_is_larger_than_its_header_says_is_not_read_further(tmp_path: Path) -> None:
    path = archive_of(tmp_path, lambda a: a.writestr("a.jpg", b"x" * 5000, zipfile.ZIP_DEFLATED))
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(signature) + offset, 10)
    path.write_bytes(data)
    archive = PictureArchive(path)
    with pytest.raises(InvalidInput):
        archive.read("a.jpg")
    archive.close()


def test_overlapping_files_are_refused(tmp_path: Path) -> None:
    def two(archive: zipfile.ZipFile) -> None:
        archive.writestr("a.jpg", b"x" * 500)
        archive.writestr("b.jpg", b"y" * 500)

    path = archive_of(tmp_path, two)
    data = bytearray(path.read_bytes())
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    struct.pack_into("<I", data, second + 42, 10)
    path.write_bytes(data)
    with pytest.raises(InvalidInput):
        PictureArchive(path)


@pytest.mark.parametrize(("limit", "value"), [("entries", 1), ("total_bytes", 15), ("entry_bytes", 9)])
def test_limits_hold(tmp_path: Path, limit: str, value: int) -> None:
    def two(archive: zipfile.ZipFile) -> None:
        archive.writestr("a.jpg", b"x" * 10)
        archive.writestr("b.jpg", b"y" * 10)

    with pytest.raises(TooLarge):
        PictureArchive(archive_of(tmp_path, two), replace(DEFAULT_LIMITS, **{limit: value}))


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    def twice(archive: zipfile.ZipFile) -> None:
        archive.writestr("a.jpg", b"x")
        archive.writestr("a.jpg", b"y")

    with pytest.warns(UserWarning, match="Duplicate"):
        path = archive_of(tmp_path, twice)
    with pytest.raises(InvalidInput, match="two files"):
        PictureArchive(path)
