"""What people do with their own time by their link: strike out, swap, give up."""

from datetime import timedelta

import pytest
from django.utils import timezone

from booking.domain.own_time import DeclineReason
from booking.models import Booking, StruckSlot, WardRule
from booking.queries import own_page
from booking.services.assign import lock_booking_time, unlock_booking_time
from booking.services.bookings import book_slot, cancel_booking, move_booking
from booking.services.checkin import check_in
from booking.services.own_links import OwnHand
from booking.services.own_time import give_up, strike_times, take_slot
from booking.services.refusals import (
    BookingNotMovable,
    NotEnoughSlots,
    NoTimeLeft,
    NotYetMovable,
    SlotTaken,
    StrikingOver,
    TimeFixed,
    VisitNotOpen,
    WardNeedsYou,
)
from booking.services.visits import cancel_visit
from enrolment.audit.models import Entry
from enrolment.people.domain.stages import Stage
from tests import builders
from tests import own_time_builders as own

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking() -> Booking:
    return own.booked(own.small_visit())


def fresh(booking: Booking) -> Booking:
    return Booking.objects.select_related("slot", "need").get(pk=booking.pk)


def test_a_swap_is_the_same_booking_moved_by_the_link_s_hand(booking):
    link, slot = own.link(booking), own.slots(booking.visit)[2]
    for _ in range(2):
        assert take_slot(link=link, slot=slot) == booking
    moved = fresh(booking)
    assert (moved.slot, moved.sequence, moved.locked) == (slot, 1, True)
    line = Entry.objects.get(action="booking.move_booking")
    assert line.actor == OwnHand(link.pk).audit_name == f"own-link:{link.pk}"


def test_a_taken_slot_is_refused_with_the_nearest(booking):
    visit = booking.visit
    taken, slots = own.booked(visit), own.slots(visit)
    with pytest.raises(SlotTaken) as refused:
        take_slot(link=own.link(booking), slot=taken.slot)
    assert refused.value.nearest == slots[2:]
    assert fresh(booking).slot == booking.slot


def test_a_swap_leaves_the_ward_staffed(booking):
    visit, slots = booking.visit, own.slots(booking.visit)
    WardRule.objects.create(unit=visit.unit, most_away=1, walking_minutes=3)
    other = builders.need(builders.staff(visit.unit))
    book_slot(actor=builders.user(), slot=slots[3], need=other)
    now = own_page.own_time(own.link(booking), timezone.now())
    assert own_page.free_times(now, timezone.now()) == [slots[1]]
    with pytest.raises(WardNeedsYou):
        take_slot(link=own.link(booking), slot=slots[2])
    assert take_slot(link=own.link(booking), slot=slots[1]).slot == slots[1]


def test_whoever_gave_a_time_up_takes_another_only_where_the_ward_stays_staffed(booking):
    visit, slots = booking.visit, own.slots(booking.visit)
    WardRule.objects.create(unit=visit.unit, most_away=1, walking_minutes=3)
    other = builders.need(builders.staff(visit.unit))
    book_slot(actor=builders.user(), slot=slots[3], need=other)
    link = own.link(booking)
    give_up(link=link, reason=DeclineReason.DAY_OFF)
    now = own_page.own_time(link, timezone.now())
    assert own_page.free_times(now, timezone.now()) == [slots[0], slots[1]]
    with pytest.raises(WardNeedsYou):
        take_slot(link=link, slot=slots[2])
    assert take_slot(link=link, slot=slots[1]).slot == slots[1]


def test_nobody_swaps_while_times_are_struck_out(booking):
    own.striking(booking.visit)
    with pytest.raises(NotYetMovable):
        take_slot(link=own.link(booking), slot=own.slots(booking.visit)[2])
    own.striking(booking.visit, -timedelta(seconds=1))
    take_slot(link=own.link(booking), slot=own.slots(booking.visit)[2])


def test_nobody_swaps_in_a_visit_that_is_called_off(booking):
    cancel_visit(actor=builders.user(), visit=booking.visit)
    with pytest.raises(VisitNotOpen):
        take_slot(link=own.link(booking), slot=own.slots(booking.visit)[2])


