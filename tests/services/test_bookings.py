"""People get slots, move and give them back; no slot and no person is booked twice."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from booking import queries
from booking.models import Booking, Slot, Visit
from booking.services.bookings import book_people, book_slot, cancel_booking, move_booking
from booking.services.checkin import check_in, finish_booking, record_no_show
from booking.services.refusals import (
    AlreadyBooked,
    BookingNotMovable,
    NeedNotBookable,
    NotEnoughSlots,
    PersonOfAnotherUnit,
    SlotInThePast,
    SlotOfAnotherVisit,
    SlotTaken,
    VisitNotOpen,
)
from booking.services.visits import cancel_visit
from enrolment.audit.models import Entry
from enrolment.people.domain.stages import Stage
from enrolment.people.domain.steps import StepNotAllowed
from enrolment.people.models import CardNeed, Staff
from enrolment.people.services.needs import advance_need
from tests import builders

pytestmark = pytest.mark.django_db


def need_at(visit: Visit, **more):
    return builders.need(builders.staff(visit.unit, **more))


def slots(visit: Visit) -> list[Slot]:
    return list(visit.slots.order_by("starts_at", "station"))


def booked(visit: Visit, place: int = 0) -> Booking:
    return book_slot(actor=builders.user(), slot=slots(visit)[place], need=need_at(visit))


def let_begin(visit: Visit, minutes: int) -> None:
    """Move the visit's times back, so that it began that many minutes ago."""
    back = visit.starts_at - timezone.now() + timedelta(minutes=minutes)
    for slot in visit.slots.all():
        Slot.objects.filter(pk=slot.pk).update(
            starts_at=slot.starts_at - back, ends_at=slot.ends_at - back
        )


# --- Book people --------------------------------------------------------------------------------


def test_people_get_the_earliest_free_slots_in_the_order_given():
    visit = builders.visit()
    booked(visit, 1)
    needs = [need_at(visit) for _ in range(3)]
    bookings = book_people(actor=builders.user(), visit=visit, needs=needs)
    assert [booking.slot for booking in bookings] == [slots(visit)[place] for place in (0, 2, 3)]
    assert [booking.need for booking in bookings] == needs


def test_a_photo_booking_moves_the_need_to_booked():
    visit = builders.visit()
    need = need_at(visit)
    [booking] = book_people(actor=builders.user(), visit=visit, needs=[need])
    need.refresh_from_db()
    assert need.stage == Stage.BOOKED
    assert list(booking.changes.values_list("status", flat=True)) == ["booked"]


def test_booking_people_is_one_line_in_the_log():
    visit = builders.visit()
    book_people(actor=builders.user(), visit=visit, needs=[need_at(visit), need_at(visit)])
    line = Entry.objects.get(action="booking.book_people")
    assert (line.subject, line.details) == (f"visit:{visit.pk}", {"booked": 2})


def test_booking_the_same_people_again_returns_what_they_have():
    visit = builders.visit()
    needs = [need_at(visit), need_at(visit)]
    first = book_people(actor=builders.user(), visit=visit, needs=needs)
    assert book_people(actor=builders.user(), visit=visit, needs=needs) == first
    assert Entry.objects.filter(action="booking.book_people").count() == 1


def test_all_are_booked_or_none():
    visit = builders.visit(slot_minutes=40)
    with pytest.raises(NotEnoughSlots) as refusal:
        book_people(actor=builders.user(), visit=visit, needs=[need_at(visit) for _ in range(3)])
    assert (refusal.value.free, refusal.value.wanted) == (2, 3)
    assert Booking.objects.count() == 0


def test_a_person_of_another_unit_is_refused():
    visit = builders.visit()
    with pytest.raises(PersonOfAnotherUnit):
        book_people(actor=builders.user(), visit=visit, needs=[builders.need()])


def test_a_person_with_a_live_booking_elsewhere_is_refused():
    visit = builders.visit()
    need = need_at(visit)
    book_people(actor=builders.user(), visit=builders.visit(visit.unit), needs=[need])
    with pytest.raises(AlreadyBooked):
        book_people(actor=builders.user(), visit=visit, needs=[need])


def test_a_cancelled_visit_takes_nobody():
    visit = builders.visit()
    cancel_visit(actor=builders.user(), visit=visit)
    with pytest.raises(VisitNotOpen):
        book_people(actor=builders.user(), visit=visit, needs=[need_at(visit)])


def test_a_person_whose_photo_is_approved_needs_no_photo_visit():
    visit = builders.visit()
    need = need_at(visit)
    advance_need(actor=builders.user(), need=need, stage=Stage.APPROVED)
    with pytest.raises(NeedNotBookable):
        book_people(actor=builders.user(), visit=visit, needs=[need])


