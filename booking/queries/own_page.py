"""Reads for the page of one's own time, and for those who look after the waiting list."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from booking import queries
from booking.domain.own_time import Gone, OwnState
from booking.domain.states import LIVE, BookingStatus, VisitStatus, WaitStatus
from booking.models import Booking, BookingChange, OwnLink, Slot, Visit, Waiting
from booking.queries import ward
from booking.queries.own_time import IN_LINE, striking
from enrolment.people.models import CardNeed, Staff

MOST_FOUND = 20


@dataclass(frozen=True)
class OwnTime:
    """What one person's page shows: first name and unit, the time, and what can be done.

    `booking` is the latest one in the visit; `wait` a place on the waiting list, perhaps with an
    offer; `striking` whether times are struck out now, `struck` which ones were.
    """

    link: OwnLink
    visit: Visit
    first_name: str
    state: OwnState
    booking: Booking | None
    wait: Waiting | None
    striking: bool
    struck: list[datetime]

    @property
    def offered(self) -> bool:
        """Whether a slot is kept for the person."""
        return self.wait is not None and self.wait.status == WaitStatus.OFFERED

    @property
    def strikable(self) -> bool:
        """Whether the person may strike out times: one whose time is locked keeps it anyway."""
        return self.striking and self.booking is not None and not self.booking.locked

    @property
    def movable(self) -> bool:
        """Whether the person may choose among the free times."""
        return self.state in (OwnState.COMING, OwnState.NO_TIME) and not self.striking


def gone(link: OwnLink | None, now: datetime) -> Gone | None:
    """Say why a link opens nothing; None for one that does.

    A link of a protected person is no link: nothing tells that there was one.
    """
    if link is None or link.revoked_at or link.need.staff.protected:
        return Gone.UNKNOWN
    if now >= link.expires_at:
        return Gone.EXPIRED
    return None if link.need.open else Gone.ENDED


def own_time(link: OwnLink, now: datetime) -> OwnTime:
    """Return what the page of an open link shows now."""
    booking = _latest(link)
    wait = link.visit.waiting.filter(need=link.need, status__in=IN_LINE).select_related("slot")
    state = _state(link, booking, now)
    return OwnTime(
        link=link,
        visit=link.visit,
        first_name=link.need.staff.given_name,
        state=state,
        booking=booking,
        wait=wait.first(),
        striking=state == OwnState.COMING and striking(link.visit, now),
        struck=_struck(booking),
    )


def own_offer(link: OwnLink, waiting_id: str) -> Waiting | None:
    """Return the person's own wait by an id that was sent; None for anybody else's."""
    try:
        return link.visit.waiting.filter(need=link.need, pk=UUID(waiting_id)).first()
    except ValueError:
        return None


def free_times(own: OwnTime, now: datetime) -> list[Slot]:
    """Return a free slot for each time still ahead that leaves the ward staffed, in order."""
    fitting = ward.fitting_slots(own.visit, own.link.need, now)
    return _one_per_time(slot for slot in fitting if slot.starts_at > now)


def nearest_times(own: OwnTime, slot: Slot, now: datetime) -> list[Slot]:
    """Return the three of `free_times` that lie nearest to the slot, the nearest first."""
    return sorted(free_times(own, now), key=lambda free: abs(free.starts_at - slot.starts_at))[:3]


def all_times(visit: Visit) -> list[Slot]:
    """Return a slot for each time of the visit, in order: nobody chooses a station."""
    return _one_per_time(visit.slots.order_by("starts_at", "station"))


def in_line(visit: Visit, needs: QuerySet[CardNeed]) -> list[Waiting]:
    """Return who of these waits for a slot of the visit, in the order in which they are asked."""
    related = waits(visit, needs).select_related("slot", "need__staff")
    return list(related.order_by("need__due_on", "created_at", "pk"))


def waits(visit: Visit, needs: QuerySet[CardNeed]) -> QuerySet[Waiting]:
    """Return the open waits of these for a slot of the visit, never a protected person's."""
    return visit.waiting.filter(status__in=IN_LINE, need__in=needs, need__staff__protected=False)


