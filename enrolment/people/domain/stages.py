"""How far a card need has come, which stage may follow which, and how urgent it is.

Only the photo visit moves the stages from booked to photographed; the activation visit may be
booked at any time and leaves the stage alone.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

from enrolment.people.domain import steps

# No standard says when to call; a house choice that leaves room for two visits and production.
RENEWAL_DAYS = 120
REMIND_DAYS = 60
CRITICAL_DAYS = 35

# A person without a working card: the visit should come within two weeks (a house choice).
NEW_CARD_DAYS = 14


class Reason(StrEnum):
    """Why a person needs a card."""

    NEW = "new"
    RENEWAL = "renewal"
    LOST = "lost"
    DAMAGED = "damaged"
    NAME_CHANGE = "name_change"
    CHANGED_EMPLOYER = "changed_employer"


class Stage(StrEnum):
    """Where a need stands: the chain in its order, then the side states.

    approved: the photo is approved, or no photo is wanted. cancelled: the time was given up and
    the person wants another. lapsed: the need ended without an active card.
    """

    NEEDS_CARD = "needs_card"
    INVITED = "invited"
    BOOKED = "booked"
    CHECKED_IN = "checked_in"
    PHOTOGRAPHED = "photographed"
    APPROVED = "approved"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    ACTIVATED = "activated"
    RETAKE = "retake"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


CHAIN = (
    Stage.NEEDS_CARD,
    Stage.INVITED,
    Stage.BOOKED,
    Stage.CHECKED_IN,
    Stage.PHOTOGRAPHED,
    Stage.APPROVED,
    Stage.DELIVERED,
    Stage.ACKNOWLEDGED,
    Stage.ACTIVATED,
)

CLOSED = frozenset({Stage.ACTIVATED, Stage.LAPSED})

ALLOWED: Mapping[Stage, frozenset[Stage]] = {
    # Straight to approved: the organisation wants no photo on this card.
    Stage.NEEDS_CARD: frozenset({Stage.INVITED, Stage.BOOKED, Stage.APPROVED, Stage.LAPSED}),
    Stage.INVITED: frozenset({Stage.BOOKED, Stage.NEEDS_CARD, Stage.LAPSED}),
    Stage.BOOKED: frozenset(
        {Stage.CHECKED_IN, Stage.NO_SHOW, Stage.CANCELLED, Stage.NEEDS_CARD, Stage.LAPSED}
    ),
    # Back to booked: checked in by mistake. Cancelled: no accepted id document, so no photo.
    Stage.CHECKED_IN: frozenset({Stage.PHOTOGRAPHED, Stage.BOOKED, Stage.CANCELLED, Stage.LAPSED}),
    Stage.PHOTOGRAPHED: frozenset({Stage.APPROVED, Stage.RETAKE, Stage.LAPSED}),
    Stage.APPROVED: frozenset({Stage.DELIVERED, Stage.RETAKE, Stage.LAPSED}),
    # Retake: the issuer refused the photo.
    # Approved: the issuer refused the data, which are corrected, and the card is ordered again.
    Stage.DELIVERED: frozenset({Stage.ACKNOWLEDGED, Stage.RETAKE, Stage.APPROVED, Stage.LAPSED}),
    Stage.ACKNOWLEDGED: frozenset({Stage.ACTIVATED, Stage.RETAKE, Stage.APPROVED, Stage.LAPSED}),
    Stage.ACTIVATED: frozenset(),
    # Checked in: the photo is taken again at once, in the same visit.
    Stage.RETAKE: frozenset({Stage.INVITED, Stage.BOOKED, Stage.CHECKED_IN, Stage.LAPSED}),
    # Checked in: the person came after all, late.
    Stage.NO_SHOW: frozenset(
        {Stage.INVITED, Stage.BOOKED, Stage.CHECKED_IN, Stage.NEEDS_CARD, Stage.LAPSED}
    ),
    Stage.CANCELLED: frozenset({Stage.INVITED, Stage.BOOKED, Stage.NEEDS_CARD, Stage.LAPSED}),
    Stage.LAPSED: frozenset(),
}


class Urgency(StrEnum):
    """How near the due date is."""

    CRITICAL = "critical"
    REMIND = "remind"
    NORMAL = "normal"


def check_step(current: Stage, following: Stage) -> None:
    """Raise steps.StepNotAllowed unless a need at `current` may go on to `following`."""
    steps.check_step(ALLOWED, current, following)


def needs_renewal(card_expires: date | None, today: date, renewal_days: int = RENEWAL_DAYS) -> bool:
    """Say whether a card runs out within `renewal_days`, or has run out. No card: no renewal."""
    return card_expires is not None and card_expires <= today + timedelta(days=renewal_days)


def due_date(
    reason: Reason,
    card_expires: date | None,
    today: date,
    new_card_days: int = NEW_CARD_DAYS,
) -> date:
    """Return the day by which the need should be met.

    A renewal is due when the old card runs out, which may have passed. Whoever has no working card
    is due `new_card_days` from today; so is a renewal whose old card's date nobody knows.
    """
    if reason is Reason.RENEWAL and card_expires is not None:
        return card_expires
    return today + timedelta(days=new_card_days)


def urgency(
    due: date,
    today: date,
    remind_days: int = REMIND_DAYS,
    critical_days: int = CRITICAL_DAYS,
) -> Urgency:
    """Say how urgent a due date is; a day exactly at a limit counts as the more urgent."""
    days_left = (due - today).days
    if days_left <= critical_days:
        return Urgency.CRITICAL
    return Urgency.REMIND if days_left <= remind_days else Urgency.NORMAL
