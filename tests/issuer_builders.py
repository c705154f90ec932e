"""Builders for what a card issuer sees: a batch it can fetch, its person, its machine's token."""

from datetime import timedelta

from django.utils import timezone

from enrolment.cards.domain.receipt_fields import ReceiptDocument
from enrolment.cards.models import Batch, Issuer, IssuerToken
from enrolment.cards.services.batches import build_batch
from enrolment.cards.services.tokens import issue_token
from enrolment.people.models import User
from tests import builders, card_builders, receipt_builders


def delivered(count: int = 1, to: Issuer | None = None) -> Batch:
    """A batch that the issuer can fetch and has not answered."""
    batch = card_builders.batch(count, to)
    assert build_batch(batch_id=batch.pk), Batch.objects.get(pk=batch.pk).error
    return Batch.objects.select_related("issuer__federation").get(pk=batch.pk)


def person(of: Issuer) -> User:
    """Somebody who logs in as the card issuer."""
    user = builders.user("card_issuer", within=of.federation, name="Karl Tryckare")
    of.people.add(user)
    return user


def token(of: Issuer) -> tuple[IssuerToken, str]:
    """A token of the issuer's machine, and its secret."""
    return issue_token(
        actor=builders.user(),
        issuer=of,
        name="Maskinen",
        valid_until=timezone.now() + timedelta(days=90),
    )


def technical(batch: Batch, **more) -> ReceiptDocument:
    """Say that the batch came whole."""
    return receipt_builders.technical(**_about(batch), **more)


def content(batch: Batch, *statuses: str, **more) -> ReceiptDocument:
    """Answer each order of the batch, in their order."""
    lines = [
        receipt_builders.line(str(pk), status, code="PHOTO_BLUR" if status == "rejected" else None)
        for pk, status in zip(
            batch.orders.order_by("seq").values_list("pk", flat=True), statuses, strict=True
        )
    ]
    return receipt_builders.content(*lines, **_about(batch), **more)


def _about(batch: Batch) -> dict[str, str]:
    return {
        "issuer": batch.issuer.slug,
        "batch_id": batch.name,
        "package_sha256": batch.package_sha256,
    }
