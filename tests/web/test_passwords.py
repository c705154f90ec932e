"""Which passwords are taken, and how they are typed."""

import re

import pytest
from django.urls import reverse

from enrolment.messages.models import Message
from enrolment.people.services.accounts import send_password_link
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return builders.user("care_manager", within=builders.unit())


def choose(client, user, password: str):
    federation = user.memberships.get().federation
    send_password_link(actor=user, user=user, federation=federation, site="https://testserver")
    words = Message.objects.get().body.split()
    link = next(word for word in words if word.startswith("https://testserver"))
    page = client.get(link, follow=True)
    told = {"new_password1": password, "new_password2": password}
    return client.post(page.request["PATH_INFO"], told)


@pytest.mark.parametrize("password", ["1q2w3e4r5t6y", "1Q2W3E4R5T6Y"])
def test_a_common_password_is_refused(client, user, password):
    assert choose(client, user, password).context["form"].errors
    user.refresh_from_db()
    assert not user.check_password(password)


@pytest.mark.parametrize("password", ["bara bokstäver", "å" * 64 + "Å🦆" * 32, "7 3 9 1 5 2 8"])
def test_a_long_password_of_anything_is_taken_as_it_is(client, user, password):
    assert choose(client, user, password).status_code == 302
    user.refresh_from_db()
    assert user.check_password(password)
    for other in (password[:-1], password.swapcase() + " ", f" {password}"):
        assert not user.check_password(other)
    told = {"username": user.email, "password": password}
    assert client.post(reverse("people:log_in"), told).status_code == 302


def test_a_password_is_typed_unseen(client):
    page = client.get(reverse("people:log_in")).content.decode()
    (field,) = re.findall(r'<input[^>]*name="password"[^>]*>', page)
    assert 'type="password"' in field
    assert 'autocomplete="current-password"' in field
