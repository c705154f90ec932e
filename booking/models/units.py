"""When a unit takes visits, and who must stay there meanwhile."""

from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from enrolment.people.models import (
    WITHIN_FEDERATION,
    WITHIN_MUNICIPALITY,
    WITHIN_UNIT,
    CareUnit,
    Federation,
    Municipality,
)


class OpeningHours(models.Model):
    """When a unit takes visits on one day of each week (0 is Monday), by the Swedish clock.

    A unit with no row at all takes visits when its federation's rule says.
    """

    unit = models.ForeignKey(CareUnit, models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(validators=[MaxValueValidator(6)])
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["unit", "weekday"], name="opening_hours_once"),
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")), name="opening_hours_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens:%H:%M}-{self.closes:%H:%M}"


class ClosedDay(models.Model):
    """A day without visits beside the holidays: in a federation, a municipality or a unit."""

    federation = models.ForeignKey(Federation, models.CASCADE, related_name="closed_days")
    municipality = models.ForeignKey(Municipality, models.CASCADE, null=True, blank=True)
    unit = models.ForeignKey(CareUnit, models.CASCADE, null=True, blank=True)
    day = models.DateField()
    why = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["federation", "day"],
                condition=WITHIN_FEDERATION,
                name="closed_day_once_in_federation",
            ),
            models.UniqueConstraint(
                fields=["municipality", "day"],
                condition=WITHIN_MUNICIPALITY,
                name="closed_day_once_in_municipality",
            ),
            models.UniqueConstraint(
                fields=["unit", "day"],
                condition=WITHIN_UNIT,
                name="closed_day_once_in_unit",
            ),
            models.CheckConstraint(
                condition=WITHIN_FEDERATION | WITHIN_MUNICIPALITY | WITHIN_UNIT,
                name="closed_day_one_scope",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.why}"


class WardRule(models.Model):
    """How many may be away from a unit at once, and the minutes it takes to walk to the photo."""

    unit = models.OneToOneField(CareUnit, models.CASCADE, related_name="ward_rule")
    most_away = models.PositiveSmallIntegerField()
    walking_minutes = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.most_away} ({self.walking_minutes} min)"


class WardMinimum(models.Model):
    """How many must stay at a unit between two times of day: of one title, or of all (no title)."""

    unit = models.ForeignKey(CareUnit, models.CASCADE, related_name="ward_minimums")
    title = models.CharField(max_length=80, blank=True)
    least = models.PositiveSmallIntegerField()
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="ward_minimum_forward")
        ]

    def __str__(self) -> str:
        return f"{self.least} {self.title}"
