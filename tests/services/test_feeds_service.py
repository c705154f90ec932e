"""A calendar address tells its own times and nobody's name, until it is revoked."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from booking.models import Booking, Feed
from booking.services.bookings import book_slot, cancel_booking
from booking.services.feeds import calendar_of, feed_of, make_feed, revoke_feed
from booking.services.refusals import ProtectedPerson
from booking.services.visits import cancel_visit
from enrolment import wall
from enrolment.audit.models import Entry
from enrolment.messages.models import Message
from enrolment.people.models import CareUnit
from tests import builders

pytestmark = pytest.mark.django_db


def make(**whose) -> str:
    """Make an address and return its token."""
    [one] = whose.values()
    federation = getattr(one, "federation", None) or one.municipality.federation
    _feed, address = make_feed(actor=builders.user(), federation=federation, **whose)
    return address.rpartition("/")[2].removesuffix(".ics")


def events(token: str):
    return calendar_of(feed_of(token), timezone.now()).events


def booked(visit, **staff) -> Booking:
    need = builders.need(builders.staff(visit.unit, **staff))
    slot = visit.slots.exclude(bookings__isnull=False).earliest("starts_at")
    return book_slot(actor=builders.user(), slot=slot, need=need)


def test_the_token_has_256_bits_and_only_its_digest_is_kept():
    token = make(unit=builders.unit())
    assert len(token) == 43
    feed = Feed.objects.get()
    assert token not in str(vars(feed))
    assert token not in str(list(Entry.objects.values()))
    assert feed_of(token) == feed
    assert feed_of(token[:-1]) is None
    assert feed_of("") is None


def test_the_technicians_feed_has_the_own_visits_that_stand():
    visit = builders.visit(hours=1)
    technician = visit.technician
    called_off = builders.visit(visit.unit, technician, starts_at=builders.tomorrow(15))
    cancel_visit(actor=builders.user(), visit=called_off)
    builders.visit(visit.unit, builders.technician(technician.federation))
    token = make(technician=technician)
    [event] = events(token)
    assert (event.starts_at, event.ends_at) == (visit.starts_at, visit.ends_at)
    assert "Björkgården" in event.summary
    technician.user.is_active = False
    technician.user.save()
    assert feed_of(token) is None


def test_the_units_feed_counts_people_and_names_nobody():
    visit = builders.visit()
    booked(visit, given_name="Åsa", family_name="Synlig")
    cancel_booking(actor=builders.user(), booking=booked(visit, family_name="Avbokad"))
    booked(visit, family_name="Hemlig", protected=True)
    guest = builders.unit(visit.unit.municipality, "Ängen")
    visit.guest_units.add(guest)
    [event] = events(make(unit=visit.unit))
    assert "2" in event.description
    for name in ("Åsa", "Synlig", "Hemlig"):
        assert name not in str(event)
    assert events(make(unit=guest)) == (event,)
    assert events(make(unit=builders.unit(visit.unit.municipality))) == ()


def test_the_persons_feed_has_the_own_times_alone_with_uids_of_its_own():
    visit = builders.visit()
    mine, _other = booked(visit), booked(visit)
    [event] = events(make(staff=mine.need.staff))
    assert event.starts_at == mine.slot.starts_at
    invited = Message.objects.get(key__startswith=f"booking:{mine.pk}").calendar
    assert event.uid not in invited
    cancel_booking(actor=builders.user(), booking=mine)
    assert events(make(staff=mine.need.staff)) == ()


def test_old_times_are_left_out():
    visit = builders.visit()
    token = make(unit=visit.unit)
    assert len(calendar_of(feed_of(token), visit.ends_at + timedelta(days=29)).events) == 1
    assert calendar_of(feed_of(token), visit.ends_at + timedelta(days=30)).events == ()


def test_a_protected_person_gets_no_address_and_loses_the_one_there_is():
    staff = builders.staff(protected=True)
    with pytest.raises(ProtectedPerson):
        make(staff=staff)
    assert not Feed.objects.exists()
    other = builders.staff()
    token = make(staff=other)
    assert feed_of(token)
    type(other).objects.filter(pk=other.pk).update(protected=True)
    assert feed_of(token) is None


def test_an_address_ends_when_it_is_revoked_or_the_person_leaves():
    staff = builders.staff()
    token, gone = make(unit=staff.unit), make(staff=staff)
    type(staff).objects.filter(pk=staff.pk).update(left_on=timezone.localdate())
    assert feed_of(gone) is None
    feed = feed_of(token)
    for _twice in range(2):
        revoke_feed(actor=builders.user(), feed=feed)
    assert feed_of(token) is None
    assert Entry.objects.filter(action="booking.revoke_feed").count() == 1


def test_a_technicians_address_ends_with_the_role():
    technician = builders.visit().technician
    token = make(technician=technician)
    assert feed_of(token)
    membership = technician.user.memberships.get()
    elsewhere = builders.federation()
    type(membership).objects.filter(pk=membership.pk).update(federation=elsewhere)
    assert feed_of(token) is None


@pytest.mark.postgresql
def test_a_feed_is_found_behind_the_wall_and_reads_its_own_federation_alone():
    assert connection.vendor == "postgresql"
    visit, other = builders.visit(), builders.visit()
    token = make(unit=visit.unit)
    with wall.narrowed([]):
        feed = feed_of(token)
        assert feed is not None
        assert len(calendar_of(feed, timezone.now()).events) == 1
        feed.unit_id = other.unit_id
        with pytest.raises(CareUnit.DoesNotExist):
            calendar_of(feed, timezone.now())
