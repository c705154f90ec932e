"""Who comes without a time gets one at once; who did not come gets a later one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from booking import queries
from booking.models import Booking, Slot, Visit
from booking.queries.own_page import people_here
from booking.services.bookings import book_people
from booking.services.checkin import check_in, record_no_show
from booking.services.refusals import (
    NeedNotBookable,
    NeedReasonMissing,
    PersonOfAnotherUnit,
    VisitNotOpen,
)
from booking.services.visits import cancel_visit
from booking.services.walk_ins import walk_in
from enrolment.audit.models import Entry
from enrolment.messages.models import Message
from enrolment.people.domain.stages import Stage
from enrolment.people.models import CardNeed
from tests import builders
from tests import own_time_builders as own

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit() -> Visit:
    return own.small_visit()


@pytest.fixture
def later(visit) -> Visit:
    """The next photo visit at the unit, the day after."""
    return own.small_visit(at=visit.unit, starts_at=visit.starts_at + timedelta(days=1))


@pytest.fixture
def actor():
    return builders.user()


def under_way(visit: Visit) -> Visit:
    """Move the visit so that it has just begun; its slots with it."""
    shift = timezone.now().replace(second=0, microsecond=0) - visit.starts_at
    for row in [*visit.slots.order_by("starts_at"), visit]:
        row.starts_at, row.ends_at = row.starts_at + shift, row.ends_at + shift
        row.save(update_fields=["starts_at", "ends_at"])
    return visit


def stage(booking: Booking) -> str:
    return CardNeed.objects.get(pk=booking.need_id).stage


# --- Drop-in ------------------------------------------------------------------------------------


def test_whoever_drops_in_gets_the_next_free_slot_without_a_letter(visit, actor):
    taken = own.booked(visit)
    letters = Message.objects.count()
    person = builders.staff(visit.unit)
    booking = walk_in(actor=actor, visit=visit, staff=person, reason="lost")
    assert booking.slot == own.slots(visit)[1] != taken.slot
    assert (booking.need.reason, stage(booking)) == ("lost", Stage.BOOKED)
    assert Message.objects.count() == letters
    assert booking.changes.get().why == "walk_in"
    assert Entry.objects.filter(action="booking.walk_in", subject=f"booking:{booking.pk}").exists()


def test_a_drop_in_is_marked_on_the_visit(visit, actor):
    own.booked(visit)
    walk_in(actor=actor, visit=visit, staff=builders.staff(visit.unit), reason="new")
    rows = queries.slot_rows(visit, (), timezone.now())
    assert [row.booking.dropped_in for row in rows if row.booking] == [False, True]


def test_in_a_full_visit_under_way_an_extra_slot_is_made_now(visit, actor):
    own.full(visit)
    under_way(visit)
    need = builders.need(builders.staff(visit.unit))
    booking = walk_in(actor=actor, visit=visit, staff=need.staff)
    assert visit.slots.count() == 5
    assert booking.slot.ends_at - booking.slot.starts_at == timedelta(minutes=13)
    assert timedelta(0) <= timezone.now() - booking.slot.starts_at < timedelta(minutes=2)
    another = walk_in(actor=actor, visit=visit, staff=builders.staff(visit.unit), reason="new")
    assert another.slot != booking.slot
    assert walk_in(actor=actor, visit=visit, staff=need.staff) == booking


def test_a_free_slot_far_off_is_not_waited_for(actor):
    visit = builders.visit(hours=2, slot_minutes=13)
    slots = own.slots(visit)
    needs = [builders.need(builders.staff(visit.unit)) for _ in slots[:-1]]
    book_people(actor=actor, visit=visit, needs=needs)
    under_way(visit)
    booking = walk_in(actor=actor, visit=visit, staff=builders.staff(visit.unit), reason="new")
    assert booking.slot not in slots


def test_somebody_of_a_guest_unit_drops_in_and_is_booked(visit, actor):
    guest = builders.unit(visit.unit.municipality, "Granngården")
    needs = [builders.need(builders.staff(guest)) for _ in range(2)]
    with pytest.raises(PersonOfAnotherUnit):
        book_people(actor=actor, visit=visit, needs=needs[:1])
    with pytest.raises(PersonOfAnotherUnit):
        walk_in(actor=actor, visit=visit, staff=needs[1].staff)
    visit.guest_units.add(guest)
    assert len(book_people(actor=actor, visit=visit, needs=needs[:1])) == 1
    assert walk_in(actor=actor, visit=visit, staff=needs[1].staff).status == "booked"


def test_without_a_need_the_reason_must_be_told(visit, actor):
    person = builders.staff(visit.unit)
    with pytest.raises(NeedReasonMissing):
        walk_in(actor=actor, visit=visit, staff=person)
    assert not person.needs.exists()


def test_nobody_drops_in_to_a_visit_that_is_called_off_or_of_no_use(visit, actor):
    activation = own.small_visit(at=visit.unit, kind="activation", starts_at=builders.tomorrow(13))
    with pytest.raises(NeedNotBookable):
        walk_in(
            actor=actor, visit=activation, staff=builders.need(builders.staff(visit.unit)).staff
        )
    cancel_visit(actor=actor, visit=visit)
    with pytest.raises(VisitNotOpen):
        walk_in(actor=actor, visit=visit, staff=builders.staff(visit.unit), reason="new")


def test_whoever_drops_in_gives_a_later_time_back(visit, later, actor):
    booked = own.booked(later)
    booking = walk_in(actor=actor, visit=visit, staff=booked.need.staff)
    booked.refresh_from_db()
    assert (booked.status, booking.visit, stage(booking)) == ("cancelled", visit, Stage.BOOKED)


def test_a_protected_person_is_found_by_the_handler_alone_and_has_no_own_way(visit, actor):
    hidden = builders.staff(visit.unit, "Björn", "Hemlig", protected=True)
    assert list(people_here(visit, "björn", ())) == []
    assert list(people_here(visit, "björn", {hidden.pk})) == [hidden]
    walk_in(actor=actor, visit=visit, staff=hidden, reason="new")
    assert not visit.own_links.exists()


def test_people_are_found_by_every_word_within_the_units_of_the_visit(visit):
    guest = builders.unit(visit.unit.municipality, "Granngården")
    visit.guest_units.add(guest)
    here = builders.staff(visit.unit, "Karin", "Lind")
    near = builders.staff(guest, "Karin", "Berg")
    builders.staff(builders.unit(visit.unit.municipality), "Karin", "Alm")
    builders.staff(visit.unit, "Karin", "Borta", left_on=timezone.localdate())
    assert list(people_here(visit, "karin", ())) == [near, here]
    assert list(people_here(visit, "lind karin", ())) == [here]
    assert list(people_here(visit, near.hsa_id, ())) == [near]


# --- Who did not come ---------------------------------------------------------------------------


def test_whoever_did_not_come_has_a_time_in_the_next_visit_and_a_letter(visit, later, actor):
    booking = own.booked(visit)
    record_no_show(actor=actor, booking=booking)
    anew = later.bookings.get()
    assert (anew.need_id, anew.slot, stage(booking)) == (
        booking.need_id,
        own.slots(later)[0],
        Stage.BOOKED,
    )
    assert Message.objects.filter(key__contains=str(anew.pk)).exists()
    assert later.own_links.filter(need=booking.need).exists()


def test_without_a_later_free_slot_the_person_stands_on_the_overview(visit, later, actor):
    booking = own.booked(visit)
    own.full(later)
    record_no_show(actor=actor, booking=booking)
    assert stage(booking) == Stage.NO_SHOW
    assert not later.bookings.filter(need=booking.need).exists()


def test_a_protected_person_who_did_not_come_is_left_to_the_handler(visit, later, actor):
    booking = own.booked(visit, protected=True)
    record_no_show(actor=actor, booking=booking)
    assert stage(booking) == Stage.NO_SHOW
    assert not later.bookings.exists()


def test_the_later_time_is_given_back_when_the_person_comes_late(visit, later, actor):
    booking = own.booked(visit)
    record_no_show(actor=actor, booking=booking)
    booking.refresh_from_db()
    check_in(actor=actor, booking=booking, document="passport")
    assert stage(booking) == Stage.CHECKED_IN
    assert later.bookings.get().status == "cancelled"
    assert queries.free_slots(later, timezone.now()).count() == 4


def test_an_activation_visit_offers_nothing_of_itself(visit, actor):
    activation = own.small_visit(at=visit.unit, kind="activation", starts_at=builders.tomorrow(13))
    own.small_visit(at=visit.unit, starts_at=builders.tomorrow(15))
    need = builders.need(builders.staff(visit.unit))
    slot = Slot.objects.filter(visit=activation).first()
    booking = Booking.objects.create(visit=activation, slot=slot, need=need, kind="activation")
    record_no_show(actor=actor, booking=booking)
    assert need.bookings.count() == 1
