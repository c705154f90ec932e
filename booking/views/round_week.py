"""The week as it stands, whatever plans there are: who drives where on which day."""

import re
from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from booking.access import PLANNERS
from booking.domain.workdays import week_number
from booking.queries.planning import standing_visits
from booking.queries.round_week import week_days
from booking.queries.rounds import all_technicians
from enrolment.people import access as people_access
from enrolment.people.access import SignedIn
from enrolment.people.models import Federation

AHEAD = timedelta(weeks=12)
WEEK = re.compile(r"(\d{4})-W(\d{2})")


@require_safe
def round_week(request: SignedIn) -> HttpResponse:
    federation = people_access.federation(request.user, *PLANNERS)
    monday = _monday(request.GET.get("vecka", ""))
    week = week_days(federation, monday)
    context = {
        "week": week,
        "next": None if week.visits else _next(federation, monday),
        "number": week_number(monday),
        "monday": monday,
        "sunday": monday + timedelta(days=6),
        "before": _week(monday - timedelta(days=7)),
        "after": _week(monday + timedelta(days=7)),
        "now": _week(timezone.localdate()),
        "shown": _week(monday),
    }
    return render(request, "booking/rounds/week.html", context)


def _next(federation: Federation, monday: date) -> dict[str, object] | None:
    """Return the first visit after an empty week, and its week; None where there is none."""
    first = max(monday, timezone.localdate())
    for visit in standing_visits(all_technicians(federation), first, first + AHEAD)[:1]:
        day = timezone.localdate(visit.starts_at)
        return {"visit": visit, "number": week_number(day), "week": _week(day)}
    return None


def _week(day: date) -> str:
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02}"


def _monday(week: str) -> date:
    """Return the Monday of a week written 2026-W48; of this week for anything else."""
    today = timezone.localdate()
    found = WEEK.fullmatch(week)
    try:
        year, number = (int(each) for each in found.groups()) if found else today.isocalendar()[:2]
        return date.fromisocalendar(year, number, 1)
    except ValueError:
        return today - timedelta(days=today.weekday())
