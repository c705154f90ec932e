"""People's own ways to their time: links, the waiting list, calendar addresses."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from booking.domain.states import WaitStatus
from booking.models.choices import choices
from booking.models.technicians import Technician
from booking.models.visits import Slot, Visit
from enrolment.people.models import CardNeed, CareUnit, Federation, Staff, StatusChange


class OwnLink(models.Model):
    """One person's own way to a visit, without log-in: by link, or by the code on a slip.

    Link and code are derived from the vault's index key, the row's id and `edition`; the row holds
    digests only. A new edition makes the earlier link and code useless.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="own_links")
    need = models.ForeignKey(CardNeed, models.CASCADE, related_name="own_links")
    edition = models.PositiveSmallIntegerField(default=1)
    token_digest = models.CharField(max_length=64, unique=True)
    code_digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["visit", "need"], name="own_link_once")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Waiting(models.Model):
    """A person who waits for a slot in a visit; `slot` is offered until `answer_by`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="waiting")
    need = models.ForeignKey(CardNeed, models.PROTECT, related_name="waiting")
    status = models.CharField(
        max_length=12, choices=choices(WaitStatus), default=WaitStatus.WAITING.value
    )
    slot = models.ForeignKey(Slot, models.PROTECT, null=True, blank=True, related_name="offers")
    answer_by = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["visit", "need"],
                condition=Q(status__in=[WaitStatus.WAITING.value, WaitStatus.OFFERED.value]),
                name="waiting_once",
            ),
            models.UniqueConstraint(
                fields=["slot"],
                condition=Q(status=WaitStatus.OFFERED.value),
                name="slot_offered_once",
            ),
            models.CheckConstraint(
                condition=~Q(status=WaitStatus.OFFERED.value)
                | Q(slot__isnull=False, answer_by__isnull=False),
                name="offer_has_slot_and_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.need_id} {self.status}"


class WaitingChange(StatusChange):
    """One step of somebody's wait."""

    waiting = models.ForeignKey(Waiting, models.PROTECT, related_name="changes")


class Feed(models.Model):
    """A calendar address that a technician, a unit or a person subscribes to, until revoked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    federation = models.ForeignKey(Federation, models.CASCADE, related_name="feeds")
    technician = models.ForeignKey(Technician, models.CASCADE, null=True, blank=True)
    unit = models.ForeignKey(CareUnit, models.CASCADE, null=True, blank=True)
    staff = models.ForeignKey(Staff, models.CASCADE, null=True, blank=True)
    token_digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(technician__isnull=False, unit=None, staff=None)
                | Q(technician=None, unit__isnull=False, staff=None)
                | Q(technician=None, unit=None, staff__isnull=False),
                name="feed_of_one",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
