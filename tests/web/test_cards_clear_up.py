"""The page Att reda ut: what the issuer rejected, and what the ID administrator does about it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enrolment.cards.models import Batch, CardOrder
from enrolment.people.models import Staff
from tests import builders, card_builders
from tests import receipt_builders as receipts

pytestmark = pytest.mark.django_db
PAGE = "/att-reda-ut/"


def stand() -> None:
    batch = receipts.delivered(2)
    receipts.take(receipts.judged(batch, "NOT_ELIGIBLE", "accepted"), batch.issuer)


@pytest.fixture
def order() -> CardOrder:
    return receipts.orders(Batch.objects.get())[0]


def again(order: CardOrder) -> str:
    return reverse("cards:order_again", args=[order.pk])


def end(order: CardOrder) -> str:
    return reverse("cards:end_need", args=[order.pk])


@pytest.fixture
def ida(order, log_in):
    return log_in(card_builders.keeper(order.issuer.federation))


def test_the_page_says_who_why_and_what_to_do(order, ida):
    page = ida.get(PAGE).content.decode()
    assert order.need.staff.name in page
    assert "Det gick inte" in page
    assert again(order) in page
    assert end(order) in page


def test_it_is_ordered_again(order, ida):
    assert ida.post(again(order)).url == PAGE
    order.need.refresh_from_db()
    assert order.need.stage == "approved"
    assert again(order) not in ida.get(PAGE).content.decode()


def test_the_need_is_ended(order, ida):
    assert ida.post(end(order)).url == PAGE
    order.need.refresh_from_db()
    assert order.need.stage == "lapsed"


def test_what_is_cleared_up_already_says_so(order, ida):
    ida.post(again(order))
    for place in (again(order), end(order)):
        assert "notice-error" in ida.post(place, follow=True).content.decode()
    order.need.refresh_from_db()
    assert order.need.stage == "approved"


def test_a_card_that_came_back_can_not_be_ordered_again(order, ida):
    other = receipts.orders(order.batch)[1]
    line = receipts.line(str(other.pk), "returned")
    receipts.take(receipts.about(order.batch, "production", line), order.issuer)
    page = ida.get(PAGE).content.decode()
    assert other.need.staff.name in page
    assert again(other) not in page
    assert end(other) in page


@pytest.mark.parametrize(
    "role", ["planner", "administrator", "care_manager", "technician", "card_issuer", ""]
)
def test_the_page_is_the_id_administrators(order, role, log_in):
    client = log_in(builders.user(role, within=order.issuer.federation))
    assert client.get(PAGE).status_code == 404
    assert client.post(again(order)).status_code == 404
    assert client.post(end(order)).status_code == 404


def test_another_federations_orders_are_not_there(order, log_in):
    client = log_in(card_builders.keeper(builders.federation()))
    assert order.need.staff.name not in client.get(PAGE).content.decode()
    assert client.post(again(order)).status_code == 404
    assert client.post(end(order)).status_code == 404


def test_a_protected_person_is_the_handlers(order, ida):
    Staff.objects.filter(pk=order.need.staff.pk).update(protected=True)
    assert again(order) not in ida.get(PAGE).content.decode()
    assert ida.post(again(order)).status_code == 404


def test_changing_takes_a_post(order, ida):
    for place in (again(order), end(order)):
        assert ida.get(place).status_code == 405


def test_the_list_costs_the_same_however_long(order, ida):
    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            ida.get(PAGE)
        return len(caught)

    few = count()
    more = receipts.delivered(3, order.issuer)
    receipts.take(receipts.judged(more, *["DATA_NAME"] * 3), order.issuer)
    assert ida.get(PAGE).content.decode().count(reverse("cards:batch", args=[more.pk])) == 3
    assert count() == few


def test_the_start_page_and_the_menu_lead_here(order, ida, log_in):
    start = reverse("desk:start")
    assert ida.get(start).content.decode().count(f'href="{PAGE}"') >= 2
    planner = log_in(card_builders.keeper(order.issuer.federation, "planner"))
    assert f'href="{PAGE}"' not in planner.get(start).content.decode()
