"""How the services of the booking room say no; `booking.faults` has a sentence for each code."""

from collections.abc import Sequence

from booking.models import Slot


class BookingRefused(Exception):
    """Something may not be done now; nothing was changed. Its attributes fill the sentence."""

    code = ""


class TechnicianBusy(BookingRefused):
    """The technician has another visit at that time."""

    code = "technician_busy"


class TechnicianElsewhere(BookingRefused):
    """The technician belongs to another federation than the unit."""

    code = "technician_elsewhere"


class VisitInThePast(BookingRefused):
    """The visit would begin at a time that has passed."""

    code = "visit_in_the_past"


class NoRoomForSlots(BookingRefused):
    """The window is too short for a single slot, or not within one day."""

    code = "no_room_for_slots"


class FormKeyTaken(BookingRefused):
    """Somebody else has used this one-time form key."""

    code = "form_key_taken"


class VisitNotOpen(BookingRefused):
    """The visit is over or cancelled."""

    code = "visit_not_open"


class VisitUnderWay(BookingRefused):
    """Somebody has been checked in, so the visit does take place."""

    code = "visit_under_way"


class PeopleLeft(BookingRefused):
    """`people` persons are still booked or checked in, so the visit is not over."""

    code = "people_left"

    def __init__(self, people: int) -> None:
        super().__init__(people)
        self.people = people


class NotEnoughSlots(BookingRefused):
    """`wanted` persons, but only `free` slots to put them in."""

    code = "not_enough_slots"

    def __init__(self, *, free: int, wanted: int) -> None:
        super().__init__(free, wanted)
        self.free = free
        self.wanted = wanted


class SlotTaken(BookingRefused):
    """Somebody has the slot; `nearest` holds up to three free slots close to it in time."""

    code = "slot_taken"

    def __init__(self, nearest: Sequence[Slot]) -> None:
        super().__init__(len(nearest))
        self.nearest = list(nearest)


class SlotInThePast(BookingRefused):
    """The slot is over."""

    code = "slot_in_the_past"


class SlotOfAnotherVisit(BookingRefused):
    """A booking moves within its visit only."""

    code = "slot_of_another_visit"


class PersonOfAnotherUnit(BookingRefused):
    """The person does not work at the unit of the visit."""

    code = "person_of_another_unit"


class AlreadyBooked(BookingRefused):
    """The person has a live booking of this kind."""

    code = "already_booked"


class NeedNotBookable(BookingRefused):
    """The need does not stand where a visit of this kind helps."""

    code = "need_not_bookable"


class BookingNotMovable(BookingRefused):
    """Only a booking nobody has acted on yet can be moved."""

    code = "booking_not_movable"


class UnknownDocument(BookingRefused):
    """The id document is none of the five kinds that are accepted."""

    code = "unknown_document"
