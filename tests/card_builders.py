"""Builders for the cards room: people ready for a card, issuers, the signer, sealed batches."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from booking.models import Visit
from enrolment.cards.demo_certificates import DemoCertificates, write_demo_certificates
from enrolment.cards.models import Batch, CardOrder, Issuer
from enrolment.cards.services.batches import seal_batch
from enrolment.cards.services.issuers import register_issuer
from enrolment.cards.services.orders import open_orders
from enrolment.people.models import Federation, User
from photos.models import Photo
from photos.services.review import approve_photo
from tests import builders, photo_builders


def signer(at: datetime | None = None) -> DemoCertificates:
    return write_demo_certificates(settings.SIGNER_DIR, at or timezone.now())


def issuer(of: Federation | None = None, slug: str = "kortverket", **more) -> Issuer:
    made = register_issuer(
        actor=builders.user(),
        federation=of or builders.federation(),
        name="Kortverket",
        slug=slug,
        environment=Issuer.Environment.TEST,
        card_type="siths-photo",
    )
    for name, value in more.items():
        setattr(made, name, value)
    made.save()
    return made


def approved(at: Visit | None = None, **staff) -> Photo:
    """A photo that a second person approved: its need is ready for a card."""
    photo = photo_builders.photo(photo_builders.checked_in(at, **staff))
    approve_photo(actor=photo_builders.reviewer(photo.capture.booking), photo=photo)
    photo.capture.booking.need.refresh_from_db()
    return photo


def keeper(of: Federation, role: str = "id_administrator") -> User:
    return builders.user(role, within=of, name="Ida Beställare")


def orders(count: int = 1, to: Issuer | None = None) -> list[CardOrder]:
    """Open orders for people at one unit of the issuer's federation."""
    to = to or issuer()
    visit = builders.visit(builders.unit(builders.municipality(to.federation)))
    for number in range(count):
        approved(visit, given_name="Åsa", family_name=f"Öberg-{number}")
    return open_orders(actor=keeper(to.federation), issuer=to)


def batch(count: int = 1, to: Issuer | None = None) -> Batch:
    """A sealed batch that nobody has built yet."""
    to = to or issuer()
    signer()
    orders(count, to)
    return seal_batch(actor=keeper(to.federation), issuer=to)