def may_wait(needs: QuerySet[CardNeed], visit: Visit) -> QuerySet[CardNeed]:
    """Narrow bookable needs to those that could join the waiting list: nobody protected."""
    waiting = visit.waiting.filter(need=OuterRef("pk"), status__in=IN_LINE)
    return needs.filter(~Exists(waiting), staff__protected=False)


def given_up(visit: Visit, needs: QuerySet[CardNeed]) -> list[BookingChange]:
    """Return who of these gave a time up by an own link and has no other, with the reason.

    Never a protected person.
    """
    live = Booking.objects.filter(need=OuterRef("booking__need"), kind=visit.kind, status__in=LIVE)
    changes = BookingChange.objects.filter(
        ~Exists(live),
        booking__visit=visit,
        status=BookingStatus.CANCELLED,
        actor__startswith="own-link:",
        booking__need__in=needs.filter(open=True),
        booking__need__staff__protected=False,
    )
    return list(changes.select_related("booking__need__staff").order_by("-at", "-pk"))


def people_here(visit: Visit, asked: str, handled: Collection[UUID]) -> QuerySet[Staff]:
    """Return the people of the visit's units whose name or HSA-id holds every word asked for.

    A protected person only where `handled` names her.
    """
    here = Q(unit=visit.unit_id) | Q(unit__in=visit.guest_units.all())
    seen = Q(protected=False) | Q(pk__in=handled)
    found = Staff.objects.filter(here & seen, left_on=None)
    for word in asked.split():
        names = Q(given_name__icontains=word) | Q(family_name__icontains=word)
        found = found.filter(names | Q(hsa_id__icontains=word))
    return found.order_by("sort_key", "pk")


def with_open_need(people: QuerySet[Staff]) -> QuerySet[Staff]:
    """Tell of each person whether a card need is open: `has_need`."""
    return people.annotate(
        has_need=Exists(CardNeed.objects.filter(staff=OuterRef("pk"), open=True))
    )


def _one_per_time(slots: Iterable[Slot]) -> list[Slot]:
    first: dict[datetime, Slot] = {}
    for slot in slots:
        first.setdefault(slot.starts_at, slot)
    return list(first.values())


def _latest(link: OwnLink) -> Booking | None:
    bookings = link.visit.bookings.filter(need=link.need)
    bookings = bookings.select_related("slot", "need__staff")
    live = bookings.filter(status__in=LIVE).first()
    return live or bookings.order_by("-created_at").first()


def _state(link: OwnLink, booking: Booking | None, now: datetime) -> OwnState:
    if link.visit.status == VisitStatus.CANCELLED:
        return OwnState.CALLED_OFF
    status = booking.status if booking else BookingStatus.CANCELLED
    if status == BookingStatus.CHECKED_IN:
        return OwnState.HERE
    if status == BookingStatus.BOOKED and booking:
        return OwnState.COMING if booking.slot.ends_at > now else OwnState.MISSED
    if queries.live_booking(link.need, link.visit.kind):
        return OwnState.ELSEWHERE
    if status == BookingStatus.NO_SHOW:
        return OwnState.MISSED
    if status == BookingStatus.DONE:
        return OwnState.DONE
    return _without_time(link, now)


def _without_time(link: OwnLink, now: datetime) -> OwnState:
    visit_open = link.visit.status == VisitStatus.OPEN and link.visit.ends_at > now
    bookable = visit_open and queries.takes(link.visit.kind, link.need)
    return OwnState.NO_TIME if bookable else OwnState.OVER


def _struck(booking: Booking | None) -> list[datetime]:
    if booking is None:
        return []
    times = booking.struck.values_list("slot__starts_at", flat=True)
    return sorted(set(times))