def test_slots_that_are_over_are_not_given():
    visit = builders.visit(slot_minutes=10, hours=1)
    let_begin(visit, minutes=15)
    [booking] = book_people(actor=builders.user(), visit=visit, needs=[need_at(visit)])
    assert booking.slot == slots(visit)[1]


# --- The activation visit -----------------------------------------------------------------------


def test_the_activation_visit_leaves_the_stage_alone_and_may_stand_beside_the_photo_visit():
    photo = builders.visit()
    activation = builders.visit(photo.unit, kind="activation")
    need = need_at(photo)
    for visit in (photo, activation):
        book_people(actor=builders.user(), visit=visit, needs=[need])
    need.refresh_from_db()
    assert need.stage == Stage.BOOKED
    cancel_visit(actor=builders.user(), visit=activation)
    need.refresh_from_db()
    assert need.stage == Stage.BOOKED


def test_an_activation_visit_before_any_photo_booking_is_refused():
    visit = builders.visit(kind="activation")
    with pytest.raises(NeedNotBookable):
        book_people(actor=builders.user(), visit=visit, needs=[need_at(visit)])


# --- One slot -----------------------------------------------------------------------------------


def test_a_taken_slot_is_refused_with_the_three_nearest_free_ones():
    visit = builders.visit()
    for place in (5, 6):
        booked(visit, place)
    with pytest.raises(SlotTaken) as refusal:
        booked(visit, 5)
    assert refusal.value.nearest == [slots(visit)[place] for place in (4, 3, 7)]


def test_a_full_visit_has_no_nearest():
    visit = builders.visit(slot_minutes=60, hours=1)
    booked(visit)
    with pytest.raises(SlotTaken) as refusal:
        booked(visit)
    assert refusal.value.nearest == []


def test_booking_the_same_person_in_the_same_slot_again_is_once():
    visit = builders.visit()
    booking = booked(visit)
    again = book_slot(actor=builders.user(), slot=booking.slot, need=booking.need)
    assert again == booking
    assert Booking.objects.count() == 1


def test_a_person_with_a_time_is_not_given_another():
    visit = builders.visit()
    booking = booked(visit)
    with pytest.raises(AlreadyBooked):
        book_slot(actor=builders.user(), slot=slots(visit)[1], need=booking.need)


def test_a_slot_that_is_over_is_refused():
    visit = builders.visit(slot_minutes=10, hours=1)
    let_begin(visit, minutes=15)
    with pytest.raises(SlotInThePast):
        booked(visit, 0)
    assert booked(visit, 1).status == "booked"


def raw_booking(visit: Visit, slot: Slot, need, **more) -> Booking:
    return Booking.objects.create(visit=visit, slot=slot, need=need, kind=visit.kind, **more)


def test_the_database_refuses_two_people_in_a_slot():
    visit = builders.visit()
    raw_booking(visit, slots(visit)[0], need_at(visit))
    with pytest.raises(IntegrityError), transaction.atomic():
        raw_booking(visit, slots(visit)[0], need_at(visit))
    raw_booking(visit, slots(visit)[0], need_at(visit), status="cancelled")


def test_the_database_refuses_two_live_bookings_of_a_need_and_kind():
    visit = builders.visit()
    need = need_at(visit)
    raw_booking(visit, slots(visit)[0], need)
    with pytest.raises(IntegrityError), transaction.atomic():
        raw_booking(visit, slots(visit)[1], need)
    raw_booking(visit, slots(visit)[1], need, status="no_show")


# --- Move ---------------------------------------------------------------------------------------


def test_a_move_keeps_the_booking_and_counts_up():
    visit = builders.visit()
    booking = booked(visit)
    moved = move_booking(actor=builders.user(), booking=booking, slot=slots(visit)[3])
    assert (moved.pk, moved.slot, moved.sequence) == (booking.pk, slots(visit)[3], 1)
    assert not queries.is_taken(slots(visit)[0])


def test_a_move_to_where_one_is_changes_nothing():
    booking = booked(builders.visit())
    assert move_booking(actor=builders.user(), booking=booking, slot=booking.slot).sequence == 0


def test_a_move_to_a_taken_slot_is_refused():
    visit = builders.visit()
    booking, other = booked(visit, 0), booked(visit, 1)
    with pytest.raises(SlotTaken) as refusal:
        move_booking(actor=builders.user(), booking=booking, slot=other.slot)
    assert refusal.value.nearest == [slots(visit)[place] for place in (2, 3, 4)]
    booking.refresh_from_db()
    assert (booking.slot, booking.sequence) == (slots(visit)[0], 0)


def test_a_move_to_another_visit_is_refused():
    visit = builders.visit()
    elsewhere = builders.visit(visit.unit)
    with pytest.raises(SlotOfAnotherVisit):
        move_booking(actor=builders.user(), booking=booked(visit), slot=slots(elsewhere)[0])


