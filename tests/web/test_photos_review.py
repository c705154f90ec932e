"""The queue to review: one photo at a time, one yes or no each."""

import pytest
from django.urls import reverse

from booking.services.checkin import check_in
from photos import advice
from photos.domain.checks import CHECKS
from photos.domain.findings import Tier
from photos.models import Capture, Decision, Photo
from photos.profiles import load_profile
from photos.queries.checklist import GLASSES, HEAD_COVERING
from photos.services.review import approve_photo, reject_photo
from tests import builders, photo_builders

pytestmark = pytest.mark.django_db

QUEUE = "/granska/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def visit():
    return builders.visit()


@pytest.fixture
def reviewer(visit, log_in):
    return log_in(photo_builders.reviewer(visit))


def photo(visit, **staff) -> Photo:
    return photo_builders.photo(photo_builders.checked_in(visit, **staff))


def test_the_oldest_photo_comes_first_with_the_facts_about_the_person(visit, reviewer):
    first = photo(visit, given_name="Karin", family_name="Lindqvist", title="Sjuksköterska")
    photo(visit)
    response = reviewer.get(QUEUE)
    page = response.content.decode()
    assert response.context["photo"] == first
    assert response.context["waiting"] == 2
    booking = first.capture.booking
    for fact in ("Karin Lindqvist", "Sjuksköterska", booking.need.staff.hsa_id, visit.unit.name):
        assert fact in page
    assert first.capture.taken_by.name in page
    assert reverse("photos:card_image", args=[first.capture_id]) in page


def test_a_yes_by_key_swaps_in_the_next_photo(visit, reviewer):
    first, second = photo(visit), photo(visit)
    response = reviewer.post(reverse("photos:approve", args=[first.pk]), headers=HTMX)
    assert response.context["photo"] == second
    page = response.content.decode()
    assert "<html" not in page
    assert "hx-swap-oob" in page
    first.refresh_from_db()
    assert first.status == "approved"


def test_without_script_a_yes_leads_back_to_the_queue(visit, reviewer):
    response = reviewer.post(reverse("photos:approve", args=[photo(visit).pk]))
    assert (response.status_code, response.url) == (302, QUEUE)


def test_twenty_photos_take_twenty_answers(visit, reviewer):
    waiting = [photo(visit) for _ in range(20)]
    shown = reviewer.get(QUEUE).context["photo"]
    for expected in waiting:
        assert shown == expected
        answer = reviewer.post(reverse("photos:approve", args=[shown.pk]), headers=HTMX)
        shown = answer.context["photo"]
    assert shown is None
    assert Decision.objects.filter(approved=True).count() == 20


def test_a_no_needs_a_reason_and_the_page_keeps_what_was_typed(visit, reviewer):
    waiting = photo(visit)
    address = reverse("photos:reject", args=[waiting.pk])
    response = reviewer.post(address, {"note": "Kolla håret"})
    assert response.context["form"].errors["reason"]
    assert response.context["photo"] == waiting
    assert "Kolla håret" in response.content.decode()
    assert not Decision.objects.exists()
    response = reviewer.post(address, {"reason": "blur", "note": "Kolla håret"})
    assert response.url == QUEUE
    assert Decision.objects.get().note == "Kolla håret"


def test_a_photo_somebody_else_has_decided_is_told_and_the_next_one_comes(visit, reviewer):
    first, second = photo(visit), photo(visit)
    approve_photo(actor=builders.user(), photo=first)
    for name in ("photos:approve", "photos:reject"):
        response = reviewer.post(reverse(name, args=[first.pk]), {"reason": "blur"}, headers=HTMX)
        assert response.context["photo"] == second
        assert [message.level_tag for message in response.context["messages"]] == ["error"]


def test_the_one_who_photographed_never_gets_the_choice(visit, log_in):
    photographer = photo_builders.technician(visit)
    builders.give_role(photographer, "id_administrator", visit.unit)
    own = photo(visit)
    client = log_in(photographer)
    assert client.get(QUEUE).context["photo"] is None
    response = client.post(reverse("photos:approve", args=[own.pk]), headers=HTMX)
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    assert not Decision.objects.exists()


def test_what_only_people_can_see_is_asked_with_the_reason_s_own_digit(visit, reviewer):
    photo(visit)
    response = reviewer.get(QUEUE)
    reasons = Decision.Reason.values
    for look in response.context["checklist"]:
        assert reasons[look.digit - 1] == look.reason
        assert f'data-reason="{look.reason}"' in response.content.decode()


