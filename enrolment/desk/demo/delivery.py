"""The demo's delivery: reviewed by a second person, ordered, sealed, verified, on paper."""

import hashlib
from pathlib import Path

from django.conf import settings

from booking.models import Booking
from booking.services.bookings import book_people
from booking.services.checkin import check_in
from enrolment.cards.demo_certificates import write_demo_certificates, write_demo_issuer
from enrolment.cards.domain.states import BatchStatus, OrderStatus
from enrolment.cards.models import Batch, CardOrder, Issuer, IssuerCertificate
from enrolment.cards.queries import package_path
from enrolment.cards.services.batches import seal_batch
from enrolment.cards.services.certificates import add_certificate
from enrolment.cards.services.issuers import add_person, register_issuer
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
    write_demo_certificates(settings.SIGNER_DIR, story.now)
    pair = write_demo_issuer(issuer_folder(story), story.now)
    administrator = story.user(Role.ADMINISTRATOR)
    story.issuer = register_issuer(
        actor=administrator,
        federation=story.federations[world.GOLISKA.slug],
        name="Demoutgivaren",
        slug="demoutgivaren",
        environment=Issuer.Environment.TEST,
        card_type="siths-photo",
    )
    add_person(actor=administrator, issuer=story.issuer, user=story.user(Role.CARD_ISSUER))
    add_certificate(
        actor=administrator,
        issuer=story.issuer,
        purpose=IssuerCertificate.Purpose.ENCRYPTION,
        data=pair.certificate.read_bytes(),
    )
    opened = open_orders(actor=story.user(Role.ID_ADMINISTRATOR), issuer=story.issuer)
    expect(len(opened) == story.summary["approved"], "Alla godkända bilder blev inte beställda.")
    story.summary["ordered"] = len(opened)
    return f"{len(opened)} beställningar"


def seal(story: Story) -> str:
    """The orders are sealed; the queue's task signs, encrypts and hands over the package."""
    batch = seal_all(story)
    story.summary["encrypted_package"] = relative(package_path(batch))
    size = (batch.encrypted_bytes or 0) // 1024
    return f"{batch.name}, {size} kB krypterat, SHA-256 {batch.encrypted_sha256[:12]}…"


def seal_all(story: Story) -> Batch:
    """Seal the issuer's open orders, and see that the batch was handed over."""
    actor = story.user(Role.ID_ADMINISTRATOR)
    orders = list(CardOrder.objects.filter(issuer=story.issuer, status=OrderStatus.OPEN))
    sealed = seal_batch(actor=actor, issuer=story.issuer, orders=orders)
    batch = Batch.objects.get(pk=sealed.pk)
    expect(
        batch.status == BatchStatus.DELIVERED,
        f"Leveransen {batch.name} blev inte byggd: {batch.error}",
    )
    story.batches.append(batch)
    story.summary["batches"] = len(story.batches)
    return batch


def verify_package(story: Story) -> str:
    """Tools that are not ours open the package and check signature, hashes and order lines."""
    own = write_demo_certificates(settings.SIGNER_DIR, story.now)
    issuer = write_demo_issuer(issuer_folder(story), story.now)
    batch, folder = story.batches[0], story.folder / "package"
    package = verify.decrypt(package_path(batch), issuer.key, issuer.certificate, folder)
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    expect(digest == batch.package_sha256, "Paketets SHA-256 stämmer inte med registret.")
    verify.check_zip(package)
    bag = verify.unpack(package, folder / "bag")
    verify.check_bag(bag)
    verify.check_signature(bag, own.signer_certificate)
    story.summary.update(
        verified_by_third_party=True,
        package=relative(package),
        signer_certificate=relative(own.signer_certificate),
        issuer_key=relative(issuer.key),
        issuer_certificate=relative(issuer.certificate),
    )
    return "openssl cms -decrypt, unzip -t, bagit.py --validate och openssl cms -verify säger ja"


def print_papers(story: Story) -> str:
    """Day sheets and the delivery note as PDF."""
    folder = story.folder / "documents"
    folder.mkdir(exist_ok=True)
    for number, visit in enumerate(story.visits, start=1):
        (folder / f"daglista-{number}.pdf").write_bytes(documents.day_sheet_pdf(visit))
    for batch in story.batches:
        note = documents.delivery_note_pdf(batch)
        (folder / f"foljesedel-{batch.name}.pdf").write_bytes(note)
    papers = sorted(folder.glob("*.pdf"))
    story.summary["documents"] = [relative(paper) for paper in papers]
    return f"{len(story.visits)} daglistor och {len(story.batches)} följesedlar"


def issuer_folder(story: Story) -> Path:
    """Return where the issuer of the demo keeps what is its own."""
    return story.folder / "issuer"


def relative(path: Path) -> str:
    """Return the path as seen from the checkout, where it lies inside."""
    inside = path.is_relative_to(settings.BASE_DIR)
    return str(path.relative_to(settings.BASE_DIR) if inside else path)
