"""The receipts' pages: what came, what does not add up, a file handed in, a receipt typed."""

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enrolment.audit.models import Entry
from enrolment.cards.domain.receipt import MOST_BYTES
from enrolment.cards.domain.receipt_fields import write_receipt
from enrolment.cards.models import Batch, Receipt
from enrolment.people.models import Staff, User
from tests import builders, card_builders
from tests import receipt_builders as receipts

pytestmark = pytest.mark.django_db
KEEPERS = ["id_administrator", "planner", "administrator"]
OTHERS = ["care_manager", "technician", "card_issuer", ""]
LIST, UPLOAD = "/kvittenser/", "/kvittenser/ladda-upp/"
TYPED = ["type_technical", "type_content", "type_production"]


def stand() -> None:
    receipts.delivered(2)


@pytest.fixture
def batch() -> Batch:
    return Batch.objects.select_related("issuer__federation").get()


@pytest.fixture
def keeper(batch) -> User:
    return card_builders.keeper(batch.issuer.federation, "planner")


def quarantined(batch: Batch) -> Receipt:
    document = receipts.about(batch, "technical", package_sha256="ab" * 32)
    return receipts.take(document, batch.issuer)


def address(receipt: Receipt) -> str:
    return reverse("cards:receipt", args=[receipt.pk])


def typed(name: str, batch: Batch) -> str:
    return reverse(f"cards:{name}", args=[batch.pk])


def file(data: bytes, name: str = "kvittens.json") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def key() -> str:
    return str(uuid.uuid4())


@pytest.mark.parametrize("role", KEEPERS)
def test_keepers_read_receipts_those_in_quarantine_first(batch, role, log_in):
    client = log_in(card_builders.keeper(batch.issuer.federation, role))
    wrong = quarantined(batch)
    taken = receipts.take(receipts.about(batch, "technical"), batch.issuer)
    page = client.get(LIST).content.decode()
    assert page.index(address(wrong)) < page.index(address(taken))
    assert page.count("row-needs") == 1
    assert client.get(address(taken)).status_code == 200


@pytest.mark.parametrize("role", OTHERS)
def test_others_find_nothing_here(batch, role, log_in):
    receipt = quarantined(batch)
    client = log_in(builders.user(role, within=batch.issuer.federation))
    places = [LIST, UPLOAD, address(receipt), *(typed(name, batch) for name in TYPED)]
    assert {client.get(place).status_code for place in places} == {404}
    assert {client.post(place).status_code for place in places[1:]} == {404}


def test_another_federations_receipts_are_not_there(batch, log_in):
    receipt = quarantined(batch)
    client = log_in(card_builders.keeper(builders.federation()))
    assert address(receipt) not in client.get(LIST).content.decode()
    for place in [address(receipt), *(typed(name, batch) for name in TYPED)]:
        assert client.get(place).status_code == 404
        assert client.post(place, {"note": "x"}).status_code == 404
    receipt.refresh_from_db()
    assert receipt.state == "quarantined"


def test_the_page_says_what_is_wrong_and_is_settled_with_a_note(batch, keeper, log_in):
    client, receipt = log_in(keeper), quarantined(batch)
    assert "notice-error" in client.get(address(receipt)).content.decode()
    assert "error-summary" in client.post(address(receipt), {"note": ""}).content.decode()
    answer = client.post(address(receipt), {"note": "Ringt utgivaren"})
    assert (answer.status_code, answer.url) == (302, LIST)
    receipt.refresh_from_db()
    assert (receipt.state, receipt.fault["settled"]) == ("settled", "Ringt utgivaren")
    assert Entry.objects.get(action="cards.settle_receipt").actor == keeper.audit_name
    page = client.get(address(receipt)).content.decode()
    assert "Ringt utgivaren" in page
    assert "<form" not in page.partition("<main")[2].partition("</main")[0]
    again = client.post(address(receipt), {"note": "igen"}, follow=True).content.decode()
    assert "notice-error" in again


@pytest.mark.parametrize("data", [b"{}", b"\xff", b'{"lines": "<script>alert(1)</script>"}'])
def test_what_could_not_be_read_has_a_page_too(batch, keeper, log_in, data):
    receipt = receipts.take(data, batch.issuer)
    page = log_in(keeper).get(address(receipt))
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


def test_the_page_tells_what_was_said_of_each_order(batch, keeper, log_in):
    receipt = receipts.take(receipts.judged(batch, "DATA_NAME", "accepted"), batch.issuer)
    page = log_in(keeper).get(address(receipt)).content.decode()
    for order in receipts.orders(batch):
        assert order.need.staff.name in page
    assert "Det gick inte" in page


