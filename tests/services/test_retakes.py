"""Whose photo the issuer refuses gets a new time at once, or a manager who is asked to give one."""

from datetime import timedelta

import pytest

from booking.models import Booking, Visit
from booking.services.bookings import book_people
from booking.services.retakes import care_managers, offer_new_time
from enrolment.cards.models import Batch
from enrolment.cards.services.orders import open_orders
from enrolment.messages.models import Message
from enrolment.people.domain.stages import Stage
from enrolment.people.models import Staff
from enrolment.people.services.needs import advance_need
from photos.models import Photo
from photos.queries import photos_ready_for_order
from photos.services.review import refuse_photo
from tests import builders, card_builders
from tests import receipt_builders as receipts

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit() -> Visit:
    return builders.visit()


@pytest.fixture
def batch(visit) -> Batch:
    issuer = card_builders.issuer(visit.unit.municipality.federation)
    return receipts.delivered(1, issuer, visit)


def refuse(batch: Batch, code: str = "PHOTO_BLUR") -> None:
    assert receipts.take(receipts.judged(batch, code), batch.issuer).state == "taken"


def booked_again(batch: Batch) -> Booking | None:
    need = batch.orders.get().need
    return need.bookings.filter(status="booked").select_related("slot__visit").first()


def fill(visit: Visit) -> None:
    """Leave the visit no free slot."""
    free = visit.slots.count() - visit.bookings.count()
    needs = [builders.need(builders.staff(visit.unit)) for _each in range(free)]
    book_people(actor=builders.user(), visit=visit, needs=needs)


def asked() -> list[Message]:
    return list(Message.objects.filter(key__startswith="retake").order_by("recipient"))


def test_a_refused_photo_is_never_ordered_again(batch):
    refuse(batch)
    order = batch.orders.get()
    assert (order.status, order.code, order.photo.status) == ("rejected", "PHOTO_BLUR", "rejected")
    advance_need(actor=builders.user(), need=order.need, stage=Stage.CHECKED_IN)
    for stage in (Stage.PHOTOGRAPHED, Stage.APPROVED):
        advance_need(actor=builders.user(), need=order.need, stage=stage)
    assert list(photos_ready_for_order(batch.issuer.federation)) == []
    assert open_orders(actor=builders.user(), issuer=batch.issuer) == []


def test_the_photo_is_refused_once(batch):
    photo = batch.orders.get().photo
    for _twice in range(2):
        refuse_photo(actor=builders.user(), photo=photo, code="PHOTO_POSE")
    need = batch.orders.get().need
    assert need.stage == "retake"
    assert need.stage_changes.filter(stage="retake", why="PHOTO_POSE").count() == 1
    assert Photo.objects.get().status == "rejected"


def test_the_earliest_free_slot_is_booked_and_the_letter_says_why(batch, visit):
    earlier = builders.visit(
        visit.unit, builders.technician(batch.issuer.federation), starts_at=builders.tomorrow(7)
    )
    refuse(batch)
    booking = booked_again(batch)
    assert booking.slot == earlier.slots.earliest("starts_at")
    assert booking.need.stage == "booked"
    message = Message.objects.get(key=f"booking:{booking.pk}:0:request")
    assert "oskarp" in message.body
    assert "METHOD:REQUEST" in message.calendar
    assert asked() == []


def test_a_time_that_is_asked_for_says_nothing_of_a_refused_photo(visit):
    need = builders.need(builders.staff(visit.unit))
    book_people(actor=builders.user(), visit=visit, needs=[need])
    assert "kortutgivaren" not in Message.objects.get().body.lower()


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "activation"},
        {"status": "closed"},
        {"status": "cancelled"},
    ],
)
def test_only_open_photo_visits_are_offered(batch, visit, change):
    Visit.objects.filter(pk=visit.pk).update(**change)
    refuse(batch)
    assert booked_again(batch) is None
    assert batch.orders.get().need.stage == "retake"


def test_another_units_visit_is_not_offered(batch, visit):
    fill(visit)
    builders.visit(builders.unit(visit.unit.municipality))
    refuse(batch)
    assert booked_again(batch) is None


def test_nobody_is_called_in_at_short_notice(batch, monkeypatch):
    monkeypatch.setattr("booking.services.retakes.NOTICE", timedelta(days=3))
    refuse(batch)
    assert booked_again(batch) is None


def test_without_a_free_slot_the_units_care_managers_are_asked_once(batch, visit):
    boss = builders.user("care_manager", within=visit.unit, name="Bo Chef")
    builders.user("care_manager", within=builders.unit(visit.unit.municipality))
    fill(visit)
    refuse(batch)
    staff = batch.orders.get().need.staff
    managers = {message.recipient for message in asked()}
    assert boss.email in managers
    assert managers == {manager.email for manager in care_managers(visit.unit)}
    [message] = [message for message in asked() if message.recipient == boss.email]
    assert staff.name in message.body
    assert "/besok/" in message.body
    assert staff.hsa_id not in message.body


def test_one_mail_names_all_of_the_unit(visit):
    boss = builders.user("care_manager", within=visit.unit)
    issuer = card_builders.issuer(visit.unit.municipality.federation)
    batch = receipts.delivered(3, issuer, visit)
    fill(visit)
    receipts.take(receipts.judged(batch, "PHOTO_BLUR", "PHOTO_EYES", "PHOTO_SIZE"), issuer)
    [message] = Message.objects.filter(key__startswith="retake", recipient=boss.email)
    assert [f"Öberg-{number}" in message.body for number in range(3)] == [True] * 3


def test_where_the_unit_has_no_care_manager_the_municipalitys_are_asked():
    unit = builders.unit()
    wide = builders.user("care_manager", within=unit.municipality)
    builders.user("care_manager", within=builders.municipality())
    assert care_managers(unit) == [wide]
    own = builders.user("care_manager", within=unit)
    assert care_managers(unit) == [own]
    own.is_active = False
    own.save()
    assert care_managers(unit) == []


def test_a_protected_person_is_neither_booked_nor_named(batch, visit):
    builders.user("care_manager", within=visit.unit)
    before = Message.objects.count()
    Staff.objects.update(protected=True)
    refuse(batch)
    assert booked_again(batch) is None
    assert batch.orders.get().need.stage == "retake"
    assert Message.objects.count() == before


def test_only_who_waits_for_a_retake_is_booked(batch):
    need = batch.orders.get().need
    assert offer_new_time(actor=builders.user(), need=need, why="") is None


def test_who_has_a_time_already_gets_no_second_one(batch, visit):
    need = batch.orders.get().need
    slot = visit.slots.latest("starts_at")
    Booking.objects.create(visit=visit, slot=slot, need=need, kind="photo")
    advance_need(actor=builders.user(), need=need, stage=Stage.RETAKE)
    assert offer_new_time(actor=builders.user(), need=need, why="") is None
    assert need.bookings.filter(status="booked").count() == 1


def test_two_refused_get_two_slots(visit):
    issuer = card_builders.issuer(visit.unit.municipality.federation)
    batch = receipts.delivered(2, issuer, visit)
    receipts.take(receipts.judged(batch, "PHOTO_BLUR", "PHOTO_EYES"), issuer)
    slots = {order.need.bookings.get(status="booked").slot_id for order in batch.orders.all()}
    assert len(slots) == 2
