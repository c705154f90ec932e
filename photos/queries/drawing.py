"""What is drawn over a picture: where the head lies, and the part that a finding is about.

All coordinates are text, ready for SVG attributes, in pixels: of the crop where the card is shown,
of the upright picture where the whole is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from photos.domain.checks import CHECKS, Area
from photos.domain.findings import Answer
from photos.domain.frame import Frame
from photos.models import Capture

AREAS = {check.component: check.area for check in CHECKS}
SIDES = (Area.LEFT, Area.RIGHT, Area.ABOVE, Area.BELOW)
OTHERS_SEEN = "single face present"

# What is marked for an eye, the mouth and the head, in distances between the pupils.
EYE = (0.38, 0.26)
MOUTH, MOUTH_DOWN = (0.52, 0.34), 0.62
HEAD, HEAD_WIDTH = 1.25, 0.8
HATCHES = 28  # lines along the height

LEGEND: dict[str, Promise] = {
    "outline": _("The outline of the face"),
    "eyes": _("The eye line"),
    "head": _("Crown and chin"),
    "crop": _("What the card would show"),
    "missing": _("Missing in the picture"),
    "other": _("Another face"),
}
AREA_NAMES: dict[str, Promise] = {
    Area.PICTURE: _("Look here: the picture"),
    Area.FACE: _("Look here: the face"),
    Area.EYES: _("Look here: the eyes"),
    Area.MOUTH: _("Look here: the mouth"),
    Area.BACKGROUND: _("Look here: the background"),
}

Pair = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Mark:
    """A line or an area: its kind, for the look, and the path."""

    kind: str
    path: str


@dataclass(frozen=True)
class Drawing:
    """A picture with what is drawn over it: the card, or the `whole` that it would be cut from.

    `view` is the view box, `picture` where the picture lies in it (x, y, width, height). `behind`
    lies under the picture, so that it shows only beyond its edges. `hatch` is how far apart the
    lines of a hatched area are.
    """

    whole: bool
    view: str
    picture: tuple[str, str, str, str]
    behind: list[Mark]
    marks: list[Mark]
    hatch: str
    legend: list[tuple[str, Promise]]


def drawing(capture: Capture) -> Drawing | None:
    """Return the drawing of a judged capture; None where nothing is known of its picture.

    The card is shown if one was cut, unless it was decided by other faces around it.
    """
    geometry = capture.geometry
    if not geometry.get("size"):
        return None
    crop = Frame(**geometry["crop"]) if geometry.get("crop") else None
    area = AREAS.get(capture.decided_by)
    beside = capture.decided_by == OTHERS_SEEN and geometry.get("others")
    if crop and capture.card_stored_as and not beside:
        return _of_card(geometry.get("marks"), crop, area)
    return _of_whole(geometry, crop, area)


def _of_card(head: dict[str, Any] | None, crop: Frame, area: Area | None) -> Drawing:
    box = (0.0, 0.0, crop.width, crop.height)
    marks = _marks(head, crop, area) if head else []
    return Drawing(
        whole=False,
        view=_text(box),
        picture=_attributes(box),
        behind=[],
        marks=marks,
        hatch=_number(crop.height / HATCHES),
        legend=_legend(marks, area),
    )


def _of_whole(geometry: dict[str, Any], crop: Frame | None, area: Area | None) -> Drawing:
    width, height = map(float, geometry["size"])
    corners = [(float(x), float(y)) for x, y in crop.corners()] if crop else []
    left, top, right, bottom = _bounds([(0, 0), (width, height), *corners])
    cut = [Mark("crop", _polygon(corners))] if crop else []
    behind = [Mark("missing", _polygon(corners))] if area in SIDES else []
    marks = [*cut, *(Mark("other", _rectangle(box)) for box in geometry.get("others", []))]
    return Drawing(
        whole=True,
        view=_text((left, top, right - left, bottom - top)),
        picture=_attributes((0, 0, width, height)),
        behind=behind,
        marks=marks,
        hatch=_number((bottom - top) / HATCHES),
        legend=_legend([*behind, *marks], None),
    )


def _marks(marks: dict[str, Any], crop: Frame, area: Area | None) -> list[Mark]:
    """Return the head's lines, and the area that is pointed out, in pixels of the crop."""
    outline = _scaled(marks["outline"], crop)
    left, right = _scaled([marks["eye_left"], marks["eye_right"]], crop)
    crown, chin = marks["crown"] * crop.height, marks["chin"] * crop.height
    eye_y = (left[1] + right[1]) / 2
    ends = _bounds(outline)
    reach = (ends[2] - ends[0]) / 4
    across = (max(ends[0] - reach, 0), min(ends[2] + reach, crop.width))
    lines = [
        *([] if area == Area.FACE else [Mark("outline", _polygon(outline))]),
        Mark("eyes", _line(across, eye_y)),
        Mark("head", " ".join(_line(across, y) for y in (crown, chin))),
    ]
    return [*_pointed_out(area, crop, outline, (left, right), (crown, chin)), *lines]


