"""A folder of photos and what people saw in them: `annotations.tsv`, one row a photo."""

import csv
import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

Point = tuple[float, float]

FILE = "annotations.tsv"
EYES = ("eyeL_x", "eyeL_y", "eyeR_x", "eyeR_y")
WORDS = {
    "class": ("single", "crop150", "group", "none", "drawing"),
    "frontal": ("yes", "near", "no", ""),
    "eyes": ("open", "closed", "wink", "U", ""),
    "mouth": ("C", "S", "O", "U", ""),
    "glasses": ("True", "False", ""),
}
COLUMNS = ("file", *WORDS, "faces", "background", *EYES)


class AnnotationError(ValueError):
    """The table or a row of it can't be used; the message says what is wrong where."""


class Half(StrEnum):
    """Which half of the photos: limits are chosen on one and figures reported on the other."""

    CHOOSE = "choose"
    REPORT = "report"


@dataclass(frozen=True)
class Sample:
    """One photo as people see it; an empty word is for what they were not asked or unsure of.

    `kind` is single (one person), crop150 (the face fills the picture), group, none (no person) or
    drawing; `faces` how many there are. `eye_left` is the pupil at the left of the picture, in
    pixels of the upright picture.
    """

    file: str
    kind: str
    faces: int
    frontal: str = ""
    eyes: str = ""
    mouth: str = ""
    glasses: str = ""
    background: str = ""
    eye_left: Point | None = None
    eye_right: Point | None = None

    @property
    def half(self) -> Half:
        """The half that the file's name puts it in, the same on every machine."""
        even = hashlib.sha256(self.file.encode()).digest()[0] % 2 == 0
        return Half.CHOOSE if even else Half.REPORT


def read_annotations(lines: Iterable[str]) -> tuple[list[Sample], list[str]]:
    """Return the samples, and for each row that can't be used a sentence that names it.

    Columns may stand in any order and others may stand beside them. Raises `AnnotationError` if
    one is missing.
    """
    table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    missing = [name for name in COLUMNS if name not in (table.fieldnames or ())]
    if missing:
        raise AnnotationError(f"{FILE} has no column {', '.join(missing)}")
    samples: dict[str, Sample] = {}
    wrong: list[str] = []
    for row in table:
        try:
            sample = _sample(row)
            if sample.file in samples:
                raise AnnotationError("the file stands in an earlier row too")
            samples[sample.file] = sample
        except AnnotationError as error:
            wrong.append(f"{FILE}, line {table.line_num} ({row['file'] or 'no file'}): {error}")
    return list(samples.values()), wrong


def _sample(row: Mapping[str, str | None]) -> Sample:
    if None in row or None in row.values():
        raise AnnotationError("not as many cells as there are columns")
    cells = {name: (cell or "").strip() for name, cell in row.items()}
    for name, words in WORDS.items():
        if cells[name] not in words:
            raise AnnotationError(f"{name} is {cells[name]!r}, none of {', '.join(words)}")
    left, right = _eyes(cells)
    return Sample(
        file=_file(cells["file"]),
        kind=cells["class"],
        faces=_count(cells["faces"]),
        **{name: cells[name] for name in ("frontal", "eyes", "mouth", "glasses", "background")},
        eye_left=left,
        eye_right=right,
    )


def _file(name: str) -> str:
    if not name or "/" in name or "\\" in name or name in (".", ".."):
        raise AnnotationError("file is not the name of a file in the folder")
    return name


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise AnnotationError(f"faces is {text!r}, not a whole number")
    return int(text)


def _eyes(cells: Mapping[str, str]) -> tuple[Point | None, Point | None]:
    texts = [cells[name] for name in EYES]
    if not any(texts):
        return None, None
    numbers = [_coordinate(name, text) for name, text in zip(EYES, texts, strict=True)]
    left, right = (numbers[0], numbers[1]), (numbers[2], numbers[3])
    if left[0] >= right[0]:
        raise AnnotationError("eyeL is not left of eyeR")
    return left, right


def _coordinate(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise AnnotationError(f"{name} is {text!r}, not a number")
    return number
