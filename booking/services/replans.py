"""Plan a week anew when a technician falls ill or a road is closed: as little as can be changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from booking.domain.replanning import Stood, hit_by, least_change
from booking.domain.rounds import check, instance_json, plan_json
from booking.domain.states import LIVE, PlanStatus, VisitStatus
from booking.domain.workdays import days
from booking.models import Booking, RoundPlan, Technician, Visit
from booking.queries.replans import ChangeRow, changes, event_code
from booking.queries.rounds import VISIT, Draft, clock_of
from booking.services.changes import Change, change_visit
from booking.services.locks import lock_kits, lock_needs, lock_technician, lock_visit
from booking.services.refusals import BookingRefused, NoTechnicians, NothingHit, PlanSettled
from booking.services.rounds import check_days, lock_plan, own, record_plan, step_plan
from enrolment.people.models import CareUnit, Federation, User


@dataclass(frozen=True)
class Unmoved:
    """A visit that could not get its new time, and why."""

    change: ChangeRow
    refusal: BookingRefused


@transaction.atomic
def replan(
    *,
    actor: User,
    federation: Federation,
    first_day: date,
    last_day: date,
    form_key: UUID,
    technician: Technician | None = None,
    unit: CareUnit | None = None,
    slower: int = 0,
    loosen: bool = False,
) -> RoundPlan:
    """Find new times for the visits that are hit; nothing is changed until it is accepted.

    `technician` is away on those days, or `unit` can't be reached: new times are looked for until
    the Sunday of the week after. Or every road takes `slower` per cent longer. All other visits
    stay; with `loosen` those that nobody has a time in may move too. The same form key gives the
    same plan. Raises DaysBackwards, TooManyDays, NothingHit, NoTechnicians, FormKeyTaken.
    """
    check_days(first_day, last_day)
    if made := RoundPlan.objects.filter(pk=form_key).first():
        return own(made, actor)
    away, closed = (_on(first_day, last_day, gone) for gone in (technician, unit))
    draft = Draft(federation, first_day, last_day, (), away, closed, slower, needs=False)
    freed = _to_free(draft, technician, unit, loosen=loosen)
    reach = _sunday_after(last_day) if technician or unit else last_day
    wide = replace(draft, last_day=reach, freed=[each.pk for each in freed])
    if not wide.vehicles:
        raise NoTechnicians
    stood = {f"{VISIT}{visit.pk}": _stood(wide, visit) for visit in freed}
    question, answer = least_change(wide.instance(), stood)
    plan = RoundPlan.objects.create(
        id=form_key,
        federation=federation,
        first_day=first_day,
        last_day=last_day,
        replans=True,
        seconds=1,
        seed=0,
        why=event_code(technician, unit, slower, loosen=loosen),
        question=instance_json(question),
        answer=plan_json(question, answer),
        made_by=actor,
    )
    plan.refresh_from_db()  # as the database keeps JSON
    step_plan(actor=actor, plan=plan, status=PlanStatus.RUNNING)
    holds = not check(question, answer)
    step_plan(actor=actor, plan=plan, status=PlanStatus.READY if holds else PlanStatus.FAILED)
    record_plan(actor, "booking.replan", plan, visits=len(freed))
    return plan


@transaction.atomic
def accept_replan(*, actor: User, plan: RoundPlan) -> tuple[list[Visit], list[Unmoved]]:
    """Give the visits their new times; those that clash meanwhile stay and are told of.

    Everybody booked is told, and the units' managers. Raises PlanSettled.
    """
    current = lock_plan(plan)
    if not current.replans or current.status not in (PlanStatus.READY, PlanStatus.ACCEPTED):
        raise PlanSettled
    wanted = [change for change in changes(current) if change.moves]
    _hold(current.federation_id, wanted)
    moved, left = _change(actor, wanted)
    # Once others have left, there may be room for those that found it taken.
    again, left = _change(actor, [each.change for each in left])
    if done := [*moved, *again]:
        step_plan(actor=actor, plan=current, status=PlanStatus.ACCEPTED)
        record_plan(actor, "booking.accept_replan", current, visits=len(done), left=len(left))
    return done, left


def _on(
    first_day: date, last_day: date, gone: Technician | CareUnit | None
) -> set[tuple[Any, date]]:
    return {(gone.pk, day) for day in days(first_day, last_day)} if gone else set()


def _sunday_after(day: date) -> date:
    """Return the Sunday of the week after a day's week."""
    return day + timedelta(days=13 - day.weekday())


def _to_free(
    draft: Draft, technician: Technician | None, unit: CareUnit | None, *, loosen: bool
) -> list[Visit]:
    """Return the visits to find new times for: those hit, the fullest first, then the loosened.

    Raises NothingHit.
    """
    visits = [visit for visit in draft.visits if visit.status == VisitStatus.OPEN]
    if technician:
        hit = {visit.pk for visit in visits if visit.technician_id == technician.pk}
    elif unit:
        hit = {visit.pk for visit in visits if visit.unit_id == unit.pk}
    else:
        hit = {UUID(key.removeprefix(VISIT)) for key in hit_by(draft.instance())}
    if not hit:
        raise NothingHit
    booked = Booking.objects.filter(visit__in=visits, status__in=LIVE)
    full = set(booked.values_list("visit", flat=True))
    freed = [visit for visit in visits if visit.pk in hit or (loosen and visit.pk not in full)]
    return sorted(freed, key=lambda visit: (visit.pk not in full, visit.pk not in hit))


def _stood(draft: Draft, visit: Visit) -> Stood:
    setup = timedelta(minutes=draft.minutes_of(visit).setup)
    return Stood(timezone.localtime(visit.starts_at).date(), clock_of(visit.starts_at - setup))


def _hold(federation_id: UUID, wanted: Sequence[ChangeRow]) -> None:
    """Hold all that the changes touch, in the one order: each change alone would go back in it."""
    for technician_id in sorted(_drivers(wanted)):
        lock_technician(technician_id)
    lock_kits(federation_id)
    visits = sorted(row.visit.pk for row in wanted)
    for visit_id in visits:
        lock_visit(visit_id)
    live = Booking.objects.filter(visit__in=visits, status__in=LIVE)
    lock_needs(live.values_list("need", flat=True))


def _drivers(wanted: Sequence[ChangeRow]) -> set[int]:
    after = {change.technician.pk for change in wanted if change.technician}
    return after | {change.visit.technician_id for change in wanted}


def _change(actor: User, wanted: Sequence[ChangeRow]) -> tuple[list[Visit], list[Unmoved]]:
    done: list[Visit] = []
    left: list[Unmoved] = []
    for row in wanted:
        if row.technician is None or row.starts_at is None:
            continue
        visit = row.visit
        length = visit.ends_at - visit.starts_at
        change = Change(row.technician, row.starts_at, row.starts_at + length, visit.stations)
        try:
            done.append(change_visit(actor=actor, visit=visit, change=change))
        except BookingRefused as refusal:
            left.append(Unmoved(row, refusal))
    return done, left
