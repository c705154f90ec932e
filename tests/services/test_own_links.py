"""A person's own link and code: found by their digests alone, renewed, closed, never for some."""

import hashlib

import pytest
from django.utils import timezone

from booking.domain.own_codes import WrongCode
from booking.domain.own_time import Gone
from booking.models import OwnLink
from booking.queries import own_page
from booking.queries.own_time import slips, token_of
from booking.services.bookings import book_people, cancel_booking, release_ended
from booking.services.own_links import (
    MOST_WRONG_CODES,
    TooManyWrongCodes,
    end_of_day,
    link_of,
    link_of_code,
    own_way,
    renew_way,
    revoke_way,
)
from booking.services.refusals import ProtectedPerson
from enrolment import vault
from enrolment.audit.models import Entry
from enrolment.people.domain.stages import Stage
from enrolment.people.models import Staff
from enrolment.people.services.needs import advance_need
from tests import builders
from tests import own_time_builders as own

pytestmark = pytest.mark.django_db


def token(way) -> str:
    return way.address.rstrip("/").rpartition("/")[2]


def wrong_code(right: str) -> str:
    """Another code without a typing slip: somebody else's, in a visit that is gone."""
    booking = own.booked()
    other = own_way(visit=booking.visit, need=booking.need)
    other.link.delete()
    assert other.code != right
    return other.code


def test_a_booking_opens_a_way_and_asking_again_gives_the_same():
    booking = own.booked()
    first = own_way(visit=booking.visit, need=booking.need)
    assert own_way(visit=booking.visit, need=booking.need) == first
    assert OwnLink.objects.count() == 1
    assert len(token(first)) == 43
    assert link_of(token(first)) == first.link
    assert link_of_code(code=first.code.lower().replace("-", " "), place="a") == first.link


def test_the_row_holds_digests_only_and_the_code_s_is_keyed():
    booking = own.booked()
    way = own_way(visit=booking.visit, need=booking.need)
    kept = " ".join(str(value) for value in OwnLink.objects.values_list().get())
    code = way.code.replace("-", "")
    assert token(way) not in kept
    assert code not in kept
    assert way.link.token_digest == hashlib.sha256(token(way).encode()).hexdigest()
    assert hashlib.sha256(code.encode()).hexdigest() not in kept


def test_another_vault_gives_other_tokens(settings, tmp_path):
    link = own.link(own.booked())
    before = token_of(link)
    settings.KEYS_DIR = tmp_path / "other"
    vault.create_keys(settings.KEYS_DIR)
    assert token_of(link) != before


def test_a_new_way_closes_the_earlier_one():
    booking, actor = own.booked(), builders.user()
    old = own_way(visit=booking.visit, need=booking.need)
    new = renew_way(actor=actor, booking=booking)
    assert link_of(token(old)) is None
    assert link_of_code(code=old.code, place="a") is None
    assert link_of(token(new)) == new.link
    assert link_of_code(code=new.code, place="a") == new.link
    line = Entry.objects.get(action="booking.renew_way")
    assert (line.actor, line.details) == (actor.audit_name, {"edition": 2})


def test_it_is_open_to_the_end_of_the_visit_s_day_and_follows_the_visit():
    booking = own.booked()
    link = own.link(booking)
    assert link.expires_at == end_of_day(booking.visit.ends_at)
    assert own_page.gone(link, link.expires_at) == Gone.EXPIRED
    assert own_page.gone(link, booking.visit.ends_at) is None
    booking.visit.ends_at += timezone.timedelta(days=3)
    assert own.link(booking).expires_at == end_of_day(booking.visit.ends_at)


def test_a_midnight_of_summer_time_ends_the_day():
    ends = builders.datetime(2027, 3, 28, 10, tzinfo=builders.STOCKHOLM)
    assert end_of_day(ends).isoformat() == "2027-03-29T00:00:00+02:00"


def test_a_lapsed_need_closes_the_way():
    booking = own.booked()
    link = own.link(booking)
    advance_need(actor=builders.user(), need=booking.need, stage=Stage.LAPSED)
    link = link_of(token_of(link))
    assert own_page.gone(link, timezone.now()) == Gone.ENDED
    release_ended()
    assert OwnLink.objects.get().revoked_at is not None
    assert own_page.gone(link_of(token_of(link)), timezone.now()) == Gone.UNKNOWN
    assert Entry.objects.filter(action="booking.revoke_way").count() == 1


def test_a_protected_person_has_no_way_and_no_slip():
    visit = own.small_visit()
    booking = own.booked(visit, protected=True)
    assert OwnLink.objects.count() == 0
    assert slips(visit) == []
    with pytest.raises(ProtectedPerson):
        own_way(visit=visit, need=booking.need)
    with pytest.raises(ProtectedPerson):
        renew_way(actor=builders.user(), booking=booking)


def test_whoever_becomes_protected_loses_link_code_and_slip():
    visit = own.small_visit()
    booking = own.booked(visit)
    way = own_way(visit=visit, need=booking.need)
    Staff.objects.update(protected=True)
    assert own_page.gone(link_of(token(way)), timezone.now()) == Gone.UNKNOWN
    assert slips(visit) == []
    assert link_of_code(code=way.code, place="a") is None


def test_a_code_that_was_closed_is_as_unknown_as_a_wrong_one_and_counted():
    booking = own.booked()
    code = own_way(visit=booking.visit, need=booking.need).code
    for closed in ({"protected": True}, {"protected": False}):
        Staff.objects.update(**closed)
        found = link_of_code(code=code, place="a")
        assert (found is None) is closed["protected"]
    revoke_way(actor=builders.user(), booking=booking)
    for _ in range(MOST_WRONG_CODES - 1):
        assert link_of_code(code=code, place="a") is None
    with pytest.raises(TooManyWrongCodes):
        link_of_code(code=code, place="a")


def test_wrong_codes_are_stopped_and_typing_slips_are_not_counted():
    booking = own.booked()
    right = own_way(visit=booking.visit, need=booking.need).code
    wrong = wrong_code(right)
    for _ in range(MOST_WRONG_CODES):
        with pytest.raises(WrongCode):
            link_of_code(code=right[:-1] + ("2" if right[-1] != "2" else "3"), place="a")
        assert link_of_code(code=wrong, place="a") is None
    with pytest.raises(TooManyWrongCodes):
        link_of_code(code=right, place="a")
    assert link_of_code(code=right, place="b") is not None


def test_slips_are_in_the_order_of_the_times_and_bear_what_the_ways_say():
    visit = own.small_visit()
    later, first = own.full(visit)[1::-1]
    own.booked()
    made = slips(visit)
    assert [slip.booking for slip in made][:2] == [first, later]
    way = own_way(visit=visit, need=first.need)
    assert (made[0].code, made[0].address) == (way.code, way.address)
    cancel_booking(actor=builders.user(), booking=first)
    assert first not in [slip.booking for slip in slips(visit)]


def test_slips_take_two_queries(django_assert_num_queries):
    visit = own.small_visit()
    own.full(visit)
    with django_assert_num_queries(2):
        assert [slip.booking.need.staff.unit.name for slip in slips(visit)] == ["Björkgården"] * 4


def test_whoever_is_booked_again_keeps_the_way():
    booking = own.booked()
    before = own_way(visit=booking.visit, need=booking.need)
    cancel_booking(actor=builders.user(), booking=booking)
    book_people(actor=builders.user(), visit=booking.visit, needs=[booking.need])
    assert own_way(visit=booking.visit, need=booking.need) == before
