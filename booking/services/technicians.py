"""Say who drives out to the units, from where, and for which visits."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from booking.domain.states import VisitKind
from booking.models import Technician
from enrolment.audit.services import Actor, record
from enrolment.people.access import Role
from enrolment.people.models import Federation, User
from enrolment.people.services.organisation import give_role


@transaction.atomic
def register_technician(
    *,
    actor: Actor,
    user: User,
    federation: Federation,
    base: str,
    latitude: float,
    longitude: float,
) -> Technician:
    """Make a user a technician of the federation, role and all; again it moves the base.

    `latitude` and `longitude` of the base are degrees (WGS 84). Raises ValidationError for a base
    that is nowhere on earth, or for a technician of another federation.
    """
    technician = _save(user, federation, base=base, latitude=latitude, longitude=longitude)
    give_role(actor=actor, user=user, role=Role.TECHNICIAN, federation=federation)
    record(
        actor=actor,
        action="booking.register_technician",
        subject=technician,
        federation_id=federation.pk,
        user=str(user.pk),
    )
    return technician


@transaction.atomic
def set_up_technician(
    *,
    actor: Actor,
    user: User,
    federation: Federation,
    base: str,
    latitude: float,
    longitude: float,
    kinds: Sequence[str],
) -> Technician:
    """Say from where a technician drives and for which kinds of visit.

    The user holds the role already: no role is given here. Raises ValidationError for a user
    without it, a base that is nowhere on earth, no kind or one that there is not, or a technician
    of another federation.
    """
    if not user.memberships.filter(role=Role.TECHNICIAN, federation=federation).exists():
        raise ValidationError(_("Choose somebody who is a technician of the federation."))
    if not kinds or set(kinds) - set(VisitKind):
        raise ValidationError(_("Choose at least one kind of visit."))
    where = {"base": base, "latitude": latitude, "longitude": longitude}
    technician = _save(user, federation, **where, kinds=sorted(set(kinds)))
    record(
        actor=actor,
        action="booking.set_up_technician",
        subject=technician,
        federation_id=federation.pk,
        user=str(user.pk),
        kinds=technician.kinds,
    )
    return technician


def _save(user: User, federation: Federation, **facts: object) -> Technician:
    known = Technician.objects.filter(user=user).first()
    technician = known or Technician(user=user, federation=federation)
    if technician.federation_id != federation.pk:
        raise ValidationError(_("The technician belongs to another federation."))
    for name, value in facts.items():
        setattr(technician, name, value)
    technician.full_clean()
    technician.save()
    return technician
