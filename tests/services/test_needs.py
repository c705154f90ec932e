"""A need is opened by hand or by rule, one for each person, and moves along its stages."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from enrolment.audit.models import Entry
from enrolment.audit.services import System
from enrolment.people.domain.stages import Reason, Stage
from enrolment.people.domain.steps import StepNotAllowed
from enrolment.people.models import CardNeed, Rule, Staff, StageChange
from enrolment.people.services.needs import (
    NeedAlreadyOpen,
    PersonHasLeft,
    advance_need,
    advance_needs,
    lapse_needs_of,
    open_need,
    open_needs_by_rule,
)
from tests import builders

pytestmark = pytest.mark.django_db

TODAY = date(2026, 5, 12)
HAND = System("test")


def by_rule(unit):
    return open_needs_by_rule(actor=HAND, unit=unit, today=TODAY)


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


# --- By hand ------------------------------------------------------------------------------------


def test_a_need_is_opened_with_its_first_step_and_one_line():
    user, person = builders.user(), builders.staff()
    need = open_need(actor=user, staff=person, reason=Reason.LOST, due_on=TODAY)
    assert (need.stage, need.open, need.reason) == (Stage.NEEDS_CARD, True, Reason.LOST)
    step = StageChange.objects.get()
    assert (step.need, step.stage, step.actor) == (need, Stage.NEEDS_CARD, user.audit_name)
    assert Entry.objects.get().action == "people.open_need"


def test_a_second_open_need_is_refused_and_one_after_the_first_has_ended_is_not():
    first = builders.need()
    with pytest.raises(NeedAlreadyOpen):
        builders.need(first.staff)
    assert StageChange.objects.count() == 1
    advance_need(actor=HAND, need=first, stage=Stage.LAPSED)
    second = builders.need(first.staff)
    assert second.open
    assert CardNeed.objects.filter(staff=first.staff).count() == 2


def test_the_database_keeps_two_open_needs_apart():
    need = builders.need()
    with pytest.raises(IntegrityError):
        CardNeed.objects.create(
            staff=need.staff, reason=Reason.NEW, due_on=TODAY, stage=Stage.INVITED
        )


def test_nobody_who_has_left_gets_a_need():
    person = builders.staff(left_on=TODAY)
    with pytest.raises(PersonHasLeft):
        builders.need(person)
    assert not CardNeed.objects.exists()


def test_nobody_gets_a_need_who_has_left_since_the_page_was_shown():
    shown = builders.staff()
    Staff.objects.filter(pk=shown.pk).update(left_on=TODAY)
    with pytest.raises(PersonHasLeft):
        builders.need(shown)
    assert not CardNeed.objects.exists()


# --- By rule ------------------------------------------------------------------------------------


def test_cards_that_run_out_and_people_without_card_open_needs():
    unit = builders.unit()
    soon = builders.staff(unit, card_expires=in_days(120))
    gone = builders.staff(unit, card_expires=in_days(-3))
    without = builders.staff(unit)
    builders.staff(unit, card_expires=in_days(121))
    opened = {need.staff: (need.reason, need.due_on) for need in by_rule(unit)}
    assert opened == {
        soon: (Reason.RENEWAL, in_days(120)),
        gone: (Reason.RENEWAL, in_days(-3)),
        without: (Reason.NEW, in_days(14)),
    }
    steps = StageChange.objects.filter(stage=Stage.NEEDS_CARD)
    assert {step.need.staff for step in steps} == set(opened)


def test_the_rule_passes_over_open_needs_those_who_left_and_other_units():
    unit = builders.unit()
    builders.need(builders.staff(unit))
    builders.staff(unit, left_on=TODAY)
    builders.staff(builders.unit(unit.municipality))
    assert by_rule(unit) == []
    assert CardNeed.objects.count() == 1


def test_the_rule_opens_nothing_twice():
    unit = builders.unit()
    builders.staff(unit)
    assert len(by_rule(unit)) == 1
    assert by_rule(unit) == []
    assert CardNeed.objects.count() == 1


def test_a_municipality_may_try_other_days():
    unit = builders.unit()
    municipality = unit.municipality
    days = {"renewal_days": 30, "new_card_days": 60}
    for key, value in days.items():
        Rule.objects.create(
            federation=municipality.federation,
            municipality=municipality,
            key=key,
            value=value,
            valid_from=TODAY,
        )
    builders.staff(unit, card_expires=in_days(31))
    new = builders.staff(unit)
    assert [(need.staff, need.due_on) for need in by_rule(unit)] == [(new, in_days(60))]


def test_the_rule_leaves_one_line_and_asks_no_more_for_more_people():
    unit, large = builders.unit(), builders.unit()
    for _number in range(30):
        builders.staff(large)
    builders.staff(unit)
    with CaptureQueriesContext(
        connection,
    ) as few:
        by_rule(unit)
    with CaptureQueriesContext(connection) as many:
        by_rule(large)
    assert len(many) == len(few)
    lines = Entry.objects.filter(action="people.open_needs_by_rule").order_by("pk")
    assert [line.details for line in lines] == [{"opened": 1}, {"opened": 30}]


# --- Along the stages ---------------------------------------------------------------------------


def test_a_step_moves_the_need_and_is_written_down():
    user, need = builders.user(), builders.need()
    advance_need(actor=user, need=need, stage=Stage.BOOKED, why="first visit")
    need.refresh_from_db()
    assert (need.stage, need.open) == (Stage.BOOKED, True)
    step = StageChange.objects.latest("pk")
    assert (step.stage, step.actor, step.why) == (Stage.BOOKED, user.audit_name, "first visit")
    assert Entry.objects.latest("pk").details == {"stage": Stage.BOOKED}


def test_a_step_that_is_not_allowed_changes_nothing():
    need = builders.need()
    with pytest.raises(StepNotAllowed):
        advance_need(actor=HAND, need=need, stage=Stage.ACTIVATED)
    need.refresh_from_db()
    assert need.stage == Stage.NEEDS_CARD
    assert StageChange.objects.count() == 1


def test_a_step_starts_from_where_the_need_stands_now_not_from_where_the_caller_saw_it():
    need = builders.need()
    seen_earlier = CardNeed.objects.get(pk=need.pk)
    advance_need(actor=HAND, need=need, stage=Stage.LAPSED)
    with pytest.raises(StepNotAllowed):
        advance_need(actor=HAND, need=seen_earlier, stage=Stage.BOOKED)


def test_the_last_stages_close_the_need():
    need = builders.need()
    advance_need(actor=HAND, need=need, stage=Stage.LAPSED)
    assert not need.open


def test_the_needs_of_leavers_are_taken_in_the_one_order_of_the_house():
    leavers = [builders.need().staff for _ in range(2)]
    with CaptureQueriesContext(connection) as asked:
        lapse_needs_of(actor=HAND, federation=leavers[0].federation, staff=leavers, why="left")
    taken = next(query["sql"] for query in asked if query["sql"].startswith("SELECT"))
    assert taken.removesuffix(" FOR UPDATE").endswith('ORDER BY "people_cardneed"."id" ASC')


def test_the_needs_of_leavers_lapse_at_whatever_stage():
    booked, waiting, stays = (builders.need() for _ in range(3))
    advance_need(actor=HAND, need=booked, stage=Stage.BOOKED)
    leavers = [booked.staff, waiting.staff]
    count = lapse_needs_of(
        actor=HAND, federation=booked.staff.federation, staff=leavers, why="left"
    )
    assert count == 2
    assert list(CardNeed.objects.filter(open=True)) == [stays]
    steps = StageChange.objects.filter(stage=Stage.LAPSED)
    assert {(step.need, step.why) for step in steps} == {(booked, "left"), (waiting, "left")}
    assert Entry.objects.latest("pk").details == {"lapsed": 2}


def test_many_needs_move_on_together_or_not_at_all():
    needs = [builders.need() for _ in range(3)]
    federation = needs[0].staff.federation
    move = {"actor": HAND, "federation": federation, "stage": Stage.INVITED, "why": "round"}
    advance_needs(needs=needs[:2], **move)
    assert [CardNeed.objects.get(pk=need.pk).stage for need in needs] == [
        "invited",
        "invited",
        "needs_card",
    ]
    assert {step.need for step in StageChange.objects.filter(why="round")} == set(needs[:2])
    assert Entry.objects.latest("pk").details == {"stage": "invited", "advanced": 2}
    with pytest.raises(StepNotAllowed):
        advance_needs(needs=needs[::-1], **move)
    assert CardNeed.objects.get(pk=needs[2].pk).stage == "needs_card"
