"""What a card photo must be: a profile read from data, checked, and overridden in part."""

import calendar
import datetime
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
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
    "gaze",
    "mouth_closed",
    "mouth_seen",
    "expression",
    "dark_lenses",
    "glasses",
    "glare",
    "red_eye",
    "over_exposure",
    "under_exposure",
    "dynamic_range",
    "illumination_uniformity",
    "natural_colour",
    "background_uniformity",
    "background_brightness",
    "background_shadow",
    "colour_balance",
    "sharpness",
    "sampling",
    "compression",
    "file_size",
    "file_format",
)

BOUNDS = ("pass_min", "pass_max", "warn_min", "warn_max")
GRAVEST = (Answer.PASS, Answer.WARN, Answer.FAIL)
LIMIT_KEYS = {*BOUNDS, "gravest", "source", "date"}
CARD_KEYS = {
    *("width_px", "height_px", "dpi", "head_height", "eye_line"),
    *("background", "even_background"),
}
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
POLICY_KEYS = {"maximum_age_months", "glasses", "head_covering", "formats", "source", "date"}
PROFILE_KEYS = {"key", "title", "card", "policy", "limits"}
CHANGEABLE = {"card", "policy", "limits"}
FORMATS = ("JPEG", "PNG")
LONGEST_SOURCE = 200  # what is kept beside each finding
# Own choice: the card's sides in pixels. Fewer show no face, more is no photo for a card.
CARD_SIDES = range(100, 3001)
MOST_DPI = 65_535  # ITU-T T.871: 16 bits


class Glasses(StrEnum):
    """What the reviewer allows of glasses."""

    ALLOWED = "allowed"
    EYES_VISIBLE = "allowed-if-eyes-visible"
    FORBIDDEN = "forbidden"


class HeadCovering(StrEnum):
    """For what reasons the reviewer allows that the head is covered."""

    ALLOWED = "allowed"
    RELIGIOUS_OR_MEDICAL = "religious-or-medical"
    RELIGIOUS = "religious"
    FORBIDDEN = "forbidden"


class ProfileError(ValueError):
    """The mapping is not a profile; the message names the place and what is wrong there."""


@dataclass(frozen=True)
class Card:
    """The card picture: pixels, dots per inch, and where the crop puts the head.

    `head_height` (chin to crown) and `eye_line` (from the top) are shares of the height.
    With `even_background` the background is lightened towards the colour `background`, "#rrggbb".
    """

    width_px: int
    height_px: int
    dpi: int
    head_height: float
    eye_line: float
    background: str
    even_background: bool


@dataclass(frozen=True)
class Policy:
    """What people see to: how old a photo may be, glasses, hats, and files that are taken."""

    maximum_age_months: int
    glasses: Glasses
    head_covering: HeadCovering
    formats: tuple[str, ...]
    source: str
    date: datetime.date

    def outdates(self, taken: datetime.date, on: datetime.date) -> bool:
        """Say whether a photo is too old on a day: its last good one has the day of the month.

        Where that month is too short, the month's last day.
        """
        years, month = divmod(taken.month - 1 + self.maximum_age_months, 12)
        year, month = taken.year + years, month + 1
        day = min(taken.day, calendar.monthrange(year, month)[1])
        return on > datetime.date(year, month, day)


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
        """Return the interval that passes: '≥ 90', '≤ 0.05' or '0.7 – 0.8'."""
        return _interval(self.pass_min, self.pass_max)

    @property
    def warns(self) -> str:
        """The interval outside of which it fails, written likewise; empty where nothing warns."""
        low = None if self.warn_min == self.pass_min else self.warn_min
        high = None if self.warn_max == self.pass_max else self.warn_max
        return "" if low is None and high is None else _interval(low, high)


@dataclass(frozen=True)
class Profile:
    """A named set of demands. `data` is the mapping it was read from, for overrides and records."""

    key: str
    title: str
    card: Card
    policy: Policy
    limits: Mapping[str, Limit]
    data: Mapping[str, Any] = field(repr=False, compare=False)


def parse_profile(data: Mapping[str, Any]) -> Profile:
    """Return the profile that a TOML document describes; raise `ProfileError` if it isn't one."""
    _only(data, PROFILE_KEYS, "profile")
    limits = _table(data, "limits", "profile")
    _only(limits, set(LIMITS), "limits")
    profile = Profile(
        key=_text(data, "key", "profile"),
        title=_text(data, "title", "profile"),
        card=_card(_table(data, "card", "profile")),
        policy=_policy(_table(data, "policy", "profile")),
        limits={name: _limit(_table(limits, name, "limits"), name) for name in LIMITS},
        data=data,
    )
    _check_target(profile.card, profile.limits)
    return profile


