"""CSV that spreadsheets open without running anything (RFC 4180; OWASP, CSV Injection)."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final

BYTE_ORDER_MARK: Final = "\ufeff"
"""At the beginning of a file it tells Excel that the text is UTF-8."""
DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What spreadsheets take for the beginning of a formula, signs of full width too."""

Cell = str | int | float | None


def defused(cell: Cell) -> Cell:
    """Text that could be a formula gets an apostrophe in front, also behind leading spaces; numbers stay numbers."""
    if isinstance(cell, str) and cell.lstrip(" \u00a0").startswith(DANGEROUS):
        return "'" + cell
    return cell


def csv_lines(rows: Iterable[Sequence[Cell]]) -> str:
    """Lines of CSV with every cell defused."""
    written = StringIO()
    csv.writer(written).writerows([defused(cell) for cell in row] for row in rows)
    return written.getvalue()
