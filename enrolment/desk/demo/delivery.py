"""The demo's delivery: reviewed by a second person, ordered, sealed, verified, on paper."""

import hashlib
from pathlib import Path

from django.conf import settings

from booking.models import Booking
from booking.services.bookings import book_people
from booking.services.checkin import check_in
from enrolment.cards.demo_certificates import write_demo_certificates
from enrolment.cards.domain.states import BatchStatus
from enrolment.cards.models import Batch, CardOrder, Issuer
from enrolment.cards.queries import package_path
from enrolment.cards.services.batches import seal_batch
from enrolment.cards.services.issuers import register_issuer
from enrolment.cards.services.orders import open_orders
from enrolment.desk.demo import verify, world
from enrolment.desk.demo.story import Story, expect
from enrolment.desk.demo.visits import DOCUMENTS, take_good_photo
from enrolment.people.access import Role
from enrolment.reports import documents
from photos.models import Decision, Photo
from photos.services.review import approve_photo, reject_photo

RETAKE_SEED = 1000


def review(story: Story) -> str:
    """A second person looks at every photo: one no, with its reason, and yes to the rest."""
    reviewer = story.user(Role.ID_ADMINISTRATOR)
    photos = list(Photo.objects.filter(status=Photo.Status.WAITING).order_by("accepted_at"))
    reject_photo(actor=reviewer, photo=photos[0], reason=Decision.Reason.GLASSES)
    for photo in photos[1:]:
        approve_photo(actor=reviewer, photo=photo)
    story.summary["refused_at_review"] = 1
    return f"{len(photos) - 1} godkända, 1 underkänd och på väg till omtag"


def retake(story: Story) -> str:
    """The one refused at review gets a new slot, a new picture and a yes."""
    refused = Photo.objects.get(status=Photo.Status.REJECTED)
    need, visit = refused.capture.booking.need, refused.capture.booking.visit
    (booking,) = book_people(actor=story.user(Role.CARE_MANAGER), visit=visit, needs=[need])
    check_in(actor=story.user(Role.TECHNICIAN), booking=booking, document=DOCUMENTS[0])
    take_good_photo(story, Booking.objects.get(pk=booking.pk), RETAKE_SEED)
    photo = Photo.objects.get(status=Photo.Status.WAITING)
    approve_photo(actor=story.user(Role.ID_ADMINISTRATOR), photo=photo)
    approved = Photo.objects.filter(status=Photo.Status.APPROVED).count()
    story.summary["approved"] = approved
    return f"1 ny tid, 1 ny bild, nu {approved} godkända"


def order(story: Story) -> str:
    """Whatever is ready is pulled into orders."""
    story.issuer = register_issuer(
        actor=story.user(Role.ADMINISTRATOR),
        federation=story.federations[world.GOLISKA.slug],
        name="Demoutgivaren",
        slug="demoutgivaren",
        environment=Issuer.Environment.TEST,
        card_type="siths-photo",
    )
    opened = open_orders(actor=story.user(Role.ID_ADMINISTRATOR), issuer=story.issuer)
    expect(len(opened) == story.summary["approved"], "Alla godkända bilder blev inte beställda.")
    story.summary["ordered"] = len(opened)
    return f"{len(opened)} beställningar"


def seal(story: Story) -> str:
    """The orders are sealed; the queue's task builds the package and hands it over."""
    write_demo_certificates(settings.SIGNER_DIR, story.now)
    actor = story.user(Role.ID_ADMINISTRATOR)
    orders = list(CardOrder.objects.filter(issuer=story.issuer))
    sealed = seal_batch(actor=actor, issuer=story.issuer, orders=orders)
    batch = Batch.objects.get(pk=sealed.pk)
    expect(
        batch.status == BatchStatus.DELIVERED,
        f"Leveransen {batch.name} blev inte byggd: {batch.error}",
    )
    story.batch = batch
    story.summary.update(batches=1, package=relative(package_path(batch)))
    size = (batch.package_bytes or 0) // 1024
    return f"{batch.name}, {size} kB, SHA-256 {batch.package_sha256[:12]}…"


def verify_package(story: Story) -> str:
    """Tools that are not ours open the package and check signature, hashes and order lines."""
    certificate = write_demo_certificates(settings.SIGNER_DIR, story.now).signer_certificate
    package = package_path(story.batch)
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    expect(digest == story.batch.package_sha256, "Paketets SHA-256 stämmer inte med registret.")
    bag = verify.unpack(package, story.folder / "package")
    verify.check_bag(bag)
    verify.check_signature(bag, certificate)
    story.summary.update(verified_by_third_party=True, signer_certificate=relative(certificate))
    return "openssl cms -verify och bagit.py --validate säger ja"


def print_papers(story: Story) -> str:
    """Day sheets and the delivery note as PDF."""
    folder = story.folder / "documents"
    folder.mkdir(exist_ok=True)
    for number, visit in enumerate(story.visits, start=1):
        (folder / f"daglista-{number}.pdf").write_bytes(documents.day_sheet_pdf(visit))
    note = documents.delivery_note_pdf(story.batch)
    (folder / f"foljesedel-{story.batch.name}.pdf").write_bytes(note)
    papers = sorted(folder.glob("*.pdf"))
    story.summary["documents"] = [relative(paper) for paper in papers]
    return f"{len(story.visits)} daglistor och 1 följesedel"


def relative(path: Path) -> str:
    """Return the path as seen from the checkout, where it lies inside."""
    inside = path.is_relative_to(settings.BASE_DIR)
    return str(path.relative_to(settings.BASE_DIR) if inside else path)
