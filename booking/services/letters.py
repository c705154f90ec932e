"""Tell the person whose time it is: new, moved, cancelled, soon, or free to take.

By e-mail with a calendar object where the person has an address; else, where the rule `sms` is on,
by SMS outside the quiet hours. A protected person is told nothing here: a handler calls.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parseaddr
from itertools import islice

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from booking.domain import invitations
from booking.domain.invitations import Invitation
from booking.domain.quiet_hours import after_quiet
from booking.domain.states import VisitKind
from booking.models import Booking, Slot, Visit, Waiting
from booking.queries import letters as queries
from booking.services.own_links import OwnWay, own_way
from booking.services.refusals import ProtectedPerson
from enrolment.audit.services import Actor
from enrolment.messages.domain.placeholders import Value
from enrolment.messages.models import Message
from enrolment.messages.services import (
    Email,
    Sms,
    Wording,
    retry_message,
    withdraw_messages,
    word_message,
    write_message,
)
from enrolment.people import rules
from enrolment.people.models import CardNeed, CareUnit, Staff

EMAIL, SMS = Message.Channel.EMAIL.value, Message.Channel.SMS.value


@dataclass(frozen=True)
class _Time:
    """A time to write about: whose, which, where; the person's own way to it, once opened."""

    need: CardNeed
    visit: Visit
    slot: Slot
    way: OwnWay | None = None

    @property
    def staff(self) -> Staff:
        """Return the person."""
        return self.need.staff


def send_request(
    *, actor: Actor, booking: Booking, way: OwnWay | None = None, why: str = ""
) -> None:
    """Send the time that the booking has now, as an iTIP REQUEST; `why` is a sentence about it.

    `way` is the person's own way to it, where the caller has it already. What was to be said of an
    earlier time is withdrawn.
    """
    kind = "moved" if booking.sequence else "new_time" if why else "invitation"
    _send_about(actor, booking, kind, "REQUEST", why, way)


def send_cancellation(*, actor: Actor, booking: Booking) -> None:
    """Send that the time is given up, as an iTIP CANCEL; what was to be said of it is withdrawn."""
    _send_about(actor, booking, "cancelled", "CANCEL")


def send_reminder(*, actor: Actor, booking: Booking, kind: str) -> None:
    """Remind the person, once, of the time that the booking has now: by every channel there is.

    `kind` is `reminder_3d` or `reminder_24h`.
    """
    time = _Time(booking.need, booking.visit, booking.slot)
    for channel in _channels(time.staff):
        _write(
            actor,
            time,
            kind,
            channel,
            key=f"reminder:{booking.pk}:{booking.sequence}:{kind}:{channel}",
        )


def send_offer(*, actor: Actor, waiting: Waiting) -> None:
    """Offer the slot kept for a person who waits; the person's own page is where to answer."""
    slot = waiting.slot
    if slot is None or waiting.answer_by is None:
        return
    time = _Time(waiting.need, waiting.visit, slot)
    for channel in _best_channel(time.staff):
        _write(
            actor,
            time,
            "offer",
            channel,
            key=f"offer:{waiting.pk}:{slot.pk}",
            answer_by=waiting.answer_by,
        )


def withdraw_offer(*, waiting: Waiting) -> None:
    """Withdraw what still waits to be said of an offer."""
    withdraw_messages(prefix=f"offer:{waiting.pk}:")


def hears_before(staff: Staff, moment: datetime) -> bool:
    """Say whether something told to the person now is heard by the moment, quiet hours and all."""
    best = next(_channels(staff), None)
    return best == EMAIL or (best == SMS and _awake(staff.unit) <= moment)


def send_again(*, actor: Actor, message: Message) -> None:
    """Send a message that did not arrive once more, to the person's present address or number.

    One that is about nobody's time goes where it went. Raises MessageMoved, ProtectedPerson, and
    PhoneNumberError for a number that no SMS can go to.
    """
    staff = queries.people_told([message]).get(message.pk)
    if staff is not None and staff.protected:
        raise ProtectedPerson
    recipient = "" if staff is None else staff.phone if message.channel == SMS else staff.email
    calendar = message.calendar
    if recipient and calendar:
        calendar = invitations.readdressed(calendar, recipient)
    retry_message(actor=actor, message=message, recipient=recipient, calendar=calendar)


def _send_about(
    actor: Actor, booking: Booking, kind: str, method: str, why: str = "", way: OwnWay | None = None
) -> None:
    if booking.sequence:
        withdraw_messages(prefix=f"booking:{booking.pk}:")
        withdraw_messages(prefix=f"reminder:{booking.pk}:")
    time = _Time(booking.need, booking.visit, booking.slot, way)
    for channel in _best_channel(time.staff):
        key = f"booking:{booking.pk}:{booking.sequence}:{method.lower()}"
        _write(actor, time, kind, channel, key=key, why=why, booking=booking)


