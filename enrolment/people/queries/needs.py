"""Who needs a card, and by when."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import FETCH_RAISE, Count, Min, Q, QuerySet

from enrolment.people import access
from enrolment.people.access import SomeUser
from enrolment.people.domain import stages
from enrolment.people.domain.stages import Reason, Stage, Urgency
from enrolment.people.models import CardNeed, CareUnit

PAGE_SIZE = 50
# Those for whom somebody has a time to book.
WITHOUT_TIME = (Stage.NEEDS_CARD, Stage.INVITED, Stage.RETAKE, Stage.NO_SHOW, Stage.CANCELLED)


BEFORE_PHOTO = Q(stage__in=[stage for stage in WITHOUT_TIME if stage != Stage.RETAKE])
# What there is to do, each a part of the open needs.
TASKS = {
    "new": BEFORE_PHOTO & Q(reason=Reason.NEW),
    "expiring": BEFORE_PHOTO & Q(reason=Reason.RENEWAL),
    "replaced": BEFORE_PHOTO & ~Q(reason__in=[Reason.NEW, Reason.RENEWAL]),
    "retake": Q(stage=Stage.RETAKE),
    "activation": Q(stage__in=[Stage.DELIVERED, Stage.ACKNOWLEDGED]),
}
UNITS_SHOWN = 6


@dataclass(frozen=True)
class UnitToBook:
    """A unit where people lack a time: how many, and the day the first of them is due."""

    unit_id: UUID
    name: str
    town: str
    people: int
    first_due: date


@dataclass(frozen=True)
class NeedRow:
    """One person on the overview."""

    need: CardNeed
    urgency: Urgency


@dataclass(frozen=True)
class NeedsPage:
    """A page of the overview: its rows, and where it stands among the pages."""

    rows: list[NeedRow]
    page: Page[CardNeed]


@dataclass(frozen=True)
class Answer:
    """How many need a card before a day, and how many of them have no time booked.

    Beside them `to_activate` have their card by then, or will have, and need it activated.
    """

    before: date
    count: int
    without_time: int
    to_activate: int


def answer(user: SomeUser, today: date) -> Answer:
    """Count the needs due before the first of the month that lies at least five weeks ahead."""
    before = _next_first(today + timedelta(days=stages.CRITICAL_DAYS))
    due = access.needs(user).filter(open=True, due_on__lt=before)
    counts = due.aggregate(
        count=Count("pk", filter=~TASKS["activation"]),
        without_time=Count("pk", filter=Q(stage__in=WITHOUT_TIME)),
        to_activate=Count("pk", filter=TASKS["activation"]),
    )
    return Answer(before, **counts)


def tasks(user: SomeUser, unit: CareUnit | None = None) -> dict[str, int]:
    """Count what there is to do by the keys of TASKS; one query."""
    counts = {name: Count("pk", filter=which) for name, which in TASKS.items()}
    return open_needs(user, unit=unit).order_by().aggregate(**counts)


def units_to_book(user: SomeUser, *allowed: str) -> list[UnitToBook]:
    """Return the units in one of the roles where people lack a time, the most urgent first."""
    waiting = access.needs(user, *allowed).filter(open=True, stage__in=WITHOUT_TIME)
    by_unit = waiting.order_by().values_list(
        "staff__unit", "staff__unit__name", "staff__unit__town"
    )
    counted = by_unit.annotate(people=Count("pk"), first_due=Min("due_on"))
    return [UnitToBook(*row) for row in counted.order_by("first_due", "staff__unit__sort_key")]


def page_of_needs(
    user: SomeUser,
    *,
    unit: CareUnit | None,
    stage: str,
    number: str,
    today: date,
    task: str = "",
) -> NeedsPage:
    """Return a page of open needs, the most urgent first, with person, unit and municipality.

    `task` is a key of TASKS; without one all open needs are meant.
    """
    found = open_needs(user, unit=unit, stage=stage).filter(TASKS.get(task, Q()))
    page = Paginator(found, PAGE_SIZE).get_page(number)
    rows = [NeedRow(need, stages.urgency(need.due_on, today)) for need in page.object_list]
    return NeedsPage(rows, page)


def open_needs(
    user: SomeUser, *, unit: CareUnit | None = None, stage: str = ""
) -> QuerySet[CardNeed]:
    """Return the open needs the user may see, sorted by due date, then as a register."""
    found = access.needs(user).filter(open=True)
    if unit:
        found = found.filter(staff__unit=unit)
    if stage:
        found = found.filter(stage=stage)
    return found.order_by("due_on", "staff__sort_key", "pk").fetch_mode(FETCH_RAISE)


def _next_first(day: date) -> date:
    """Return the first of the month after the day's month."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
