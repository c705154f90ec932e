"""A receipt moves what it answers, forward only; one that does not fit moves nothing."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from enrolment.cards.domain.answers import (
    MatchFault,
    ReceiptMismatch,
    SentBatch,
    SentOrder,
    batch_status,
    match,
)
from enrolment.cards.domain.receipt_fields import Counts
from enrolment.cards.domain.states import (
    BatchStatus,
    OrderStatus,
    check_batch_step,
    check_order_step,
)
from tests import receipt_builders as receipts

ONE, TWO = receipts.order_id(1), receipts.order_id(2)


def sent(*orders: str, status: str = "delivered", **first) -> SentBatch:
    """A batch whose orders stand at these statuses; `first` is more about the first one."""
    known = [
        SentOrder(OrderStatus(order), has_photo=first.pop("has_photo", True), **first)
        if seq == 1
        else SentOrder(OrderStatus(order), has_photo=True)
        for seq, order in enumerate(orders or ("delivered", "delivered"), start=1)
    ]
    return SentBatch(
        issuer="kortverket",
        name="KB-2026-000001",
        package_sha256="ab" * 32,
        status=BatchStatus(status),
        orders={receipts.order_id(seq): order for seq, order in enumerate(known, start=1)},
    )


def fault(document, batch: SentBatch) -> tuple[str, dict]:
    with pytest.raises(ReceiptMismatch) as caught:
        match(document, batch)
    return caught.value.code, caught.value.params


def line(seq: int = 1, status: str = "accepted", **more):
    if status == "rejected":
        more = {"code": "DATA_NAME"} | more
    return receipts.line(receipts.order_id(seq), status, **more)


def test_a_whole_package_is_acknowledged():
    assert match(receipts.technical(), sent()).batch == "acknowledged"


@pytest.mark.parametrize("status", ["acknowledged", "partly", "closed"])
def test_a_late_technical_receipt_moves_nothing(status):
    found = match(receipts.technical(), sent("accepted", "rejected", status=status))
    assert (found.orders, found.batch) == ({}, None)


@pytest.mark.parametrize("status", ["delivered", "acknowledged"])
def test_a_package_that_cannot_be_opened_is_rejected(status):
    refusal = receipts.technical("REJECTED", code="BATCH_DECRYPT")
    assert match(refusal, sent(status=status)).batch == "rejected"


def test_a_rejected_package_is_rejected_once_and_not_received_after_that():
    refused = sent(status="rejected")
    refusal = receipts.technical("REJECTED", code="BATCH_DECRYPT")
    assert match(refusal, refused).batch is None
    known = {"batch": "KB-2026-000001", "known": "rejected"}
    for document in (receipts.technical(), receipts.content(line(1), line(2))):
        assert fault(document, refused) == (MatchFault.BATCH_BACKWARDS, known)


def test_a_package_that_no_sending_mends_is_ended_by_rejecting_every_order():
    document = receipts.content(line(1, "rejected"), line(2, "rejected"))
    answers = match(document, sent(status="rejected"))
    assert answers.orders == {ONE: "rejected", TWO: "rejected"}
    assert answers.batch is None
    some = receipts.content(line(1, "rejected"), line(2))
    assert fault(some, sent(status="rejected"))[0] == MatchFault.BATCH_BACKWARDS


def test_a_package_whose_orders_are_answered_is_not_rejected_whole():
    refusal = receipts.technical("REJECTED", code="BATCH_SCHEMA")
    batch = sent("accepted", "delivered", status="partly")
    assert fault(refusal, batch)[0] == MatchFault.BATCH_BACKWARDS


def test_orders_rejected_one_by_one_are_not_a_rejected_package():
    assert (
        match(receipts.technical(), sent("rejected", "rejected", status="rejected")).batch is None
    )


def test_each_order_gets_its_answer():
    document = receipts.content(line(1), line(2, "rejected"))
    found = match(document, sent())
    assert found.orders == {ONE: "accepted", TWO: "rejected"}
    assert found.batch == "partly"


def test_an_order_that_is_not_judged_waits():
    found = match(receipts.content(line(1), line(2, "pending")), sent())
    assert found.orders == {ONE: "accepted"}
    assert found.batch == "partly"
    waiting = match(receipts.content(line(1, "pending"), line(2, "pending")), sent())
    assert (waiting.orders, waiting.batch) == ({}, "acknowledged")


def test_cards_are_made_with_or_without_a_content_receipt_before():
    document = receipts.production(line(1, "produced", card_number="A-1"))
    assert match(document, sent()).orders == {ONE: "produced"}
    later = match(
        receipts.production(line(1, "posted"), line(2, "posted")),
        sent("produced", "accepted", status="accepted", card_number="A-1"),
    )
    assert later.batch == "closed"


def test_somebody_elses_receipt_is_refused():
    document = receipts.technical()
    assert fault(replace(document, issuer="annat-kort"), sent())[0] == MatchFault.OTHER_ISSUER
    other = replace(document, package_sha256="cd" * 32)
    assert fault(other, sent())[0] == MatchFault.OTHER_PACKAGE


def test_an_order_that_is_not_in_the_batch_is_refused():
    stranger = receipts.order_id(9)
    for document in (
        receipts.content(line(1), line(9)),
        receipts.production(line(9, "produced")),
    ):
        assert fault(document, sent()) == (MatchFault.UNKNOWN_ORDER, {"order_id": stranger})


def test_an_order_twice_is_refused():
    for document in (
        receipts.content(line(1), line(1)),
        receipts.production(line(1, "produced"), line(1, "posted")),
    ):
        assert fault(document, sent()) == (MatchFault.ORDER_TWICE, {"order_id": ONE})


@pytest.mark.parametrize(
    "counts", [(3, 2, 0, 0), (2, 1, 1, 0), (2, 2, 0, 1), (10**30, 0, 0, 0), (1, 1, 0, 0)]
)
def test_counts_that_are_not_those_of_the_lines_are_refused(counts):
    stated = dict(zip(["orders", "accepted", "rejected", "pending"], counts, strict=True))
    document = replace(receipts.content(line(1), line(2)), counts=Counts(**stated))
    assert fault(document, sent()) == (MatchFault.COUNTS, {"orders": 2})


def test_a_content_receipt_answers_every_order():
    assert fault(receipts.content(line(1)), sent()) == (MatchFault.COUNTS, {"orders": 2})


@pytest.mark.parametrize("status", ["partly", "rejected", "pending"])
def test_a_status_that_is_not_that_of_the_lines_is_refused(status):
    document = replace(receipts.content(line(1), line(2)), status=status)
    assert fault(document, sent()) == (MatchFault.STATUS, {"status": "accepted"})


def test_a_photo_is_not_refused_where_none_was_sent():
    document = receipts.content(line(1, "rejected", code="PHOTO_BLUR"))
    assert fault(document, sent("delivered", has_photo=False))[0] == MatchFault.NO_PHOTO
    assert match(document, sent("delivered")).orders == {ONE: "rejected"}


def test_no_card_is_made_of_a_rejected_order():
    document = receipts.production(line(1, "produced"))
    assert fault(document, sent("rejected"))[0] == MatchFault.NOT_ACCEPTED


def test_a_card_keeps_its_number():
    document = receipts.production(line(1, "posted", card_number="B-2"))
    batch = sent("produced", status="accepted", card_number="A-1")
    assert fault(document, batch)[0] == MatchFault.OTHER_CARD
    same = receipts.production(line(1, "posted", card_number="A-1"))
    assert match(same, batch).orders == {ONE: "posted"}


@pytest.mark.parametrize(
    ("known", "answer"),
    [
        ("accepted", "pending"),
        ("rejected", "accepted"),
        ("rejected", "pending"),
        ("produced", "pending"),
        ("produced", "rejected"),
        ("posted", "produced"),
        ("returned", "posted"),
        ("rejected", "rejected"),
    ],
)
def test_nothing_goes_backwards(known, answer):
    content = answer in ("pending", "accepted", "rejected")
    document = (receipts.content if content else receipts.production)(line(1, answer))
    batch = sent(known, status="acknowledged", code="NOT_ELIGIBLE")
    assert fault(document, batch) == (MatchFault.BACKWARDS, {"order_id": ONE, "known": known})


@pytest.mark.parametrize(
    ("known", "answer", "more"),
    [
        ("accepted", "accepted", {}),
        ("posted", "accepted", {}),
        ("posted", "posted", {}),
        ("rejected", "rejected", {"code": "NOT_ELIGIBLE"}),
        ("accepted", "rejected", {"code": "DUPLICATE_ORDER"}),
        ("posted", "rejected", {"code": "DUPLICATE_ORDER"}),
    ],
)
def test_what_is_known_moves_nothing(known, answer, more):
    content = answer in ("accepted", "rejected")
    document = (receipts.content if content else receipts.production)(line(1, answer, **more))
    assert match(document, sent(known, status="accepted", code="NOT_ELIGIBLE")).orders == {}


def test_an_accepted_order_may_still_be_rejected():
    found = match(receipts.content(line(1, "rejected")), sent("accepted", status="accepted"))
    assert (found.orders, found.batch) == ({ONE: "rejected"}, "rejected")


@pytest.mark.parametrize(
    ("orders", "status"),
    [
        ("delivered delivered", "acknowledged"),
        ("delivered accepted", "partly"),
        ("rejected accepted", "partly"),
        ("rejected rejected", "rejected"),
        ("accepted produced", "accepted"),
        ("accepted posted", "accepted"),
        ("posted rejected", "closed"),
        ("posted returned", "closed"),
    ],
)
def test_a_batch_stands_where_its_orders_stand(orders, status):
    assert batch_status(OrderStatus(order) for order in orders.split()) == status


def after(batch: SentBatch, document, answers) -> SentBatch:
    lines = {line.order_id: line for line in document.lines}
    orders = {
        order_id: replace(
            order,
            status=answers.orders.get(order_id, order.status),
            code=lines[order_id].code or order.code if order_id in answers.orders else order.code,
        )
        for order_id, order in batch.orders.items()
    }
    return replace(batch, orders=orders, status=answers.batch or batch.status)


answers = some.sampled_from(["accepted", "rejected", "pending"])
makings = some.sampled_from(["produced", "posted", "returned"])
anything = (
    some.just(receipts.technical())
    | some.just(receipts.technical("REJECTED", code="BATCH_DECRYPT"))
    | some.tuples(answers, answers, answers).map(
        lambda said: receipts.content(*(line(seq, each) for seq, each in enumerate(said, 1)))
    )
    | some.dictionaries(some.integers(1, 3), makings, min_size=1).map(
        lambda said: receipts.production(*(line(seq, each) for seq, each in said.items()))
    )
)


@settings(max_examples=500)
@given(some.lists(anything, max_size=8))
def test_no_run_of_receipts_takes_a_step_that_the_tables_forbid(documents):
    batch = sent("delivered", "delivered", "delivered")
    for document in documents:
        try:
            found = match(document, batch)
        except ReceiptMismatch:
            continue
        for order_id, status in found.orders.items():
            check_order_step(batch.orders[order_id].status, status)
        if found.batch:
            check_batch_step(batch.status, found.batch)
        batch = after(batch, document, found)
        again = match(document, batch)
        assert (again.orders, again.batch) == ({}, None)
