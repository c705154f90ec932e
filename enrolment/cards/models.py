"""What goes to the card issuer: issuers, card orders and batches."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from enrolment.cards.domain.states import ENDED_ORDERS, BatchStatus, OrderStatus
from enrolment.people.models import CardNeed, Federation, StatusChange, User
from photos.models import Photo

BATCH_STATUSES = [(status.value, status.value) for status in BatchStatus]
ENDED = [status.value for status in ENDED_ORDERS]
ORDER_STATUSES = [(status.value, status.value) for status in OrderStatus]


class Issuer(models.Model):
    """A registered card issuer of a federation; batch numbers run without a gap per issuer.

    `people` log in as the card issuer. `way` is how packages go there: a folder, or SFTP whose host
    key is pinned (one line as in known_hosts, without the host). Receipts are overdue after
    `technical_hours`, and `content_days` working days.
    """

    class Environment(models.TextChoices):
        TEST = "test"
        PRODUCTION = "prod"

    class Way(models.TextChoices):
        FOLDER = "folder"
        SFTP = "sftp"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    federation = models.ForeignKey(Federation, models.PROTECT, related_name="issuers")
    name = models.CharField(max_length=120)
    slug = models.SlugField()
    environment = models.CharField(max_length=4, choices=Environment.choices)
    card_type = models.CharField(max_length=40)
    wants_personnummer = models.BooleanField(default=False)
    last_batch_no = models.PositiveIntegerField(default=0)
    people = models.ManyToManyField(User, blank=True, related_name="issuers")
    way = models.CharField(max_length=6, choices=Way.choices, default=Way.FOLDER)
    sftp_host = models.CharField(max_length=120, blank=True)
    sftp_port = models.PositiveIntegerField(default=22)
    sftp_user = models.CharField(max_length=60, blank=True)
    sftp_folder = models.CharField(max_length=200, blank=True)
    sftp_host_key = models.CharField(max_length=800, blank=True)
    technical_hours = models.PositiveSmallIntegerField(default=4)
    content_days = models.PositiveSmallIntegerField(default=2)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["federation", "slug"], name="issuer_slug")
        ]

    def __str__(self) -> str:
        return self.name


class IssuerCertificate(models.Model):
    """A certificate of an issuer: packages are encrypted to it, or receipts are verified by it.

    `der` is the certificate, `chain` those above it, in PEM. A retired one is kept and not used.
    """

    class Purpose(models.TextChoices):
        ENCRYPTION = "encryption"
        RECEIPTS = "receipts"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="certificates")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    der = models.BinaryField()
    chain = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=64)
    subject = models.CharField(max_length=300)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    added_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["issuer", "purpose", "fingerprint"], name="certificate_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.subject}"


class RevocationList(models.Model):
    """A list of revoked certificates (CRL) by one certificate authority of an issuer's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="revocation_lists")
    authority = models.CharField(max_length=300)
    der = models.BinaryField()
    this_update = models.DateTimeField()
    next_update = models.DateTimeField(null=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "authority"], name="revocation_list_once")
        ]

    def __str__(self) -> str:
        return f"{self.authority} {self.this_update:%Y-%m-%d}"


class IssuerToken(models.Model):
    """A key of the issuer's machine to the API; only its SHA-256 is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    valid_until = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @property
    def audit_name(self) -> str:
        """Return the name the log shows."""
        return f"token:{self.pk}"


class Batch(models.Model):
    """One sealed package: frozen at sealing, so that a rebuild gives the same bytes.

    `package_*` are of the ZIP, which never changes; `encrypted_*` of the file that was handed over.
    `fence` counts the leases: whoever holds an old one can't write any more.
    """

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
    encrypted_sha256 = models.CharField(max_length=64, blank=True)
    encrypted_bytes = models.PositiveBigIntegerField(null=True)
    delivered_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
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
    """An order of one card for one need; the sealed line is what the batch says of it, frozen.

    `supersedes` is the rejected order that this one replaces. `code` and `card_number` are what the
    issuer's receipts say of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    need = models.ForeignKey(CardNeed, models.PROTECT, related_name="orders")
    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="orders")
    photo = models.ForeignKey(Photo, models.PROTECT, null=True, related_name="orders")
    status = models.CharField(max_length=12, choices=ORDER_STATUSES)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="orders")
    seq = models.PositiveIntegerField(null=True)
    sealed_line = models.BinaryField(default=bytes, blank=True)
    supersedes = models.ForeignKey("self", models.PROTECT, null=True, related_name="superseded_by")
    code = models.CharField(max_length=40, blank=True)
    card_number = models.CharField(max_length=40, blank=True)
    opened_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["need"],
                condition=~Q(status__in=ENDED),
                name="order_one_live_per_need",
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


class Receipt(models.Model):
    """An answer of the issuer, kept as it came; taken, or in quarantine with its fault.

    `content` lies sealed. The same bytes again are the same receipt; a receipt id is taken once.
    """

    class Kind(models.TextChoices):
        TECHNICAL = "technical"
        CONTENT = "content"
        PRODUCTION = "production"

    class State(models.TextChoices):
        TAKEN = "taken"
        QUARANTINED = "quarantined"
        SETTLED = "settled"

    class Via(models.TextChoices):
        PAGE = "page"
        API = "api"
        FOLDER = "folder"
        SFTP = "sftp"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="receipts")
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="receipts")
    receipt_id = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, blank=True)
    state = models.CharField(max_length=11, choices=State.choices)
    via = models.CharField(max_length=6, choices=Via.choices)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    fault = models.JSONField(default=dict)
    received_at = models.DateTimeField(auto_now_add=True)
    received_by = models.CharField(max_length=60)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "sha256"], name="receipt_bytes_once"),
            models.UniqueConstraint(
                fields=["issuer", "receipt_id"], condition=Q(state="taken"), name="receipt_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.receipt_id}"

    @property
    def vault_place(self) -> str:
        """Return where the sealed content belongs."""
        return f"cards_receipt:content:{self.pk}"


class ReceiptLine(models.Model):
    """What a receipt says of one order."""

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="lines")
    order = models.ForeignKey(CardOrder, models.PROTECT, related_name="receipt_lines")
    status = models.CharField(max_length=12)
    code = models.CharField(max_length=40, blank=True)
    text = models.CharField(max_length=200, blank=True)
    card_number = models.CharField(max_length=40, blank=True)
    on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["receipt", "order"], name="receipt_order_once")
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.status}"
