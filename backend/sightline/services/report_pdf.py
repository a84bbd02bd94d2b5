"""A report as PDF (A4), with an embedded font for Latin, Greek and Cyrillic.

Han, kana and hangul are set in the standard fonts of PDF readers, which are not embedded. Arabic, Hebrew and Indic
scripts come out letter by letter: nothing here joins or turns them. A module of its own: it loads ReportLab.
"""

from collections.abc import Callable
from importlib.util import find_spec
from io import BytesIO
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as PdfTable
from reportlab.platypus.tables import TableStyle

from sightline.services.report_document import Document, Kind, Table, shown

FONT, BOLD = "DejaVuSans", "DejaVuSans-Bold"
HAN, KANA, HANGUL = "STSong-Light", "HeiseiKakuGo-W5", "HYSMyeongJo-Medium"
INK, FAINT, LINE, ACCENT = (colors.HexColor(code) for code in ("#1b2021", "#5d686a", "#dfe4e3", "#0f766e"))
MARGIN = 18 * mm
MOST_ROWS = 2000
"""Rows of a table on paper, some 50 pages; a spreadsheet has them all."""
MOST_LABELS = 12

BODY = ParagraphStyle("body", fontName=FONT, fontSize=8, leading=11, textColor=INK)
NUMBER = ParagraphStyle("number", BODY, alignment=TA_RIGHT)
HEAD = ParagraphStyle("head", BODY, fontName=BOLD, fontSize=7.5)
HEAD_NUMBER = ParagraphStyle("head number", HEAD, alignment=TA_RIGHT)
NOTE = ParagraphStyle("note", BODY, textColor=FAINT)
TITLE = ParagraphStyle("title", BODY, fontName=BOLD, fontSize=18, leading=23, spaceAfter=6)
HEADING = ParagraphStyle(
    "heading", BODY, fontName=BOLD, fontSize=12, leading=16, spaceBefore=14, spaceAfter=5, keepWithNext=1
)


def rendered(document: Document) -> bytes:
    """The file."""
    _register_fonts()
    out = BytesIO()
    pages = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=document.title,
        creator="Sightline",
    )
    story: list[Flowable] = [_text(document.title, TITLE), _facts(document), Spacer(1, 4 * mm)]
    for table in document.tables:
        story += _section(table, document, pages.width)
    pages.build(story, onFirstPage=_footer(document), onLaterPages=_footer(document))
    return out.getvalue()


def _register_fonts() -> None:
    if FONT in pdfmetrics.getRegisteredFontNames():
        return
    spec = find_spec("matplotlib")  # brings the font along; not imported
    assert spec is not None  # noqa: S101 - a dependency
    assert spec.origin is not None  # noqa: S101
    fonts = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
    for name in (FONT, BOLD):
        pdfmetrics.registerFont(TTFont(name, fonts / f"{name}.ttf"))
    for name in (HAN, KANA, HANGUL):
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    pdfmetrics.registerFontFamily(FONT, normal=FONT, bold=BOLD, italic=FONT, boldItalic=BOLD)


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    """Plain text: markup in names stays what it is; each script gets a font that has it."""
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    runs = [(font, "".join(signs)) for font, signs in groupby(printable, _font_of)]
    marked = (escape(run) if font is None else f'<font name="{font}">{escape(run)}</font>' for font, run in runs)
    return Paragraph("".join(marked), style)


def _font_of(sign: str) -> str | None:
    """None: the paragraph's own. Blocks of Unicode 15.1."""
    code = ord(sign)
    if 0x3040 <= code <= 0x30FF:
        return KANA
    if 0xAC00 <= code <= 0xD7A3 or 0x1100 <= code <= 0x11FF:
        return HANGUL
    return HAN if 0x2E80 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF else None


def _facts(document: Document) -> Flowable:
    rows = [[_text(name, NOTE), _text(value, BODY)] for name, value in document.facts]
    grid = TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, -1), 0)])
    return PdfTable(rows, colWidths=[38 * mm, None], style=grid, hAlign="LEFT")


def _section(table: Table, document: Document, width: float) -> list[Flowable]:
    found: list[Flowable] = [_text(table.heading, HEADING)]
    if not table.rows:
        return [*found, _text("Nothing in this span.", NOTE)]
    if table.chart and len(table.rows) > 1:
        found += [_chart(table, document, width), Spacer(1, 3 * mm)]
    found.append(_grid(table, document, width))
    if len(table.rows) > MOST_ROWS:
        left = len(table.rows) - MOST_ROWS
        found.append(_text(f"{left} more rows are in the spreadsheet of this report.", NOTE))
    return [*found, Spacer(1, 2 * mm), _text(table.note, NOTE)] if table.note else found


def _grid(table: Table, document: Document, width: float) -> Flowable:
    is_text = [column.kind is Kind.TEXT for column in table.columns]
    rows = [[_text(c.name, HEAD if text else HEAD_NUMBER) for c, text in zip(table.columns, is_text, strict=True)]]
    for row in table.rows[:MOST_ROWS]:
        cells = zip(row, table.columns, is_text, strict=True)
        rows.append([_text(shown(v, c.kind, document.time_zone), BODY if text else NUMBER) for v, c, text in cells])
    style = TableStyle(
        [
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK),
            ("LINEBELOW", (0, 1), (-1, -1), 0.3, LINE),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ]
    )
    shares = [2.2 if text else 1.0 for text in is_text]
    widths = [width * share / sum(shares) for share in shares]
    return PdfTable(rows, colWidths=widths, style=style, repeatRows=1)


def _chart(table: Table, document: Document, width: float) -> Drawing:
    """Bars of the second column over the first one."""
    height = 45 * mm
    drawing = Drawing(width, height + 12 * mm)
    bars = VerticalBarChart()
    bars.x, bars.y, bars.width, bars.height = 14 * mm, 11 * mm, width - 16 * mm, height
    bars.data = [[_number(row[1]) for row in table.rows]]
    every = -(-len(table.rows) // MOST_LABELS)
    labels = [shown(row[0], table.columns[0].kind, document.time_zone) for row in table.rows]
    bars.categoryAxis.categoryNames = [label if n % every == 0 else "" for n, label in enumerate(labels)]
    bars.categoryAxis.labels.fontName = bars.valueAxis.labels.fontName = FONT
    bars.categoryAxis.labels.fontSize = bars.valueAxis.labels.fontSize = 6
    bars.categoryAxis.visibleTicks = False
    bars.valueAxis.valueMin = 0
    bars.valueAxis.forceZero = True
    if not any(bars.data[0]):
        bars.valueAxis.valueMax = 1  # else the axis of nothing at all counts hundredths
    bars.valueAxis.strokeColor = bars.categoryAxis.strokeColor = LINE
    bars.valueAxis.visibleGrid, bars.valueAxis.gridStrokeColor = True, LINE
    bars.bars[0].fillColor, bars.bars[0].strokeColor = ACCENT, None
    bars.barSpacing, bars.groupSpacing = 0, 1
    drawing.add(bars)
    return drawing


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _footer(document: Document) -> Callable[[Canvas, object], None]:
    made = " · ".join(value for name, value in document.facts if name in {"Made", "System"})

    def draw(canvas: Canvas, _pages: object) -> None:
        canvas.saveState()
        canvas.setFont(FONT, 7)
        canvas.setFillColor(FAINT)
        canvas.drawString(MARGIN, 10 * mm, made[:120])
        canvas.drawRightString(A4[0] - MARGIN, 10 * mm, f"Page {canvas.getPageNumber()}")
        canvas.restoreState()

    return draw
