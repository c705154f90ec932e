"""Seal a batch, build its package, hand it over and tell its orders.

Rows are locked in this order: needs by id, then the issuer or the batch, its orders, last the log.
Building may be cut short anywhere and run again: what is done already is passed over.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from booking.services.locks import lock_needs
from enrolment import jobs, vault
from enrolment.audit.queries import head
from enrolment.audit.services import Actor, Detail, record
from enrolment.cards import faults, queries
from enrolment.cards.domain.package import (
    DEFAULT_LIMITS,
    canonical_json,
    make_bag,
    name_batch,
)
from enrolment.cards.domain.package_fields import BatchFacts, OrderLine
from enrolment.cards.domain.states import BatchStatus, OrderStatus
from enrolment.cards.handover import Handed
from enrolment.cards.models import Batch, BatchChange, CardOrder, Issuer
from enrolment.cards.services.deliveries import deliver
from enrolment.cards.services.packages import BUILDER, LeaseLost, leased, write_package
from enrolment.cards.services.recipients import recipients
from enrolment.cards.services.signer import Signer, load_signer
from enrolment.cards.services.statuses import move_batch, move_orders
from enrolment.cards.sftp import SftpFault
from enrolment.people.domain.refusal import Refusal
from enrolment.people.domain.stages import Stage
from enrolment.people.models import User
from enrolment.people.services.needs import advance_need

# Longer than the queue lets a task run: who held a lease that has run out is gone.
LEASE = timedelta(minutes=4)
# How long a batch that stopped at a fault is left alone, unless somebody asks for a new try.
REST = timedelta(minutes=10)
# Orders told of their delivery in one transaction: others get to write in between.
CHUNK = 100


class SealFault(StrEnum):
    """Why a batch can't be sealed now; the parameters of each stand beside it."""

    NOTHING_TO_SEAL = "nothing_to_seal"
    NOT_OPEN = "not_open"
    NOT_READY = "not_ready"  # hindrance (a queries.Hindrance)
    PREVIOUS_NOT_BUILT = "previous_not_built"  # batch (its name)


class SealRefused(Refusal):
    """Nothing was sealed: `code` is a SealFault."""


class PackageGone(Exception):
    """The package isn't where it was put, or isn't whole."""


class NotToResend(Exception):
    """Only a batch that the issuer could not take at all is sent once more."""


@transaction.atomic
def seal_batch(*, actor: User, issuer: Issuer, orders: Sequence[CardOrder] | None = None) -> Batch:
    """Freeze orders in the issuer's next batch, and ring for its package to be built.

    Without `orders` it takes all that can go, oldest first, as many as a batch holds. Raises
    SealRefused, PackageRefused, what `load_signer` raises or what `recipients` raises, and then no
    number is used.
    """
    now = timezone.now().replace(microsecond=0)
    issuer = Issuer.objects.select_for_update(of=("self",)).get(pk=issuer.pk)
    chosen = _chosen(issuer, orders)
    signer = load_signer(at=now)
    recipients(issuer, now)
    facts = _facts(issuer, now, signer)
    lines = [queries.order_line(order, seq) for seq, order in enumerate(chosen, start=1)]
    header = make_bag(facts, lines).header
    batch = _keep_batch(actor, issuer, facts, header.values())
    _freeze(actor, batch, chosen, lines)
    _record(actor, "cards.seal_batch", batch, orders=len(chosen))
    jobs.ring("enrolment.cards.tasks.build", str(batch.pk))
    return batch


def sealing_fault(issuer: Issuer, at: datetime) -> Refusal | None:
    """Return why nothing could be sealed for the issuer, whatever waits; None when all is well."""
    try:
        load_signer(at=at)
        recipients(issuer, at)
    except Refusal as fault:
        return fault
    return None


def build_batch(*, batch_id: UUID) -> bool:
    """Build a sealed batch and deliver it; say whether that was finished now.

    A batch that another worker holds is left to it, and what a worker does after its lease was
    taken over changes nothing. A fault is kept in `batch.error`, nothing is delivered, and the
    batch is tried again later.
    """
    batch = _lease(batch_id)
    if batch is None:
        return False
    try:
        _build_and_send(batch)
        _deliver_orders(batch)
        return _note_delivered(batch)
    except LeaseLost:
        return False
    except Refusal as fault:
        _note_fault(batch, fault)
        return False


