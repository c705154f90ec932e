"""Reads for people's own ways to their time: which link, which code, what their page says."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse

from booking.domain.own_codes import code_of, grouped
from booking.domain.states import LIVE, VisitStatus, WaitStatus
from booking.models import Booking, OwnLink, Slot, Visit, Waiting
from enrolment import vault
from enrolment.messages.services import page_address
from enrolment.people.models import Shift, Staff

IN_LINE = (WaitStatus.WAITING, WaitStatus.OFFERED)
# A roster that says nothing within a week of the slot does not reach it.
ROSTER_REACH = timedelta(days=7)


@dataclass(frozen=True)
class Slip:
    """A line of a call list: whose time, the printed code and the address of the own page."""

    booking: Booking
    code: str
    address: str


def token_of(link: OwnLink) -> str:
    """Return the link's secret: 256 bits, fit for an address."""
    digest = bytes.fromhex(vault.blind_index(f"{link.pk}:{link.edition}", "own_link_token"))
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def code_on_slip(link: OwnLink) -> str:
    """Return the link's code as it is printed."""
    return grouped(_code(link))


def address_of(link: OwnLink) -> str:
    """Return where the person's own page is."""
    return page_address(reverse("booking:own_time", args=[token_of(link)]))


def token_digest(token: str) -> str:
    """Return by what a row is found: how long that takes tells nothing of the token."""
    return hashlib.sha256(token.encode()).hexdigest()


def code_digest(code: str) -> str:
    """Return by what a code, ungrouped, is found; keyed, since codes are few enough to try."""
    return vault.blind_index(code, "own_link_code_digest")


def digests(link: OwnLink) -> tuple[str, str]:
    """Return the digests of token and code that the link's row should hold."""
    return token_digest(token_of(link)), code_digest(_code(link))


def slips(visit: Visit) -> list[Slip]:
    """Return a slip for each live booking of the visit that has a way of its own, in order.

    Never one for a protected person. Two queries.
    """
    links = {link.need_id: link for link in visit.own_links.filter(revoked_at=None)}
    live = visit.bookings.filter(status__in=LIVE, need__in=links, need__staff__protected=False)
    in_order = live.select_related("need__staff__unit", "slot").order_by(
        "slot__starts_at", "slot__station"
    )
    return [_slip(booking, links[booking.need_id]) for booking in in_order]


def _slip(booking: Booking, link: OwnLink) -> Slip:
    return Slip(booking, code_on_slip(link), address_of(link))


def _code(link: OwnLink) -> str:
    return code_of(vault.blind_index(f"{link.pk}:{link.edition}", "own_link_code"))


def striking(visit: Visit, now: datetime) -> bool:
    """Say whether people still tell which times of the visit do not suit them."""
    return visit.strike_until is not None and now < visit.strike_until


def at_work(staff: Staff, slot: Slot) -> bool:
    """Say whether the person works at the slot's time; yes where no roster tells of those days."""
    near = staff.shifts.filter(
        starts_at__lt=slot.ends_at + ROSTER_REACH, ends_at__gt=slot.starts_at - ROSTER_REACH
    )
    shifts = list(near)
    working = [shift for shift in shifts if shift.kind == Shift.Kind.WORK]
    here = [shift for shift in shifts if _overlap(shift, slot)]
    if any(shift.kind == Shift.Kind.BUSY for shift in here):
        return False
    covers = any(
        shift.starts_at <= slot.starts_at and shift.ends_at >= slot.ends_at for shift in working
    )
    return covers or not working


def visits_to_sweep(now: datetime) -> list[UUID]:
    """Return the visits, of every federation, with a wait that has come to its end."""
    ended = Waiting.objects.filter(_wait_over(now), status__in=IN_LINE)
    return sorted(set(ended.values_list("visit", flat=True)))


def waits_to_end(visit: Visit, now: datetime) -> QuerySet[Waiting]:
    """Return the visit's waits that have come to their end, with the slots that were offered."""
    ended = visit.waiting.filter(_wait_over(now), status__in=IN_LINE)
    return ended.select_related("slot", "need__staff").order_by("created_at", "pk")


def _wait_over(now: datetime) -> Q:
    unanswered = Q(status=WaitStatus.OFFERED, answer_by__lte=now)
    visit_over = ~Q(visit__status=VisitStatus.OPEN) | Q(visit__ends_at__lte=now)
    nobody = Q(need__open=False) | Q(need__staff__protected=True)
    return unanswered | visit_over | nobody | ~Q(need__staff__left_on=None)


def _overlap(shift: Shift, slot: Slot) -> bool:
    return shift.starts_at < slot.ends_at and shift.ends_at > slot.starts_at