def test_a_protected_person_is_shown_to_the_handler_only(batch, keeper, log_in):
    receipt = receipts.take(receipts.judged(batch, "DATA_NAME", "accepted"), batch.issuer)
    hidden = receipts.orders(batch)[0].need.staff
    Staff.objects.filter(pk=hidden.pk).update(protected=True)
    client = log_in(keeper)
    assert hidden.family_name not in client.get(address(receipt)).content.decode()
    assert hidden.family_name not in client.get(typed("type_content", batch)).content.decode()
    hidden.handlers.add(keeper)
    assert hidden.hsa_id in client.get(address(receipt)).content.decode()
    assert Entry.objects.filter(action="people.note_look").count() == 1


def test_the_list_costs_the_same_however_long(batch, keeper, log_in):
    client = log_in(keeper)

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            client.get(LIST)
        return len(caught)

    receipts.take(receipts.about(batch, "technical"), batch.issuer)
    few = count()
    for _each in range(5):
        quarantined(batch)
    assert count() == few


def test_a_file_is_handed_in(batch, keeper, log_in):
    data = receipts.as_csv(receipts.judged(batch, "accepted", "accepted"))
    sent = {"issuer": batch.issuer.pk, "file": file(data, "kvittens.csv")}
    answer = log_in(keeper).post(UPLOAD, sent)
    receipt = Receipt.objects.get()
    assert answer.url == address(receipt)
    assert (receipt.state, receipt.via, receipt.received_by) == ("taken", "page", keeper.audit_name)


def test_a_file_that_does_not_add_up_leads_to_what_is_wrong(batch, keeper, log_in):
    sent = {"issuer": batch.issuer.pk, "file": file(b"{}")}
    page = log_in(keeper).post(UPLOAD, sent, follow=True)
    assert page.redirect_chain[0][0] == address(Receipt.objects.get())
    assert page.content.decode().count("notice-error") == 1
    assert Batch.objects.get().status == "delivered"


def test_a_file_that_can_be_no_receipt_is_refused_on_the_page(batch, keeper, log_in):
    client = log_in(keeper)
    Batch.objects.update(status="built")
    early = write_receipt(receipts.about(batch, "technical"))
    for data in (b"", b" " * (MOST_BYTES + 1), early):
        page = client.post(UPLOAD, {"issuer": batch.issuer.pk, "file": file(data)})
        assert (page.status_code, "error-summary" in page.content.decode()) == (200, True)
    assert Receipt.objects.count() == 0


def test_nobody_hands_in_for_another_federations_issuer(batch, log_in):
    other = card_builders.issuer()
    data = write_receipt(receipts.about(batch, "technical"))
    client = log_in(card_builders.keeper(other.federation))
    page = client.post(UPLOAD, {"issuer": batch.issuer.pk, "file": file(data)})
    assert page.status_code == 200
    assert Receipt.objects.count() == 0


@pytest.mark.parametrize(
    ("status", "batch_status"),
    [("RECEIVED", "acknowledged"), ("BATCH_DECRYPT", "rejected")],
)
def test_a_technical_receipt_is_typed(batch, keeper, log_in, status, batch_status):
    sent = {"form_key": key(), "status": status}
    client = log_in(keeper)
    answer = client.post(typed("type_technical", batch), sent)
    receipt = Receipt.objects.get()
    assert answer.url == address(receipt)
    assert receipt.state == "taken"
    batch.refresh_from_db()
    assert batch.status == batch_status
    assert client.post(typed("type_technical", batch), sent).url == address(receipt)
    assert Receipt.objects.count() == 1


def test_the_answers_are_typed(batch, keeper, log_in):
    sent = {
        "form_key": key(),
        "answer_1": "accepted",
        "answer_2": "DATA_TITLE",
        "text_2": "Titeln är för lång",
    }
    log_in(keeper).post(typed("type_content", batch), sent)
    first, second = receipts.orders(batch)
    assert (first.status, second.status, second.code) == ("accepted", "rejected", "DATA_TITLE")
    assert second.receipt_lines.get().text == "Titeln är för lång"


def test_the_cards_are_typed(batch, keeper, log_in):
    sent = {
        "form_key": key(),
        "made_1": "posted",
        "number_1": "A-17",
        "day_1": "2026-05-14",
        "made_2": "",
    }
    log_in(keeper).post(typed("type_production", batch), sent)
    first, second = receipts.orders(batch)
    assert (first.status, first.card_number, second.status) == ("posted", "A-17", "delivered")


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("type_technical", {}),
        ("type_technical", {"status": "BATCH_NONSENSE"}),
        ("type_content", {"answer_1": "accepted"}),
        ("type_content", {"answer_1": "accepted", "answer_2": "PHOTO_NONSENSE"}),
        ("type_content", {"answer_1": "accepted", "answer_2": "accepted", "text_2": "a\u200bb"}),
        ("type_production", {}),
        ("type_production", {"made_1": "posted", "day_1": "31 maj"}),
        ("type_production", {"made_1": "posted", "number_1": "=1"}),
    ],
)
def test_what_is_typed_wrong_is_asked_for_again(batch, keeper, log_in, name, sent):
    page = log_in(keeper).post(typed(name, batch), {"form_key": key()} | sent)
    assert (page.status_code, "error-summary" in page.content.decode()) == (200, True)
    assert Receipt.objects.count() == 0


