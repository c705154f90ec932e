"""An order and a batch only go forward, one step at a time."""

from itertools import product

import pytest

from enrolment.cards.domain.states import (
    BATCH_STEPS,
    ORDER_STEPS,
    BatchStatus,
    OrderStatus,
    check_batch_step,
    check_order_step,
)
from enrolment.people.domain.steps import StepNotAllowed


def steps_from(table: dict[str, str]) -> set[tuple[str, str]]:
    return {(current, after) for current in table for after in table[current].split()}


ORDER_CAN = steps_from(
    {
        "open": "sealed cancelled",
        "sealed": "delivered",
        "delivered": "accepted rejected produced posted returned",
        "accepted": "rejected produced posted returned",
        "produced": "posted returned",
        "posted": "returned",
    }
)
BATCH_CAN = steps_from(
    {
        "sealed": "built",
        "built": "delivered",
        "delivered": "acknowledged accepted partly rejected closed",
        "acknowledged": "accepted partly rejected closed",
        "partly": "accepted rejected closed",
        "accepted": "partly rejected closed",
        "rejected": "sealed closed",
    }
)


@pytest.mark.parametrize(("current", "following"), sorted(ORDER_CAN))
def test_an_order_takes_the_steps_of_the_table(current, following):
    assert check_order_step(OrderStatus(current), OrderStatus(following)) is None


@pytest.mark.parametrize(("current", "following"), sorted(BATCH_CAN))
def test_a_batch_takes_the_steps_of_the_table(current, following):
    assert check_batch_step(BatchStatus(current), BatchStatus(following)) is None


@pytest.mark.parametrize(
    ("current", "following"), sorted(set(product(OrderStatus, repeat=2)) - ORDER_CAN)
)
def test_an_order_takes_no_other_step(current, following):
    with pytest.raises(StepNotAllowed) as caught:
        check_order_step(current, following)
    assert caught.value.params == {"current": current, "following": following}


@pytest.mark.parametrize(
    ("current", "following"), sorted(set(product(BatchStatus, repeat=2)) - BATCH_CAN)
)
def test_a_batch_takes_no_other_step(current, following):
    with pytest.raises(StepNotAllowed) as caught:
        check_batch_step(current, following)
    assert caught.value.params == {"current": current, "following": following}


@pytest.mark.parametrize(
    ("table", "statuses"), [(ORDER_STEPS, OrderStatus), (BATCH_STEPS, BatchStatus)]
)
def test_every_status_has_its_row(table, statuses):
    assert set(table) == set(statuses)
