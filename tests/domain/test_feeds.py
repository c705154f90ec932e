"""A published calendar is read the same by two readers, and its version follows what it says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from booking.domain.feeds import FeedCalendar, FeedEvent, published, version

STARTS = datetime(2026, 5, 12, 8, 4, tzinfo=UTC)
EVENT = FeedEvent(
    "feed-1@fotorundan",
    STARTS,
    STARTS + timedelta(hours=2),
    "Fotobesök: Ängen; Öst, 2",
    "Ängen, Storgatan 1",
    "12 personer har en tid.",
)
CALENDAR = FeedCalendar("Besök: Ängen", "kort@example.org", (EVENT,))
printable = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]))


def test_two_readers_see_the_same():
    ics = published(CALENDAR, STARTS)
    (event,) = Calendar.from_ical(ics).walk("VEVENT")
    other = vobject.readOne(ics.decode())
    assert Calendar.from_ical(ics)["METHOD"] == other.method.value == "PUBLISH"
    assert str(event["SUMMARY"]) == other.vevent.summary.value == EVENT.summary
    assert event.decoded("DTSTART") == other.vevent.dtstart.value == EVENT.starts_at
    assert event.decoded("DTEND") == other.vevent.dtend.value == EVENT.ends_at
    assert str(event["LOCATION"]) == other.vevent.location.value == EVENT.location
    assert "ATTENDEE" not in event
    assert event["ORGANIZER"] == "mailto:kort@example.org"  # RFC 5546 asks for it in PUBLISH


def test_a_calendar_without_entries_can_be_read():
    ics = published(replace(CALENDAR, events=()), STARTS)
    assert Calendar.from_ical(ics).walk("VEVENT") == []


def test_the_version_follows_what_is_said_and_not_the_hour_it_is_fetched():
    later = replace(EVENT, ends_at=EVENT.ends_at + timedelta(minutes=1))
    others = [
        replace(CALENDAR, events=()),
        replace(CALENDAR, events=(later,)),
        replace(CALENDAR, events=(EVENT, later)),
        replace(CALENDAR, name="Annat"),
        *(
            replace(CALENDAR, events=(replace(EVENT, **{name: "annat"}),))
            for name in ("uid", "summary", "location", "description")
        ),
    ]
    versions = {version(each) for each in (CALENDAR, *others)}
    assert len(versions) == 1 + len(others)
    local = replace(EVENT, starts_at=STARTS.astimezone(), ends_at=EVENT.ends_at.astimezone())
    assert version(replace(CALENDAR, events=(local,))) == version(CALENDAR)


@given(printable)
def test_any_text_comes_back(text):
    ics = published(replace(CALENDAR, events=(replace(EVENT, summary=text),)), STARTS)
    (event,) = Calendar.from_ical(ics).walk("VEVENT")
    assert event["SUMMARY"] == text


@pytest.mark.parametrize("field", ["starts_at", "ends_at"])
def test_an_instant_without_time_zone_is_refused(field):
    naive = replace(EVENT, **{field: getattr(EVENT, field).replace(tzinfo=None)})
    with pytest.raises(ValueError, match="time zone"):
        published(replace(CALENDAR, events=(naive,)), STARTS)
