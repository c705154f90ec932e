"""A sealed batch's package, made from its rows: the same bytes each time, signed once."""

import errno
import json
from enum import StrEnum
from pathlib import Path

from django.utils import timezone

from enrolment import vault
from enrolment.cards.domain.package import HARD_STOP, Bag, make_bag, write_zip
from enrolment.cards.domain.package_fields import BatchHeader, OrderLine
from enrolment.cards.handover import Handed, HandoverFailed, HandoverFault, hand_over
from enrolment.cards.models import Batch, CardOrder
from enrolment.cards.services.signer import load_signer
from enrolment.people.domain.refusal import Refusal
from photos.models import Photo
from photos.queries import card_bytes


class BuildFault(StrEnum):
    """Why a package can't be built from its rows; the parameter `order_id` says where."""

    LINE_CHANGED = "line_changed"
    PHOTO_MISSING = "photo_missing"
    PHOTO_UNREADABLE = "photo_unreadable"


class BuildFailed(Refusal):
    """What was sealed can't be read any more: `code` is a BuildFault."""


def write_package(batch: Batch, folder: Path) -> Handed:
    """Write the batch's package into the folder; the same batch always gives the same bytes.

    Raises BuildFailed, PackageRefused, HandoverFailed, or what `load_signer` raises the first time.
    """
    orders = _frozen_orders(batch)
    header = BatchHeader.from_values(batch.header)
    bag = make_bag(header, [_frozen_line(order) for order in orders], HARD_STOP)
    signature = _sign_once(batch, bag)
    photos = {str(order.pk): order.photo for order in orders if order.photo}
    _make_folder(folder)
    return hand_over(
        lambda sink: write_zip(sink, bag, signature, lambda order: _photo_bytes(photos, order)),
        folder,
        f"{batch.name}.zip",
    )


def _frozen_orders(batch: Batch) -> list[CardOrder]:
    return list(batch.orders.select_related("photo__capture").order_by("seq"))


def _frozen_line(order: CardOrder) -> OrderLine:
    try:
        line = vault.unseal(bytes(order.sealed_line), order.vault_place)
    except vault.VaultError as error:
        raise BuildFailed(BuildFault.LINE_CHANGED, order_id=str(order.pk)) from error
    return OrderLine.from_values(json.loads(line))


def _sign_once(batch: Batch, bag: Bag) -> bytes:
    """Return the batch's signature; whoever signs first has it kept for good."""
    if not batch.signature:
        signature = load_signer(at=timezone.now()).sign(bag.tag_manifest)
        Batch.objects.filter(pk=batch.pk, signature=b"").update(signature=signature)
        batch.refresh_from_db(fields=["signature"])
    return bytes(batch.signature)


def _photo_bytes(photos: dict[str, Photo], order_id: str) -> bytes:
    try:
        return card_bytes(photos[order_id])
    except FileNotFoundError as error:
        raise BuildFailed(BuildFault.PHOTO_MISSING, order_id=order_id) from error
    except (vault.VaultError, OSError) as error:
        raise BuildFailed(BuildFault.PHOTO_UNREADABLE, order_id=order_id) from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    except OSError as error:
        reason = errno.errorcode.get(error.errno or 0, "EIO")
        fault = HandoverFault.DISK
        raise HandoverFailed(fault, name=folder.name, step="mkdir", reason=reason) from error
