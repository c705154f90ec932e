"""The technician's page of a visit: who is next, check-in, verdict, accept."""

import pytest
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext

from booking.domain.states import IdDocument
from booking.services.checkin import check_in, record_no_show
from enrolment.audit.models import Entry
from photos import advice
from photos.models import Photo
from photos.services.review import accept_capture, reject_photo
from tests import builders, photo_builders

pytestmark = pytest.mark.django_db


def page_of(visit, chosen=None, **more: str) -> str:
    address = reverse("photos:visit", args=[visit.pk])
    query = {"tid": chosen.pk} | more if chosen else more
    return address + "?" + "&".join(f"{key}={value}" for key, value in query.items())


@pytest.fixture
def visit():
    return builders.visit()


@pytest.fixture
def technician(visit, log_in):
    return log_in(photo_builders.technician(visit))


def test_the_first_person_is_suggested_with_five_id_documents(visit, technician):
    first = photo_builders.booked(visit, given_name="Karin", family_name="Lindqvist")
    photo_builders.booked(visit, given_name="Jonas", family_name="Ek")
    response = technician.get(page_of(visit))
    station = response.context["station"]
    assert (station.person, station.step) == (first, "check_in")
    page = response.content.decode()
    assert page.index("Karin Lindqvist") < page.index("Jonas Ek")
    for kind in IdDocument:
        assert f'value="{kind.value}"' in page


def test_whoever_is_checked_in_goes_before_those_who_are_booked(visit, technician):
    photo_builders.booked(visit)
    second = photo_builders.checked_in(visit)
    station = technician.get(page_of(visit)).context["station"]
    assert (station.person, station.step) == (second, "camera")


def test_any_person_may_be_chosen_from_the_list(visit, technician):
    photo_builders.booked(visit)
    second = photo_builders.booked(visit)
    assert technician.get(page_of(visit, second)).context["station"].person == second


def test_check_in_notes_the_document_and_goes_on_to_the_camera(visit, technician):
    booking = photo_builders.booked(visit)
    response = technician.post(
        reverse("photos:check_in", args=[visit.pk, booking.pk]), {"document": "passport"}
    )
    assert (response.status_code, response.url) == (302, page_of(visit, booking))
    booking.refresh_from_db()
    assert booking.status == "checked_in"
    assert booking.identity_check.document == "passport"
    assert 'id="shutter"' in technician.get(response.url).content.decode()


@pytest.mark.parametrize("document", ["", "library_card"])
def test_check_in_without_an_accepted_document_stays_on_the_page(visit, technician, document):
    booking = photo_builders.booked(visit)
    response = technician.post(
        reverse("photos:check_in", args=[visit.pk, booking.pk]), {"document": document}
    )
    assert response.status_code == 200
    assert response.context["form"].errors["document"]
    assert response.context["station"].person == booking
    booking.refresh_from_db()
    assert booking.status == "booked"


def test_a_check_in_that_is_not_allowed_says_why(visit, technician):
    booking = photo_builders.checked_in(visit)
    accept_capture(actor=photo_builders.technician(visit), capture=photo_builders.judged(booking))
    response = technician.post(
        reverse("photos:check_in", args=[visit.pk, booking.pk]), {"document": "passport"}
    )
    assert response.context["form"].non_field_errors()


def test_somebody_who_did_not_come_is_no_longer_next_but_may_come_late(visit, technician):
    first, second = photo_builders.booked(visit), photo_builders.booked(visit)
    response = technician.post(reverse("photos:no_show", args=[visit.pk, first.pk]))
    assert response.url == reverse("photos:visit", args=[visit.pk])
    first.refresh_from_db()
    assert first.status == "no_show"
    assert technician.get(page_of(visit)).context["station"].person == second
    assert technician.get(page_of(visit, first)).context["station"].step == "check_in"


