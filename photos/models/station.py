"""The capture station: a visit's keys, the laptops made ready for it, and what they send."""

from typing import ClassVar

from django.db import models

from booking.models import Visit
from enrolment.people.models import User


class StationKey(models.Model):
    """A visit's RSA key pair: laptops seal by the public half, the private half never leaves here.

    `public_key` is SubjectPublicKeyInfo (DER), `private_key` PKCS #8 (DER) sealed by the vault;
    empty from `destroyed_at` on.
    """

    visit = models.OneToOneField(
        Visit, models.PROTECT, primary_key=True, related_name="station_key"
    )
    public_key = models.BinaryField()
    private_key = models.BinaryField()
    made_at = models.DateTimeField(auto_now_add=True)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(destroyed_at=None) | models.Q(private_key=b""),
                name="station_key_destroyed",
            )
        ]

    def __str__(self) -> str:
        return f"{self.visit_id}"


class Laptop(models.Model):
    """A browser that a technician has made ready for a visit, and what it told last.

    `version` is that of the package it fetched; `unsent` how many records it still holds.
    """

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="laptops")
    device = models.UUIDField()
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    version = models.CharField(max_length=64)
    prepared_at = models.DateTimeField()
    unsent = models.PositiveIntegerField(default=0)
    reported_at = models.DateTimeField(null=True)
    cleaned_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["visit", "device", "user"], name="laptop_once")
        ]

    def __str__(self) -> str:
        return f"{self.device} {self.unsent}"


class StationRecord(models.Model):
    """One sealed thing a laptop sent: a photo, somebody who did not come, a note.

    The laptop makes the id; `sha256` is of the sealed bytes as sent, kept as `stored_as` until what
    is in them has been taken in. `subject` is the booking, or the id the laptop gave somebody who
    walked in. `header` is what the laptop said, once opened: docs/reference/station.md.
    """

    class Kind(models.TextChoices):
        PHOTO = "photo"
        NO_SHOW = "no_show"
        NOTE = "note"

    class State(models.TextChoices):
        RECEIVED = "received"
        TAKEN = "taken"
        CONFLICT = "conflict"
        SETTLED = "settled"

    class Conflict(models.TextChoices):
        CANCELLED = "cancelled"
        TWO_LAPTOPS = "two_laptops"
        TWO_PHOTOS = "two_photos"
        UNKNOWN_WALK_IN = "unknown_walk_in"
        VERDICT_DIFFERS = "verdict_differs"
        NOT_ACCEPTABLE = "not_acceptable"
        NEED_ENDED = "need_ended"
        CAME_AFTER_ALL = "came_after_all"
        CANNOT_OPEN = "cannot_open"
        FILE_MISSING = "file_missing"
        NOT_TAKEN_IN = "not_taken_in"

    class Way(models.TextChoices):
        NETWORK = "network"
        RESCUE = "rescue"

    id = models.UUIDField(primary_key=True, editable=False)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="station_records")
    subject = models.UUIDField(db_index=True)
    device = models.UUIDField()
    sha256 = models.CharField(max_length=64)
    byte_size = models.PositiveIntegerField()
    stored_as = models.CharField(max_length=120, blank=True)
    way = models.CharField(max_length=8, choices=Way.choices, default=Way.NETWORK)
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    received_at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=8, choices=Kind.choices, blank=True)
    header = models.JSONField(default=dict, blank=True)
    opened_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RECEIVED)
    conflict = models.CharField(max_length=16, choices=Conflict.choices, blank=True)
    settled_as = models.CharField(max_length=12, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["received_at"],
                condition=models.Q(state="received"),
                name="station_record_not_opened",
            ),
            models.Index(
                fields=["received_at"],
                condition=models.Q(state="conflict"),
                name="station_record_conflict",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.state}"
