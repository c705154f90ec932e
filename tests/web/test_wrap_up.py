"""After the visit: who is done, who is missing, what the laptops hold, and the key's end."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from booking.models import Booking, Slot, Visit
from booking.services.checkin import record_no_show
from booking.services.visits import close_visit
from enrolment.desk.templatetags.house import local_time
from photos.models import Capture, Laptop, StationKey, StationRecord
from tests import builders, conflict_builders, photo_builders
from tests.conflict_builders import laptop

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit():
    return builders.visit()


def page(visit: Visit) -> str:
    return reverse("photos:wrap_up", args=[visit.pk])


def text(client, visit: Visit) -> str:
    answer = client.get(page(visit))
    assert answer.status_code == 200
    return answer.content.decode()


def planner(visit: Visit):
    return builders.user("planner", within=visit.unit.municipality.federation)


def due(booking: Booking) -> Booking:
    """Let the time of the booking have come."""
    begun = timezone.now() - timedelta(minutes=20)
    Slot.objects.filter(pk=booking.slot_id).update(starts_at=begun)
    return booking


def noted(visit: Visit, subject: uuid.UUID, note: str, **header) -> StationRecord:
    return conflict_builders.record(visit, subject, "note", header={"note": note, **header})


# --- Who sees it ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["planner", "administrator"])
def test_planners_see_it(role, visit, log_in):
    user = builders.user(role, within=visit.unit.municipality.federation)
    assert log_in(user).get(page(visit)).status_code == 200


@pytest.mark.parametrize("role", ["care_manager", "id_administrator", "technician", "card_issuer"])
def test_others_do_not(role, visit, log_in):
    user = builders.user(role, within=visit.unit.municipality.federation)
    assert log_in(user).get(page(visit)).status_code == 404


def test_an_activation_visit_has_none(log_in):
    visit = builders.visit(kind="activation", slot_minutes=15)
    assert log_in(visit.technician.user).get(page(visit)).status_code == 404


# --- Who is done, who is missing ------------------------------------------------------------------


def test_the_technician_sees_who_is_done_and_who_is_missing(visit, log_in):
    photo_builders.photo(photo_builders.checked_in(visit, family_name="Klarström"))
    photo_builders.booked(visit, family_name="Saknad")
    record_no_show(
        actor=visit.technician.user,
        booking=due(photo_builders.booked(visit, family_name="Borta")),
    )
    answer = log_in(visit.technician.user).get(page(visit))
    found = answer.context["found"]
    names = [
        [each.booking.need.staff.family_name for each in group]
        for group in (found.done, found.missing, found.no_shows)
    ]
    assert names == [["Klarström"], ["Saknad"], ["Borta"]]
    shown = answer.content.decode()
    assert shown.index("Saknad") < shown.index("Klarström") < shown.index("Borta")


def test_who_should_have_come_is_noted_as_a_no_show_and_one_is_back_on_the_page(visit, log_in):
    missing = due(photo_builders.booked(visit))
    client = log_in(visit.technician.user)
    assert f'value="{missing.pk}"' in text(client, visit)
    answer = client.post(page(visit), {"booking": missing.pk})
    assert answer.url == page(visit)
    missing.refresh_from_db()
    assert missing.status == "no_show"
    assert f'value="{missing.pk}"' not in text(client, visit)


def test_whose_time_has_not_come_has_no_button(visit, log_in):
    coming = photo_builders.booked(visit)
    assert f'value="{coming.pk}"' not in text(log_in(visit.technician.user), visit)


def test_who_is_done_can_not_be_noted(visit, log_in):
    done = photo_builders.photo(photo_builders.checked_in(visit)).capture.booking
    client = log_in(visit.technician.user)
    answer = client.post(page(visit), {"booking": done.pk}, follow=True)
    done.refresh_from_db()
    assert done.status == "done"
    assert "notice-error" in answer.content.decode()


@pytest.mark.parametrize("sent", [{}, {"booking": "nonsense"}, {"booking": uuid.uuid4()}])
def test_nobody_is_noted_without_a_booking_of_the_visit(sent, visit, log_in):
    another = builders.visit(visit.unit, visit.technician, starts_at=builders.tomorrow(13))
    elsewhere = due(photo_builders.booked(another))
    client = log_in(visit.technician.user)
    assert client.post(page(visit), sent).status_code == 404
    assert client.post(page(visit), {"booking": elsewhere.pk}).status_code == 404
    elsewhere.refresh_from_db()
    assert elsewhere.status == "booked"


def test_a_protected_person_is_counted_but_not_named(visit, log_in):
    booking = due(photo_builders.booked(visit, given_name="Hemligia", family_name="Skydd"))
    staff = booking.need.staff
    type(staff).objects.filter(pk=staff.pk).update(protected=True)
    noted(visit, booking.pk, "Kom med hemlig bil")
    client = log_in(visit.technician.user)
    answer = client.get(page(visit))
    shown = answer.content.decode()
    assert len(answer.context["found"].missing) == 1
    for trace in ("Hemligia", staff.hsa_id, "hemlig bil", str(booking.pk)):
        assert trace not in shown
    staff.handlers.add(visit.technician.user)
    assert "Hemligia" in text(client, visit)


# --- Notes, laptops and the key -------------------------------------------------------------------


def test_notes_stand_with_the_name_they_are_about(visit, log_in):
    booking = photo_builders.booked(visit, given_name="Karin", family_name="Lindqvist")
    noted(visit, booking.pk, "Ville stå upp")
    noted(visit, uuid.uuid4(), "Kom från nattskiftet", walk_in={"given_name": "Nora"})
    notes = log_in(planner(visit)).get(page(visit)).context["found"].notes
    assert [(note.name, note.text) for note in notes] == [
        ("Karin Lindqvist", "Ville stå upp"),
        ("Nora", "Kom från nattskiftet"),
    ]


def test_a_note_on_somebody_who_walked_in_and_is_protected_is_not_shown(visit, log_in):
    walked_in = uuid.uuid4()
    person = {"given_name": "Hemligia", "family_name": "Skydd", "contact": ""}
    noted(visit, walked_in, "Kom med hemlig bil", walk_in=person)
    client = log_in(visit.technician.user)
    assert "hemlig bil" in text(client, visit)
    capture = photo_builders.photo(photo_builders.checked_in(visit, protected=True)).capture
    conflict_builders.record(visit, walked_in, id=capture.pk, header={"walk_in": person})
    assert "hemlig bil" not in text(client, visit)
    assert "Hemligia" not in text(client, visit)


def test_a_laptop_that_holds_photos_is_said_first_and_the_visit_is_not_closed_yet(visit, log_in):
    client = log_in(visit.technician.user)
    assert "data-opens" in text(client, visit)
    held = laptop(visit, unsent=3)
    answer = client.get(page(visit))
    assert answer.context["found"].unsent == 3
    assert "data-opens" not in answer.content.decode()
    Laptop.objects.filter(pk=held.pk).update(cleaned_at=timezone.now())
    assert client.get(page(visit)).context["found"].unsent == 0


def test_the_visit_is_closed_by_its_technician_alone(visit, log_in):
    address = reverse("booking:close", args=[visit.pk])
    assert address not in text(log_in(planner(visit)), visit)
    client = log_in(visit.technician.user)
    assert address in text(client, visit)
    client.post(address)
    visit.refresh_from_db()
    assert visit.status == "closed"
    assert "data-opens" not in text(client, visit)


def test_the_page_says_why_the_key_is_kept_and_when_it_went(visit, log_in):
    client = log_in(visit.technician.user)
    assert client.get(page(visit)).context["found"].key is None
    key = StationKey.objects.create(visit=visit, public_key=b"a", private_key=b"b")
    held = laptop(visit, unsent=1)
    assert client.get(page(visit)).context["found"].key_waits_for == ["open", "unsent"]
    close_visit(actor=visit.technician.user, visit=visit)
    record = noted(visit, uuid.uuid4(), "")
    StationRecord.objects.filter(pk=record.pk).update(state="received")
    Laptop.objects.filter(pk=held.pk).update(unsent=0)
    assert client.get(page(visit)).context["found"].key_waits_for == ["silent", "not_opened"]
    Laptop.objects.filter(pk=held.pk).update(reported_at=timezone.now())
    StationRecord.objects.filter(pk=record.pk).update(state="conflict", stored_as="x")
    assert client.get(page(visit)).context["found"].key_waits_for == ["may_go_on", "undecided"]
    Laptop.objects.filter(pk=held.pk).update(cleaned_at=timezone.now())
    assert client.get(page(visit)).context["found"].key_waits_for == ["undecided"]
    StationRecord.objects.filter(pk=record.pk).update(state="settled", stored_as="")
    assert client.get(page(visit)).context["found"].key_waits_for == []
    StationKey.objects.filter(pk=key.pk).update(private_key=b"", destroyed_at=timezone.now())
    key.refresh_from_db()
    assert local_time(key.destroyed_at) in text(client, visit)


def over(visit: Visit) -> Visit:
    """Let the visit have ended."""
    begun, ended = timezone.now() - timedelta(hours=5), timezone.now() - timedelta(hours=2)
    Visit.objects.filter(pk=visit.pk).update(starts_at=begun, ends_at=ended)
    return visit


def write_off(visit: Visit, held: Laptop) -> str:
    return reverse("photos:write_off_laptop", args=[visit.pk, held.pk])


def states(answer) -> list[str]:
    return [each.state for each in answer.context["found"].laptops]


def test_a_laptop_nobody_has_heard_of_is_not_said_to_hold_nothing(visit, log_in):
    held, client = laptop(visit, reported_at=None), log_in(visit.technician.user)
    assert states(client.get(page(visit))) == ["ready"], "the visit has not been yet"
    over(visit)
    answer = client.get(page(visit))
    assert states(answer) == ["silent"]
    assert ">0</td>" not in answer.content.decode()
    Laptop.objects.filter(pk=held.pk).update(reported_at=timezone.now())
    assert states(client.get(page(visit))) == ["ready"]


def test_a_planner_writes_off_a_laptop_that_will_not_be_heard_of(visit, log_in):
    held, client = laptop(over(visit), unsent=3), log_in(planner(visit))
    assert write_off(visit, held) in text(client, visit)
    answer = client.post(write_off(visit, held), follow=True)
    assert states(answer) == ["written_off"]
    assert answer.context["found"].unsent == 0
    assert write_off(visit, held) not in answer.content.decode()
    Laptop.objects.filter(pk=held.pk).update(reported_at=timezone.now())
    assert states(client.get(page(visit))) == ["clean"]


def test_nobody_else_writes_off_a_laptop(visit, log_in):
    held, federation = laptop(over(visit), unsent=3), visit.unit.municipality.federation
    for other in (
        visit.technician.user,
        builders.user("planner", within=visit.unit.municipality),
        builders.user("planner", within=builders.federation()),
        builders.user("care_manager", within=federation),
    ):
        assert log_in(other).post(write_off(visit, held)).status_code == 404
    assert write_off(visit, held) not in text(log_in(visit.technician.user), visit)
    held.refresh_from_db()
    assert held.cleaned_at is None


def test_a_laptop_of_another_visit_is_not_written_off_here(visit, log_in):
    another = builders.visit(visit.unit, visit.technician, starts_at=builders.tomorrow(13))
    held = laptop(over(another))
    assert log_in(planner(visit)).post(write_off(visit, held)).status_code == 404


def test_no_laptop_is_written_off_before_the_visit_is_over(visit, log_in):
    held, client = laptop(visit, unsent=3), log_in(planner(visit))
    assert write_off(visit, held) not in text(client, visit)
    answer = client.post(write_off(visit, held), follow=True)
    assert "notice-error" in answer.content.decode()
    assert states(answer) == ["unsent"]


# --- Seconds --------------------------------------------------------------------------------------


def test_the_visits_pace_is_for_the_technicians_own_eyes(visit, log_in):
    capture = photo_builders.photo(photo_builders.checked_in(visit)).capture
    Capture.objects.filter(pk=capture.pk).update(seconds=4321)
    assert "4321 s" in text(log_in(visit.technician.user), visit)
    assert "4321" not in text(log_in(planner(visit)), visit)


def test_the_page_asks_the_database_as_much_for_many_as_for_one(
    visit, log_in, django_assert_max_num_queries
):
    client = log_in(visit.technician.user)
    for _person in range(5):
        noted(visit, photo_builders.booked(visit).pk, "Hej")
        laptop(visit)
    with django_assert_max_num_queries(14):
        client.get(page(visit))


# --- The federation's times -----------------------------------------------------------------------


SECONDS = "/planering/tid-per-person/"


def test_the_planner_sees_the_months_and_the_picture(visit, log_in):
    for place in range(10):
        capture = photo_builders.photo(photo_builders.checked_in(visit)).capture
        Capture.objects.filter(pk=capture.pk).update(seconds=40 + place)
    answer = log_in(planner(visit)).get(SECONDS)
    shown = answer.content.decode()
    assert "<svg" in shown
    assert visit.technician.user.name not in shown.partition("<main")[2]
    [month] = answer.context["months"]
    assert (month.n, month.pace.median, month.pace.p90) == (10, 44, 48)


def test_before_anybody_is_timed_the_page_says_what_will_come(visit, log_in):
    answer = log_in(planner(visit)).get(SECONDS)
    assert answer.context["chart"] is None
    assert "empty" in answer.content.decode()


@pytest.mark.parametrize("role", ["care_manager", "technician", "id_administrator"])
def test_the_times_are_for_planners(role, visit, log_in):
    user = builders.user(role, within=visit.unit.municipality.federation)
    assert log_in(user).get(SECONDS).status_code == 404


def test_a_planner_of_one_unit_does_not_see_the_federations_times(visit, log_in):
    assert log_in(builders.user("planner", within=visit.unit)).get(SECONDS).status_code == 404
