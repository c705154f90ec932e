"""What a laptop takes along: people, no more of them than is needed, and the limits."""

import base64
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from booking.domain.states import BookingStatus
from booking.models import Booking, OwnLink, Slot, Visit
from booking.queries.own_time import slips
from booking.services.bookings import cancel_booking
from booking.services.checkin import record_no_show
from booking.services.own_links import revoke_way
from enrolment.audit.models import Entry
from enrolment.people.domain.stages import Stage
from enrolment.people.models import CardNeed, Rule, Staff
from photos.models import Laptop, Photo
from photos.profiles import load_profile
from photos.queries.station_package import versions_of
from photos.services.review import reject_photo
from photos.services.station.keys import key_of
from photos.services.station.packages import prepare_laptop
from tests import builders, photo_builders
from tests.station_builders import DEVICE, OTHER_DEVICE

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit() -> Visit:
    made = builders.visit()
    return Visit.objects.select_related("unit__municipality__federation").get(pk=made.pk)


def package(visit: Visit, device=DEVICE) -> dict:
    return prepare_laptop(actor=photo_builders.technician(visit), visit=visit, device=device)


def names(visit: Visit) -> list[str]:
    return [person["given_name"] for person in package(visit)["people"]]


def test_the_package_has_visit_key_people_and_profile_and_is_plain_json(visit):
    booking = photo_builders.booked(visit, given_name="Åsa", family_name="Öberg")
    told = package(visit)
    assert json.loads(json.dumps(told)) == told
    technician = photo_builders.technician(visit)
    assert (told["schema"], told["user"]["id"]) == ("station/1", str(technician.pk))
    assert told["visit"] == {
        "id": str(visit.pk),
        "unit": "Björkgården",
        "address": "Storgatan 1, Lidköping",
        "room": "",
        "starts_at": told["visit"]["starts_at"],
        "ends_at": told["visit"]["ends_at"],
        "federation": "Ådalens IT",
    }
    assert base64.b64decode(told["public_key"]) == bytes(key_of(visit).public_key)
    [slip] = slips(visit)
    assert told["people"] == [
        {
            "subject": str(booking.pk),
            "given_name": "Åsa",
            "family_name": "Öberg",
            "code": slip.code,
            "time": told["visit"]["starts_at"],
            "flags": [],
            "state": "booked",
        }
    ]


def test_the_profile_is_the_one_in_force_with_its_overrides(visit):
    federation = visit.unit.municipality.federation
    yaw = {"pass_max": 7, "source": "Styrelsen § 12", "date": "2026-01-01"}
    told = {"federation": federation, "key": "photo_limits", "valid_from": "2026-01-01"}
    Rule.objects.create(**told, value={"limits": {"yaw": yaw}})
    profile = package(visit)["profile"]
    plain = load_profile()
    assert (profile["key"], profile["title"]) == (plain.key, plain.title)
    assert set(profile["card"]) == {"width_px", "height_px", "dpi", "head_height", "eye_line"}
    assert profile["limits"]["yaw"]["pass_max"] == 7
    assert set(profile["limits"]) == set(plain.limits)
    assert profile["limits"]["sharpness"] == {
        "pass_min": plain.limits["sharpness"].pass_min,
        "pass_max": plain.limits["sharpness"].pass_max,
        "warn_min": plain.limits["sharpness"].warn_min,
        "warn_max": plain.limits["sharpness"].warn_max,
        "gravest": plain.limits["sharpness"].gravest,
    }


def test_rules_that_make_no_sense_keep_nobody_from_leaving(visit):
    federation = visit.unit.municipality.federation
    told = {"federation": federation, "key": "photo_limits", "valid_from": "2026-01-01"}
    Rule.objects.create(**told, value={"limits": 3})
    assert package(visit)["profile"]["key"] == load_profile().key


def test_protected_persons_and_cancelled_times_are_never_in_it(visit):
    photo_builders.booked(visit, given_name="Kvar")
    photo_builders.booked(visit, given_name="Hemlig", protected=True)
    gone = photo_builders.booked(visit, given_name="Avbokad")
    cancel_booking(actor=builders.user(), booking=gone)
    assert names(visit) == ["Kvar"]
    later = Booking.objects.get(need__staff__given_name="Kvar").need.staff
    later.protected = True
    later.save()
    assert names(visit) == []


