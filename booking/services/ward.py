"""Set what a ward asks for: how many may be away, how far the camera is, who must stay when."""

from datetime import time

from django.db import transaction

from booking.models import WardMinimum, WardRule
from enrolment.audit.services import Actor, record
from enrolment.people.models import CareUnit


@transaction.atomic
def set_ward_rule(
    *, actor: Actor, unit: CareUnit, most_away: int, walking_minutes: int
) -> WardRule:
    """Give the unit its own rule instead of the federation's."""
    rule, _new = WardRule.objects.update_or_create(
        unit=unit, defaults={"most_away": most_away, "walking_minutes": walking_minutes}
    )
    numbers = {"most_away": most_away, "walking_minutes": walking_minutes}
    _record(actor, "booking.set_ward_rule", unit, **numbers)
    return rule


@transaction.atomic
def drop_ward_rule(*, actor: Actor, unit: CareUnit) -> None:
    """Let the federation's rule apply at the unit; twice is once."""
    dropped, _rows = WardRule.objects.filter(unit=unit).delete()
    if dropped:
        _record(actor, "booking.drop_ward_rule", unit)


@transaction.atomic
def add_minimum(
    *, actor: Actor, unit: CareUnit, title: str, least: int, starts: time, ends: time
) -> WardMinimum:
    """Say how many of a title (none: of all) must stay between two times; twice is once."""
    minimum, new = WardMinimum.objects.get_or_create(
        unit=unit, title=title, least=least, starts=starts, ends=ends
    )
    if new:
        _record(actor, "booking.add_minimum", unit, minimum=minimum.pk, least=least)
    return minimum


@transaction.atomic
def remove_minimum(*, actor: Actor, unit: CareUnit, minimum_id: int) -> None:
    """Take one of the unit's minimums away; twice is once."""
    removed, _rows = WardMinimum.objects.filter(unit=unit, pk=minimum_id).delete()
    if removed:
        _record(actor, "booking.remove_minimum", unit, minimum=minimum_id)


def _record(actor: Actor, action: str, unit: CareUnit, **details: int) -> None:
    federation_id = unit.municipality.federation_id
    record(actor=actor, action=action, subject=unit, federation_id=federation_id, **details)
