"""What applies in a unit on a day: a municipality's trial before the federation's rule."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrolment.audit.models import Entry
from enrolment.people import rules
from enrolment.people.models import Rule
from enrolment.people.rules import KINDS, UnknownRule
from enrolment.people.services.organisation import PlaceElsewhere
from enrolment.people.services.rules import PeriodBackwards, RuleTaken, set_rule
from tests import builders

pytestmark = pytest.mark.django_db

DAY = date(2026, 5, 12)
KEY = "renewal_days"


def rule(unit, value, *, trial=False, since=DAY, until=None, key=KEY) -> Rule:
    return Rule.objects.create(
        federation=unit.municipality.federation,
        municipality=unit.municipality if trial else None,
        key=key,
        value=value,
        valid_from=since,
        valid_until=until,
    )


def test_the_house_default_applies_where_nobody_has_decided():
    unit = builders.unit()
    numbers = {key: kind.default for key, kind in KINDS.items() if isinstance(kind.default, int)}
    assert {key: rules.number(key, unit, DAY) for key in numbers} == numbers
    assert rules.clock("opens", unit, DAY) == time(8)
    assert not rules.is_on("sms", unit, DAY)
    assert rules.number("photo_slot_minutes", unit, DAY) == 4
    assert rules.text("photo_profile", unit, DAY) == "siths-default"


def test_the_federations_rule_goes_before_the_default():
    unit = builders.unit()
    rule(unit, 90)
    assert rules.number(KEY, unit, DAY) == 90


def test_a_municipalitys_trial_goes_before_a_later_rule_of_its_federation():
    unit = builders.unit()
    neighbour = builders.unit(builders.municipality(unit.municipality.federation, "Grannby"))
    rule(unit, 60, trial=True, since=DAY - timedelta(days=30))
    rule(unit, 90)
    assert rules.number(KEY, unit, DAY) == 60
    assert rules.number(KEY, neighbour, DAY) == 90


def test_a_later_rule_goes_before_an_earlier_one():
    unit = builders.unit()
    rule(unit, 90, since=DAY - timedelta(days=2))
    rule(unit, 80, since=DAY - timedelta(days=1))
    rule(unit, 70, since=DAY + timedelta(days=1))
    assert rules.number(KEY, unit, DAY) == 80


@pytest.mark.parametrize(("days", "answer"), [(-1, 120), (0, 90), (7, 90), (8, 120)])
def test_a_rule_applies_from_its_first_day_to_its_last(days, answer):
    unit = builders.unit()
    rule(unit, 90, until=DAY + timedelta(days=7))
    assert rules.number(KEY, unit, DAY + timedelta(days=days)) == answer


def test_another_federations_rule_and_another_key_say_nothing():
    unit, other = builders.unit(), builders.unit()
    rule(other, 30)
    rule(unit, 30, key="new_card_days")
    assert rules.number(KEY, unit, DAY) == 120
    assert rules.number("new_card_days", unit, DAY) == 30


def test_a_word_can_be_ruled_too():
    unit = builders.unit()
    rule(unit, "white-background", key="photo_profile")
    assert rules.text("photo_profile", unit, DAY) == "white-background"


def test_a_rule_nobody_knows_is_refused():
    for ask in (rules.number, rules.text, rules.layers):
        with pytest.raises(UnknownRule):
            ask("coffee_breaks", builders.unit(), DAY)


def test_layers_are_the_latest_rule_and_the_latest_trial_the_trial_on_top():
    unit = builders.unit()
    rule(unit, 90, since=DAY - timedelta(days=9))
    ruled = rule(unit, 80)
    rule(unit, 70, trial=True, since=DAY - timedelta(days=9))
    trial = rule(unit, 60, trial=True, since=DAY - timedelta(days=1))
    rule(unit, 50, trial=True, since=DAY + timedelta(days=1))
    assert rules.layers(KEY, unit, DAY) == [ruled, trial]
    assert rules.layers(KEY, unit.municipality, DAY) == [ruled, trial]
    assert rules.layers(KEY, unit.municipality.federation, DAY) == [ruled]
    neighbour = builders.municipality(unit.municipality.federation, "Grannby")
    assert rules.layers(KEY, neighbour, DAY) == [ruled]
    assert rules.layers(KEY, builders.unit(), DAY) == []


def test_a_rule_is_set_for_a_period_with_a_line_in_the_log():
    unit, actor = builders.unit(), builders.user()
    federation, municipality = unit.municipality.federation, unit.municipality
    set_rule(actor=actor, federation=federation, key=KEY, value=90, valid_from=DAY)
    trial = set_rule(
        actor=actor,
        federation=federation,
        municipality=municipality,
        key=KEY,
        value=60,
        valid_from=DAY,
        valid_until=DAY + timedelta(days=1),
    )
    days = [DAY - timedelta(days=1), DAY, DAY + timedelta(days=2)]
    assert [rules.number(KEY, unit, day) for day in days] == [120, 60, 90]
    entry = Entry.objects.get(subject=f"rule:{trial.pk}")
    assert (entry.action, entry.federation_id) == ("people.set_rule", federation.pk)
    assert entry.details == {
        "key": KEY,
        "municipality": municipality.code,
        "valid_from": "2026-05-12",
        "valid_until": "2026-05-13",
    }


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"key": "coffee_breaks"}, UnknownRule),
        ({"valid_until": DAY - timedelta(days=1)}, PeriodBackwards),
        ({"elsewhere": True}, PlaceElsewhere),
        ({"valid_from": DAY - timedelta(days=3)}, RuleTaken),
    ],
)
def test_a_rule_that_cannot_be_is_refused_and_nothing_is_set(given, fault):
    unit = builders.unit()
    federation = unit.municipality.federation
    rule(unit, 90, since=DAY - timedelta(days=3))
    if given.pop("elsewhere", False):
        given["municipality"] = builders.municipality()
    asked = {"key": KEY, "value": 1, "valid_from": DAY} | given
    with pytest.raises(fault):
        set_rule(actor=builders.user(), federation=federation, **asked)
    assert Rule.objects.count() == 1
    assert not Entry.objects.filter(action="people.set_rule").exists()


RULES = st.lists(
    st.tuples(st.booleans(), st.integers(-20, 20), st.none() | st.integers(0, 30)),
    max_size=6,
    unique_by=lambda told: told[:2],
)


@given(told=RULES)
@settings(max_examples=40, deadline=None)
def test_the_answer_is_the_latest_trial_in_force_or_else_the_latest_rule(told):
    Rule.objects.all().delete()
    unit = builders.unit()
    for value, (trial, starts, lasts) in enumerate(told):
        since = DAY + timedelta(days=starts)
        until = None if lasts is None else since + timedelta(days=lasts)
        rule(unit, value, trial=trial, since=since, until=until)
    in_force = [
        (trial, starts, value)
        for value, (trial, starts, lasts) in enumerate(told)
        if starts <= 0 and (lasts is None or starts + lasts >= 0)
    ]
    expected = max(in_force)[2] if in_force else 120
    assert rules.number(KEY, unit, DAY) == expected
