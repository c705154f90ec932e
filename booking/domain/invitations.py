"""Calendar messages for one person's slot: iTIP requests and cancellations (RFC 5545, 5546)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from icalendar import Calendar, Event, vCalAddress

PRODUCT = "-//Fotorundan//Booking//SV"


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a calendar is told of one booking; every text is already in the reader's language.

    `uid` stays the same for the booking's whole life, `sequence` grows by one at any change and at
    the cancellation, `stamp` is now. `organizer` is the mailbox that sends, `attendee` the person's
    e-mail address. Instants have a time zone.
    """

    uid: str
    sequence: int
    stamp: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    location: str
    organizer: str
    organizer_name: str
    attendee: str
    attendee_name: str


def request(invitation: Invitation) -> bytes:
    """Return the .ics that puts the slot in the person's calendar, or moves it there.

    Raises ValueError for an instant without time zone, an end before the start, or an address that
    would break out of its line.
    """
    return _calendar(invitation, method="REQUEST", status="CONFIRMED")


def cancel(invitation: Invitation) -> bytes:
    """Return the .ics that takes the slot out of the person's calendar. Raises as `request`."""
    return _calendar(invitation, method="CANCEL", status="CANCELLED")


def readdressed(ics: str, attendee: str) -> str:
    """Return an object made here, of which an earlier address took no mail, for another address.

    Raises ValueError for an address that would break out of its line.
    """
    calendar = Calendar.from_ical(ics)
    for event in calendar.walk("VEVENT"):
        address = vCalAddress(f"mailto:{attendee}")
        address.params.update(event["ATTENDEE"].params)
        event["ATTENDEE"] = address
    text: str = calendar.to_ical().decode()
    return text


def _calendar(invitation: Invitation, *, method: str, status: str) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(_event(invitation, status))
    ics: bytes = calendar.to_ical()
    return ics


def _event(invitation: Invitation, status: str) -> Event:
    starts_at, ends_at = _utc(invitation.starts_at), _utc(invitation.ends_at)
    if ends_at <= starts_at:
        raise ValueError("the slot ends before it starts")
    event = Event()
    event.add("uid", invitation.uid)
    event.add("sequence", invitation.sequence)
    event.add("status", status)
    event.add("dtstamp", _utc(invitation.stamp))
    event.add("dtstart", starts_at)
    event.add("dtend", ends_at)
    event.add("summary", invitation.summary)
    event.add("description", invitation.description)
    event.add("location", invitation.location)
    event.add("organizer", _address(invitation.organizer, invitation.organizer_name))
    event.add("attendee", _attendee(invitation))
    return event


def _attendee(invitation: Invitation) -> vCalAddress:
    """Return the person as one who is expected and whose calendar need not answer."""
    attendee = _address(invitation.attendee, invitation.attendee_name)
    attendee.params.update(ROLE="REQ-PARTICIPANT", PARTSTAT="NEEDS-ACTION", RSVP="FALSE")
    return attendee


def _address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    address.params["CN"] = name
    return address


def _utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("an instant without time zone")
    return moment.astimezone(UTC)
