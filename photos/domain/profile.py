"""What a card photo must be: a profile read from data, checked, and overridden in part."""

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from photos.domain.findings import SEVERITY, Answer, Bounds

# Every limit that a profile must state, in the order in which the checks are shown.
LIMITS = (
    "other_face",
    "inter_eye_distance",
    "head_size",
    "eyes_across",
    "eyes_down",
    "margin",
    "roll",
    "card_roll",
    "yaw",
    "pitch",
    "eyes_open",
    "blink",
    "mouth_closed",
    "over_exposure",
    "under_exposure",
    "dynamic_range",
    "sharpness",
    "sampling",
    "compression",
    "file_size",
)

BOUNDS = ("pass_min", "pass_max", "warn_min", "warn_max")
GRAVEST = (Answer.PASS, Answer.WARN, Answer.FAIL)
LIMIT_KEYS = {*BOUNDS, "gravest", "source", "date"}
CARD_KEYS = {"width_px", "height_px", "dpi", "head_height", "eye_line"}
PROFILE_KEYS = {"key", "title", "card", "limits"}


class ProfileError(ValueError):
    """The mapping is not a profile; the message names the place and what is wrong there."""


@dataclass(frozen=True)
class Card:
    """The card picture: pixels, dots per inch, and where the crop puts the head.

    `head_height` (chin to crown) and `eye_line` (from the top) are shares of the height.
    """

    width_px: int
    height_px: int
    dpi: int
    head_height: float
    eye_line: float


@dataclass(frozen=True)
class Limit:
    """An interval that passes and a wider one that warns; None is no bound on that side.

    A missing warning bound means that what doesn't pass there fails at once. `gravest` is the worst
    that may be said: a limit of "warn" only warns.
    """

    pass_min: float | None
    pass_max: float | None
    warn_min: float | None
    warn_max: float | None
    source: str
    date: datetime.date
    gravest: Answer = Answer.FAIL

    @property
    def bounds(self) -> Bounds:
        """What passes from and to, what warns from and to."""
        return self.pass_min, self.pass_max, self.warn_min, self.warn_max

    def answer(self, value: float) -> Answer:
        """Return what the limit says of a value in the check's unit."""
        if _inside(value, self.pass_min, self.pass_max):
            return Answer.PASS
        low = self.pass_min if self.warn_min is None else self.warn_min
        high = self.pass_max if self.warn_max is None else self.warn_max
        answer = Answer.WARN if _inside(value, low, high) else Answer.FAIL
        return min(answer, self.gravest, key=SEVERITY.index)

    def __str__(self) -> str:
        """Return the interval that passes: '≥ 90', '≤ 0.05' or '0.7–0.8'."""
        if self.pass_min is None:
            return f"≤ {self.pass_max:g}"
        if self.pass_max is None:
            return f"≥ {self.pass_min:g}"
        return f"{self.pass_min:g} – {self.pass_max:g}"


@dataclass(frozen=True)
class Profile:
    """A named set of demands. `data` is the mapping it was read from, for overrides and records."""

    key: str
    title: str
    card: Card
    limits: Mapping[str, Limit]
    data: Mapping[str, Any] = field(repr=False, compare=False)


def parse_profile(data: Mapping[str, Any]) -> Profile:
    """Return the profile that a TOML document describes; raise `ProfileError` if it isn't one."""
    _only(data, PROFILE_KEYS, "profile")
    limits = _table(data, "limits", "profile")
    _only(limits, set(LIMITS), "limits")
    return Profile(
        key=_text(data, "key", "profile"),
        title=_text(data, "title", "profile"),
        card=_card(_table(data, "card", "profile")),
        limits={name: _limit(_table(limits, name, "limits"), name) for name in LIMITS},
        data=data,
    )


def with_overrides(profile: Profile, overrides: Mapping[str, Any]) -> Profile:
    """Return the profile with some values replaced; raise `ProfileError` if that isn't allowed.

    `overrides` has the profile's own shape, `{"card": {...}, "limits": {"yaw": {...}}}`, with only
    what differs. Each limit must bring its own source, since the one it replaces no longer holds.
    """
    _only(overrides, {"card", "limits"}, "overrides")
    merged = dict(profile.data)
    if "card" in overrides:
        merged["card"] = {**profile.data["card"], **_table(overrides, "card", "overrides")}
    if "limits" in overrides:
        merged["limits"] = dict(profile.data["limits"])
        for name, change in _table(overrides, "limits", "overrides").items():
            _only(change, LIMIT_KEYS, f"overrides.limits.{name}")
            _text(change, "source", f"overrides.limits.{name}")
            merged["limits"][name] = {**profile.data["limits"].get(name, {}), **change}
    return parse_profile(merged)


def _card(table: Mapping[str, Any]) -> Card:
    _only(table, CARD_KEYS, "card")
    card = Card(
        width_px=_whole(table, "width_px", "card"),
        height_px=_whole(table, "height_px", "card"),
        dpi=_whole(table, "dpi", "card"),
        head_height=_number(table, "head_height", "card"),
        eye_line=_number(table, "eye_line", "card"),
    )
    if not (0 < card.head_height <= 1 and 0 < card.eye_line < 1):
        raise ProfileError("card: head_height and eye_line are shares of the height")
    return card


def _limit(table: Mapping[str, Any], name: str) -> Limit:
    place = f"limits.{name}"
    _only(table, LIMIT_KEYS, place)
    low, high, warn_low, warn_high = (
        _number(table, key, place) if key in table else None for key in BOUNDS
    )
    if low is None and high is None:
        raise ProfileError(f"{place}: neither pass_min nor pass_max")
    ordered = [bound for bound in (warn_low, low, high, warn_high) if bound is not None]
    if ordered != sorted(ordered):
        raise ProfileError(f"{place}: bounds out of order")
    source, date = _text(table, "source", place), _date(table, place)
    return Limit(low, high, warn_low, warn_high, source, date, _gravest(table, place))


def _date(table: Mapping[str, Any], place: str) -> datetime.date:
    """Read a TOML date, or the same as text from a place that has no dates, such as JSON."""
    try:
        return datetime.date.fromisoformat(str(table.get("date")))
    except ValueError as error:
        raise ProfileError(f"{place}: date is missing or no date") from error


def _gravest(table: Mapping[str, Any], place: str) -> Answer:
    gravest = table.get("gravest", Answer.FAIL)
    if gravest not in GRAVEST:
        raise ProfileError(f"{place}: gravest is none of {', '.join(GRAVEST)}")
    return Answer(gravest)


def _inside(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _only(table: Mapping[str, Any], allowed: set[str], place: str) -> None:
    if not isinstance(table, Mapping):
        raise ProfileError(f"{place}: not a table")
    unknown = sorted(set(table) - allowed)
    if unknown:
        raise ProfileError(f"{place}: unknown {', '.join(map(str, unknown))}")


def _table(data: Mapping[str, Any], key: str, place: str) -> Mapping[str, Any]:
    value = data.get(key)
    if not isinstance(value, Mapping):
        raise ProfileError(f"{place}: {key} is not a table")
    return value


def _text(data: Mapping[str, Any], key: str, place: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ProfileError(f"{place}: {key} is missing")
    return value


def _number(data: Mapping[str, Any], key: str, place: str) -> float:
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ProfileError(f"{place}: {key} is not a number")
    return float(value)


def _whole(data: Mapping[str, Any], key: str, place: str) -> int:
    value = _number(data, key, place)
    if value < 1 or value != int(value):
        raise ProfileError(f"{place}: {key} is not a positive whole number")
    return int(value)
