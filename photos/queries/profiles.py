"""The profile that applies somewhere on a day, and the rules it comes of."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from enrolment.people import rules
from enrolment.people.models import Rule
from photos.domain.profile import Profile, with_overrides
from photos.models import Capture
from photos.profiles import load_profile

PROFILE_RULE, LIMITS_RULE = "photo_profile", "photo_limits"

# What a capture keeps of the rules that applied: plain data, {"rules": [...]}.
Overrides = Mapping[str, Any]


def in_force(place: rules.Place, on: date) -> tuple[str, Overrides]:
    """Return the profile's key and the rules that choose and change it, as a capture keeps them.

    Each rule says its id, whose it is, its period and what it says; the ones that change limits
    come in the order in which they are laid. Nothing is checked here: see `laid`.
    """
    chosen = rules.layers(PROFILE_RULE, place, on)[-1:]
    applied = [*chosen, *rules.layers(LIMITS_RULE, place, on)]
    told = {"rules": [_told(rule) for rule in applied]} if applied else {}
    return rules.text(PROFILE_RULE, place, on), told


def laid(key: str, overrides: Overrides) -> Profile:
    """Return a profile with its overrides laid on, one after the other; raise `ProfileError`."""
    profile = load_profile(key)
    for rule in overrides.get("rules", ()):
        if rule["key"] == LIMITS_RULE:
            profile = with_overrides(profile, rule["value"])
    return profile


def profile_of(capture: Capture) -> Profile:
    """Return what a capture is judged by; raise `ProfileError` if its rules don't add up."""
    return laid(capture.profile, capture.overrides)


def _told(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.pk,
        "key": rule.key,
        "level": "municipality" if rule.municipality_id else "federation",
        "valid_from": rule.valid_from.isoformat(),
        "valid_until": rule.valid_until.isoformat() if rule.valid_until else None,
        "value": rule.value,
    }
