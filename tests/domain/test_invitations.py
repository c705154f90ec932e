import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from booking.domain.invitations import Invitation, cancel, request

STARTS = datetime(2026, 5, 12, 10, 4, tzinfo=ZoneInfo("Europe/Stockholm"))
INVITATION = Invitation(
    uid="5f0e1c9a@fotorundan",
    sequence=0,
    stamp=datetime(2026, 5, 1, 7, 30, tzinfo=UTC),
    starts_at=STARTS,
    ends_at=STARTS + timedelta(minutes=4),
    summary="Fotografering för SITHS-kort",
    description="Ta med id-handling; körkort, pass eller id-kort.\nVälkommen!",
    location="Solgården, Storgatan 1, Lidköping",
    organizer="kort@example.org",
    organizer_name="Korthjälpen",
    attendee="asa@example.org",
    attendee_name="Åsa Öberg",
)
PERSON = "PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=FALSE"


def lines(ics: bytes) -> list[str]:
    """Unfold as RFC 5545 3.1 says, without the library that wrote the bytes."""
    assert ics.endswith(b"\r\n")
    assert b"\n" not in ics.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in ics.split(b"\r\n"))
    return re.sub(rb"\r\n[ \t]", b"", ics).decode().removesuffix("\r\n").split("\r\n")


def properties(ics: bytes) -> dict[str, str]:
    """Return name, with its parameters sorted, to value, with its text unescaped."""
    found = {}
    for line in lines(ics):
        name, value = re.fullmatch(r'((?:[^":]|"[^"]*")*):(.*)', line).groups()
        if name not in {"BEGIN", "END"}:
            head, *parameters = name.split(";")
            key = ";".join([head, *sorted(parameters)])
            assert key not in found
            found[key] = re.sub(r"\\([nN\\;,])", lambda m: "\n" if m[1] in "nN" else m[1], value)
    return found


def test_a_request_says_it_all_to_a_reader_made_by_hand():
    assert properties(request(INVITATION)) == {
        "VERSION": "2.0",
        "PRODID": "-//Fotorundan//Booking//SV",
        "METHOD": "REQUEST",
        "UID": "5f0e1c9a@fotorundan",
        "SEQUENCE": "0",
        "STATUS": "CONFIRMED",
        "DTSTAMP": "20260501T073000Z",
        "DTSTART": "20260512T080400Z",
        "DTEND": "20260512T080800Z",
        "SUMMARY": INVITATION.summary,
        "DESCRIPTION": INVITATION.description,
        "LOCATION": INVITATION.location,
        "ORGANIZER;CN=Korthjälpen": "mailto:kort@example.org",
        f'ATTENDEE;CN="Åsa Öberg";{PERSON}': "mailto:asa@example.org",
    }


def test_a_request_says_the_same_to_the_library():
    calendar = Calendar.from_ical(request(INVITATION))
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("REQUEST", "CONFIRMED", 0)
    assert event.decoded("DTSTART") == STARTS
    assert event.decoded("DTEND") == STARTS + timedelta(minutes=4)
    assert event.decoded("DTSTAMP") == INVITATION.stamp
    assert event["DESCRIPTION"] == INVITATION.description
    assert event["ATTENDEE"] == "mailto:asa@example.org"
    assert event["ORGANIZER"] != event["ATTENDEE"]


def test_a_cancellation_differs_in_method_and_status_alone():
    asked, cancelled = properties(request(INVITATION)), properties(cancel(INVITATION))
    assert cancelled == asked | {"METHOD": "CANCEL", "STATUS": "CANCELLED"}


def test_there_is_one_event_and_no_time_zone_block():
    for ics in (request(INVITATION), cancel(INVITATION)):
        begun = [line for line in lines(ics) if line.startswith(("BEGIN", "END"))]
        assert begun == ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "END:VCALENDAR"]
        assert b"TZID" not in ics


def test_a_calendar_that_follows_the_messages_ends_without_the_event():
    moved = replace(
        INVITATION,
        sequence=1,
        starts_at=STARTS + timedelta(days=1),
        ends_at=STARTS + timedelta(days=1, minutes=4),
    )
    gone = replace(moved, sequence=2)
    calendar: dict[str, tuple[int, datetime]] = {}
    for ics in (request(INVITATION), request(moved), cancel(gone)):
        (event,) = Calendar.from_ical(ics).walk("VEVENT")
        uid, sequence = str(event["UID"]), int(event["SEQUENCE"])
        assert sequence > calendar.get(uid, (-1, None))[0]
        calendar[uid] = (sequence, event.decoded("DTSTART"))
        if event["STATUS"] == "CANCELLED":
            del calendar[uid]
        else:
            assert calendar[uid][1] == (moved.starts_at if sequence else STARTS)
    assert calendar == {}


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"])))
def test_any_text_comes_back_from_both_readers(text: str):
    ics = request(replace(INVITATION, summary=text, location=text, description=f"{text}\n{text}"))
    (event,) = Calendar.from_ical(ics).walk("VEVENT")
    found = properties(ics)
    assert event["SUMMARY"] == found["SUMMARY"] == text
    assert event["DESCRIPTION"] == found["DESCRIPTION"] == f"{text}\n{text}"


@pytest.mark.parametrize("field", ["organizer", "attendee"])
def test_an_address_can_not_add_a_line(field: str):
    with pytest.raises(ValueError, match="CR or LF"):
        request(replace(INVITATION, **{field: "a@example.org\r\nX-EVIL:1"}))


@pytest.mark.parametrize("field", ["uid", "summary", "description", "location", "attendee_name"])
def test_a_text_can_not_add_a_line(field: str):
    ics = request(replace(INVITATION, **{field: "a\r\nX-EVIL:1"}))
    assert not [line for line in lines(ics) if line.startswith("X-EVIL")]


@pytest.mark.parametrize("field", ["stamp", "starts_at", "ends_at"])
def test_an_instant_without_time_zone_is_refused(field: str):
    naive = getattr(INVITATION, field).replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        request(replace(INVITATION, **{field: naive}))


def test_a_slot_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="ends before"):
        request(replace(INVITATION, ends_at=STARTS))
