"""What applies where and when: one question for everything federations may decide differently.

A municipality's trial goes before its federation's rule, a later rule before an earlier one, and
the house default applies where nobody has decided (växeldragning: try in one municipality,
measure, give to all).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from django.db.models import Q

from enrolment.people.domain import stages
from enrolment.people.models import CareUnit, Federation, Municipality, Rule

Place = Federation | Municipality | CareUnit


class UnknownRule(KeyError):
    """Somebody asked for a rule the house does not have."""


@dataclass(frozen=True)
class _Kind:
    default: object
    read: Callable[[object], object]


def _number(value: object) -> int:
    return int(str(value))


def _clock(value: object) -> str:
    return time.fromisoformat(str(value)).strftime("%H:%M")


def _switch(value: object) -> str:
    if value not in {"on", "off"}:
        raise ValueError(value)
    return str(value)


KINDS = {
    "renewal_days": _Kind(stages.RENEWAL_DAYS, _number),
    "new_card_days": _Kind(stages.NEW_CARD_DAYS, _number),
    "photo_slot_minutes": _Kind(4, _number),
    "activation_slot_minutes": _Kind(15, _number),
    "photo_profile": _Kind("siths-default", str),
    "photo_limits": _Kind({}, lambda value: value),
    # The visit: minutes to set up and to pack, people at most before it is split over two.
    "setup_minutes": _Kind(20, _number),
    "packing_minutes": _Kind(10, _number),
    "people_at_most": _Kind(30, _number),
    "opens": _Kind("08:00", _clock),
    "closes": _Kind("16:00", _clock),
    # The ward, where the unit has no rule of its own.
    # Three: who walks there, who is photographed, and who walks back.
    "most_away": _Kind(3, _number),
    "walking_minutes": _Kind(3, _number),
    # Hours before the visit until which people strike out times, and to answer an offer.
    "strike_hours": _Kind(72, _number),
    "answer_hours": _Kind(24, _number),
    # The rounds: the technician's day, and what a day out costs, as minutes of driving.
    "work_starts": _Kind("07:30", _clock),
    "work_ends": _Kind("16:30", _clock),
    "lunch_minutes": _Kind(30, _number),
    "lunch_from": _Kind("11:00", _clock),
    "lunch_until": _Kind("13:30", _clock),
    "day_cost_minutes": _Kind(60, _number),
    # Production and post: a card is photographed this many days before the old one runs out.
    "production_days": _Kind(21, _number),
    "learned_travel": _Kind("off", _switch),
    "sms": _Kind("off", _switch),
    "quiet_from": _Kind("20:00", _clock),
    "quiet_until": _Kind("07:00", _clock),
}


def number(key: str, place: Place, on: date) -> int:
    """Return a rule that is a whole number, for the place on the day. Raises UnknownRule."""
    return _number(_value(key, place, on))


def clock(key: str, place: Place, on: date) -> time:
    """Return a rule that is a time of day, for the place on the day. Raises UnknownRule."""
    return time.fromisoformat(text(key, place, on))


def is_on(key: str, place: Place, on: date) -> bool:
    """Return a rule that is on or off, for the place on the day. Raises UnknownRule."""
    return text(key, place, on) == "on"


def text(key: str, place: Place, on: date) -> str:
    """Return a rule that is a word, for the place on the day. Raises UnknownRule."""
    return str(_value(key, place, on))


def layers(key: str, place: Place, on: date) -> list[Rule]:
    """Return the rules in force, to be laid one on the other. Raises UnknownRule.

    First the federation's, then the municipality's trial; none, one or both.
    """
    if key not in KINDS:
        raise UnknownRule(key)
    federation_id, municipality_id = _scope(place)
    in_force = Q(valid_from__lte=on) & (Q(valid_until=None) | Q(valid_until__gte=on))
    here = Q(municipality=municipality_id) | Q(municipality=None)
    rules = Rule.objects.filter(in_force, here, key=key, federation=federation_id)
    latest = {rule.municipality_id: rule for rule in rules.order_by("valid_from")}
    return sorted(latest.values(), key=lambda rule: rule.municipality_id is not None)


def _value(key: str, place: Place, on: date) -> object:
    in_force = layers(key, place, on)
    return KINDS[key].read(in_force[-1].value) if in_force else KINDS[key].default


def _scope(place: Place) -> tuple[UUID, UUID | None]:
    """Return the ids of the place's federation and municipality, if it lies in one."""
    if isinstance(place, Federation):
        return place.pk, None
    municipality = place.municipality if isinstance(place, CareUnit) else place
    return municipality.federation_id, municipality.pk
