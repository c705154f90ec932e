"""Read what a plan of rounds needs to know: which visits are wanted, who drives, what stands."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from booking.domain.rounds import (
    Instance,
    Job,
    Locked,
    Lunch,
    Vehicle,
    Window,
    lunch_for,
)
from booking.domain.states import LIVE, BookingStatus, VisitKind, VisitStatus
from booking.domain.travel import Place
from booking.models import Booking, Slot, Technician, Visit
from booking.queries import CARD_ARRIVED, planning, travel
from booking.queries.visit_minutes import EVEN, MINUTE, Minutes, minutes_table
from booking.queries.ward import away_rules
from enrolment.people import rules
from enrolment.people.access import Role
from enrolment.people.models import CardNeed, CareUnit, Federation, Membership
from enrolment.people.queries.needs import WITHOUT_TIME

VISIT = "visit:"
HIGHEST = 100
# A house choice: whose last day has passed gets a visit in the first two weeks of the plan.
LATE_DAYS = 13


@dataclass(frozen=True)
class Wish:
    """A visit that a unit needs: how many people, and the first of their last days."""

    unit: CareUnit
    kind: VisitKind
    people: int
    deadline: date


def build_instance(federation: Federation, first_day: date, last_day: date) -> Instance:
    """Return what is to be planned from the first to the last day; queries constant in units.

    A job for each unit and kind of visit with open needs that have no time, split where people are
    many; `load` is its people. Protected persons are in no job: a handler books them. Needs that
    the free times of a coming visit can take are in none either. Standing visits are locked.
    """
    return Draft(federation, first_day, last_day).instance()


def wishes(federation: Federation, first_day: date) -> list[Wish]:
    """Return the visits that the federation's units need, the most urgent first."""
    waiting: dict[tuple[UUID, VisitKind], list[CardNeed]] = defaultdict(list)
    for need in _open_needs(federation):
        for kind in _kinds_wanted(need):
            waiting[need.staff.unit_id, kind].append(need)
    days = planning.deadlines(
        {need.pk: need for each in waiting.values() for need in each}.values()
    )
    room = _room(federation)
    found = [
        _wish(kind, needs, room.get((unit_id, kind), 0), days, first_day)
        for (unit_id, kind), needs in waiting.items()
    ]
    return sorted((wish for wish in found if wish.people > 0), key=_urgency)


def technicians(federation: Federation) -> list[Technician]:
    """Return those who may drive for the federation."""
    held = Membership.objects.filter(federation=federation, role=Role.TECHNICIAN)
    active = Technician.objects.filter(
        federation=federation, user__is_active=True, user__in=held.values("user")
    )
    return list(active.select_related("user", "federation").order_by("user__name", "pk"))


def all_technicians(federation: Federation) -> QuerySet[Technician]:
    """Return all who have ever driven for the federation and may have visits standing."""
    found = Technician.objects.filter(federation=federation)
    return found.select_related("user", "federation").order_by("user__name", "pk")


def vehicle_key(technician_id: int, day: date) -> str:
    """Return the key of a technician's day in an instance."""
    return f"{technician_id}:{day.isoformat()}"


def is_new(job: str) -> bool:
    """Whether a job is a visit to make, not one that stands."""
    return not job.startswith(VISIT)


def technician_and_day(vehicle: str) -> tuple[int, date]:
    """Return whose and which day a vehicle's key names."""
    technician_id, _, day = vehicle.partition(":")
    return int(technician_id), date.fromisoformat(day)


def clock_of(moment: datetime) -> int:
    """Return the seconds of the Swedish day at an instant."""
    local = timezone.localtime(moment)
    return local.hour * 3600 + local.minute * MINUTE + local.second


