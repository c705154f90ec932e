"""Take what the card issuer answers: whole, once, or into quarantine.

Rows are locked in the house's order: visits, needs by id, the batch, its orders, last the log.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from cryptography import x509
from django.db import IntegrityError, transaction
from django.utils import timezone

from enrolment import vault
from enrolment.audit.services import Actor, Detail, record
from enrolment.cards import advice, queries
from enrolment.cards.domain.answers import Answers, MatchFault, ReceiptMismatch, match
from enrolment.cards.domain.issuer_certificates import revoked_at
from enrolment.cards.domain.receipt import MOST_BYTES, ReadFault, ReceiptUnreadable, read_receipt
from enrolment.cards.domain.receipt_fields import ReceiptDocument, write_receipt
from enrolment.cards.domain.signature import verify_signature
from enrolment.cards.models import Batch, Issuer, IssuerCertificate, Receipt, ReceiptLine
from enrolment.cards.queries.receipts import active_certificates, batch_named
from enrolment.cards.services.certificates import revocation_lists
from enrolment.cards.services.receipt_effects import Held, apply, hold
from enrolment.people.domain.refusal import Refusal

# Nobody stands behind a file but its signature; a page and the API know who hands in.
FILES = (Receipt.Via.FOLDER, Receipt.Via.SFTP)


class TakeFault(StrEnum):
    """Why a receipt goes into quarantine before anybody looks at what it answers."""

    ID_USED = "id_used"  # receipt_id
    SIGNATURE_MISSING = "signature_missing"
    SIGNER_REVOKED = "signer_revoked"


class ReceiptRefused(Refusal):
    """The receipt may not be taken: `code` is a TakeFault."""


class TooLarge(Exception):
    """No receipt is larger than MOST_BYTES; nothing was read or kept."""


class NotDeliveredYet(Exception):
    """The batch is still on its way to the issuer; nothing was kept. Hand in again later."""


class NotQuarantined(Exception):
    """Only a receipt in quarantine is settled by hand."""


@dataclass(frozen=True)
class Arrival:
    """A receipt as it came, from whom and which way."""

    actor: Actor
    issuer: Issuer
    data: bytes
    name: str
    via: Receipt.Via
    signature: bytes | None

    @cached_property
    def sha256(self) -> str:
        """Return the hash of the bytes, in hex."""
        return hashlib.sha256(self.data).hexdigest()


def take_receipt(
    *,
    actor: Actor,
    issuer: Issuer,
    data: bytes,
    name: str,
    via: Receipt.Via,
    signature: bytes | None = None,
) -> Receipt:
    """Take a receipt of the issuer's, or put it into quarantine; the row says which and why.

    `name` ends in .csv for a CSV, all else is JSON. `signature` (detached CMS) is asked for of a
    file, where the issuer has a certificate for receipts. The same bytes again give the same row:
    taken or settled ones move nothing, and those in quarantine are looked at anew, since what was
    amiss may be mended, such as a signature that came late. Raises TooLarge and NotDeliveredYet,
    and then keeps nothing.
    """
    if len(data) > MOST_BYTES:
        raise TooLarge
    arrival = Arrival(actor, issuer, data, name, via, signature)
    try:
        return _take(arrival)
    except IntegrityError:
        # Somebody else took it, or its id, at the same moment: now it is there to be seen.
        return _take(arrival)


def type_receipt(*, actor: Actor, batch: Batch, document: ReceiptDocument) -> Receipt:
    """Take what somebody typed for the issuer; a double click gives the first one's row.

    Raises what `take_receipt` raises.
    """
    typed = Receipt.objects.filter(issuer=batch.issuer_id, receipt_id=document.receipt_id)
    if before := typed.first():
        return before
    return take_receipt(
        actor=actor,
        issuer=batch.issuer,
        data=write_receipt(document),
        name=f"{document.receipt_id}.json",
        via=Receipt.Via.PAGE,
    )


@transaction.atomic
def keep_too_large(*, actor: Actor, issuer: Issuer, data: bytes, via: Receipt.Via) -> Receipt:
    """Put a file that is too large into quarantine, without its content; twice is once."""
    arrival = Arrival(actor, issuer, data, "", via, None)
    if known := _known(arrival):
        return known
    fault = ReceiptUnreadable(ReadFault.TOO_LARGE, most=MOST_BYTES)
    return _quarantine(replace(arrival, data=b""), Receipt(sha256=arrival.sha256), fault)


@transaction.atomic
def settle_receipt(*, actor: Actor, receipt: Receipt, note: str) -> Receipt:
    """Say that a quarantined receipt has been dealt with, and how. Raises NotQuarantined."""
    current = Receipt.objects.select_for_update(of=("self",)).get(pk=receipt.pk)
    if current.state != Receipt.State.QUARANTINED:
        raise NotQuarantined
    current.state, current.fault = Receipt.State.SETTLED, {**current.fault, "settled": note}
    current.save(update_fields=["state", "fault"])
    _record(actor, "cards.settle_receipt", current)
    return current


@transaction.atomic
def _take(arrival: Arrival) -> Receipt:
    """Only what is found before anything is written leads to quarantine."""
    known = _known(arrival)
    if known and known.state != Receipt.State.QUARANTINED:
        return known
    row = known or Receipt(sha256=arrival.sha256)
    try:
        document = _read(arrival)
    except Refusal as fault:
        return _quarantine(arrival, row, fault)
    batch = batch_named(arrival.issuer, document.batch_id)
    try:
        held, answers = _match(arrival, document, batch)
    except Refusal as fault:
        return _quarantine(arrival, row, fault, document, batch)
    receipt = _keep(arrival, row, document, held)
    apply(actor=arrival.actor, receipt=receipt, document=document, held=held, answers=answers)
    return receipt


def _known(arrival: Arrival) -> Receipt | None:
    """Return the row of the same bytes, locked: two hands can't take it out of quarantine."""
    rows = Receipt.objects.select_for_update(of=("self",))
    return rows.filter(issuer=arrival.issuer, sha256=arrival.sha256).first()


