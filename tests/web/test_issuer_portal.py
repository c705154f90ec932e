"""The card issuer's own pages: fetch, receipt, look at photos, reject; its own batches alone."""

import hashlib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enrolment.audit.models import Entry
from enrolment.cards.domain.answers import MatchFault
from enrolment.cards.domain.receipt import ReadFault
from enrolment.cards.domain.receipt_fields import ReceiptDocument, write_receipt
from enrolment.cards.faults import TO_ISSUER
from enrolment.cards.models import Batch, CardOrder, Receipt
from enrolment.cards.queries import package_path
from enrolment.cards.services.receipts import TakeFault
from tests import builders, card_builders, issuer_builders, receipt_builders

pytestmark = pytest.mark.django_db
LIST, HAND_IN = "/utgivare/leveranser/", "/utgivare/kvittens/"
READ = ["delivery", "delivery_package"]
ANSWER = ["acknowledge_delivery", "accept_delivery"]


def stand() -> None:
    issuer_builders.delivered(2)


@pytest.fixture
def batch() -> Batch:
    return Batch.objects.select_related("issuer__federation").get()


@pytest.fixture
def portal(batch, log_in):
    return log_in(issuer_builders.person(batch.issuer))


def url(name: str, of: Batch | CardOrder) -> str:
    return reverse(f"cards:{name}", args=[of.pk])


def order(batch: Batch, seq: int = 1) -> CardOrder:
    return batch.orders.get(seq=seq)


def file(document: ReceiptDocument | bytes, name: str = "kvittens.json") -> SimpleUploadedFile:
    data = document if isinstance(document, bytes) else write_receipt(document)
    return SimpleUploadedFile(name, data)


def addresses(batch: Batch) -> list[tuple[str, str]]:
    """Every address that stands for this batch, and how it is called."""
    first = order(batch)
    found = [("get", url(name, batch)) for name in READ]
    found += [("post", url(name, batch)) for name in ANSWER]
    return [
        *found,
        ("get", url("delivered_order", first)),
        ("post", url("delivered_order", first)),
        ("get", url("delivered_photo", first)),
    ]


def assert_closed(client, batch: Batch) -> None:
    for method, address in addresses(batch):
        assert getattr(client, method)(address).status_code == 404, address
    assert not Receipt.objects.exists()
    assert not Entry.objects.filter(action__in=["photos.look", "cards.fetch_package"]).exists()


# --- Who gets in ---------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["administrator", "id_administrator", "planner", "technician"])
def test_another_role_opens_nothing_even_for_somebody_named_at_the_issuer(role, batch, log_in):
    user = builders.user(role, within=batch.issuer.federation)
    batch.issuer.people.add(user)
    client = log_in(user)
    assert_closed(client, batch)
    for address in (LIST, HAND_IN):
        assert client.get(address).status_code == 404


def test_the_role_without_being_named_opens_empty_pages_only(batch, log_in):
    client = log_in(builders.user("card_issuer", within=batch.issuer.federation))
    assert_closed(client, batch)
    for address in (LIST, HAND_IN):
        page = client.get(address)
        assert page.status_code == 200
        assert batch.name not in page.content.decode()
        assert 'type="file"' not in page.content.decode()


def test_whoever_loses_the_role_loses_the_pages(batch, log_in):
    user = issuer_builders.person(batch.issuer)
    client = log_in(user)
    assert client.get(url("delivery", batch)).status_code == 200
    user.memberships.all().delete()
    assert_closed(client, batch)


@pytest.mark.parametrize("same_federation", [True, False])
def test_another_issuers_person_finds_nothing(same_federation, batch, log_in):
    federation = batch.issuer.federation if same_federation else builders.federation()
    other = card_builders.issuer(federation, slug="annan")
    client = log_in(issuer_builders.person(other))
    assert_closed(client, batch)
    assert batch.name not in client.get(LIST).content.decode()
    client.post(
        HAND_IN, {"issuer": batch.issuer.pk, "file": file(issuer_builders.technical(batch))}
    )
    assert not Receipt.objects.exists()


def test_a_role_in_one_unit_opens_nothing(batch, log_in):
    unit = builders.unit(builders.municipality(batch.issuer.federation))
    user = builders.user("card_issuer", within=unit)
    batch.issuer.people.add(user)
    assert_closed(log_in(user), batch)


def test_a_batch_on_its_way_is_not_shown(batch, portal):
    waiting = card_builders.batch(1, batch.issuer)
    assert waiting.name not in portal.get(LIST).content.decode()
    assert portal.get(url("delivery", waiting)).status_code == 404


def test_the_menu_and_the_start_page_show_the_way(batch, portal):
    page = portal.get("/").content.decode()
    assert page.count(f'href="{LIST}"') >= 2
    assert f'href="{HAND_IN}"' in page
    assert "/leveranser/" not in page.replace(LIST, "")


