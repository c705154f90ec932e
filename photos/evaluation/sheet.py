"""The worst cases as a contact sheet: what people look at to see why a check was wrong."""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from photos.domain.judgement import judge
from photos.evaluation.bench import Bench
from photos.evaluation.examine import ORIGINAL, opened
from photos.evaluation.faults import made
from photos.evaluation.portrait import portrait_of
from photos.evaluation.trials import Trial, wrong

ACROSS = 6
CELL = (220, 300)
PICTURE = (210, 220)
LETTERS = 11  # px
LINE = 15  # px
WRITABLE = str.maketrans({"≥": ">=", "≤": "<=", "×": "x", "–": "-"})  # Pillow's own font is small


@dataclass(frozen=True)
class Cell:
    """One case: whose file it is, what was made of it, and the lines to write under it."""

    path: Path
    made: str
    lines: tuple[str, ...]


def worst_cases(folder: Path, trials: Iterable[Trial]) -> list[Cell]:
    """Return for every trial its worst mistakes, as many as fit in a row."""
    cells = []
    for trial in trials:
        for case in wrong(trial)[:ACROSS]:
            value = "not measured" if case.value is None else f"{case.value:.4g} ({trial.limit})"
            made = () if case.made == ORIGINAL else (case.made,)
            lines = (trial.component, f"{value}: {case.answer}", f"against: {trial.fault}", *made)
            cells.append(Cell(folder / case.file, case.made, (*lines, case.file)))
    return cells


def drawn(bench: Bench, cell: Cell) -> Image.Image:
    """Return the cell with what the judge saw drawn into its picture."""
    data, _ = opened(cell.path)
    image = Image.new("RGB", CELL, "white")
    if data is not None:
        if cell.made != ORIGINAL:
            judgement = judge(data, bench.profile, bench.finder)
            portrait = portrait_of(data, judgement, bench.profile, bench.finder)
            data = made(portrait, cell.made) if portrait else data
        seen = judge(data, bench.profile, bench.finder, annotate=True).annotated_jpeg
        with Image.open(BytesIO(seen or data)) as picture:
            small = picture.convert("RGB")
        small.thumbnail(PICTURE)
        image.paste(small, ((CELL[0] - small.width) // 2, 0))
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(LETTERS)
    for number, line in enumerate(cell.lines):
        draw.text((4, PICTURE[1] + LINE * number), line.translate(WRITABLE)[:40], "black", font)
    return image


def contact_sheet(cells: Iterable[Image.Image]) -> Image.Image:
    """Return the cells in rows, left to right."""
    every = list(cells)
    rows = -(-len(every) // ACROSS)
    sheet = Image.new("RGB", (CELL[0] * ACROSS, CELL[1] * max(rows, 1)), "white")
    for number, cell in enumerate(every):
        down, across = divmod(number, ACROSS)
        sheet.paste(cell, (across * CELL[0], down * CELL[1]))
    return sheet
