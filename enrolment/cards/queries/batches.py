"""Read batches: their way to the issuer, and where their packages lie."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import FETCH_RAISE, Count, Min, Q, QuerySet

from enrolment.audit.domain.chain import Mark
from enrolment.audit.models import Entry
from enrolment.cards.domain.states import BatchStatus, OrderStatus
from enrolment.cards.models import Batch, Issuer
from enrolment.people.models import User

UNFINISHED = (BatchStatus.SEALED, BatchStatus.BUILT)
# What the log calls the encryption of a package.
ENCRYPTED = "cards.encrypt_package"
_TO_ISSUER = (*UNFINISHED, BatchStatus.DELIVERED, BatchStatus.ACKNOWLEDGED)
_JUDGED = (BatchStatus.ACCEPTED, BatchStatus.PARTLY, BatchStatus.REJECTED)


def batch_list(seen: QuerySet[Batch]) -> QuerySet[Batch]:
    """Return batches for the list, newest first, each with its issuer and `order_count`."""
    return (
        seen.annotate(order_count=Count("orders"))
        .order_by("-sealed_at", "-number", "pk")
        .fetch_mode(FETCH_RAISE)
    )


@dataclass(frozen=True)
class BatchStep:
    """One dot of a batch's way: done, now, or nothing yet."""

    status: BatchStatus
    state: str


def batch_steps(batch: Batch) -> list[BatchStep]:
    """Return the way of a batch to the issuer and through its receipts, with where it stands."""
    here = BatchStatus(batch.status)
    judged = here if here in _JUDGED else BatchStatus.ACCEPTED
    way = [*_TO_ISSUER, judged, BatchStatus.CLOSED]
    states = ["done"] * way.index(here) + ["now"] + [""] * len(way)
    return [BatchStep(*step) for step in zip(way, states, strict=False)]


@dataclass(frozen=True)
class HistoryStep:
    """A step that a batch took: when, why, and by whom; `by` is empty for the system itself.

    What the issuer's machine did is by the issuer.
    """

    status: str
    at: datetime
    why: str
    by: str


def history(batch: Batch) -> list[HistoryStep]:
    """Return the steps of a batch, first to last."""
    changes = list(batch.changes.order_by("at", "pk"))
    actors = {change.actor for change in changes}
    names = {actor: batch.issuer.name for actor in actors if actor.startswith("token:")}
    names |= {user.audit_name: user.name for user in _users(actors)}
    return [
        HistoryStep(change.status, change.at, change.why, names.get(change.actor, ""))
        for change in changes
    ]


def _users(actors: set[str]) -> QuerySet[User]:
    ids = [actor.removeprefix("user:") for actor in actors if actor.startswith("user:")]
    return User.objects.filter(pk__in=ids)


def can_resend(batch: Batch) -> bool:
    """Tell whether the issuer could not take the package at all, so that it may be sent again."""
    judged = batch.orders.exclude(status=OrderStatus.DELIVERED)
    return batch.status == BatchStatus.REJECTED and not judged.exists()


def recipients_of(batch: Batch) -> list[str]:
    """Return the fingerprints of the certificates to which the batch was last encrypted."""
    lines = Entry.objects.filter(subject=f"batch:{batch.pk}", action=ENCRYPTED)
    last = lines.order_by("-pk").values_list("details", flat=True).first()
    return last["recipients"] if last else []


def last_batch(issuer: Issuer) -> Batch | None:
    """Return the issuer's latest batch."""
    return Batch.objects.filter(issuer=issuer).order_by("-number").first()


def unfinished_batches(now: datetime) -> list[UUID]:
    """Return the batches that are not delivered and that nobody is building, oldest first."""
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    waiting = Batch.objects.filter(free, status__in=UNFINISHED).order_by("sealed_at", "number")
    return list(waiting.values_list("pk", flat=True))


def undelivered_since() -> datetime | None:
    """Return when the oldest batch that is not delivered was sealed, or None."""
    waiting = Batch.objects.filter(status__in=UNFINISHED)
    oldest: datetime | None = waiting.aggregate(oldest=Min("sealed_at"))["oldest"]
    return oldest


def log_marks(federation_id: UUID) -> list[Mark]:
    """Return what the federation's log had come to at each sealing, as the headers tell."""
    headers = Batch.objects.filter(issuer__federation=federation_id).order_by("sealed_at", "number")
    return [
        Mark(header["audit_sequence"], header["audit_hash"], name)
        for name, header in headers.values_list("name", "header")
        if "audit_hash" in header  # a batch sealed before the log was chained has none
    ]


def issuer_folder(issuer: Issuer) -> Path:
    """Return where the issuer's packages lie; issuers of two federations may share a name."""
    return Path(settings.HANDOVER_DIR) / issuer.federation.slug / issuer.slug


def package_folder(batch: Batch) -> Path:
    """Return where the packages of the batch's issuer lie."""
    return issuer_folder(batch.issuer)


def package_path(batch: Batch) -> Path:
    """Return where the batch's encrypted package lies, once it is built."""
    return package_folder(batch) / f"{batch.name}.zip.cms"