def with_overrides(profile: Profile, overrides: Mapping[str, Any]) -> Profile:
    """Return the profile with some values replaced; raise `ProfileError` if that isn't allowed.

    `overrides` has the profile's own shape, `{"card": {...}, "limits": {"yaw": {...}}}`, with only
    what differs. Policy and each limit must bring a source and a date of their own, since those
    that they replace no longer hold.
    """
    _only(overrides, CHANGEABLE, "overrides")
    merged = dict(profile.data)
    for part in ("card", "policy"):
        if part in overrides:
            merged[part] = {**profile.data[part], **_table(overrides, part, "overrides")}
    if "policy" in overrides:
        _sourced(overrides["policy"], "overrides.policy")
    if "limits" in overrides:
        merged["limits"] = dict(profile.data["limits"])
        for name, change in _table(overrides, "limits", "overrides").items():
            _only(change, LIMIT_KEYS, f"overrides.limits.{name}")
            _sourced(change, f"overrides.limits.{name}")
            merged["limits"][name] = {**profile.data["limits"].get(name, {}), **change}
    return parse_profile(merged)


def _sourced(table: Mapping[str, Any], place: str) -> tuple[str, datetime.date]:
    source = _text(table, "source", place)
    if len(source) > LONGEST_SOURCE:
        raise ProfileError(f"{place}: source has more than {LONGEST_SOURCE} characters")
    return source, _date(table, place)


def _card(table: Mapping[str, Any]) -> Card:
    _only(table, CARD_KEYS, "card")
    card = Card(
        width_px=_whole(table, "width_px", "card"),
        height_px=_whole(table, "height_px", "card"),
        dpi=_whole(table, "dpi", "card"),
        head_height=_number(table, "head_height", "card"),
        eye_line=_number(table, "eye_line", "card"),
        background=_colour(table, "background", "card"),
        even_background=_yes_or_no(table, "even_background", "card"),
    )
    if not (0 < card.head_height <= 1 and 0 < card.eye_line < 1):
        raise ProfileError("card: head_height and eye_line are shares of the height")
    if card.width_px not in CARD_SIDES or card.height_px not in CARD_SIDES:
        raise ProfileError(f"card: sides are {CARD_SIDES[0]} to {CARD_SIDES[-1]} px")
    if card.dpi > MOST_DPI:
        raise ProfileError(f"card: dpi is at most {MOST_DPI}")
    return card


def _check_target(card: Card, limits: Mapping[str, Limit]) -> None:
    """Refuse limits that the crop itself would break: no picture could pass."""
    targets = {"head_size": card.head_height, "eyes_across": 0.5, "eyes_down": card.eye_line}
    for name, target in targets.items():
        if not _inside(target, limits[name].pass_min, limits[name].pass_max):
            raise ProfileError(f"limits.{name}: the crop aims at {target:g}, which does not pass")


def _policy(table: Mapping[str, Any]) -> Policy:
    _only(table, POLICY_KEYS, "policy")
    source, date = _sourced(table, "policy")
    return Policy(
        maximum_age_months=_whole(table, "maximum_age_months", "policy"),
        glasses=_word(Glasses, table, "glasses"),
        head_covering=_word(HeadCovering, table, "head_covering"),
        formats=_formats(table),
        source=source,
        date=date,
    )


def _word[Word: StrEnum](words: type[Word], table: Mapping[str, Any], key: str) -> Word:
    try:
        return words(str(table.get(key)))
    except ValueError as error:
        raise ProfileError(f"policy: {key} is none of {', '.join(words)}") from error


def _formats(table: Mapping[str, Any]) -> tuple[str, ...]:
    """Read the formats that are taken for the card; what the crop writes must be one of them."""
    formats = table.get("formats")
    if not isinstance(formats, list) or not set(map(str, formats)) <= set(FORMATS):
        raise ProfileError(f"policy: formats are none of {', '.join(FORMATS)}")
    if FORMATS[0] not in formats:
        raise ProfileError(f"policy: formats lack {FORMATS[0]}, the card's own")
    return tuple(formats)


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
    source, date = _sourced(table, place)
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


def _interval(low: float | None, high: float | None) -> str:
    if low is None:
        return f"≤ {high:g}"
    return f"≥ {low:g}" if high is None else f"{low:g} – {high:g}"


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


def _colour(data: Mapping[str, Any], key: str, place: str) -> str:
    value = _text(data, key, place)
    if not COLOUR.fullmatch(value):
        raise ProfileError(f"{place}: {key} is not a colour #rrggbb")
    return value


def _yes_or_no(data: Mapping[str, Any], key: str, place: str) -> bool:
    value = data.get(key)
    if not isinstance(value, bool):
        raise ProfileError(f"{place}: {key} is neither true nor false")
    return value


def _whole(data: Mapping[str, Any], key: str, place: str) -> int:
    value = _number(data, key, place)
    if value < 1 or value != int(value):
        raise ProfileError(f"{place}: {key} is not a positive whole number")
    return int(value)
