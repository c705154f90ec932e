"""What the house delivers the receiver receives, and what it answers the house understands."""

from pathlib import Path

import pytest
from django.conf import settings

from enrolment.cards.models import Batch, Receipt
from enrolment.cards.queries import package_path
from enrolment.cards.services.batches import build_batch, resend_batch
from enrolment.cards.services.receipts import take_receipt
from tests import card_builders, certificate_builders
from tests.tampering_builders import Answer, Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return the desk of the issuer whom `card_builders` delivers to."""
    made = Desk(tmp_path / "desk")
    pair = certificate_builders.ec_recipient(card_builders.RECIPIENT)
    made.key.write_bytes(pair.key_pem)
    return made


def delivered(batch: Batch) -> Batch:
    assert build_batch(batch_id=batch.pk)
    batch.refresh_from_db()
    return batch


def received(desk: Desk, batch: Batch, *more: str) -> Answer:
    certificate = card_builders.recipient(batch.issuer)
    desk.certificate.write_bytes(bytes(certificate.der))
    desk.trust.write_bytes((Path(settings.SIGNER_DIR) / "trust.pem").read_bytes())
    return desk.receive(*more, package=package_path(batch))


def hand_in(desk: Desk, batch: Batch, ending: str) -> Receipt:
    name = f"{batch.name}.receipt-{ending}.json"
    actor = card_builders.keeper(batch.issuer.federation)
    data = (desk.out / name).read_bytes()
    via = Receipt.Via.PAGE
    receipt = take_receipt(actor=actor, issuer=batch.issuer, data=data, name=name, via=via)
    batch.refresh_from_db()
    return receipt


def test_a_delivery_is_received_and_answered_order_by_order(desk):
    batch = delivered(card_builders.batch(2))
    first, second = batch.orders.order_by("seq")
    answer = received(desk, batch, "--reject", f"{first.pk}=PHOTO_BLUR")
    assert answer.code == 0, answer.text
    assert "Varning" not in answer.text
    photos = {path.stem for path in (desk.out / batch.name / "photos").iterdir()}
    assert photos == {str(first.pk), str(second.pk)}
    assert hand_in(desk, batch, "1").state == Receipt.State.TAKEN
    assert batch.status == "acknowledged"
    assert hand_in(desk, batch, "2").state == Receipt.State.TAKEN
    assert batch.status == "partly"
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, first.code, second.status) == ("rejected", "PHOTO_BLUR", "accepted")


def test_a_delivery_damaged_on_its_way_is_refused_sent_anew_and_received(desk):
    batch = delivered(card_builders.batch(1))
    whole = package_path(batch).read_bytes()
    package_path(batch).write_bytes(whole[:-10])
    assert received(desk, batch, "--issuer", batch.issuer.slug).code == 1
    assert hand_in(desk, batch, "1").state == Receipt.State.TAKEN
    assert batch.status == "rejected"
    resend_batch(actor=card_builders.keeper(batch.issuer.federation), batch=batch)
    delivered(batch)
    assert received(desk, batch).code == 0
    assert hand_in(desk, batch, "1").state == Receipt.State.TAKEN
    assert batch.status == "acknowledged"