def test_a_hint_is_asked_first_with_a_reason_of_its_own(visit, reviewer):
    waiting = photo(visit)
    [hint, *_] = [check for check in CHECKS if check.tier == Tier.C]
    photo_builders.found(waiting.capture, component=hint.component, answer="warn", tier="C")
    first, second, *_ = reviewer.get(QUEUE).context["checklist"]
    assert (first.text, first.hinted) == (advice.component_name(hint.component), True)
    assert first.reason in Decision.Reason
    assert not second.hinted


def test_without_script_a_question_fills_in_the_reason(visit, reviewer):
    photo(visit)
    response = reviewer.get(f"{QUEUE}?orsak=glasses")
    assert response.context["form"]["reason"].value() == "glasses"
    page = response.content.decode()
    assert '<details class="reject" id="reject" open>' in page
    assert "open>" not in reviewer.get(QUEUE).content.decode()


@pytest.mark.parametrize("profile", ["nexus", "icao-portrait"])
def test_the_questions_follow_the_profile_s_policy(visit, reviewer, profile):
    waiting = photo(visit)
    Capture.objects.filter(pk=waiting.capture_id).update(profile=profile)
    asked = [look.text for look in reviewer.get(QUEUE).context["checklist"]]
    policy = load_profile(profile).policy
    assert GLASSES[policy.glasses] in asked
    assert HEAD_COVERING[policy.head_covering] in asked


def test_a_photo_taken_again_stands_beside_the_rejected_one_and_its_reason(visit, reviewer):
    first = photo(visit)
    booking = first.capture.booking
    boss = photo_builders.reviewer(visit)
    reject_photo(actor=boss, photo=first, reason="background", note="Skugga till vänster")
    check_in(actor=photo_builders.technician(visit), booking=booking, document="passport")
    booking.refresh_from_db()
    second = photo_builders.photo(booking)
    response = reviewer.get(QUEUE)
    page = response.content.decode()
    assert response.context["photo"] == second
    assert response.context["earlier"].decision.reason == "background"
    assert "Skugga till vänster" in page
    for capture in (first.capture_id, second.capture_id):
        assert reverse("photos:card_image", args=[capture]) in page


def test_a_first_photo_has_none_beside_it(visit, reviewer):
    booking = photo_builders.checked_in(visit)
    photo_builders.judged(booking, "fail")
    photo_builders.photo(booking)
    assert reviewer.get(QUEUE).context["earlier"] is None


def test_an_empty_queue_says_the_next_step(reviewer):
    page = reviewer.get(QUEUE).content.decode()
    assert reverse("people:overview") in page


def test_only_the_unit_s_id_administrators_review(visit, log_in):
    waiting = photo(visit)
    federation = visit.unit.municipality.federation
    without_the_role = [
        builders.user("care_manager", within=visit.unit),
        builders.user("planner", within=federation),
        builders.user("administrator", within=federation),
        photo_builders.technician(visit),
        builders.user(),
    ]
    for other in without_the_role:
        assert log_in(other).get(QUEUE).status_code == 404
    elsewhere = builders.user("id_administrator", within=builders.unit())
    assert log_in(elsewhere).get(QUEUE).context["photo"] is None
    for other in [*without_the_role, elsewhere]:
        client = log_in(other)
        for name in ("photos:approve", "photos:reject"):
            address = reverse(name, args=[waiting.pk])
            assert client.post(address, {"reason": "blur"}).status_code == 404
    assert not Decision.objects.exists()


def test_a_protected_person_s_photo_is_reviewed_by_a_handler_only(visit, log_in):
    waiting = photo(visit)
    staff = waiting.capture.booking.need.staff
    staff.protected = True
    staff.save()
    user = photo_builders.reviewer(visit)
    client = log_in(user)
    assert client.get(QUEUE).context["photo"] is None
    assert client.post(reverse("photos:approve", args=[waiting.pk])).status_code == 404
    staff.handlers.add(user)
    assert client.get(QUEUE).context["photo"] == waiting


def test_the_page_costs_the_same_whatever_the_queue(visit, reviewer, django_assert_num_queries):
    photo(visit)
    reviewer.get(QUEUE)
    with django_assert_num_queries(10):
        reviewer.get(QUEUE)
    for _ in range(4):
        photo(visit)
    with django_assert_num_queries(10):
        reviewer.get(QUEUE)