def _channels(staff: Staff) -> Iterator[str]:
    """Yield how the person is reached, the best way first; a protected person in no way."""
    if staff.protected:
        return
    if staff.email:
        yield EMAIL
    if staff.phone and rules.is_on("sms", staff.unit, timezone.localdate()):
        yield SMS


def _best_channel(staff: Staff) -> Iterator[str]:
    return islice(_channels(staff), 1)


def _write(
    actor: Actor,
    time: _Time,
    kind: str,
    channel: str,
    *,
    key: str,
    why: str = "",
    answer_by: datetime | None = None,
    booking: Booking | None = None,
) -> None:
    """Write the message; with a booking the e-mail carries its iTIP object."""
    staff = time.staff
    wording = word_message(
        federation_id=staff.federation_id,
        key=kind,
        channel=channel,
        values=_values(time, kind, why, answer_by),
    )
    if channel == SMS:
        write_message(
            actor=actor,
            federation_id=staff.federation_id,
            key=key,
            sms=Sms(staff.phone, wording.body),
            not_before=_awake(staff.unit),
        )
        return
    email = _email(time, wording, booking, kind)
    write_message(actor=actor, federation_id=staff.federation_id, key=key, email=email)


def _awake(unit: CareUnit) -> datetime:
    """Return when an SMS may go to somebody who works at the unit: now, or when quiet ends."""
    now = timezone.localtime()
    quiet = [rules.clock(key, unit, now.date()) for key in ("quiet_from", "quiet_until")]
    return after_quiet(now, *quiet)


def _values(time: _Time, kind: str, why: str, answer_by: datetime | None) -> dict[str, Value]:
    unit = time.visit.unit
    way = None
    if kind != "cancelled":
        way = time.way or own_way(visit=time.visit, need=time.need)
    return {
        "förnamn": time.staff.given_name,
        "ärende": _errand(time.visit.kind),
        "tid": said_time(time.slot.starts_at),
        "enhet": unit.name,
        "adress": said_address(unit),
        "rum": unit.room_note,
        "ta_med": _things_to_bring(time.visit.kind),
        "varför": why,
        "länk": way.address if way else "",
        "kod": way.code if way else "",
        "svara_före": said_time(answer_by) if answer_by else "",
        "förbund": unit.municipality.federation.name,
    }


def said_time(starts_at: datetime, ends_at: datetime | None = None) -> str:
    """Return an instant as a letter says it, by the Swedish clock; with an end, a period."""
    values = {"starts_at": starts_at, "ends_at": ends_at}
    return render_to_string("booking/mail/time.txt", values).strip()


def said_address(unit: CareUnit) -> str:
    """Return where the unit is, in one line."""
    return f"{unit.street}, {unit.postcode} {unit.town}"


def _errand(kind: str) -> str:
    if kind == VisitKind.PHOTO:
        return _("the photo for your SITHS card")
    return _("activating your SITHS card")


def _things_to_bring(kind: str) -> list[str]:
    things = [
        _(
            "A valid physical identity document: Swedish driving licence, passport, national id "
            "card, SIS-marked id card or the Swedish Tax Agency's id card. An id in the phone is "
            "not enough."
        ),
        _("Your present SITHS card, if you have one."),
    ]
    return [*things, _("Your new SITHS card.")] if kind == VisitKind.ACTIVATION else things


def _email(time: _Time, wording: Wording, booking: Booking | None, kind: str) -> Email:
    told = Email(recipient=time.staff.email, subject=wording.subject, body=wording.body)
    if booking is None:
        return told
    invitation = _invitation(time, booking, wording.body)
    cancelled = kind == "cancelled"
    make = invitations.cancel if cancelled else invitations.request
    return replace(
        told,
        calendar=make(invitation).decode(),
        calendar_method="CANCEL" if cancelled else "REQUEST",
    )


def _invitation(time: _Time, booking: Booking, description: str) -> Invitation:
    unit = time.visit.unit
    room = f" ({unit.room_note})" if unit.room_note else ""
    return Invitation(
        uid=f"{booking.pk}@fotorundan",
        sequence=booking.sequence,
        stamp=timezone.now(),
        starts_at=time.slot.starts_at,
        ends_at=time.slot.ends_at,
        summary=said_summary(time.visit.kind),
        description=description,
        location=f"{unit.name}, {said_address(unit)}{room}",
        organizer=parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        organizer_name=unit.municipality.federation.name,
        attendee=time.staff.email,
        attendee_name=time.staff.name,
    )


def said_summary(kind: str) -> str:
    """Return what a calendar calls a person's time at such a visit."""
    if kind == VisitKind.PHOTO:
        return _("Photo for the SITHS card")
    return _("Activation of the SITHS card")