def test_a_checked_in_person_is_not_moved():
    visit = builders.visit()
    booking = booked(visit)
    check_in(actor=builders.user(), booking=booking, document="passport")
    with pytest.raises(BookingNotMovable):
        move_booking(actor=builders.user(), booking=booking, slot=slots(visit)[3])


def test_nobody_is_moved_in_a_cancelled_visit():
    visit = builders.visit()
    booking = booked(visit)
    cancel_visit(actor=builders.user(), visit=visit)
    with pytest.raises(VisitNotOpen):
        move_booking(actor=builders.user(), booking=booking, slot=slots(visit)[3])


# --- Cancel -------------------------------------------------------------------------------------


def test_a_cancelled_booking_frees_slot_and_person():
    visit = builders.visit()
    booking = booked(visit)
    cancelled = cancel_booking(actor=builders.user(), booking=booking)
    assert (cancelled.status, cancelled.sequence) == ("cancelled", 1)
    assert cancelled.need.stage == Stage.NEEDS_CARD
    again = book_slot(actor=builders.user(), slot=booking.slot, need=booking.need)
    assert again.pk != booking.pk


def test_cancelling_twice_is_once():
    booking = booked(builders.visit())
    for _ in range(2):
        cancel_booking(actor=builders.user(), booking=booking)
    booking.refresh_from_db()
    assert booking.sequence == 1
    assert booking.changes.filter(status="cancelled").count() == 1


def test_a_checked_in_person_without_a_photo_gives_the_time_up():
    booking = booked(builders.visit())
    check_in(actor=builders.user(), booking=booking, document="passport")
    cancelled = cancel_booking(actor=builders.user(), booking=booking, why="no_document")
    assert cancelled.need.stage == Stage.CANCELLED


@pytest.mark.parametrize("ending", ["done", "no_show"])
def test_a_booking_that_is_over_is_not_cancelled(ending):
    booking = booked(builders.visit())
    if ending == "done":
        check_in(actor=builders.user(), booking=booking, document="passport")
        finish_booking(actor=builders.user(), booking=booking)
    else:
        record_no_show(actor=builders.user(), booking=booking)
    with pytest.raises(StepNotAllowed):
        cancel_booking(actor=builders.user(), booking=booking)


# --- Who can be booked --------------------------------------------------------------------------


def test_a_retake_and_a_no_show_can_be_booked_again_in_the_same_visit():
    visit = builders.visit()
    photographed, absent = booked(visit, 0), booked(visit, 1)
    check_in(actor=builders.user(), booking=photographed, document="passport")
    finish_booking(actor=builders.user(), booking=photographed)
    for stage in (Stage.PHOTOGRAPHED, Stage.RETAKE):
        advance_need(actor=builders.user(), need=photographed.need, stage=stage)
    record_no_show(actor=builders.user(), booking=absent)
    again = book_people(actor=builders.user(), visit=visit, needs=[photographed.need, absent.need])
    assert [booking.slot for booking in again] == slots(visit)[2:4]


def test_bookable_people_are_those_of_the_unit_without_a_time_sorted_by_due_date():
    visit = builders.visit()
    today = timezone.localdate()
    later = builders.need(builders.staff(visit.unit), due_on=today + timedelta(days=200))
    sooner = builders.need(builders.staff(visit.unit), due_on=today + timedelta(days=20))
    booked(visit)
    Staff.objects.filter(pk=need_at(visit).staff_id).update(left_on=today)
    builders.need()
    assert list(bookable(visit)) == [sooner, later]
    assert queries.due_needs(bookable(visit), "photo", horizon(visit)) == [sooner]


def test_a_protected_person_is_never_ticked_beforehand():
    visit = builders.visit()
    soon = timezone.localdate() + timedelta(days=30)
    need = builders.need(builders.staff(visit.unit, protected=True), due_on=soon)
    assert list(bookable(visit)) == [need]
    assert queries.due_needs(bookable(visit), "photo", horizon(visit)) == []


def test_for_activation_those_whose_card_has_come_are_ticked():
    visit = builders.visit(kind="activation")
    delivered = builders.need(builders.staff(visit.unit, family_name="Alm"))
    for stage in (Stage.APPROVED, Stage.DELIVERED):
        advance_need(actor=builders.user(), need=delivered, stage=stage)
    on_the_way = builders.need(builders.staff(visit.unit, family_name="Ek"))
    advance_need(actor=builders.user(), need=on_the_way, stage=Stage.BOOKED)
    need_at(visit)
    assert list(bookable(visit)) == [delivered, on_the_way]
    assert queries.due_needs(bookable(visit), "activation", horizon(visit)) == [delivered]


def bookable(visit: Visit):
    needs = queries.open_needs(CardNeed.objects.select_related("staff"), visit.unit)
    return queries.bookable_needs(needs, visit.kind)


def horizon(visit: Visit):
    return queries.horizon(visit.unit, timezone.localdate())