# --- Fetch ---------------------------------------------------------------------------------------


def test_the_list_shows_what_waits_with_a_fetch_and_a_receipt_in_one_click(batch, portal):
    page = portal.get(LIST).content.decode()
    assert batch.name in page
    assert "row-needs" in page
    assert url("delivery_package", batch) in page
    portal.post(url("acknowledge_delivery", batch))
    page = portal.get(LIST).content.decode()
    assert "row-needs" not in page
    assert url("acknowledge_delivery", batch) not in page


def test_the_package_comes_whole_and_the_fetch_is_in_the_log(batch, portal):
    answer = portal.get(url("delivery_package", batch))
    data = b"".join(answer.streaming_content)
    assert hashlib.sha256(data).hexdigest() == batch.encrypted_sha256
    line = Entry.objects.get(action="cards.fetch_package")
    assert (line.actor, line.subject) == (
        batch.issuer.people.get().audit_name,
        f"batch:{batch.pk}",
    )


def test_a_package_that_is_gone_is_told_on_the_page(batch, portal):
    package_path(batch).unlink()
    page = portal.get(url("delivery_package", batch), follow=True).content.decode()
    assert "notice-error" in page
    assert batch.issuer.federation.contact in page


def test_the_batch_shows_what_the_package_says_and_no_more(batch, portal):
    page = portal.get(url("delivery", batch)).content.decode()
    for shown in (batch.encrypted_sha256, batch.package_sha256, str(order(batch).pk)):
        assert shown in page
    for each in batch.orders.select_related("need__staff__unit"):
        assert each.need.staff.name in page
        assert each.need.staff.unit.name not in page
        assert each.need.staff.hsa_id not in page


def test_a_long_batch_costs_no_more_queries_than_a_short_one(batch, portal):
    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as found:
            assert portal.get(address).status_code == 200
        return len(found)

    count(LIST)
    short, listed = count(url("delivery", batch)), count(LIST)
    long = issuer_builders.delivered(5, batch.issuer)
    assert count(url("delivery", long)) == short
    assert count(LIST) == listed
    assert max(short, listed) <= 14


# --- Photos --------------------------------------------------------------------------------------


def test_each_look_at_a_photo_is_in_the_log(batch, portal):
    answer = portal.get(url("delivered_photo", order(batch)))
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert hashlib.sha256(answer.content).hexdigest() == order(batch).photo.sha256
    line = Entry.objects.get(action="photos.look")
    assert line.actor == batch.issuer.people.get().audit_name
    assert line.subject == f"capture:{order(batch).photo.capture_id}"


def test_a_photo_that_is_erased_is_not_there(batch, portal):
    capture = order(batch).photo.capture
    (Path(settings.PHOTO_DIR) / capture.card_stored_as).unlink()
    assert portal.get(url("delivered_photo", order(batch))).status_code == 404
    assert not Entry.objects.filter(action="photos.look").exists()


def test_somebody_who_becomes_protected_is_no_longer_shown(batch, portal):
    staff = order(batch).need.staff
    type(staff).objects.filter(pk=staff.pk).update(protected=True)
    page = portal.get(url("delivery", batch)).content.decode()
    assert staff.name not in page
    assert str(order(batch).pk) in page
    for name in ("delivered_order", "delivered_photo"):
        assert url(name, order(batch)) not in page
        assert portal.get(url(name, order(batch))).status_code == 404
    assert portal.get(url("delivered_order", order(batch, 2))).status_code == 200


# --- Answer --------------------------------------------------------------------------------------


def test_one_click_says_that_the_package_came(batch, portal):
    assert portal.get(url("acknowledge_delivery", batch)).status_code == 405
    for _ in range(2):
        page = portal.post(url("acknowledge_delivery", batch), follow=True)
        assert "notice-good" in page.content.decode()
    batch.refresh_from_db()
    assert batch.status == "acknowledged"
    receipt = Receipt.objects.first()
    assert (receipt.via, receipt.kind, receipt.state) == ("page", "technical", "taken")
    assert receipt.received_by == batch.issuer.people.get().audit_name


def test_one_click_accepts_all_orders(batch, portal):
    portal.post(url("acknowledge_delivery", batch))
    page = portal.post(url("accept_delivery", batch), follow=True).content.decode()
    assert "notice-good" in page
    batch.refresh_from_db()
    assert batch.status == "accepted"
    assert set(batch.orders.values_list("status", flat=True)) == {"accepted"}
    assert url("accept_delivery", batch) not in page


