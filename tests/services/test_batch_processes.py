"""Many processes at once, and processes killed at any step: one order, one number, one package."""

import hashlib
import json
import os
import signal
from datetime import timedelta
from importlib import import_module
from itertools import count
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from enrolment import vault
from enrolment.cards import queries
from enrolment.cards.models import Batch, CardOrder, Issuer, OrderChange
from enrolment.cards.services import batches
from enrolment.cards.services.orders import open_orders
from enrolment.cards.services.packages import write_package
from enrolment.people.models import User
from tests import builders, card_builders
from tests.services.racing import PATIENCE, crew, together

HERE = "tests.services.test_batch_processes"
KILLING = "tests.services.killing"
ORDERS = 3
RACERS = 4
# Module, function and which call of it never comes: in the order in which the work meets them.
STEPS = [
    ("enrolment.cards.services.packages", "_sign", 1),
    ("os", "write", 1),
    ("os", "fsync", 1),
    ("enrolment.cards.services.packages", "_note_recipients", 1),
    ("os", "replace", 1),
    ("os", "replace", 2),
    ("enrolment.cards.services.batches", "_note_built", 1),
    ("enrolment.cards.services.batches", "_deliver_some", 1),
    ("enrolment.cards.services.batches", "_deliver_some", 2),
    ("enrolment.cards.services.batches", "_note_delivered", 1),
]


# --- What the child processes do ----------------------------------------------------------------


def use(folder: str) -> None:
    for name in ("KEYS_DIR", "PHOTO_DIR", "HANDOVER_DIR", "SIGNER_DIR"):
        setattr(settings, name, Path(folder) / name.removesuffix("_DIR").lower())


def prepare(_meet, folder: str) -> str:
    use(folder)
    vault.create_keys(settings.KEYS_DIR)
    return str(card_builders.batch(ORDERS).pk)


def prepare_people(_meet, folder: str) -> str:
    use(folder)
    vault.create_keys(settings.KEYS_DIR)
    card_builders.signer()
    issuer = card_builders.issuer()
    card_builders.recipient(issuer)
    visit = builders.visit(builders.unit(builders.municipality(issuer.federation)))
    for _ in range(ORDERS):
        card_builders.approved(visit)
    return str(issuer.pk)


def open_and_seal(meet, folder: str, issuer_id: str) -> tuple[int, int | str]:
    """Return how many orders this process opened, and the number it sealed or why it could not."""
    use(folder)
    issuer = Issuer.objects.select_related("federation").get(pk=issuer_id)
    actor = User.objects.first()
    meet.wait(PATIENCE)
    opened = open_orders(actor=actor, issuer=issuer)
    try:
        return len(opened), batches.seal_batch(actor=actor, issuer=issuer).number
    except batches.SealRefused as refused:
        return len(opened), refused.code.value


def count_rows(_meet) -> tuple[int, int, int]:
    orders = CardOrder.objects.filter(status="sealed")
    return Batch.objects.count(), orders.count(), OrderChange.objects.count()


def build_and_die(_meet, folder: str, batch_id: str, module: str, name: str, call: int) -> None:
    """Build, one order told at a time, and be killed before that call of the function."""
    use(folder)
    Batch.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    batches.CHUNK = 1
    owner = import_module(module)
    calls, whole = count(1), getattr(owner, name)

    def cut_short(*arguments, **options):
        if next(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return whole(*arguments, **options)

    setattr(owner, name, cut_short)
    batches.build_batch(batch_id=batch_id)


def finish(_meet, folder: str, batch_id: str) -> dict:
    """Build without being killed, and tell what the rows and the folder say."""
    use(folder)
    Batch.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    batches.build_batch(batch_id=batch_id)
    batch = Batch.objects.select_related("issuer__federation").get(pk=batch_id)
    return {
        "status": batch.status,
        "steps": [change.status for change in batch.changes.order_by("pk")],
        "sha256": batch.package_sha256,
        "again": write_package(batch, Path(folder) / "again").sentinel.package_sha256,
        "files": sorted(path.name for path in queries.package_folder(batch).iterdir()),
        "told": json.loads(Path(f"{queries.package_path(batch)}.done").read_text()),
        "encrypted": hashlib.sha256(queries.package_path(batch).read_bytes()).hexdigest(),
        "orders": [
            [change.status for change in order.changes.order_by("pk")]
            for order in batch.orders.order_by("seq")
        ],
        "stages": [order.need.stage for order in batch.orders.all()],
        "name": batch.name,
    }


# --- The tests --------------------------------------------------------------------------------


def test_many_who_order_and_seal_at_once_give_each_need_one_order_and_use_one_number(
    own_database, tmp_path
):
    folder = str(tmp_path)
    with crew(own_database, 1) as [racer]:
        issuer_id = racer.run(f"{HERE}.prepare_people", folder)
    with crew(own_database, RACERS) as racers:
        told = together(
            racers,
            f"{HERE}.open_and_seal",
            [folder] * RACERS,
            [issuer_id] * RACERS,
        )
        assert sum(opened for opened, _said in told) == ORDERS
        assert [said for _opened, said in told if isinstance(said, int)] == [1]
        assert {said for _opened, said in told} <= {1, "nothing_to_seal", "previous_not_built"}
        assert racers[0].run(f"{HERE}.count_rows") == (1, ORDERS, 2 * ORDERS)


def test_killed_at_every_step_in_turn_there_is_one_package_with_one_hash(own_database, tmp_path):
    folder = str(tmp_path)
    with crew(own_database, 1) as [racer]:
        batch_id = racer.run(f"{HERE}.prepare", folder)
    for step in STEPS:
        with crew(own_database, 1) as [racer]:
            racer.start(f"{HERE}.build_and_die", folder, batch_id, *step)
            racer.process.join(PATIENCE)
            assert racer.process.exitcode == -signal.SIGKILL, step
    with crew(own_database, 1) as [racer]:
        found = racer.run(f"{HERE}.finish", folder, batch_id)
    assert found["status"] == "delivered"
    assert found["steps"] == ["sealed", "built", "delivered"]
    assert found["sha256"] == found["again"] == found["told"]["package_sha256"]
    assert found["encrypted"] == found["told"]["sha256"]
    package = f"{found['name']}.zip.cms"
    assert found["files"] == [package, f"{package}.done", "receipts"]
    assert found["orders"] == [["open", "sealed", "delivered"]] * ORDERS
    assert found["stages"] == ["delivered"] * ORDERS


def test_killed_often_nothing_is_torn_and_no_number_comes_twice(own_database, tmp_path):
    kills, folder = 25, str(tmp_path)
    with crew(own_database, 1) as [racer]:
        issuer_id, steps = racer.run(f"{KILLING}.prepare", folder)
        found = racer.run(f"{KILLING}.kill_often", folder, issuer_id, kills, steps, 7)
    assert found["kills"] >= kills
    assert (found["torn"], found["other_hashes"], found["wrong_steps"]) == ([], [], [])
    assert found["numbers"] == list(range(1, found["batches"] + 2))
