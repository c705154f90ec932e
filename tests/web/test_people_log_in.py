"""Log in by password, by a demo button, and choose a password by the link from an e-mail."""

from datetime import timedelta

import pytest
from django.urls import reverse

from enrolment import settings as house
from enrolment.audit.models import Entry
from enrolment.messages.models import Message
from enrolment.people.forms import TOO_MANY_FAILURES
from enrolment.people.models import User
from enrolment.people.services import log_ins
from enrolment.people.services.accounts import send_password_link
from tests import builders

pytestmark = pytest.mark.django_db

PASSWORD = "ett långt lösenord"
PAGE = "/logga-in/"


@pytest.fixture
def manager() -> User:
    user = builders.user("care_manager", within=builders.unit(), name="Cecilia Chef")
    user.set_password(PASSWORD)
    user.save()
    return user


def send(client, email: str, password: str):
    return client.post(PAGE, {"username": email, "password": password})


def logged_in(client) -> bool:
    return "_auth_user_id" in client.session


def lines() -> list[tuple[str, str, str]]:
    return list(Entry.objects.values_list("action", "actor", "subject"))


# --- By password --------------------------------------------------------------------------------


def test_the_right_password_in_any_case_of_the_address_logs_in(client, manager):
    response = send(client, manager.email.upper(), PASSWORD)
    assert response.status_code == 302
    assert response.url == reverse("desk:start")
    assert logged_in(client)
    assert lines() == [("people.log_in", manager.audit_name, f"user:{manager.pk}")]
    assert Entry.objects.get().federation_id == manager.memberships.get().federation_id


def test_a_wrong_password_does_not_and_the_address_stays_in_the_form(client, manager):
    response = send(client, manager.email, "fel")
    assert response.status_code == 200
    assert not logged_in(client)
    assert manager.email in response.content.decode()
    assert lines() == [("people.log_in_failed", "system:log_in", f"user:{manager.pk}")]


def test_an_unknown_address_gets_the_same_answer_and_is_not_written_down(client, manager):
    known, unknown = (send(client, to, "fel") for to in (manager.email, "okand@example.org"))
    assert known.context["form"].errors == unknown.context["form"].errors
    assert Entry.objects.latest("pk").subject == "user:None"
    assert not logged_in(client)


def test_somebody_who_is_not_active_gets_the_same_answer(client, manager):
    User.objects.filter(pk=manager.pk).update(is_active=False)
    response = send(client, manager.email, PASSWORD)
    assert not logged_in(client)
    assert response.context["form"].errors


def test_an_empty_form_is_not_a_log_in(client):
    assert send(client, "", "").context["form"].errors
    assert not logged_in(client)


def test_an_address_that_no_form_takes_is_looked_up_for_nobody(client, manager):
    assert send(client, f"{manager.email}\0", "fel").status_code == 200
    assert lines() == [("people.log_in_failed", "system:log_in", "user:None")]


def fail(client, email: str, times: int, **place):
    for _try in range(times):
        response = client.post(PAGE, {"username": email, "password": "fel"}, **place)
    return response


def test_after_ten_wrong_passwords_not_even_the_right_one_is_tried(client, manager):
    fail(client, manager.email, 9)
    assert send(client, manager.email.upper(), PASSWORD).status_code == 302
    client.logout()
    fail(client, manager.email, 1)
    response = send(client, manager.email, PASSWORD)
    assert str(TOO_MANY_FAILURES) in response.content.decode()
    assert not logged_in(client)


def test_an_unknown_address_is_stopped_just_the_same(client):
    response = fail(client, "okand@example.org", 11)
    assert str(TOO_MANY_FAILURES) in response.content.decode()


def test_tries_that_are_turned_away_do_not_fill_the_log(client, manager):
    fail(client, manager.email, 15)
    assert len(lines()) == 10


def test_others_and_other_places_are_not_stopped(client, manager):
    other = builders.user("planner", within=builders.federation())
    other.set_password(PASSWORD)
    other.save()
    fail(client, manager.email, 10, REMOTE_ADDR="192.0.2.1")
    stopped = {"username": manager.email, "password": PASSWORD}
    client.post(PAGE, stopped, REMOTE_ADDR="192.0.2.1")
    assert not logged_in(client)
    client.post(PAGE, {**stopped, "username": other.email}, REMOTE_ADDR="192.0.2.1")
    assert client.session["_auth_user_id"] == str(other.pk)
    client.logout()
    client.post(PAGE, stopped, REMOTE_ADDR="192.0.2.2")
    assert client.session["_auth_user_id"] == str(manager.pk)


@pytest.mark.parametrize(
    ("first", "then", "stopped"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
    ],
)
def test_all_addresses_of_one_ipv6_network_are_one_place(client, manager, first, then, stopped):
    fail(client, manager.email, 10, REMOTE_ADDR=first)
    client.post(PAGE, {"username": manager.email, "password": PASSWORD}, REMOTE_ADDR=then)
    assert logged_in(client) is not stopped


