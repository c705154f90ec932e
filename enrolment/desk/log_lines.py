"""The log for people's eyes: which lines, by whom, about whom.

The log itself holds ids. Names are looked up here, as far as the reader may see them.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import FETCH_RAISE, Model, QuerySet
from django.utils import timezone
from django.utils.functional import Promise

from booking.models import Booking
from enrolment.audit.models import Anchor, Entry
from enrolment.cards.models import CardOrder
from enrolment.desk import log_words
from enrolment.people import access
from enrolment.people.access import Role
from enrolment.people.models import CardNeed, Federation, Staff, User
from photos.models import Capture, Photo

PAGE_SIZE = 50
# Each kind of row that is about one person, and its way there.
ABOUT: dict[type[Model], str] = {
    Staff: "pk",
    CardNeed: "staff",
    Booking: "need__staff",
    Capture: "booking__need__staff",
    Photo: "capture__booking__need__staff",
    CardOrder: "need__staff",
}


@dataclass(frozen=True)
class Choice:
    """Which lines are wanted; None and empty mean all."""

    person: Staff | None = None
    actor: str = ""
    group: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Line:
    """A line of the log as its reader may see it.

    `by` is a name, or what the log says where that is no user; `whom` the name of a user to whom
    it was done. Of a protected person whom the reader does not handle, `hidden`, neither id nor
    details are told.
    """

    entry: Entry
    by: str
    said: Promise | str
    person: Staff | None
    whom: str
    hidden: bool

    @property
    def who(self) -> Promise | str:
        """Return `by` as the page shows it: without the names of the house's parts."""
        return log_words.actor(self.by)

    @property
    def subject(self) -> str:
        """Return kind and id of the row that it is about."""
        return "" if self.hidden else self.entry.subject

    @property
    def details(self) -> str:
        """Return ids, counts and codes as text."""
        told = {} if self.hidden else self.entry.details
        return ", ".join(f"{name} {_plain(value)}" for name, value in told.items())


@dataclass(frozen=True)
class Known:
    """What is known of ids: names of users, persons by subject, and the ids to keep silent on."""

    names: dict[str, str]
    people: dict[str, Staff]
    secret: set[str]

    def line(self, entry: Entry) -> Line:
        """Return the entry as the reader may see it."""
        hidden = entry.subject in self.secret or any(map(self._tells, entry.details.values()))
        return Line(
            entry=entry,
            by=self.names.get(entry.actor, entry.actor),
            said=log_words.sentence(entry.action),
            person=None if hidden else self.people.get(entry.subject),
            whom=self.names.get(f"user:{entry.details.get('user')}", ""),
            hidden=hidden,
        )

    def _tells(self, value: Any) -> bool:
        """Say whether a detail holds a secret id, alone or within a longer key."""
        return not self.secret.isdisjoint(str(value).split(":"))


def lines(federation: Federation, choice: Choice) -> QuerySet[Entry]:
    """Return the federation's lines, the newest first."""
    found = Entry.objects.filter(federation_id=federation.pk)
    if choice.person:
        found = found.filter(subject__in=_subjects([choice.person.pk]))
    if choice.actor:
        found = found.filter(actor=choice.actor)
    if choice.group:
        found = found.filter(action__in=log_words.actions(choice.group))
    if choice.first:
        found = found.filter(at__gte=_midnight(choice.first))
    if choice.last:
        found = found.filter(at__lt=_midnight(choice.last + timedelta(days=1)))
    return found.order_by("-pk").fetch_mode(FETCH_RAISE)


def page_of_lines(federation: Federation, choice: Choice, number: str) -> Page[Entry]:
    """Return one page of `lines`."""
    return Paginator(lines(federation, choice), PAGE_SIZE).get_page(number)


def shown(reader: User, federation: Federation, entries: Iterable[Entry]) -> list[Line]:
    """Return the entries as the reader may see them; at most sixteen queries."""
    found = list(entries)
    subjects = _subjects(_unhandled(reader, federation))
    known = Known(
        names=_names(found),
        people=_people(reader, federation, found),
        secret=subjects | {subject.partition(":")[2] for subject in subjects},
    )
    return [known.line(entry) for entry in found]


def last_anchor(federation: Federation) -> Anchor | None:
    """Return the chain's latest anchor."""
    return Anchor.objects.filter(federation_id=federation.pk).order_by("-day").first()


def actors(federation: Federation) -> list[User]:
    """Return everybody with a role in the federation, by name."""
    held = User.objects.filter(memberships__federation=federation)
    return list(held.distinct().order_by("name", "email"))


def _plain(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _names(entries: Iterable[Entry]) -> dict[str, str]:
    """Return the names of the users who did something, and of those it was done to."""
    told = {value for each in entries for value in (each.actor, str(each.details.get("user")))}
    users = User.objects.filter(pk__in=_ids(told, "user:"))
    return {user.audit_name: user.name for user in users}


def _ids(told: Iterable[str], start: str) -> set[UUID]:
    """Return the ids among what is told, bare or after `start`."""
    found = set()
    for value in told:
        with suppress(ValueError):
            found.add(UUID(value.removeprefix(start)))
    return found


def _people(reader: User, federation: Federation, entries: Iterable[Entry]) -> dict[str, Staff]:
    """Return the person whom each subject is about, of those the reader may see."""
    about = dict(_owners({entry.subject for entry in entries}))
    seen = access.staff(reader, Role.ADMINISTRATOR).filter(federation=federation)
    people = seen.filter(pk__in=set(about.values())).in_bulk()
    return {subject: people[pk] for subject, pk in about.items() if pk in people}


def _owners(subjects: set[str]) -> Iterator[tuple[str, UUID]]:
    """Yield each subject that is about a person, with that person's id."""
    for model, way in ABOUT.items():
        start = f"{model._meta.model_name}:"
        ids = _ids((subject for subject in subjects if subject.startswith(start)), start)
        for pk, staff_id in model._default_manager.filter(pk__in=ids).values_list("pk", way):
            yield f"{start}{pk}", staff_id


def _subjects(people: list[UUID]) -> set[str]:
    """Return every subject that is about one of the people."""
    return {
        f"{model._meta.model_name}:{pk}"
        for model, way in ABOUT.items()
        for pk in model._default_manager.filter(**{f"{way}__in": people}).values_list(
            "pk", flat=True
        )
    }


def _unhandled(reader: User, federation: Federation) -> list[UUID]:
    protected = Staff.objects.filter(federation=federation, protected=True)
    handled = access.handled(reader)
    return [pk for pk in protected.values_list("pk", flat=True) if pk not in handled]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
