"""The log: one line for each thing that was done, holding ids and no personal data."""

from typing import ClassVar

from django.db import models


class Entry(models.Model):
    """One line of the log; written once and never changed."""

    federation_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    details = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["federation_id", "id"], name="entry_federation"),
            models.Index(fields=["subject"], name="entry_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.action} {self.subject}"
