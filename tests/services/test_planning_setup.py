"""When technicians work and units are open, which kits are free, and how that is set up."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from booking.domain.slots import SWEDEN
from booking.models import ClosedDay, DaysOff, Kit, OpeningHours, Technician, WorkHours
from booking.queries.planning import (
    deadline,
    deadlines,
    free_kit,
    kits,
    open_windows,
    open_windows_of,
    standing_visits,
    work_days,
)
from booking.queries.planning_setup import (
    Week,
    closed_lines,
    kit_list,
    setup,
    stranded_visits,
    technician_rows,
    unit_hours,
)
from booking.services.planning import (
    add_days_off,
    close_days,
    open_day,
    remove_days_off,
    save_kit,
    set_opening_hours,
    set_work_hours,
)
from booking.services.refusals import KitNameTaken, PeriodTooLong
from booking.services.technicians import register_technician, set_up_technician
from booking.services.visits import cancel_visit
from enrolment.audit.models import Entry
from enrolment.people.models import CareUnit, Membership
from enrolment.people.services.organisation import PlaceElsewhere
from enrolment.people.services.rules import set_rule
from tests import builders

pytestmark = pytest.mark.django_db
# A week without holidays, Monday first.
MONDAY = date(2027, 2, 1)
SUNDAY = MONDAY + timedelta(days=6)
NINE_TO_FOUR = {day: (time(9), time(16)) for day in range(5)}


@pytest.fixture
def unit():
    return builders.unit()


@pytest.fixture
def federation(unit):
    return unit.municipality.federation


@pytest.fixture
def technician(federation):
    return builders.technician(federation)


@pytest.fixture
def boss(federation):
    return builders.user("planner", within=federation)


def local(moment):
    return moment.astimezone(SWEDEN).strftime("%d %H.%M")


def clocks(found):
    return [(local(each.opens_at), local(each.closes_at)) for each in found]


def weekdays(found):
    return [each.day.weekday() for each in found]


# --- Technicians --------------------------------------------------------------------------------


def test_without_hours_of_their_own_they_work_by_the_rules_monday_to_friday(technician):
    found = work_days([technician], MONDAY, SUNDAY)
    assert weekdays(found) == [0, 1, 2, 3, 4]
    assert (local(found[0].starts_at), local(found[0].ends_at)) == ("01 07.30", "01 16.30")
    assert found[0].starts_at.tzinfo is UTC


def test_own_hours_count_instead_on_a_saturday_too(technician, boss):
    hours = {1: (time(10), time(14)), 5: (time(9), time(12))}
    set_work_hours(actor=boss, technician=technician, hours=hours)
    found = work_days([technician], MONDAY, SUNDAY)
    assert weekdays(found) == [1, 5]
    assert local(found[1].ends_at) == "06 12.00"
    set_work_hours(actor=boss, technician=technician, hours={})
    assert weekdays(work_days([technician], MONDAY, SUNDAY)) == [0, 1, 2, 3, 4]


def test_nobody_works_on_days_off_holidays_and_days_closed_everywhere(
    federation, technician, boss, unit
):
    colleague = builders.technician(federation)
    day = MONDAY + timedelta(days=1)
    add_days_off(actor=boss, technician=technician, first_day=MONDAY, last_day=day)
    close_days(actor=boss, federation=federation, first_day=SUNDAY, last_day=SUNDAY)
    close_days(
        actor=boss,
        federation=federation,
        first_day=MONDAY + timedelta(days=3),
        last_day=MONDAY + timedelta(days=3),
        unit=unit,
    )
    close_days(
        actor=boss,
        federation=federation,
        first_day=MONDAY + timedelta(days=4),
        last_day=MONDAY + timedelta(days=4),
    )
    found = work_days([technician, colleague], MONDAY, SUNDAY)
    worked = [(each.technician.pk, each.day.weekday()) for each in found]
    assert worked == [
        (colleague.pk, 0),
        (colleague.pk, 1),
        *((each.pk, day) for day in (2, 3) for each in (technician, colleague)),
    ]
    christmas = work_days([technician], date(2026, 12, 21), date(2027, 1, 1))
    assert [each.day.day for each in christmas] == [21, 22, 23, 28, 29, 30]


def test_a_rule_that_changes_counts_from_its_day(federation, technician, boss):
    set_rule(
        actor=boss,
        federation=federation,
        key="work_starts",
        value="09:00",
        valid_from=MONDAY + timedelta(days=2),
        valid_until=MONDAY + timedelta(days=3),
    )
    found = work_days([technician], MONDAY, SUNDAY)
    assert [local(each.starts_at)[3:] for each in found] == [
        "07.30",
        "07.30",
        "09.00",
        "09.00",
        "07.30",
    ]


def test_queries_for_work_days_do_not_grow_with_technicians(
    federation, boss, django_assert_num_queries
):
    for size in (1, 10):
        for _number in range(size):
            made = builders.technician(federation)
            add_days_off(actor=boss, technician=made, first_day=MONDAY, last_day=MONDAY)
        technicians = list(Technician.objects.filter(federation=federation))
        with django_assert_num_queries(7):
            work_days(technicians, MONDAY, SUNDAY)


# --- Units --------------------------------------------------------------------------------------


def test_without_hours_of_its_own_a_unit_is_open_by_the_rules_monday_to_friday(unit):
    found = open_windows(unit, MONDAY, SUNDAY)
    assert weekdays(found) == [0, 1, 2, 3, 4]
    assert clocks(found)[0] == ("01 08.00", "01 16.00")


def test_a_municipalitys_trial_goes_before_the_federations_rule(unit, federation, boss):
    elsewhere = builders.unit(builders.municipality(federation, "Annan"))
    set_rule(
        actor=boss,
        federation=federation,
        municipality=unit.municipality,
        key="opens",
        value="10:00",
        valid_from=MONDAY,
    )
    found = open_windows_of([unit, elsewhere], MONDAY, MONDAY)
    assert clocks(found[unit.pk]) == [("01 10.00", "01 16.00")]
    assert clocks(found[elsewhere.pk]) == [("01 08.00", "01 16.00")]


def test_own_hours_count_and_closed_days_close(unit, federation, boss):
    set_opening_hours(actor=boss, unit=unit, hours=NINE_TO_FOUR | {5: (time(10), time(12))})
    for number, place in enumerate(({}, {"municipality": unit.municipality}, {"unit": unit})):
        day = MONDAY + timedelta(days=number)
        close_days(actor=boss, federation=federation, first_day=day, last_day=day, **place)
    neighbour = builders.unit(unit.municipality, "Granngården")
    found = open_windows_of([unit, neighbour], MONDAY, SUNDAY)
    assert weekdays(found[unit.pk]) == [3, 4, 5]
    assert weekdays(found[neighbour.pk]) == [2, 3, 4]


@pytest.mark.parametrize(
    ("day", "in_utc"),
    [(date(2026, 3, 29), 7), (date(2027, 10, 31), 8), (date(2028, 2, 29), 8)],
)
def test_nine_to_four_is_seven_hours_on_every_day(unit, boss, day, in_utc):
    """29 March 2026 and 31 October 2027 have 23 and 25 hours; 2028 is a leap year."""
    hours = {weekday: (time(9), time(16)) for weekday in range(7)}
    set_opening_hours(actor=boss, unit=unit, hours=hours)
    (window,) = open_windows(unit, day, day)
    assert window.opens_at == datetime(day.year, day.month, day.day, in_utc, tzinfo=UTC)
    assert window.closes_at - window.opens_at == timedelta(hours=7)


def test_holidays_are_closed_whatever_the_hours_say(unit, boss):
    hours = {weekday: (time(9), time(16)) for weekday in range(7)}
    set_opening_hours(actor=boss, unit=unit, hours=hours)
    found = open_windows(unit, date(2027, 6, 24), date(2027, 6, 28))
    assert [each.day.day for each in found] == [24, 27, 28]


def test_rules_that_leave_no_hour_leave_no_window(unit, federation, boss):
    set_rule(actor=boss, federation=federation, key="opens", value="16:00", valid_from=MONDAY)
    assert open_windows(unit, MONDAY, SUNDAY) == []


def test_queries_for_windows_do_not_grow_with_units(unit, boss, django_assert_num_queries):
    for size in (1, 10):
        for _number in range(size):
            made = builders.unit(unit.municipality)
            set_opening_hours(actor=boss, unit=made, hours=NINE_TO_FOUR)
        units = list(CareUnit.objects.select_related("municipality__federation"))
        with django_assert_num_queries(5):
            open_windows_of(units, MONDAY, SUNDAY)


# --- Visits, kits, deadlines --------------------------------------------------------------------


def test_standing_visits_come_by_time_without_the_cancelled(
    unit, technician, django_assert_num_queries
):
    later = builders.visit(unit, technician, starts_at=builders.tomorrow(13))
    first = builders.visit(unit, technician, starts_at=builders.tomorrow(9))
    gone = builders.visit(unit, technician, starts_at=builders.tomorrow(16))
    cancel_visit(actor=technician.user, visit=gone)
    builders.visit(unit, starts_at=builders.tomorrow(9))
    day = builders.tomorrow().date()
    with django_assert_num_queries(2):
        found = standing_visits([technician], day, day)
        told = [(visit.unit.municipality.name, list(visit.guest_units.all())) for visit in found]
    assert found == [first, later]
    assert told == [("Ådal", []), ("Ådal", [])]
    assert standing_visits([technician], day + timedelta(days=1), SUNDAY) == []


def kit(federation, name, *kinds, in_use=True):
    return Kit.objects.create(
        federation=federation, name=name, kinds=list(kinds or ("photo",)), in_use=in_use
    )


def test_a_kit_is_free_when_no_visit_has_it_then(unit, federation, technician):
    first, second = kit(federation, "Väska 1"), kit(federation, "Väska 2")
    kit(federation, "Trasig", in_use=False)
    kit(federation, "Läsare", "activation")
    assert kits(federation, "photo") == [first, second]
    visit = builders.visit(unit, technician)
    type(visit).objects.filter(pk=visit.pk).update(kit=first)
    assert free_kit(federation, "photo", visit.starts_at, visit.ends_at) == second
    after = visit.ends_at + timedelta(hours=1)
    assert free_kit(federation, "photo", visit.ends_at, after) == first
    cancel_visit(actor=technician.user, visit=visit)
    assert free_kit(federation, "photo", visit.starts_at, visit.ends_at) == first


def test_without_kits_none_is_free(federation):
    moment = timezone.now()
    assert free_kit(federation, "photo", moment, moment + timedelta(hours=1)) is None
    assert kits(federation, "photo") == []


def test_the_deadline_leaves_time_for_production_and_is_never_past(unit, federation, boss):
    today = timezone.localdate()
    far = builders.need(builders.staff(unit), due_on=today + timedelta(days=60))
    near = builders.need(builders.staff(unit), due_on=today + timedelta(days=3))
    assert deadline(far) == today + timedelta(days=39)
    assert deadlines([far, near])[near.pk] == today
    set_rule(actor=boss, federation=federation, key="production_days", value=10, valid_from=today)
    assert deadline(far) == today + timedelta(days=50)


# --- Setting it up ------------------------------------------------------------------------------


def test_each_step_of_the_set_up_leaves_a_line_in_the_log(unit, federation, technician, boss):
    set_work_hours(actor=boss, technician=technician, hours=NINE_TO_FOUR)
    away = add_days_off(actor=boss, technician=technician, first_day=MONDAY, last_day=SUNDAY)
    remove_days_off(actor=boss, days_off=away)
    facts = {"name": "Väska 1", "kinds": ["photo"], "in_use": True}
    save_kit(actor=boss, federation=federation, kit=None, **facts)
    set_opening_hours(actor=boss, unit=unit, hours=NINE_TO_FOUR)
    close_days(actor=boss, federation=federation, first_day=MONDAY, last_day=SUNDAY)
    open_day(actor=boss, closed_day=ClosedDay.objects.first())
    told = Entry.objects.filter(federation_id=federation.pk, actor=boss.audit_name)
    assert list(told.order_by("pk").values_list("action", flat=True)) == [
        "booking.set_work_hours",
        "booking.add_days_off",
        "booking.remove_days_off",
        "booking.save_kit",
        "booking.set_opening_hours",
        "booking.close_days",
        "booking.open_day",
    ]
    assert DaysOff.objects.count() == 0
    assert ClosedDay.objects.count() == 6
    assert WorkHours.objects.count() == OpeningHours.objects.count() == 5


def test_a_day_closed_already_stays_as_it_is(federation, boss):
    facts = {"actor": boss, "federation": federation}
    assert close_days(**facts, first_day=MONDAY, last_day=MONDAY, why="Städdag") == 1
    assert close_days(**facts, first_day=MONDAY, last_day=SUNDAY, why="Lov") == 6
    assert ClosedDay.objects.get(day=MONDAY).why == "Städdag"


def test_a_place_of_another_federation_is_not_closed(federation, boss):
    elsewhere = builders.unit()
    facts = {"actor": boss, "federation": federation, "first_day": MONDAY, "last_day": MONDAY}
    for place in ({"unit": elsewhere}, {"municipality": elsewhere.municipality}):
        with pytest.raises(PlaceElsewhere):
            close_days(**facts, **place)
    assert ClosedDay.objects.count() == 0


def test_more_than_a_year_at_once_is_refused(federation, technician, boss):
    year = {"first_day": MONDAY, "last_day": MONDAY + timedelta(days=365)}
    too_long = year | {"last_day": MONDAY + timedelta(days=366)}
    with pytest.raises(PeriodTooLong):
        add_days_off(actor=boss, technician=technician, **too_long)
    with pytest.raises(PeriodTooLong):
        close_days(actor=boss, federation=federation, **too_long)
    add_days_off(actor=boss, technician=technician, **year)
    assert close_days(actor=boss, federation=federation, **year) == 366


def test_a_kits_name_is_its_own_within_the_federation(federation, boss):
    facts = {"name": "Väska 1", "kinds": ["photo"], "in_use": True}
    first = save_kit(actor=boss, federation=federation, kit=None, **facts)
    with pytest.raises(KitNameTaken):
        save_kit(actor=boss, federation=federation, kit=None, **facts)
    save_kit(actor=boss, federation=builders.federation(), kit=None, **facts)
    save_kit(actor=boss, federation=federation, kit=first, **facts | {"in_use": False})
    assert [(each.name, each.in_use) for each in kit_list(federation)] == [("Väska 1", False)]


BASE = {"base": "Vara", "latitude": 58.262, "longitude": 12.954}


def test_a_technician_is_set_up_without_getting_a_role(federation, boss):
    user = builders.user("technician", within=builders.municipality(federation))
    made = set_up_technician(actor=boss, user=user, federation=federation, kinds=["photo"], **BASE)
    assert (made.base, made.kinds) == ("Vara", ["photo"])
    assert Membership.objects.filter(user=user).count() == 1


@pytest.mark.parametrize("kinds", [[], ["photo", "party"]])
def test_a_technician_has_a_kind_of_visit_that_there_is(federation, boss, kinds):
    user = builders.user("technician", within=federation)
    with pytest.raises(ValidationError):
        set_up_technician(actor=boss, user=user, federation=federation, kinds=kinds, **BASE)
    assert Technician.objects.count() == 0


def test_nobody_without_the_role_is_set_up(federation, boss):
    for user in (builders.user(), builders.user("technician", within=builders.federation())):
        with pytest.raises(ValidationError):
            set_up_technician(actor=boss, user=user, federation=federation, kinds=["photo"], **BASE)


def test_a_base_that_moves_keeps_the_kinds(federation, technician, boss):
    facts = {"actor": boss, "user": technician.user, "federation": federation}
    set_up_technician(**facts, kinds=["activation"], **BASE)
    register_technician(**facts, **BASE | {"base": "Skara"})
    technician.refresh_from_db()
    assert (technician.base, technician.kinds) == ("Skara", ["activation"])


# --- What the pages show ------------------------------------------------------------------------


def test_days_with_the_same_hours_are_told_together():
    usual = (time(8), time(16))
    short = (time(8), time(12))
    week = Week(dict.fromkeys(range(4), usual) | {4: short, 6: short}, usual)
    assert [(line.first, line.last) for line in week.lines()] == [(0, 3), (4, 4), (6, 6)]
    assert [(line.first, line.last) for line in Week({}, usual).lines()] == [(0, 4)]


def test_visits_that_lost_their_technician_or_their_day_are_told(
    unit, federation, technician, boss, django_assert_num_queries
):
    day = builders.tomorrow().date()
    visit = builders.visit(unit, technician)
    other = builders.visit(builders.unit(unit.municipality), builders.technician(federation))
    cancelled = builders.visit(unit, technician, starts_at=builders.tomorrow(15))
    cancel_visit(actor=boss, visit=cancelled)
    now = timezone.now()
    assert stranded_visits(federation, now) == []
    away = add_days_off(actor=boss, technician=technician, first_day=day, last_day=day)
    close_days(actor=boss, federation=federation, first_day=day, last_day=day, unit=other.unit)
    with django_assert_num_queries(3):
        found = stranded_visits(federation, now)
    told = {each.visit.pk: each.no_technician for each in found}
    assert told == {visit.pk: True, other.pk: False}
    remove_days_off(actor=boss, days_off=away)
    open_day(actor=boss, closed_day=ClosedDay.objects.get())
    assert stranded_visits(federation, now) == []


def test_the_lists_ask_no_more_for_more_rows(unit, federation, boss, django_assert_num_queries):
    today = timezone.localdate()
    units = CareUnit.objects.select_related("municipality__federation").order_by("sort_key")
    for size in (1, 10):
        for number in range(size):
            made = builders.technician(federation)
            add_days_off(actor=boss, technician=made, first_day=today, last_day=today)
            set_opening_hours(actor=boss, unit=builders.unit(unit.municipality), hours=NINE_TO_FOUR)
            day = today + timedelta(days=size + number)
            close_days(actor=boss, federation=federation, first_day=day, last_day=day, unit=unit)
        with django_assert_num_queries(5):
            assert technician_rows(federation, today)[-1].days_off
        with django_assert_num_queries(4):
            assert unit_hours(units, today)[0].week.lines()
        with django_assert_num_queries(1):
            assert [
                line.closed.unit.name for line in closed_lines(federation, today) if line.closed
            ]
        with django_assert_num_queries(6):
            assert setup(federation, today).without_base == 0


def test_the_next_twelve_months_holidays_stand_among_the_closed_days(federation, boss):
    today = date(2026, 11, 22)
    close_days(
        actor=boss,
        federation=federation,
        first_day=date(2026, 12, 23),
        last_day=date(2026, 12, 24),
        why="Lov",
    )
    lines = closed_lines(federation, today)
    assert [(line.day.day, line.why) for line in lines[:4]] == [
        (23, "Lov"),
        (24, "Julafton"),
        (24, "Lov"),
        (25, "Juldagen"),
    ]
    assert lines[-1].day == date(2027, 11, 6)
