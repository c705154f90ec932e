"""What was told to whom: one row per message, sent once in effect."""

import uuid
from typing import ClassVar

from django.db import models


class Message(models.Model):
    """One message; `key` names the occasion, so that the same occasion writes one row only.

    The recipient is an e-mail address, or for an SMS a telephone number with its country. Nothing
    is sent before `not_before`. `settled_at` is when a person dealt with a message that failed.
    What it says is kept only as long as it may have to be sent: a link in it opens a page.
    """

    class Channel(models.TextChoices):
        EMAIL = "email"
        SMS = "sms"

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    federation_id = models.UUIDField()
    key = models.CharField(max_length=120, unique=True)
    channel = models.CharField(max_length=5, choices=Channel.choices, default=Channel.EMAIL)
    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    calendar = models.TextField(blank=True)
    calendar_method = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    UNSAID: ClassVar = {"body": "", "calendar": ""}

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(state="waiting"),
                name="message_waiting",
            )
        ]

    def __str__(self) -> str:
        return self.key


class MessageText(models.Model):
    """A federation's own words for one kind of message, in place of the house's."""

    federation_id = models.UUIDField()
    key = models.CharField(max_length=40)
    channel = models.CharField(max_length=5, choices=Message.Channel.choices)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["federation_id", "key", "channel"], name="message_text_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.channel})"
