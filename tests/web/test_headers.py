"""What every answer tells the browser, and the cookies it is given."""

import pytest
from django.urls import reverse

from tests import builders

PASSWORD = "ett långt lösenord"


def test_every_page_keeps_others_out(client):
    answer = client.get(reverse("desk:accessibility"))
    policy = answer["Content-Security-Policy"]
    for rule in ("base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert rule in policy
    assert "object-src" not in policy  # so that default-src 'none' holds for it
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert not [name for name in answer.headers if name.startswith("Access-Control-")]


@pytest.fixture
def manager():
    user = builders.user("care_manager", within=builders.unit())
    user.set_password(PASSWORD)
    user.save()
    return user


def enter(client, user):
    page = reverse("people:log_in")
    client.get(page)
    return client.post(page, {"username": user.email, "password": PASSWORD})


@pytest.mark.django_db
def test_cookies_stay_in_the_house(client, manager):
    enter(client, manager)
    session, token = client.cookies["sessionid"], client.cookies["csrftoken"]
    assert session["httponly"]
    assert {cookie["samesite"] for cookie in (session, token)} == {"Lax"}
    assert {cookie["domain"] for cookie in (session, token)} == {""}


@pytest.mark.django_db
def test_a_log_in_has_a_session_of_its_own(client, manager):
    session = client.session
    session["left"] = "by somebody"
    session.save()
    before = client.session.session_key
    enter(client, manager)
    assert client.session["_auth_user_id"] == str(manager.pk)
    assert client.session.session_key != before
    assert not session.exists(before)
