"""Reads of plans of rounds: the list, what was asked, how far they have come, which wait."""

import json
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import FETCH_RAISE, Q, QuerySet

from booking.domain.rounds import Instance, read_instance
from booking.domain.states import PlanStatus
from booking.models import RoundPlan

UNFINISHED = (PlanStatus.WAITING, PlanStatus.RUNNING)
SHOWN = 30
SATURDAY = 5
DAYS_AHEAD = 27


def latest_plans(plans: QuerySet[RoundPlan]) -> list[RoundPlan]:
    """Return the latest of the plans, newest first, without what was asked and answered."""
    light = plans.defer("question", "answer", "progress").fetch_mode(FETCH_RAISE)
    return list(light.order_by("-made_at", "pk")[:SHOWN])


def question_of(row: RoundPlan) -> Instance:
    """Return what a plan was asked."""
    return read_instance(json.dumps(row.question))


def unfinished_plans(now: datetime) -> list[UUID]:
    """Return the plans, of every federation, that wait and that no worker holds, oldest first."""
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    waiting = RoundPlan.objects.filter(free, status__in=UNFINISHED).order_by("made_at", "pk")
    return list(waiting.values_list("pk", flat=True))


def seconds_run(row: RoundPlan, now: datetime) -> int:
    """Return for how long a plan has been worked on, not more than it may be."""
    begun = row.changes.filter(status=PlanStatus.RUNNING).order_by("at").last()
    return min(row.seconds, round((now - begun.at).total_seconds())) if begun else 0


def usual_days(today: date) -> tuple[date, date]:
    """Return what is usually planned: four weeks from the next Monday."""
    monday = today + timedelta(days=7 - today.weekday())
    return monday, monday + timedelta(days=DAYS_AHEAD)


def this_week(today: date) -> tuple[date, date]:
    """Return today and the Sunday of its week; on a weekend the week to come."""
    if today.weekday() >= SATURDAY:
        today += timedelta(days=7 - today.weekday())
    return today, today + timedelta(days=6 - today.weekday())