@transaction.atomic
def retry_batch(*, actor: Actor, batch: Batch) -> None:
    """Ring at once for a batch that stopped at a fault; others are left alone."""
    stopped = Batch.objects.filter(pk=batch.pk, status__in=queries.UNFINISHED).exclude(error="")
    if stopped.update(error="", leased_until=None):
        _record(actor, "cards.retry_batch", batch)
        jobs.ring("enrolment.cards.tasks.build", str(batch.pk))


@transaction.atomic
def resend_batch(*, actor: Actor, batch: Batch) -> None:
    """Seal once more a batch that the issuer could not take: the same package, encrypted anew.

    Raises NotToResend for a batch whose orders the issuer has judged, or that isn't rejected.
    """
    current = _locked(batch)
    if not queries.can_resend(current):
        raise NotToResend
    # The encrypted file's hash stays until the new one is there: it says which one to replace.
    facts = {"delivered_at": None, "leased_until": None, "error": ""}
    move_batch(actor=actor, batch=current, status=BatchStatus.SEALED, **facts)
    _record(actor, "cards.resend_batch", current)
    jobs.ring("enrolment.cards.tasks.build", str(current.pk))


@transaction.atomic
def fetch_package(*, actor: Actor, batch: Batch) -> Path:
    """Return where the batch's package lies, and note who fetched it. Raises PackageGone."""
    path = queries.package_path(batch)
    try:
        size = path.stat().st_size
    except OSError as error:
        raise PackageGone from error
    if size != batch.encrypted_bytes:
        raise PackageGone
    _record(actor, "cards.fetch_package", batch, sha256=batch.encrypted_sha256)
    return path


def _chosen(issuer: Issuer, orders: Sequence[CardOrder] | None) -> list[CardOrder]:
    """Lock and return the orders to seal, all fit for it."""
    waiting = list(queries.open_orders(issuer).select_for_update(of=("self",)))
    if orders is None:
        fit = [order for order in waiting if queries.hindrance(order) is None]
        chosen = fit[: DEFAULT_LIMITS.orders]
    else:
        wanted = {order.pk for order in orders}
        chosen = [order for order in waiting if order.pk in wanted]
        _check_chosen(chosen, len(wanted))
    if not chosen:
        raise SealRefused(SealFault.NOTHING_TO_SEAL)
    return chosen


def _check_chosen(chosen: Sequence[CardOrder], wanted: int) -> None:
    if len(chosen) < wanted:
        raise SealRefused(SealFault.NOT_OPEN)
    for order in chosen:
        if hindrance := queries.hindrance(order):
            raise SealRefused(SealFault.NOT_READY, hindrance=hindrance)


def _facts(issuer: Issuer, now: datetime, signer: Signer) -> BatchFacts:
    """Give the next number and say what the header says. The issuer is locked."""
    previous = queries.last_batch(issuer)
    if previous and not previous.package_sha256:
        raise SealRefused(SealFault.PREVIOUS_NOT_BUILT, batch=previous.name)
    number = issuer.last_batch_no + 1
    logged = head(issuer.federation_id)
    return BatchFacts(
        batch_id=name_batch(timezone.localtime(now).year, number),
        batch_no=number,
        sender_hsa_id=issuer.federation.hsa_id,
        issuer=issuer.slug,
        environment=issuer.environment,
        sealed_at=now,
        previous_batch_id=previous.name if previous else None,
        previous_package_sha256=previous.package_sha256 if previous else None,
        signer_fingerprint=signer.fingerprint,
        contact_function=issuer.federation.contact,
        audit_sequence=logged.sequence,
        audit_hash=logged.hash,
    )


def _keep_batch(
    actor: User, issuer: Issuer, facts: BatchFacts, header: dict[str, str | int | bool | None]
) -> Batch:
    issuer.last_batch_no = facts.batch_no
    issuer.save(update_fields=["last_batch_no"])
    batch = Batch.objects.create(
        issuer=issuer,
        number=facts.batch_no,
        name=facts.batch_id,
        status=BatchStatus.SEALED,
        header=header,
        sealed_by=actor,
        sealed_at=facts.sealed_at,
    )
    BatchChange.objects.create(batch=batch, status=batch.status, actor=actor.audit_name)
    return batch


def _freeze(
    actor: User, batch: Batch, orders: Sequence[CardOrder], lines: Sequence[OrderLine]
) -> None:
    """Put the orders in the batch, each with its line sealed."""
    for order, line in zip(orders, lines, strict=True):
        order.batch, order.seq = batch, line.seq
        order.sealed_line = vault.seal(canonical_json(line.values()), order.vault_place)
    CardOrder.objects.bulk_update(orders, ["batch", "seq", "sealed_line"])
    move_orders(actor=actor, orders=orders, status=OrderStatus.SEALED)


