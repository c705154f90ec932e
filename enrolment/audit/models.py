"""The log: one line for each thing that was done, holding ids and no personal data.

Lines and anchors are written once; triggers (audit/triggers.py) refuse to change or delete them.
"""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce

HASH_LENGTH = 64
_HOUSE = Q(federation_id=None)


class Entry(models.Model):
    """One line of the log.

    On PostgreSQL a line is unlinked, `sequence` null and the hashes empty, until its transaction
    commits: see docs/explanation/log.md.
    """

    federation_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    details = models.JSONField(default=dict)
    sequence = models.BigIntegerField(null=True)
    digest = models.CharField(max_length=HASH_LENGTH, default="")
    previous_hash = models.CharField(max_length=HASH_LENGTH, default="")
    hash = models.CharField(max_length=HASH_LENGTH, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["federation_id", "id"], name="entry_federation"),
            models.Index(fields=["subject"], name="entry_subject"),
            models.Index(fields=["actor"], name="entry_actor"),
            models.Index(
                fields=["federation_id"], name="entry_unlinked", condition=Q(sequence=None)
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["federation_id", "sequence"], name="entry_sequence"),
            models.UniqueConstraint(
                fields=["sequence"], name="entry_house_sequence", condition=_HOUSE
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.action} {self.subject}"


class Head(models.Model):
    """The end of one chain: the sequence and hash of its last line. The log's lock."""

    federation_id = models.UUIDField(null=True)
    sequence = models.BigIntegerField()
    hash = models.CharField(max_length=HASH_LENGTH)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                Coalesce("federation_id", Value(UUID(int=0))), name="head_one_per_chain"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.federation_id} {self.sequence} {self.hash}"


class Anchor(models.Model):
    """What a chain had come to on a day."""

    federation_id = models.UUIDField(null=True)
    day = models.DateField()
    at = models.DateTimeField()
    sequence = models.BigIntegerField()
    hash = models.CharField(max_length=HASH_LENGTH)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["federation_id", "day"], name="anchor_each_day"),
            models.UniqueConstraint(fields=["day"], name="anchor_of_house", condition=_HOUSE),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.federation_id} {self.sequence}"