def test_a_no_show_that_is_not_allowed_says_why(visit, technician):
    booking = photo_builders.checked_in(visit)
    response = technician.post(reverse("photos:no_show", args=[visit.pk, booking.pk]), follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    booking.refresh_from_db()
    assert booking.status == "checked_in"


def test_the_verdict_of_the_last_picture_is_there_after_a_reload(visit, technician):
    booking = photo_builders.checked_in(visit)
    capture = photo_builders.judged(booking)
    response = technician.get(page_of(visit, booking))
    assert response.context["station"].step == "verdict"
    page = response.content.decode()
    assert reverse("photos:accept", args=[capture.pk]) in page
    assert reverse("photos:card_image", args=[capture.pk]) in page
    again = technician.get(page_of(visit, booking, **{"ta-om": "1"}))
    assert again.context["station"].step == "camera"
    assert reverse("photos:accept", args=[capture.pk]) not in again.content.decode()


def test_the_verdict_shows_value_limit_and_what_to_do(visit, technician):
    capture = photo_builders.judged(photo_builders.checked_in(visit), "fail")
    response = technician.get(reverse("photos:verdict", args=[capture.pk]))
    page = response.content.decode()
    [reading] = response.context["judged"].noted
    assert (reading.value, reading.limit) == ("0,032", "≥ 0,042")
    for shown in (reading.name, reading.value, reading.limit, reading.advice):
        assert escape(shown) in page


def test_what_decided_stands_first_and_at_most_two_sentences_say_what_to_do(visit, technician):
    capture = photo_builders.judged(photo_builders.checked_in(visit), "warn")
    photo_builders.found(capture, component="mouth closed", answer="fail", value=0.2)
    photo_builders.found(capture, component="sharpness")
    page = technician.get(reverse("photos:verdict", args=[capture.pk]))
    judged = page.context["judged"]
    assert [(reading.component, reading.decided) for reading in judged.noted] == [
        ("eyes open", True),
        ("mouth closed", False),
    ]
    assert [reading.component for reading in judged.rest] == ["sharpness"]
    assert judged.advices == [advice.sentence("open_eyes")]


def test_hints_for_people_stand_apart(visit, technician):
    capture = photo_builders.judged(photo_builders.checked_in(visit))
    photo_builders.found(capture, component="mouth closed", answer="warn", tier="C")
    judged = technician.get(reverse("photos:verdict", args=[capture.pk])).context["judged"]
    assert [reading.component for reading in judged.hints] == ["mouth closed"]
    assert judged.noted == []


def test_an_earlier_attempt_is_compared_by_what_it_failed_for(visit, technician):
    booking = photo_builders.checked_in(visit)
    first = photo_builders.judged(booking, "fail")
    again = photo_builders.judged(booking)
    again.findings.update(value=0.08)
    response = technician.get(reverse("photos:verdict", args=[again.pk]))
    earlier = response.context["earlier"]
    assert (earlier.capture, earlier.decision) == (first, None)
    assert (earlier.then.value, earlier.then.answer) == ("0,032", "fail")
    assert (earlier.now.value, earlier.now.answer) == ("0,08", "pass")
    assert reverse("photos:capture_image", args=[first.pk]) in response.content.decode()
    shown = technician.get(reverse("photos:verdict", args=[first.pk]))
    assert shown.context["earlier"] is None


def test_a_picture_that_was_refused_or_waits_is_no_attempt(visit, technician):
    booking = photo_builders.checked_in(visit)
    photo_builders.received(booking)
    refused = photo_builders.judged(booking, "fail")
    refused.refusal = {"code": "broken", "params": {}}
    refused.save()
    last = photo_builders.judged(booking)
    page = technician.get(reverse("photos:verdict", args=[last.pk]))
    assert page.context["earlier"] is None
    told = technician.get(reverse("photos:verdict", args=[refused.pk])).context["judged"].advices
    assert told == [advice.sentence("broken")]


def test_a_failed_picture_offers_no_yes(visit, technician):
    capture = photo_builders.judged(photo_builders.checked_in(visit), "fail")
    page = technician.get(reverse("photos:verdict", args=[capture.pk])).content.decode()
    assert reverse("photos:accept", args=[capture.pk]) not in page
    assert "data-retake" in page
    response = technician.post(reverse("photos:accept", args=[capture.pk]), follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    assert not Photo.objects.exists()


def test_a_picture_that_waits_for_its_verdict_asks_again(visit, technician):
    capture = photo_builders.received(photo_builders.checked_in(visit))
    address = reverse("photos:verdict", args=[capture.pk])
    page = technician.get(address).content.decode()
    assert f'hx-get="{address}"' in page
    assert reverse("photos:accept", args=[capture.pk]) not in page


def test_accept_ends_the_person_and_suggests_the_next(visit, technician):
    first, second = photo_builders.checked_in(visit), photo_builders.booked(visit)
    capture = photo_builders.judged(first)
    response = technician.post(reverse("photos:accept", args=[capture.pk]), follow=True)
    assert response.redirect_chain == [(reverse("photos:visit", args=[visit.pk]), 302)]
    station = response.context["station"]
    assert (station.person, station.done) == (second, 1)
    assert technician.get(page_of(visit, first)).context["station"].step == "done"


def test_when_all_are_done_the_page_says_so(visit, technician):
    assert technician.get(page_of(visit)).context["station"].step == "nobody"
    booking = photo_builders.checked_in(visit)
    technician.post(reverse("photos:accept", args=[photo_builders.judged(booking).pk]))
    response = technician.get(page_of(visit))
    assert response.context["station"].step == "nobody"
    assert reverse("booking:visit", args=[visit.pk]) in response.content.decode()


def test_when_only_a_retake_is_left_the_page_does_not_say_all_are_done(visit, technician):
    photo = photo_builders.photo(photo_builders.checked_in(visit))
    assert technician.get(page_of(visit)).context["station"].retakes == 0
    reject_photo(actor=photo_builders.reviewer(visit), photo=photo, reason="blur")
    response = technician.get(page_of(visit))
    assert (response.context["station"].step, response.context["station"].retakes) == ("nobody", 1)
    assert gettext("Somebody needs a new photo") in response.content.decode()


def test_a_rejected_photo_is_retaken_with_the_reason_in_view(visit, technician):
    photo = photo_builders.photo(photo_builders.checked_in(visit))
    booking = photo.capture.booking
    reviewer = photo_builders.reviewer(booking)
    reject_photo(actor=reviewer, photo=photo, reason="blur", note="Håll stilla")
    response = technician.get(page_of(visit, booking))
    assert response.context["station"].step == "check_in"
    assert "Håll stilla" in response.content.decode()
    check_in(actor=photo_builders.technician(visit), booking=booking, document="passport")
    assert technician.get(page_of(visit, booking)).context["station"].step == "camera"


def test_only_the_visits_own_technician_is_let_in(visit, log_in):
    booking = photo_builders.checked_in(visit)
    capture = photo_builders.judged(booking)
    federation = visit.unit.municipality.federation
    others = [
        builders.technician(federation).user,
        builders.technician().user,
        builders.user("care_manager", within=visit.unit),
        builders.user("planner", within=federation),
        builders.user("administrator", within=federation),
        photo_builders.reviewer(booking),
        builders.user(),
    ]
    for other in others:
        client = log_in(other)
        assert client.get(page_of(visit)).status_code == 404
        assert client.get(reverse("photos:verdict", args=[capture.pk])).status_code == 404
        assert client.post(reverse("photos:accept", args=[capture.pk])).status_code == 404
        for name in ("photos:check_in", "photos:no_show"):
            assert client.post(reverse(name, args=[visit.pk, booking.pk])).status_code == 404
    assert not Photo.objects.exists()


def test_an_activation_visit_has_no_camera(log_in):
    visit = builders.visit(kind="activation")
    assert log_in(photo_builders.technician(visit)).get(page_of(visit)).status_code == 404


def test_a_protected_person_is_seen_by_the_handler_only_and_each_look_is_noted(visit, technician):
    booking = photo_builders.booked(visit, given_name="Hemlig", family_name="Person")
    staff = booking.need.staff
    staff.protected = True
    staff.save()
    assert "Hemlig" not in technician.get(page_of(visit)).content.decode()
    assert technician.get(page_of(visit, booking)).context["station"].person is None
    staff.handlers.add(photo_builders.technician(visit))
    assert "Hemlig" in technician.get(page_of(visit, booking)).content.decode()
    assert Entry.objects.filter(action="people.note_look").count() == 1


def test_the_list_costs_the_same_whatever_its_length(visit, technician, django_assert_num_queries):
    photo_builders.booked(visit)
    technician.get(page_of(visit))
    with django_assert_num_queries(6):
        technician.get(page_of(visit))
    for _ in range(5):
        photo_builders.booked(visit)
    with django_assert_num_queries(6):
        technician.get(page_of(visit))


def test_a_person_who_never_came_does_not_count_as_done(visit, technician):
    record_no_show(actor=photo_builders.technician(visit), booking=photo_builders.booked(visit))
    assert technician.get(page_of(visit)).context["station"].done == 0
