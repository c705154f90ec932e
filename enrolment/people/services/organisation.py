"""Set up federations, municipalities, units, users and their roles."""

from dataclasses import dataclass

from django.db import transaction

from enrolment.audit.services import Actor, record
from enrolment.people.domain import hsa_id
from enrolment.people.domain.sorting import sort_key
from enrolment.people.models import CareUnit, Federation, Membership, Municipality, User

SORT_KEY_LENGTH = 120


class PlaceElsewhere(Exception):
    """The municipality or unit of a role belongs to another federation."""


@dataclass(frozen=True)
class UnitFacts:
    """What is known of a unit; coordinates in degrees (WGS 84), roads in kilometres one way."""

    hsa_id: str
    name: str
    street: str
    postcode: str
    town: str
    latitude: float
    longitude: float
    room_note: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    cost_centre: str = ""
    km_to_office: float | None = None
    km_to_base: float | None = None


@transaction.atomic
def create_federation(*, actor: Actor, name: str, slug: str, hsa: str, contact: str) -> Federation:
    """Make a federation. Raises HsaIdError, or ValidationError where slug or HSA-id is taken."""
    federation = Federation(name=name, slug=slug, hsa_id=hsa_id.parse(hsa).text, contact=contact)
    federation.full_clean()
    federation.save(force_insert=True)
    _record(actor, "people.create_federation", federation, federation)
    return federation


@transaction.atomic
def add_municipality(*, actor: Actor, federation: Federation, code: str, name: str) -> Municipality:
    """Add a municipality. Raises ValidationError where the code is taken."""
    municipality = Municipality(
        federation=federation, code=code, name=name, sort_key=sort_key(name)
    )
    municipality.full_clean()
    municipality.save(force_insert=True)
    _record(actor, "people.add_municipality", municipality, federation)
    return municipality


@transaction.atomic
def add_unit(*, actor: Actor, municipality: Municipality, facts: UnitFacts) -> CareUnit:
    """Add a care unit. Raises HsaIdError, or ValidationError for what the form would refuse."""
    unit = CareUnit(municipality=municipality, sort_key=_unit_order(facts), **vars(facts))
    unit.hsa_id = hsa_id.parse(facts.hsa_id).text
    unit.full_clean()
    unit.save(force_insert=True)
    _record(actor, "people.add_unit", unit, municipality.federation)
    return unit


@transaction.atomic
def change_unit(*, actor: Actor, unit: CareUnit, facts: UnitFacts) -> CareUnit:
    """Correct what is known of a unit. Raises as `add_unit`."""
    for name, value in vars(facts).items():
        setattr(unit, name, value)
    unit.sort_key = _unit_order(facts)
    unit.hsa_id = hsa_id.parse(facts.hsa_id).text
    unit.full_clean()
    unit.save()
    _record(actor, "people.change_unit", unit, unit.municipality.federation)
    return unit


@transaction.atomic
def add_user(*, actor: Actor, federation: Federation, email: str, name: str, password: str) -> User:
    """Add somebody who may log in; an empty password means none works."""
    user = User(email=email.lower(), name=name)
    user.set_password(password or None)
    user.full_clean()
    user.save(force_insert=True)
    _record(actor, "people.add_user", user, federation)
    return user


@transaction.atomic
def give_role(
    *,
    actor: Actor,
    user: User,
    role: str,
    federation: Federation,
    municipality: Municipality | None = None,
    unit: CareUnit | None = None,
) -> Membership:
    """Give a role for the federation, or for one municipality or one unit of it.

    Raises PlaceElsewhere.
    """
    place = municipality or (unit and unit.municipality)
    if place and place.federation_id != federation.pk:
        raise PlaceElsewhere
    membership, _new = Membership.objects.get_or_create(
        user=user, role=role, federation=federation, municipality=municipality, unit=unit
    )
    record(
        actor=actor,
        action="people.give_role",
        subject=membership,
        federation_id=federation.pk,
        role=role,
        user=str(user.pk),
    )
    return membership


def _unit_order(facts: UnitFacts) -> str:
    """Return the sort key, as long as its column; å, ä and ö take two places in it."""
    return sort_key(facts.name)[:SORT_KEY_LENGTH]


def _record(
    actor: Actor,
    action: str,
    subject: Federation | Municipality | CareUnit | User,
    federation: Federation,
) -> None:
    record(actor=actor, action=action, subject=subject, federation_id=federation.pk)
