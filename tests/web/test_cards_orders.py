"""The orders page: what can be ordered, what waits, what is held back, and who may see it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enrolment.cards.models import CardOrder, Issuer
from enrolment.people.domain.stages import Stage
from enrolment.people.models import User
from enrolment.people.services.needs import advance_need
from enrolment.people.services.protection import name_handler
from tests import builders, card_builders

pytestmark = pytest.mark.django_db
KEEPERS = ["id_administrator", "planner", "administrator"]
OTHERS = ["care_manager", "technician", "card_issuer", ""]
ORDERS = "/bestallningar/"


@pytest.fixture
def issuer() -> Issuer:
    return card_builders.issuer()


@pytest.fixture
def keeper(issuer) -> User:
    return card_builders.keeper(issuer.federation)


def order_url(issuer: Issuer) -> str:
    return reverse("cards:order_cards", args=[issuer.pk])


def test_the_address_is_in_swedish():
    assert reverse("cards:orders") == ORDERS


@pytest.mark.parametrize("role", KEEPERS)
def test_keepers_open_orders_for_what_is_ready(role, issuer, log_in):
    visit = builders.visit(builders.unit(builders.municipality(issuer.federation)))
    photo = card_builders.approved(visit)
    client = log_in(card_builders.keeper(issuer.federation, role))
    assert order_url(issuer) in client.get(ORDERS).content.decode()
    assert client.post(order_url(issuer)).url == ORDERS
    assert CardOrder.objects.get().need == photo.capture.booking.need
    page = client.get(ORDERS).content.decode()
    assert order_url(issuer) not in page
    assert reverse("cards:batches") in page


@pytest.mark.parametrize("role", OTHERS)
def test_others_find_nothing_here(role, issuer, log_in):
    [order] = card_builders.orders(1, issuer)
    client = log_in(builders.user(role, within=issuer.federation))
    assert client.get(ORDERS).status_code == 404
    assert client.post(order_url(issuer)).status_code == 404
    assert client.post(reverse("cards:withdraw_order", args=[order.pk])).status_code == 404
    order.refresh_from_db()
    assert order.status == "open"


def test_nobody_reaches_another_federations_orders(issuer, log_in):
    [order] = card_builders.orders(1, issuer)
    client = log_in(card_builders.keeper(builders.federation()))
    page = client.get(ORDERS)
    assert page.status_code == 200
    assert order.need.staff.name not in page.content.decode()
    assert client.post(order_url(issuer)).status_code == 404
    assert client.post(reverse("cards:withdraw_order", args=[order.pk])).status_code == 404


def test_a_role_in_one_unit_orders_for_nobody(issuer, log_in):
    [order] = card_builders.orders(1, issuer)
    planner = builders.user("planner", within=order.need.staff.unit)
    client = log_in(planner)
    assert order.need.staff.name not in client.get(ORDERS).content.decode()
    assert client.post(order_url(issuer)).status_code == 404


def test_an_order_is_withdrawn_and_one_in_a_batch_is_not(issuer, keeper, log_in):
    client = log_in(keeper)
    [order] = card_builders.orders(1, issuer)
    withdraw = reverse("cards:withdraw_order", args=[order.pk])
    assert withdraw in client.get(ORDERS).content.decode()
    assert client.post(withdraw).url == ORDERS
    order.refresh_from_db()
    assert order.status == "cancelled"
    sealed = card_builders.batch(1, issuer).orders.first()
    withdraw = reverse("cards:withdraw_order", args=[sealed.pk])
    page = client.post(withdraw, follow=True).content.decode()
    assert "notice-error" in page
    assert withdraw not in page
    sealed.refresh_from_db()
    assert sealed.status == "sealed"


def test_changing_takes_a_post(issuer, keeper, log_in):
    client = log_in(keeper)
    [order] = card_builders.orders(1, issuer)
    for url in (order_url(issuer), reverse("cards:withdraw_order", args=[order.pk])):
        assert client.get(url).status_code == 405


def test_what_holds_an_order_back_stands_on_its_row(issuer, keeper, log_in):
    client = log_in(keeper)
    held, _fit = card_builders.orders(2, issuer)
    assert "row-needs" not in client.get(ORDERS).content.decode()
    advance_need(actor=keeper, need=held.need, stage=Stage.LAPSED)
    assert client.get(ORDERS).content.decode().count("row-needs") == 1


def test_the_list_narrows_to_a_status_and_to_a_batch(issuer, keeper, log_in):
    client = log_in(keeper)
    batch = card_builders.batch(1, issuer)
    [other] = card_builders.orders(1, issuer)
    other.need.staff.given_name = "Väntande"
    other.need.staff.save()

    def names(**chosen: str) -> bool:
        return "Väntande" in client.get(ORDERS, chosen).content.decode()

    assert names() is True
    assert names(status="open") is True
    assert names(status="sealed") is False
    assert names(batch=str(batch.pk)) is False
    assert names(status="nonsense", batch="nonsense") is True


def test_a_person_who_became_protected_is_shown_to_the_handler_only(issuer, keeper, log_in):
    [order] = card_builders.orders(1, issuer)
    staff = order.need.staff
    staff.protected = True
    staff.save()
    client = log_in(keeper)
    page = client.get(ORDERS)
    assert staff.name not in page.content.decode()
    assert page.context["counters"].held == 0
    assert client.post(reverse("cards:withdraw_order", args=[order.pk])).status_code == 404
    name_handler(actor=keeper, staff=staff, handler=keeper)
    assert staff.shown_name in client.get(ORDERS).content.decode()


def test_a_protected_person_is_named_by_first_name_and_hsa_id(issuer, keeper, log_in):
    [order] = card_builders.orders(1, issuer)
    staff = order.need.staff
    staff.protected, staff.family_name = True, "Hemlig"
    staff.save()
    name_handler(actor=keeper, staff=staff, handler=keeper)
    client = log_in(keeper)
    pages = [client.get(ORDERS)]
    pages += [client.post(reverse("cards:withdraw_order", args=[order.pk]), follow=True)]
    for page in pages:
        assert f"{staff.given_name} {staff.hsa_id}" in page.content.decode()
        assert "Hemlig" not in page.content.decode()


def test_only_those_who_may_see_photos_get_a_way_to_them(issuer, log_in):
    [order] = card_builders.orders(1, issuer)
    way = reverse("photos:card_image", args=[order.photo.capture_id])
    for role, seen in [("id_administrator", True), ("planner", False)]:
        client = log_in(card_builders.keeper(issuer.federation, role))
        assert (way in client.get(ORDERS).content.decode()) is seen


def test_two_issuers_have_a_button_each(issuer, keeper, log_in):
    other = card_builders.issuer(issuer.federation, slug="annat-kort")
    visit = builders.visit(builders.unit(builders.municipality(issuer.federation)))
    card_builders.approved(visit)
    page = log_in(keeper).get(ORDERS).content.decode()
    assert order_url(issuer) in page
    assert order_url(other) in page


def test_without_an_issuer_the_page_says_what_to_do(log_in):
    page = log_in(card_builders.keeper(builders.federation())).get(ORDERS)
    assert page.status_code == 200
    assert 'class="empty"' in page.content.decode()


def test_a_long_list_costs_no_more_queries_than_a_short_one(issuer, keeper, log_in):
    client = log_in(keeper)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get(ORDERS).status_code == 200
        return len(found)

    card_builders.orders(1, issuer)
    short = queries()
    card_builders.orders(5, issuer)
    assert queries() == short
    assert short <= 16
