"""What people may say of their own time, as codes."""

from enum import StrEnum


class DeclineReason(StrEnum):
    """Why somebody gives a time up."""

    DAY_OFF = "day_off"
    SICK = "sick"
    LEFT = "left"
    HAS_CARD = "has_card"
    OTHER = "other"


class OwnState(StrEnum):
    """What somebody's page says first.

    no_time: without a time in an open visit, never given or given up. elsewhere: the person has a
    time in another visit. missed: the time went by.
    """

    COMING = "coming"
    HERE = "here"
    DONE = "done"
    MISSED = "missed"
    NO_TIME = "no_time"
    ELSEWHERE = "elsewhere"
    CALLED_OFF = "called_off"
    OVER = "over"


class Gone(StrEnum):
    """Why a link or code opens nothing: there is none such, its day is over, or nothing is left."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    ENDED = "ended"
