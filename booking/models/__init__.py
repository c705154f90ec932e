"""When and where: technicians, visits, their slots, who has which slot, and the rounds."""

from booking.models.choices import both_kinds
from booking.models.own_time import Feed, OwnLink, Waiting, WaitingChange
from booking.models.rounds import Drive, RoundPlan, RoundPlanChange, TravelTime
from booking.models.technicians import DaysOff, Kit, Technician, WorkHours
from booking.models.units import ClosedDay, OpeningHours, WardMinimum, WardRule
from booking.models.visits import (
    Booking,
    BookingChange,
    IdentityCheck,
    Slot,
    StruckSlot,
    Visit,
    VisitChange,
)

__all__ = [
    "Booking",
    "BookingChange",
    "ClosedDay",
    "DaysOff",
    "Drive",
    "Feed",
    "IdentityCheck",
    "Kit",
    "OpeningHours",
    "OwnLink",
    "RoundPlan",
    "RoundPlanChange",
    "Slot",
    "StruckSlot",
    "Technician",
    "TravelTime",
    "Visit",
    "VisitChange",
    "Waiting",
    "WaitingChange",
    "WardMinimum",
    "WardRule",
    "WorkHours",
    "both_kinds",
]
