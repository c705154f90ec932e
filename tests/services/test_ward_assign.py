"""A visit's times are shared out so that the ward stays staffed, on the rows of the house."""

from datetime import timedelta

import pytest
from django.utils import timezone

from booking.domain.staffing import Bound, Why, check_assignment
from booking.models import Booking, StruckSlot, Visit, WardRule
from booking.queries.ward import fitting_slots, staffing_problem, titles_at
from booking.services import assign as module
from booking.services import ward
from booking.services.assign import (
    assign_people,
    lock_booking_time,
    preview_sharing,
    share_out,
    share_out_due,
    unlock_booking_time,
)
from booking.services.bookings import book_people, cancel_booking
from booking.services.changes import Change, change_visit
from booking.services.refusals import (
    AlreadyBooked,
    BookingNotMovable,
    NotEnoughSlots,
    PersonOfAnotherUnit,
    SharingDiffers,
    VisitNotOpen,
    WardTooThin,
)
from booking.services.visits import cancel_visit
from enrolment.audit.models import Entry
from enrolment.messages.models import Message
from enrolment.people.services.rules import set_rule
from tests import builders
from tests import own_time_builders as own

pytestmark = pytest.mark.django_db
NURSE = "Sjuksköterska"


@pytest.fixture
def visit() -> Visit:
    made = builders.visit(slot_minutes=10, hours=1)
    WardRule.objects.create(unit=made.unit, most_away=1, walking_minutes=0)
    return made


def needs_at(visit: Visit, number: int, **more):
    return [builders.need(builders.staff(visit.unit, **more)) for _ in range(number)]


def booked(visit: Visit, needs) -> list[Booking]:
    return assign_people(actor=visit.booked_by, visit=visit, needs=needs)


def clocks(bookings) -> list[str]:
    starts = [timezone.localtime(booking.slot.starts_at) for booking in bookings]
    return [f"{start:%H:%M}" for start in starts]


def strike(booking: Booking, *slots) -> None:
    for slot in slots:
        StruckSlot.objects.create(booking=booking, slot=slot)


def slots_of(visit: Visit) -> list:
    return list(visit.slots.order_by("starts_at", "station"))


def is_staffed(visit: Visit) -> bool:
    """Say whether nobody booked breaks a rule, by the checker that knows nothing of solving."""
    problem = staffing_problem(visit, timezone.now(), moving=True)
    held = {person.key: person.now for person in problem.people if person.now}
    return check_assignment(problem, held) == []


def test_people_get_the_first_times_and_twice_is_once(visit):
    needs = needs_at(visit, 3)
    bookings = booked(visit, needs)
    assert clocks(bookings) == ["09:00", "09:10", "09:20"]
    assert booked(visit, needs) == bookings
    assert Message.objects.count() == 3
    actions = Entry.objects.filter(action="booking.assign_people")
    assert [entry.details for entry in actions] == [{"booked": 3}]


def test_own_shifts_meetings_and_the_walk_decide_who_goes_when(visit):
    ward.set_ward_rule(actor=visit.booked_by, unit=visit.unit, most_away=2, walking_minutes=5)
    early, late, busy = needs_at(visit, 3)
    builders.shift(early.staff, builders.tomorrow(7), 2.25)  # until 9.15: back at the ward by then
    builders.shift(late.staff, builders.tomorrow(9, 35), 8)
    builders.shift(busy.staff, builders.tomorrow(7), 8)
    builders.shift(busy.staff, builders.tomorrow(9, 0), 0.4, kind="busy")
    bookings = booked(visit, [late, busy, early])
    assert clocks(bookings) == ["09:40", "09:30", "09:00"]
    assert is_staffed(visit)


def test_who_is_not_in_the_roster_can_not_go_but_without_roster_everybody_can(visit):
    there, off = needs_at(visit, 2)
    builders.shift(there.staff, builders.tomorrow(7))
    with pytest.raises(WardTooThin) as refused:
        booked(visit, [there, off])
    assert [(one.person, one.why) for one in refused.value.left] == [
        (str(off.staff_id), Why.NOT_AT_WORK)
    ]
    assert not visit.bookings.exists()
    there.staff.shifts.all().delete()
    assert len(booked(visit, [there, off])) == 2


