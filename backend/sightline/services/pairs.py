"""Files of labelled pairs: LFW's pairs.txt and CSV with the columns file_x, file_y, Decision."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from sightline.core.errors import PairsInvalid

_YES = frozenset({"yes", "true", "1", "same"})
_NO = frozenset({"no", "false", "0", "different"})
_CSV_COLUMNS = ("file_x", "file_y", "decision")
_FORMATS = "Give LFW's pairs.txt, or a CSV file with the columns file_x,file_y,Decision (Yes or No)."
_LISTED = 10
"""Missing pictures that are named in an error; more would scroll the message away."""


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two pictures, by their paths below the image folder, and whether they show the same person.

    fold is the file's own split from 0, None where it has none.
    """

    first: str
    second: str
    genuine: bool
    fold: int | None = None


@dataclass(frozen=True, slots=True)
class PairSet:
    """Labelled pairs over the pictures of one folder; every picture was there when it was read."""

    name: str
    folder: Path
    pairs: tuple[LabelledPair, ...]

    @property
    def pictures(self) -> tuple[str, ...]:
        """Every picture once, in the order of first use."""
        return tuple(dict.fromkeys(name for pair in self.pairs for name in (pair.first, pair.second)))


def read_pairs(file: Path, images: Path) -> PairSet:
    """Read labelled pairs; the content decides which format it is.

    LFW: DIR/Name/Name_0001.jpg, with the file's own folds; DIR/Name_0001.jpg is accepted too.
    Raises PairsInvalid with the line, or with the pictures that are missing.
    """
    lines = _lines(file)
    if not images.is_dir():
        raise PairsInvalid(f"{images} is not a folder", hint="Give the folder of the pictures with --images.")
    parse = _csv_pairs if "," in lines[0] else _lfw_pairs
    pairs = tuple(parse(lines, images))
    if not pairs:
        raise PairsInvalid(f"{file.name} holds no pair", hint=_FORMATS)
    pair_set = PairSet(file.name, images, pairs)
    _require_pictures(pair_set)
    return pair_set


def _lines(file: Path) -> list[str]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise PairsInvalid(f"{file} does not exist", hint="Check the path given with --pairs.") from None
    except UnicodeDecodeError:
        raise PairsInvalid(f"{file.name} is not a text file in UTF-8", hint=_FORMATS) from None
    except OSError as error:
        raise PairsInvalid(f"{file} cannot be read: {error.strerror}", hint="Check the path.") from error
    lines = text.splitlines()
    if not any(line.strip() for line in lines):
        raise PairsInvalid(f"{file.name} is empty", hint=_FORMATS)
    return lines


def _csv_pairs(lines: list[str], _images: Path) -> Iterator[LabelledPair]:
    rows = csv.reader(lines)
    header = [cell.strip().lower() for cell in next(rows)]
    if not set(_CSV_COLUMNS) <= set(header):
        raise PairsInvalid(f"line 1: the columns are {', '.join(header)}", hint=_FORMATS)
    first, second, decision = (header.index(column) for column in _CSV_COLUMNS)
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        line = rows.line_num
        if len(row) <= max(first, second, decision):
            raise PairsInvalid(f"line {line}: {len(row)} columns instead of {len(header)}", hint=_FORMATS)
        names = (_inside(row[first], line), _inside(row[second], line))
        yield LabelledPair(*names, genuine=_decision(row[decision], line))


def _decision(text: str, line: int) -> bool:
    word = text.strip().lower()
    if word not in _YES | _NO:
        raise PairsInvalid(f"line {line}: Decision is {text.strip()!r}", hint="Write Yes or No.")
    return word in _YES


def _inside(text: str, line: int) -> str:
    """A picture's path below the image folder; anything that leads out of it is refused."""
    path = PurePath(text.strip())
    if not path.parts or path.is_absolute() or ".." in path.parts:
        raise PairsInvalid(
            f"line {line}: {text.strip()!r} is no path below the image folder",
            hint="Name pictures relative to the folder given with --images.",
        )
    return str(path)


def _lfw_pairs(lines: list[str], images: Path) -> Iterator[LabelledPair]:
    """LFW's format (Huang et al. 2007): "10 300", then per fold 300 genuine and 300 impostor pairs.

    View 1 has a single number and one split, which then counts as no split at all.
    """
    folds, per_label = _lfw_header(lines[0])
    body = [(number, line.split()) for number, line in enumerate(lines[1:], start=2) if line.strip()]
    expected = folds * per_label * 2
    if len(body) != expected:
        raise PairsInvalid(
            f"line 1 promises {expected} pairs, the file holds {len(body)}", hint="Fetch the file again."
        )
    for index, (number, cells) in enumerate(body):
        genuine = index // per_label % 2 == 0
        fold = index // (2 * per_label) if folds > 1 else None
        yield _lfw_pair(cells, number, images, genuine=genuine, fold=fold)


def _lfw_header(line: str) -> tuple[int, int]:
    cells = line.split()
    if len(cells) not in {1, 2} or not all(cell.isdecimal() and int(cell) > 0 for cell in cells):
        raise PairsInvalid(f"line 1: {line.strip()[:60]!r} is no header of a pairs file", hint=_FORMATS)
    numbers = [int(cell) for cell in cells]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else (1, numbers[0])


def _lfw_pair(cells: list[str], line: int, images: Path, *, genuine: bool, fold: int | None) -> LabelledPair:
    if len(cells) != (3 if genuine else 4) or not all(cell.isdecimal() for cell in cells[1::2]):
        shape = "name number number" if genuine else "name number name number"
        raise PairsInvalid(f"line {line}: expected {shape}, got {' '.join(cells)[:80]!r}", hint=_FORMATS)
    if genuine and not cells[2].isdecimal():
        raise PairsInvalid(f"line {line}: {cells[2]!r} is no picture number", hint=_FORMATS)
    others = (cells[0], cells[2]) if genuine else (cells[2], cells[3])
    names = (_lfw_picture(cells[0], cells[1], line, images), _lfw_picture(*others, line, images))
    return LabelledPair(*names, genuine=genuine, fold=fold)


def _lfw_picture(name: str, number: str, line: int, images: Path) -> str:
    picture = f"{name}_{int(number):04d}.jpg"
    nested = _inside(f"{name}/{picture}", line)
    return picture if not (images / nested).exists() and (images / picture).exists() else nested


def _require_pictures(pair_set: PairSet) -> None:
    missing = [name for name in pair_set.pictures if not (pair_set.folder / name).is_file()]
    if missing:
        more = f" and {len(missing) - _LISTED} more" if len(missing) > _LISTED else ""
        raise PairsInvalid(
            f"{len(missing)} of {len(pair_set.pictures)} pictures are missing: {', '.join(missing[:_LISTED])}{more}",
            hint="Give the folder that holds them with --images.",
        )
