"""Set up the planning: when technicians work and are away, kits, opening hours, closed days."""

from collections.abc import Mapping
from datetime import date, time

from django.db import transaction

from booking.domain.workdays import days
from booking.models import ClosedDay, DaysOff, Kit, OpeningHours, Technician, WorkHours
from booking.services.locks import lock_technician
from booking.services.refusals import KitNameTaken, PeriodTooLong
from enrolment.audit.services import Actor, record
from enrolment.people.models import CareUnit, Federation, Municipality
from enrolment.people.services.organisation import PlaceElsewhere

type Hours = Mapping[int, tuple[time, time]]
DAYS_AT_MOST = 366


@transaction.atomic
def set_work_hours(*, actor: Actor, technician: Technician, hours: Hours) -> None:
    """Let a technician work by these hours: from and to by weekday, 0 is Monday.

    Without any the federation's rules apply again.
    """
    lock_technician(technician.pk)
    WorkHours.objects.filter(technician=technician).delete()
    WorkHours.objects.bulk_create(
        WorkHours(technician=technician, weekday=weekday, starts=starts, ends=ends)
        for weekday, (starts, ends) in sorted(hours.items())
    )
    record(
        actor=actor,
        action="booking.set_work_hours",
        subject=technician,
        federation_id=technician.federation_id,
        hours=_told(hours),
    )


@transaction.atomic
def add_days_off(
    *, actor: Actor, technician: Technician, first_day: date, last_day: date, why: str = ""
) -> DaysOff:
    """Note that a technician is away, the last day included. Raises PeriodTooLong above a year.

    Visits on those days are not moved: `queries.planning_setup.stranded_visits` tells them.
    """
    _check_length(first_day, last_day)
    away = DaysOff.objects.create(
        technician=technician, first_day=first_day, last_day=last_day, why=why
    )
    record(
        actor=actor,
        action="booking.add_days_off",
        subject=away,
        federation_id=technician.federation_id,
        technician=technician.pk,
        first_day=first_day.isoformat(),
        last_day=last_day.isoformat(),
    )
    return away


@transaction.atomic
def remove_days_off(*, actor: Actor, days_off: DaysOff) -> None:
    """Let the technician work on those days after all."""
    record(
        actor=actor,
        action="booking.remove_days_off",
        subject=days_off,
        federation_id=days_off.technician.federation_id,
        technician=days_off.technician_id,
    )
    days_off.delete()


@transaction.atomic
def save_kit(
    *,
    actor: Actor,
    federation: Federation,
    kit: Kit | None,
    name: str,
    kinds: list[str],
    in_use: bool,
) -> Kit:
    """Add a kit, or change `kit`. Raises KitNameTaken."""
    kit = kit or Kit(federation=federation)
    others = Kit.objects.filter(federation=federation, name=name).exclude(pk=kit.pk)
    if others.exists():
        raise KitNameTaken
    kit.name, kit.kinds, kit.in_use = name, sorted(kinds), in_use
    kit.save()
    record(
        actor=actor,
        action="booking.save_kit",
        subject=kit,
        federation_id=federation.pk,
        kinds=kit.kinds,
        in_use=in_use,
    )
    return kit


@transaction.atomic
def set_opening_hours(*, actor: Actor, unit: CareUnit, hours: Hours) -> None:
    """Let a unit take visits at these hours: from and to by weekday, 0 is Monday.

    Without any the rules of the unit's place apply again.
    """
    CareUnit.objects.select_for_update().get(pk=unit.pk)
    OpeningHours.objects.filter(unit=unit).delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(unit=unit, weekday=weekday, opens=opens, closes=closes)
        for weekday, (opens, closes) in sorted(hours.items())
    )
    record(
        actor=actor,
        action="booking.set_opening_hours",
        subject=unit,
        federation_id=unit.municipality.federation_id,
        hours=_told(hours),
    )


@transaction.atomic
def close_days(
    *,
    actor: Actor,
    federation: Federation,
    first_day: date,
    last_day: date,
    municipality: Municipality | None = None,
    unit: CareUnit | None = None,
    why: str = "",
) -> int:
    """Take no visits on these days in a unit, a municipality or the whole federation.

    Returns how many days were closed: one that is closed there already stays as it is. Visits on
    those days are not moved: `queries.planning_setup.stranded_visits` tells them. Raises
    PlaceElsewhere, and PeriodTooLong above a year.
    """
    _check_length(first_day, last_day)
    place = unit.municipality if unit else municipality
    if place and place.federation_id != federation.pk:
        raise PlaceElsewhere
    scope = {"federation": federation, "municipality": municipality, "unit": unit}
    within = (first_day, last_day)
    closed = ClosedDay.objects.filter(**scope, day__range=within)
    known = set(closed.values_list("day", flat=True))
    new = [day for day in days(*within) if day not in known]
    rows = (ClosedDay(**scope, day=day, why=why) for day in new)
    ClosedDay.objects.bulk_create(rows, ignore_conflicts=True)
    record(
        actor=actor,
        action="booking.close_days",
        subject=unit or municipality or federation,
        federation_id=federation.pk,
        first_day=first_day.isoformat(),
        last_day=last_day.isoformat(),
        days=len(new),
    )
    return len(new)


@transaction.atomic
def open_day(*, actor: Actor, closed_day: ClosedDay) -> None:
    """Let visits be made on that day after all."""
    record(
        actor=actor,
        action="booking.open_day",
        subject=closed_day,
        federation_id=closed_day.federation_id,
        day=closed_day.day.isoformat(),
    )
    closed_day.delete()


def _check_length(first_day: date, last_day: date) -> None:
    if (last_day - first_day).days >= DAYS_AT_MOST:
        raise PeriodTooLong


def _told(hours: Hours) -> list[str]:
    return [f"{day} {begins:%H:%M}-{ends:%H:%M}" for day, (begins, ends) in sorted(hours.items())]