@transaction.atomic
def _lease(batch_id: UUID) -> Batch | None:
    """Take the batch for a while, so that two workers do not build it at once."""
    now = timezone.now()
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    unfinished = Batch.objects.filter(free, pk=batch_id, status__in=queries.UNFINISHED)
    if not unfinished.update(leased_until=now + LEASE, fence=F("fence") + 1):
        return None
    return Batch.objects.select_related("issuer__federation").get(pk=batch_id)


def _build_and_send(batch: Batch) -> None:
    """Write the package unless it was handed over before, and carry it to the issuer."""
    fetched_here = batch.issuer.way == Issuer.Way.FOLDER
    if batch.status == BatchStatus.BUILT and fetched_here:
        return
    handed = write_package(batch, queries.package_folder(batch))
    _note_built(batch, handed)
    deliver(batch.issuer, handed)


@transaction.atomic
def _note_fault(batch: Batch, fault: Refusal) -> None:
    """Keep what stopped the batch, and log it unless it is the same as last time."""
    if fault.code == SftpFault.UNFINISHED:
        leased(batch).update(leased_until=None, error="")
        return
    error = faults.note(fault)
    if not leased(batch).update(error=error, leased_until=timezone.now() + REST):
        return
    if error != batch.error:
        _record(BUILDER, "cards.build_stopped", batch, fault=fault.code)


@transaction.atomic
def _note_built(batch: Batch, handed: Handed) -> None:
    """Keep what was handed over. Raises LeaseLost."""
    current = _held(batch)
    told = handed.sentinel
    facts = {
        "package_sha256": told.package_sha256,
        "package_bytes": told.package_size,
        "encrypted_sha256": told.sha256,
        "encrypted_bytes": told.size,
        "error": "",
    }
    if current.status == BatchStatus.SEALED:
        move_batch(actor=BUILDER, batch=current, status=BatchStatus.BUILT, **facts)
        _record_built(current)
    elif current.encrypted_sha256 != told.sha256:
        leased(batch).update(**facts)
        _record_built(_held(batch))


def _record_built(batch: Batch) -> None:
    _record(
        BUILDER,
        "cards.build_batch",
        batch,
        sha256=batch.package_sha256,
        bytes=batch.package_bytes or 0,
        encrypted_sha256=batch.encrypted_sha256,
    )


def _deliver_orders(batch: Batch) -> None:
    while _deliver_some(batch):
        pass


@transaction.atomic
def _deliver_some(batch: Batch) -> bool:
    """Tell the next orders of the batch, and their needs, that they are delivered."""
    sealed = batch.orders.filter(status=OrderStatus.SEALED).order_by("seq")
    chunk = dict(sealed.values_list("pk", "need")[:CHUNK])
    needs = lock_needs(chunk.values())
    _held(batch)
    orders = list(sealed.filter(pk__in=chunk).select_for_update())
    move_orders(actor=BUILDER, orders=orders, status=OrderStatus.DELIVERED)
    for order in orders:
        # A need that ended meanwhile stays ended: the card is on its way all the same.
        if needs[order.need_id].stage == Stage.APPROVED:
            advance_need(actor=BUILDER, need=needs[order.need_id], stage=Stage.DELIVERED)
    return bool(chunk)


@transaction.atomic
def _note_delivered(batch: Batch) -> bool:
    current, now = _held(batch), timezone.now()
    facts = {"delivered_at": now, "leased_until": None, "error": ""}
    move_batch(actor=BUILDER, batch=current, status=BatchStatus.DELIVERED, **facts)
    _record(BUILDER, "cards.deliver_batch", current)
    return True


def _locked(batch: Batch) -> Batch:
    return _for_update(Batch.objects.filter(pk=batch.pk)).get()


def _held(batch: Batch) -> Batch:
    """Lock a batch that this worker leased. Raises LeaseLost once another has taken it over."""
    held = _for_update(leased(batch)).first()
    if held is None:
        raise LeaseLost
    return held


def _for_update(batches: QuerySet[Batch]) -> QuerySet[Batch]:
    return batches.select_for_update(of=("self",)).select_related("issuer")


def _record(actor: Actor, action: str, batch: Batch, **details: Detail) -> None:
    federation_id = batch.issuer.federation_id
    record(actor=actor, action=action, subject=batch, federation_id=federation_id, **details)