def test_a_nurse_always_stays(visit):
    ward.set_ward_rule(actor=visit.booked_by, unit=visit.unit, most_away=9, walking_minutes=0)
    one, other = needs_at(visit, 2, title=NURSE)
    minimum = builders.ward_minimum(visit.unit, "sjuksköterska", least=2)
    with pytest.raises(WardTooThin) as refused:
        booked(visit, [one, other])
    [binding] = refused.value.bindings
    assert (binding.bound, binding.title, binding.least) == (Bound.MINIMUM, "sjuksköterska", 2)
    assert binding.more == 2
    builders.staff(visit.unit, title=NURSE)
    assert clocks(booked(visit, [one, other])) == ["09:00", "09:10"]
    assert minimum.least == 2


def test_too_few_slots_is_said_as_before(visit):
    with pytest.raises(NotEnoughSlots) as refused:
        booked(visit, needs_at(visit, 6))
    assert (refused.value.free, refused.value.wanted) == (5, 6)


def test_more_slots_would_do(visit):
    slots = slots_of(visit)
    early = needs_at(visit, 2)
    for need in early:
        builders.shift(need.staff, slots[4].starts_at, 8)
    with pytest.raises(WardTooThin) as refused:
        booked(visit, early)
    assert (refused.value.more_slots, refused.value.more_placed) == (1, 1)


def test_what_book_people_refuses_is_refused_here(visit):
    with pytest.raises(PersonOfAnotherUnit):
        booked(visit, [builders.need()])
    need = needs_at(visit, 1)[0]
    other = builders.visit(visit.unit, visit.technician, starts_at=builders.tomorrow(13))
    booked(other, [need])
    with pytest.raises(AlreadyBooked):
        booked(visit, [need])
    cancel_visit(actor=visit.booked_by, visit=visit)
    with pytest.raises(VisitNotOpen):
        booked(visit, needs_at(visit, 1))


def test_guests_are_counted_at_their_own_ward(visit):
    guest = builders.unit(visit.unit.municipality, "Lindgården")
    WardRule.objects.create(unit=guest, most_away=1, walking_minutes=0)
    visit.guest_units.add(guest)
    Visit.objects.filter(pk=visit.pk).update(stations=1)
    here = needs_at(visit, 1)[0]
    there = builders.need(builders.staff(guest))
    builders.ward_minimum(guest, least=1)
    with pytest.raises(WardTooThin) as refused:
        booked(visit, [here, there])
    assert [one.person for one in refused.value.left] == [str(there.staff_id)]
    builders.staff(guest)
    assert len(booked(visit, [here, there])) == 2


def test_sharing_out_moves_only_who_must_and_writes_one_letter_each(visit):
    bookings = booked(visit, needs_at(visit, 3))
    slots = slots_of(visit)
    strike(bookings[0], slots[0], slots[3])
    before = Message.objects.count()
    done = share_out(actor=visit.booked_by, visit=visit)
    now = list(visit.bookings.order_by("created_at"))
    assert [move.booking.pk for move in done.moves] == [bookings[0].pk]
    assert clocks(now) == ["09:40", "09:10", "09:20"]
    assert [booking.sequence for booking in now] == [1, 0, 0]
    assert {booking.status for booking in now} == {"booked"}
    assert Message.objects.count() == before + 1
    visit.refresh_from_db()
    assert visit.assigned_at is not None
    assert share_out(actor=visit.booked_by, visit=visit).moves == []
    assert Message.objects.count() == before + 1


def test_two_people_can_change_places_in_a_full_visit(visit):
    bookings = booked(visit, needs_at(visit, 5))
    slots = slots_of(visit)
    strike(bookings[0], *slots[:4])
    strike(bookings[4], *slots[1:])
    share_out(actor=visit.booked_by, visit=visit)
    times = clocks(visit.bookings.order_by("created_at"))
    assert times == ["09:40", "09:10", "09:20", "09:30", "09:00"]


