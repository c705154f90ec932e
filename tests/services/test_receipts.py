"""A receipt moves orders, needs and batch once; one that does not fit is kept and moves nothing."""

import pytest

from enrolment import vault
from enrolment.audit.models import Entry
from enrolment.cards.domain.receipt import MOST_BYTES
from enrolment.cards.domain.receipt_fields import write_receipt
from enrolment.cards.models import Batch, CardOrder, Receipt, ReceiptLine
from enrolment.cards.services.receipts import (
    NotDeliveredYet,
    NotQuarantined,
    TooLarge,
    settle_receipt,
    take_receipt,
    type_receipt,
)
from enrolment.messages.models import Message
from enrolment.people.domain.refusal import Code
from enrolment.people.domain.steps import StepNotAllowed
from enrolment.people.models import CardNeed
from enrolment.people.services.needs import lapse_needs_of
from photos.models import Photo
from tests import builders, card_builders
from tests import receipt_builders as receipts

pytestmark = pytest.mark.django_db


def stand() -> None:
    receipts.delivered(2)


@pytest.fixture
def batch() -> Batch:
    return Batch.objects.select_related("issuer__federation").get()


def everything() -> list:
    """Return all that a receipt could move."""
    tables = (Batch, CardOrder, CardNeed, Photo, ReceiptLine, Message)
    rows = [list(table.objects.order_by("pk").values()) for table in tables]
    return [*rows, list(Receipt.objects.filter(state="taken").order_by("pk").values())]


def statuses(batch: Batch) -> tuple[str, list[str], list[str]]:
    """Return where the batch, its orders and their needs stand."""
    batch.refresh_from_db()
    rows = batch.orders.order_by("seq").values_list("status", "need__stage")
    return batch.status, [row[0] for row in rows], [row[1] for row in rows]


def test_a_received_package_is_acknowledged(batch):
    receipt = receipts.take(receipts.about(batch, "technical"), batch.issuer)
    assert (receipt.state, receipt.kind, receipt.batch) == ("taken", "technical", batch)
    assert statuses(batch) == ("acknowledged", ["delivered"] * 2, ["delivered"] * 2)
    assert batch.changes.latest("at").status == "acknowledged"


def test_a_package_the_issuer_cannot_open_is_rejected_and_operations_are_told(batch):
    boss = builders.user("administrator", within=batch.issuer.federation)
    builders.user("administrator", within=builders.federation())
    document = receipts.about(batch, "technical", status="REJECTED", code="BATCH_DECRYPT")
    receipts.take(document, batch.issuer)
    assert statuses(batch) == ("rejected", ["delivered"] * 2, ["delivered"] * 2)
    assert "BATCH_DECRYPT" in batch.error
    message = Message.objects.get(key__startswith="package-rejected")
    assert message.recipient == boss.email
    assert batch.name in message.subject


def test_accepted_orders_are_acknowledged(batch):
    receipt = receipts.take(receipts.judged(batch, "accepted", "accepted"), batch.issuer)
    assert statuses(batch) == ("accepted", ["accepted"] * 2, ["acknowledged"] * 2)
    assert [line.status for line in receipt.lines.all()] == ["accepted"] * 2
    order = batch.orders.first()
    assert order.changes.latest("at").status == "accepted"
    assert order.need.stage_changes.latest("at").stage == "acknowledged"


def test_orders_with_wrong_data_wait_to_be_cleared_up(batch):
    receipts.take(receipts.judged(batch, "DATA_NAME", "pending"), batch.issuer)
    assert statuses(batch) == ("partly", ["rejected", "delivered"], ["delivered"] * 2)
    assert batch.orders.earliest("seq").code == "DATA_NAME"


def test_what_was_pending_is_judged_later(batch):
    receipts.take(receipts.judged(batch, "accepted", "pending"), batch.issuer)
    receipts.take(receipts.judged(batch, "accepted", "accepted"), batch.issuer)
    assert statuses(batch) == ("accepted", ["accepted"] * 2, ["acknowledged"] * 2)


def test_cards_are_made_and_posted_with_their_number(batch):
    first, second = (str(order.pk) for order in receipts.orders(batch))
    lines = [receipts.line(first, "produced", card_number="A-1", date="2026-05-14")]
    receipt = receipts.take(receipts.about(batch, "production", *lines), batch.issuer)
    assert statuses(batch) == ("partly", ["produced", "delivered"], ["acknowledged", "delivered"])
    assert receipt.lines.get().on.isoformat() == "2026-05-14"
    both = [receipts.line(each, "posted") for each in (first, second)]
    receipts.take(receipts.about(batch, "production", *both), batch.issuer)
    assert statuses(batch) == ("closed", ["posted"] * 2, ["acknowledged"] * 2)
    assert batch.orders.get(pk=first).card_number == "A-1"


