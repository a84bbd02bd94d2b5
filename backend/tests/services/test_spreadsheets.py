"""Nothing that people typed runs in a spreadsheet, and what is read back is what was written."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.services.spreadsheets import DANGEROUS, csv_lines, defused


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1", '=HYPERLINK("x")']
)
def test_formulas_become_text(text: str) -> None:
    assert defused(text) == "'" + text


@pytest.mark.parametrize("cell", ["A. Guest", "a=b", "", None, -0.5, 3])
def test_everything_else_stays(cell: str | float | None) -> None:
    assert defused(cell) == cell


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1, max_size=4))
def test_any_row_is_read_back_without_a_formula(row: list[str]) -> None:
    (read,) = csv.reader(StringIO(csv_lines([row]), newline=""))
    assert [one.removeprefix("'") for one in read] == [one.removeprefix("'") for one in row]
    assert not any(one.startswith(DANGEROUS) for one in read)
