"""A visit's key opens what is sealed for it, and is destroyed when nothing more can come."""

import uuid
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.db import IntegrityError, transaction
from django.utils import timezone

from booking.models import Booking, Visit
from booking.services.checkin import record_no_show
from booking.services.visits import close_visit
from enrolment import vault
from enrolment.audit.models import Entry
from photos.models import Laptop, StationKey, StationRecord
from photos.services.refusals import KeyDestroyed, UnknownLaptop, VisitGoesOn
from photos.services.station import keys
from photos.services.station.keys import destroy_key, destroy_keys, key_of
from photos.services.station.laptops import report_laptop, write_off_laptop
from photos.services.station.opening import open_record
from photos.services.station.packages import prepare_laptop
from photos.services.station.settling import settle_record
from photos.services.station.taking import STATION
from photos.tasks import destroy_keys as each_minute
from tests import builders, photo_builders, station_builders
from tests.station_builders import DEVICE, OTHER_DEVICE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_key_pairs")]


@pytest.fixture
def booking() -> Booking:
    return photo_builders.booked()


def prepared(booking: Booking, device: uuid.UUID = DEVICE) -> None:
    technician = photo_builders.technician(booking)
    prepare_laptop(actor=technician, visit=booking.visit, device=device)


def told(booking: Booking, unsent: int = 0, *, cleaned: bool = False, device=DEVICE) -> None:
    technician = photo_builders.technician(booking)
    report_laptop(
        actor=technician, visit=booking.visit, device=device, unsent=unsent, cleaned=cleaned
    )


def days_ago(booking: Booking, days: int) -> None:
    ends_at = timezone.now() - timedelta(days=days)
    times = {"starts_at": ends_at - timedelta(hours=2), "ends_at": ends_at}
    Visit.objects.filter(pk=booking.visit_id).update(**times)


def close(booking: Booking, days: int = 2) -> None:
    if booking.visit.bookings.filter(status="booked").exists():
        record_no_show(actor=builders.user(), booking=booking)
    close_visit(actor=builders.user(), visit=booking.visit)
    days_ago(booking, days)


def is_destroyed(booking: Booking) -> bool:
    gone = destroy_key(actor=STATION, visit=booking.visit)
    key = StationKey.objects.get(visit=booking.visit)
    assert gone == (key.destroyed_at is not None) == (bytes(key.private_key) == b"")
    return gone


def test_a_visit_has_one_pair_of_3072_bits_and_the_private_half_lies_in_the_vault(booking):
    key = key_of(booking.visit)
    assert load_der_public_key(bytes(key.public_key)).key_size == 3072
    assert key_of(booking.visit).public_key == key.public_key
    place = f"photos_stationkey:private_key:{booking.visit_id}"
    assert vault.unseal(bytes(key.private_key), place)
    with pytest.raises(vault.VaultError):
        vault.unseal(bytes(key.private_key), f"photos_stationkey:private_key:{uuid.uuid4()}")
    assert Entry.objects.filter(action="photos.make_station_key").count() == 1


def test_the_key_stays_while_the_visit_is_open(booking):
    prepared(booking)
    told(booking, cleaned=True)
    assert not is_destroyed(booking)


def test_the_key_goes_when_the_visit_is_closed_and_the_laptop_holds_nothing(booking):
    prepared(booking)
    close(booking)
    told(booking, 0)
    assert is_destroyed(booking)
    assert is_destroyed(booking)
    assert Entry.objects.filter(action="photos.destroy_station_key").count() == 1


def test_a_laptop_that_may_photograph_on_keeps_the_key_for_a_day_or_until_it_is_left_clean(booking):
    prepared(booking)
    close(booking, days=0)
    told(booking, 0)
    assert not is_destroyed(booking)
    told(booking, 0, cleaned=True)
    assert is_destroyed(booking)


@pytest.mark.parametrize("unsent", [None, 3])
def test_the_key_stays_while_a_laptop_holds_something_or_has_not_told(booking, unsent):
    prepared(booking)
    prepared(booking, OTHER_DEVICE)
    close(booking)
    told(booking, 0)
    if unsent is not None:
        told(booking, unsent, device=OTHER_DEVICE)
    assert not is_destroyed(booking)
    told(booking, 0, device=OTHER_DEVICE)
    assert is_destroyed(booking)


def test_what_a_laptop_told_before_the_visit_was_closed_says_nothing_of_what_came_after(booking):
    prepared(booking)
    told(booking, 0)
    earlier = timezone.now() - timedelta(hours=3)
    Laptop.objects.update(reported_at=earlier)
    close(booking)
    assert not is_destroyed(booking)