def test_a_need_that_has_ended_stays_ended(batch):
    one = receipts.orders(batch)[0]
    lapse_needs_of(
        actor=builders.user(),
        federation=batch.issuer.federation,
        staff=[one.need.staff],
        why="left",
    )
    receipts.take(receipts.judged(batch, "accepted", "PHOTO_BLUR"), batch.issuer)
    assert statuses(batch) == ("partly", ["accepted", "rejected"], ["lapsed", "booked"])


def test_an_ended_need_is_not_woken_by_a_refused_photo(batch):
    lapse_needs_of(
        actor=builders.user(),
        federation=batch.issuer.federation,
        staff=[order.need.staff for order in receipts.orders(batch)],
        why="left",
    )
    receipts.take(receipts.judged(batch, "accepted", "PHOTO_BLUR"), batch.issuer)
    assert statuses(batch)[2] == ["lapsed", "lapsed"]
    assert list(Photo.objects.order_by("accepted_at").values_list("status", flat=True)) == [
        "approved",
        "rejected",
    ]


def test_the_same_bytes_again_are_the_same_receipt(batch):
    document = receipts.judged(batch, "accepted", "PHOTO_BLUR")
    receipt = receipts.take(document, batch.issuer)
    before = everything()
    assert receipts.take(document, batch.issuer, name="annat.json") == receipt
    assert everything() == before
    assert Receipt.objects.count() == 1


def test_a_double_click_types_one_receipt(batch):
    actor = card_builders.keeper(batch.issuer.federation)
    first = receipts.about(batch, "technical", receipt_id="typed-1")
    receipt = type_receipt(actor=actor, batch=batch, document=first)
    later = receipts.about(
        batch, "technical", receipt_id="typed-1", created_at=first.created_at.replace(year=2027)
    )
    assert type_receipt(actor=actor, batch=batch, document=later) == receipt
    assert (receipt.state, receipt.via, receipt.received_by) == ("taken", "page", actor.audit_name)


def test_the_content_lies_sealed_as_it_came(batch):
    document = receipts.about(batch, "technical")
    receipt = Receipt.objects.get(pk=receipts.take(document, batch.issuer).pk)
    assert vault.unseal(bytes(receipt.content), receipt.vault_place) == write_receipt(document)
    assert batch.name.encode() not in bytes(receipt.content)


def test_every_receipt_is_logged_without_its_words(batch):
    receipts.take(receipts.judged(batch, "accepted", "DATA_NAME"), batch.issuer)
    receipts.take(b"{}", batch.issuer)
    taken, kept = (
        Entry.objects.get(action=f"cards.{action}_receipt") for action in ("take", "quarantine")
    )
    assert (taken.details["lines"], taken.details["batch"]) == (2, str(batch.pk))
    assert kept.details["fault"] == "fields"
    assert "Det gick inte" not in str([taken.details, kept.details])


def wrong_receipts(batch: Batch) -> dict[str, bytes]:
    """Every way a receipt may be wrong, by the code it gets."""
    stranger = receipts.line(receipts.order_id(7))
    first = str(receipts.orders(batch)[0].pk)
    known = receipts.line(first)
    other = receipts.delivered(1, card_builders.issuer(batch.issuer.federation, slug="annat-kort"))
    content = {
        "unknown_batch": receipts.about(batch, "technical", batch_id="KB-2026-999999"),
        "other_issuer": receipts.about(batch, "technical", issuer=other.issuer.slug),
        "other_package": receipts.about(other, "technical", issuer=batch.issuer.slug),
        "unknown_order": receipts.about(batch, "content", known, stranger),
        "order_twice": receipts.about(batch, "content", known, known),
        "counts": receipts.about(batch, "content", known),
        "status": receipts.judged(batch, "accepted", "accepted", status="partly"),
    }
    found = {code: write_receipt(document) for code, document in content.items()}
    return found | {"not_json": b"{" * 9, "fields": b"{}", "encoding": b"\xff"}


def test_a_wrong_receipt_is_kept_in_quarantine_and_moves_nothing(batch):
    for code, data in wrong_receipts(batch).items():
        before = everything()
        receipt = receipts.take(data, batch.issuer)
        assert (receipt.state, receipt.fault["code"]) == ("quarantined", code)
        assert everything() == before
        assert vault.unseal(bytes(receipt.content), receipt.vault_place) == data