def test_a_photo_is_rejected_while_it_is_seen_and_the_rest_is_accepted(batch, portal):
    portal.post(url("acknowledge_delivery", batch))
    first = order(batch)
    page = portal.get(url("delivered_order", first)).content.decode()
    assert url("delivered_photo", first) in page
    said = {"code": "PHOTO_EYES", "text": "Ögonen syns inte."}
    page = portal.post(url("delivered_order", first), said, follow=True).content.decode()
    assert "notice-good" in page
    first.refresh_from_db()
    assert (first.status, first.code) == ("rejected", "PHOTO_EYES")
    assert order(batch, 2).status == "delivered"
    line = first.receipt_lines.get()
    assert (line.code, line.text) == ("PHOTO_EYES", "Ögonen syns inte.")
    portal.post(url("accept_delivery", batch))
    batch.refresh_from_db()
    assert batch.status == "partly"
    assert (order(batch).status, order(batch, 2).status) == ("rejected", "accepted")
    assert 'name="code"' not in portal.get(url("delivered_order", first)).content.decode()


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"code": "DATA_NAME"},
        {"code": "PHOTO_EYES", "text": 201 * "x"},
        {"code": "PHOTO_EYES", "text": "Slutna\tögon"},
    ],
)
def test_a_rejection_without_a_photo_code_is_not_taken(said, batch, portal):
    page = portal.post(url("delivered_order", order(batch)), said)
    assert "error-summary" in page.content.decode()
    assert not Receipt.objects.exists()


def test_a_package_that_was_rejected_whole_waits_for_no_answer(batch, portal):
    no = issuer_builders.technical(batch, status="REJECTED", code="BATCH_DECRYPT")
    portal.post(HAND_IN, {"issuer": batch.issuer.pk, "file": file(no)})
    page = portal.get(url("delivery", batch)).content.decode()
    for name in ANSWER:
        assert url(name, batch) not in page
    assert 'name="code"' not in portal.get(url("delivered_order", order(batch))).content.decode()
    listed = portal.get(LIST).content.decode()
    assert url("acknowledge_delivery", batch) not in listed
    assert url("delivery_package", batch) in listed


@pytest.mark.parametrize("as_csv", [True, False])
def test_a_receipt_file_is_handed_in_with_one_file_and_one_click(as_csv, batch, portal):
    document = issuer_builders.content(batch, "accepted", "rejected")
    sent = file(receipt_builders.as_csv(document), "svar.csv") if as_csv else file(document)
    answer = portal.post(HAND_IN, {"issuer": batch.issuer.pk, "file": sent}, follow=True)
    assert answer.redirect_chain[-1][0] == url("delivery", batch)
    assert "notice-good" in answer.content.decode()
    batch.refresh_from_db()
    assert batch.status == "partly"
    assert document.receipt_id in portal.get(HAND_IN).content.decode()


def test_a_file_that_does_not_fit_is_kept_and_the_page_says_what_to_do(batch, portal):
    wrong = receipt_builders.technical(issuer=batch.issuer.slug, batch_id="KB-2020-000099")
    answer = portal.post(HAND_IN, {"issuer": batch.issuer.pk, "file": file(wrong)}, follow=True)
    page = answer.content.decode()
    assert "notice-error" in page
    assert "KB-2020-000099" in page
    assert Receipt.objects.get().state == "quarantined"


@pytest.mark.parametrize("data", [None, b"", b"x" * 2_000_001])
def test_a_file_that_is_missing_empty_or_too_large_is_not_read(data, batch, portal):
    said = {"issuer": batch.issuer.pk}
    if data is not None:
        said["file"] = file(data)
    page = portal.post(HAND_IN, said).content.decode()
    assert "error-summary" in page
    assert not Receipt.objects.exists()


def test_a_batch_that_is_sent_anew_is_not_answered_meanwhile(batch, portal):
    Batch.objects.filter(pk=batch.pk).update(status="sealed")
    said = {"issuer": batch.issuer.pk, "file": file(issuer_builders.technical(batch))}
    assert "notice-error" in portal.post(HAND_IN, said, follow=True).content.decode()
    assert not Receipt.objects.exists()


def test_somebody_at_two_issuers_says_for_which(batch, portal):
    other = card_builders.issuer(batch.issuer.federation, slug="annan")
    other.people.add(batch.issuer.people.get())
    assert 'type="hidden" name="issuer"' not in portal.get(HAND_IN).content.decode()
    document = file(issuer_builders.technical(batch))
    assert "error-summary" in portal.post(HAND_IN, {"file": document}).content.decode()
    document.seek(0)
    portal.post(HAND_IN, {"issuer": batch.issuer.pk, "file": document})
    assert Receipt.objects.get().issuer == batch.issuer


def test_there_is_a_sentence_for_every_fault_an_issuer_can_meet():
    met = {*ReadFault, *MatchFault, *TakeFault}
    of_signatures = {fault for fault in met if fault.startswith("sign")}
    assert set(TO_ISSUER) == met - of_signatures
