"""Choose a photo profile, or change its limits, for a federation or a municipality's trial."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from enrolment.audit.services import Actor
from enrolment.people.models import Federation, Municipality, Rule
from enrolment.people.rules import Place
from enrolment.people.services.rules import set_rule
from photos.domain.profile import ProfileError
from photos.queries.profiles import LIMITS_RULE, PROFILE_RULE, in_force, laid


@transaction.atomic
def set_photo_rule(
    *,
    actor: Actor,
    federation: Federation,
    municipality: Municipality | None = None,
    profile: str | None = None,
    limits: Mapping[str, Any] | None = None,
    valid_from: date,
    valid_until: date | None = None,
) -> list[Rule]:
    """Set which profile applies, what is changed in it, or both.

    `limits` has the shape of `photos.domain.profile.with_overrides`. Raises ProfileError when what
    would apply on any day of the period, here or in a municipality of the federation, is no
    profile; and as `set_rule`. Then nothing is set.
    """
    told = {PROFILE_RULE: profile, LIMITS_RULE: None if limits is None else _plain(limits)}
    rules = [
        set_rule(
            actor=actor,
            federation=federation,
            municipality=municipality,
            key=key,
            value=value,
            valid_from=valid_from,
            valid_until=valid_until,
        )
        for key, value in told.items()
        if value is not None
    ]
    for place, on in _affected(federation, municipality, valid_from, valid_until):
        laid(*in_force(place, on))
    return rules


def _affected(
    federation: Federation, municipality: Municipality | None, first: date, last: date | None
) -> Iterator[tuple[Place, date]]:
    """Yield where and from which days on something new applies: rules begin and end meanwhile."""
    theirs = Rule.objects.filter(federation=federation, key__in=(PROFILE_RULE, LIMITS_RULE))
    days = {first}
    for rule in theirs:
        days.add(rule.valid_from)
        if rule.valid_until:
            days.add(rule.valid_until + timedelta(days=1))
    trials = Municipality.objects.filter(pk__in=theirs.values("municipality"))
    places: list[Place] = [municipality] if municipality else [federation, *trials]
    for day in sorted(days):
        if first <= day and (last is None or day <= last):
            yield from ((place, day) for place in places)


def _plain(limits: Mapping[str, Any]) -> Any:
    """Return what a database may keep as JSON: dates of a TOML file as text, and no NaN."""
    try:
        return json.loads(json.dumps(limits, default=str, allow_nan=False))
    except ValueError as error:
        raise ProfileError("overrides: a value is not a number") from error
