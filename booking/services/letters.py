"""Tell the booked person by e-mail, with a calendar object: new, moved or cancelled."""

from email.utils import parseaddr

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from booking.domain import invitations
from booking.domain.invitations import Invitation
from booking.models import Booking
from enrolment.audit.services import Actor
from enrolment.messages.services import Email, write_message


def send_request(*, actor: Actor, booking: Booking, why: str = "") -> None:
    """Send the time that the booking has now, as an iTIP REQUEST; `why` is a sentence about it."""
    _send(actor, booking, "moved" if booking.sequence else "new", why)


def send_cancellation(*, actor: Actor, booking: Booking) -> None:
    """Send that the time is given up, as an iTIP CANCEL."""
    _send(actor, booking, "cancelled")


def _send(actor: Actor, booking: Booking, occasion: str, why: str = "") -> None:
    """Write the message, unless the person is protected or has no address."""
    staff = booking.need.staff
    if staff.protected or not staff.email:
        return
    method = "CANCEL" if occasion == "cancelled" else "REQUEST"
    write_message(
        actor=actor,
        federation_id=staff.federation_id,
        key=f"booking:{booking.pk}:{booking.sequence}:{method.lower()}",
        email=_email(booking, occasion, method, why),
    )


def _email(booking: Booking, occasion: str, method: str, why: str) -> Email:
    subject, body = _text("subject", booking, occasion, why), _text("body", booking, occasion, why)
    invitation = _invitation(booking, body)
    make = invitations.cancel if method == "CANCEL" else invitations.request
    return Email(
        recipient=booking.need.staff.email,
        subject=subject,
        body=body,
        calendar=make(invitation).decode(),
        calendar_method=method,
    )


def _invitation(booking: Booking, description: str) -> Invitation:
    staff, unit = booking.need.staff, booking.visit.unit
    return Invitation(
        uid=f"{booking.pk}@fotorundan",
        sequence=booking.sequence,
        stamp=timezone.now(),
        starts_at=booking.slot.starts_at,
        ends_at=booking.slot.ends_at,
        summary=_text("summary", booking, "new"),
        description=description,
        location=_text("place", booking, "new"),
        organizer=parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        organizer_name=unit.municipality.federation.name,
        attendee=staff.email,
        attendee_name=staff.name,
    )


def _text(part: str, booking: Booking, occasion: str, why: str = "") -> str:
    values = {"booking": booking, "unit": booking.visit.unit, "occasion": occasion, "why": why}
    return render_to_string(f"booking/mail/{part}.txt", values).strip()