def test_a_locked_time_stays_and_an_unlocked_one_does_not(visit):
    (booking,) = booked(visit, needs_at(visit, 1))
    strike(booking, slots_of(visit)[0])
    lock_booking_time(actor=visit.booked_by, booking=booking)
    assert preview_sharing(visit=visit).moves == []
    unlock_booking_time(actor=visit.booked_by, booking=booking)
    [move] = preview_sharing(visit=visit).moves
    assert move.to.starts_at == slots_of(visit)[1].starts_at
    cancel_booking(actor=visit.booked_by, booking=booking)
    with pytest.raises(BookingNotMovable):
        lock_booking_time(actor=visit.booked_by, booking=booking)


def test_who_can_not_be_placed_stays_and_is_told_of(visit):
    bookings = booked(visit, needs_at(visit, 2))
    builders.shift(bookings[0].need.staff, builders.tomorrow(7), 8)
    done = share_out(actor=visit.booked_by, visit=visit)
    assert done.moves == []
    assert [(one.person, one.why) for one in done.stuck] == [
        (str(bookings[1].need.staff_id), Why.NOT_AT_WORK)
    ]


def test_a_protected_person_is_never_moved_by_the_house(visit):
    (booking,) = booked(visit, needs_at(visit, 1, protected=True))
    strike(booking, slots_of(visit)[0])
    assert share_out(actor=visit.booked_by, visit=visit).moves == []


def test_nobody_is_moved_otherwise_than_shown(visit):
    bookings = booked(visit, needs_at(visit, 2))
    strike(bookings[0], slots_of(visit)[0])
    seen = preview_sharing(visit=visit).fingerprint
    strike(bookings[1], slots_of(visit)[1])
    with pytest.raises(SharingDiffers):
        share_out(actor=visit.booked_by, visit=visit, seen=seen)
    seen = preview_sharing(visit=visit).fingerprint
    assert len(share_out(actor=visit.booked_by, visit=visit, seen=seen).moves) == 2


def test_the_cut_off_shares_out_once(visit):
    (booking,) = booked(visit, needs_at(visit, 1))
    strike(booking, slots_of(visit)[0])
    now = timezone.now()
    Visit.objects.filter(pk=visit.pk).update(strike_until=now + timedelta(hours=1))
    share_out_due()
    booking.refresh_from_db()
    assert booking.sequence == 0
    Visit.objects.filter(pk=visit.pk).update(strike_until=now)
    share_out_due()
    share_out_due()
    booking.refresh_from_db()
    assert booking.sequence == 1
    assert Entry.objects.filter(action="booking.share_out").count() == 1


def test_what_is_struck_out_after_an_early_sharing_counts_at_the_cut_off(visit):
    (booking,) = booked(visit, needs_at(visit, 1))
    now = timezone.now()
    share_out(actor=visit.booked_by, visit=visit)
    strike(booking, slots_of(visit)[0])
    Visit.objects.filter(pk=visit.pk).update(
        assigned_at=now - timedelta(hours=2), strike_until=now - timedelta(hours=1)
    )
    share_out_due()
    share_out_due()
    booking.refresh_from_db()
    assert booking.sequence == 1
    assert Entry.objects.filter(action="booking.share_out").count() == 2


def test_a_time_left_when_times_are_shared_out_is_offered_to_who_waits(visit):
    bookings = booked(visit, needs_at(visit, 4))
    slots = slots_of(visit)
    waiting = own.waiting(visit)
    strike(bookings[0], *slots[:4])
    share_out(actor=visit.booked_by, visit=visit)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.slot) == ("offered", slots[0])


def test_rows_that_change_while_solving_are_met_by_solving_again(visit, monkeypatch):
    needs, real = needs_at(visit, 2), module.assign
    asked = []

    def slow(problem, seconds):
        if not asked:
            book_people(actor=visit.booked_by, visit=visit, needs=needs[:1])
        asked.append(len(problem.wanting))
        return real(problem, seconds)

    monkeypatch.setattr(module, "assign", slow)
    assert clocks(booked(visit, needs)) == ["09:00", "09:10"]
    assert asked == [2, 1]


