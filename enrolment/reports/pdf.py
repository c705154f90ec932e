"""The house style on paper. Equal documents give equal bytes: a PDF holds no time of its making."""

import html
import io
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import reportlab
from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
)

from enrolment.reports.domain.paper import (
    Checklist,
    Facts,
    Listing,
    Paper,
    Part,
    Section,
    Signatures,
)

INK, SOFT, LINE, TEAL = map(HexColor, ("#1d2b36", "#55626c", "#d5d0c5", "#0b5d66"))
MARGIN, TOP, BOTTOM = 18 * mm, 30 * mm, 22 * mm
FRAME_PADDING = 6  # reportlab's own, around all that is on a page
PAGE_WIDTH, PAGE_HEIGHT = A4
WIDTH = PAGE_WIDTH - 2 * MARGIN
PLAIN, BOLD, CODE = "Vera", "VeraBd", "Courier"
FONT_FILES = {PLAIN: "Vera.ttf", BOLD: "VeraBd.ttf"}
RULED: list[Any] = [
    ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 4),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
]
EVEN_ODD = 0
# The wordmark's o, an aperture in a box of 24: the opening, and the gaps between its blades.
OPENING = ((16.8, 12.97), (13.56, 16.65), (8.76, 15.67), (7.2, 11.03), (10.44, 7.35), (15.24, 8.33))
GAP_ENDS = (
    (7.75, 23.22),
    (0.16, 13.93),
    (4.41, 2.71),
    (16.25, 0.78),
    (23.84, 10.07),
    (19.59, 21.29),
)


def render(paper: Paper) -> bytes:
    """Return the document as a PDF on A4, with the wordmark and numbered pages."""
    _register_fonts()
    pages = _build(paper, 0, io.BytesIO())
    sink = io.BytesIO()
    _build(paper, pages, sink)
    return sink.getvalue()


def _build(paper: Paper, pages: int, sink: io.BytesIO) -> int:
    """Lay out the document, saying on each page that it is one of `pages`; return how many."""
    layout = SimpleDocTemplate(
        sink,
        pagesize=A4,
        leftMargin=MARGIN - FRAME_PADDING,
        rightMargin=MARGIN - FRAME_PADDING,
        topMargin=TOP,
        bottomMargin=BOTTOM,
        title=paper.title,
        author=paper.author,
        subject=paper.over,
        creator="Fotorundan",
        lang="sv-SE",
        invariant=1,
    )

    def frame(canvas: Canvas, _layout: object) -> None:
        _frame(canvas, paper, pages)

    story = [*_head(paper), *(flowable for part in paper.parts for flowable in _flow(part))]
    layout.build(story, onFirstPage=frame, onLaterPages=frame)
    return layout.page


def _register_fonts() -> None:
    for name in FONT_FILES:
        pdfmetrics.registerFont(_font(name))


@cache
def _font(name: str) -> TTFont:
    return TTFont(name, Path(reportlab.__file__).parent / "fonts" / FONT_FILES[name])


def _frame(canvas: Canvas, paper: Paper, pages: int) -> None:
    _wordmark(canvas, MARGIN, PAGE_HEIGHT - 18 * mm, 15)
    canvas.setFillColor(SOFT)
    canvas.setFont(PLAIN, 8)
    canvas.drawRightString(PAGE_WIDTH - MARGIN, PAGE_HEIGHT - 18 * mm, _printable(paper.author))
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, 15 * mm, PAGE_WIDTH - MARGIN, 15 * mm)
    canvas.drawString(MARGIN, 10.5 * mm, _printable(paper.title))
    number = paper.page_words % {"page": canvas.getPageNumber(), "pages": pages}
    canvas.drawRightString(PAGE_WIDTH - MARGIN, 10.5 * mm, number)


def _wordmark(canvas: Canvas, x: float, y: float, size: float) -> None:
    """Write Fotorundan with its first o as an aperture; `y` is the line the letters stand on."""
    canvas.setFillColor(INK)
    canvas.setFont(BOLD, size)
    canvas.drawString(x, y, "F")
    o = x + pdfmetrics.stringWidth("F", BOLD, size) - 0.02 * size
    across = 0.58 * size
    _aperture(canvas, o, y - 0.015 * size, across)
    canvas.setFillColor(INK)
    canvas.drawString(o + across + 0.05 * size, y, "torundan")


def _aperture(canvas: Canvas, x: float, y: float, across: float) -> None:
    canvas.saveState()
    canvas.translate(x, y + across)
    canvas.scale(across / 24, -across / 24)
    blades = canvas.beginPath()
    blades.circle(12, 12, 12)
    blades.moveTo(*OPENING[0])
    for corner in OPENING[1:]:
        blades.lineTo(*corner)
    blades.close()
    canvas.setFillColor(TEAL)
    canvas.drawPath(blades, stroke=0, fill=1, fillMode=EVEN_ODD)
    canvas.setStrokeColor(white)
    canvas.setLineWidth(1.3)
    for start, end in zip(OPENING, GAP_ENDS, strict=True):
        canvas.line(*start, *end)
    canvas.restoreState()


