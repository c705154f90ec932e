"""Tell care managers of visits to their units, and technicians of tomorrow's."""

from collections.abc import Sequence
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from booking.domain.states import VisitKind
from booking.models import Technician, Visit
from booking.queries import letters as queries
from booking.services.letters import EMAIL, said_address, said_time
from enrolment.audit.services import Actor
from enrolment.messages.domain.placeholders import Value
from enrolment.messages.services import (
    Email,
    page_address,
    withdraw_messages,
    word_message,
    write_message,
)
from enrolment.people.models import CardNeed, CareUnit, Federation, User


def send_visit_booked(*, actor: Actor, visit: Visit) -> None:
    """Tell the units' care managers, once, that a visit is booked."""
    _tell_managers(actor, visit, "visit_booked", f"visit:{visit.pk}:booked")


def send_visit_planned(*, actor: Actor, visit: Visit) -> None:
    """Ask the units' care managers, once, to book their people into a visit of a round."""
    _tell_managers(actor, visit, "visit_planned", f"visit:{visit.pk}:planned")


def send_visit_changed(*, actor: Actor, visit: Visit) -> None:
    """Tell the units' care managers how a visit is now; call it once for each change."""
    withdraw_messages(prefix=f"visit:{visit.pk}:")
    key = f"visit:{visit.pk}:changed:{timezone.now():%y%j%H%M%S%f}"
    _tell_managers(actor, visit, "visit_changed", key)


def send_visit_cancelled(*, actor: Actor, visit: Visit) -> None:
    """Tell the units' care managers, once, that a visit is called off."""
    withdraw_messages(prefix=f"visit:{visit.pk}:")
    key = f"visit:{visit.pk}:cancelled"
    _tell_managers(actor, visit, "visit_cancelled", key, link="booking:new")


def send_week_before(*, actor: Actor, visit: Visit) -> None:
    """Tell the units' care managers, once, who still lacks a time in the visit."""
    lacking = [need.staff.name for need in queries.without_time(visit)]
    people = lacking or [_("Nobody: all who need a card have a time.")]
    _tell_managers(actor, visit, "visit_week", week_key(visit), people=people)


def send_summary(*, actor: Actor, visit: Visit) -> None:
    """Tell the units' care managers, once, how the visit went and who must have a new time."""
    people = [staff.name for staff in queries.absent(visit)] or [_("Nobody: everybody came.")]
    key = summary_key(visit)
    _tell_managers(actor, visit, "visit_summary", key, people=people, link="booking:new")


def week_key(visit: Visit) -> str:
    """Return how the keys begin of what is said a week before the visit, as it is planned now."""
    return f"visit:{visit.pk}:week:{visit.starts_at:%y%m%d}"


def summary_key(visit: Visit) -> str:
    """Return how the keys begin of what is said after the visit."""
    return f"visit:{visit.pk}:summary"


def send_ask(
    *, actor: Actor, unit: CareUnit, manager: User, needs: Sequence[CardNeed], key: str
) -> None:
    """Ask a care manager, once for the occasion `key`, to book a visit for these people.

    None of them is protected.
    """
    federation = unit.municipality.federation
    values: dict[str, Value] = {
        "chef": manager.name,
        "enhet": unit.name,
        "antal": str(len(needs)),
        "personer": [need.staff.name for need in needs],
        "länk": page_address(reverse("booking:new")),
        "förbund": federation.name,
    }
    key_of_one = f"retake:{key}:{unit.pk}:{manager.pk}"
    _write(actor, federation, manager, "ask_manager", key_of_one, values)


def send_technician_day(
    *, actor: Actor, technician: Technician, day: date, visits: Sequence[Visit]
) -> None:
    """Tell a technician, once, which visits the day holds; `visits` in order of time."""
    federation = technician.federation
    values = {
        "tekniker": technician.user.name,
        "tid": said_time(visits[0].starts_at),
        "besökslista": [_line(visit) for visit in visits],
        "länk": page_address(reverse("booking:list")),
        "förbund": federation.name,
    }
    key = f"technician:{technician.pk}:{day:%Y%m%d}"
    _write(actor, federation, technician.user, "technician_day", key, values)


def _tell_managers(
    actor: Actor,
    visit: Visit,
    kind: str,
    key: str,
    *,
    people: Sequence[str] = (),
    link: str = "booking:visit",
) -> None:
    federation = visit.unit.municipality.federation
    values = _values(visit, people, reverse(link, args=[visit.pk] if "visit" in link else []))
    for manager in queries.managers_of(visit):
        own = {**values, "chef": manager.name}
        _write(actor, federation, manager, kind, f"{key}:{manager.pk}", own)


def _values(visit: Visit, people: Sequence[str], path: str) -> dict[str, Value]:
    unit = visit.unit
    return {
        "besök": _("photo visit") if visit.kind == VisitKind.PHOTO else _("activation visit"),
        "tid": said_time(visit.starts_at, visit.ends_at),
        "enhet": unit.name,
        "adress": said_address(unit),
        "rum": unit.room_note,
        "antal": str(queries.booked_count(visit)),
        "klara": str(queries.done_count(visit)),
        "personer": people,
        "länk": page_address(path),
        "förbund": unit.municipality.federation.name,
    }


def _write(
    actor: Actor,
    federation: Federation,
    reader: User,
    kind: str,
    key: str,
    values: dict[str, Value],
) -> None:
    wording = word_message(federation_id=federation.pk, key=kind, channel=EMAIL, values=values)
    write_message(
        actor=actor,
        federation_id=federation.pk,
        key=key,
        email=Email(reader.email, wording.subject, wording.body),
    )


def _line(visit: Visit) -> str:
    starts, ends = (timezone.localtime(at) for at in (visit.starts_at, visit.ends_at))
    return f"{starts:%H.%M}–{ends:%H.%M} {visit.unit.name}, {said_address(visit.unit)}"
