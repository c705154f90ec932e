"""How long the roads take, and the plans of rounds."""

import uuid
from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from booking.domain.states import PlanStatus
from booking.models.choices import choices
from booking.models.visits import Visit
from enrolment.people.models import Federation, StatusChange, User


class TravelTime(models.Model):
    """Minutes and kilometres by road from one place to another, as a source gave them.

    A place is `unit:<HSA-id>` or `base:<technician id>`. `measured_from` and `measured_to` are the
    coordinates the answer was given for: a place that moves makes a routed answer void.
    """

    class Source(models.TextChoices):
        MATRIX = "matrix"
        OSRM = "osrm"
        VALHALLA = "valhalla"

    federation = models.ForeignKey(Federation, models.CASCADE, related_name="travel_times")
    source = models.CharField(max_length=10, choices=Source.choices)
    origin = models.CharField(max_length=60)
    destination = models.CharField(max_length=60)
    minutes = models.FloatField(validators=[MinValueValidator(0)])
    km = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0)])
    measured_from = models.CharField(max_length=30, blank=True)
    measured_to = models.CharField(max_length=30, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["federation", "source", "origin", "destination"], name="travel_time_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.origin} {self.destination} {self.minutes}"


class Drive(models.Model):
    """How long a technician drove to a visit, beside the minutes that had been reckoned with."""

    visit = models.OneToOneField(Visit, models.CASCADE, related_name="drive")
    km = models.FloatField(validators=[MinValueValidator(0)])
    expected_minutes = models.FloatField(validators=[MinValueValidator(0)])
    minutes = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    noted_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.km} km {self.minutes} min"


class RoundPlan(models.Model):
    """A plan of rounds for some days: what was asked, what came out, how far it has come.

    `question` is the instance and `answer` the best plan so far, both as the file format of
    `booking.domain.rounds` has them; `progress` holds rows of seconds and objective. A plan is
    worked on by whoever holds the lease.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    federation = models.ForeignKey(Federation, models.PROTECT, related_name="round_plans")
    status = models.CharField(
        max_length=12, choices=choices(PlanStatus), default=PlanStatus.WAITING.value
    )
    first_day = models.DateField()
    last_day = models.DateField()
    replans = models.BooleanField(default=False)
    seconds = models.PositiveSmallIntegerField()
    seed = models.PositiveIntegerField()
    question = models.JSONField(default=dict)
    answer = models.JSONField(default=dict)
    progress = models.JSONField(default=list)
    why = models.CharField(max_length=200, blank=True)
    cancel_asked = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="round_plan_forward"
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_day} - {self.last_day} {self.status}"


class RoundPlanChange(StatusChange):
    """One step of a plan of rounds."""

    plan = models.ForeignKey(RoundPlan, models.CASCADE, related_name="changes")
