"""Take the receipts that issuers leave in their folders."""

import logging

from enrolment.audit.services import System
from enrolment.cards.domain.exchange import ReceiptFile
from enrolment.cards.handover import HandoverFailed
from enrolment.cards.models import Issuer, Receipt
from enrolment.cards.queries.receipts import issuers_with_inbox
from enrolment.cards.services.deliveries import put_away, read_receipts
from enrolment.cards.services.receipts import (
    NotDeliveredYet,
    TooLarge,
    keep_too_large,
    take_receipt,
)
from enrolment.cards.sftp import SftpFailed

POSTBOX = System("receipt-box")
logger = logging.getLogger(__name__)


def take_all_receipts() -> int:
    """Take what lies in every issuer's folder; return how many files were put away.

    A folder that can't be reached, or a file at which something goes wrong, is tried again next
    time, and holds up no other.
    """
    count = 0
    for issuer in issuers_with_inbox():
        try:
            count += _take_from(issuer)
        except (HandoverFailed, SftpFailed) as fault:
            logger.warning("The receipts of issuer %s were not read: %s", issuer.pk, fault.code)
    return count


def _take_from(issuer: Issuer) -> int:
    count = 0
    for file in read_receipts(issuer):
        try:
            receipt = _take(issuer, file)
        except Exception:
            logger.exception("A receipt of issuer %s was left where it lies", issuer.pk)
            continue
        if receipt:
            quarantined = receipt.state != Receipt.State.TAKEN
            put_away(issuer, file.name, quarantined=quarantined)
            count += 1
    return count


def _take(issuer: Issuer, file: ReceiptFile) -> Receipt | None:
    """Take one file; None for one that waits for its batch to be delivered."""
    via = Receipt.Via(issuer.way)
    try:
        return take_receipt(
            actor=POSTBOX,
            issuer=issuer,
            data=file.data,
            name=file.name,
            via=via,
            signature=file.signature,
        )
    except TooLarge:
        return keep_too_large(actor=POSTBOX, issuer=issuer, data=file.data, via=via)
    except NotDeliveredYet:
        return None
