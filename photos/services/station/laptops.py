"""What a laptop tells of itself."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from booking.models import Visit
from enrolment.audit.services import record
from enrolment.people.models import User
from photos.models import Laptop
from photos.queries.station_records import is_over
from photos.services.refusals import UnknownLaptop, VisitGoesOn

MOST = 2**31 - 1


@transaction.atomic
def report_laptop(*, actor: User, visit: Visit, device: UUID, unsent: int, cleaned: bool) -> None:
    """Note how many records the laptop still holds, and whether it has forgotten the visit.

    That it was cleaned is in the log, once; one that holds something after all is clean no more.
    Raises UnknownLaptop.
    """
    laptops = Laptop.objects.select_for_update()
    laptop = laptops.filter(visit=visit, device=device, user=actor).first()
    if laptop is None:
        raise UnknownLaptop
    laptop.unsent, laptop.reported_at = min(unsent, MOST), timezone.now()
    is_news = cleaned and laptop.cleaned_at is None
    if is_news:
        laptop.cleaned_at = laptop.reported_at
        _record(actor, "photos.clean_laptop", visit, laptop)
    elif unsent and not cleaned:
        laptop.cleaned_at = None
    laptop.save(update_fields=["unsent", "reported_at", "cleaned_at"])


@transaction.atomic
def write_off_laptop(*, actor: User, laptop: Laptop) -> None:
    """Count a laptop no longer, whatever it holds, since it will not be heard of; twice is once.

    The visit's key goes without waiting for it. It counts again as soon as it tells that it holds
    something, or is made ready anew. Raises VisitGoesOn.
    """
    if not is_over(laptop.visit, timezone.now()):
        raise VisitGoesOn
    current = Laptop.objects.select_for_update().get(pk=laptop.pk)
    if current.cleaned_at is not None:
        return
    current.cleaned_at = timezone.now()
    current.save(update_fields=["cleaned_at"])
    _record(actor, "photos.write_off_laptop", laptop.visit, current)


def _record(actor: User, action: str, visit: Visit, laptop: Laptop) -> None:
    record(
        actor=actor,
        action=action,
        subject=visit,
        federation_id=visit.unit.municipality.federation_id,
        device=str(laptop.device),
        unsent=laptop.unsent,
    )
