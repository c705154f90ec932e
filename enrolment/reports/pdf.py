"""The house style on paper. Equal documents give equal bytes: a PDF holds no time of its making."""

import html
import io
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
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
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
)

from enrolment.reports.domain.lettering import BOLD, CODE, FONT_FILES, PLAIN, spelled
from enrolment.reports.domain.paper import (
    Checklist,
    Code,
    Facts,
    Listing,
    Paper,
    Part,
    Scan,
    Section,
    Signatures,
    Slip,
    Slips,
)

INK, SOFT, LINE, TEAL = map(HexColor, ("#1d2b36", "#55626c", "#d5d0c5", "#0b5d66"))
MARGIN, TOP, BOTTOM = 18 * mm, 30 * mm, 22 * mm
FRAME_PADDING = 6  # reportlab's own, around all that is on a page
PAGE_WIDTH, PAGE_HEIGHT = A4
WIDTH = PAGE_WIDTH - 2 * MARGIN
RULED: list[Any] = [
    ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 4),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
]
EVEN_ODD = 0
# How much larger what is read from across a room is tried; the height of a row to write in.
LARGE, ROOMY = (1.9, 1.7, 1.5, 1.3, 1), 9 * mm
# Modules of white around a QR code (ISO/IEC 18004).
QUIET_ZONE = 4
DASHES = (4, 3)
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


class FontMissing(LookupError):
    """A font that set-up has not copied."""


def render(paper: Paper) -> bytes:
    """Return the document as a PDF on A4, with the wordmark and numbered pages.

    A large one is as large as fits on one page. Raise FontMissing if set-up has not been run.
    """
    _register_fonts()
    for scale in LARGE if paper.large else (1,):
        pages = _build(paper, scale, 0, io.BytesIO())
        if pages == 1:
            break
    sink = io.BytesIO()
    _build(paper, scale, pages, sink)
    return sink.getvalue()


def _build(paper: Paper, scale: float, pages: int, sink: io.BytesIO) -> int:
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

    parts = (flowable for part in paper.parts for flowable in _flow(part, scale))
    story = [*_head(paper, scale), *parts]
    layout.build(story, onFirstPage=frame, onLaterPages=frame)
    return layout.page


def _register_fonts() -> None:
    for name in FONT_FILES:
        pdfmetrics.registerFont(_font(name))


def _font(name: str) -> TTFont:
    return _read(name, Path(settings.FONTS_DIR) / FONT_FILES[name])


@cache
def _read(name: str, path: Path) -> TTFont:
    if not path.is_file():
        raise FontMissing(f"No font {path.name} in {path.parent}: run manage.py fetch_assets.")
    return TTFont(name, path)


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


def _head(paper: Paper, scale: float) -> list[Flowable]:
    over = _text(paper.over, _style(9 * scale, textColor=SOFT))
    title = _text(paper.title, _style(18 * scale, BOLD, leading=23 * scale))
    lead = [_text(paper.lead, _style(10 * scale, spaceBefore=scale * mm))] if paper.lead else []
    return [over, title, *lead, Spacer(1, 6 * mm)]


def _flow(part: Part, scale: float) -> list[Flowable]:
    match part:
        case Section():
            return _section(part)
        case Facts():
            return [_facts(part, scale), Spacer(1, 5 * scale * mm)]
        case Scan():
            return [_scan(part, scale)]
        case Slips():
            return _slips(part)
        case Listing():
            return [_listing(part), Spacer(1, 6 * mm)]
        case Checklist():
            return [_checklist(part)]
        case Signatures():
            return [_signatures(part)]


def _section(section: Section) -> list[Flowable]:
    heading = _text(section.heading, _style(13, BOLD, spaceAfter=1 * mm))
    lead = [_text(section.lead, _style(9.5, textColor=SOFT))] if section.lead else []
    return [CondPageBreak(section.room * mm), Spacer(1, 4 * mm), heading, *lead, Spacer(1, 3 * mm)]


def _facts(facts: Facts, scale: float = 1) -> Flowable:
    size = 9.5 * scale
    label, plain, code = _style(size, BOLD), _style(size), _style(size, CODE)
    rows = [
        [_text(fact.label, label), _text(fact.value, code if fact.code else plain)]
        for fact in facts.rows
    ]
    top = ("LINEABOVE", (0, 0), (-1, 0), 0.5, LINE)
    high = ("VALIGN", (0, 0), (-1, -1), "TOP")
    airy = [(side, (0, 0), (-1, -1), 4 * scale) for side in ("TOPPADDING", "BOTTOMPADDING")]
    widths = [0.3 * WIDTH, 0.7 * WIDTH]
    return Table(rows, colWidths=widths, style=[*RULED, *airy, high, top])


