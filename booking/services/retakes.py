"""Give people a new time whose photo the card issuer refused, or who did not come."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from booking import queries
from booking.domain.states import VisitKind, VisitStatus
from booking.models import Booking, Slot, Visit
from booking.queries.letters import care_managers
from booking.services.bookings import book_slot
from booking.services.refusals import BookingRefused
from booking.services.visit_letters import send_ask
from enrolment.audit.services import Actor
from enrolment.people.domain.stages import Stage
from enrolment.people.models import CardNeed, CareUnit

# A house choice: nobody is called in at shorter notice without having been asked.
NOTICE = timedelta(hours=4)


def hold_photo_visits(units: Collection[UUID], *, beside: UUID | None = None) -> None:
    """Hold the visits in which `offer_new_time` may book people of these units, and one `beside`.

    Visits are locked before needs (docs/explanation/locking.md): call this first.
    """
    booked = _photo_visits().filter(unit__in=units).values("pk")
    visits = Visit.objects.filter(Q(pk__in=booked) | Q(pk=beside)).select_for_update()
    list(visits.order_by("pk").values_list("pk", flat=True))


def offer_new_time(
    *, actor: Actor, need: CardNeed, why: str, after: datetime | None = None
) -> Booking | None:
    """Book the earliest free slot of a photo visit at the person's unit; `why` is told by mail.

    With `after` only in a visit that begins later than that. None where there is no such slot, or
    the person's identity is protected: a handler books. The caller holds the unit's visits
    (`hold_photo_visits`) and the need, which waits for a new photo or whose person did not come.
    """
    staff = need.staff
    slot = None if staff.protected else _first_free(staff.unit_id, after)
    if slot is None or need.stage not in (Stage.RETAKE, Stage.NO_SHOW):
        return None
    try:
        return book_slot(actor=actor, slot=slot, need=need, why=why)
    except BookingRefused:
        return None


def ask_managers(*, actor: Actor, unit: CareUnit, needs: Iterable[CardNeed], key: str) -> int:
    """Ask the unit's care managers, by one mail each, to book these people; return how many.

    Protected persons are not named. `key` tells the occasion apart from others.
    """
    named = [need for need in needs if not need.staff.protected]
    managers = care_managers(unit) if named else []
    for manager in managers:
        send_ask(actor=actor, unit=unit, manager=manager, needs=named, key=key)
    return len(managers)


def _photo_visits() -> QuerySet[Visit]:
    return Visit.objects.filter(
        kind=VisitKind.PHOTO, status=VisitStatus.OPEN, ends_at__gt=timezone.now()
    )


def _first_free(unit_id: UUID, after: datetime | None) -> Slot | None:
    visits = _photo_visits().filter(unit=unit_id)
    if after:
        visits = visits.filter(starts_at__gt=after)
    free = queries.untaken_slots().filter(visit__in=visits, starts_at__gte=timezone.now() + NOTICE)
    return free.select_related("visit").order_by("starts_at", "station", "pk").first()
