"""How the services of the booking room say no; `booking.faults` has a sentence for each code."""

from collections.abc import Sequence

from booking.domain.staffing import Binding, LeftOut
from booking.models import Slot


class BookingRefused(Exception):
    """Something may not be done now; nothing was changed. Its attributes fill the sentence."""

    code = ""


class TechnicianBusy(BookingRefused):
    """The technician has another visit at that time."""

    code = "technician_busy"


class KitBusy(BookingRefused):
    """Every kit that serves the visit is at another visit then."""

    code = "kit_busy"


class TechnicianElsewhere(BookingRefused):
    """The technician belongs to another federation than the unit."""

    code = "technician_elsewhere"


class TechnicianUnable(BookingRefused):
    """The technician does no visits of that kind."""

    code = "technician_unable"


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


class OfferStale(BookingRefused):
    """The proposed time can no longer be had: somebody has booked something beside it."""

    code = "offer_stale"


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


class WardTooThin(BookingRefused):
    """There are slots, but not all can be placed with the ward staffed.

    `left` are those who can't, `bindings` the rules in the way; `more_slots` slots more would do
    for `more_placed` of them (None: no number of them helps).
    """

    code = "ward_too_thin"

    def __init__(
        self,
        *,
        left: Sequence[LeftOut],
        bindings: Sequence[Binding],
        more_slots: int | None,
        more_placed: int,
    ) -> None:
        super().__init__(len(left))
        self.left = list(left)
        self.bindings = list(bindings)
        self.more_slots = more_slots
        self.more_placed = more_placed


class SharingDiffers(BookingRefused):
    """The rows have changed: sharing out would move others than was shown."""

    code = "sharing_differs"


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


class NobodyVouches(BookingRefused):
    """A person without an id document is vouched for by somebody named, any other by nobody."""

    code = "nobody_vouches"


class ProtectedPerson(BookingRefused):
    """A protected person has no link, no code and no offer: a handler books by hand."""

    code = "protected_person"


class NeedReasonMissing(BookingRefused):
    """Somebody without an open card need dropped in, and no reason for one was given."""

    code = "need_reason_missing"


class StrikingOver(BookingRefused):
    """The time to tell which times do not suit has passed."""

    code = "striking_over"


class TimeFixed(BookingRefused):
    """A locked time stays where it is, whatever the person strikes out."""

    code = "time_fixed"


class NotYetMovable(BookingRefused):
    """People tell which times do not suit; they swap once the times have been shared out."""

    code = "not_yet_movable"


class WardNeedsYou(BookingRefused):
    """Too few would be left on the person's ward during that slot."""

    code = "ward_needs_you"


class NoTimeLeft(BookingRefused):
    """Every time was struck out."""

    code = "no_time_left"


class OfferGone(BookingRefused):
    """The offered time was answered, is too old, or somebody took it back."""

    code = "offer_gone"


class DaysBackwards(BookingRefused):
    """The last day of a plan lies before its first."""

    code = "days_backwards"


class TooManyDays(BookingRefused):
    """A plan of rounds covers more than `weeks` weeks."""

    code = "too_many_days"

    def __init__(self, weeks: int) -> None:
        super().__init__(weeks)
        self.weeks = weeks


class NoTechnicians(BookingRefused):
    """No technician works on any of the days to plan."""

    code = "no_technicians"


class NobodyToVisit(BookingRefused):
    """No unit needs a visit that it does not have."""

    code = "nobody_to_visit"


class NothingHit(BookingRefused):
    """No standing visit is touched by what has happened."""

    code = "nothing_hit"


class PlanSettled(BookingRefused):
    """The plan of rounds is not, or no longer, there to decide on."""

    code = "plan_settled"


class PlanChanged(BookingRefused):
    """A stop would cost something else now than the planner was shown."""

    code = "plan_changed"


class StopDoesNotFit(BookingRefused):
    """The stop can't stand at that place of that round."""

    code = "stop_does_not_fit"


class StopBooked(BookingRefused):
    """The stop is a visit already, or was never this plan's to move."""

    code = "stop_booked"


class NobodyLeft(BookingRefused):
    """Everybody whom the stop was for has got a time meanwhile."""

    code = "nobody_left"


class TechnicianAway(BookingRefused):
    """The technician does not work that day any more."""

    code = "technician_away"


class KitNameTaken(BookingRefused):
    """Another kit of the federation has the name."""

    code = "kit_name_taken"


class PeriodTooLong(BookingRefused):
    """Days off or closed days for more than a year at once."""

    code = "period_too_long"


class NotDriven(BookingRefused):
    """Nobody can have driven to the visit: it is cancelled, or lies on a later day."""

    code = "not_driven"
