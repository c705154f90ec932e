"""The picture: captures as they came, what was measured, the card photo, and who said yes."""

import uuid
from typing import ClassVar

from django.db import models

from booking.models import Booking
from enrolment.people.models import User
from photos.domain.findings import Answer, Tier

ANSWERS = [(answer.value, answer.value) for answer in Answer]
TIERS = [(tier.value, tier.value) for tier in Tier]


class Capture(models.Model):
    """One shot. The laptop makes the id at the shutter; sha256 is of the bytes as sent.

    `profile` and `overrides` are what it is judged by: the rules of its unit on the day it came.
    `nudge` is what the technician changed in the crop, `geometry` where everything lies.
    A picture from the station has what the station said too: its own verdict in `station`, how many
    tries and seconds the person took, why it was accepted although not good enough.
    """

    class Source(models.TextChoices):
        CAMERA = "camera"
        FOLDER = "folder"
        FILE = "file"

    class Anyway(models.TextChoices):
        """Why a picture that is not good enough is sent all the same."""

        BODY = "body"
        COVERING = "covering"
        GLASSES = "glasses"
        ROOM = "room"

    id = models.UUIDField(primary_key=True, editable=False)
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="captures")
    sha256 = models.CharField(max_length=64)
    source = models.CharField(max_length=8, choices=Source.choices)
    profile = models.CharField(max_length=40)
    overrides = models.JSONField(default=dict, blank=True)
    taken_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    stored_as = models.CharField(max_length=120, unique=True)
    byte_size = models.PositiveIntegerField()
    assessed_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=14, choices=ANSWERS, blank=True)
    decided_by = models.CharField(max_length=60, blank=True)
    advice = models.JSONField(default=list, blank=True)
    refusal = models.JSONField(default=dict, blank=True)
    nudge = models.JSONField(default=dict, blank=True)
    geometry = models.JSONField(default=dict, blank=True)
    card_stored_as = models.CharField(max_length=120, blank=True)
    station = models.JSONField(default=dict, blank=True)
    tries = models.PositiveSmallIntegerField(default=1)
    seconds = models.PositiveIntegerField(null=True)
    accepted_anyway = models.CharField(max_length=10, choices=Anyway.choices, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["received_at"],
                condition=models.Q(assessed_at=None),
                name="capture_not_assessed",
            )
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.verdict}"


class Finding(models.Model):
    """One measured value of a capture, beside the limit that applied and where it comes from."""

    capture = models.ForeignKey(Capture, models.CASCADE, related_name="findings")
    position = models.PositiveSmallIntegerField()
    component = models.CharField(max_length=60)
    answer = models.CharField(max_length=14, choices=ANSWERS)
    value = models.FloatField(null=True)
    unit = models.CharField(max_length=30, blank=True)
    limit = models.CharField(max_length=80, blank=True)
    bounds = models.JSONField(default=list, blank=True)
    tier = models.CharField(max_length=1, choices=TIERS, default=Tier.A)
    source = models.CharField(max_length=200, blank=True)
    advice_code = models.CharField(max_length=40, blank=True)
    advice_params = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["capture", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["capture", "position"], name="finding_position")
        ]

    def __str__(self) -> str:
        return f"{self.component}: {self.answer}"


class Photo(models.Model):
    """The card photo the technician accepted; its bytes are encoded once and never again."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        REJECTED = "rejected"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    capture = models.OneToOneField(Capture, models.PROTECT, related_name="photo")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    sha256 = models.CharField(max_length=64)
    byte_size = models.PositiveIntegerField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    accepted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["accepted_at"],
                condition=models.Q(status="waiting"),
                name="photo_to_review",
            )
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.status}"


class Decision(models.Model):
    """A second person's yes or no to a photo, with the reason for a no."""

    class Reason(models.TextChoices):
        EXPRESSION = "expression"
        EYES = "eyes"
        POSE = "pose"
        LIGHT = "light"
        BACKGROUND = "background"
        BLUR = "blur"
        GLASSES = "glasses"
        COVERED = "covered"
        WRONG_PERSON = "wrong_person"

    photo = models.OneToOneField(Photo, models.PROTECT, related_name="decision")
    approved = models.BooleanField()
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    note = models.CharField(max_length=200, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(approved=True, reason="")
                | models.Q(approved=False) & ~models.Q(reason=""),
                name="decision_no_has_reason",
            )
        ]

    def __str__(self) -> str:
        return "approved" if self.approved else self.reason