def _head(paper: Paper) -> list[Flowable]:
    over = _text(paper.over, _style(9, textColor=SOFT))
    title = _text(paper.title, _style(18, BOLD, leading=24))
    lead = [_text(paper.lead, _style(10, spaceBefore=1 * mm))] if paper.lead else []
    return [over, title, *lead, Spacer(1, 6 * mm)]


def _flow(part: Part) -> list[Flowable]:
    match part:
        case Section():
            return _section(part)
        case Facts():
            return [_facts(part), Spacer(1, 5 * mm)]
        case Listing():
            return [_listing(part), Spacer(1, 6 * mm)]
        case Checklist():
            return [_checklist(part)]
        case Signatures():
            return [_signatures(part)]


def _section(section: Section) -> list[Flowable]:
    heading = _text(section.heading, _style(13, BOLD, spaceAfter=1 * mm))
    lead = [_text(section.lead, _style(9.5, textColor=SOFT))] if section.lead else []
    return [CondPageBreak(60 * mm), Spacer(1, 4 * mm), heading, *lead, Spacer(1, 3 * mm)]


def _facts(facts: Facts) -> Flowable:
    label, plain, code = _style(9.5, BOLD), _style(9.5), _style(9.5, CODE)
    rows = [
        [_text(fact.label, label), _text(fact.value, code if fact.code else plain)]
        for fact in facts.rows
    ]
    top = ("LINEABOVE", (0, 0), (-1, 0), 0.5, LINE)
    return Table(rows, colWidths=[0.3 * WIDTH, 0.7 * WIDTH], style=[*RULED, top])


def _listing(listing: Listing) -> Flowable:
    columns = [*listing.columns, *listing.ticks]
    heads = [_text(column.heading, _style(8, textColor=SOFT)) for column in columns]
    boxes = [_Box() for _ in listing.ticks]
    rows = [[*(_text(cell, _style(10)) for cell in row), *boxes] for row in listing.rows]
    widths = [column.share * WIDTH for column in columns]
    under_heads = ("LINEBELOW", (0, 0), (-1, 0), 1, SOFT)
    return Table([heads, *rows], colWidths=widths, repeatRows=1, style=[*RULED, under_heads])


def _checklist(checklist: Checklist) -> Flowable:
    cells: list[Any] = []
    for item in checklist.items:
        cells += [_Box(), _text(item, _style(9.5))]
    cells += [""] * (len(cells) % 4)
    grid = Table(
        [cells[at : at + 4] for at in range(0, len(cells), 4)],
        colWidths=[0.05 * WIDTH, 0.45 * WIDTH] * 2,
        style=[("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("LEFTPADDING", (0, 0), (-1, -1), 0)],
    )
    heading = _text(checklist.heading, _style(13, BOLD, spaceAfter=2 * mm))
    return KeepTogether([Spacer(1, 3 * mm), heading, grid])


def _signatures(signatures: Signatures) -> Flowable:
    fields = [_text(field, _style(8, textColor=SOFT)) for field in signatures.fields]
    line: list[Any] = [
        ("LINEABOVE", (0, 1), (-1, 1), 0.7, INK),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ]
    blocks: list[Flowable] = [Spacer(1, 6 * mm)]
    for person in signatures.people:
        grid = Table(
            [[""] * len(fields), fields],
            colWidths=[WIDTH / len(fields)] * len(fields),
            rowHeights=[12 * mm, None],
            style=line,
        )
        blocks += [_text(person, _style(9.5, BOLD)), grid, Spacer(1, 6 * mm)]
    return KeepTogether(blocks)


class _Box(Flowable):
    """An empty box to tick."""

    def __init__(self) -> None:
        super().__init__()
        self.width = self.height = 4 * mm

    def draw(self) -> None:
        self.canv.setStrokeColor(SOFT)
        self.canv.roundRect(0, 0, self.width, self.height, 0.7 * mm)


def _style(size: float, font: str = PLAIN, **more: Any) -> ParagraphStyle:
    looks = {"textColor": INK, "leading": size * 1.4, "splitLongWords": 1, **more}
    return ParagraphStyle(f"{font} {size}", fontName=font, fontSize=size, **looks)


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    lines = (html.escape(_printable(line)) for line in text.split("\n"))
    return Paragraph("<br/>".join(lines), style)


def _printable(text: str) -> str:
    """Return the text in letters the font has: a rare accent may go, never its letter."""
    return "".join(_letter(letter) for letter in text)


@cache
def _letter(letter: str) -> str:
    known = _font(PLAIN).face.charToGlyph
    base = unicodedata.normalize("NFKD", letter)[0]
    return next((sign for sign in (letter, base) if ord(sign) in known), "?")
