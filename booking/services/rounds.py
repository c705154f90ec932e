"""Have rounds planned: ask for a plan, work it out under a lease, stop early, throw away.

The row is the truth and the queue a doorbell. A worker holds a plan for as long as it gives signs
of life, each of which renews its lease; `attempts` is the fence: what a worker finds out after
another took the plan over changes nothing.
"""

import time
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from booking import worker
from booking.domain import states
from booking.domain.rounds import (
    Instance,
    Plan,
    instance_json,
    objective,
    plan_json,
)
from booking.domain.states import PlanStatus
from booking.models import RoundPlan, RoundPlanChange
from booking.queries.round_plans import UNFINISHED, question_of
from booking.queries.rounds import build_instance, is_new
from booking.services.refusals import (
    DaysBackwards,
    FormKeyTaken,
    NobodyToVisit,
    NoTechnicians,
    PlanSettled,
    TooManyDays,
)
from enrolment import jobs
from enrolment.audit.services import Actor, System, record
from enrolment.people.models import Federation, User

WEEKS_AT_MOST = 10
# The queue ends a task after two minutes: the search must be over well before.
SECONDS_AT_MOST = 90
# How long a worker may be silent before another takes its plan over.
LEASE = timedelta(seconds=30)
ATTEMPTS_AT_MOST = 3
NOTED_EACH_SECOND = 1.0
PLANNER = System("round-planner")
GIVEN_UP = "given_up"


@transaction.atomic
def ask_for_plan(
    *,
    actor: User,
    federation: Federation,
    first_day: date,
    last_day: date,
    seconds: int,
    seed: int,
    form_key: UUID,
) -> RoundPlan:
    """Keep what is to be planned and ring for a worker; the same form key gives the same plan.

    `seconds` is how long to search, at most 90. Raises DaysBackwards, TooManyDays, NoTechnicians,
    NobodyToVisit, and FormKeyTaken for somebody else's key.
    """
    check_days(first_day, last_day)
    if made := RoundPlan.objects.filter(pk=form_key).first():
        return own(made, actor)
    instance = build_instance(federation, first_day, last_day)
    if not instance.vehicles:
        raise NoTechnicians
    if not any(is_new(job.key) for job in instance.jobs):
        raise NobodyToVisit
    plan = RoundPlan.objects.create(
        id=form_key,
        federation=federation,
        first_day=first_day,
        last_day=last_day,
        seconds=min(max(1, seconds), SECONDS_AT_MOST),
        seed=seed,
        question=instance_json(instance),
        made_by=actor,
    )
    _note_step(actor, plan)
    record_plan(actor, "booking.ask_for_plan", plan, visits=len(instance.jobs))
    jobs.ring("booking.tasks.plan_rounds", str(plan.pk))
    return plan


def run_plan(*, plan_id: UUID) -> bool:
    """Work a waiting plan out; say whether it was finished now.

    A plan that another worker holds is left to it. One that was left by a killed worker is taken
    up again, and after three tries the best that was found is what there is.
    """
    plan = _lease(plan_id)
    if plan is None:
        return False
    if plan.attempts > ATTEMPTS_AT_MOST:
        return _finish(plan, plan.answer)
    instance = question_of(plan)
    watch = _Watch(plan, instance)
    found = worker.solve(
        instance,
        seconds=plan.seconds,
        seed=plan.seed,
        on_progress=watch.note,
        cancelled=watch.stopped,
    )
    return _finish(plan, plan_json(instance, found))


@transaction.atomic
def stop_planning(*, actor: Actor, plan: RoundPlan) -> None:
    """Have the worker stop and keep the best plan so far; again it changes nothing."""
    asked = RoundPlan.objects.filter(pk=plan.pk, status__in=UNFINISHED, cancel_asked=False)
    if asked.update(cancel_asked=True):
        record_plan(actor, "booking.stop_planning", plan)


@transaction.atomic
def discard_plan(*, actor: Actor, plan: RoundPlan) -> None:
    """Throw a plan away that nobody has accepted a part of; twice is once. Raises PlanSettled."""
    current = lock_plan(plan)
    if current.status == PlanStatus.DISCARDED:
        return
    if current.status == PlanStatus.ACCEPTED:
        raise PlanSettled
    step_plan(actor=actor, plan=current, status=PlanStatus.DISCARDED)
    record_plan(actor, "booking.discard_plan", current)