def test_another_issuers_batch_of_the_same_name_is_not_touched(batch):
    other = receipts.delivered(1, card_builders.issuer())
    assert other.name == batch.name
    before = everything()
    receipt = receipts.take(receipts.judged(batch, "accepted", "accepted"), other.issuer)
    assert receipt.fault["code"] == "other_package"
    assert everything() == before


def test_a_receipt_id_is_taken_once(batch):
    receipts.take(receipts.about(batch, "technical", receipt_id="R-1"), batch.issuer)
    before = everything()
    again = receipts.judged(batch, "accepted", "accepted", receipt_id="R-1")
    receipt = receipts.take(again, batch.issuer)
    assert (receipt.state, receipt.fault) == (
        "quarantined",
        {"code": "id_used", "receipt_id": "R-1"},
    )
    assert everything() == before


def test_what_comes_out_of_order_moves_nothing(batch):
    first, _second = (str(order.pk) for order in receipts.orders(batch))
    posted = receipts.about(batch, "production", receipts.line(first, "posted"))
    receipts.take(posted, batch.issuer)
    before = everything()
    for late in (
        receipts.about(batch, "production", receipts.line(first, "produced")),
        receipts.judged(batch, "pending", "accepted"),
        receipts.judged(batch, "DATA_NAME", "accepted"),
        receipts.about(batch, "technical", status="REJECTED", code="BATCH_SCHEMA"),
    ):
        assert receipts.take(late, batch.issuer).state == "quarantined"
        assert everything() == before


def test_a_csv_in_windows_1252_with_a_formula_does_what_it_says(batch):
    document = receipts.judged(batch, "accepted", "accepted")
    data = receipts.as_csv(document).decode().replace(";;;\r\n", ";=1+1 å;;\r\n", 1)
    receipt = receipts.take(data.encode("cp1252"), batch.issuer, name="kvittens.csv")
    assert receipt.state == "taken"
    assert receipt.lines.filter(text="=1+1 å").count() == 1


@pytest.mark.parametrize("status", ["sealed", "built"])
def test_a_receipt_before_delivery_waits(batch, status):
    Batch.objects.filter(pk=batch.pk).update(status=status)
    before = everything()
    with pytest.raises(NotDeliveredYet):
        receipts.take(receipts.about(batch, "technical"), batch.issuer)
    assert everything() == before
    assert Receipt.objects.count() == 0


def test_fifty_megabytes_are_neither_read_nor_kept(batch):
    for size in (MOST_BYTES + 1, 50_000_000):
        with pytest.raises(TooLarge):
            receipts.take(b" " * size, batch.issuer)
    assert Receipt.objects.count() == 0


def test_a_quarantined_receipt_is_settled_once_with_a_note(batch):
    receipt = receipts.take(b"{}", batch.issuer)
    actor = card_builders.keeper(batch.issuer.federation)
    settled = settle_receipt(actor=actor, receipt=receipt, note="Ringt utgivaren")
    assert (settled.state, settled.fault["settled"]) == ("settled", "Ringt utgivaren")
    assert settled.fault["code"] == "fields"
    line = Entry.objects.get(action="cards.settle_receipt")
    assert (line.actor, line.subject) == (actor.audit_name, f"receipt:{receipt.pk}")
    for done in (receipt, receipts.take(receipts.about(batch, "technical"), batch.issuer)):
        with pytest.raises(NotQuarantined):
            settle_receipt(actor=actor, receipt=done, note="")


def test_a_large_batch_is_answered_in_few_queries(batch, django_assert_max_num_queries):
    def count(size: int) -> int:
        made = receipts.delivered(size)
        data = write_receipt(receipts.judged(made, *["accepted"] * size))
        with django_assert_max_num_queries(200) as caught:
            take_receipt(
                actor=builders.user(), issuer=made.issuer, data=data, name="r.json", via="api"
            )
        return len([query for query in caught if "audit_" not in query["sql"]])

    assert count(3) == count(6)


def test_what_fails_half_way_leaves_nothing(batch, monkeypatch):
    def refuse(**facts):
        raise StepNotAllowed(Code.STEP_NOT_ALLOWED)

    monkeypatch.setattr("enrolment.cards.services.receipt_effects.refuse_photo", refuse)
    before = everything()
    document = receipts.judged(batch, "accepted", "PHOTO_BLUR")
    with pytest.raises(StepNotAllowed):
        receipts.take(document, batch.issuer)
    assert everything() == before
    assert Receipt.objects.count() == 0
    monkeypatch.undo()
    assert receipts.take(document, batch.issuer).state == "taken"
