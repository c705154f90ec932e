"""Kill the sealing and handing over of batches again and again, and look at what is left.

Runs in a racer (see racing.py): a warm process that forks one child for each try. Half of the
children kill themselves before a certain step, the n-th call of the disk or the database; the
others are killed from outside after a while.
"""

import hashlib
import io
import logging
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path

from django.conf import settings
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from enrolment import vault
from enrolment.cards import queries
from enrolment.cards.domain.envelope import EnvelopeRefused, open_envelope
from enrolment.cards.domain.exchange import PART, Sentinel
from enrolment.cards.models import Batch, CardOrder, Issuer
from enrolment.cards.services import batches
from enrolment.people.models import User
from tests import card_builders, certificate_builders
from tests.services.handover_child import before_each_disk_call

KILLS_A_BATCH = 5
# The later tries for a batch go on from where the first was killed: fewer steps, less time.
LATER_STEPS, LONGEST = 40, 0.15
PEOPLE_A_VISIT = 10


@dataclass
class Found:
    """What the kills left behind, over all batches."""

    kills: int = 0
    batches: int = 0
    places: list[int] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    other_hashes: list[str] = field(default_factory=list)
    wrong_steps: list[str] = field(default_factory=list)


def prepare(_meet, folder: str) -> tuple[str, int]:
    """Return the issuer, and how many steps a whole run for one of its orders takes."""
    use(folder)
    vault.create_keys(settings.KEYS_DIR)
    card_builders.signer()
    issuer = card_builders.issuer()
    [order] = card_builders.orders(1, issuer)
    counted = Path(folder) / "steps"
    assert not _is_killed(lambda: _count_steps(order, counted))
    return str(issuer.pk), int(counted.read_text())


def use(folder: str) -> None:
    logging.getLogger("django-q").setLevel(logging.WARNING)
    for name in ("KEYS_DIR", "PHOTO_DIR", "HANDOVER_DIR", "SIGNER_DIR"):
        setattr(settings, name, Path(folder) / name.removesuffix("_DIR").lower())


def kill_often(_meet, folder: str, issuer_id: str, kills: int, steps: int, at: int) -> dict:
    """Kill so many times, batch after batch, and tell what was found.

    The first kill of a batch comes at each of the steps in turn, from the one at `at`. The racer
    is the one that prepared: it has the issuer's key.
    """
    use(folder)
    found, chance = Found(), random.Random(at)
    places = (number % steps + 1 for number in count(at))
    issuer = Issuer.objects.select_related("federation").get(pk=issuer_id)
    while found.kills < kills:
        if not queries.open_orders(issuer):
            card_builders.orders(PEOPLE_A_VISIT, issuer)
        _kill_one_batch(found, queries.open_orders(issuer)[0], places, chance)
    return {**asdict(found), "numbers": _numbers(issuer)}


def _kill_one_batch(found: Found, order: CardOrder, places: Iterator[int], chance) -> None:
    seen: set[str] = set()
    for number in range(KILLS_A_BATCH):
        place = next(places) if number == 0 else chance.randrange(1, LATER_STEPS)
        seconds = chance.random() * LONGEST if number and chance.random() < 0.5 else None
        Batch.objects.update(leased_until=None)
        if _is_killed(lambda at=place: seal_and_build(order, at), seconds):
            found.kills += 1
            found.places += [place] if number == 0 else []
            seen |= _look(found, order)
    Batch.objects.update(leased_until=None)
    assert not _is_killed(lambda: seal_and_build(order, None))
    batch = CardOrder.objects.get(pk=order.pk).batch
    seen |= _look(found, order)
    found.batches += 1
    found.other_hashes += sorted(seen - {batch.package_sha256})
    ways = [[change.status for change in each.changes.order_by("pk")] for each in (batch, order)]
    if ways != [["sealed", "built", "delivered"], ["open", "sealed", "delivered"]]:
        found.wrong_steps.append(f"{batch.name} {ways}")


def _is_killed(work: Callable[[], None], seconds: float | None = None) -> bool:
    """Do the work in a child, killed from outside after so many seconds where they are given."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
    _pid, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status)


def seal_and_build(order: CardOrder, place: int | None) -> None:
    """Do the whole work for one order, on from wherever it stands."""
    if place is not None:
        before_each_step(_dying_at(place))
    current = CardOrder.objects.select_related("issuer__federation").get(pk=order.pk)
    if current.batch_id is None:
        actor = User.objects.order_by("pk").first()
        batches.seal_batch(actor=actor, issuer=current.issuer, orders=[current])
        current.refresh_from_db()
    batches.build_batch(batch_id=current.batch_id)


def before_each_step(act) -> None:
    """Let `act(number)` run before each call of the disk or the database, counted over all."""
    numbers = count(1)

    def step(*_arguments) -> None:
        act(next(numbers))

    def execute(execute, *arguments):
        step()
        return execute(*arguments)

    whole_commit = BaseDatabaseWrapper._commit

    def commit(self):
        step()
        return whole_commit(self)

    before_each_disk_call(step)
    BaseDatabaseWrapper._commit = commit
    connection.execute_wrappers.append(execute)


def _dying_at(place: int):
    def act(number: int) -> None:
        if number == place:
            os.kill(os.getpid(), signal.SIGKILL)

    return act


def _count_steps(order: CardOrder, told: Path) -> None:
    seen: list[int] = []
    before_each_step(seen.append)
    seal_and_build(order, None)
    told.write_text(str(len(seen)))


def _look(found: Found, order: CardOrder) -> set[str]:
    """Note what is torn in the folder; return the hash of the package that lies there."""
    current = CardOrder.objects.select_related("batch__issuer__federation").get(pk=order.pk)
    if current.batch is None:
        return set()
    path = queries.package_path(current.batch)
    done = path.with_name(f"{path.name}.done")
    package = _opened(path, current.issuer)
    if path.exists() and package is None:
        found.torn.append(f"{path.name} does not open")
    if done.exists():
        told = Sentinel.read(done.read_bytes())
        if told is None or not path.exists():
            found.torn.append(f"{done.name} is torn or alone")
        elif told.sha256 != hashlib.sha256(path.read_bytes()).hexdigest():
            found.torn.append(f"{done.name} is of another file")
    strange = {each.name.removesuffix(PART) for each in path.parent.glob(f"{path.name}*")}
    found.torn += sorted(strange - {path.name, done.name})
    return {package} if package else set()


def _opened(path: Path, issuer: Issuer) -> str | None:
    """Return the SHA-256 of the ZIP in an encrypted package; None for one that isn't whole."""
    certificate = certificate_builders.x509.load_der_x509_certificate(
        bytes(card_builders.recipient(issuer).der)
    )
    package, key = io.BytesIO(), certificate_builders.ec_key(card_builders.RECIPIENT)
    try:
        with path.open("rb") as file:
            open_envelope(file, package, key, certificate)
    except (FileNotFoundError, EnvelopeRefused):
        return None
    return hashlib.sha256(package.getvalue()).hexdigest()


def _numbers(issuer: Issuer) -> list[int]:
    return list(issuer.batches.order_by("number").values_list("number", flat=True))
