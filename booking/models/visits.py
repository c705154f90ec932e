"""Visits, their slots, and who has which slot."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from booking.domain.states import LIVE, VOUCHED, BookingStatus, IdDocument, VisitKind, VisitStatus
from booking.models.choices import choices
from booking.models.technicians import Kit, Technician
from enrolment.people.models import CardNeed, CareUnit, StatusChange, User


class Visit(models.Model):
    """A technician's visit to a unit, cut into slots of equal length at one or more stations.

    Staff of `guest_units`, in the same house, may be booked too. Until `strike_until` people may
    strike out times that do not suit them; `assigned_at` is when the slots were last shared out.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey(CareUnit, models.PROTECT, related_name="visits")
    guest_units = models.ManyToManyField(CareUnit, blank=True, related_name="shared_visits")
    technician = models.ForeignKey(Technician, models.PROTECT, related_name="visits")
    kit = models.ForeignKey(Kit, models.PROTECT, null=True, blank=True, related_name="visits")
    kind = models.CharField(max_length=12, choices=choices(VisitKind))
    status = models.CharField(
        max_length=12, choices=choices(VisitStatus), default=VisitStatus.OPEN.value
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    slot_minutes = models.PositiveSmallIntegerField()
    stations = models.PositiveSmallIntegerField(default=1)
    strike_until = models.DateTimeField(null=True, blank=True)
    assigned_at = models.DateTimeField(null=True, blank=True)
    booked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    form_key = models.UUIDField(unique=True, default=uuid.uuid4)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="visit_window"),
            models.CheckConstraint(
                condition=Q(slot_minutes__gte=1, stations__gte=1), name="visit_slots_possible"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["technician", "starts_at"], name="visit_technician_day"),
            models.Index(fields=["unit", "starts_at"], name="visit_unit_day"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.starts_at:%Y-%m-%d %H:%M}"


class VisitChange(StatusChange):
    """One step of a visit's status."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="changes")


class Slot(models.Model):
    """One time at one station of a visit."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="slots")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    station = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["visit", "starts_at", "station"], name="slot_once")
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%H:%M} ({self.station})"


class Booking(models.Model):
    """One person's slot; `sequence` counts its changes for the calendars (RFC 5546).

    A `locked` booking keeps its slot when the times are shared out anew.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="bookings")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="bookings")
    need = models.ForeignKey(CardNeed, models.PROTECT, related_name="bookings")
    kind = models.CharField(max_length=12, choices=choices(VisitKind))
    status = models.CharField(
        max_length=12, choices=choices(BookingStatus), default=BookingStatus.BOOKED.value
    )
    sequence = models.PositiveSmallIntegerField(default=0)
    locked = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["slot"],
                condition=~Q(status=BookingStatus.CANCELLED.value),
                name="booking_one_person_per_slot",
            ),
            models.UniqueConstraint(
                fields=["need", "kind"],
                condition=Q(status__in=sorted(status.value for status in LIVE)),
                name="booking_one_live_per_need_and_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.need_id} {self.status}"


class BookingChange(StatusChange):
    """One step of a booking's status."""

    booking = models.ForeignKey(Booking, models.PROTECT, related_name="changes")


class IdentityCheck(models.Model):
    """Which kind of id document was shown, valid, to whom and when; never its number.

    `vouched_by` is the name of whoever vouched for a person without one.
    """

    booking = models.OneToOneField(Booking, models.PROTECT, related_name="identity_check")
    document = models.CharField(max_length=24, choices=[*choices(IdDocument), (VOUCHED, VOUCHED)])
    checked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    checked_at = models.DateTimeField()
    vouched_by = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(document=VOUCHED) & ~Q(vouched_by="")
                | ~Q(document=VOUCHED) & Q(vouched_by=""),
                name="identity_check_vouched_by",
            )
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.checked_at:%Y-%m-%d %H:%M}"


class StruckSlot(models.Model):
    """A time that does not suit the booked person, told before the times are shared out."""

    booking = models.ForeignKey(Booking, models.CASCADE, related_name="struck")
    slot = models.ForeignKey(Slot, models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["booking", "slot"], name="struck_slot_once")
        ]

    def __str__(self) -> str:
        return f"{self.booking_id} {self.slot_id}"
