"""Who drives, when, and with what."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from booking.models.choices import both_kinds
from enrolment.people.models import Federation, User


class Technician(models.Model):
    """A user who drives out to the units, from a base; `kinds` are the visits he or she can do."""

    federation = models.ForeignKey(Federation, models.PROTECT, related_name="technicians")
    user = models.OneToOneField(User, models.PROTECT, related_name="technician")
    base = models.CharField(max_length=60)
    latitude = models.FloatField(validators=[MinValueValidator(-90), MaxValueValidator(90)])
    longitude = models.FloatField(validators=[MinValueValidator(-180), MaxValueValidator(180)])
    kinds = models.JSONField(default=both_kinds)

    def __str__(self) -> str:
        return self.user.name


class WorkHours(models.Model):
    """When a technician works on one day of each week (0 is Monday), by the Swedish clock."""

    technician = models.ForeignKey(Technician, models.CASCADE, related_name="work_hours")
    weekday = models.PositiveSmallIntegerField(validators=[MaxValueValidator(6)])
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["technician", "weekday"], name="work_hours_once"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="work_hours_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts:%H:%M}-{self.ends:%H:%M}"


class DaysOff(models.Model):
    """Days on which a technician drives nowhere, the last one included."""

    technician = models.ForeignKey(Technician, models.CASCADE, related_name="days_off")
    first_day = models.DateField()
    last_day = models.DateField()
    why = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="days_off_forward"
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_day} - {self.last_day}"


class Kit(models.Model):
    """What a technician brings: one visit at a time. `kinds` are the visits it serves."""

    federation = models.ForeignKey(Federation, models.PROTECT, related_name="kits")
    name = models.CharField(max_length=60)
    kinds = models.JSONField(default=both_kinds)
    in_use = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["federation", "name"], name="kit_name")
        ]

    def __str__(self) -> str:
        return self.name
