"""The administrator words the federation's messages, sees how they look, and can go back."""

import pytest
from django.urls import reverse

from enrolment.messages.models import MessageText
from tests import builders

pytestmark = pytest.mark.django_db

WHICH = "?text=invitation.email"
GOOD = {"subject": "Välkommen {förnamn}", "body": "Kom {tid}."}


@pytest.fixture
def boss(log_in):
    return log_in(builders.user("administrator", within=builders.federation()))


def address(name: str, which: str = WHICH) -> str:
    return reverse(f"desk:{name}") + which


def test_the_list_shows_every_text_and_which_are_own(boss):
    page = boss.get(reverse("desk:texts")).content.decode()
    assert page.count("?text=") == 22
    assert "tag-info" not in page
    boss.post(address("edit_text"), GOOD)
    assert boss.get(reverse("desk:texts")).content.decode().count("tag-info") == 1


def test_a_text_is_saved_and_used_and_shown_for_the_example_person(boss):
    assert boss.post(address("edit_text"), GOOD).status_code == 302
    own = MessageText.objects.get()
    assert (own.key, own.channel, own.subject, own.body) == ("invitation", "email", *GOOD.values())
    page = boss.get(address("edit_text")).content.decode()
    assert "Välkommen {förnamn}" in page
    preview = boss.post(address("preview_text"), GOOD).content.decode()
    assert "{" not in preview
    assert "Välkommen" in preview


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"subject": "Tid", "body": "Kom {tiden}."}, "{tiden}"),
        ({"subject": "Tid", "body": ""}, "Tid"),
        ({"subject": "", "body": "Kom nu."}, "Kom nu."),
    ],
)
def test_a_text_that_cannot_be_used_stays_in_the_form_with_the_reason(boss, typed, kept):
    answer = boss.post(address("edit_text"), typed)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert kept in page
    assert "error-summary" in page
    assert not MessageText.objects.exists()
    assert "letter-hindrance" in boss.post(address("preview_text"), typed).content.decode()


def test_markup_is_text(boss):
    boss.post(address("edit_text"), {"subject": "Hej", "body": "<script>x</script>"})
    page = boss.get(address("edit_text")).content.decode()
    assert "<script>x" not in page


def test_an_sms_has_no_subject_and_says_its_parts(boss):
    page = boss.get(address("edit_text", "?text=invitation.sms")).content.decode()
    assert 'name="subject"' not in page
    long = boss.post(address("preview_text", "?text=invitation.sms"), {"body": "å" * 460})
    assert "4" in long.content.decode()


def test_going_back_throws_the_own_text_away(boss):
    boss.post(address("edit_text"), GOOD)
    assert boss.post(address("reset_text")).status_code == 302
    assert not MessageText.objects.exists()


@pytest.mark.parametrize("which", ["", "?text=x", "?text=invitation.fax", "?text=visit_week.sms"])
def test_there_are_no_other_texts(boss, which):
    assert boss.get(address("edit_text", which)).status_code == 404
    assert boss.post(address("reset_text", which)).status_code == 404


@pytest.mark.parametrize("role", ["planner", "care_manager", "id_administrator", "technician"])
def test_others_change_nothing(log_in, role):
    client = log_in(builders.user(role, within=builders.federation()))
    for name in ("edit_text", "preview_text", "reset_text"):
        assert client.post(address(name), GOOD).status_code == 404
    assert client.get(reverse("desk:texts")).status_code == 404
    assert not MessageText.objects.exists()
