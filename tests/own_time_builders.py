"""People with a time of their own: booked in a visit, with link and code."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from booking.models import Booking, OwnLink, Slot, Visit, Waiting
from booking.queries.own_time import token_of
from booking.services.bookings import book_people
from booking.services.own_links import own_way
from booking.services.waitlist import join_waitlist
from tests import builders


def booked(visit: Visit | None = None, **person) -> Booking:
    visit = visit or builders.visit()
    need = builders.need(builders.staff(visit.unit, **person))
    [booking] = book_people(actor=builders.user(), visit=visit, needs=[need])
    return booking


def link(booking: Booking) -> OwnLink:
    return own_way(visit=booking.visit, need=booking.need).link


def address(of: Booking | OwnLink, page: str = "own_time") -> str:
    of = of if isinstance(of, OwnLink) else link(of)
    return reverse(f"booking:{page}", args=[token_of(of)])


def full(visit: Visit) -> list[Booking]:
    """Give everybody a slot until none is free, and return the bookings by time."""
    free = visit.slots.count() - visit.bookings.exclude(status="cancelled").count()
    needs = [builders.need(builders.staff(visit.unit)) for _ in range(free)]
    return book_people(actor=builders.user(), visit=visit, needs=needs)


def small_visit(**more) -> Visit:
    """A visit of four slots of 13 minutes, tomorrow at nine."""
    return builders.visit(hours=1, slot_minutes=13, **more)


def waiting(visit: Visit, **person) -> Waiting:
    """Somebody without a time who waits for one."""
    due_on = person.pop("due_on", timezone.localdate() + timedelta(days=60))
    need = builders.need(builders.staff(visit.unit, **person), due_on=due_on)
    return join_waitlist(actor=builders.user(), visit=visit, need=need)


def slots(visit: Visit) -> list[Slot]:
    return list(visit.slots.order_by("starts_at", "station"))


def striking(visit: Visit, until: timedelta = timedelta(hours=1)) -> Visit:
    """Let people strike out times for a while, or say that the cut-off lies behind."""
    visit.strike_until = timezone.now() + until
    visit.save(update_fields=["strike_until"])
    return visit