def _check_signature(arrival: Arrival, now: datetime) -> None:
    """Ask for the issuer's signature on a file, where its certificate for that is known.

    Raises ReceiptRefused or SignatureRefused.
    """
    rows = active_certificates(arrival.issuer, IssuerCertificate.Purpose.RECEIPTS)
    trusted = [x509.load_der_x509_certificate(bytes(row.der)) for row in rows]
    if not trusted or arrival.via not in FILES:
        return
    if arrival.signature is None:
        raise ReceiptRefused(TakeFault.SIGNATURE_MISSING)
    signer = verify_signature(arrival.signature, arrival.data, trusted, at=now)
    if revoked_at(signer, revocation_lists(arrival.issuer)):
        raise ReceiptRefused(TakeFault.SIGNER_REVOKED)


def _read(arrival: Arrival) -> ReceiptDocument:
    _check_signature(arrival, timezone.now())
    return read_receipt(arrival.data, arrival.name, arrival.issuer.slug)


def _match(
    arrival: Arrival, document: ReceiptDocument, batch: Batch | None
) -> tuple[Held, Answers]:
    """Lock what the receipt is about, and return it with what moves. Raises ReceiptMismatch."""
    if batch is None:
        raise ReceiptMismatch(MatchFault.UNKNOWN_BATCH, batch=document.batch_id)
    held = hold(document, batch)
    if held.batch.status in queries.UNFINISHED:
        raise NotDeliveredYet
    used = Receipt.objects.filter(
        issuer=arrival.issuer, receipt_id=document.receipt_id, state=Receipt.State.TAKEN
    )
    if used.exists():
        raise ReceiptRefused(TakeFault.ID_USED, receipt_id=document.receipt_id)
    return held, match(document, held.sent)


def _keep(arrival: Arrival, row: Receipt, document: ReceiptDocument, held: Held) -> Receipt:
    receipt = _filled(row, arrival, Receipt.State.TAKEN, document, held.batch)
    receipt.save()
    ReceiptLine.objects.bulk_create(
        ReceiptLine(
            receipt=receipt,
            order=held.orders[line.order_id],
            status=line.status,
            code=line.code or "",
            text=line.text,
            card_number=line.card_number or "",
            on=line.date,
        )
        for line in document.lines
    )
    _record(arrival.actor, "cards.take_receipt", receipt, lines=len(document.lines))
    return receipt


def _quarantine(
    arrival: Arrival,
    row: Receipt,
    fault: Refusal,
    document: ReceiptDocument | None = None,
    batch: Batch | None = None,
) -> Receipt:
    """Keep the row in quarantine; the same fault again is nothing new."""
    kept = advice.kept(fault)
    if row.fault == kept:
        return row
    receipt = _filled(row, arrival, Receipt.State.QUARANTINED, document, batch)
    receipt.fault = kept
    receipt.save()
    _record(arrival.actor, "cards.quarantine_receipt", receipt, fault=kept["code"])
    return receipt


def _filled(
    receipt: Receipt,
    arrival: Arrival,
    state: Receipt.State,
    document: ReceiptDocument | None,
    batch: Batch | None,
) -> Receipt:
    receipt.issuer, receipt.batch = arrival.issuer, batch
    receipt.receipt_id = document.receipt_id if document else ""
    receipt.kind = document.kind if document else ""
    receipt.state, receipt.fault = state, {}
    receipt.via, receipt.received_by = arrival.via, arrival.actor.audit_name
    receipt.content = vault.seal(arrival.data, receipt.vault_place)
    return receipt


def _record(actor: Actor, action: str, receipt: Receipt, **details: Detail) -> None:
    record(
        actor=actor,
        action=action,
        subject=receipt,
        federation_id=receipt.issuer.federation_id,
        kind=receipt.kind,
        batch=str(receipt.batch_id or ""),
        sha256=receipt.sha256,
        **details,
    )
