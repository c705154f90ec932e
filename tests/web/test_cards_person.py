"""The panel about a person's card, borrowed by the person's page."""

import pytest
from django.urls import reverse

from enrolment.cards.services.batches import build_batch
from enrolment.people.models import Staff
from enrolment.people.services.protection import name_handler
from tests import builders, card_builders

pytestmark = pytest.mark.django_db


def panel(staff: Staff) -> str:
    return reverse("cards:for_person", args=[staff.pk])


def test_the_panel_tells_the_order_and_keepers_get_a_way_to_its_batch(log_in):
    batch = card_builders.batch()
    build_batch(batch_id=batch.pk)
    staff = batch.orders.get().need.staff
    way = reverse("cards:batch", args=[batch.pk])
    manager = builders.user("care_manager", within=staff.unit)
    for user, seen in [(card_builders.keeper(staff.federation), True), (manager, False)]:
        page = log_in(user).get(panel(staff)).content.decode()
        assert batch.name in page
        assert (way in page) is seen


def test_without_an_order_the_panel_says_so(log_in):
    staff = builders.staff()
    page = log_in(card_builders.keeper(staff.federation)).get(panel(staff)).content.decode()
    assert "<dl" not in page
    assert "soft" in page


def test_who_may_not_see_the_person_sees_no_panel(log_in):
    order = card_builders.orders()[0]
    staff = order.need.staff
    for user in (
        builders.user("care_manager", within=builders.unit()),
        builders.user("technician", within=staff.federation),
        card_builders.keeper(builders.federation()),
    ):
        assert log_in(user).get(panel(staff)).status_code == 404


def test_a_protected_persons_panel_is_the_handlers(log_in):
    staff = builders.staff(protected=True)
    keeper = card_builders.keeper(staff.federation)
    assert log_in(keeper).get(panel(staff)).status_code == 404
    name_handler(actor=keeper, staff=staff, handler=keeper)
    assert log_in(keeper).get(panel(staff)).status_code == 200
