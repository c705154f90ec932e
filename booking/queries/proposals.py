"""Reads: the times to propose for a visit, and what each of them saves."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from math import ceil

from django.db.models import QuerySet
from django.utils import timezone

from booking.domain import proposals
from booking.domain.proposals import Day, NoTime, Proposal, Question, Stop, Window, Wish
from booking.domain.states import VisitKind, VisitStatus
from booking.domain.travel import road_minutes
from booking.domain.visit_length import Pace, length_for
from booking.domain.workdays import instant
from booking.models import Technician, Visit
from booking.queries import around, keeps_kits, planning, slot_minutes
from booking.queries.planning import WorkDay
from booking.queries.travel import matrix, place_of_base, place_of_unit
from booking.queries.ward import ward_rules
from enrolment.people import rules
from enrolment.people.models import CardNeed, CareUnit

# House choices: nobody is called in at shorter notice unless the wish says so; twelve weeks ahead
# hold some sixty working days.
NOTICE = timedelta(days=3)
AHEAD = timedelta(weeks=12)
NOON = time(12)


@dataclass(frozen=True)
class Wanted:
    """What a visit is wanted for, and when it would suit; empty wishes mean any day and hour.

    `weekdays` are numbers, 0 is Monday; `half` is "morning", "afternoon" or nothing. `parts` is
    how many visits the people are shared over. `beside` is a visit that is about to be moved, and
    `length` how long it takes: without one, as long as the people need with `spare` slots more.
    """

    unit: CareUnit
    kind: str
    needs: Sequence[CardNeed]
    stations: int = 1
    from_day: date | None = None
    until_day: date | None = None
    weekdays: frozenset[int] = frozenset()
    half: str = ""
    parts: int = 1
    beside: Visit | None = None
    length: timedelta | None = None
    spare: int = 0


@dataclass(frozen=True)
class Part:
    """One visit of an offer: who comes when to whom, and why then."""

    technician: Technician
    starts_at: datetime
    ends_at: datetime
    needs: list[CardNeed]
    proposal: Proposal


@dataclass(frozen=True)
class Saving:
    """What a visit saves against everybody travelling to the old office; km is one way."""

    people: int
    km_to_office: float
    km: int
    hours: int


@dataclass(frozen=True)
class Offer:
    """A proposed time, or two for people who are shared over two visits."""

    parts: list[Part]
    saving: Saving | None

    @property
    def key(self) -> str:
        """Return what a form sends to choose the offer."""
        return "+".join(f"{part.technician.pk}|{part.starts_at.isoformat()}" for part in self.parts)

    @property
    def late(self) -> int:
        """Return how many people would be photographed after their last day."""
        return sum(part.proposal.late for part in self.parts)


@dataclass(frozen=True)
class Offers:
    """What there is to choose from, or why there is nothing."""

    offers: list[Offer]
    why: NoTime | None
    last_day: date | None


def offers(wanted: Wanted, technicians: Iterable[Technician], now: datetime) -> Offers:
    """Return up to three offers, the best first; queries are constant in people and visits.

    Needs come with staff, unit, municipality and federation loaded.
    """
    able = {each.pk: each for each in technicians if wanted.kind in each.kinds}
    count = proposals.PROPOSED + (wanted.beside is not None)
    last_days = _last_days(wanted)
    shares = share(wanted, last_days)
    question = _question(wanted, list(able.values()), now)
    wishes = [_wish(question.wish, wanted, needs, last_days) for needs in shares]
    ways = proposals.propose_parts(question, wishes, count)
    found = [_offer(wanted, way, shares, able) for way in ways]
    found = [offer for offer in found if not _as_it_is(wanted, offer)][: proposals.PROPOSED]
    why = None if found else proposals.why_none(replace(question, wish=wishes[0]))
    return Offers(found, why, min(last_days.values(), default=None))


def _as_it_is(wanted: Wanted, offer: Offer) -> bool:
    """Say whether the offer is the time that the visit to be moved has already."""
    visit, part = wanted.beside, offer.parts[0]
    return visit is not None and (visit.technician_id, visit.starts_at) == (
        part.technician.pk,
        part.starts_at,
    )


def chosen_offer(
    wanted: Wanted, technicians: Iterable[Technician], key: str, now: datetime
) -> Offer | None:
    """Return the offer somebody chose by its key, or None when it can no longer be had.

    A time that is no longer among the best three is still good while it fits.
    """
    technicians = list(technicians)
    for offer in offers(wanted, technicians, now).offers:
        if offer.key == key:
            return offer
    told = _read_key(key)
    technician = next((each for each in technicians if told and each.pk == told[0]), None)
    if told is None or technician is None or wanted.parts > 1:
        return None
    return _offer_at(wanted, technician, told[1], now)


def _read_key(key: str) -> tuple[int, datetime] | None:
    """Return technician and instant of a key with one part; None for anything else."""
    number, _bar, moment = key.partition("|")
    try:
        told = int(number), datetime.fromisoformat(moment)
    except ValueError:
        return None
    return told if told[1].tzinfo else None


def _offer_at(
    wanted: Wanted, technician: Technician, starts_at: datetime, now: datetime
) -> Offer | None:
    """Return the offer of exactly that time, where it fits."""
    last_days = _last_days(wanted)
    question = _question(wanted, [technician], now)
    question = replace(question, wish=_wish(question.wish, wanted, wanted.needs, last_days))
    setup, _packing = around(wanted.unit, timezone.localdate(now))
    found = proposals.at(question, technician.pk, starts_at - setup)
    return (
        _offer(wanted, [found], [list(wanted.needs)], {technician.pk: technician})
        if found
        else None
    )


def neighbours(unit: CareUnit, units: QuerySet[CareUnit]) -> list[CareUnit]:
    """Return those of the units that lie in the same house of the same federation."""
    near = units.filter(
        municipality__federation=unit.municipality.federation_id, postcode=unit.postcode
    ).exclude(pk=unit.pk)
    return [each for each in near if house(unit) and house(each) == house(unit)]


def share(wanted: Wanted, last_days: dict[CardNeed, date]) -> list[list[CardNeed]]:
    """Share the people over the visits, the most urgent first, as evenly as can be."""
    needs = sorted(wanted.needs, key=lambda need: (last_days[need], need.staff.sort_key))
    size = ceil(len(needs) / wanted.parts) if needs else 0
    return [needs[at : at + size] for at in range(0, len(needs), size)] if needs else [[]]


def parts_needed(unit: CareUnit, people: int, on: date) -> int:
    """Return over how many visits so many people are shared at least, by the unit's rule."""
    return max(1, ceil(people / max(1, rules.number("people_at_most", unit, on))))


