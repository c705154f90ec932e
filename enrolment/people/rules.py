"""What applies where and when: one question for everything federations may decide differently.

A municipality's trial goes before its federation's rule, a later rule before an earlier one, and
the house default applies where nobody has decided (växeldragning: try in one municipality,
measure, give to all).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from enrolment.people.domain import stages
from enrolment.people.models import CareUnit, Rule


class UnknownRule(KeyError):
    """Somebody asked for a rule the house does not have."""


@dataclass(frozen=True)
class _Kind:
    default: object
    read: Callable[[object], object]


def _number(value: object) -> int:
    return int(str(value))


KINDS = {
    "renewal_days": _Kind(stages.RENEWAL_DAYS, _number),
    "new_card_days": _Kind(stages.NEW_CARD_DAYS, _number),
    "photo_slot_minutes": _Kind(4, _number),
    "activation_slot_minutes": _Kind(15, _number),
    "photo_profile": _Kind("siths-default", str),
}


def number(key: str, unit: CareUnit, on: date) -> int:
    """Return a rule that is a whole number, for the unit on the day. Raises UnknownRule."""
    return _number(_value(key, unit, on))


def text(key: str, unit: CareUnit, on: date) -> str:
    """Return a rule that is a word, for the unit on the day. Raises UnknownRule."""
    return str(_value(key, unit, on))


def _value(key: str, unit: CareUnit, on: date) -> object:
    if key not in KINDS:
        raise UnknownRule(key)
    rule = _closest(key, unit, on)
    return KINDS[key].read(rule.value) if rule else KINDS[key].default


def _closest(key: str, unit: CareUnit, on: date) -> Rule | None:
    in_force = Q(valid_from__lte=on) & (Q(valid_until=None) | Q(valid_until__gte=on))
    here = Q(municipality=unit.municipality_id) | Q(municipality=None)
    rules = Rule.objects.filter(in_force, here, key=key, federation=unit.municipality.federation_id)
    return max(
        rules, key=lambda rule: (rule.municipality_id is not None, rule.valid_from), default=None
    )
