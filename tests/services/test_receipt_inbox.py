"""Receipts in the issuer's folder are taken, put away, left to wait, or put in quarantine."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import OperationalError

from enrolment.audit.models import Entry
from enrolment.cards.domain import seal
from enrolment.cards.domain.receipt import MOST_BYTES
from enrolment.cards.domain.receipt_fields import write_receipt
from enrolment.cards.models import Batch, Issuer, IssuerCertificate, Receipt
from enrolment.cards.queries import issuer_folder
from enrolment.cards.services import inbox
from enrolment.cards.services.certificates import add_certificate, add_revocation_list
from enrolment.cards.services.receipts import settle_receipt, take_receipt
from enrolment.cards.sftp import SftpFailed, SftpFault
from enrolment.cards.tasks import take_receipts
from tests import builders, certificate_builders
from tests import receipt_builders as receipts
from tests.certificate_builders import NOW, Pair

pytestmark = pytest.mark.django_db


def stand() -> None:
    receipts.delivered(1)


@pytest.fixture
def batch() -> Batch:
    return Batch.objects.select_related("issuer__federation").get()


def box(issuer: Issuer) -> Path:
    folder = issuer_folder(issuer) / "receipts"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def put(issuer: Issuer, data: bytes, name: str = "r1.json", signed_by: Pair | None = None) -> Path:
    path = box(issuer) / name
    path.write_bytes(data)
    if signed_by:
        signature = seal.sign(data, signed_by.key, signed_by.certificate, ())
        path.with_name(f"{name}.p7s").write_bytes(signature)
    return path


def technical(batch: Batch, **more) -> bytes:
    return write_receipt(receipts.about(batch, "technical", **more))


def where(path: Path) -> list[str]:
    """Return in which folders a file of the name lies now."""
    folder = path.parent
    return [place for place in ("", "taken", "quarantine") if (folder / place / path.name).exists()]


def trust(issuer: Issuer, signer: Pair) -> IssuerCertificate:
    return add_certificate(
        actor=builders.user(),
        issuer=issuer,
        purpose=IssuerCertificate.Purpose.RECEIPTS,
        data=signer.pem,
    )


def status(batch: Batch) -> str:
    batch.refresh_from_db()
    return batch.status


def test_a_receipt_is_taken_and_put_away(batch):
    path = put(batch.issuer, technical(batch))
    take_receipts()
    assert where(path) == ["taken"]
    receipt = Receipt.objects.get()
    assert (receipt.state, receipt.via, receipt.received_by) == (
        "taken",
        "folder",
        "system:receipt-box",
    )
    assert status(batch) == "acknowledged"


def test_a_csv_is_known_by_its_name(batch):
    document = receipts.judged(batch, "accepted")
    path = put(batch.issuer, receipts.as_csv(document), "Kvittens.CSV")
    take_receipts()
    assert where(path) == ["taken"]
    assert status(batch) == "accepted"


def test_a_wrong_receipt_is_put_in_quarantine_and_holds_up_no_other(batch):
    wrong = put(batch.issuer, b"{}", "a.json")
    right = put(batch.issuer, technical(batch), "b.json")
    take_receipts()
    assert (where(wrong), where(right)) == (["quarantine"], ["taken"])


def test_a_receipt_waits_until_its_batch_is_delivered(batch):
    Batch.objects.filter(pk=batch.pk).update(status="built")
    path = put(batch.issuer, technical(batch))
    take_receipts()
    assert where(path) == [""]
    assert Receipt.objects.count() == 0
    Batch.objects.filter(pk=batch.pk).update(status="delivered")
    take_receipts()
    assert where(path) == ["taken"]


def test_half_written_files_are_left_alone(batch):
    path = put(batch.issuer, technical(batch), "r1.json.part")
    take_receipts()
    assert where(path) == [""]
    assert Receipt.objects.count() == 0


@pytest.mark.parametrize("size", [MOST_BYTES + 1, 50_000_000])
def test_what_is_too_large_is_put_in_quarantine_without_its_content(batch, size):
    path = put(batch.issuer, b" " * size)
    take_receipts()
    assert where(path) == ["quarantine"]
    receipt = Receipt.objects.get()
    assert (receipt.state, receipt.fault["code"]) == ("quarantined", "too_large")
    assert len(bytes(receipt.content)) < 100
    put(batch.issuer, b" " * size)
    take_receipts()
    assert Receipt.objects.count() == 1


def test_a_receipt_taken_before_a_crash_is_put_away_afterwards(batch):
    data = technical(batch)
    receipts.take(data, batch.issuer)
    path = put(batch.issuer, data)
    take_receipts()
    assert where(path) == ["taken"]
    assert Receipt.objects.count() == 1


def test_one_folder_that_fails_holds_up_no_other(batch, monkeypatch):
    Issuer.objects.filter(pk=batch.issuer.pk).update(way="sftp")

    def unreachable(target):
        raise SftpFailed(SftpFault.UNREACHABLE)

    monkeypatch.setattr("enrolment.cards.sftp.read_receipts", unreachable)
    other = receipts.delivered(1)
    path = put(other.issuer, technical(other))
    take_receipts()
    assert where(path) == ["taken"]


def test_a_file_at_which_something_breaks_is_left_and_holds_up_no_other(batch, monkeypatch):
    broken, whole = (put(batch.issuer, technical(batch), name) for name in ("a.json", "b.json"))
    spoilt = broken.read_bytes()

    def take_or_break(**arrival):
        if arrival["data"] == spoilt:
            raise OperationalError("deadlock detected")
        return take_receipt(**arrival)

    monkeypatch.setattr(inbox, "take_receipt", take_or_break)
    take_receipts()
    assert (where(broken), where(whole)) == ([""], ["taken"])
    monkeypatch.undo()
    take_receipts()
    assert where(broken) == ["taken"]


def test_a_signed_receipt_is_taken(batch):
    signer = certificate_builders.signer()
    trust(batch.issuer, signer)
    path = put(batch.issuer, technical(batch), signed_by=signer)
    take_receipts()
    assert where(path) == ["taken"]
    assert (path.parent / "taken" / f"{path.name}.p7s").exists()
    assert Receipt.objects.get().state == "taken"


def quarantined_for(batch: Batch) -> str:
    receipt = Receipt.objects.get()
    assert (receipt.state, status(batch)) == ("quarantined", "delivered")
    return receipt.fault["code"]


def test_where_a_signature_is_due_an_unsigned_receipt_is_not_taken(batch):
    trust(batch.issuer, certificate_builders.signer())
    put(batch.issuer, technical(batch))
    take_receipts()
    assert quarantined_for(batch) == "signature_missing"


def test_a_receipt_is_taken_when_its_signature_comes_later(batch):
    signer = certificate_builders.signer()
    trust(batch.issuer, signer)
    put(batch.issuer, data := technical(batch))
    take_receipts()
    assert quarantined_for(batch) == "signature_missing"
    path = put(batch.issuer, data, signed_by=signer)
    take_receipts()
    receipt = Receipt.objects.get()
    assert (receipt.state, receipt.fault, status(batch)) == ("taken", {}, "acknowledged")
    assert "taken" in where(path)


def test_a_receipt_in_quarantine_is_looked_at_anew_and_logged_only_for_news(batch):
    put(batch.issuer, data := technical(batch))
    trust(batch.issuer, certificate_builders.signer())
    lines = Entry.objects.filter(action="cards.quarantine_receipt")
    take_receipts()
    put(batch.issuer, data)
    take_receipts()
    assert (quarantined_for(batch), lines.count()) == ("signature_missing", 1)
    put(batch.issuer, data, signed_by=certificate_builders.signer("Stranger"))
    take_receipts()
    assert (quarantined_for(batch), lines.count()) == ("signature_untrusted", 2)


def test_a_settled_receipt_is_not_taken_after_all(batch):
    signer = certificate_builders.signer()
    trust(batch.issuer, signer)
    put(batch.issuer, data := technical(batch))
    take_receipts()
    settle_receipt(actor=builders.user(), receipt=Receipt.objects.get(), note="Ringde dem")
    put(batch.issuer, data, signed_by=signer)
    take_receipts()
    assert (Receipt.objects.get().state, status(batch)) == ("settled", "delivered")


def test_another_ones_signature_is_not_taken(batch):
    trust(batch.issuer, certificate_builders.signer())
    put(batch.issuer, technical(batch), signed_by=certificate_builders.signer("Stranger"))
    take_receipts()
    assert quarantined_for(batch) == "signature_untrusted"


def test_a_receipt_changed_after_it_was_signed_is_not_taken(batch):
    signer = certificate_builders.signer()
    trust(batch.issuer, signer)
    path = put(batch.issuer, technical(batch), signed_by=signer)
    path.write_bytes(technical(batch, receipt_id="R-other"))
    take_receipts()
    assert quarantined_for(batch) == "signature_changed"


def test_a_revoked_signer_is_not_taken(batch):
    root = certificate_builders.authority()
    signer = certificate_builders.signer(by=root)
    trust(batch.issuer, Pair(signer.certificate, signer.key))
    kept = batch.issuer.certificates.get()
    kept.chain = root.pem.decode()
    kept.save()
    revoked = certificate_builders.revocation_list(
        root, [signer.certificate], revoked_at=NOW - timedelta(hours=1)
    )
    add_revocation_list(
        actor=builders.user(), issuer=batch.issuer, data=revoked.public_bytes(Encoding.PEM)
    )
    put(batch.issuer, technical(batch), signed_by=signer)
    take_receipts()
    assert quarantined_for(batch) == "signer_revoked"


def test_a_retired_certificate_asks_for_no_signature(batch):
    kept = trust(batch.issuer, certificate_builders.signer())
    kept.retired_at = NOW
    kept.save()
    path = put(batch.issuer, technical(batch))
    take_receipts()
    assert where(path) == ["taken"]


def test_a_receipt_by_page_or_api_needs_no_signature(batch):
    trust(batch.issuer, certificate_builders.signer())
    assert receipts.take(technical(batch), batch.issuer).state == "taken"
