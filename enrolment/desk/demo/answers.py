"""The demo's answers: the issuer receives, rejects one photo, and takes it at the second try."""

import subprocess
import sys

from django.conf import settings
from django.utils import timezone

from booking.domain.states import BookingStatus
from booking.models import Booking
from booking.services.checkin import check_in
from enrolment.cards import tasks
from enrolment.cards.demo_certificates import write_demo_certificates, write_demo_issuer
from enrolment.cards.domain.states import BatchStatus, OrderStatus
from enrolment.cards.models import Batch, CardOrder, Receipt
from enrolment.cards.queries import package_path
from enrolment.cards.services.orders import open_orders
from enrolment.desk.demo.delivery import issuer_folder, relative, seal_all
from enrolment.desk.demo.story import DemoFailed, Story, expect
from enrolment.desk.demo.visits import DOCUMENTS, take_good_photo
from enrolment.people.access import Role
from enrolment.people.domain.stages import Stage
from photos.models import Photo
from photos.services.review import approve_photo

REJECTED_FOR = "PHOTO_BLUR"
RETAKE_SEED = 2000


def receive(story: Story) -> str:
    """The issuer's reference receiver opens the batch, checks it, and rejects one photo."""
    [batch] = story.batches
    order = batch.orders.order_by("seq")[0]
    _run_receiver(story, batch, "--reject", f"{order.pk}={REJECTED_FOR}")
    _take_receipts(story, batch)
    batch.refresh_from_db()
    expect(batch.status == BatchStatus.PARTLY, f"Leveransen blev {batch.status}, inte partly.")
    accepted = batch.orders.filter(status=OrderStatus.ACCEPTED).count()
    return f"{accepted} antagna, 1 underkänd ({REJECTED_FOR}), 2 kvittenser lästa"


def retake(story: Story) -> str:
    """Whoever was rejected has been offered a new time, comes, and has a new picture approved."""
    order = CardOrder.objects.get(status=OrderStatus.REJECTED)
    offered = Booking.objects.filter(need=order.need, status=BookingStatus.BOOKED)
    expect(offered.count() == 1, "Den som underkändes fick ingen ny tid.")
    booking = offered.select_related("slot").get()
    technician = story.user(Role.TECHNICIAN)
    check_in(actor=technician, booking=booking, document=DOCUMENTS[0])
    take_good_photo(story, Booking.objects.get(pk=booking.pk), RETAKE_SEED)
    photo = Photo.objects.get(status=Photo.Status.WAITING)
    approve_photo(actor=story.user(Role.ID_ADMINISTRATOR), photo=photo)
    story.summary["retakes"] = 1
    return f"ny tid {timezone.localtime(booking.slot.starts_at):%H.%M}, ny bild godkänd"


def deliver_again(story: Story) -> str:
    """The new order goes in a batch of its own, supersedes the rejected one, and is accepted."""
    [order] = open_orders(actor=story.user(Role.ID_ADMINISTRATOR), issuer=story.issuer)
    expect(order.supersedes_id is not None, "Den nya beställningen ersätter ingen.")
    batch = seal_all(story)
    _run_receiver(story, batch)
    _take_receipts(story, batch)
    order.refresh_from_db()
    expect(order.status == OrderStatus.ACCEPTED, f"Omtaget blev {order.status}.")
    expect(order.need.stage == Stage.ACKNOWLEDGED, "Behovet är inte kvitterat.")
    receipts = Receipt.objects.filter(state=Receipt.State.TAKEN)
    story.summary["receipts"] = receipts.count()
    return f"{batch.name} ersätter den underkända, antagen"


def _run_receiver(story: Story, batch: Batch, *more: str) -> None:
    """Run the receiver as the issuer does, with nothing but the package, its keys and our trust."""
    own = write_demo_certificates(settings.SIGNER_DIR, story.now)
    pair = write_demo_issuer(issuer_folder(story), story.now)
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py"), "receive_batch"]
    keys = ["--key", str(pair.key), "--certificate", str(pair.certificate)]
    out = ["--trust", str(own.trust), "--out", str(issuer_folder(story) / "received")]
    command = [*manage, str(package_path(batch)), *keys, *out, *more]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise DemoFailed(f"Mottagaren underkänner {batch.name}: {result.stderr.strip()[-400:]}")


def _take_receipts(story: Story, batch: Batch) -> None:
    """The issuer puts its receipts in the folder; the queue's task takes them from there."""
    inbox = package_path(batch).parent / "receipts"
    inbox.mkdir(exist_ok=True)
    written = sorted((issuer_folder(story) / "received").glob(f"{batch.name}.receipt-*.json"))
    for receipt in written:
        (inbox / receipt.name).write_bytes(receipt.read_bytes())
    tasks.take_receipts()
    taken = Receipt.objects.filter(batch=batch, state=Receipt.State.TAKEN).count()
    told = f"{taken} av {len(written)} kvittenser togs emot. Se {relative(inbox)}."
    expect(taken == len(written) > 0, told)