def pace(kind: str, unit: CareUnit, on: date) -> Pace:
    """Return how fast the people of the unit can be taken on the day."""
    ward = ward_rules(unit, on)
    return Pace(slot_minutes(kind, unit, on), ward.most_away, ward.walking_minutes)


def length_of(wanted: Wanted, people: int, on: date) -> timedelta:
    """Return the time from the first slot to the last one's end, the spare slots included."""
    if wanted.length is not None:
        return wanted.length
    people = max(1, people) + wanted.spare
    return length_for(people, pace(wanted.kind, wanted.unit, on), wanted.stations)


def _last_days(wanted: Wanted) -> dict[CardNeed, date]:
    """Return each person's last day: of a photo visit before production, else the due day."""
    if wanted.kind != VisitKind.PHOTO:
        return {need: need.due_on for need in wanted.needs}
    by_id = planning.deadlines(wanted.needs)
    return {need: by_id[need.pk] for need in wanted.needs}


def _question(wanted: Wanted, technicians: list[Technician], now: datetime) -> Question:
    """Gather what stands: working days, visits, open hours, roads, kits."""
    unit, today = wanted.unit, timezone.localdate(now)
    federation = unit.municipality.federation
    first = max(today + timedelta(days=1), wanted.from_day or today + NOTICE)
    last = wanted.until_day or max(first, today) + AHEAD
    visits = [
        visit
        for visit in planning.standing_visits(technicians, first, last)
        if visit != wanted.beside
    ]
    windows = _windows(wanted, first, last)
    units = {visit.unit.hsa_id: visit.unit for visit in visits} | {unit.hsa_id: unit}
    places = [*map(place_of_base, technicians), *map(place_of_unit, units.values())]
    beside = around(unit, today)
    lunch = [rules.clock(key, federation, today) for key in ("lunch_from", "lunch_until")]
    work_days = planning.work_days(technicians, first, last)
    return Question(
        wish=Wish(
            place=place_of_unit(unit).key,
            town=unit.town,
            house=house(unit),
            length=sum(beside, timedelta()),
            windows=windows,
            not_before=now,
            setup=beside[0],
        ),
        days=_days(work_days, _stops(visits, *beside), *lunch),
        travel=matrix(federation, places),
        kits=_kits(wanted, first, beside),
        lunch=timedelta(minutes=rules.number("lunch_minutes", federation, today)),
        day_cost=rules.number("day_cost_minutes", federation, today) * 60,
    )


