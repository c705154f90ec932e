"""Make a laptop ready for a visit."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from booking.models import Visit
from booking.services.own_links import own_way
from enrolment.audit.services import record
from enrolment.people.models import User
from photos.models import Laptop, StationKey
from photos.queries.station_package import in_base64, needs_without_code, package_of
from photos.services.refusals import KeyDestroyed
from photos.services.station.keys import key_of


def prepare_laptop(*, actor: User, visit: Visit, device: UUID) -> dict[str, Any]:
    """Return what the laptop takes along to the visit, and remember that it has it.

    The visit's keys are made with the first laptop. Raises KeyDestroyed once the visit is over and
    all is in.
    """
    key = key_of(visit)
    for need in needs_without_code(visit):
        own_way(visit=visit, need=need)
    return _prepare(actor, visit, device, key)


@transaction.atomic
def _prepare(actor: User, visit: Visit, device: UUID, key: StationKey) -> dict[str, Any]:
    if StationKey.objects.select_for_update().get(pk=key.pk).destroyed_at is not None:
        raise KeyDestroyed
    package = package_of(visit, actor, in_base64(key))
    now = timezone.now()
    facts = {"version": package["version"], "prepared_at": now, "cleaned_at": None}
    Laptop.objects.update_or_create(visit=visit, device=device, user=actor, defaults=facts)
    record(
        actor=actor,
        action="photos.prepare_laptop",
        subject=visit,
        federation_id=visit.unit.municipality.federation_id,
        device=str(device),
        version=package["version"],
        people=len(package["people"]),
    )
    return package | {"prepared_at": now.isoformat()}
