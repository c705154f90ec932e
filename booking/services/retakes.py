"""Give people whose photo the card issuer refused a new time, or ask their manager to."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from booking import queries
from booking.domain.states import VisitKind, VisitStatus
from booking.models import Booking, Slot, Visit
from booking.services.bookings import book_slot
from booking.services.refusals import BookingRefused
from enrolment.audit.services import Actor
from enrolment.messages.services import Email, page_address, write_message
from enrolment.people.domain.stages import Stage
from enrolment.people.models import CardNeed, CareUnit, Membership, User

# A house choice: nobody is called in at shorter notice without having been asked.
NOTICE = timedelta(hours=4)


def hold_photo_visits(units: Collection[UUID]) -> None:
    """Hold the visits in which `offer_new_time` may book people of these units.

    Visits are locked before needs (docs/explanation/locking.md): call this first.
    """
    visits = _photo_visits().filter(unit__in=units).select_for_update().order_by("pk")
    list(visits.values_list("pk", flat=True))


def offer_new_time(*, actor: Actor, need: CardNeed, why: str) -> Booking | None:
    """Book the earliest free slot of a photo visit at the person's unit; `why` is told by mail.

    None where there is no such slot, or the person's identity is protected: a handler books. The
    caller holds the unit's visits (`hold_photo_visits`) and the need, which waits for a retake.
    """
    staff = need.staff
    slot = None if staff.protected else _first_free(staff.unit_id)
    if slot is None or need.stage != Stage.RETAKE:
        return None
    try:
        return book_slot(actor=actor, slot=slot, need=need, why=why)
    except BookingRefused:
        return None


def ask_managers(*, actor: Actor, unit: CareUnit, needs: Iterable[CardNeed], key: str) -> int:
    """Ask the unit's care managers, by one mail each, to book these people; return how many.

    Protected persons are not named. `key` tells the occasion apart from others.
    """
    people = [need.staff.name for need in needs if not need.staff.protected]
    managers = care_managers(unit) if people else []
    for manager in managers:
        values = {
            "name": manager.name,
            "unit": unit,
            "people": people,
            "link": page_address(reverse("booking:new")),
        }
        subject = render_to_string("booking/mail/retake_subject.txt", values).strip()
        body = render_to_string("booking/mail/retake_body.txt", values).strip()
        write_message(
            actor=actor,
            federation_id=unit.municipality.federation_id,
            key=f"retake:{key}:{unit.pk}:{manager.pk}",
            email=Email(recipient=manager.email, subject=subject, body=body),
        )
    return len(managers)


def care_managers(unit: CareUnit) -> list[User]:
    """Return the unit's own care managers; where it has none, those of its municipality."""
    held = Membership.objects.filter(
        role=Membership.Role.CARE_MANAGER, federation=unit.municipality.federation_id
    )
    own, wider = held.filter(unit=unit), held.filter(unit=None, municipality=unit.municipality_id)
    memberships = own if own.exists() else wider
    managers = User.objects.filter(is_active=True, pk__in=memberships.values("user"))
    return list(managers.order_by("name", "email"))


def _photo_visits() -> QuerySet[Visit]:
    return Visit.objects.filter(
        kind=VisitKind.PHOTO, status=VisitStatus.OPEN, ends_at__gt=timezone.now()
    )


def _first_free(unit_id: UUID) -> Slot | None:
    free = queries.untaken_slots().filter(
        visit__in=_photo_visits().filter(unit=unit_id),
        starts_at__gte=timezone.now() + NOTICE,
    )
    return free.select_related("visit").order_by("starts_at", "station", "pk").first()
