"""Where places, routes and their names stand on a map of our own: numbers for an SVG, no tiles.

An equirectangular projection around the middle of the places: within a few hundred kilometres the
shapes are as on any map. Lengths are units of the drawing, y grows downwards. Places whose dots
would lie on each other are drawn a little apart, so that every number can be read.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

# A drawing as wide as a narrow telephone, so that the names are legible there.
WIDTH = 320.0
LOWEST, HIGHEST = 170.0, 250.0
MARGIN = 26.0
# About two kilometres: places closer than that together are not blown up further.
LEAST_DEGREES = 0.02
LETTER, LINE_HEIGHT = 6.9, 15.0
ROAD_STEP = 4.0
DOT = 9.0
BASE = 11.0
PLAIN = 5.0
AIR = 1.0
# How much of a name stands before its point, by SVG text-anchor.
BEFORE = {"start": 0.0, "middle": 0.5, "end": 1.0}
# So many times dots are pushed apart; a score of them need fewer than half as many.
PUSHES = 60
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


@dataclass(frozen=True)
class Spot:
    """A place to draw: degrees (WGS 84), its name, and what stands in its dot."""

    key: str
    latitude: float
    longitude: float
    name: str
    number: str = ""
    base: bool = False

    @property
    def radius(self) -> float:
        """Return how far from its middle the dot reaches, a base to its corners."""
        return DOT if self.number else BASE / math.sqrt(2) if self.base else PLAIN


@dataclass(frozen=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "_Box") -> float:
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return wide * high if wide > 0 and high > 0 else 0.0

    def outside(self, width: float, height: float) -> float:
        over = (-self.left, -self.top, self.right - width, self.bottom - height)
        return sum(max(0.0, far) for far in over) * LINE_HEIGHT


@dataclass(frozen=True)
class Dot:
    """A place on the drawing: its middle."""

    spot: Spot
    x: float
    y: float

    @property
    def left(self) -> float:
        """Return the left edge of a base, which is a square."""
        return self.x - BASE / 2

    @property
    def top(self) -> float:
        """Return the upper edge of a base."""
        return self.y - BASE / 2

    @property
    def box(self) -> _Box:
        """Return what it covers."""
        reach = self.spot.radius
        return _Box(self.x - reach, self.y - reach, self.x + reach, self.y + reach)


@dataclass(frozen=True)
class Name:
    """A name beside its dot; `anchor` is start, middle or end (SVG text-anchor)."""

    text: str
    x: float
    y: float
    anchor: str


@dataclass(frozen=True)
class Line:
    """A route: `path` is an SVG path; `style` tells whose it is."""

    path: str
    style: int


@dataclass(frozen=True)
class Drawing:
    """Everything on the map."""

    width: float
    height: float
    dots: tuple[Dot, ...]
    names: tuple[Name, ...]
    lines: tuple[Line, ...]


def draw(spots: Iterable[Spot], routes: Sequence[tuple[Sequence[str], int]]) -> Drawing:
    """Return the map of the spots, with a line for each route: its keys in order, and its style.

    Spots with a key seen before are left out. A name stands where it covers least: one that would
    cover another is left out, but never that of a numbered spot. KeyError for a route to a place
    that is no spot.
    """
    once = {spot.key: spot for spot in reversed(list(spots))}
    chosen = sorted(once.values(), key=lambda spot: (spot.number == "", spot.number, spot.key))
    height, placed = _project(chosen)
    dots = tuple(Dot(spot, *placed[spot.key]) for spot in chosen)
    lines = tuple(Line(_path(keys, placed), style) for keys, style in routes)
    roads = [box for keys, _style in routes for box in _road([placed[key] for key in keys])]
    return Drawing(WIDTH, height, dots, tuple(_names(dots, height, roads)), lines)


def _project(spots: Sequence[Spot]) -> tuple[float, dict[str, tuple[float, float]]]:
    """Return the height of the drawing, and where each spot stands on it."""
    if not spots:
        return LOWEST, {}
    middle = math.radians(sum(spot.latitude for spot in spots) / len(spots))
    flat = {spot.key: (spot.longitude * math.cos(middle), -spot.latitude) for spot in spots}
    xs, ys = [x for x, _ in flat.values()], [y for _, y in flat.values()]
    wide, high = (max(LEAST_DEGREES, max(each) - min(each)) for each in (xs, ys))
    inner = WIDTH - 2 * MARGIN
    height = min(HIGHEST, max(LOWEST, high * inner / wide + 2 * MARGIN))
    scale = min(inner / wide, (height - 2 * MARGIN) / high)
    x0, y0 = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    placed = {
        key: (WIDTH / 2 + (x - x0) * scale, height / 2 + (y - y0) * scale)
        for key, (x, y) in flat.items()
    }
    apart = _apart(spots, [placed[spot.key] for spot in spots], height)
    return round(height, 1), {spot.key: at for spot, at in zip(spots, apart, strict=True)}


def _apart(
    spots: Sequence[Spot], placed: Sequence[tuple[float, float]], height: float
) -> list[tuple[float, float]]:
    """Return the places with dots that lie on each other pushed apart, all within the drawing."""
    at = [list(place) for place in placed]
    for _push in range(PUSHES):
        if not sum(_push_apart(spots, at, a, b) for a, b in combinations(range(len(at)), 2)):
            break
        for place in at:
            place[0] = min(WIDTH - MARGIN / 2, max(MARGIN / 2, place[0]))
            place[1] = min(height - MARGIN / 2, max(MARGIN / 2, place[1]))
    return [(round(x, 1), round(y, 1)) for x, y in at]


def _push_apart(spots: Sequence[Spot], at: Sequence[list[float]], one: int, other: int) -> bool:
    """Move two dots that lie on each other, each half of the way; say whether they did."""
    x, y = at[other][0] - at[one][0], at[other][1] - at[one][1]
    far, wanted = math.hypot(x, y), spots[one].radius + spots[other].radius + AIR
    if far >= wanted - AIR / 2:
        return False
    if far < AIR / 2:
        angle = GOLDEN_ANGLE * (one + other)
        x, y, far = math.cos(angle), math.sin(angle), 1.0
    share = (wanted - min(far, wanted)) / 2 / far
    for spot, way in ((one, -share), (other, share)):
        at[spot][0] += way * x
        at[spot][1] += way * y
    return True


def _path(keys: Sequence[str], placed: Mapping[str, tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x:g} {y:g}" for x, y in (placed[key] for key in keys))


def _road(corners: Sequence[tuple[float, float]]) -> Iterable[_Box]:
    """Yield small boxes along a line, for names to keep off."""
    for (x0, y0), (x1, y1) in pairwise(corners):
        steps = max(1, round(math.hypot(x1 - x0, y1 - y0) / ROAD_STEP))
        for step in range(1, steps):
            x, y = x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps
            yield _Box(x - 1, y - 1, x + 1, y + 1)


def _names(dots: Sequence[Dot], height: float, roads: Sequence[_Box]) -> Iterable[Name]:
    """Yield the names, each where it covers dots and earlier names least, and then the roads."""
    taken = [dot.box for dot in dots]
    seen: set[str] = set()
    for dot in dots:
        if dot.spot.name in seen:
            continue
        (cost, _crossed), name, box = min(
            ((_cost(box, taken, height, roads), name, box) for name, box in _places(dot)),
            key=lambda each: each[0],
        )
        if cost and not dot.spot.number:
            continue
        seen.add(dot.spot.name)
        taken.append(box)
        yield name


def _cost(
    box: _Box, taken: Sequence[_Box], height: float, roads: Sequence[_Box]
) -> tuple[float, float]:
    """Return how much a name would cover or stick out, and then how much road it lies on."""
    covered = sum(box.overlap(other) for other in taken) + 4 * box.outside(WIDTH, height)
    return round(covered, 3), sum(box.overlap(road) for road in roads)


def _places(dot: Dot) -> list[tuple[Name, _Box]]:
    """Return where the name may stand: right, left, below, above; a plain dot's at the corners too.

    At a corner, the name of a numbered dot could be read as that of its neighbour.
    """
    text, wide, off = dot.spot.name, LETTER * len(dot.spot.name), dot.spot.radius
    beside = [(off + 4, "start"), (-off - 4, "end")]
    rows = [(off + 12, "middle"), (-off - 4, "middle")]
    level = [(x, 4.0, anchor) for x, anchor in beside]
    slid = min(max(dot.x, wide / 2 + AIR), WIDTH - wide / 2 - AIR) - dot.x
    stacked = [(slid, y, anchor) for y, anchor in rows]
    aslant = [] if dot.spot.number else rows
    corners = [(x / 2, y, anchor) for y, _ in aslant for x, anchor in beside]
    return [
        (
            Name(text, round(dot.x + x, 1), round(dot.y + y, 1), anchor),
            _box(dot.x + x - wide * BEFORE[anchor], dot.y + y, wide),
        )
        for x, y, anchor in (*level, *stacked, *corners)
    ]


def _box(left: float, baseline: float, wide: float) -> _Box:
    return _Box(left, baseline - LINE_HEIGHT + 3, left + wide, baseline + 3)
