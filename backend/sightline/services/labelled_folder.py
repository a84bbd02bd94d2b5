"""Folders of pictures sorted by person, as galleries and calibration sets are kept."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sightline.core.errors import GalleryInvalid, ImageRejected
from sightline.services.face_images import FailedImage

PICTURE_SUFFIXES = frozenset(
    ".jpg .jpeg .jpe .jfif .png .webp .bmp .tif .tiff .gif .heic .heif .avif".split()  # noqa: SIM905
)
"""Names that promise a picture; those that cannot be decoded are refused one by one rather than passed over."""

LAYOUT = "Put each person's pictures into a sub-folder named after the person, or name them NAME-1.jpg, NAME-2.jpg."

_NUMBERED = re.compile(r"(?P<name>.*\S)\s*[-_ ]\s*\d+$")
"""NAME-1, NAME_0001 or "NAME 2": the number at the end tells pictures of one person apart."""

_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, broken encodings and line separators. Joiners (Cf) stay: Persian and Hindi names need them."""


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """A picture of a subject. path is relative to the folder that was read."""

    subject: str
    path: str


@dataclass(frozen=True, slots=True)
class LabelledFolder:
    """What a folder holds: pictures with their subjects, what was refused before it was opened, and the
    names of files that are no pictures by their suffix."""

    folder: Path
    images: tuple[LabelledImage, ...]
    refused: tuple[FailedImage, ...]
    ignored: tuple[str, ...]

    @property
    def subjects(self) -> tuple[str, ...]:
        """Names of all people in the folder, sorted."""
        return tuple(sorted({image.subject for image in self.images}))


def read_labelled_folder(folder: Path) -> LabelledFolder:
    """List FOLDER/NAME/*.jpg and FOLDER/NAME-1.jpg; both may be mixed. Names are normalised to Unicode NFC.

    Links that lead out of the folder are refused, hidden files are passed over. Raises
    GalleryInvalid when the folder is missing or holds no picture.
    """
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise GalleryInvalid(f"{folder} {what}", hint=LAYOUT)
    images: list[LabelledImage] = []
    refused: list[FailedImage] = []
    ignored: list[str] = []
    for path in _entries(folder):
        name = str(path.relative_to(folder))
        error = _refusal(path, folder)
        if error is not None:
            refused.append(FailedImage(_printable(name), error))
        elif path.suffix.lower() not in PICTURE_SUFFIXES:
            ignored.append(_printable(name))
        else:
            images.append(LabelledImage(_subject(path, folder), name))
    if not images and not refused:
        raise GalleryInvalid(f"{folder} holds no picture", hint=LAYOUT)
    return LabelledFolder(folder, tuple(images), tuple(refused), tuple(ignored))


def _entries(folder: Path) -> Iterator[Path]:
    """Files of the folder and of its direct sub-folders, sorted; a folder that leads outside is given as it is."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() and _refusal(path, folder) is None:
            yield from (file for file in sorted(path.iterdir()) if not file.name.startswith("."))
        else:
            yield path


def _refusal(path: Path, folder: Path) -> ImageRejected | None:
    """Why an entry may not be opened at all; None when it may."""
    if any(unicodedata.category(character) in _UNPRINTABLE for character in str(path.relative_to(folder))):
        return ImageRejected("its name holds control characters or is not UTF-8", hint="Rename it.")
    if not path.is_symlink():
        return None
    try:
        inside = path.resolve(strict=True).is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return ImageRejected("it is a link that leads nowhere", hint="Copy the picture into the folder.")
    if inside:
        return None
    return ImageRejected("it is a link out of the folder", hint="Copy the picture into the folder.")


def _subject(path: Path, folder: Path) -> str:
    """The person's name: of the sub-folder, or of the file without the number at its end."""
    if path.parent != folder:
        name = path.parent.name
    else:
        numbered = _NUMBERED.match(path.stem)
        name = numbered["name"] if numbered else path.stem
    return unicodedata.normalize("NFC", name).strip()


def _printable(name: str) -> str:
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in _UNPRINTABLE else c for c in name)