def test_a_visit_that_has_moved_to_another_day_is_shared_out_by_that_days_rules(visit):
    busy, here = needs_at(visit, 2)
    later = visit.starts_at + timedelta(days=1)
    builders.shift(busy.staff, later, 1, kind="busy")
    moved = Visit.objects.get(pk=visit.pk)
    change = Change(moved.technician, later, later + timedelta(hours=1), stations=1)
    change_visit(actor=visit.booked_by, visit=moved, change=change)
    with pytest.raises(WardTooThin):
        booked(visit, [busy])
    assert clocks(booked(visit, [here])) == ["09:00"]


def test_rows_that_never_stand_still_are_solved_while_held(visit, monkeypatch):
    others, need, real = needs_at(visit, 4), needs_at(visit, 1)[0], module.assign

    def disturbed(problem, seconds):
        if seconds == module.SECONDS:
            book_people(actor=visit.booked_by, visit=visit, needs=[others.pop()])
        return real(problem, seconds)

    monkeypatch.setattr(module, "assign", disturbed)
    assert clocks(booked(visit, [need])) == ["09:30"]
    assert len(others) == 4 - module.TRIES


def test_somebody_who_works_elsewhere_now_has_no_free_swap(visit):
    (booking,) = booked(visit, needs_at(visit, 1))
    booking.need.staff.unit = builders.unit(visit.unit.municipality)
    booking.need.staff.save()
    assert fitting_slots(visit, booking.need, timezone.now()) == []


def test_a_visit_is_never_made_longer_than_its_day():
    late = builders.visit(starts_at=builders.tomorrow(22), hours=1)
    assert staffing_problem(late, timezone.now()).further == ()


def test_free_swaps_go_only_where_the_ward_stays_staffed(visit):
    one, _other = booked(visit, needs_at(visit, 2))
    assert clocks_of(fitting_slots(visit, one.need, timezone.now())) == ["09:20", "09:30", "09:40"]
    ward.set_ward_rule(actor=visit.booked_by, unit=visit.unit, most_away=1, walking_minutes=5)
    assert clocks_of(fitting_slots(visit, one.need, timezone.now())) == ["09:30", "09:40"]
    strike(one, slots_of(visit)[4])
    assert clocks_of(fitting_slots(visit, one.need, timezone.now())) == ["09:30"]


def clocks_of(slots) -> list[str]:
    return [f"{timezone.localtime(slot.starts_at):%H:%M}" for slot in slots]


def test_the_federations_rule_applies_until_the_unit_has_its_own(visit):
    actor, unit = visit.booked_by, visit.unit
    ward.drop_ward_rule(actor=actor, unit=unit)
    ward.drop_ward_rule(actor=actor, unit=unit)
    set_rule(
        actor=actor,
        federation=unit.municipality.federation,
        key="most_away",
        value=5,
        valid_from=timezone.localdate(),
    )
    assert staffing_problem(visit, timezone.now()).wards[0].most_away == 5
    ward.set_ward_rule(actor=actor, unit=unit, most_away=4, walking_minutes=1)
    assert staffing_problem(visit, timezone.now()).wards[0].most_away == 4
    first = builders.ward_minimum(unit)
    again = ward.add_minimum(
        actor=actor, unit=unit, title="", least=1, starts=first.starts, ends=first.ends
    )
    assert again == first
    for _ in range(2):
        ward.remove_minimum(actor=actor, unit=unit, minimum_id=first.pk)
    lines = list(Entry.objects.filter(action__contains="ward_rule").values_list("action"))
    assert lines == [("booking.drop_ward_rule",), ("booking.set_ward_rule",)]
    assert Entry.objects.filter(action="booking.remove_minimum").count() == 1


def test_the_titles_at_a_unit_stand_with_the_most_usual_first(visit):
    for title in (NURSE, "Undersköterska", "Undersköterska", ""):
        builders.staff(visit.unit, title=title)
    assert titles_at(visit.unit) == ["Undersköterska", NURSE]


def test_the_question_takes_as_many_queries_for_forty_as_for_four(visit, django_assert_num_queries):
    booked(visit, needs_at(visit, 4))
    with django_assert_num_queries(9):
        staffing_problem(visit, timezone.now(), moving=True)
    for _ in range(20):
        builders.shift(builders.staff(visit.unit), builders.tomorrow(7))
    with django_assert_num_queries(9):
        staffing_problem(visit, timezone.now(), moving=True)
