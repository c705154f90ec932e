"""One's own time for one's own calendar: published, since no answer is wanted (RFC 5546)."""

from datetime import UTC, datetime

from icalendar import Calendar, Event

from booking.domain.invitations import PRODUCT


def own_calendar(
    *,
    uid: str,
    sequence: int,
    stamp: datetime,
    starts_at: datetime,
    ends_at: datetime,
    summary: str,
    location: str,
) -> bytes:
    """Return an .ics with one event; fetched again after a move it takes the earlier one's place.

    The `uid` must be another than the invitation's: one is never both requested and published.
    Instants have a time zone.
    """
    event = Event()
    event.add("uid", uid)
    event.add("sequence", sequence)
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", starts_at.astimezone(UTC))
    event.add("dtend", ends_at.astimezone(UTC))
    event.add("summary", summary)
    event.add("location", location)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    ics: bytes = calendar.to_ical()
    return ics