@pytest.mark.parametrize(("proxy", "stopped"), [(True, False), (False, True)])
def test_only_the_last_address_of_our_own_proxy_is_believed(
    client, manager, settings, proxy, stopped
):
    settings.BEHIND_PROXY = proxy
    told = {"username": manager.email, "password": PASSWORD}
    fail(client, manager.email, 10, headers={"X-Forwarded-For": "203.0.113.9, 192.0.2.1"})
    client.post(PAGE, told, headers={"X-Forwarded-For": "192.0.2.1, 192.0.2.2"})
    assert logged_in(client) is not stopped


def test_the_stop_ends_by_itself(client, manager, monkeypatch):
    monkeypatch.setattr(log_ins, "REST", timedelta())
    fail(client, manager.email, 10)
    assert send(client, manager.email, PASSWORD).status_code == 302


def test_argon2_keeps_the_passwords():
    assert house.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def test_the_way_back_leads_on_after_log_in_but_never_out_of_the_house(client, manager):
    told = {"username": manager.email, "password": PASSWORD}
    for way, to in (("/enheter/", "/enheter/"), ("https://evil.example/", reverse("desk:start"))):
        client.logout()
        assert client.post(PAGE, {**told, "next": way}).url == to


def test_every_page_asks_for_log_in_first(client):
    for page in ("/oversikt/", "/enheter/", "/medarbetare/", "/import/", "/anvandare/"):
        response = client.get(page)
        assert response.status_code == 302
        assert response.url.startswith(PAGE)


def test_log_out_takes_a_post(log_in, manager):
    client = log_in(manager)
    assert client.get("/logga-ut/").status_code == 405
    assert logged_in(client)
    assert client.post("/logga-ut/").status_code == 302
    assert not logged_in(client)


# --- In the demo --------------------------------------------------------------------------------


def test_the_demo_has_a_button_for_each_role_of_each_federation(client, settings):
    settings.DEMO = True
    first, second = builders.federation("Alfa IT"), builders.federation("Beta IT")
    planner = builders.user("planner", within=first)
    builders.user("planner", within=first)
    manager = builders.user("care_manager", within=builders.unit(builders.municipality(first)))
    technician = builders.user("technician", within=second)
    response = client.get(PAGE)
    doors = {
        federation: [(held.role, held.user) for held in held_by]
        for federation, held_by in response.context["doors"].items()
    }
    assert doors == {
        first: [("care_manager", manager), ("planner", planner)],
        second: [("technician", technician)],
    }
    for user in (planner, manager, technician):
        assert reverse("people:demo_log_in", args=[user.pk]) in response.content.decode()


def test_a_demo_button_logs_in_and_leaves_a_line(client, settings, manager):
    settings.DEMO = True
    response = client.post(reverse("people:demo_log_in", args=[manager.pk]))
    assert response.url == reverse("desk:start")
    assert client.session["_auth_user_id"] == str(manager.pk)
    assert lines() == [("people.log_in", manager.audit_name, f"user:{manager.pk}")]


def test_outside_the_demo_there_is_no_button_and_no_way_in(client, settings, manager):
    settings.DEMO = False
    assert client.get(PAGE).context["doors"] == {}
    assert client.post(reverse("people:demo_log_in", args=[manager.pk])).status_code == 404
    assert not logged_in(client)


def test_the_demo_lets_nobody_in_who_has_no_role_or_by_a_link(client, settings, manager):
    settings.DEMO = True
    stranger = builders.user()
    assert client.post(reverse("people:demo_log_in", args=[stranger.pk])).status_code == 404
    assert client.get(reverse("people:demo_log_in", args=[manager.pk])).status_code == 405
    assert not logged_in(client)


# --- Choose a password --------------------------------------------------------------------------


@pytest.fixture
def link(manager) -> str:
    federation = manager.memberships.get().federation
    send_password_link(
        actor=manager, user=manager, federation=federation, site="https://testserver"
    )
    body = Message.objects.get().body
    return next(word for word in body.split() if word.startswith("https://testserver"))


def choose(client, link: str, password: str):
    page = client.get(link, follow=True)
    told = {"new_password1": password, "new_password2": password}
    return client.post(page.request["PATH_INFO"], told)


def test_the_link_leads_to_a_new_password_once(client, manager, link):
    assert choose(client, link, "ett helt nytt lösenord").status_code == 302
    manager.refresh_from_db()
    assert manager.check_password("ett helt nytt lösenord")
    assert Entry.objects.latest("pk").action == "people.choose_password"
    assert not client.get(link, follow=True).context["validlink"]


def test_a_short_password_is_refused(client, manager, link):
    response = choose(client, link, "kort")
    assert response.context["form"].errors
    manager.refresh_from_db()
    assert manager.check_password(PASSWORD)


def test_a_link_that_was_changed_leads_nowhere(client, link):
    response = client.get(link[:-3] + "xx/", follow=True)
    assert not response.context["validlink"]
