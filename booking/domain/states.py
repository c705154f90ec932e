"""Visits and bookings: their kinds, their statuses and which status may follow which."""

from collections.abc import Mapping
from enum import StrEnum

from enrolment.people.domain import steps


class VisitKind(StrEnum):
    """What a visit is for: the picture, or making the finished card work."""

    PHOTO = "photo"
    ACTIVATION = "activation"


class VisitStatus(StrEnum):
    """A visit takes bookings, is over, or never takes place."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class BookingStatus(StrEnum):
    """How far a person's slot has come."""

    BOOKED = "booked"
    CHECKED_IN = "checked_in"
    DONE = "done"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class WaitStatus(StrEnum):
    """How somebody's wait for a slot goes."""

    WAITING = "waiting"
    OFFERED = "offered"
    TAKEN = "taken"
    DECLINED = "declined"
    EXPIRED = "expired"
    ENDED = "ended"


class PlanStatus(StrEnum):
    """How far a plan of rounds has come: asked for, worked on, to decide on, decided."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    ACCEPTED = "accepted"
    DISCARDED = "discarded"


class IdDocument(StrEnum):
    """The id documents accepted of an adult at level 3 (Inera, identity check for SITHS)."""

    DRIVING_LICENCE = "driving_licence"
    PASSPORT = "passport"
    SIS_ID_CARD = "sis_id_card"
    NATIONAL_ID_CARD = "national_id_card"
    TAX_AGENCY_ID_CARD = "tax_agency_id_card"


# Somebody who has none is vouched for by an employer or a superior, who shows a document of their
# own and is never the one who takes the photo (Inera, likewise).
VOUCHED = "vouched"


# A booking that still holds the person: one per need and kind.
LIVE = frozenset({BookingStatus.BOOKED, BookingStatus.CHECKED_IN})

VISIT_STEPS: Mapping[VisitStatus, frozenset[VisitStatus]] = {
    VisitStatus.OPEN: frozenset({VisitStatus.CLOSED, VisitStatus.CANCELLED}),
    VisitStatus.CLOSED: frozenset({VisitStatus.OPEN}),
    VisitStatus.CANCELLED: frozenset(),
}

BOOKING_STEPS: Mapping[BookingStatus, frozenset[BookingStatus]] = {
    BookingStatus.BOOKED: frozenset(
        {BookingStatus.CHECKED_IN, BookingStatus.CANCELLED, BookingStatus.NO_SHOW}
    ),
    # Back to booked: checked in by mistake. Cancelled: no accepted id document, so no photo.
    BookingStatus.CHECKED_IN: frozenset(
        {BookingStatus.DONE, BookingStatus.BOOKED, BookingStatus.CANCELLED}
    ),
    # Checked in again: the photo is taken again at once, in the same visit.
    BookingStatus.DONE: frozenset({BookingStatus.CHECKED_IN}),
    BookingStatus.CANCELLED: frozenset(),
    # The person came after all, late.
    BookingStatus.NO_SHOW: frozenset({BookingStatus.CHECKED_IN}),
}

WAIT_STEPS: Mapping[WaitStatus, frozenset[WaitStatus]] = {
    WaitStatus.WAITING: frozenset({WaitStatus.OFFERED, WaitStatus.ENDED}),
    # Back to waiting: the slot that was offered is gone, the wait goes on.
    WaitStatus.OFFERED: frozenset(
        {
            WaitStatus.TAKEN,
            WaitStatus.DECLINED,
            WaitStatus.EXPIRED,
            WaitStatus.WAITING,
            WaitStatus.ENDED,
        }
    ),
    WaitStatus.TAKEN: frozenset(),
    WaitStatus.DECLINED: frozenset(),
    WaitStatus.EXPIRED: frozenset(),
    WaitStatus.ENDED: frozenset(),
}

PLAN_STEPS: Mapping[PlanStatus, frozenset[PlanStatus]] = {
    PlanStatus.WAITING: frozenset({PlanStatus.RUNNING, PlanStatus.FAILED, PlanStatus.DISCARDED}),
    PlanStatus.RUNNING: frozenset({PlanStatus.READY, PlanStatus.FAILED, PlanStatus.DISCARDED}),
    PlanStatus.READY: frozenset({PlanStatus.ACCEPTED, PlanStatus.DISCARDED}),
    PlanStatus.FAILED: frozenset({PlanStatus.DISCARDED}),
    # A plan is accepted part by part.
    PlanStatus.ACCEPTED: frozenset({PlanStatus.ACCEPTED}),
    PlanStatus.DISCARDED: frozenset(),
}


def check_wait_step(current: WaitStatus, following: WaitStatus) -> None:
    """Raise StepNotAllowed (people.domain.steps) unless a wait may go on to `following`."""
    steps.check_step(WAIT_STEPS, current, following)


def check_plan_step(current: PlanStatus, following: PlanStatus) -> None:
    """Raise StepNotAllowed (people.domain.steps) unless a plan may go on to `following`."""
    steps.check_step(PLAN_STEPS, current, following)


def check_visit_step(current: VisitStatus, following: VisitStatus) -> None:
    """Raise StepNotAllowed (people.domain.steps) unless a visit may go on to `following`."""
    steps.check_step(VISIT_STEPS, current, following)


def check_booking_step(current: BookingStatus, following: BookingStatus) -> None:
    """Raise StepNotAllowed (people.domain.steps) unless a booking may go on to `following`."""
    steps.check_step(BOOKING_STEPS, current, following)
