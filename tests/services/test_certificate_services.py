"""An issuer's certificates: taken into use, retired, revoked, and told of before they run out."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.conf import settings
from django.utils import timezone

from enrolment.audit.models import Entry
from enrolment.cards import faults, tasks
from enrolment.cards.domain.certificates import (
    CertificateFault,
    CertificateRefused,
    RecipientFault,
    RecipientRefused,
)
from enrolment.cards.domain.seal import SignerFault, SignerRefused
from enrolment.cards.domain.sftp_target import TargetFault
from enrolment.cards.models import IssuerCertificate, RevocationList
from enrolment.cards.queries import (
    CertificateState,
    certificates_of,
    expiring_certificates,
    own_certificates,
    revocation_list_rows,
)
from enrolment.cards.services.certificates import (
    AnswerFault,
    NotTaken,
    add_certificate,
    add_revocation_list,
    inspect_certificate,
    retire_certificate,
)
from enrolment.cards.services.expiry import THRESHOLDS, warn_of_expiry
from enrolment.messages.models import Message
from enrolment.people.domain.refusal import Refusal
from tests import builders, card_builders
from tests import certificate_builders as made

pytestmark = pytest.mark.django_db

ENCRYPTION, RECEIPTS = IssuerCertificate.Purpose.ENCRYPTION, IssuerCertificate.Purpose.RECEIPTS


@pytest.fixture
def issuer():
    return card_builders.issuer()


@pytest.fixture
def boss(issuer):
    return builders.user("administrator", within=issuer.federation)


def add(issuer, pair, purpose=ENCRYPTION, *above) -> IssuerCertificate:
    data = pair.pem + b"".join(one.pem for one in above)
    return add_certificate(actor=builders.user(), issuer=issuer, purpose=purpose, data=data)


def lines(action: str) -> list[dict]:
    return [line.details for line in Entry.objects.filter(action=action).order_by("pk")]


# --- Add ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encode", ["pem", "der", "crlf", "with a text before"])
def test_a_certificate_is_taken_into_use(issuer, boss, encode):
    pair = made.ec_recipient()
    forms = {
        "pem": pair.pem,
        "der": pair.certificate.public_bytes(Encoding.DER),
        "crlf": pair.pem.replace(b"\n", b"\r\n"),
        "with a text before": b"subject=CN = Card issuer\n" + pair.pem,
    }
    kept = add_certificate(actor=boss, issuer=issuer, purpose=ENCRYPTION, data=forms[encode])
    assert bytes(kept.der) == pair.certificate.public_bytes(Encoding.DER)
    assert (kept.subject, kept.chain) == ("CN=Card issuer", "")
    assert kept.valid_until == pair.certificate.not_valid_after_utc
    [told] = lines("cards.add_certificate")
    assert told == {"purpose": "encryption", "fingerprint": kept.fingerprint}


def test_a_chain_in_any_order_is_kept_with_the_certificate_first(issuer):
    root = made.authority()
    pair = made.ec_recipient(by=root)
    kept = add(issuer, root, ENCRYPTION, pair)
    assert bytes(kept.der) == pair.certificate.public_bytes(Encoding.DER)
    assert kept.chain == root.pem.decode()


@pytest.mark.parametrize("pair", [made.signer(), made.authority()])
def test_a_signer_or_an_authority_vouches_for_receipts(issuer, pair):
    assert add(issuer, pair, RECEIPTS).purpose == RECEIPTS


@pytest.mark.parametrize(
    ("pair", "code"),
    [
        (lambda: made.ec_recipient(days=(-9, -1)), RecipientFault.EXPIRED),
        (lambda: made.ec_recipient(days=(1, 9)), RecipientFault.NOT_YET_VALID),
        (lambda: made.signer(), RecipientFault.WRONG_KEY_USAGE),
        (
            lambda: made.pair("Weak", made.rsa_key("Weak", 1024), made.usage("key_encipherment")),
            RecipientFault.UNSUITABLE_KEY,
        ),
    ],
)
def test_what_can_t_be_encrypted_to_is_refused(issuer, pair, code):
    with pytest.raises(RecipientRefused) as refused:
        add(issuer, pair())
    assert refused.value.code == code
    assert not issuer.certificates.exists()


@pytest.mark.parametrize(
    ("pair", "code"),
    [
        (lambda: made.signer(days=(-9, -1)), SignerFault.EXPIRED),
        (lambda: made.signer(days=(1, 9)), SignerFault.NOT_YET_VALID),
        (lambda: made.ec_recipient(), SignerFault.WRONG_KEY_USAGE),
        (
            lambda: made.pair("Weak", made.rsa_key("Weak", 1024), made.usage("digital_signature")),
            SignerFault.UNSUITABLE_KEY,
        ),
        (
            lambda: made.pair(
                "Server", made.ec_key(), made.extended(ExtendedKeyUsageOID.SERVER_AUTH)
            ),
            SignerFault.WRONG_EXTENDED_KEY_USAGE,
        ),
    ],
)
def test_what_can_t_vouch_for_receipts_is_refused(issuer, pair, code):
    with pytest.raises(SignerRefused) as refused:
        add(issuer, pair(), RECEIPTS)
    assert refused.value.code == code
    assert not issuer.certificates.exists()


def test_a_private_key_is_refused_and_is_nowhere_in_what_is_kept(issuer, boss, caplog):
    pair = made.ec_recipient()
    for data in (pair.key_pem, pair.pem + pair.key_pem):
        with pytest.raises(CertificateRefused) as refused:
            add_certificate(actor=boss, issuer=issuer, purpose=ENCRYPTION, data=data)
        assert refused.value.code == CertificateFault.KEY_INSTEAD
        assert refused.value.params == {}
    assert not issuer.certificates.exists()
    assert lines("cards.add_certificate") == []
    assert caplog.text == ""


def test_one_in_use_is_not_added_again_but_may_serve_another_issuer_too(issuer):
    pair = made.ec_recipient()
    add(issuer, pair)
    with pytest.raises(NotTaken) as refused:
        add(issuer, pair)
    assert refused.value.code == AnswerFault.ALREADY_THERE
    assert issuer.certificates.count() == 1
    assert add(card_builders.issuer(slug="annan"), pair).fingerprint


def test_looking_at_a_certificate_keeps_nothing(issuer):
    pair = made.ec_recipient()
    found = inspect_certificate(issuer=issuer, purpose=ENCRYPTION, data=pair.pem, at=timezone.now())
    assert (found.subject, found.pem) == ("CN=Card issuer", pair.pem.decode())
    assert not issuer.certificates.exists()


# --- Retire -------------------------------------------------------------------------------------


def test_a_retired_certificate_is_kept_and_can_be_taken_back(issuer, boss):
    pair = made.ec_recipient()
    kept = add(issuer, pair)
    for _twice in range(2):
        retire_certificate(actor=boss, certificate=kept)
    kept.refresh_from_db()
    assert kept.retired_at is not None
    assert lines("cards.retire_certificate") == [
        {"purpose": "encryption", "fingerprint": kept.fingerprint}
    ]
    assert add(issuer, pair) == kept
    kept.refresh_from_db()
    assert kept.retired_at is None


# --- Revocation lists ---------------------------------------------------------------------------


def crl(*args, **more) -> bytes:
    return made.revocation_list(*args, **more).public_bytes(Encoding.DER)


@pytest.fixture
def root():
    return made.authority()


@pytest.fixture
def certificate(issuer, root):
    return add(issuer, made.ec_recipient(by=root), ENCRYPTION, root)


def test_a_list_tells_which_of_the_certificates_it_revokes(issuer, boss, root):
    bad, good = made.ec_recipient("Bad", by=root), made.ec_recipient("Good", by=root)
    add(issuer, bad, ENCRYPTION, root)
    add(issuer, good, ENCRYPTION, root)
    kept = add_revocation_list(actor=boss, issuer=issuer, data=crl(root, [bad.certificate]))
    rows = certificates_of(issuer, made.NOW).in_use
    states = {row.certificate.subject: row.state for row in rows}
    assert states == {"CN=Bad": CertificateState.REVOKED, "CN=Good": CertificateState.SOON}
    assert lines("cards.add_revocation_list") == [{"revoked": 1}]
    [row] = revocation_list_rows(issuer, made.NOW)
    assert (row.kept, row.stale, row.count) == (kept, False, 1)
    [row] = revocation_list_rows(issuer, made.NOW + timedelta(days=8))
    assert row.stale


def test_a_revoked_certificate_is_not_taken_into_use(issuer, boss, root, certificate):
    bad = made.ec_recipient("Bad", by=root)
    add_revocation_list(actor=boss, issuer=issuer, data=crl(root, [bad.certificate]))
    with pytest.raises(RecipientRefused) as refused:
        add(issuer, bad, ENCRYPTION, root)
    assert refused.value.code == RecipientFault.REVOKED


def test_a_newer_list_takes_the_place_of_the_older_and_never_the_other_way(
    issuer, boss, root, certificate
):
    older, newer = crl(root, days=(-2, 7)), crl(root, days=(-1, 7))
    for data in (older, newer, newer):
        add_revocation_list(actor=boss, issuer=issuer, data=data)
    with pytest.raises(NotTaken) as refused:
        add_revocation_list(actor=boss, issuer=issuer, data=older)
    assert refused.value.code == AnswerFault.OLDER_LIST
    assert bytes(RevocationList.objects.get().der) == newer


def test_a_list_that_has_run_out_is_refused(issuer, boss, root, certificate):
    with pytest.raises(NotTaken) as refused:
        add_revocation_list(actor=boss, issuer=issuer, data=crl(root, days=(-9, -1)))
    assert refused.value.code == AnswerFault.STALE_LIST


def test_a_list_by_a_stranger_is_refused(issuer, boss, certificate):
    stranger = made.pair(
        "Root",
        made.ec_key("Stranger"),
        made.x509.BasicConstraints(ca=True, path_length=None),
        made.usage("crl_sign"),
    )
    with pytest.raises(CertificateRefused) as refused:
        add_revocation_list(actor=boss, issuer=issuer, data=crl(stranger))
    assert refused.value.code == CertificateFault.OTHER_AUTHORITY
    assert not RevocationList.objects.exists()


def test_without_a_certificate_there_is_no_authority_to_ask(issuer, boss, root):
    with pytest.raises(NotTaken) as refused:
        add_revocation_list(actor=boss, issuer=issuer, data=crl(root))
    assert refused.value.code == AnswerFault.NO_AUTHORITY


# --- What runs out ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "state"),
    [(30.1, "valid"), (30, "soon"), (0.1, "soon"), (-0.1, "expired")],
)
def test_a_certificate_stands_by_its_last_day(issuer, days, state):
    kept = add(issuer, made.ec_recipient())
    now = kept.valid_until - timedelta(days=days)
    assert [row.state for row in certificates_of(issuer, now).in_use] == [state]


def test_those_that_run_out_are_told_soonest_first_for_the_federation_asked_of(issuer):
    late, soon = (
        add(issuer, made.ec_recipient("Late", days=(-1, 29))),
        add(issuer, made.ec_recipient("Soon", days=(-1, 5))),
    )
    add(issuer, made.ec_recipient("Holds", days=(-1, 60)))
    retired = add(issuer, made.ec_recipient("Gone", days=(-1, 5)))
    retire_certificate(actor=builders.user(), certificate=retired)
    other = card_builders.issuer()
    add(other, made.ec_recipient("Other", days=(-1, 9)))
    own = expiring_certificates([issuer.federation], made.NOW)
    assert [(one.subject, one.days_left) for one in own] == [(soon.subject, 5), (late.subject, 29)]
    assert {one.issuer for one in own} == {issuer}
    everywhere = expiring_certificates(None, made.NOW)
    assert [one.subject for one in everywhere] == ["CN=Soon", "CN=Other", "CN=Late"]
    assert len(expiring_certificates(None, made.NOW, days=8)) == 1


def test_our_own_certificates_are_among_them(issuer):
    assert own_certificates(made.NOW) == []
    card_builders.signer()
    assert [one.role for one in own_certificates(made.NOW)] == ["signer", "escrow"]
    own = Path(settings.SIGNER_DIR) / "escrow.pem"
    own.write_bytes(made.ec_recipient("Ours", days=(-9, -1)).pem)
    [one] = expiring_certificates([issuer.federation], made.NOW)
    assert (one.role, one.subject, one.issuer, one.days_left) == ("escrow", "CN=Ours", None, -1)
    own.write_bytes(b"torn")
    assert [one.role for one in own_certificates(made.NOW)] == ["signer"]


def test_each_administrator_is_told_once_at_each_threshold(issuer, boss):
    builders.user("administrator", within=builders.federation())
    builders.user("planner", within=issuer.federation)
    builders.user("administrator", within=builders.municipality(issuer.federation))
    kept = add(issuer, made.ec_recipient(days=(-1, 60)))
    for hours in range(24 * 40, -24 * 2, -6):
        warn_of_expiry(now=kept.valid_until - timedelta(hours=hours))
    told = Message.objects.order_by("created_at")
    assert [message.recipient for message in told] == [boss.email] * len(THRESHOLDS)
    assert "Kortverket" in told[0].subject
    assert kept.fingerprint[:4].upper() in told[0].body


def test_of_our_own_certificate_every_federation_is_told(issuer, boss):
    other = builders.user("administrator", within=builders.federation())
    own = Path(settings.SIGNER_DIR) / "signer.pem"
    own.parent.mkdir()
    own.write_bytes(made.signer(days=(-1, 3)).pem)
    for _each_minute in range(3):
        tasks.warn_expiring()
    assert sorted(Message.objects.values_list("recipient", flat=True)) == sorted(
        [boss.email, other.email]
    )


# --- The sentences ------------------------------------------------------------------------------


KEYLESS = set(SignerFault) - {SignerFault.KEY_OF_ANOTHER_CERTIFICATE}
PARAMS = {
    "subject": "CN=Kortverket",
    "valid_from": "2026-01-02T03:04:05+00:00",
    "valid_until": "2027-01-02T03:04:05+00:00",
    "revoked_at": "2026-05-02T03:04:05+00:00",
    "next_update": "2026-06-02T03:04:05+00:00",
}


def test_every_refusal_has_its_sentence_and_no_sentence_is_without_one():
    codes = {*CertificateFault, *RecipientFault, *KEYLESS, *AnswerFault}
    assert set(faults.CERTIFICATES) == {code.value for code in codes}
    assert set(faults.TARGETS) == {code.value for code in TargetFault}


@pytest.mark.parametrize("code", faults.CERTIFICATES)
def test_each_sentence_is_made_of_what_its_refusal_tells(code):
    kind = next(
        each for each in (CertificateFault, RecipientFault, AnswerFault) if code in list(each)
    )
    told = faults.certificate(Refusal(kind(code), **PARAMS))
    assert "%(" not in told
    assert "T03" not in told
