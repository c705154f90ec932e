"""Where everything stands in the picture of a visit's times: a row per slot, a curve per rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.domain.staffing.timeline import Step
from booking.domain.staffing.values import Span

WIDTH, LABELS, MARGIN = 960, 180, 120
ROW, CURVE, GAP = 26, 96, 44
TICKS = (5, 10, 15, 30, 60)
MOST_TICKS = 9


@dataclass(frozen=True, slots=True)
class Bar:
    """A slot: from `x` the time in the chair, from `away_x` the time away from the ward."""

    key: str
    y: int
    x: float
    width: float
    away_x: float
    away_width: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A time on the axis."""

    x: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Curve:
    """How many are left of a title (none: of all), over how many must be; paths as SVG has them.

    `short` are the spans in which fewer are left than must be, as x and width. `least` and `left`
    are the numbers at the end, `least_y` and `left_y` where their labels stand, apart.
    """

    ward: str
    title: str
    top: int
    bottom: int
    left_path: str
    least_path: str
    short: tuple[tuple[float, float], ...]
    left: int
    least: int
    left_y: float
    least_y: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole picture, in units of its view box."""

    height: int
    axis_y: int
    ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]
    curves: tuple[Curve, ...]
    width: int = WIDTH
    start_x: int = LABELS
    end_x: int = WIDTH - MARGIN


def chart(
    during: Span,
    slots: Sequence[tuple[str, Span, Span]],
    curves: Sequence[tuple[str, str, Sequence[Step]]],
) -> Chart:
    """Lay out slots (key, time, time away) and curves (ward, title, steps) over the span."""
    axis_y = 28 + ROW * len(slots)
    bars = tuple(
        _bar(during, 24 + ROW * row, key, time, away) for row, (key, time, away) in enumerate(slots)
    )
    tops = [axis_y + GAP + (CURVE + GAP) * number for number in range(len(curves))]
    drawn = tuple(_curve(during, top, *curve) for top, curve in zip(tops, curves, strict=True))
    height = axis_y + 20 + (CURVE + GAP) * len(curves)
    return Chart(height, axis_y, _ticks(during), bars, drawn)


def _x(during: Span, at: datetime) -> float:
    share = (at - during.starts_at) / (during.ends_at - during.starts_at)
    return round(LABELS + share * (WIDTH - LABELS - MARGIN), 1)


def _bar(during: Span, y: int, key: str, time: Span, away: Span) -> Bar:
    x, away_x = _x(during, time.starts_at), _x(during, away.starts_at)
    width = _x(during, time.ends_at) - x
    return Bar(key, y, x, round(width, 1), away_x, round(_x(during, away.ends_at) - away_x, 1))


def _ticks(during: Span) -> tuple[Tick, ...]:
    """Return round times, as close as there is room for."""
    length = (during.ends_at - during.starts_at) / timedelta(minutes=1)
    minutes = next((each for each in TICKS if length / each <= MOST_TICKS), TICKS[-1])
    step = timedelta(minutes=minutes)
    first = during.starts_at.replace(minute=0, second=0, microsecond=0)
    ticks = (first + step * number for number in range(24 * 60 // minutes))
    return tuple(
        Tick(_x(during, at), at) for at in ticks if during.starts_at <= at <= during.ends_at
    )


def _curve(during: Span, top: int, ward: str, title: str, steps: Sequence[Step]) -> Curve:
    highest = max([1, *(max(step.left, step.least) for step in steps)])
    bottom = top + CURVE

    def y(number: int) -> float:
        return round(bottom - number * CURVE / highest, 1)

    last = steps[-1]
    left_y, least_y = y(last.left), y(last.least)
    if abs(left_y - least_y) < 18:
        least_y = left_y + (18 if last.least <= last.left else -18)
    return Curve(
        ward=ward,
        title=title,
        top=top,
        bottom=bottom,
        left_path=_path(during, [(step.span, y(step.left)) for step in steps]),
        least_path=_path(during, [(step.span, y(step.least)) for step in steps]),
        short=tuple(_across(during, step.span) for step in steps if step.left < step.least),
        left=last.left,
        least=last.least,
        left_y=left_y,
        least_y=least_y,
    )


def _across(during: Span, span: Span) -> tuple[float, float]:
    x = _x(during, span.starts_at)
    return x, round(_x(during, span.ends_at) - x, 1)


def _path(during: Span, levels: Sequence[tuple[Span, float]]) -> str:
    """Return a step line as the d of an SVG path."""
    path = f"M{_x(during, levels[0][0].starts_at)} {levels[0][1]}"
    for span, y in levels:
        path += f"V{y}H{_x(during, span.ends_at)}"
    return path
