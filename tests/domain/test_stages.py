from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrolment.people.domain.refusal import Code
from enrolment.people.domain.stages import (
    ALLOWED,
    CHAIN,
    CLOSED,
    Reason,
    Stage,
    Urgency,
    check_step,
    due_date,
    needs_renewal,
    urgency,
)
from enrolment.people.domain.steps import StepNotAllowed

TODAY = date(2026, 5, 12)
days = st.dates(date(2015, 1, 1), date(2040, 12, 31))


def reachable(table: Mapping[Stage, frozenset[Stage]], start: Stage) -> set[Stage]:
    found, edge = {start}, [start]
    while edge:
        new = table[edge.pop()] - found
        found |= new
        edge += new
    return found


def test_the_main_chain_can_be_walked_from_end_to_end():
    for current, following in pairwise(CHAIN):
        check_step(current, following)
    assert CHAIN[0] == Stage.NEEDS_CARD
    assert CHAIN[-1] == Stage.ACTIVATED


@pytest.mark.parametrize(
    "path",
    [
        "booked cancelled booked checked_in",
        "booked needs_card booked",
        "booked no_show booked",
        "booked no_show checked_in photographed",
        "checked_in booked no_show",
        "checked_in cancelled booked",
        "photographed retake booked checked_in photographed approved",
        "photographed retake checked_in photographed",
        "approved retake",
        "delivered retake invited booked",
        "needs_card approved delivered acknowledged activated",
        "acknowledged lapsed",
    ],
)
def test_a_case_may_take_this_side_path(path: str):
    for current, following in pairwise(path.split()):
        check_step(Stage(current), Stage(following))


@pytest.mark.parametrize(
    ("current", "following"),
    [
        ("needs_card", "checked_in"),
        ("needs_card", "photographed"),
        ("needs_card", "delivered"),
        ("booked", "photographed"),
        ("booked", "approved"),
        ("checked_in", "approved"),
        ("photographed", "delivered"),
        ("approved", "activated"),
        ("delivered", "activated"),
        ("delivered", "booked"),
        ("retake", "approved"),
        ("no_show", "photographed"),
        ("activated", "retake"),
        ("lapsed", "needs_card"),
        ("booked", "booked"),
    ],
)
def test_this_step_is_refused(current: str, following: str):
    with pytest.raises(StepNotAllowed) as refusal:
        check_step(Stage(current), Stage(following))
    assert refusal.value.code == Code.STEP_NOT_ALLOWED
    assert refusal.value.params == {"current": current, "following": following}


def test_every_pair_of_stages_is_decided_by_the_table():
    allowed = set()
    for current, following in product(Stage, repeat=2):
        try:
            check_step(current, following)
        except StepNotAllowed:
            continue
        allowed.add((current, following))
    assert allowed == {(a, b) for a, following in ALLOWED.items() for b in following}


def test_closed_stages_are_final_and_every_other_can_still_end_well_or_lapse():
    assert {stage for stage in Stage if not ALLOWED[stage]} == CLOSED
    for stage in set(Stage) - CLOSED:
        assert reachable(ALLOWED, stage) >= CLOSED
    assert reachable(ALLOWED, Stage.NEEDS_CARD) == set(Stage)


@given(days, days, st.integers(0, 400))
def test_a_card_is_renewed_from_the_window_on(card_expires: date, today: date, window: int):
    assert needs_renewal(card_expires, today, window) == ((card_expires - today).days <= window)


def test_the_window_is_120_days_and_no_card_is_no_renewal():
    assert needs_renewal(TODAY + timedelta(days=120), TODAY)
    assert not needs_renewal(TODAY + timedelta(days=121), TODAY)
    assert needs_renewal(TODAY - timedelta(days=1), TODAY)
    assert not needs_renewal(None, TODAY)


def test_a_renewal_is_due_when_the_card_runs_out():
    expires = date(2026, 9, 1)
    assert due_date(Reason.RENEWAL, expires, TODAY) == expires
    assert due_date(Reason.RENEWAL, date(2026, 1, 1), TODAY) == date(2026, 1, 1)
    assert due_date(Reason.RENEWAL, None, TODAY) == TODAY + timedelta(days=14)


@pytest.mark.parametrize("reason", sorted(set(Reason) - {Reason.RENEWAL}))
def test_any_other_need_is_due_within_two_weeks_whatever_the_old_card_says(reason: Reason):
    assert due_date(reason, date(2030, 1, 1), TODAY) == date(2026, 5, 26)
    assert due_date(reason, None, TODAY, new_card_days=3) == date(2026, 5, 15)


@pytest.mark.parametrize(
    ("days_left", "expected"),
    [(-5, "critical"), (35, "critical"), (36, "remind"), (60, "remind"), (61, "normal")],
)
def test_urgency_changes_at_60_and_35_days(days_left: int, expected: str):
    assert urgency(TODAY + timedelta(days=days_left), TODAY) == expected


@given(days, days, days)
def test_a_nearer_due_date_is_never_less_urgent(first: date, second: date, today: date):
    order = [Urgency.CRITICAL, Urgency.REMIND, Urgency.NORMAL]
    early, late = sorted([first, second])
    assert order.index(urgency(early, today)) <= order.index(urgency(late, today))
