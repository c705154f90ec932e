"""Builders for the cards room: people ready for a card, issuers, certificates, sealed batches."""

import io
from datetime import datetime
from pathlib import Path

from cryptography import x509
from django.conf import settings
from django.utils import timezone

from booking.models import Visit
from enrolment.cards.demo_certificates import DemoCertificates, write_demo_certificates
from enrolment.cards.domain.envelope import open_envelope
from enrolment.cards.models import Batch, CardOrder, Issuer, IssuerCertificate
from enrolment.cards.queries import package_path
from enrolment.cards.services.batches import seal_batch
from enrolment.cards.services.certificates import add_certificate
from enrolment.cards.services.issuers import register_issuer
from enrolment.cards.services.orders import open_orders
from enrolment.people.models import Federation, User
from photos.models import Photo
from photos.services.review import approve_photo
from tests import builders, certificate_builders, photo_builders

RECIPIENT, ESCROW = "Card issuer", "Escrow"


def signer(at: datetime | None = None) -> DemoCertificates:
    """Write what sealing needs of our own: the signer, and the escrow certificate."""
    made = write_demo_certificates(settings.SIGNER_DIR, at or timezone.now())
    escrow = certificate_builders.ec_recipient(ESCROW)
    (Path(settings.SIGNER_DIR) / "escrow.pem").write_bytes(escrow.pem)
    return made


def recipient(to: Issuer) -> IssuerCertificate:
    """The certificate that the issuer's packages are encrypted to."""
    encryption = IssuerCertificate.Purpose.ENCRYPTION
    active = to.certificates.filter(purpose=encryption, retired_at=None)
    return active.first() or add_certificate(
        actor=builders.user(),
        issuer=to,
        purpose=encryption,
        data=certificate_builders.ec_recipient(RECIPIENT).pem,
    )


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
    """Open orders for people at one unit of the issuer's federation, who can be encrypted to."""
    to = to or issuer()
    recipient(to)
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


def opened(batch: Batch) -> bytes:
    """The ZIP in a batch's package, opened by the issuer's key."""
    certificate = x509.load_der_x509_certificate(bytes(recipient(batch.issuer).der))
    found = io.BytesIO()
    with package_path(batch).open("rb") as package:
        open_envelope(package, found, certificate_builders.ec_key(RECIPIENT), certificate)
    return found.getvalue()