def test_nothing_more_than_name_code_and_time_is_told_of_anybody(visit):
    booking = photo_builders.booked(visit)
    staff = booking.need.staff
    told = json.dumps(package(visit), ensure_ascii=False)
    for secret in (staff.email, staff.hsa_id, str(staff.pk), str(booking.need_id)):
        assert secret not in told


def test_who_needs_a_new_photo_is_flagged(visit):
    photo_builders.photo(photo_builders.checked_in(visit))
    reject_photo(actor=photo_builders.reviewer(visit), photo=Photo.objects.get(), reason="light")
    [person] = package(visit)["people"]
    assert (person["flags"], person["state"]) == (["retake"], "done")


def test_a_code_is_made_where_there_is_none_and_a_closed_one_is_not_opened_again(visit):
    photo_builders.booked(visit)
    OwnLink.objects.all().delete()
    assert package(visit)["people"][0]["code"] == slips(visit)[0].code
    revoke_way(actor=builders.user(), booking=Booking.objects.get())
    assert package(visit)["people"][0]["code"] == ""


def test_the_version_is_the_same_until_something_changes(visit):
    booking = photo_builders.booked(visit)
    first = package(visit)["version"]
    assert package(visit)["version"] == first
    user, fresh = photo_builders.technician(visit), Visit.objects.get(pk=visit.pk)
    assert versions_of(fresh, user)["version"] == first
    Booking.objects.filter(pk=booking.pk).update(status=BookingStatus.CHECKED_IN)
    assert package(visit)["version"] != first


def test_a_visit_nobody_was_made_ready_for_has_no_version(visit):
    told = versions_of(visit, photo_builders.technician(visit))
    assert told == {"version": "", "list_version": ""}


def test_what_happens_to_people_makes_no_other_list_but_another_package(visit):
    booking = photo_builders.booked(visit)
    first = package(visit)
    record_no_show(actor=builders.user(), booking=booking)
    later = package(visit)
    assert later["people"] != first["people"]
    assert later["list_version"] == first["list_version"]
    assert later["version"] != first["version"]


def renamed(booking):
    Staff.objects.filter(pk=booking.need.staff_id).update(given_name="Annan")


def moved(booking):
    Slot.objects.filter(pk=booking.slot_id).update(station=7, starts_at=booking.visit.ends_at)


def cancelled(booking):
    cancel_booking(actor=builders.user(), booking=booking)


def taken_again(booking):
    CardNeed.objects.filter(pk=booking.need_id).update(stage=Stage.RETAKE)


def recoded(booking):
    OwnLink.objects.filter(visit=booking.visit).delete()


def joined(booking):
    photo_builders.booked(booking.visit)


@pytest.mark.parametrize("change", [renamed, moved, cancelled, taken_again, recoded, joined])
def test_who_comes_when_and_with_which_code_and_flags_makes_the_list(visit, change):
    booking = photo_builders.booked(visit)
    first = package(visit)["list_version"]
    assert package(visit)["list_version"] == first
    change(booking)
    fresh = Visit.objects.select_related("station_key").get(pk=visit.pk)
    now = versions_of(fresh, photo_builders.technician(visit))
    assert now["list_version"] not in ("", first)


def test_each_laptop_is_remembered_with_what_it_has(visit):
    photo_builders.booked(visit)
    first = package(visit)
    package(visit)
    package(visit, OTHER_DEVICE)
    laptops = Laptop.objects.order_by("prepared_at")
    assert {laptop.device for laptop in laptops} == {DEVICE, OTHER_DEVICE}
    assert {laptop.version for laptop in laptops} == {first["version"]}
    assert all(laptop.prepared_at <= timezone.now() for laptop in laptops)


def test_each_package_is_one_line_in_the_log_with_nobodys_name(visit):
    photo_builders.booked(visit, family_name="Öberg")
    told = package(visit)
    entry = Entry.objects.get(action="photos.prepare_laptop")
    assert entry.details == {"device": str(DEVICE), "version": told["version"], "people": 1}


def test_it_takes_as_many_queries_for_many_people_as_for_one(visit):
    photo_builders.booked(visit)
    package(visit)
    with CaptureQueriesContext(connection) as one:
        package(visit)
    for _ in range(9):
        photo_builders.booked(visit)
    with CaptureQueriesContext(connection) as ten:
        assert len(package(visit)["people"]) == 10
    assert len(ten) == len(one)
