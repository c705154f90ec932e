"""Many hand in at the same moment: each receipt is taken once, and nobody waits for ever."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from booking.services.bookings import book_people
from booking.services.refusals import NotEnoughSlots
from enrolment.audit.models import Entry
from enrolment.cards.models import IssuerCertificate, Receipt, ReceiptLine
from enrolment.cards.services.certificates import add_certificate
from enrolment.messages.models import Message
from enrolment.people.models import CardNeed
from tests import builders, card_builders, certificate_builders
from tests import receipt_builders as receipts

HANDS = 6
PATIENCE = 60


def at_once(*deeds: Callable[[], object]) -> list:
    """Do all of it at the same moment, each on a connection of its own."""
    meet = Barrier(len(deeds))

    def do(deed: Callable[[], object]) -> object:
        try:
            meet.wait(PATIENCE)
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return [done.result(PATIENCE) for done in [threads.submit(do, deed) for deed in deeds]]


def test_the_same_bytes_from_many_hands_are_taken_once(own_database):
    batch = receipts.delivered(3)
    document = receipts.judged(batch, "accepted", "PHOTO_BLUR", "DATA_NAME")
    actor = builders.user()
    taken = at_once(*[lambda: receipts.take(document, batch.issuer, actor)] * HANDS)
    assert {receipt.pk for receipt in taken} == {Receipt.objects.get().pk}
    assert ReceiptLine.objects.count() == 3
    again = [
        order.need.bookings.filter(status="booked").count() for order in receipts.orders(batch)
    ]
    assert again == [0, 1, 0]


def test_a_receipt_leaves_quarantine_once(own_database):
    batch = receipts.delivered(2)
    document = receipts.judged(batch, "accepted", "DATA_NAME")
    actor = builders.user()
    add_certificate(
        actor=actor,
        issuer=batch.issuer,
        purpose=IssuerCertificate.Purpose.RECEIPTS,
        data=certificate_builders.signer().pem,
    )
    unsigned = receipts.take(document, batch.issuer, actor, via=Receipt.Via.FOLDER)
    assert unsigned.state == "quarantined"
    taken = at_once(*[lambda: receipts.take(document, batch.issuer, actor)] * HANDS)
    assert {(receipt.pk, receipt.state) for receipt in taken} == {(unsigned.pk, "taken")}
    assert ReceiptLine.objects.count() == 2
    assert Entry.objects.filter(action="cards.take_receipt").count() == 1


def test_one_id_for_many_receipts_is_taken_once(own_database):
    batch = receipts.delivered(1)
    other = receipts.delivered(1, batch.issuer)
    actor = builders.user()
    documents = [
        receipts.about(each, "technical", receipt_id="R-1", text=str(number))
        for number in range(HANDS // 2)
        for each in (batch, other)
    ]
    deeds = [lambda one=one: receipts.take(one, batch.issuer, actor) for one in documents]
    states = Counter(receipt.state for receipt in at_once(*deeds))
    assert states == {"taken": 1, "quarantined": HANDS - 1}


def test_a_refused_photo_and_a_manager_may_want_the_same_slots(own_database):
    visit = builders.visit(hours=1, slot_minutes=6)
    issuer = card_builders.issuer(visit.unit.municipality.federation)
    batch = receipts.delivered(4, issuer, visit)
    others = [builders.need(builders.staff(visit.unit)) for _ in range(4)]
    document = receipts.judged(batch, *["PHOTO_EYES"] * 4)
    actor = builders.user()

    def book(need: CardNeed) -> object:
        try:
            return book_people(actor=actor, visit=visit, needs=[need])
        except NotEnoughSlots:
            return None

    at_once(
        lambda: receipts.take(document, issuer, actor),
        *(lambda need=need: book(need) for need in others),
    )
    assert Receipt.objects.get().state == "taken"
    live = visit.bookings.exclude(status="cancelled")
    slots = list(live.values_list("slot", flat=True))
    assert len(slots) == len(set(slots)) == visit.slots.count()
    refused = [
        order.need.bookings.filter(status="booked").count() for order in receipts.orders(batch)
    ]
    assert set(refused) <= {0, 1}
    without = refused.count(0)
    assert Message.objects.filter(key__startswith="retake").exists() is (without > 0)
