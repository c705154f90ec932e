"""Read JSON that anybody may have written: each refusal says where in the file it is."""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from enrolment.people.domain.refusal import Refusal


class InstanceFault(StrEnum):
    """What can be wrong with an instance's file."""

    NOT_JSON = "not_json"
    UNKNOWN_FORMAT = "unknown_format"
    MISSING = "missing"
    NOT_A_LIST = "not_a_list"
    NOT_AN_OBJECT = "not_an_object"
    NOT_TEXT = "not_text"
    NOT_WHOLE = "not_whole"
    NOT_A_LENGTH = "not_a_length"
    OUT_OF_RANGE = "out_of_range"
    NOT_A_DAY = "not_a_day"
    NONE_GIVEN = "none_given"
    TOO_MANY = "too_many"
    TWICE = "twice"
    NOT_SQUARE = "not_square"
    UNKNOWN_PLACE = "unknown_place"
    BACKWARDS = "backwards"
    LUNCH_OUTSIDE_SHIFT = "lunch_outside_shift"
    SOLOMON_FORM = "solomon_form"
    SOLOMON_TOO_LONG = "solomon_too_long"


class InstanceError(Refusal):
    """A file that is no instance; `code` is an InstanceFault, `at` says where."""


class Node:
    """An object of the file that knows where it stands."""

    def __init__(self, data: object, at: str) -> None:
        if not isinstance(data, Mapping):
            raise InstanceError(InstanceFault.NOT_AN_OBJECT, at=at)
        self._data, self._at = data, at

    def at(self, name: str) -> str:
        """Return where a value stands."""
        return f"{self._at}.{name}" if self._at else name

    def has(self, name: str) -> bool:
        """Tell whether a value is given."""
        return self._data.get(name) is not None

    def value(self, name: str) -> Any:
        """Return a value that must be given."""
        if not self.has(name):
            raise InstanceError(InstanceFault.MISSING, at=self.at(name))
        return self._data[name]

    def text(self, name: str) -> str:
        """Return a text that must be given."""
        return string(self.value(name), self.at(name))

    def whole(self, name: str, highest: int, default: int | None = None) -> int:
        """Return a whole number from 0 to `highest`."""
        if default is not None and not self.has(name):
            return default
        return whole(self.value(name), self.at(name), highest)

    def day(self, name: str) -> date:
        """Return a day that must be given."""
        try:
            return date.fromisoformat(self.text(name))
        except ValueError as error:
            raise InstanceError(InstanceFault.NOT_A_DAY, at=self.at(name)) from error

    def nodes(self, name: str) -> list["Node"]:
        """Return the objects of a list, none when it isn't given."""
        values = self.items(name) if self.has(name) else []
        return [Node(value, f"{self.at(name)}[{n}]") for n, value in enumerate(values)]

    def simple(self) -> dict[str, str | int]:
        """Return the whole object, which must hold texts and whole numbers alone."""
        for name, value in self._data.items():
            if not isinstance(value, str | int) or isinstance(value, bool):
                raise InstanceError(InstanceFault.NOT_WHOLE, at=self.at(name))
        return dict(self._data)

    def items(self, name: str) -> Sequence[object]:
        """Return a list that must be given."""
        return listed(self.value(name), self.at(name))


def load(text: str | bytes) -> Node:
    """Return the object that a text is."""
    try:
        return Node(json.loads(text), "")
    except (ValueError, RecursionError) as error:
        if isinstance(error, InstanceError):
            raise
        raise InstanceError(InstanceFault.NOT_JSON, at="") from error


def listed(value: object, at: str) -> Sequence[object]:
    """Return a list; raise InstanceError for anything else."""
    if not isinstance(value, list):
        raise InstanceError(InstanceFault.NOT_A_LIST, at=at)
    return value


def string(value: object, at: str) -> str:
    """Return a text; raise InstanceError for anything else, such as half a character."""
    if not isinstance(value, str) or any("\ud800" <= each <= "\udfff" for each in value):
        raise InstanceError(InstanceFault.NOT_TEXT, at=at)
    return value


def whole(value: object, at: str, highest: int) -> int:
    """Return a whole number from 0 to `highest`; raise InstanceError for anything else."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise InstanceError(InstanceFault.NOT_WHOLE, at=at)
    if not 0 <= value <= highest:
        raise InstanceError(InstanceFault.OUT_OF_RANGE, at=at, highest=highest)
    return value


def length(value: object, at: str) -> float:
    """Return a number that is 0 or more and not endless; raise InstanceError for anything else."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise InstanceError(InstanceFault.NOT_A_LENGTH, at=at)
    if not 0 <= value < math.inf:
        raise InstanceError(InstanceFault.NOT_A_LENGTH, at=at)
    return float(value)
