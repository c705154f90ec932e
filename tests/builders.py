"""Plain builders: each makes one thing with sensible values, and what it stands on."""

import itertools
import uuid
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking.models import Technician, Visit, WardMinimum
from booking.services.visits import open_visit
from enrolment.people.domain.sorting import sort_key
from enrolment.people.domain.stages import Reason
from enrolment.people.models import (
    CardNeed,
    CareUnit,
    Federation,
    Membership,
    Municipality,
    Shift,
    Staff,
    User,
)
from enrolment.people.services.needs import open_need

STOCKHOLM = ZoneInfo("Europe/Stockholm")
_numbers = itertools.count(1)


def number() -> int:
    return next(_numbers)


def hsa_id(local: str = "") -> str:
    return f"SE5560000000-{local or f'P{number():05}'}"


def federation(name: str = "Ådalens IT") -> Federation:
    made = number()
    return Federation.objects.create(
        name=name, slug=f"federation-{made}", hsa_id=hsa_id(f"F{made}"), contact="Korthjälpen"
    )


def municipality(of: Federation | None = None, name: str = "Ådal") -> Municipality:
    return Municipality.objects.create(
        federation=of or federation(),
        code=f"{number() % 10000:04}",
        name=name,
        sort_key=sort_key(name),
    )


def unit(within: Municipality | None = None, name: str = "Björkgården") -> CareUnit:
    return CareUnit.objects.create(
        municipality=within or municipality(),
        hsa_id=hsa_id(f"E{number():05}"),
        name=name,
        sort_key=sort_key(name),
        street="Storgatan 1",
        postcode="531 30",
        town="Lidköping",
        latitude=58.5052,
        longitude=13.1577,
    )


def staff(
    at: CareUnit | None = None, given_name: str = "Åsa", family_name: str = "Öberg", **more
) -> Staff:
    at = at or unit()
    return Staff.objects.create(
        federation=at.municipality.federation,
        unit=at,
        hsa_id=more.pop("hsa_id", None) or hsa_id(),
        given_name=given_name,
        family_name=family_name,
        sort_key=sort_key(family_name, given_name),
        email=more.pop("email", f"person{number()}@example.org"),
        **more,
    )


def user(role: str = "", *, within=None, name: str = "Kim Test") -> User:
    """Make a user; `within` is the federation, municipality or unit of the role."""
    made = User.objects.create(email=f"user{number()}@example.org", name=name)
    if role:
        give_role(made, role, within)
    return made


def give_role(to: User, role: str, within) -> Membership:
    scope = {"federation": within}
    if isinstance(within, Municipality):
        scope = {"federation": within.federation, "municipality": within}
    if isinstance(within, CareUnit):
        scope = {"federation": within.municipality.federation, "unit": within}
    return Membership.objects.create(user=to, role=role, **scope)


def need(
    of: Staff | None = None, due_on: date = date(2027, 3, 1), actor: User | None = None
) -> CardNeed:
    return open_need(
        actor=actor or user(), staff=of or staff(), reason=Reason.RENEWAL, due_on=due_on
    )


def technician(of: Federation | None = None) -> Technician:
    of = of or federation()
    return Technician.objects.create(
        federation=of,
        user=user("technician", within=of),
        base="Lidköping",
        latitude=58.5052,
        longitude=13.1577,
    )


def tomorrow(hour: int = 9, minute: int = 0) -> datetime:
    day = datetime.now(STOCKHOLM).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=STOCKHOLM)


def visit(
    at: CareUnit | None = None, by: Technician | None = None, hours: int = 2, **more
) -> Visit:
    at = at or unit()
    starts_at = more.pop("starts_at", tomorrow())
    return open_visit(
        actor=more.pop("actor", None) or user("care_manager", within=at),
        unit=at,
        technician=by or technician(at.municipality.federation),
        kind=more.pop("kind", "photo"),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=hours),
        slot_minutes=more.pop("slot_minutes", 4),
        stations=more.pop("stations", 1),
        form_key=more.pop("form_key", uuid.uuid4()),
    )


def ward_minimum(at: CareUnit, title: str = "", least: int = 1, **more) -> WardMinimum:
    starts, ends = more.pop("starts", time(0)), more.pop("ends", time(23, 59))
    return WardMinimum.objects.create(unit=at, title=title, least=least, starts=starts, ends=ends)


def shift(of: Staff, starts_at: datetime, hours: float = 8, kind: str = "work") -> Shift:
    ends_at = starts_at + timedelta(hours=hours)
    return Shift.objects.create(staff=of, kind=kind, starts_at=starts_at, ends_at=ends_at)
