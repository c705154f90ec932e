"""The waiting list: a freed slot is kept for the next whom it fits, until the answer-by time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from booking import queries
from booking.models import Booking, Slot, Visit, Waiting, WardRule
from booking.services.bookings import book_people, book_slot, cancel_booking, move_booking
from booking.services.own_time import accept_offer, strike_times
from booking.services.refusals import (
    AlreadyBooked,
    NeedNotBookable,
    OfferGone,
    PersonOfAnotherUnit,
    ProtectedPerson,
    SlotTaken,
    VisitNotOpen,
    WardNeedsYou,
)
from booking.services.visits import cancel_visit
from booking.services.waitlist import (
    decline_offer,
    expire_offers,
    join_waitlist,
    leave_waitlist,
    offer_freed_slot,
)
from enrolment.audit.models import Entry
from enrolment.messages.models import Message
from enrolment.people.models import Rule, Shift, Staff
from tests import builders
from tests import own_time_builders as own

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit() -> Visit:
    """A full visit of four slots."""
    visit = own.small_visit()
    own.full(visit)
    return visit


@pytest.fixture
def actor():
    return builders.user()


def free_first(visit: Visit) -> Slot:
    booking = visit.bookings.filter(status="booked").order_by("slot__starts_at").first()
    return cancel_booking(actor=builders.user(), booking=booking).slot


def state(waiting: Waiting) -> str:
    waiting.refresh_from_db()
    return waiting.status


def letter(waiting: Waiting) -> Message:
    return Message.objects.get(key__startswith=f"offer:{waiting.pk}:")


def due(days: int):
    return timezone.localdate() + timedelta(days=days)


def shift(staff: Staff, starts, ends, kind: str = "work") -> None:
    Shift.objects.create(staff=staff, kind=kind, starts_at=starts, ends_at=ends)


# --- Joining and leaving ------------------------------------------------------------------------


def test_a_person_without_a_slot_waits_once(visit, actor):
    waiting = own.waiting(visit)
    assert join_waitlist(actor=actor, visit=visit, need=waiting.need) == waiting
    assert [change.status for change in waiting.changes.all()] == ["waiting"]
    assert Entry.objects.filter(action="booking.join_waitlist").count() == 1


def test_a_booked_person_waits_for_another_time_and_keeps_the_own(visit, actor):
    booking = visit.bookings.first()
    assert join_waitlist(actor=actor, visit=visit, need=booking.need).status == "waiting"
    assert Booking.objects.get(pk=booking.pk).status == "booked"


def test_who_may_not_wait_is_told_why(visit, actor):
    other = own.booked(own.small_visit(at=visit.unit, starts_at=builders.tomorrow(14)))
    refused = {
        ProtectedPerson: builders.need(builders.staff(visit.unit, protected=True)),
        PersonOfAnotherUnit: builders.need(),
        AlreadyBooked: other.need,
    }
    for error, need in refused.items():
        with pytest.raises(error):
            join_waitlist(actor=actor, visit=visit, need=need)
    activation = own.small_visit(at=visit.unit, kind="activation", starts_at=builders.tomorrow(11))
    need = builders.need(builders.staff(visit.unit))
    with pytest.raises(NeedNotBookable):
        join_waitlist(actor=actor, visit=activation, need=need)
    cancel_visit(actor=actor, visit=visit)
    with pytest.raises(VisitNotOpen):
        join_waitlist(actor=actor, visit=visit, need=need)
    assert Waiting.objects.count() == 0


def test_whoever_leaves_is_offered_nothing(visit, actor):
    waiting = own.waiting(visit)
    for _ in range(2):
        leave_waitlist(actor=actor, waiting=waiting)
    free_first(visit)
    assert state(waiting) == "ended"


def test_a_slot_of_whoever_leaves_goes_to_the_next(visit, actor):
    first, second = own.waiting(visit), own.waiting(visit)
    slot = free_first(visit)
    leave_waitlist(actor=actor, waiting=first)
    assert (state(first), state(second), second.slot) == ("ended", "offered", slot)


# --- Whom a freed slot is offered to ------------------------------------------------------------


def test_a_freed_slot_is_offered_by_letter_to_the_most_urgent(visit):
    late, soon = own.waiting(visit, due_on=due(90)), own.waiting(visit, due_on=due(30))
    slot = free_first(visit)
    assert (state(late), state(soon), soon.slot) == ("waiting", "offered", slot)
    letter = Message.objects.get(key__startswith=f"offer:{soon.pk}:")
    assert letter.recipient == soon.need.staff.email
    assert "/min-tid/" in letter.body


def test_of_equals_the_one_who_has_waited_longest_is_asked(visit):
    first, second = own.waiting(visit), own.waiting(visit)
    free_first(visit)
    assert (state(first), state(second)) == ("offered", "waiting")


@pytest.mark.parametrize(
    "change",
    [{"protected": True}, {"left_on": timezone.localdate()}, {"email": ""}],
    ids=["protected", "left", "no address"],
)
def test_whom_it_does_not_fit_is_passed_over(visit, change):
    first, second = own.waiting(visit), own.waiting(visit)
    Staff.objects.filter(pk=first.need.staff_id).update(**change)
    free_first(visit)
    assert (state(first), state(second)) == ("waiting", "offered")
    assert not Message.objects.filter(key__startswith=f"offer:{first.pk}").exists()


def test_a_telephone_is_enough_where_the_federation_sends_sms(visit):
    waiting = own.waiting(visit, email="", phone="070-1740605")
    Rule.objects.create(
        federation=visit.unit.municipality.federation,
        key="sms",
        value="on",
        valid_from=timezone.localdate(),
    )
    free_first(visit)
    assert state(waiting) == "offered"


def test_a_struck_time_is_not_offered(visit, actor):
    bookings = list(visit.bookings.order_by("slot__starts_at"))
    own.striking(visit)
    link = own.link(bookings[3])
    strike_times(link=link, times={bookings[0].slot.starts_at})
    waiting = join_waitlist(actor=actor, visit=visit, need=bookings[3].need)
    cancel_booking(actor=actor, booking=bookings[0])
    assert state(waiting) == "waiting"
    cancel_booking(actor=actor, booking=bookings[1])
    assert (state(waiting), waiting.slot) == ("offered", bookings[1].slot)


@pytest.mark.parametrize(
    ("roster", "offered"),
    [
        ([], True),
        ([(-1, 8, "work")], True),
        ([(1, 8, "work")], False),
        ([(-1, 8, "work"), (0, 1, "busy")], False),
        ([(-1, 8, "work"), (5, 6, "busy")], True),
        ([(30, 38, "work")], False),
        ([(24 * 9, 24 * 9 + 8, "work")], True),
    ],
)
def test_a_slot_is_offered_to_those_on_shift_where_shifts_are_known(visit, roster, offered):
    waiting = own.waiting(visit)
    for starts, ends, kind in roster:
        begin = visit.starts_at
        shift(
            waiting.need.staff,
            begin + timedelta(hours=starts),
            begin + timedelta(hours=ends),
            kind,
        )
    free_first(visit)
    assert (state(waiting) == "offered") is offered


def test_a_booked_person_is_offered_nothing_that_empties_the_ward(visit, actor):
    bookings = list(visit.bookings.order_by("slot__starts_at"))
    waiting = join_waitlist(actor=actor, visit=visit, need=bookings[3].need)
    rule = WardRule.objects.create(unit=visit.unit, most_away=1, walking_minutes=3)
    cancel_booking(actor=actor, booking=bookings[0])
    assert state(waiting) == "waiting"
    rule.delete()
    cancel_booking(actor=actor, booking=bookings[1])
    assert (state(waiting), waiting.slot) == ("offered", bookings[1].slot)


def test_a_person_without_a_time_is_offered_nothing_that_empties_the_ward(visit, actor):
    bookings = list(visit.bookings.order_by("slot__starts_at"))
    waiting = own.waiting(visit)
    rule = WardRule.objects.create(unit=visit.unit, most_away=1, walking_minutes=3)
    cancel_booking(actor=actor, booking=bookings[0])
    assert state(waiting) == "waiting"
    rule.delete()
    cancel_booking(actor=actor, booking=bookings[2])
    assert (state(waiting), waiting.slot) == ("offered", bookings[2].slot)


def test_whoever_gives_a_time_up_is_not_asked_to_take_it_back(visit, actor):
    booking = visit.bookings.first()
    first = join_waitlist(actor=actor, visit=visit, need=booking.need)
    second = own.waiting(visit, due_on=due(900))
    cancel_booking(actor=actor, booking=booking)
    assert (state(first), state(second), second.slot) == ("waiting", "offered", booking.slot)


def test_an_offer_is_not_made_to_one_who_would_hear_of_it_too_late(visit):
    federation = visit.unit.municipality.federation
    now = timezone.localtime()
    quiet = {"from": now - timedelta(hours=1), "until": now + timedelta(hours=3)}
    values = {f"quiet_{key}": f"{each:%H:%M}" for key, each in quiet.items()}
    for key, value in {"sms": "on", "answer_hours": 3, **values}.items():
        Rule.objects.create(
            federation=federation, key=key, value=value, valid_from=timezone.localdate()
        )
    by_sms = own.waiting(visit, email="", phone="070-1740605")
    by_mail = own.waiting(visit)
    free_first(visit)
    assert (state(by_sms), state(by_mail)) == ("waiting", "offered")
    Rule.objects.filter(key="answer_hours").update(value=5)
    decline_offer(actor=builders.user(), waiting=by_mail)
    assert state(by_sms) == "offered"
    assert Message.objects.filter(key__startswith=f"offer:{by_sms.pk}:", channel="sms").exists()


def test_nobody_is_asked_twice_about_one_slot(visit, actor):
    waiting = own.waiting(visit)
    slot = free_first(visit)
    waiting.refresh_from_db()
    decline_offer(actor=actor, waiting=waiting)
    again = join_waitlist(actor=actor, visit=visit, need=waiting.need)
    slot.visit = visit
    assert offer_freed_slot(actor=actor, slot=slot) is None
    assert state(again) == "waiting"


# --- Until when ---------------------------------------------------------------------------------


def test_the_answer_is_wanted_within_the_rule_s_hours_and_an_hour_before_the_slot():
    begin = timezone.now().replace(microsecond=0) + timedelta(hours=3)
    soon = own.small_visit(starts_at=begin) if begin.hour < 20 else None
    far = own.small_visit(starts_at=builders.tomorrow() + timedelta(days=4))
    for visit in (each for each in (soon, far) if each):
        own.full(visit)
        waiting = own.waiting(visit)
        slot = free_first(visit)
        assert state(waiting) == "offered"
        latest = min(timezone.now() + timedelta(hours=24), slot.starts_at - timedelta(hours=1))
        assert abs(waiting.answer_by - latest) < timedelta(seconds=30)


def test_a_slot_that_is_too_near_is_free_for_anybody(visit, actor):
    Visit.objects.filter(pk=visit.pk).update(starts_at=timezone.now() + timedelta(minutes=10))
    slot = visit.slots.order_by("starts_at").first()
    Slot.objects.filter(pk=slot.pk).update(starts_at=timezone.now() + timedelta(minutes=85))
    waiting = own.waiting(visit)
    free_first(visit)
    assert state(waiting) == "waiting"
    assert queries.free_slots(visit, timezone.now()).count() == 1


# --- While it is kept ---------------------------------------------------------------------------


def test_an_offered_slot_is_kept_for_that_person(visit, actor):
    waiting = own.waiting(visit)
    slot = free_first(visit)
    other = builders.need(builders.staff(visit.unit))
    with pytest.raises(SlotTaken):
        book_slot(actor=actor, slot=slot, need=other)
    with pytest.raises(SlotTaken):
        move_booking(actor=actor, booking=visit.bookings.filter(status="booked")[0], slot=slot)
    assert not queries.free_slots(visit, timezone.now()).exists()
    [row] = [row for row in queries.slot_rows(visit, (), timezone.now()) if row.slot == slot]
    assert (row.offered, row.free) == (True, False)
    assert book_slot(actor=actor, slot=slot, need=waiting.need).slot == slot
    assert state(waiting) == "taken"


def test_saying_yes_books_and_twice_is_once(visit, actor):
    waiting = own.waiting(visit)
    slot = free_first(visit)
    first = accept_offer(actor=actor, waiting=waiting)
    assert accept_offer(actor=actor, waiting=waiting) == first
    assert (first.slot, first.locked, state(waiting)) == (slot, True, "taken")


def test_saying_yes_moves_a_booking_and_the_slot_left_goes_to_the_next(visit, actor):
    booking = visit.bookings.order_by("-slot__starts_at").first()
    waiting = join_waitlist(actor=actor, visit=visit, need=booking.need)
    slot = free_first(visit)
    second = own.waiting(visit)
    moved = accept_offer(actor=actor, waiting=waiting)
    assert (moved, moved.slot, moved.sequence) == (booking, slot, 1)
    assert (state(second), second.slot) == ("offered", booking.slot)


def test_saying_no_passes_it_on(visit, actor):
    first, second = own.waiting(visit), own.waiting(visit)
    slot = free_first(visit)
    for _ in range(2):
        decline_offer(actor=actor, waiting=first)
    assert (state(first), state(second), second.slot) == ("declined", "offered", slot)
    with pytest.raises(OfferGone):
        accept_offer(actor=actor, waiting=first)


def test_whoever_takes_another_time_waits_no_longer_and_the_kept_one_is_passed_on(visit, actor):
    first, second = own.waiting(visit), own.waiting(visit)
    kept = free_first(visit)
    free = Slot.objects.create(
        visit=visit,
        starts_at=visit.ends_at,
        ends_at=visit.ends_at + timedelta(minutes=13),
        station=1,
    )
    book_slot(actor=actor, slot=free, need=first.need)
    assert (state(first), state(second), second.slot) == ("ended", "offered", kept)


def test_a_yes_that_would_empty_the_ward_by_now_is_refused(visit, actor):
    waiting = own.waiting(visit)
    slot = free_first(visit)
    rule = WardRule.objects.create(unit=visit.unit, most_away=1, walking_minutes=3)
    with pytest.raises(WardNeedsYou):
        accept_offer(actor=actor, waiting=waiting)
    rule.delete()
    assert accept_offer(actor=actor, waiting=waiting).slot == slot


def test_a_letter_of_an_offer_that_is_gone_is_not_sent(visit, actor):
    first, second = own.waiting(visit), own.waiting(visit)
    free_first(visit)
    for waiting in (first, second):
        assert letter(waiting).state == "waiting"
        leave_waitlist(actor=actor, waiting=waiting)
        assert letter(waiting).state == "withdrawn"


# --- When nobody answers ------------------------------------------------------------------------


def test_an_unanswered_offer_is_taken_back_and_goes_to_the_next(visit, actor):
    first, second = own.waiting(visit), own.waiting(visit)
    slot = free_first(visit)
    first.refresh_from_db()
    assert expire_offers(now=first.answer_by - timedelta(seconds=1)) == 0
    assert expire_offers(now=first.answer_by) == 1
    assert (state(first), state(second), second.slot) == ("expired", "offered", slot)
    with pytest.raises(OfferGone):
        accept_offer(actor=actor, waiting=first)


def test_an_offer_past_its_time_is_gone_before_anybody_swept(visit, actor):
    waiting = own.waiting(visit)
    free_first(visit)
    Waiting.objects.update(answer_by=timezone.now())
    with pytest.raises(OfferGone):
        accept_offer(actor=actor, waiting=waiting)


@pytest.mark.parametrize("why", ["visit", "person", "protected"])
def test_waits_that_nothing_can_come_of_are_ended(visit, actor, why):
    first, second = own.waiting(visit), own.waiting(visit)
    free_first(visit)
    people = Staff.objects.filter(pk=first.need.staff_id)
    if why == "visit":
        cancel_visit(actor=actor, visit=visit)
    elif why == "person":
        people.update(left_on=timezone.localdate())
    else:
        people.update(protected=True)
    expire_offers(now=timezone.now())
    assert state(first) == "ended"
    assert state(second) == ("ended" if why == "visit" else "offered")


def test_booking_many_at_once_leaves_a_kept_slot_alone(actor):
    visit = own.small_visit()
    own.full(visit)
    own.waiting(visit)
    kept = free_first(visit)
    cancelled = free_first(visit)
    needs = [builders.need(builders.staff(visit.unit))]
    [booked] = book_people(actor=actor, visit=visit, needs=needs)
    assert (booked.slot, booked.slot != kept) == (cancelled, True)
