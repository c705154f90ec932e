"""Write the receipts: is the package whole, and what is said of each order.

The same answer to the same package has the same receipt id: whoever gets it twice may see that.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from enrolment.cards.domain.exchange import SIGNATURE
from enrolment.cards.domain.package_check import Content
from enrolment.cards.domain.package_fields import OrderLine
from enrolment.cards.domain.receipt_fields import (
    ORDER_CODE,
    SCREEN_TEXT,
    BatchCode,
    Counts,
    OrderAnswer,
    ReceiptDocument,
    ReceiptKind,
    ReceiptLineDocument,
    Technical,
    write_receipt,
)
from enrolment.cards.domain.seal import sign
from enrolment.cards.receiver.layout import replace_file
from enrolment.cards.receiver.wrong_use import WrongUse


@dataclass(frozen=True)
class Answered:
    """What every receipt for a package says of it."""

    batch_id: str
    issuer: str
    package_sha256: str


@dataclass(frozen=True)
class Signer:
    """Who signs the receipts."""

    key: PrivateKeyTypes
    certificate: x509.Certificate


def read_rejections(words: Sequence[str]) -> dict[str, str]:
    """Return the code by order from words as ORDER=CODE; raises WrongUse."""
    found: dict[str, str] = {}
    for word in words:
        order_id, _, code = word.partition("=")
        if not re.search(ORDER_CODE, code):
            raise WrongUse(f"Rätta {word}. Skriv beställningens id, = och en kod.")
        if found.setdefault(order_id, code) != code:
            raise WrongUse(f"Ange en enda kod för beställning {order_id}.")
    return found


def check_rejections(rejections: Mapping[str, str], lines: Sequence[OrderLine]) -> None:
    """Raise WrongUse for a rejection of no order here, or of a photo that there is not."""
    photos = {line.order_id: line.photo for line in lines}
    for order_id, code in rejections.items():
        if order_id not in photos:
            raise WrongUse(f"Rätta --reject. Ingen beställning i paketet heter {order_id}.")
        if code.startswith("PHOTO_") and photos[order_id] is None:
            raise WrongUse(f"Rätta --reject. Beställning {order_id} har ingen bild.")


def received(answered: Answered, at: datetime) -> ReceiptDocument:
    """Return the technical receipt for a package that is whole."""
    return _technical(answered, at, Technical.RECEIVED)


def refused(
    answered: Answered, at: datetime, code: BatchCode, text: str, file_sha256: str
) -> ReceiptDocument:
    """Return the technical receipt for a package that is not to be used; the text is cut to fit.

    It is about the file that came: sent anew and refused again, the package has another receipt.
    """
    short = text[: SCREEN_TEXT["maxLength"]]
    return _technical(answered, at, Technical.REJECTED, code, short, file_sha256)


def judged(
    answered: Answered, at: datetime, content: Content, rejections: Mapping[str, str]
) -> ReceiptDocument:
    """Return the content receipt: the rejected orders with their codes, all others accepted."""
    lines = tuple(_line(line.order_id, rejections.get(line.order_id)) for line in content.lines)
    counts = Counts.of(lines)
    marks = [f"{order_id}={code}" for order_id, code in sorted(rejections.items())]
    return ReceiptDocument(
        receipt_id=_receipt_id(answered, ReceiptKind.CONTENT, *marks),
        kind=ReceiptKind.CONTENT,
        issuer=answered.issuer,
        batch_id=answered.batch_id,
        package_sha256=answered.package_sha256,
        created_at=at,
        status=counts.status,
        counts=counts,
        lines=lines,
    )


def put_receipt(path: Path, document: ReceiptDocument, signer: Signer | None) -> None:
    """Write the receipt, and its signature beside it; one with the same id stays as it is."""
    if not _says_the_same(path, document):
        _signature_of(path).unlink(missing_ok=True)
        replace_file(path, write_receipt(document))
    if signer and not _signature_of(path).exists():
        signature = sign(path.read_bytes(), signer.key, signer.certificate)
        replace_file(_signature_of(path), signature)


def _technical(
    answered: Answered,
    at: datetime,
    status: Technical,
    code: BatchCode | None = None,
    text: str = "",
    file_sha256: str = "",
) -> ReceiptDocument:
    said = (status, code or "", text, file_sha256)
    return ReceiptDocument(
        receipt_id=_receipt_id(answered, ReceiptKind.TECHNICAL, *said),
        kind=ReceiptKind.TECHNICAL,
        issuer=answered.issuer,
        batch_id=answered.batch_id,
        package_sha256=answered.package_sha256,
        created_at=at,
        status=status,
        code=code,
        text=text,
    )


def _line(order_id: str, code: str | None) -> ReceiptLineDocument:
    status = OrderAnswer.REJECTED if code else OrderAnswer.ACCEPTED
    return ReceiptLineDocument(order_id=order_id, status=status, code=code)


def _receipt_id(answered: Answered, kind: ReceiptKind, *said: str) -> str:
    """Return an id that follows from the package and what is said of it."""
    told = "\n".join((answered.issuer, answered.package_sha256, *said))
    return f"{answered.batch_id}.{kind}.{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _says_the_same(path: Path, document: ReceiptDocument) -> bool:
    return path.exists() and f'"receipt_id":"{document.receipt_id}"'.encode() in path.read_bytes()


def _signature_of(path: Path) -> Path:
    return path.with_name(f"{path.name}{SIGNATURE}")
