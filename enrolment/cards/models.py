"""What goes to the card issuer: issuers, card orders and batches."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from enrolment.cards.domain.states import BatchStatus, OrderStatus
from enrolment.people.models import CardNeed, Federation, StatusChange, User
from photos.models import Photo

BATCH_STATUSES = [(status.value, status.value) for status in BatchStatus]
ORDER_STATUSES = [(status.value, status.value) for status in OrderStatus]


class Issuer(models.Model):
    """A registered card issuer of a federation; batch numbers run without a gap per issuer."""

    class Environment(models.TextChoices):
        TEST = "test"
        PRODUCTION = "prod"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    federation = models.ForeignKey(Federation, models.PROTECT, related_name="issuers")
    name = models.CharField(max_length=120)
    slug = models.SlugField()
    environment = models.CharField(max_length=4, choices=Environment.choices)
    card_type = models.CharField(max_length=40)
    wants_personnummer = models.BooleanField(default=False)
    last_batch_no = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["federation", "slug"], name="issuer_slug")
        ]

    def __str__(self) -> str:
        return self.name


class Batch(models.Model):
    """One sealed package: frozen at sealing, so that a rebuild gives the same bytes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="batches")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=40)
    status = models.CharField(max_length=12, choices=BATCH_STATUSES)
    header = models.JSONField(default=dict)
    sealed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    sealed_at = models.DateTimeField()
    signature = models.BinaryField(default=bytes, blank=True)
    package_sha256 = models.CharField(max_length=64, blank=True)
    package_bytes = models.PositiveBigIntegerField(null=True)
    leased_until = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "number"], name="batch_number")
        ]
        indexes: ClassVar = [
            models.Index(fields=["sealed_at"], condition=Q(status="sealed"), name="batch_not_built")
        ]

    def __str__(self) -> str:
        return self.name


class BatchChange(StatusChange):
    """One step of a batch's status."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="changes")


class CardOrder(models.Model):
    """An order of one card for one need; the sealed line is what the batch says of it, frozen."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    need = models.ForeignKey(CardNeed, models.PROTECT, related_name="orders")
    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="orders")
    photo = models.ForeignKey(Photo, models.PROTECT, null=True, related_name="orders")
    status = models.CharField(max_length=12, choices=ORDER_STATUSES)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="orders")
    seq = models.PositiveIntegerField(null=True)
    sealed_line = models.BinaryField(default=bytes, blank=True)
    opened_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["need"], condition=~Q(status="cancelled"), name="order_one_live_per_need"
            ),
            models.UniqueConstraint(fields=["batch", "seq"], name="order_seq_in_batch"),
            models.CheckConstraint(
                condition=Q(batch=None, seq=None) | Q(batch__isnull=False, seq__isnull=False),
                name="order_seq_goes_with_batch",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.need_id} {self.status}"

    @property
    def vault_place(self) -> str:
        """Return where the sealed line belongs."""
        return f"cards_cardorder:line:{self.pk}"


class OrderChange(StatusChange):
    """One step of an order's status."""

    order = models.ForeignKey(CardOrder, models.PROTECT, related_name="changes")