def test_a_laptop_left_clean_owes_nothing_until_it_is_made_ready_again(booking):
    prepared(booking)
    told(booking, 0, cleaned=True)
    prepared(booking)
    close(booking)
    assert not is_destroyed(booking)
    told(booking, 0, cleaned=True)
    assert is_destroyed(booking)


def test_what_a_laptop_told_before_it_was_made_ready_again_says_nothing(booking):
    prepared(booking)
    close(booking)
    told(booking, 0)
    prepared(booking)
    assert not is_destroyed(booking)
    told(booking, 0)
    assert is_destroyed(booking)


def test_a_laptop_that_will_not_be_heard_of_is_written_off_and_the_key_goes(booking):
    prepared(booking)
    close(booking)
    planner, laptop = builders.user(), Laptop.objects.get()
    for _ in range(2):
        write_off_laptop(actor=planner, laptop=laptop)
    entry = Entry.objects.get(action="photos.write_off_laptop")
    assert (entry.actor, entry.details["device"]) == (planner.audit_name, str(DEVICE))
    assert is_destroyed(booking)


def test_no_laptop_is_written_off_while_people_are_photographed(booking):
    prepared(booking)
    with pytest.raises(VisitGoesOn):
        write_off_laptop(actor=builders.user(), laptop=Laptop.objects.get())
    assert Laptop.objects.get().cleaned_at is None
    an_hour_ago = timezone.now() - timedelta(hours=1)
    Visit.objects.update(starts_at=an_hour_ago - timedelta(hours=2), ends_at=an_hour_ago)
    write_off_laptop(actor=builders.user(), laptop=Laptop.objects.get())
    assert Laptop.objects.get().cleaned_at


def test_a_laptop_written_off_that_holds_something_after_all_counts_again(booking):
    prepared(booking)
    close(booking)
    write_off_laptop(actor=builders.user(), laptop=Laptop.objects.get())
    told(booking, 2)
    assert not is_destroyed(booking)
    told(booking, 0)
    assert is_destroyed(booking)


def test_the_key_stays_while_something_waits_to_be_opened(booking):
    prepared(booking)
    record = station_builders.received(booking, kind="note")
    close(booking)
    told(booking)
    assert not is_destroyed(booking)
    open_record(actor=STATION, record_id=record.pk)
    assert is_destroyed(booking)


def test_the_key_stays_while_a_planner_may_use_what_was_sent(booking):
    prepared(booking)
    record = open_record(actor=STATION, record_id=station_builders.walked_in(booking.visit).pk)
    close(booking)
    told(booking)
    assert not is_destroyed(booking)
    settle_record(actor=builders.user(), record=record, choice="set_aside")
    assert is_destroyed(booking)


def test_a_destroyed_key_opens_nothing_and_nothing_more_is_received(booking):
    prepared(booking)
    late = station_builders.sent(booking.visit, booking.pk, kind="note")
    close(booking)
    told(booking)
    each_minute()
    with pytest.raises(KeyDestroyed):
        station_builders.receive_record(**late)
    with pytest.raises(KeyDestroyed):
        prepared(booking)
    assert not StationRecord.objects.exists()


def test_the_database_keeps_no_private_key_that_is_said_to_be_destroyed(booking):
    key = key_of(booking.visit)
    key.destroyed_at = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        key.save()


def test_each_minute_the_keys_that_are_due_are_destroyed(booking):
    other = photo_builders.booked()
    for each in (booking, other):
        prepared(each)
        told(each, cleaned=True)
    close(booking)
    destroy_keys()
    gone = StationKey.objects.exclude(destroyed_at=None)
    assert [key.visit_id for key in gone] == [booking.visit_id]


def test_a_laptop_that_was_never_made_ready_is_not_known(booking):
    prepared(booking)
    with pytest.raises(UnknownLaptop):
        told(booking, device=OTHER_DEVICE)


def test_that_a_laptop_was_left_clean_is_in_the_log_once(booking):
    prepared(booking)
    for _ in range(2):
        told(booking, 0, cleaned=True)
    assert Entry.objects.filter(action="photos.clean_laptop").count() == 1
    assert Laptop.objects.get().cleaned_at


def test_keys_made_at_the_same_time_are_one(booking, monkeypatch):
    whole, made = keys._make, []

    def slow(visit):
        if not made:
            made.append(visit)
            key_of(visit)
        return whole(visit)

    monkeypatch.setattr(keys, "_make", slow)
    key = key_of(booking.visit)
    assert bytes(StationKey.objects.get().public_key) == bytes(key.public_key)
