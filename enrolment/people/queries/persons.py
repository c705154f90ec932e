"""Find a member of staff, and what there is to know of one."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Q

from enrolment.people import access
from enrolment.people.access import SomeUser
from enrolment.people.domain.personnummer import Personnummer
from enrolment.people.domain.sorting import sort_key
from enrolment.people.models import CardNeed, Staff, StageChange, User
from enrolment.people.queries.units import PAGE_SIZE, with_open_need

USER_PREFIX = "user:"


@dataclass(frozen=True)
class Step:
    """One line of a need's history; `by` is a user's name, or empty for the house itself."""

    change: StageChange
    by: str


@dataclass(frozen=True)
class NeedHistory:
    """A card need and its steps, the latest first."""

    need: CardNeed
    steps: list[Step]


def page_of_search(user: SomeUser, *, words: str, number: str) -> Page[Staff]:
    """Return a page of staff whose name or HSA-id holds every word; without words nobody."""
    people = access.staff(user).filter(left_on=None)
    for word in words.split():
        people = people.filter(
            Q(sort_key__contains=sort_key(word)) | Q(hsa_id__contains=word.upper())
        )
    found = people if words.strip() else people.none()
    found = with_open_need(found.order_by("sort_key", "hsa_id"))
    return Paginator(found, PAGE_SIZE).get_page(number)


def masked_personnummer(staff: Staff) -> str:
    """Return the personnummer with its last four digits hidden, or nothing where none is kept."""
    digits = staff.personnummer
    return Personnummer(digits).masked if digits else ""


def need_histories(staff: Staff) -> list[NeedHistory]:
    """Return the person's needs, the open one first, then the newest."""
    needs = list(staff.needs.order_by("-open", "-opened_at").prefetch_related("stage_changes"))
    names = _names(change.actor for need in needs for change in need.stage_changes.all())
    return [NeedHistory(need, _steps(need, names)) for need in needs]


def _steps(need: CardNeed, names: dict[str, str]) -> list[Step]:
    changes = sorted(need.stage_changes.all(), key=lambda change: change.pk, reverse=True)
    return [Step(change, names.get(change.actor, "")) for change in changes]


def _names(actors: Iterable[str]) -> dict[str, str]:
    ids = {actor.removeprefix(USER_PREFIX) for actor in actors if actor.startswith(USER_PREFIX)}
    return {user.audit_name: user.name for user in User.objects.filter(pk__in=ids)}
