"""A batch that is odd in any way is refused by name, before or while it is packed."""

import io
import uuid

import pytest

from enrolment.cards.domain import package
from enrolment.cards.domain.package import Limits, PackageFault, PackageRefused
from enrolment.cards.domain.package_fields import BatchFacts, OrderLine
from tests.package_builders import TAKEN, facts, order, photo_of, signature_of, without_photo


def refusal(lines: list[OrderLine], header: BatchFacts, limits: Limits) -> PackageRefused:
    with pytest.raises(PackageRefused) as caught:
        package.make_bag(header, lines, limits)
    return caught.value


@pytest.mark.parametrize(
    ("lines", "code", "params"),
    [
        ([], "empty", {}),
        ([order(2)], "sequence", {"seq": 2, "expected": 1}),
        ([order(1), order(3)], "sequence", {"seq": 3, "expected": 2}),
        (
            [order(1), order(2, order_id=order(1).order_id)],
            "duplicate_order",
            {"order_id": order(1).order_id},
        ),
        (
            [order(1), order(2, protected=True)],
            "protected_mixed",
            {"protected": 1, "orders": 2},
        ),
        ([order(1, photo_bytes=None)], "photo_incomplete", {"order_id": order(1).order_id}),
        (
            [order(1, photo=package.photo_path(order(2).order_id))],
            "photo_path",
            {"order_id": order(1).order_id},
        ),
    ],
)
def test_orders_that_do_not_fit_together_are_refused(lines, code, params):
    refused = refusal(lines, facts(), Limits())
    assert (refused.code, refused.params) == (code, params)


def test_a_batch_of_protected_orders_alone_is_packed():
    lines = [order(1, protected=True), order(2, protected=True)]
    assert package.make_bag(facts(), lines).header.order_count == 2


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("order_id", "7", "wrong_form"),
        ("order_id", str(uuid.UUID(int=10 << 100)).upper(), "wrong_form"),
        ("order_id", "../../etc/passwd", "wrong_form"),
        ("order_type", "renewed", "unknown_value"),
        ("hsa_id", "SE212000-1", "wrong_form"),
        ("hsa_id", "SE5560000000-" + "A" * 19, "too_long"),
        ("personnummer", "19611212-2871", "wrong_form"),
        ("name_on_card", "", "too_short"),
        ("name_on_card", "   ", "wrong_form"),
        ("name_on_card", "Åsa\tÖberg", "control_character"),
        ("name_on_card", "Åsa\nÖberg", "control_character"),
        ("name_on_card", "Åsa\x00", "control_character"),
        ("name_on_card", "Åsa \u202egreb\u00d6", "control_character"),
        ("name_on_card", "Åsa \ud800", "control_character"),
        ("title", "x" * 101, "too_long"),
        ("photo_sha256", "AB" * 32, "wrong_form"),
        ("photo_width", 0, "too_small"),
        ("photo_width", 65_536, "too_large"),
        ("photo_height", True, "wrong_type"),
        ("photo_taken_at", TAKEN.replace(tzinfo=None), "wrong_form"),
        ("supersedes_order_id", "", "wrong_form"),
        ("protected", None, "wrong_type"),
    ],
)
def test_a_field_out_of_form_is_refused_without_repeating_its_value(field, value, fault):
    refused = refusal([order(1), order(2, **{field: value})], facts(), Limits())
    assert refused.code == PackageFault.ORDER_FIELD
    assert refused.params == {"seq": 2, "field": field, "fault": fault}


@pytest.mark.parametrize(
    ("changes", "code", "params"),
    [
        ({"batch_id": "KB-26-1"}, "header_field", {"field": "batch_id", "fault": "wrong_form"}),
        (
            {"environment": "demo"},
            "header_field",
            {"field": "environment", "fault": "unknown_value"},
        ),
        (
            {"contact_function": "Kort\r\nBag-Size: 1"},
            "header_field",
            {"field": "contact_function", "fault": "control_character"},
        ),
        ({"batch_no": 124}, "batch_number", {"batch_id": "KB-2026-000123", "batch_no": 124}),
        ({"previous_batch_id": None}, "previous_incomplete", {}),
    ],
)
def test_a_header_out_of_form_is_refused(changes, code, params):
    refused = refusal([order(1)], facts(**changes), Limits())
    assert (refused.code, refused.params) == (code, params)


def test_the_first_batch_has_none_before_it():
    first = facts(previous_batch_id=None, previous_package_sha256=None)
    assert package.make_bag(first, [order(1)]).header.previous_batch_id is None


def test_the_number_gives_the_name():
    assert package.name_batch(2026, 123) == facts().batch_id


def test_two_thousand_orders_fit_and_one_more_does_not():
    lines = [without_photo(seq) for seq in range(1, 2002)]
    assert package.make_bag(facts(), lines[:2000]).header.order_count == 2000
    refused = refusal(lines, facts(), Limits())
    assert (refused.code, refused.params) == ("too_many_orders", {"orders": 2001, "most": 2000})


def test_the_payload_may_reach_the_limit_but_not_pass_it():
    reached = package.make_bag(facts(), [order(1)]).header.payload_bytes
    at_limit = package.make_bag(facts(), [order(1)], Limits(payload_bytes=reached))
    assert at_limit.header.payload_bytes == reached
    refused = refusal([order(1)], facts(), Limits(payload_bytes=reached - 1))
    assert refused.code == PackageFault.TOO_LARGE
    assert refused.params == {"payload_bytes": reached, "most": reached - 1}


@pytest.mark.parametrize(
    ("limits", "most"),
    [(Limits(), 500_000_000), (Limits(payload_bytes=10**12), 1_000_000_000)],
)
def test_five_hundred_megabytes_by_default_and_a_gigabyte_at_most(limits, most):
    below = order(1, photo_bytes=most - 100_000)
    assert package.make_bag(facts(), [below], limits).header.payload_bytes <= most
    refused = refusal([order(1, photo_bytes=most)], facts(), limits)
    assert (refused.code, refused.params["most"]) == (PackageFault.TOO_LARGE, most)


@pytest.mark.parametrize("change", [lambda b: b[:-1], lambda b: b + b"\0", lambda b: b[::-1]])
def test_a_photo_that_is_not_the_ordered_one_stops_the_packing(change):
    bag = package.make_bag(facts(), [order(1)])
    sink = io.BytesIO()
    with pytest.raises(PackageRefused) as caught:
        package.write_zip(sink, bag, signature_of(bag), lambda order_id: change(photo_of(order_id)))
    assert caught.value.code == PackageFault.PHOTO_CHANGED
    assert caught.value.params == {"order_id": order(1).order_id}


def test_a_photo_of_another_size_than_ordered_stops_the_packing():
    bag = package.make_bag(facts(), [order(1, photo_bytes=order(1).photo_bytes + 1)])
    with pytest.raises(PackageRefused) as caught:
        package.write_zip(io.BytesIO(), bag, signature_of(bag), photo_of)
    assert caught.value.code == PackageFault.PHOTO_CHANGED


def test_a_signature_over_another_batch_stops_the_packing():
    bag = package.make_bag(facts(), [order(1)])
    other = package.make_bag(facts(), [order(1, title="Läkare")])
    with pytest.raises(PackageRefused) as caught:
        package.write_zip(io.BytesIO(), bag, signature_of(other), photo_of)
    assert caught.value.code == PackageFault.SIGNATURE
