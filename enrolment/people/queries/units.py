"""Care units, with how many work there and how many of them need a card."""

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import FETCH_RAISE, Count, Min, Prefetch, QuerySet

from enrolment.people import access
from enrolment.people.access import READERS, SomeUser
from enrolment.people.models import CardNeed, CareUnit, Staff

PAGE_SIZE = 50


@dataclass(frozen=True)
class UnitRow:
    """One unit of the list; `next_due` is the day the first card is due."""

    unit: CareUnit
    staff: int
    needs: int
    next_due: date | None


def unit_rows(user: SomeUser) -> list[UnitRow]:
    """Return the user's units with their counts, protected persons only for their handlers."""
    people = access.staff(user).filter(left_on=None).order_by()
    staff = dict(people.values_list("unit").annotate(n=Count("pk")))
    open_needs = access.needs(user).filter(open=True).order_by()
    due = {
        row["staff__unit"]: (row["n"], row["due"])
        for row in open_needs.values("staff__unit").annotate(n=Count("pk"), due=Min("due_on"))
    }
    units = access.units(user, *READERS).fetch_mode(FETCH_RAISE)
    return [UnitRow(unit, staff.get(unit.pk, 0), *due.get(unit.pk, (0, None))) for unit in units]


def page_of_staff(user: SomeUser, *, unit: CareUnit, number: str) -> Page[Staff]:
    """Return a page of the unit's staff; each one's open need, if any, lies in `open_needs`."""
    people = access.staff(user).filter(unit=unit, left_on=None).order_by("sort_key", "hsa_id")
    return Paginator(with_open_need(people), PAGE_SIZE).get_page(number)


def with_open_need(people: QuerySet[Staff]) -> QuerySet[Staff]:
    """Load each person's open need into the list `open_needs`."""
    needs = CardNeed.objects.filter(open=True)
    prefetch = Prefetch("needs", queryset=needs, to_attr="open_needs")
    return people.prefetch_related(prefetch).fetch_mode(FETCH_RAISE)