def _days(
    work_days: Iterable[WorkDay],
    stops: dict[tuple[int, date], list[Stop]],
    lunch_from: time,
    lunch_until: time,
) -> list[Day]:
    return [
        Day(
            technician=each.technician.pk,
            base=place_of_base(each.technician).key,
            day=each.day,
            starts_at=each.starts_at,
            ends_at=each.ends_at,
            lunch_from=instant(each.day, lunch_from),
            lunch_until=instant(each.day, lunch_until),
            stops=tuple(stops.get((each.technician.pk, each.day), ())),
        )
        for each in work_days
    ]


def house(unit: CareUnit) -> str:
    """Return what units in one house have in common, nothing for a unit without a street."""
    parts = (unit.street, unit.postcode, unit.town)
    return " ".join(" ".join(parts).casefold().split()) if unit.street else ""


def _wish(
    wish: Wish, wanted: Wanted, needs: Sequence[CardNeed], last: dict[CardNeed, date]
) -> Wish:
    """Return the wish for these people; the blank one's length is set-up and packing."""
    on = min(wish.windows, default=wish.not_before.date())
    length = wish.length + length_of(wanted, len(needs), on)
    return replace(
        wish, length=length, last_days=tuple(last[need] for need in needs if need in last)
    )


def _windows(wanted: Wanted, first: date, last: date) -> dict[date, Window]:
    found = {}
    for each in planning.open_windows(wanted.unit, first, last):
        noon = instant(each.day, NOON)
        opens_at = max(each.opens_at, noon) if wanted.half == "afternoon" else each.opens_at
        closes_at = min(each.closes_at, noon) if wanted.half == "morning" else each.closes_at
        suits = not wanted.weekdays or each.day.weekday() in wanted.weekdays
        if suits and opens_at < closes_at:
            found[each.day] = Window(opens_at, closes_at)
    return found


def _stops(
    visits: Iterable[Visit], setup: timedelta, packing: timedelta
) -> defaultdict[tuple[int, date], list[Stop]]:
    found: defaultdict[tuple[int, date], list[Stop]] = defaultdict(list)
    for visit in visits:
        stop = Stop(
            place=place_of_unit(visit.unit).key,
            name=visit.unit.name,
            town=visit.unit.town,
            house=house(visit.unit),
            starts_at=visit.starts_at - setup,
            ends_at=visit.ends_at + packing,
        )
        found[visit.technician_id, timezone.localdate(visit.starts_at)].append(stop)
    return found


def _kits(
    wanted: Wanted, first: date, beside: tuple[timedelta, timedelta]
) -> dict[int, list[tuple[datetime, datetime]]] | None:
    """Return the busy spans of each kit that serves the visit; None where none is registered."""
    federation = wanted.unit.municipality.federation
    if not keeps_kits(federation):
        return None
    spans: dict[int, list[tuple[datetime, datetime]]] = {
        kit.pk: [] for kit in planning.kits(federation, wanted.kind)
    }
    taken = Visit.objects.filter(kit__in=spans, starts_at__gte=instant(first, time.min))
    for visit in taken.exclude(status=VisitStatus.CANCELLED):
        if visit != wanted.beside and visit.kit_id is not None:
            spans[visit.kit_id].append((visit.starts_at - beside[0], visit.ends_at + beside[1]))
    return spans


def _offer(
    wanted: Wanted,
    way: Sequence[Proposal],
    shares: Sequence[list[CardNeed]],
    technicians: dict[int, Technician],
) -> Offer:
    setup, packing = around(wanted.unit, timezone.localdate())
    parts = [
        Part(
            technician=technicians[proposal.technician],
            starts_at=proposal.arrives_at + setup,
            ends_at=proposal.leaves_at - packing,
            needs=needs,
            proposal=proposal,
        )
        for proposal, needs in zip(way, shares, strict=True)
    ]
    return Offer(parts, saving(wanted.unit, way, len(wanted.needs)))


def saving(unit: CareUnit, way: Sequence[Proposal], people: int) -> Saving | None:
    """Reckon kilometres and hours saved: trips avoided x 2 x road to the office, less our driving.

    None where nobody has written down how far the old office is.
    """
    if unit.km_to_office is None or not people:
        return None
    km = people * 2 * unit.km_to_office - sum(each.extra_km for each in way)
    minutes = people * 2 * road_minutes(unit.km_to_office)
    hours = (minutes - sum(each.extra_seconds for each in way) / 60) / 60
    return Saving(people, unit.km_to_office, max(0, round(km)), max(0, round(hours)))