def _pointed_out(
    area: Area | None, crop: Frame, outline: list[Pair], eyes: tuple[Pair, Pair], head: Pair
) -> list[Mark]:
    """Return the area in the crop, if it lies there: hatched, or a ring where much would be hid."""
    (left, right), (crown, chin) = eyes, head
    apart, middle = right[0] - left[0], (left[0] + right[0]) / 2
    eye_y = (left[1] + right[1]) / 2
    match area:
        case Area.EYES:
            radii = (EYE[0] * apart, EYE[1] * apart)
            return [Mark("area", " ".join(_ellipse(eye, radii) for eye in eyes))]
        case Area.MOUTH:
            mouth = (middle, eye_y + MOUTH_DOWN * (chin - eye_y))
            return [Mark("area", _ellipse(mouth, (MOUTH[0] * apart, MOUTH[1] * apart)))]
        case Area.BACKGROUND:
            tall = (chin - crown) / 2 * HEAD
            hole = _ellipse((middle, (crown + chin) / 2), (HEAD_WIDTH * tall, tall))
            return [Mark("ground", f"{_rectangle((0, 0, crop.width, chin))} {hole}")]
        case Area.FACE:
            return [Mark("ring", _polygon(outline))]
        case Area.PICTURE:
            return [Mark("ring", _rectangle((0, 0, crop.width, crop.height)))]
    return []


def _legend(marks: Iterable[Mark], area: Area | None) -> list[tuple[str, Promise]]:
    kinds = dict.fromkeys(mark.kind for mark in marks)
    pointed = AREA_NAMES.get(area or "")
    named = ((kind, LEGEND.get(kind, pointed)) for kind in kinds)
    return [(kind, words) for kind, words in named if words]


def needs_drawing(capture: Capture) -> bool:
    """Say whether the drawing helps at once: when something is to be put right."""
    return capture.verdict in {Answer.FAIL, Answer.WARN}


def _scaled(points: Iterable[Pair], crop: Frame) -> list[Pair]:
    return [(x * crop.width, y * crop.height) for x, y in points]


def _bounds(points: Iterable[Pair]) -> Box:
    across, down = zip(*points, strict=True)
    return min(across), min(down), max(across), max(down)


def _polygon(points: Iterable[Pair]) -> str:
    return "M" + " L".join(_text(point) for point in points) + " Z"


def _rectangle(box: Iterable[float]) -> str:
    left, top, right, bottom = box
    return _polygon([(left, top), (right, top), (right, bottom), (left, bottom)])


def _line(across: Pair, y: float) -> str:
    return f"M{_text((across[0], y))} H{_number(across[1])}"


def _ellipse(centre: Pair, radii: Pair) -> str:
    (x, y), across = centre, radii[0]
    half = f"a{_text(radii)} 0 1 0"
    there, back = _text((2 * across, 0)), _text((-2 * across, 0))
    return f"M{_text((x - across, y))} {half} {there} {half} {back} Z"


def _attributes(box: Box) -> tuple[str, str, str, str]:
    first, second, third, fourth = map(_number, box)
    return first, second, third, fourth


def _text(numbers: Iterable[float]) -> str:
    return " ".join(map(_number, numbers))


def _number(value: float) -> str:
    return f"{round(value, 1) + 0:g}" if abs(value) < 100_000 else f"{value:.0f}"
