"""Every way the cards room says no has its sentence, and a note of it fits in its column."""

import pytest

from enrolment.cards import faults
from enrolment.cards.domain.package import PackageFault
from enrolment.cards.domain.seal import SignerFault
from enrolment.cards.handover import HandoverFault
from enrolment.cards.models import Batch
from enrolment.cards.queries import Hindrance
from enrolment.cards.services.batches import SealFault
from enrolment.cards.services.packages import BuildFault
from enrolment.cards.services.signer import SignerFile
from enrolment.people.domain.refusal import Refusal

ROOM = Batch._meta.get_field("error").max_length
CODES = [*SealFault, *SignerFile, *SignerFault, *PackageFault, *BuildFault, *HandoverFault]
PARAMS = {
    "order_id": "565923d6-5aa3-49b1-a432-5270c5855c43",
    "batch": "KB-2026-000123",
    "file": "signer.pem",
    "name": "KB-2026-000123.zip",
    "reason": "ENOSPC",
    "hindrance": "protected",
}
SIGNER = {
    "subject": "CN=" + "å" * 100,
    "fingerprint": "ab" * 32,
    "valid_from": "2026-01-02T03:04:05+00:00",
    "valid_until": "2027-01-02T03:04:05+00:00",
}


def test_no_code_is_without_a_sentence_and_no_sentence_without_a_code():
    assert set(faults.SENTENCES) == {code.value for code in CODES}
    assert set(faults.HINDRANCES) == {hindrance.value for hindrance in Hindrance}


@pytest.mark.parametrize("code", CODES)
def test_each_sentence_is_made_of_what_its_refusal_tells(code):
    params = SIGNER if code in list(SignerFault) else PARAMS
    assert "%(" not in faults.sentence(faults.note(Refusal(code, **params)))


@pytest.mark.parametrize("params", [SIGNER, {"order_id": PARAMS["order_id"]}])
def test_a_note_fits_and_tells_days_instead_of_times(params):
    noted = faults.note(Refusal(SignerFault.WRONG_EXTENDED_KEY_USAGE, **params))
    assert len(noted) <= ROOM
    assert "T03:04" not in noted