def test_striking_out_replaces_what_was_said_before(booking):
    visit = own.striking(booking.visit)
    link, slots = own.link(booking), own.slots(visit)
    assert strike_times(link=link, times={slots[0].starts_at, slots[1].starts_at}) == 2
    assert strike_times(link=link, times={slots[3].starts_at}) == 1
    assert [struck.slot for struck in StruckSlot.objects.all()] == [slots[3]]
    lines = Entry.objects.filter(action="booking.strike_times")
    assert [line.details for line in lines.order_by("pk")] == [{"struck": 2}, {"struck": 1}]
    assert {line.actor for line in lines} == {f"own-link:{link.pk}"}


def test_a_time_at_two_stations_is_struck_out_as_one():
    booking = own.booked(own.striking(own.small_visit(stations=2)))
    slots = own.slots(booking.visit)
    assert strike_times(link=own.link(booking), times={slots[0].starts_at}) == 1
    assert {struck.slot for struck in StruckSlot.objects.all()} == set(slots[:2])


def test_a_locked_time_is_fixed_until_it_is_unlocked(booking):
    own.striking(booking.visit)
    link, first = own.link(booking), own.slots(booking.visit)[0]
    lock_booking_time(actor=builders.user(), booking=booking)
    with pytest.raises(TimeFixed):
        strike_times(link=link, times={first.starts_at})
    unlock_booking_time(actor=builders.user(), booking=booking)
    assert strike_times(link=link, times={first.starts_at}) == 1


def test_one_time_at_least_must_be_left(booking):
    own.striking(booking.visit)
    with pytest.raises(NoTimeLeft):
        strike_times(
            link=own.link(booking), times={slot.starts_at for slot in own.slots(booking.visit)}
        )
    assert StruckSlot.objects.count() == 0


@pytest.mark.parametrize("until", [None, timedelta(0), -timedelta(hours=1)])
def test_after_the_cut_off_nothing_is_struck_out(booking, until):
    if until is not None:
        own.striking(booking.visit, until)
    with pytest.raises(StrikingOver):
        strike_times(link=own.link(booking), times=set())


def test_a_time_is_given_up_with_a_reason_once(booking):
    link = own.link(booking)
    for _ in range(2):
        given = give_up(link=link, reason=DeclineReason.SICK)
    assert given.status == "cancelled"
    change = booking.changes.get(status="cancelled")
    assert (change.why, change.actor) == ("sick", f"own-link:{link.pk}")
    assert fresh(booking).need.stage == Stage.NEEDS_CARD
    assert fresh(booking).need.stage_changes.latest("pk").why == "sick"


def test_whoever_gave_a_time_up_may_book_anew(booking):
    link = own.link(booking)
    give_up(link=link, reason=DeclineReason.DAY_OFF)
    anew = take_slot(link=link, slot=own.slots(booking.visit)[1])
    assert anew != booking
    assert (anew.status, fresh(anew).need.stage) == ("booked", Stage.BOOKED)


def test_a_person_who_is_here_gives_nothing_up(booking):
    check_in(actor=builders.user(), booking=booking, document="passport")
    with pytest.raises(BookingNotMovable):
        give_up(link=own.link(booking), reason=DeclineReason.OTHER)
    with pytest.raises(BookingNotMovable):
        take_slot(link=own.link(booking), slot=own.slots(booking.visit)[1])


def test_what_the_manager_did_meanwhile_stands(booking):
    link, slots = own.link(booking), own.slots(booking.visit)
    move_booking(actor=builders.user(), booking=booking, slot=slots[3])
    take_slot(link=link, slot=slots[1])
    assert fresh(booking).sequence == 2
    cancel_booking(actor=builders.user(), booking=booking)
    own.full(booking.visit)
    with pytest.raises(SlotTaken):
        take_slot(link=link, slot=slots[1])


def test_control_a_full_visit_takes_nobody(booking):
    own.full(booking.visit)
    with pytest.raises(NotEnoughSlots):
        own.booked(booking.visit)
