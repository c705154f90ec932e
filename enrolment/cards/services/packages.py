"""A sealed batch's package, made from its rows: the same bytes each time, signed once."""

import json
import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from enrolment import vault
from enrolment.audit.services import System, record
from enrolment.cards import queries
from enrolment.cards.domain.certificate_facts import fingerprint
from enrolment.cards.domain.envelope import Envelope
from enrolment.cards.domain.package import HARD_STOP, Bag, make_bag, write_zip
from enrolment.cards.domain.package_fields import BatchHeader, OrderLine
from enrolment.cards.domain.states import BatchStatus
from enrolment.cards.domain.stored_zip import ByteSink
from enrolment.cards.handover import Handed, hand_over, make_folder
from enrolment.cards.models import Batch, CardOrder
from enrolment.cards.services.recipients import recipients
from enrolment.cards.services.signer import load_signer
from enrolment.people.domain.refusal import Refusal
from photos.models import Photo
from photos.queries import card_bytes

BUILDER = System("package-builder")


class BuildFault(StrEnum):
    """Why a package can't be built from its rows; the parameter `order_id` says where."""

    LINE_CHANGED = "line_changed"
    PHOTO_MISSING = "photo_missing"
    PHOTO_UNREADABLE = "photo_unreadable"


class BuildFailed(Refusal):
    """What was sealed can't be read any more: `code` is a BuildFault."""


class LeaseLost(Exception):
    """Another worker has the batch by now: whatever this one does counts for nothing."""


def write_package(batch: Batch, folder: Path) -> Handed:
    """Write the batch's package, encrypted, into the folder; what is there already is left.

    The same batch always gives the same ZIP within. While the batch is sealed anew, its
    `encrypted_sha256` is of what the issuer could not take, and that is replaced. Raises
    BuildFailed, PackageRefused, HandoverFailed, LeaseLost, what `recipients` raises, or what
    `load_signer` raises the first time.
    """
    orders = _frozen_orders(batch)
    lines = [_frozen_line(order) for order in orders]
    bag = _bag(batch, lines) if batch.signature else _sign(batch, lines)
    signature = bytes(batch.signature)
    photos = {str(order.pk): order.photo for order in orders if order.photo}

    def write(sink: ByteSink) -> None:
        write_zip(sink, bag, signature, lambda order_id: _photo_bytes(photos, order_id))
        check_lease(batch)

    def encrypt(sink: ByteSink) -> Envelope:
        encrypt_to = recipients(batch.issuer, timezone.now())
        _note_recipients(batch, encrypt_to)
        return Envelope(sink, encrypt_to, os.urandom)

    make_folder(folder)
    rejected = batch.encrypted_sha256 if batch.status == BatchStatus.SEALED else ""
    return hand_over(write, encrypt, folder, f"{batch.name}.zip.cms", rejected)


@transaction.atomic
def _note_recipients(batch: Batch, encrypt_to: Sequence[x509.Certificate]) -> None:
    check_lease(batch)
    record(
        actor=BUILDER,
        action=queries.ENCRYPTED,
        subject=batch,
        federation_id=batch.issuer.federation_id,
        recipients=[fingerprint(certificate) for certificate in encrypt_to],
    )


def check_lease(batch: Batch) -> None:
    """Raise LeaseLost unless the batch is still this worker's."""
    if not leased(batch).exists():
        raise LeaseLost


def leased(batch: Batch) -> QuerySet[Batch]:
    """Return the batch's row for writing, while it is still this worker's; else no row."""
    return Batch.objects.filter(pk=batch.pk, fence=batch.fence)


def _frozen_orders(batch: Batch) -> list[CardOrder]:
    return list(batch.orders.select_related("photo__capture").order_by("seq"))


def _frozen_line(order: CardOrder) -> OrderLine:
    try:
        line = vault.unseal(bytes(order.sealed_line), order.vault_place)
    except vault.VaultError as error:
        raise BuildFailed(BuildFault.LINE_CHANGED, order_id=str(order.pk)) from error
    return OrderLine.from_values(json.loads(line))


def _bag(batch: Batch, lines: Sequence[OrderLine]) -> Bag:
    return make_bag(BatchHeader.from_values(batch.header), lines, HARD_STOP)


@transaction.atomic
def _sign(batch: Batch, lines: Sequence[OrderLine]) -> Bag:
    """Sign the batch once and for all, log that the key was used, and return what was signed.

    The header names who signs: the signer may have been renewed since the sealing. Raises
    LeaseLost.
    """
    signer = load_signer(at=timezone.now())
    batch.header = batch.header | {"signer_fingerprint": signer.fingerprint}
    bag = _bag(batch, lines)
    batch.signature = signer.sign(bag.tag_manifest)
    signed = leased(batch).filter(signature=b"")
    if not signed.update(signature=batch.signature, header=batch.header):
        raise LeaseLost
    record(
        actor=BUILDER,
        action="cards.sign_batch",
        subject=batch,
        federation_id=batch.issuer.federation_id,
        signer=signer.fingerprint,
    )
    return bag


def _photo_bytes(photos: dict[str, Photo], order_id: str) -> bytes:
    try:
        return card_bytes(photos[order_id])
    except FileNotFoundError as error:
        raise BuildFailed(BuildFault.PHOTO_MISSING, order_id=order_id) from error
    except (vault.VaultError, OSError) as error:
        raise BuildFailed(BuildFault.PHOTO_UNREADABLE, order_id=order_id) from error
