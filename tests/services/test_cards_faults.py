"""Every way the cards room says no has its sentence, and a note of it fits in its column."""

import pytest

from enrolment.cards import faults
from enrolment.cards.domain.certificates import RecipientFault, RecipientRefused
from enrolment.cards.domain.package import PackageFault
from enrolment.cards.domain.receipt_fields import BatchCode
from enrolment.cards.domain.seal import SignerFault
from enrolment.cards.handover import HandoverFault
from enrolment.cards.models import Batch
from enrolment.cards.queries import Hindrance
from enrolment.cards.services.batches import SealFault
from enrolment.cards.services.packages import BuildFault
from enrolment.cards.services.recipients import RecipientLack
from enrolment.cards.services.signer import SignerFile
from enrolment.cards.sftp import SftpFault
from enrolment.people.domain.refusal import Refusal
from tests import certificate_builders

ROOM = Batch._meta.get_field("error").max_length
CODES = [
    *BatchCode,
    *SealFault,
    *SignerFile,
    *SignerFault,
    *PackageFault,
    *BuildFault,
    *HandoverFault,
    *RecipientLack,
    *SftpFault,
]
PARAMS = {
    "order_id": "565923d6-5aa3-49b1-a432-5270c5855c43",
    "batch": "KB-2026-000123",
    "file": "signer.pem",
    "name": "KB-2026-000123.zip",
    "reason": "ENOSPC",
    "hindrance": "protected",
    "issuer": "Kortverket",
    "host": "sftp.example.org",
}
SIGNER = {
    "subject": "CN=" + "å" * 100,
    "fingerprint": "ab" * 32,
    "valid_from": "2026-01-02T03:04:05+00:00",
    "valid_until": "2027-01-02T03:04:05+00:00",
}


def of_recipient(code: RecipientFault) -> RecipientRefused:
    certificate = certificate_builders.ec_recipient("å" * 32).certificate
    when = "2027-01-02T03:04:05+00:00"
    return RecipientRefused(code, certificate, revoked_at=when, next_update=when)


def test_no_code_is_without_a_sentence_and_no_sentence_without_a_code():
    of_recipients = {f"{faults.RECIPIENT}{code.value}" for code in RecipientFault}
    assert set(faults.SENTENCES) == {code.value for code in CODES} | of_recipients
    assert set(faults.HINDRANCES) == {hindrance.value for hindrance in Hindrance}


@pytest.mark.parametrize("code", CODES)
def test_each_sentence_is_made_of_what_its_refusal_tells(code):
    params = SIGNER if code in list(SignerFault) else PARAMS
    assert "%(" not in faults.sentence(faults.note(Refusal(code, **params)))


@pytest.mark.parametrize("code", list(RecipientFault))
def test_a_recipient_is_named_by_subject_and_fingerprint(code):
    refused = of_recipient(code)
    noted = faults.note(refused)
    assert len(noted) <= ROOM
    assert "CN=ååå" in faults.sentence(noted)
    assert refused.params["fingerprint"][:16] in faults.sentence(noted)


@pytest.mark.parametrize("code", list(SignerFault))
def test_a_note_fits_and_tells_days_instead_of_times(code):
    noted = faults.note(Refusal(code, **SIGNER))
    assert len(noted) <= ROOM
    assert "T03:04" not in noted
