"""Say who drives out to the units, and from where."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

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
    technician = Technician.objects.filter(user=user).first() or Technician(
        user=user, federation=federation
    )
    if technician.federation_id != federation.pk:
        raise ValidationError(_("The technician belongs to another federation."))
    technician.base, technician.latitude, technician.longitude = base, latitude, longitude
    technician.full_clean()
    technician.save()
    give_role(actor=actor, user=user, role=Role.TECHNICIAN, federation=federation)
    record(
        actor=actor,
        action="booking.register_technician",
        subject=technician,
        federation_id=federation.pk,
        user=str(user.pk),
    )
    return technician
