"""The CSV file of an import: columns, rows, and what is wrong with them."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING

from pydantic import ValidationError

from sightline.core.errors import InvalidInput, TooLarge
from sightline.schemas.subjects import SubjectIn
from sightline.services.spreadsheets import DANGEROUS

if TYPE_CHECKING:
    import _csv

MOST_ROWS = 20_000
MOST_BYTES = 32 * 1024 * 1024
"""1,600 bytes for each of the rows."""
MOST_IMAGES = 20
"""Pictures of one subject; more add nothing to recognition."""
LONGEST_CELL = 20_000
COLUMNS = ("name", "external_id", "watchlist", "images", "alert_on_match", "status", "expires_at")
IGNORED = ("id", "created_at", "last_seen_at")
"""What an export has beside, so that it can be imported again."""
OWN_FIELDS = "metadata."
_YES = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_HINT = f"Columns: {', '.join(COLUMNS)}, {OWN_FIELDS}*; the first line names them, and name is needed."


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row as it stands in the file. line: on which it begins; cells by column, empty ones left out."""

    line: int
    cells: Mapping[str, str]

    @property
    def images(self) -> tuple[str, ...]:
        """Names of pictures in the archive."""
        return tuple(name.strip() for name in self.cells.get("images", "").split(";") if name.strip())

    def fields(self, watchlists: Mapping[str, int]) -> SubjectIn:
        """What is kept on the person. watchlists: ids by name (lower case) and by id as text. Raises InvalidInput."""
        wanted: dict[str, object] = {
            name: self.cells[name] for name in ("name", "external_id", "status", "expires_at") if name in self.cells
        }
        if "watchlist" in self.cells:
            found = watchlists.get(self.cells["watchlist"].lower())
            if found is None:
                raise InvalidInput("there is no watchlist of that name or number", hint="Make it first.")
            wanted["watchlist_id"] = found
        if "alert_on_match" in self.cells:
            wanted["alert_on_match"] = _YES.get(self.cells["alert_on_match"].lower(), self.cells["alert_on_match"])
        own = {name.removeprefix(OWN_FIELDS): text for name, text in self.cells.items() if name.startswith(OWN_FIELDS)}
        if len(self.images) > MOST_IMAGES:
            raise InvalidInput(f"a subject has at most {MOST_IMAGES} pictures in an import", hint="Choose the best.")
        try:
            return SubjectIn.model_validate({**wanted, "metadata": own}, strict=False)
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3])
            raise InvalidInput(problems, hint=_HINT) from error


def read_rows(data: bytes) -> list[SourceRow]:
    """The rows of a CSV file (RFC 4180; UTF-8, with comma, semicolon or tab). Raises InvalidInput, TooLarge."""
    if len(data) > MOST_BYTES:
        raise TooLarge(f"the CSV file is larger than {MOST_BYTES // 1024**2} MiB", hint="Split it.")
    text = _decoded(data)
    reader = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    lines = _lines(reader)
    _, header = next(lines, (1, []))
    columns = _columns(header)
    rows = [_row(line, cells, columns) for line, cells in islice(lines, MOST_ROWS + 1) if any(cells)]
    if len(rows) > MOST_ROWS:
        raise TooLarge(f"the file has more than {MOST_ROWS:,} rows", hint="Split it.")
    if not rows:
        raise InvalidInput("the file has no rows", hint=_HINT)
    return rows


def _lines(reader: "_csv.Reader") -> Iterator[tuple[int, list[str]]]:
    """Each record with the line on which it begins."""
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InvalidInput(f"line {line}: this is no CSV ({error})", hint="Save the file as CSV again.") from error
        yield line, [_restored(cell.strip()) for cell in cells]


def _restored(cell: str) -> str:
    """Without the apostrophe that an export puts in front of what spreadsheets take for formulas."""
    return cell[1:] if cell.startswith("'") and cell[1:].lstrip().startswith(DANGEROUS) else cell


def _decoded(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidInput(f"line {line} is not UTF-8", hint="Save the file as CSV in UTF-8.") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InvalidInput(f"line {line} holds a NUL character", hint="Save the file as CSV in UTF-8.")
    return text


def _delimiter(text: str) -> str:
    """Of the header; Excel writes semicolons in half of Europe."""
    header = text.split("\n", 1)[0]
    return max((",", ";", "\t"), key=header.count)


def _columns(header: list[str]) -> list[str]:
    names = [name.strip() if name.strip().startswith(OWN_FIELDS) else name.strip().lower() for name in header]
    unknown = [name for name in names if name not in (*COLUMNS, *IGNORED) and not name.startswith(OWN_FIELDS)]
    if unknown:
        raise InvalidInput(f"line 1: there is no column {unknown[0][:64]!r}", hint=_HINT)
    if len(set(names)) < len(names):
        raise InvalidInput("line 1: a column is named twice", hint=_HINT)
    if "name" not in names:
        raise InvalidInput("line 1: there is no column 'name'", hint=_HINT)
    return names


def _row(line: int, cells: list[str], columns: list[str]) -> SourceRow:
    if len(cells) != len(columns):
        raise InvalidInput(
            f"line {line} has {len(cells)} cells, the header {len(columns)}", hint="Put text with commas into quotes."
        )
    if any(len(cell) > LONGEST_CELL for cell in cells):
        raise InvalidInput(f"line {line} has a cell of more than {LONGEST_CELL:,} characters", hint="Shorten it.")
    return SourceRow(line, {name: cell for name, cell in zip(columns, cells, strict=True) if cell})