def _listing(listing: Listing) -> Flowable:
    last = [listing.code_column] if listing.codes else []
    columns = [*listing.columns, *listing.ticks, *last]
    heads = [_text(column.heading, _style(8, textColor=SOFT)) for column in columns]
    boxes = [_Box() for _ in listing.ticks]
    rows = [
        [*(_text(cell, _style(10)) for cell in row), *boxes, *([_scanned(code)] if last else [])]
        for row, code in listing.coded_rows
    ]
    widths = [column.share * WIDTH for column in columns]
    under_heads = ("LINEBELOW", (0, 0), (-1, 0), 1, SOFT)
    apart = ("RIGHTPADDING", (0, 0), (-1, -1), 9)
    heights = [None, *([ROOMY if listing.roomy else None] * len(rows))]
    return Table(
        [heads, *rows],
        colWidths=widths,
        rowHeights=heights,
        repeatRows=1,
        style=[*RULED, under_heads, apart],
    )


def _scanned(code: Code | None) -> Flowable | str:
    return _Qr(code, 15 * mm) if code else ""


def _scan(scan: Scan, scale: float) -> Flowable:
    words = [
        _text(scan.heading, _style(13 * scale, BOLD, spaceAfter=scale * mm)),
        _text(scan.text, _style(9.5 * scale)),
    ]
    side = 20 * scale * mm
    padding = [
        (edge, (0, 0), (-1, -1), 4 * scale * mm)
        for edge in ("LEFTPADDING", "RIGHTPADDING", "TOPPADDING", "BOTTOMPADDING")
    ]
    framed: list[Any] = [
        ("BOX", (0, 0), (-1, -1), 1.2, TEAL),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        *padding,
    ]
    taken = side + 8 * scale * mm
    return Table([[words, _Qr(scan.code, side)]], colWidths=[WIDTH - taken, taken], style=framed)


def _slips(slips: Slips) -> list[Flowable]:
    heading = _text(slips.heading, _style(13, BOLD, spaceAfter=1 * mm))
    lead = _text(slips.lead, _style(9.5, textColor=SOFT, spaceAfter=4 * mm))
    return [PageBreak(), heading, lead, *(_slip(slip) for slip in slips.slips)]


def _slip(slip: Slip) -> Flowable:
    words = [_text(slip.name, _style(13, BOLD, spaceAfter=1 * mm)), _slip_facts(slip)]
    cut: list[Any] = [
        (edge, (0, 0), (-1, -1), 0.7, SOFT, None, DASHES) for edge in ("LINEABOVE", "LINEBELOW")
    ]
    padding = [
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 5 * mm),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 5 * mm),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("ALIGN", (1, 0), (1, 0), "RIGHT"),
    ]
    widths = [0.78 * WIDTH, 0.22 * WIDTH]
    return Table([[words, _Qr(slip.code, 30 * mm)]], colWidths=widths, style=[*cut, *padding])


def _slip_facts(slip: Slip) -> Flowable:
    plain, code = _style(9.5), _style(12, CODE)
    rows = [
        [
            _text(fact.label, _style(9.5, textColor=SOFT)),
            _text(fact.value, code if fact.code else plain),
        ]
        for fact in slip.facts
    ]
    tight: list[Any] = [
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 1.2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.2),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ]
    return Table(rows, colWidths=[0.2 * WIDTH, 0.56 * WIDTH], style=tight)


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


class _Qr(Flowable):
    """A code to scan, dark on the white of the paper; the quiet zone is part of its side."""

    def __init__(self, code: Code, side: float) -> None:
        super().__init__()
        self.code = code
        self.width = self.height = side

    def draw(self) -> None:
        module = self.width / (self.code.size + 2 * QUIET_ZONE)
        self.canv.setFillColor(INK)
        for column, row, length in self.code.runs():
            x, y = (QUIET_ZONE + column) * module, self.height - (QUIET_ZONE + row + 1) * module
            self.canv.rect(x, y, length * module, module, stroke=0, fill=1)


def _style(size: float, font: str = PLAIN, **more: Any) -> ParagraphStyle:
    looks = {"textColor": INK, "leading": size * 1.4, "splitLongWords": 1, **more}
    return ParagraphStyle(f"{font} {size}", fontName=font, fontSize=size, **looks)


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    lines = (html.escape(_printable(line, style.fontName)) for line in text.split("\n"))
    return Paragraph("<br/>".join(lines), style)


def _printable(text: str, font: str = PLAIN) -> str:
    return spelled(text, _font(font).face.charToGlyph)
