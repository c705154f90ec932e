"""What a laptop tells of itself."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from booking.models import Visit
from enrolment.audit.services import record
from enrolment.people.models import User
from photos.models import Laptop
from photos.services.refusals import UnknownLaptop

MOST = 2**31 - 1


@transaction.atomic
def report_laptop(*, actor: User, visit: Visit, device: UUID, unsent: int, cleaned: bool) -> None:
    """Note how many records the laptop still holds, and whether it has forgotten the visit.

    That it was cleaned is in the log, once. Raises UnknownLaptop.
    """
    laptops = Laptop.objects.select_for_update()
    laptop = laptops.filter(visit=visit, device=device, user=actor).first()
    if laptop is None:
        raise UnknownLaptop
    laptop.unsent, laptop.reported_at = min(unsent, MOST), timezone.now()
    is_news = cleaned and laptop.cleaned_at is None
    laptop.cleaned_at = laptop.reported_at if is_news else laptop.cleaned_at
    laptop.save(update_fields=["unsent", "reported_at", "cleaned_at"])
    if is_news:
        record(
            actor=actor,
            action="photos.clean_laptop",
            subject=visit,
            federation_id=visit.unit.municipality.federation_id,
            device=str(device),
            unsent=laptop.unsent,
        )
