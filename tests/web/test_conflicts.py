"""What the station sent that does not fit is shown to planners, who decide on each."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from booking.models import Booking, Visit
from booking.services.bookings import cancel_booking
from enrolment.audit.models import Entry
from photos import faults
from photos.models import Capture, Photo, StationRecord
from photos.services.station.opening import open_record
from tests import builders, conflict_builders, photo_builders, station_builders

pytestmark = pytest.mark.django_db

LIST = "/att-reda-ut/fotograferingen/"
RESCUE = "/att-reda-ut/raddning/"


@pytest.fixture
def visit():
    return builders.visit()


def planner(visit: Visit, role: str = "planner"):
    return builders.user(role, within=visit.unit.municipality.federation)


def page(record: StationRecord) -> str:
    return reverse("photos:conflict", args=[record.pk])


def image(record: StationRecord) -> str:
    return reverse("photos:conflict_image", args=[record.pk])


def opened(record: StationRecord) -> StationRecord:
    """Open a record as the server does when it has come."""
    open_record(actor=record.visit.technician.user, record_id=record.pk)
    record.refresh_from_db()
    return record


def cancelled(visit: Visit, **staff) -> Booking:
    booking = photo_builders.booked(visit, **staff)
    cancel_booking(actor=builders.user(), booking=booking)
    return booking


def looks(record_or_capture) -> int:
    lines = Entry.objects.filter(action="photos.look")
    return lines.filter(subject__endswith=str(record_or_capture.pk)).count()


# --- The list -------------------------------------------------------------------------------------


def test_the_list_says_who_and_what_the_newest_first(visit, log_in):
    booking = photo_builders.booked(visit, given_name="Karin", family_name="Lindqvist")
    first = conflict_builders.conflict(visit, booking.pk, "cancelled")
    second = conflict_builders.walk_in(visit)
    conflict_builders.record(visit, booking.pk)
    answer = log_in(planner(visit)).get(LIST)
    assert [row.record for row in answer.context["rows"]] == [second, first]
    assert [row.name for row in answer.context["rows"]] == ["Nora Ny", "Karin Lindqvist"]
    shown = answer.content.decode()
    assert visit.unit.name in shown
    assert page(first) in shown


def test_with_nothing_to_decide_the_list_says_so(visit, log_in):
    answer = log_in(planner(visit)).get(LIST)
    assert answer.context["rows"] == []
    assert 'class="empty"' in answer.content.decode()
    assert RESCUE in answer.content.decode()


@pytest.mark.parametrize("role", ["care_manager", "technician", "id_administrator", "card_issuer"])
def test_the_pages_are_for_planners(role, visit, log_in):
    record = conflict_builders.walk_in(visit)
    client = log_in(planner(visit, role))
    for address in (LIST, page(record), image(record), RESCUE):
        assert client.get(address).status_code == 404


def test_another_federations_records_are_not_there(visit, log_in):
    record = conflict_builders.walk_in(visit)
    client = log_in(builders.user("planner", within=builders.federation()))
    assert client.get(LIST).context["rows"] == []
    assert client.get(page(record)).status_code == 404
    assert client.post(page(record), {"choice": "set_aside"}).status_code == 404
    record.refresh_from_db()
    assert record.state == "conflict"


def test_the_list_asks_the_database_as_much_for_many_as_for_one(
    visit, log_in, django_assert_max_num_queries
):
    client = log_in(planner(visit))
    for _person in range(5):
        conflict_builders.conflict(visit, photo_builders.booked(visit).pk, "cancelled")
        conflict_builders.walk_in(visit)
    with django_assert_max_num_queries(12):
        client.get(LIST)


def test_a_protected_person_is_hidden_from_all_but_handlers(visit, log_in):
    booking = photo_builders.booked(visit, given_name="Hemligia", family_name="Skydd")
    record = conflict_builders.conflict(visit, booking.pk, "cancelled")
    staff = booking.need.staff
    type(staff).objects.filter(pk=staff.pk).update(protected=True)
    boss = planner(visit)
    client = log_in(boss)
    shown = client.get(LIST).content.decode()
    for trace in ("Hemligia", "Skydd ", staff.hsa_id, page(record)):
        assert trace not in shown
    for answer in (client.get(page(record)), client.get(image(record))):
        assert answer.status_code == 404
    assert client.post(page(record), {"choice": "set_aside"}).status_code == 404
    staff.handlers.add(boss)
    before = Entry.objects.filter(action="people.note_look").count()
    assert "Hemligia" in client.get(page(record)).content.decode()
    assert Entry.objects.filter(action="people.note_look").count() == before + 1


# --- One of them ----------------------------------------------------------------------------------


def test_both_values_stand_where_laptop_and_server_differ(visit, log_in):
    capture = photo_builders.photo(photo_builders.checked_in(visit)).capture
    photo_builders.found(capture, component="sharpness", answer="warn", advice_code="focus")
    record = conflict_builders.differing(capture, "warn")
    answer = log_in(planner(visit)).get(page(record))
    eyes, sharpness = answer.context["differences"]
    assert (eyes.station.answer, eyes.station.value) == ("warn", "0,04")
    assert (eyes.server.answer, eyes.server.value) == ("pass", "0,032")
    assert sharpness.station is None
    assert answer.context["choices"] == ("seen",)


@pytest.mark.parametrize(
    "findings", [["x"], [{}], [{"component": "eyes open"}], [{"component": 3, "answer": []}], "abc"]
)
def test_findings_that_make_no_sense_are_passed_over(findings, visit, log_in):
    capture = photo_builders.photo(photo_builders.checked_in(visit)).capture
    record = conflict_builders.differing(capture)
    Capture.objects.filter(pk=capture.pk).update(station={"verdict": "warn", "findings": findings})
    assert log_in(planner(visit)).get(page(record)).context["differences"] == []


def test_a_value_that_is_no_number_is_left_out(visit, log_in):
    capture = photo_builders.photo(photo_builders.checked_in(visit)).capture
    record = conflict_builders.differing(capture)
    found = [{"component": "eyes open", "answer": "warn", "value": "<b>hög</b>"}]
    Capture.objects.filter(pk=capture.pk).update(station={"verdict": "warn", "findings": found})
    [eyes] = log_in(planner(visit)).get(page(record)).context["differences"]
    assert eyes.station.value == ""


def test_what_the_laptop_told_is_shown(visit, log_in):
    record = conflict_builders.walk_in(
        visit, document="vouched", vouched_by="Ada Chef", note="Kom från natten", tries=4
    )
    shown = log_in(planner(visit)).get(page(record)).content.decode()
    for told in ("Nora Ny", "nora@example.org", "Ada Chef", "Kom från natten"):
        assert told in shown


@pytest.mark.parametrize("code", StationRecord.Conflict.values)
@pytest.mark.parametrize("kind", ["photo", "no_show", ""])
def test_every_kind_of_conflict_has_its_page(code, kind, visit, log_in):
    booking = photo_builders.booked(visit)
    record = conflict_builders.conflict(visit, booking.pk, code)
    StationRecord.objects.filter(pk=record.pk).update(kind=kind)
    client = log_in(planner(visit))
    assert client.get(page(record)).status_code == 200
    assert client.get(LIST).status_code == 200


def test_a_record_that_could_not_be_opened_has_a_page_without_a_header(visit, log_in):
    record = conflict_builders.conflict(visit, uuid.uuid4(), "cannot_open")
    StationRecord.objects.filter(pk=record.pk).update(header={}, kind="", opened_at=None)
    client = log_in(planner(visit))
    answer = client.get(page(record))
    assert answer.status_code == 200
    assert image(record) not in answer.content.decode()


def test_a_time_in_another_visit_is_never_the_one_a_record_is_about(visit, log_in):
    beyond = photo_builders.booked(builders.visit(), given_name="Främling", family_name="Annan")
    record = conflict_builders.conflict(visit, beyond.pk, "unknown_walk_in")
    client = log_in(planner(visit))
    for address in (LIST, page(record)):
        assert "Främling" not in client.get(address).content.decode()


def test_somebody_who_walked_in_and_is_protected_is_hidden_once_known(visit, log_in):
    capture = photo_builders.photo(photo_builders.checked_in(visit, protected=True)).capture
    person = {"given_name": "Hemligia", "family_name": "Skydd", "contact": ""}
    record = conflict_builders.conflict(
        visit, uuid.uuid4(), "verdict_differs", id=capture.pk, header={"walk_in": person}
    )
    client = log_in(planner(visit))
    assert "Hemligia" not in client.get(LIST).content.decode()
    assert client.get(page(record)).status_code == 404
    assert client.get(image(record)).status_code == 404


# --- The picture ----------------------------------------------------------------------------------


def test_the_picture_of_a_capture_is_shown_and_each_look_is_logged(visit, log_in):
    capture = photo_builders.photo(photo_builders.checked_in(visit)).capture
    record = conflict_builders.differing(capture)
    client = log_in(planner(visit))
    assert image(record) in client.get(page(record)).content.decode()
    answer = client.get(image(record))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["Cache-Control"] == "no-store, private"
    assert looks(capture) == 1


def test_the_picture_that_was_not_taken_in_is_opened_to_be_looked_at(visit, log_in):
    record = opened(station_builders.received(cancelled(visit), jpeg=photo_builders.jpeg()))
    assert record.conflict == "cancelled"
    client = log_in(planner(visit))
    answer = client.get(image(record))
    assert answer.content == photo_builders.jpeg()
    assert looks(record) == 1


def test_a_picture_that_nobody_has_to_decide_on_is_not_shown(visit, log_in):
    capture = photo_builders.photo(photo_builders.checked_in(visit)).capture
    record = conflict_builders.differing(capture)
    StationRecord.objects.filter(pk=record.pk).update(state="settled", settled_at=timezone.now())
    client = log_in(planner(visit))
    assert client.get(image(record)).status_code == 404
    assert looks(capture) == 0


def test_the_photo_it_is_compared_with_is_shown_too(visit, log_in):
    booking = photo_builders.checked_in(visit)
    capture = photo_builders.photo(booking).capture
    kept = conflict_builders.record(visit, booking.pk, id=capture.pk)
    second = conflict_builders.conflict(visit, booking.pk, "two_photos")
    client = log_in(planner(visit))
    answer = client.get(page(second))
    assert [other.photo.capture_id for other in answer.context["others"]] == [capture.pk]
    assert image(kept) in answer.content.decode()
    assert client.get(image(kept)).status_code == 200


# --- The decision ---------------------------------------------------------------------------------


def test_a_photo_of_a_cancelled_time_is_used(visit, log_in):
    record = opened(station_builders.received(cancelled(visit)))
    boss = planner(visit)
    answer = log_in(boss).post(page(record), {"choice": "use"})
    assert answer.url == LIST
    record.refresh_from_db()
    assert (record.state, record.settled_as, record.settled_by) == ("settled", "use", boss)
    assert Photo.objects.filter(capture=record.pk).exists()


def test_a_photo_is_set_aside(visit, log_in):
    record = opened(station_builders.received(cancelled(visit), jpeg=photo_builders.jpeg()))
    client = log_in(planner(visit))
    assert client.post(page(record), {"choice": "set_aside"}).url == LIST
    record.refresh_from_db()
    assert (record.state, record.settled_as) == ("settled", "set_aside")
    assert not Photo.objects.exists()
    assert client.get(LIST).context["rows"] == []
    settled = client.get(page(record))
    assert settled.status_code == 200
    assert 'name="choice"' not in settled.content.decode()


def test_what_is_not_offered_is_refused_and_the_page_stays(visit, log_in):
    capture = photo_builders.photo(photo_builders.checked_in(visit)).capture
    record = conflict_builders.differing(capture)
    client = log_in(planner(visit))
    for sent in ({"choice": "use"}, {"choice": "nonsense"}, {}):
        assert client.post(page(record), sent).status_code == 200
    record.refresh_from_db()
    assert record.state == "conflict"
    assert client.post(page(record), {"choice": "seen"}).url == LIST
    record.refresh_from_db()
    assert (record.state, record.settled_as) == ("settled", "seen")


def test_decided_twice_is_decided_once(visit, log_in):
    record = conflict_builders.conflict(visit, uuid.uuid4(), "cannot_open")
    client = log_in(planner(visit))
    assert client.post(page(record), {"choice": "set_aside"}).status_code == 302
    answer = client.post(page(record), {"choice": "seen"})
    assert answer.status_code == 200
    record.refresh_from_db()
    assert record.settled_as == "set_aside"


def test_what_is_in_use_meanwhile_is_not_set_aside_and_the_planner_is_told(visit, log_in):
    capture = photo_builders.photo(photo_builders.checked_in(visit)).capture
    facts = {"id": capture.pk}
    record = conflict_builders.conflict(visit, capture.booking_id, "not_taken_in", **facts)
    client = log_in(planner(visit))
    told = client.post(page(record), {"choice": "set_aside"}).content.decode()
    assert faults.sentence("taken_in_meanwhile") in told
    record.refresh_from_db()
    assert (record.state, record.settled_as) == ("conflict", "")
    StationRecord.objects.filter(pk=record.pk).update(state="taken", conflict="")
    told = client.post(page(record), {"choice": "set_aside"}).content.decode()
    assert gettext("This has been taken in meanwhile. There is nothing more to decide.") in told
    record.refresh_from_db()
    assert (record.state, record.settled_as) == ("taken", "")


def test_who_walked_in_is_searched_for_and_chosen(visit, log_in):
    nora = builders.staff(visit.unit, given_name="Nora", family_name="Ny")
    builders.need(nora)
    without = builders.staff(visit.unit, given_name="Nora", family_name="Nog")
    builders.staff(builders.unit(), given_name="Nora", family_name="Annan")
    record = opened(station_builders.walked_in(visit))
    client = log_in(planner(visit))
    assert client.get(page(record)).context["found"] == []
    answer = client.get(page(record), {"q": "nora"})
    assert answer.context["found"] == [without, nora]
    unnamed = client.post(page(record), {"choice": "use"})
    assert unnamed.context["form"].errors["staff"]
    assert client.post(page(record), {"choice": "use", "staff": nora.pk}).status_code == 302
    record.refresh_from_db()
    assert record.settled_as == "use"
    assert Photo.objects.get(capture=record.pk).capture.booking.need.staff == nora


def test_nobody_of_another_unit_can_be_chosen(visit, log_in):
    stranger = builders.staff(builders.unit())
    builders.need(stranger)
    record = conflict_builders.walk_in(visit)
    answer = log_in(planner(visit)).post(page(record), {"choice": "use", "staff": stranger.pk})
    assert answer.context["form"].errors["staff"]
    record.refresh_from_db()
    assert record.state == "conflict"


# --- The rescue file ------------------------------------------------------------------------------


def upload(client, content: bytes):
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile("besok.fotorundan", content)
    return client.post(RESCUE, {"file": file})


def test_a_rescue_file_is_taken_in_and_what_came_of_it_is_told(visit, log_in):
    booking, stranger = photo_builders.booked(visit), builders.visit()
    sending = station_builders.sent(visit, booking.pk, jpeg=photo_builders.jpeg())
    foreign = station_builders.sent(stranger, uuid.uuid4(), jpeg=photo_builders.jpeg())
    client = log_in(planner(visit))
    file = station_builders.rescue_file(sending, foreign)
    answer = upload(client, file)
    assert (answer.context["summary"].new, answer.context["summary"].same) == (1, 0)
    [(line, why)] = answer.context["refused"]
    assert line == 3
    assert why in answer.content.decode()
    assert StationRecord.objects.get().way == "rescue"
    again = upload(client, file)
    assert (again.context["summary"].new, again.context["summary"].same) == (0, 1)


@pytest.mark.parametrize("content", [b"hej", b"{}\n", b"\x00\xff" * 99])
def test_another_file_is_refused_with_a_reason(content, visit, log_in):
    answer = upload(log_in(planner(visit)), content)
    assert answer.context["form"].errors["file"]
    assert not StationRecord.objects.exists()


def test_no_file_is_asked_for_again(visit, log_in):
    answer = log_in(planner(visit)).post(RESCUE, {})
    assert answer.context["form"].errors["file"]


# --- On the pages around --------------------------------------------------------------------------


def test_the_start_page_tells_planners_what_waits(visit, log_in):
    start = reverse("desk:start")
    boss = planner(visit)
    client = log_in(boss)
    assert LIST not in client.get(start).content.decode()
    conflict_builders.walk_in(visit)
    assert LIST in client.get(start).content.decode()
    manager = log_in(builders.user("care_manager", within=visit.unit))
    assert LIST not in manager.get(start).content.decode()


def test_the_start_page_tells_of_laptops_that_hold_photos_a_day_after(visit, log_in):
    start, client = reverse("desk:start"), log_in(planner(visit))
    laptop = conflict_builders.laptop(visit, unsent=2)
    conflict_builders.laptop(visit, unsent=3)
    wrap_up = reverse("photos:wrap_up", args=[visit.pk])
    assert wrap_up not in client.get(start).content.decode()
    Visit.objects.filter(pk=visit.pk).update(
        starts_at=timezone.now() - timedelta(hours=27),
        ends_at=timezone.now() - timedelta(hours=25),
    )
    answer = client.get(start)
    assert [late.unsent for late in answer.context["start"].unsent] == [5]
    assert wrap_up in answer.content.decode()
    type(laptop).objects.update(cleaned_at=timezone.now())
    assert wrap_up not in client.get(start).content.decode()


def test_the_start_page_tells_of_laptops_that_were_never_heard_of(visit, log_in):
    conflict_builders.laptop(visit, reported_at=None)
    begun, ended = timezone.now() - timedelta(hours=27), timezone.now() - timedelta(hours=25)
    Visit.objects.filter(pk=visit.pk).update(starts_at=begun, ends_at=ended)
    answer = log_in(planner(visit)).get(reverse("desk:start"))
    assert [late.unsent for late in answer.context["start"].unsent] == [0]
    assert reverse("photos:wrap_up", args=[visit.pk]) in answer.content.decode()


def test_a_technician_opens_the_station_from_the_own_visits(visit, log_in):
    address, station = reverse("booking:list"), reverse("photos:station")
    wrap_up = reverse("photos:wrap_up", args=[visit.pk])
    client = log_in(visit.technician.user)
    assert station in client.get(address).content.decode()
    assert wrap_up not in client.get(address).content.decode(), "it has not begun"
    Visit.objects.filter(pk=visit.pk).update(starts_at=timezone.now())
    assert wrap_up in client.get(address).content.decode()
    manager = log_in(builders.user("care_manager", within=visit.unit))
    shown = manager.get(address).content.decode()
    assert visit.unit.name in shown
    assert station not in shown
    assert wrap_up not in shown


def test_the_visits_page_leads_to_the_station_the_older_way_and_the_wrap_up(visit, log_in):
    shown = log_in(visit.technician.user).get(reverse("booking:visit", args=[visit.pk]))
    for name, held in (("station", []), ("visit", [visit.pk]), ("wrap_up", [visit.pk])):
        assert reverse(f"photos:{name}", args=held) in shown.content.decode()


def test_the_reviewer_sees_what_the_station_said(visit, log_in):
    booking = photo_builders.checked_in(visit)
    booking.identity_check.document, booking.identity_check.vouched_by = "vouched", "Ada Chef"
    booking.identity_check.save()
    capture = photo_builders.photo(booking).capture
    found = [{"component": "eyes open", "answer": "warn", "value": 0.04}]
    Capture.objects.filter(pk=capture.pk).update(
        tries=4,
        accepted_anyway="glasses",
        station={"verdict": "warn", "findings": found, "without_model": False},
    )
    answer = log_in(photo_builders.reviewer(visit)).get("/granska/")
    shown = answer.content.decode()
    assert "Ada Chef" in shown
    assert [each.station.answer for each in answer.context["differences"]] == ["warn"]
    Capture.objects.filter(pk=capture.pk).update(station={"verdict": "pass", "findings": found})
    same = log_in(photo_builders.reviewer(visit)).get("/granska/")
    assert same.context["differences"] == []
