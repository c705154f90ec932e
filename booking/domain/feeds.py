"""Calendars to subscribe to: an overview of times, published and never answered (RFC 5545, 5546).

The changes themselves travel by mail, as invitations. The same time has another UID here, so that
no calendar takes the one for the other.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event, vCalAddress

PRODUCT = "-//Fotorundan//Feed//SV"
# How often a calendar is asked to look again.
REFRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One entry; `uid` is its own in all feeds, instants have a time zone."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class FeedCalendar:
    """A whole calendar: its name, the mailbox that answers for it, its entries in order."""

    name: str
    organizer: str
    events: Sequence[FeedEvent]


def published(calendar: FeedCalendar, stamp: datetime) -> bytes:
    """Return the .ics as it is at the instant `stamp`. Raises ValueError without time zone."""
    ics = Calendar()
    ics.add("prodid", PRODUCT)
    ics.add("version", "2.0")
    ics.add("method", "PUBLISH")
    ics.add("name", calendar.name)
    ics.add("x-wr-calname", calendar.name)
    ics.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for event in calendar.events:
        ics.add_component(_event(event, calendar.organizer, stamp))
    content: bytes = ics.to_ical()
    return content


def version(calendar: FeedCalendar) -> str:
    """Return what changes when the calendar says something else: the same for the same entries."""
    told = [calendar.name, calendar.organizer]
    for event in calendar.events:
        times = (_utc(event.starts_at).isoformat(), _utc(event.ends_at).isoformat())
        told += [event.uid, *times, event.summary, event.location, event.description]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:32]


def _event(told: FeedEvent, organizer: str, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", told.uid)
    event.add("dtstamp", _utc(stamp))
    event.add("dtstart", _utc(told.starts_at))
    event.add("dtend", _utc(told.ends_at))
    event.add("summary", told.summary)
    event.add("location", told.location)
    if told.description:
        event.add("description", told.description)
    event.add("organizer", vCalAddress(f"mailto:{organizer}"))
    return event


def _utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("an instant without time zone")
    return moment.astimezone(UTC)
