"""A receipt that does not come is noticed: one mail per batch and kind, to those who order."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from enrolment.cards.models import Batch
from enrolment.cards.queries.receipts import all_overdue, overdue
from enrolment.cards.services.alarms import raise_alarms
from enrolment.cards.tasks import raise_alarms as task
from enrolment.messages.models import Message
from tests import builders
from tests import receipt_builders as receipts

pytestmark = pytest.mark.django_db
# A Friday.
DELIVERED = datetime(2026, 5, 8, 10, tzinfo=builders.STOCKHOLM)
HOURS_LATER = DELIVERED + timedelta(hours=4)
TUESDAY = DELIVERED + timedelta(days=4)


def stand() -> None:
    made = receipts.delivered(2)
    Batch.objects.filter(pk=made.pk).update(delivered_at=DELIVERED)


@pytest.fixture
def batch() -> Batch:
    return Batch.objects.select_related("issuer__federation").get()


def late(now: datetime) -> list[str]:
    return [each.kind for each in all_overdue(now)]


def told(kind: str) -> set[str]:
    found = Message.objects.filter(key__startswith=f"overdue:{kind}")
    return set(found.values_list("recipient", flat=True))


def test_each_receipt_is_late_at_its_time(batch):
    assert late(HOURS_LATER - timedelta(seconds=1)) == []
    assert late(HOURS_LATER) == ["technical"]
    assert late(TUESDAY - timedelta(seconds=1)) == ["technical"]
    assert late(TUESDAY) == ["technical", "content"]


def test_the_issuers_own_limits_hold(batch):
    batch.issuer.technical_hours, batch.issuer.content_days = 48, 1
    batch.issuer.save()
    assert late(HOURS_LATER) == []
    assert late(DELIVERED + timedelta(hours=48)) == ["technical"]
    assert late(DELIVERED + timedelta(days=3)) == ["technical", "content"]


def test_what_was_answered_is_not_late(batch):
    receipts.take(receipts.about(batch, "technical"), batch.issuer)
    assert late(TUESDAY) == ["content"]
    receipts.take(receipts.judged(batch, "accepted", "pending"), batch.issuer)
    assert late(TUESDAY) == ["content"]
    receipts.take(receipts.judged(batch, "accepted", "DATA_NAME"), batch.issuer)
    assert late(TUESDAY) == []


def test_a_rejected_package_waits_for_us_and_not_for_the_issuer(batch):
    refusal = receipts.about(batch, "technical", status="REJECTED", code="BATCH_DECRYPT")
    receipts.take(refusal, batch.issuer)
    assert late(TUESDAY) == []


def test_those_who_order_get_one_mail_for_each_kind(batch):
    federation = batch.issuer.federation
    names = [
        builders.user("id_administrator", within=federation),
        builders.user("planner", within=federation),
    ]
    builders.user("planner", within=builders.unit(builders.municipality(federation)))
    builders.user("administrator", within=federation)
    builders.user("planner", within=builders.federation())
    # Who sealed the batch is told too.
    expected = {user.email for user in names} | {batch.sealed_by.email}
    for _again in range(3):
        assert raise_alarms(now=HOURS_LATER) == 1
    assert expected <= told("technical")
    assert told("content") == set()
    raise_alarms(now=TUESDAY)
    assert told("content") == told("technical")
    assert Message.objects.filter(key__startswith="overdue").count() == 2 * len(told("content"))
    roles = {
        membership.role
        for message in Message.objects.filter(key__startswith="overdue")
        for membership in type(batch.sealed_by)
        .objects.get(email=message.recipient)
        .memberships.all()
    }
    assert roles == {"id_administrator", "planner"}


def test_the_mail_names_the_batch_and_nobody(batch):
    raise_alarms(now=TUESDAY)
    message = Message.objects.filter(key__startswith="overdue:content").first()
    assert batch.name in message.subject
    assert str(batch.pk) in message.body
    for order in receipts.orders(batch):
        assert order.need.staff.family_name not in message.body


def test_a_batch_sent_once_more_is_alarmed_about_anew(batch):
    raise_alarms(now=HOURS_LATER)
    before = Message.objects.filter(key__startswith="overdue").count()
    Batch.objects.filter(pk=batch.pk).update(delivered_at=HOURS_LATER)
    raise_alarms(now=HOURS_LATER + timedelta(hours=4))
    assert Message.objects.filter(key__startswith="overdue").count() == 2 * before


def test_the_task_looks_at_the_clock(batch):
    task()
    assert batch.sealed_by.email in told("technical")


def test_the_list_is_of_the_batches_asked_for(batch, django_assert_num_queries):
    other = receipts.delivered(1)
    with django_assert_num_queries(1):
        found = overdue(Batch.objects.filter(pk=other.pk), timezone.now() + timedelta(days=9))
    assert {each.batch for each in found} == {other}
