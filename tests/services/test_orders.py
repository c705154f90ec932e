"""Orders are pulled from what is ready: one live order a need, none for protected persons."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from enrolment.audit.models import Entry
from enrolment.cards import queries
from enrolment.cards.domain.states import OrderStatus
from enrolment.cards.models import CardOrder, Issuer
from enrolment.cards.queries import Hindrance
from enrolment.cards.services.batches import seal_batch
from enrolment.cards.services.issuers import register_issuer
from enrolment.cards.services.orders import cancel_order, open_orders
from enrolment.people.domain.stages import Stage
from enrolment.people.domain.steps import StepNotAllowed
from enrolment.people.services.needs import advance_need
from photos.models import Photo
from tests import builders, card_builders, photo_builders

pytestmark = pytest.mark.django_db


def federation_of(photo: Photo):
    return photo.capture.booking.need.staff.federation


def open_for(photo: Photo) -> tuple[Issuer, list[CardOrder]]:
    issuer = card_builders.issuer(federation_of(photo))
    return issuer, open_orders(actor=builders.user(), issuer=issuer)


# --- What is pulled ---------------------------------------------------------------------------


def test_an_approved_photo_becomes_an_order_with_its_history_and_one_line_in_the_log():
    photo, actor = card_builders.approved(), builders.user()
    issuer = card_builders.issuer(federation_of(photo))
    [order] = open_orders(actor=actor, issuer=issuer)
    assert (order.photo, order.need, order.status) == (photo, photo.capture.booking.need, "open")
    assert [(c.status, c.actor) for c in order.changes.all()] == [("open", actor.audit_name)]
    line = Entry.objects.get(action="cards.open_orders")
    assert (line.subject, line.details) == (f"issuer:{issuer.pk}", {"orders": 1})


def test_a_second_try_opens_nothing_more():
    issuer, first = open_for(card_builders.approved())
    assert len(first) == 1
    assert open_orders(actor=builders.user(), issuer=issuer) == []
    assert CardOrder.objects.count() == 1


def test_a_photo_that_nobody_has_approved_is_left():
    photo = photo_builders.photo()
    assert open_for(photo)[1] == []


def test_another_federations_photo_is_left():
    card_builders.approved()
    assert open_orders(actor=builders.user(), issuer=card_builders.issuer()) == []


def test_a_protected_person_is_never_pulled():
    photo = card_builders.approved(protected=True)
    assert open_for(photo)[1] == []


def test_what_another_opened_meanwhile_is_left_to_the_other(monkeypatch):
    photo = card_builders.approved()
    issuer, [theirs] = open_for(photo)
    ready = Photo.objects.filter(pk=photo.pk).select_related("capture__booking__need")
    monkeypatch.setattr(queries, "photos_to_order", lambda federation: ready)
    assert open_orders(actor=builders.user(), issuer=issuer) == []
    assert list(CardOrder.objects.all()) == [theirs]
    assert theirs.changes.count() == 1


def test_two_live_orders_for_a_need_are_impossible():
    issuer, [order] = open_for(card_builders.approved())
    again = {"need": order.need, "issuer": issuer, "photo": order.photo}
    with pytest.raises(IntegrityError), transaction.atomic():
        CardOrder.objects.create(**again, status=OrderStatus.OPEN)
    CardOrder.objects.create(**again, status=OrderStatus.CANCELLED)


# --- Withdrawing ------------------------------------------------------------------------------


def test_a_withdrawn_order_leaves_the_need_ready_to_be_ordered_again():
    issuer, [order] = open_for(card_builders.approved())
    actor = builders.user()
    assert cancel_order(actor=actor, order=order).status == OrderStatus.CANCELLED
    assert order.changes.latest("pk").actor == actor.audit_name
    assert order.need.stage == Stage.APPROVED
    [anew] = open_orders(actor=actor, issuer=issuer)
    assert anew.need == order.need
    assert Entry.objects.get(action="cards.cancel_order").details == {"order": str(order.pk)}


def test_an_order_in_a_batch_is_not_withdrawn():
    batch = card_builders.batch()
    order = batch.orders.get()
    with pytest.raises(StepNotAllowed):
        cancel_order(actor=builders.user(), order=order)
    order.refresh_from_db()
    assert (order.status, order.changes.count()) == ("sealed", 2)


# --- What holds an order back -------------------------------------------------------------------


def protect(order: CardOrder) -> None:
    order.need.staff.protected = True
    order.need.staff.save()


def move_need(order: CardOrder) -> None:
    advance_need(actor=builders.user(), need=order.need, stage=Stage.LAPSED)


def reject(order: CardOrder) -> None:
    Photo.objects.filter(pk=order.photo_id).update(status=Photo.Status.REJECTED)


def ask_for_personnummer(order: CardOrder) -> None:
    Issuer.objects.update(wants_personnummer=True)


def spoil_name(order: CardOrder) -> None:
    order.need.staff.given_name = "Åsa\u202e"
    order.need.staff.save()


@pytest.mark.parametrize(
    ("happen", "hindrance"),
    [
        (protect, Hindrance.PROTECTED),
        (move_need, Hindrance.NEED_MOVED),
        (reject, Hindrance.PHOTO_REJECTED),
        (ask_for_personnummer, Hindrance.PERSONNUMMER_MISSING),
        (spoil_name, Hindrance.UNFIT_LINE),
    ],
)
def test_what_has_happened_since_holds_one_order_back_and_not_the_others(happen, hindrance):
    issuer = card_builders.issuer()
    first, second = card_builders.orders(2, issuer)
    second.need.staff.seal_personnummer("199101152396")
    second.need.staff.save()
    happen(first)
    found = {order.pk: queries.hindrance(order) for order in queries.open_orders(issuer)}
    assert found == {first.pk: hindrance, second.pk: None}
    card_builders.signer()
    batch = seal_batch(actor=card_builders.keeper(issuer.federation), issuer=issuer)
    assert list(batch.orders.all()) == [second]


# --- Issuers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [{"slug": "-kort"}, {"card_type": "kort typ"}, {"slug": "å"}])
def test_an_issuer_is_registered_by_codes_only(wrong):
    facts = {
        "actor": builders.user(),
        "federation": builders.federation(),
        "name": "Kortverket",
        "slug": "kortverket",
        "environment": Issuer.Environment.TEST,
        "card_type": "siths-photo",
    }
    with pytest.raises(ValidationError):
        register_issuer(**{**facts, **wrong})
    assert Issuer.objects.count() == 0
    registered = register_issuer(**facts)
    assert Entry.objects.get(action="cards.register_issuer").subject == f"issuer:{registered.pk}"


def test_a_slug_is_an_issuers_alone_within_its_federation():
    issuer = card_builders.issuer()
    with pytest.raises(ValidationError):
        card_builders.issuer(issuer.federation)
    assert card_builders.issuer(slug=issuer.slug).federation != issuer.federation