def check_days(first_day: date, last_day: date) -> None:
    """Raise DaysBackwards or TooManyDays unless the days can be planned."""
    if last_day < first_day:
        raise DaysBackwards
    if (last_day - first_day).days >= 7 * WEEKS_AT_MOST:
        raise TooManyDays(WEEKS_AT_MOST)


def own(plan: RoundPlan, actor: User) -> RoundPlan:
    """Return a plan that the actor asked for before. Raises FormKeyTaken."""
    if plan.made_by_id != actor.pk:
        raise FormKeyTaken
    return plan


def lock_plan(plan: RoundPlan) -> RoundPlan:
    """Hold the plan's row, and return it as it is now."""
    plans = RoundPlan.objects.select_for_update(of=("self",)).select_related("federation")
    return plans.get(pk=plan.pk)


def step_plan(*, actor: Actor, plan: RoundPlan, status: PlanStatus, why: str = "") -> None:
    """Move a locked plan on. Raises StepNotAllowed."""
    states.check_plan_step(PlanStatus(plan.status), status)
    plan.status = status.value
    plan.save(update_fields=["status"])
    _note_step(actor, plan, why)


def record_plan(actor: Actor, action: str, plan: RoundPlan, **details: int | str) -> None:
    """Add a line about the plan to the log."""
    record(actor=actor, action=action, subject=plan, federation_id=plan.federation_id, **details)


@dataclass
class _Watch:
    """What a worker tells while it works, at most once a second, and whether it should stop."""

    plan: RoundPlan
    instance: Instance
    found: tuple[float, Plan] | None = None
    told_at: float = -NOTED_EACH_SECOND
    asked_at: float = 0.0
    stop: bool = False

    def note(self, seconds: float, found: Plan) -> None:
        """Take the best plan so far, and how far it has come."""
        self.found = (seconds, found)
        self._tell(time.monotonic())

    def stopped(self) -> bool:
        """Renew the lease; say whether to stop: somebody wants it, or the plan was taken over."""
        now = time.monotonic()
        self._tell(now)
        if not self.stop and now - self.asked_at >= NOTED_EACH_SECOND / 2:
            self.asked_at = now
            held = _held(self.plan).update(leased_until=timezone.now() + LEASE)
            self.stop = not held or _held(self.plan).filter(cancel_asked=True).exists()
        return self.stop

    def _tell(self, now: float) -> None:
        if self.found is None or now - self.told_at < NOTED_EACH_SECOND:
            return
        (seconds, found), self.found, self.told_at = self.found, None, now
        row = {
            "seconds": round(seconds, 1),
            "objective": objective(self.instance, found),
            "placed": sum(is_new(stop.job) for round_ in found.rounds for stop in round_.stops),
        }
        self.plan.progress = [*self.plan.progress, row]
        answer = plan_json(self.instance, found)
        _held(self.plan).update(progress=self.plan.progress, answer=answer)


@transaction.atomic
def _lease(plan_id: UUID) -> RoundPlan | None:
    """Take the plan, so that two workers do not plan it at once."""
    now = timezone.now()
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    waiting = RoundPlan.objects.filter(free, pk=plan_id, status__in=UNFINISHED)
    if not waiting.update(leased_until=now + LEASE, attempts=F("attempts") + 1):
        return None
    plan = RoundPlan.objects.select_related("federation").get(pk=plan_id)
    if plan.status == PlanStatus.WAITING:
        step_plan(actor=PLANNER, plan=plan, status=PlanStatus.RUNNING)
    return plan


@transaction.atomic
def _finish(plan: RoundPlan, answer: dict[str, object]) -> bool:
    """Keep the answer, or that there is none, while this worker still holds the plan."""
    current = _held(plan).select_for_update().first()
    if current is None:
        return False
    current.answer, current.why = answer, "" if answer else GIVEN_UP
    current.leased_until = None
    current.save(update_fields=["answer", "why", "leased_until"])
    status = PlanStatus.READY if answer else PlanStatus.FAILED
    step_plan(actor=PLANNER, plan=current, status=status, why=current.why)
    record_plan(PLANNER, "booking.finish_plan", current, status=status.value)
    return True


def _held(plan: RoundPlan) -> QuerySet[RoundPlan]:
    """Return the plan's row while this worker's lease is the last one; else no row."""
    return RoundPlan.objects.filter(pk=plan.pk, attempts=plan.attempts, status=PlanStatus.RUNNING)


def _note_step(actor: Actor, plan: RoundPlan, why: str = "") -> None:
    RoundPlanChange.objects.create(plan=plan, status=plan.status, actor=actor.audit_name, why=why)
