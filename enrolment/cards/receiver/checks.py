"""Check an opened package from the outside in: ZIP, signature, manifests, orders, photos."""

import json
import re
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509

from enrolment.cards.domain.certificate_facts import fingerprint
from enrolment.cards.domain.package import SIGNATURE, TAG_MANIFEST
from enrolment.cards.domain.package_check import (
    HEADER,
    Content,
    Contents,
    Finding,
    PackageFlawed,
    check_bag,
    read_content,
    refuse,
)
from enrolment.cards.domain.package_fields import CODE
from enrolment.cards.domain.receipt_fields import BatchCode
from enrolment.cards.domain.signature import SignatureRefused, verify_signature
from enrolment.cards.domain.zipped_bag import ZippedBag

VALIDITY = ("valid_from", "valid_until")


def check_package(
    bag: ZippedBag, batch_id: str, trusted: Sequence[x509.Certificate], at: datetime
) -> Content:
    """Return what the package tells when all of it holds at `at` (with a zone).

    Nothing but hashes and paths is read before signature and manifests hold. Raises PackageFlawed
    with all findings of the step where it stops.
    """
    flaws, signer = list(bag.findings), ""
    try:
        signer = _signer(bag, trusted, at)
    except SignatureRefused as error:
        flaws.append(_unsigned(error))
    refuse([*flaws, *_bag_flaws(bag)])
    content = read_content(bag)
    if content.header.signer_fingerprint != signer:
        raise PackageFlawed([Finding(BatchCode.SIGNATURE, "SIGNER_OTHER")])
    if content.header.batch_id != batch_id:
        raise PackageFlawed([Finding(BatchCode.SCHEMA, "BATCH_OTHER_NAME", {"batch": batch_id})])
    return content


def refuse_other_issuer(content: Content, issuer: str | None) -> None:
    """Raise PackageFlawed where the package is for another than `issuer`; None takes any."""
    told = content.header.issuer
    if issuer not in (None, told):
        raise PackageFlawed([Finding(BatchCode.SCHEMA, "ISSUER_OTHER", {"issuer": told})])


def claimed_issuer(bag: Contents) -> str | None:
    """Return the issuer that the header names, to address a receipt; it proves nothing."""
    try:
        issuer = json.loads(bag[HEADER])["issuer"]
        return issuer if re.search(CODE["pattern"], issuer) else None
    except (LookupError, TypeError, ValueError, RecursionError):
        return None


def _bag_flaws(bag: Contents) -> Sequence[Finding]:
    try:
        return check_bag(bag)
    except PackageFlawed as flawed:
        return flawed.findings


def _unsigned(error: SignatureRefused) -> Finding:
    days = {name: str(error.params[name])[:10] for name in VALIDITY if name in error.params}
    return Finding(BatchCode.SIGNATURE, f"SIGNATURE_{error.code.upper()}", days)


def _signer(bag: Contents, trusted: Sequence[x509.Certificate], at: datetime) -> str:
    """Return the fingerprint of who signed; raises SignatureRefused."""
    signature, signed = bag.get(SIGNATURE, b""), bag.get(TAG_MANIFEST, b"")
    return fingerprint(verify_signature(signature, signed, trusted, at=at))
