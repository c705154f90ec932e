"""What a click at the issuer means is a receipt that fits its batch."""

import uuid
from datetime import UTC, datetime

import pytest

from enrolment.cards.domain.answering import Answering, Known, judged, received, refused
from enrolment.cards.domain.answers import Answers, SentBatch, SentOrder, match
from enrolment.cards.domain.receipt import read_receipt
from enrolment.cards.domain.receipt_fields import OrderAnswer, ReceiptDocument, write_receipt
from enrolment.cards.domain.states import BatchStatus, OrderStatus

HASH = "ab" * 32
FIRST, SECOND, THIRD = (str(uuid.UUID(int=number)) for number in (1, 2, 3))
ANSWERING = Answering(
    receipt_id="KB-2026-000001.page-1",
    issuer="kortverket",
    batch_id="KB-2026-000001",
    package_sha256=HASH,
    created_at=datetime(2026, 5, 12, 8, 5, tzinfo=UTC),
)
MIXED = {
    FIRST: Known(OrderStatus.DELIVERED),
    SECOND: Known(OrderStatus.ACCEPTED),
    THIRD: Known(OrderStatus.REJECTED, "PHOTO_BLUR"),
}


def taken(document: ReceiptDocument, status: BatchStatus, orders: dict[str, Known]) -> Answers:
    """Hand the receipt in as bytes and hold it against the batch."""
    read = read_receipt(write_receipt(document), "a.json")
    assert read == document
    sent = {each: SentOrder(known.status, True, known.code) for each, known in orders.items()}
    return match(read, SentBatch("kortverket", "KB-2026-000001", HASH, status, sent))


def test_received_acknowledges_the_batch():
    assert taken(received(ANSWERING), BatchStatus.DELIVERED, MIXED) == Answers(
        {}, BatchStatus.ACKNOWLEDGED
    )


def test_the_rest_is_accepted_and_what_is_rejected_stays_so():
    document = judged(ANSWERING, MIXED, OrderAnswer.ACCEPTED)
    answers = taken(document, BatchStatus.PARTLY, MIXED)
    assert answers.orders == {FIRST: OrderStatus.ACCEPTED}
    assert (document.counts.accepted, document.counts.rejected) == (2, 1)


def test_one_order_is_rejected_and_the_others_stay():
    document = refused(ANSWERING, MIXED, FIRST, "PHOTO_EYES", "Ögonen syns inte.")
    answers = taken(document, BatchStatus.PARTLY, MIXED)
    assert answers.orders == {FIRST: OrderStatus.REJECTED}
    line = document.lines[0]
    assert (line.code, line.text) == ("PHOTO_EYES", "Ögonen syns inte.")


def test_an_accepted_order_can_still_be_rejected():
    answers = taken(refused(ANSWERING, MIXED, SECOND, "PHOTO_GLARE", ""), BatchStatus.PARTLY, MIXED)
    assert answers.orders == {SECOND: OrderStatus.REJECTED}


@pytest.mark.parametrize("count", [1, 3])
def test_a_batch_is_wholly_accepted_by_one_receipt(count):
    orders = dict.fromkeys((FIRST, SECOND, THIRD)[:count], Known(OrderStatus.DELIVERED))
    answers = taken(
        judged(ANSWERING, orders, OrderAnswer.ACCEPTED), BatchStatus.ACKNOWLEDGED, orders
    )
    assert answers == Answers(dict.fromkeys(orders, OrderStatus.ACCEPTED), BatchStatus.ACCEPTED)
