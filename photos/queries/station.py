"""What the capture station shows: the visit's people and the one before the camera."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import FETCH_RAISE, F, QuerySet

from booking.domain.states import BookingStatus
from booking.models import Booking, Visit
from enrolment.people.domain.stages import Stage
from photos.models import Capture, Decision


@dataclass(frozen=True)
class Station:
    """The capture station: the visit's people, the one in front of it, and the picture judged."""

    visit: Visit
    people: list[Booking]
    suggested: Booking | None
    person: Booking | None
    capture: Capture | None

    @property
    def step(self) -> str:
        """What to do now: check_in, camera, verdict, done, or nobody when all are done."""
        if self.person is None:
            return "nobody"
        if self.person.status == BookingStatus.CHECKED_IN:
            return "verdict" if self.capture else "camera"
        if self.person.status == BookingStatus.DONE and self.person.need.stage != Stage.RETAKE:
            return "done"
        return "check_in"

    @property
    def done(self) -> int:
        """How many people the visit is finished with."""
        return sum(booking.status == BookingStatus.DONE for booking in self.people)

    @property
    def retakes(self) -> int:
        """How many people need a new photo, since a reviewer rejected theirs."""
        return sum(booking.need.stage == Stage.RETAKE for booking in self.people)


def station_of(
    bookings: QuerySet[Booking], visit: Visit, chosen: str | None, *, retake: bool
) -> Station:
    """Return the station of a visit with the chosen person, or the next one, in front of it.

    `bookings` are those the technician may see; with `retake` the last picture is set aside.
    """
    people = list(_of_visit(bookings, visit))
    suggested = _next(people)
    person = next((booking for booking in people if str(booking.pk) == chosen), suggested)
    before_camera = person and person.status == BookingStatus.CHECKED_IN and not retake
    capture = latest_capture(person) if person and before_camera else None
    return Station(visit, people, suggested, person, capture)


def latest_capture(booking: Booking) -> Capture | None:
    """Return the last picture since the person was checked in that nobody has accepted."""
    since = F("booking__identity_check__checked_at")
    pictures = booking.captures.filter(received_at__gte=since, photo=None)
    return pictures.order_by("-received_at").first()


def last_rejection(booking: Booking) -> Decision | None:
    """Return the latest no to a photo of this need, if a new photo is asked for."""
    if booking.need.stage != Stage.RETAKE:
        return None
    noes = Decision.objects.filter(photo__capture__booking__need=booking.need, approved=False)
    return noes.order_by("-decided_at").first()


def _of_visit(bookings: QuerySet[Booking], visit: Visit) -> QuerySet[Booking]:
    kept = bookings.filter(visit=visit).exclude(status=BookingStatus.CANCELLED)
    return kept.order_by("slot__starts_at", "slot__station").fetch_mode(FETCH_RAISE)


def _next(people: Iterable[Booking]) -> Booking | None:
    """Return who is checked in, else who is booked first."""
    waiting = {BookingStatus.CHECKED_IN: 0, BookingStatus.BOOKED: 1}
    able = [booking for booking in people if booking.status in waiting]
    return min(able, key=lambda booking: waiting[BookingStatus(booking.status)], default=None)