@dataclass(frozen=True)
class Draft:
    """An instance in the making: `freed` are standing visits that may be placed anew.

    `without` are technicians' days that are not driven, and `closed` units' days on which nothing
    new is placed there, by id and day; `slower` is how many per cent longer every road takes.
    Without `needs` nothing is planned but standing visits.
    """

    federation: Federation
    first_day: date
    last_day: date
    freed: Collection[UUID] = ()
    without: Collection[tuple[int, date]] = ()
    closed: Collection[tuple[UUID, date]] = ()
    slower: int = 0
    needs: bool = True

    def instance(self) -> Instance:
        """Return the instance."""
        matrix = travel.matrix(self.federation, self.places)
        return Instance(
            places=tuple(place.key for place in self.places),
            seconds=tuple(tuple(self._slowed(each) for each in row) for row in matrix.seconds),
            vehicles=tuple(self.vehicles),
            jobs=tuple(self._jobs()),
            km=matrix.km,
            day_cost=rules.number("day_cost_minutes", self.federation, self.first_day) * MINUTE,
            kits=self._kits(),
        )

    @cached_property
    def technicians(self) -> list[Technician]:
        """Those who may drive."""
        return technicians(self.federation)

    @cached_property
    def visits(self) -> list[Visit]:
        """The standing visits of those days."""
        return planning.standing_visits(self.technicians, self.first_day, self.last_day)

    @cached_property
    def wishes(self) -> list[Wish]:
        """The visits that units need."""
        return wishes(self.federation, self.first_day) if self.needs else []

    @cached_property
    def places(self) -> list[Place]:
        """The bases, then the units."""
        bases = [travel.place_of_base(technician) for technician in self.technicians]
        return bases + [travel.place_of_unit(unit) for unit in self._units.values()]

    @cached_property
    def vehicles(self) -> list[Vehicle]:
        """The working days, with their lunch."""
        lunch = self._lunch()
        return [
            self._vehicle(each, lunch)
            for each in planning.work_days(self.technicians, self.first_day, self.last_day)
            if (each.technician.pk, each.day) not in self.without
        ]

    def minutes_of(self, visit: Visit) -> Minutes:
        """Return what a standing visit costs."""
        return self._minutes[visit.unit.municipality_id, visit.kind]

    @cached_property
    def _units(self) -> dict[UUID, CareUnit]:
        found = [wish.unit for wish in self.wishes] + [visit.unit for visit in self.visits]
        return {unit.pk: unit for unit in found}

    @cached_property
    def _place_numbers(self) -> dict[str, int]:
        return {place.key: number for number, place in enumerate(self.places)}

    @cached_property
    def _minutes(self) -> dict[tuple[UUID, str], Minutes]:
        return minutes_table(self._units.values(), self.first_day)

    @cached_property
    def _away(self) -> dict[UUID, tuple[int, int]]:
        return away_rules([wish.unit for wish in self.wishes], self.first_day)

    def _slowed(self, seconds: int) -> int:
        return seconds + seconds * self.slower // 100

    def _kits(self) -> dict[str, int]:
        counts = {kind.value: len(planning.kits(self.federation, kind)) for kind in VisitKind}
        return counts if any(counts.values()) else {}

    def _lunch(self) -> Lunch:
        clocks = [
            rules.clock(key, self.federation, self.first_day)
            for key in ("lunch_from", "lunch_until")
        ]
        earliest, latest = (each.hour * 3600 + each.minute * MINUTE for each in clocks)
        length = rules.number("lunch_minutes", self.federation, self.first_day) * MINUTE
        return Lunch(earliest, latest, length)

    def _vehicle(self, work: planning.WorkDay, lunch: Lunch) -> Vehicle:
        starts, ends = clock_of(work.starts_at), clock_of(work.ends_at)
        base = self._place_numbers[travel.place_of_base(work.technician).key]
        return Vehicle(
            key=vehicle_key(work.technician.pk, work.day),
            technician=str(work.technician.pk),
            day=work.day,
            starts=starts,
            ends=ends,
            start_place=base,
            end_place=base,
            kinds=frozenset(work.technician.kinds),
            lunch=lunch_for(starts, ends, lunch),
        )

    def _jobs(self) -> Iterator[Job]:
        windows = self._windows()
        vehicles = {vehicle.key for vehicle in self.vehicles}
        people = booked_people(self.visits)
        for visit in self.visits:
            job = self._visit_job(visit, people.get(visit.pk, 0))
            if visit.pk in self.freed:
                yield replace(
                    job,
                    service=job.service + EVEN,
                    locked=None,
                    windows=windows[visit.unit_id],
                    priority=HIGHEST,
                )
            elif job.locked and job.locked.vehicle in vehicles:
                yield job
        for wish in self.wishes:
            yield from self._wish_jobs(wish, windows[wish.unit.pk])

    def _windows(self) -> dict[UUID, tuple[Window, ...]]:
        """When the units take visits; nothing new is placed today."""
        today = timezone.localdate()
        opened = planning.open_windows_of(self._units.values(), self.first_day, self.last_day)
        return {
            unit_id: tuple(
                Window(each.day, clock_of(each.opens_at), clock_of(each.closes_at))
                for each in windows
                if each.day > today and (unit_id, each.day) not in self.closed
            )
            for unit_id, windows in opened.items()
        }

    def _visit_job(self, visit: Visit, people: int) -> Job:
        minutes = self.minutes_of(visit)
        length = round((visit.ends_at - visit.starts_at).total_seconds())
        day = timezone.localtime(visit.starts_at).date()
        starts = clock_of(visit.starts_at) - minutes.setup * MINUTE
        return Job(
            key=f"{VISIT}{visit.pk}",
            place=self._place_numbers[travel.place_of_unit(visit.unit).key],
            service=minutes.around + length,
            kind=visit.kind,
            load=people,
            locked=Locked(vehicle_key(visit.technician_id, day), starts),
        )

    def _wish_jobs(self, wish: Wish, windows: Sequence[Window]) -> Iterator[Job]:
        """Yield the visits of a wish: one, or as many as it takes, of even size."""
        minutes = self._minutes[wish.unit.municipality_id, wish.kind]
        parts = -(-wish.people // minutes.people_at_most)
        days_left = (wish.deadline - timezone.localdate()).days
        for part in range(parts):
            people = wish.people // parts + (part < wish.people % parts)
            yield Job(
                key=f"{wish.kind}:{wish.unit.hsa_id}:{part + 1}",
                place=self._place_numbers[travel.place_of_unit(wish.unit).key],
                service=minutes.service(people, *self._away[wish.unit.pk]),
                windows=tuple(each for each in windows if each.day <= wish.deadline),
                deadline=wish.deadline,
                priority=min(HIGHEST, max(0, HIGHEST - days_left)),
                kind=wish.kind.value,
                load=people,
            )


def _open_needs(federation: Federation) -> QuerySet[CardNeed]:
    """Return the needs that a visit could take, no protected person's, with unit loaded."""
    open_needs = CardNeed.objects.filter(
        Q(stage__in=WITHOUT_TIME) | Q(stage__in=CARD_ARRIVED),
        open=True,
        staff__federation=federation,
        staff__protected=False,
        staff__left_on=None,
    )
    activations = Booking.objects.filter(
        need=OuterRef("pk"), kind=VisitKind.ACTIVATION, status__in=LIVE
    )
    related = open_needs.select_related("staff__unit__municipality__federation")
    return related.annotate(activation_booked=Exists(activations))


def _kinds_wanted(need: CardNeed) -> list[VisitKind]:
    if need.stage in WITHOUT_TIME:
        return [VisitKind.PHOTO]
    return [] if need.activation_booked else [VisitKind.ACTIVATION]  # type: ignore[attr-defined]


def _wish(
    kind: VisitKind,
    needs: Sequence[CardNeed],
    room: int,
    deadlines: Mapping[UUID, date],
    first_day: date,
) -> Wish:
    """Return the wish of those who find no room in a coming visit: the first due find it."""
    last_days = sorted(
        need.due_on if kind == VisitKind.ACTIVATION else deadlines[need.pk] for need in needs
    )
    left = last_days[room:]
    first = left[0] if left else date.max
    late = first_day + timedelta(days=LATE_DAYS)
    return Wish(needs[0].staff.unit, kind, len(left), late if first < first_day else first)


def _urgency(wish: Wish) -> tuple[date, str, str]:
    return wish.deadline, wish.unit.sort_key, wish.kind


def _room(federation: Federation) -> dict[tuple[UUID, VisitKind], int]:
    """Count the free times of coming visits by unit and kind."""
    kept = Booking.objects.filter(slot=OuterRef("pk")).exclude(status=BookingStatus.CANCELLED)
    free = Slot.objects.filter(
        ~Exists(kept),
        visit__unit__municipality__federation=federation,
        visit__status=VisitStatus.OPEN,
        starts_at__gt=timezone.now(),
    )
    counted = free.values_list("visit__unit", "visit__kind").annotate(number=Count("pk"))
    return {(unit_id, VisitKind(kind)): number for unit_id, kind, number in counted}


def booked_people(visits: Iterable[Visit]) -> dict[UUID, int]:
    """Count those who have a time in each visit; protected persons are not told of."""
    kept = Booking.objects.filter(visit__in=list(visits), need__staff__protected=False)
    live = kept.exclude(status=BookingStatus.CANCELLED)
    return dict(live.values_list("visit").annotate(number=Count("pk")))