def test_what_contradicts_is_kept_in_quarantine(batch, keeper, log_in):
    receipts.take(receipts.judged(batch, "accepted", "accepted"), batch.issuer)
    sent = {"form_key": key(), "answer_1": "pending", "answer_2": "accepted"}
    page = log_in(keeper).post(typed("type_content", batch), sent, follow=True)
    assert "notice-error" in page.content.decode()
    assert receipts.orders(batch)[0].status == "accepted"


@pytest.mark.parametrize("name", TYPED)
@pytest.mark.parametrize("status", ["sealed", "built"])
def test_nothing_is_typed_before_the_batch_is_delivered(batch, keeper, log_in, name, status):
    Batch.objects.update(status=status)
    assert log_in(keeper).get(typed(name, batch)).status_code == 404


def test_what_is_known_stands_in_the_form(batch, keeper, log_in):
    receipts.take(receipts.judged(batch, "DATA_ODD_FIELD", "accepted"), batch.issuer)
    page = log_in(keeper).get(typed("type_content", batch)).content.decode()
    assert '<option value="DATA_ODD_FIELD" selected>' in page
    assert '<option value="accepted" selected>' in page


def test_a_batch_too_large_to_type_is_answered_by_a_file(batch, keeper, log_in, monkeypatch):
    monkeypatch.setattr("enrolment.cards.views.receipts.MOST_TYPED", 1)
    client = log_in(keeper)
    for name in ("type_content", "type_production"):
        page = client.get(typed(name, batch)).content.decode()
        assert UPLOAD in page
        assert "answer_1" not in page
    assert "status" in client.get(typed("type_technical", batch)).content.decode()


def test_the_batch_lists_its_receipts_and_ways_to_answer(batch, keeper, log_in):
    receipt = quarantined(batch)
    batch.header = {**batch.header, "signer_fingerprint": "ab" * 32, "previous_batch_id": None}
    batch.save()
    page = log_in(keeper).get(reverse("cards:batch", args=[batch.pk])).content.decode()
    assert address(receipt) in page
    for name in TYPED:
        assert typed(name, batch) in page


def test_the_start_page_tells_what_is_late_and_what_does_not_add_up(batch, keeper, log_in):
    client, start = log_in(keeper), reverse("desk:start")
    assert batch.name not in client.get(start).content.decode()
    quarantined(batch)
    Batch.objects.update(delivered_at=batch.delivered_at - timedelta(hours=5))
    page = client.get(start).content.decode()
    assert batch.name in page
    assert f'href="{LIST}"' in page.partition("<main")[2]
    stranger = log_in(card_builders.keeper(builders.federation())).get(start).content.decode()
    assert batch.name not in stranger


def test_the_heading_of_the_start_page_is_what_does_not_add_up(batch, keeper, log_in):
    client, start = log_in(keeper), reverse("desk:start")
    told = "En kvittens stämmer inte"
    assert told not in client.get(start).content.decode()
    quarantined(batch)
    heading = client.get(start).content.decode().partition("<h1>")[2].partition("</h1>")[0]
    assert heading == told


def test_the_menu_leads_to_the_receipts(batch, keeper, log_in):
    page = log_in(keeper).get(reverse("desk:start"))
    doors = [item["url"] for item in page.context["navigation"]]
    assert LIST in doors
    manager = builders.user("care_manager", within=batch.issuer.federation)
    page = log_in(manager).get(reverse("desk:start"))
    assert LIST not in [item["url"] for item in page.context["navigation"]]


def test_the_persons_panel_tells_what_the_issuer_said(batch, keeper, log_in):
    receipts.take(receipts.judged(batch, "DATA_NAME", "accepted"), batch.issuer)
    order = receipts.orders(batch)[0]
    panel = reverse("cards:for_person", args=[order.need.staff.pk])
    before = log_in(keeper).get(panel).content.decode().count("<dt>")
    second = reverse("cards:for_person", args=[receipts.orders(batch)[1].need.staff.pk])
    assert log_in(keeper).get(second).content.decode().count("<dt>") == before - 1
