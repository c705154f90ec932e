"""An order that was rejected for its data is corrected and ordered again, or its need is ended."""

import pytest

from enrolment.audit.models import Entry
from enrolment.cards.models import Batch, CardOrder
from enrolment.cards.queries.receipts import clear_up_rows, to_clear_up
from enrolment.cards.services.orders import open_orders
from enrolment.cards.services.remedies import NothingToClearUp, end_need, order_again
from tests import builders
from tests import receipt_builders as receipts

pytestmark = pytest.mark.django_db


def waiting() -> list[CardOrder]:
    return list(to_clear_up(CardOrder.objects.all()))


def stand() -> None:
    receipts.delivered(2)


@pytest.fixture
def batch() -> Batch:
    return Batch.objects.select_related("issuer__federation").get()


@pytest.fixture
def rejected(batch) -> CardOrder:
    receipts.take(receipts.judged(batch, "DATA_NAME", "accepted"), batch.issuer)
    return receipts.orders(batch)[0]


@pytest.mark.parametrize("code", ["DATA_NAME", "NOT_ELIGIBLE", "DUPLICATE_ORDER"])
def test_what_is_not_the_photos_fault_is_to_clear_up(batch, code):
    assert waiting() == []
    receipts.take(receipts.judged(batch, code, "accepted"), batch.issuer)
    assert waiting() == [receipts.orders(batch)[0]]
    [row] = clear_up_rows(to_clear_up(CardOrder.objects.all()))
    assert (row.text, row.can_order_again) == ("Det gick inte", True)
    assert row.reason


def test_a_refused_photo_is_not_to_clear_up(batch):
    receipts.take(receipts.judged(batch, "PHOTO_BLUR", "accepted"), batch.issuer)
    assert waiting() == []


def test_a_duplicate_of_an_accepted_order_is_nothing_to_clear_up(batch):
    receipts.take(receipts.judged(batch, "accepted", "accepted"), batch.issuer)
    receipts.take(receipts.judged(batch, "DUPLICATE_ORDER", "accepted"), batch.issuer)
    assert waiting() == []
    assert receipts.orders(batch)[0].status == "accepted"


def test_ordered_again_it_supersedes_the_rejected_one(batch, rejected):
    actor = builders.user()
    order_again(actor=actor, order=rejected)
    rejected.need.refresh_from_db()
    assert rejected.need.stage == "approved"
    assert waiting() == []
    [again] = open_orders(actor=actor, issuer=batch.issuer)
    assert (again.need, again.photo, again.supersedes) == (
        rejected.need,
        rejected.photo,
        rejected,
    )
    line = Entry.objects.get(action="cards.order_again")
    assert (line.subject, line.details["code"]) == (f"cardorder:{rejected.pk}", "DATA_NAME")


def test_it_is_cleared_up_once(rejected):
    order_again(actor=builders.user(), order=rejected)
    for remedy in (order_again, end_need):
        with pytest.raises(NothingToClearUp):
            remedy(actor=builders.user(), order=rejected)


def test_the_need_is_ended(rejected):
    end_need(actor=builders.user(), order=rejected)
    rejected.need.refresh_from_db()
    assert (rejected.need.stage, rejected.need.open) == ("lapsed", False)
    assert waiting() == []
    assert Entry.objects.filter(action="cards.end_need").count() == 1


def test_an_order_that_is_not_rejected_is_not_ordered_again(batch):
    for order in receipts.orders(batch):
        with pytest.raises(NothingToClearUp):
            order_again(actor=builders.user(), order=order)


def test_a_card_that_came_back_is_cleared_up_but_not_ordered_again(batch):
    first = receipts.orders(batch)[0]
    line = receipts.line(str(first.pk), "returned")
    receipts.take(receipts.about(batch, "production", line), batch.issuer)
    assert waiting() == [first]
    [row] = clear_up_rows(to_clear_up(CardOrder.objects.all()))
    assert (row.can_order_again, row.reason) == (False, "")
    with pytest.raises(NothingToClearUp):
        order_again(actor=builders.user(), order=first)
    end_need(actor=builders.user(), order=first)
    assert waiting() == []


def test_the_list_costs_the_same_however_long(batch, django_assert_num_queries):
    receipts.take(receipts.judged(batch, "DATA_NAME", "DATA_TITLE"), batch.issuer)
    with django_assert_num_queries(2):
        rows = clear_up_rows(to_clear_up(CardOrder.objects.all()))
        assert [row.order.need.staff.unit.municipality.name for row in rows] == ["Ådal"] * 2
