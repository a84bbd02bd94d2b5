"""A report as an Excel workbook: a sheet per table, real dates and numbers, no formula. It loads XlsxWriter."""

import re
from datetime import datetime
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from sightline.services.report_document import Document, Kind, Table

FORMATS = {
    Kind.TEXT: "@",
    Kind.COUNT: "#,##0",
    Kind.SHARE: "0.0%",
    Kind.NUMBER: "0.000",
    Kind.MOMENT: "yyyy-mm-dd hh:mm:ss",
    Kind.DAY: "yyyy-mm-dd",
}
WIDTHS = {Kind.TEXT: 34, Kind.MOMENT: 20}
OTHER_WIDTH = 16
LONGEST_SHEET_NAME = 31
"""Excel's limit; it also forbids the signs below."""
LAST_ROW = 1_048_575
"""Of a sheet, counted from 0."""


def rendered(document: Document) -> bytes:
    """The file. Text is written as text, whatever it begins with."""
    out = BytesIO()
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    # constant_memory needs a temporary file per sheet; reports have some thousand rows
    book = Workbook(out, {**safe, "constant_memory": True, "remove_timezone": True})
    book.set_properties({"title": document.title[:255], "author": "Sightline"})
    formats = {kind: book.add_format({"num_format": code}) for kind, code in FORMATS.items()}
    bold = book.add_format({"bold": True, "bottom": 1})
    _front(book.add_worksheet("Report"), document, book.add_format({"bold": True, "font_size": 16}))
    for number, table in enumerate(document.tables, 1):
        _write(book.add_worksheet(_sheet_name(number, table.heading)), table, document, (formats, bold))
    book.close()
    return out.getvalue()


def _front(sheet: Worksheet, document: Document, heading: Format) -> None:
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 80)
    sheet.write_string(0, 0, document.title, heading)
    notes = [(table.heading, table.note) for table in document.tables if table.note]
    for number, (name, value) in enumerate((*document.facts, *notes), 2):
        sheet.write_string(number, 0, name)
        sheet.write_string(number, 1, value)


def _write(sheet: Worksheet, table: Table, document: Document, styles: tuple[dict[Kind, Format], Format]) -> None:
    formats, bold = styles
    sheet.freeze_panes(1, 0)
    for number, column in enumerate(table.columns):
        sheet.set_column(number, number, WIDTHS.get(column.kind, OTHER_WIDTH))
    for number, column in enumerate(table.columns):
        sheet.write_string(0, number, column.name, bold)
    for row, values in enumerate(table.rows[:LAST_ROW], 1):
        for number, (value, column) in enumerate(zip(values, table.columns, strict=True)):
            style = formats[column.kind]
            if isinstance(value, datetime):
                sheet.write_datetime(row, number, value.astimezone(document.time_zone).replace(tzinfo=None), style)
            elif isinstance(value, int | float):
                sheet.write_number(row, number, value, style)
            else:
                sheet.write_string(row, number, value or "", style)


def _sheet_name(number: int, heading: str) -> str:
    plain = re.sub(r"[][:*?/\\]", " ", heading)
    return f"{number} {plain}"[:LONGEST_SHEET_NAME]
