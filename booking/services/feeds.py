"""Calendar addresses: made, shown once, then known by their digest alone; revoked; answered."""

import hashlib
import secrets
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.domain.feeds import FeedCalendar, FeedEvent
from booking.domain.states import VisitKind
from booking.models import Booking, Feed, Technician
from booking.queries import feeds as queries
from booking.services.letters import said_address, said_summary
from booking.services.refusals import ProtectedPerson
from enrolment import wall
from enrolment.audit.services import Actor, record
from enrolment.messages.services import page_address
from enrolment.people.models import CareUnit, Federation, Staff

TOKEN_BYTES = 32
# How far back a calendar reaches.
KEPT = timedelta(days=30)


@transaction.atomic
def make_feed(
    *,
    actor: Actor,
    federation: Federation,
    technician: Technician | None = None,
    unit: CareUnit | None = None,
    staff: Staff | None = None,
) -> tuple[Feed, str]:
    """Make a calendar address for one of the three; return it, which nobody can show again.

    Raises ProtectedPerson.
    """
    if staff is not None and staff.protected:
        raise ProtectedPerson
    token = secrets.token_urlsafe(TOKEN_BYTES)
    feed = Feed.objects.create(
        federation=federation,
        technician=technician,
        unit=unit,
        staff=staff,
        token_digest=_digest(token),
    )
    _record(actor, "booking.make_feed", feed)
    return feed, page_address(reverse("booking:feed", args=[token]))


@transaction.atomic
def revoke_feed(*, actor: Actor, feed: Feed) -> None:
    """Let the address lead nowhere from now on; twice is once."""
    alive = Feed.objects.filter(pk=feed.pk, revoked_at=None)
    if alive.update(revoked_at=timezone.now()):
        _record(actor, "booking.revoke_feed", feed)


@wall.lifted()
def feed_of(token: str) -> Feed | None:
    """Return the feed with this token that may still be read, or None.

    It is found by its SHA-256: how long that takes tells nothing of the token.
    """
    return queries.readable().filter(token_digest=_digest(token)).first()


def calendar_of(feed: Feed, now: datetime) -> FeedCalendar:
    """Return what the feed says now: of its own federation, and nobody's name."""
    with wall.narrowed([feed.federation_id]):
        since = now - KEPT
        if feed.staff:
            events = [_booking_event(each) for each in queries.bookings_of(feed.staff, since)]
            return _calendar(_("My time for the SITHS card"), events)
        visits = queries.visits_of(feed, since)
        name = feed.unit.name if feed.unit else str(feed.technician)
        return _calendar(_("Visits: %(name)s") % {"name": name}, [_visit_event(v) for v in visits])


def _calendar(name: str, events: list[FeedEvent]) -> FeedCalendar:
    return FeedCalendar(name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1], tuple(events))


def _booking_event(booking: Booking) -> FeedEvent:
    return FeedEvent(
        uid=f"feed-{booking.pk}@fotorundan",
        starts_at=booking.slot.starts_at,
        ends_at=booking.slot.ends_at,
        summary=said_summary(booking.kind),
        location=_place(booking.visit.unit),
        description=_("Bring a valid physical identity document."),
    )


def _visit_event(visit: "queries.CountedVisit") -> FeedEvent:
    kind = _("Photo visit") if visit.kind == VisitKind.PHOTO else _("Activation visit")
    booked = ngettext("One person has a time.", "%(count)s people have a time.", visit.taken) % {
        "count": visit.taken
    }
    return FeedEvent(
        uid=f"feed-{visit.pk}@fotorundan",
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        summary=f"{kind}: {visit.unit.name}",
        location=_place(visit.unit),
        description=booked,
    )


def _place(unit: CareUnit) -> str:
    room = f" ({unit.room_note})" if unit.room_note else ""
    return f"{unit.name}, {said_address(unit)}{room}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _record(actor: Actor, action: str, feed: Feed) -> None:
    record(actor=actor, action=action, subject=feed, federation_id=feed.federation_id)
