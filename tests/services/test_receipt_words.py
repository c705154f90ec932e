"""Every way a receipt is refused has its sentence, and every code of the issuer its words."""

import pytest
from cryptography import x509

from enrolment.cards import advice
from enrolment.cards.domain.answers import MatchFault
from enrolment.cards.domain.receipt import ReadFault
from enrolment.cards.domain.receipt_fields import OrderCode, is_data_code
from enrolment.cards.domain.signature import SignatureFault, SignatureRefused
from enrolment.cards.services.receipts import TakeFault
from enrolment.people.domain.refusal import Refusal
from tests import certificate_builders

PARAMS = {
    "most": 2_000_000,
    "field": "package_sha256",
    "fault": "wrong_form",
    "line": 7,
    "batch": "KB-2026-000001",
    "order_id": "565923d6-5aa3-49b1-a432-5270c5855c43",
    "orders": 3,
    "status": "partly",
    "known": "posted",
    "receipt_id": "R-1",
}
OWN = [*ReadFault, *MatchFault, *TakeFault]


def signer() -> x509.Certificate:
    return certificate_builders.signer("100 % Kort").certificate


def test_no_code_is_without_a_sentence_and_no_sentence_without_a_code():
    signed = {f"signature_{fault}" for fault in SignatureFault}
    assert set(advice.RECEIPTS) == {code.value for code in OWN} | signed


@pytest.mark.parametrize("code", OWN)
def test_each_sentence_is_made_of_what_its_refusal_tells(code):
    kept = advice.kept(Refusal(code, **PARAMS))
    assert "%(" not in advice.receipt(kept)


@pytest.mark.parametrize("fault", SignatureFault)
def test_a_signature_that_does_not_hold_has_a_sentence_of_its_own(fault):
    assert advice.receipt(advice.kept(SignatureRefused(fault, signer())))


def test_a_wrong_key_of_the_signature_is_not_our_own_certificates_fault():
    kept = advice.kept(SignatureRefused(SignatureFault.EXPIRED, signer()))
    assert kept["code"] == "signature_expired"


def test_every_code_for_an_order_has_its_words():
    data = {code for code in advice.ORDER_CODES if is_data_code(code)}
    assert set(advice.ORDER_CODES) - data == {code.value for code in OrderCode}
    assert all(advice.order_code(code) for code in advice.ORDER_CODES)


def test_a_code_for_a_field_we_do_not_know_is_told_as_it_stands():
    assert "DATA_ODD_FIELD" in advice.order_code("DATA_ODD_FIELD")


@pytest.mark.parametrize(
    ("code", "group"),
    [("PHOTO_SIZE", "photo"), ("DATA_NAME", "data"), ("DATA_X", "data"), ("NOT_ELIGIBLE", "other")],
)
def test_a_code_is_about_the_photo_the_data_or_something_else(code, group):
    assert advice.group(code) == group
