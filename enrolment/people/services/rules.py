"""Set what applies in a federation, or for a trial in one of its municipalities."""

from datetime import date

from django.db import transaction

from enrolment.audit.services import Actor, record
from enrolment.people.models import Federation, Municipality, Rule
from enrolment.people.rules import KINDS, UnknownRule
from enrolment.people.services.organisation import PlaceElsewhere


class RuleTaken(Exception):
    """A rule of the same key begins on the same day there."""


class PeriodBackwards(Exception):
    """The last day lies before the first."""


@transaction.atomic
def set_rule(
    *,
    actor: Actor,
    federation: Federation,
    municipality: Municipality | None = None,
    key: str,
    value: object,
    valid_from: date,
    valid_until: date | None = None,
) -> Rule:
    """Set a rule for a period; without a last day it applies until a later one does.

    Raises UnknownRule, PlaceElsewhere, PeriodBackwards or RuleTaken. Whether the value makes sense
    is for the room that asks for it to say.
    """
    if key not in KINDS:
        raise UnknownRule(key)
    if municipality and municipality.federation_id != federation.pk:
        raise PlaceElsewhere
    if valid_until and valid_until < valid_from:
        raise PeriodBackwards
    there = Rule.objects.filter(federation=federation, municipality=municipality, key=key)
    if there.filter(valid_from=valid_from).exists():
        raise RuleTaken
    rule = Rule.objects.create(
        federation=federation,
        municipality=municipality,
        key=key,
        value=value,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    record(
        actor=actor,
        action="people.set_rule",
        subject=rule,
        federation_id=federation.pk,
        key=key,
        municipality=municipality.code if municipality else "",
        valid_from=valid_from.isoformat(),
        valid_until=valid_until.isoformat() if valid_until else "",
    )
    return rule
