"""A house that gunicorn serves as in production, and what the hot race finds in it."""

import os
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext

from booking.models import Booking, BookingChange, Slot
from enrolment import vault
from enrolment.audit import queries as log
from enrolment.audit.domain.chain import Mark
from enrolment.desk.management.commands import run
from enrolment.messages.models import Message
from enrolment.people.domain.stages import Reason, Stage
from enrolment.people.models import CardNeed, CareUnit, StageChange
from tests import builders, databases
from tests.services import hot_client
from tests.services.hot_client import Answer, Ask

ROOT = Path(__file__).resolve().parents[2]
CLIENTS, WITHOUT_SCRIPT = 25, 5
VISITS_A_DAY = 24
BY_SCRIPT = {"HX-Request": "true"}


@contextmanager
def served(database: dict[str, Any], folder: Path, *, calm: bool = True) -> Iterator[int]:
    """Serve the database as `manage.py run` does, by `hot_app`, and yield the port.

    The listening socket is ours, so that a request waits for the server to come. Ends with an
    error where the server told of one, unless the house is not `calm`: without its guards.
    """
    vault.create_keys(folder / "keys")
    own = {
        "DJANGO_SETTINGS_MODULE": "enrolment.settings",
        "DATABASE_URL": databases.url(database),
        "FOTORUNDAN_DATA": str(folder),
        "FOTORUNDAN_SECRET_KEY": settings.SECRET_KEY,
    }
    told = folder / "server.log"
    with socket.create_server(("127.0.0.1", 0), backlog=256) as ear, told.open("w") as log_file:
        server = subprocess.Popen(
            _command(ear.fileno()),
            cwd=ROOT,
            env={**os.environ, **own},
            stderr=log_file,
            pass_fds=[ear.fileno()],
        )
        try:
            yield ear.getsockname()[1]
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
    assert not calm or "Traceback" not in told.read_text(), told.read_text()


def _command(ear: int) -> list[str]:
    """Return what `manage.py run` starts, but for the application and where it listens."""
    ours = {"enrolment.wsgi": "tests.services.hot_app", "127.0.0.1:0": f"fd://{ear}"}
    return [ours.get(word, word) for word in run._web(0)]


@dataclass
class Race:
    """A unit with as many managers as clients, each with somebody to book, round after round."""

    port: int
    unit: CareUnit = field(default_factory=builders.unit)
    doubles: int = 0
    kills: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.federation_id = self.unit.municipality.federation_id
        self.technician = builders.technician(self.unit.municipality.federation)
        self.sessions = [session_of(self.unit) for _ in range(CLIENTS)]
        self.needs = [new_need(self.unit) for _ in range(CLIENTS)]
        self.turns = count()

    def run(self, rounds: int, kill_each: int) -> None:
        """Race for the last slot of a new visit, round after round.

        Each fourth visit has three more free times to offer to those who lose. In each
        `kill_each`-th round a worker is killed at some moment of the race.
        """
        chance = Random(5)
        workers: set[str] = set()
        for turn in range(1, rounds + 1):
            left = 3 if turn % 4 == 0 else 0
            slot = self.new_slot(1 + left)
            victim = workers and turn % kill_each == 0
            then = self._killing(chance.choice(sorted(workers)), chance) if victim else None
            answers = self.ask(slot, then=then)
            if any(answer.status == 0 for answer in answers):
                answers = self._ask_those_again(slot, answers)
            self._settle(slot, answers, left)
            workers = {answer.worker for answer in answers}

    def new_slot(self, times: int = 1) -> Slot:
        """Make a visit of so many times, and return the last, which all will want."""
        turn = next(self.turns)
        day = timedelta(days=turn // VISITS_A_DAY, minutes=turn % VISITS_A_DAY * 20)
        visit = builders.visit(
            self.unit,
            self.technician,
            starts_at=builders.tomorrow(8) + day,
            hours=times / 15,
            actor=self.technician.user,
        )
        return visit.slots.order_by("-starts_at")[0]

    def ask(
        self, slot: Slot, then: Callable[[int], None] | None = None, variant: str = "whole"
    ) -> list[Answer]:
        """Let every client ask for the slot at once; return what each was told.

        Most send the form as the page's script does, some as a browser without it.
        """
        queues = [[Ask(self._form(slot, number, variant))] for number in range(CLIENTS)]
        return [answers[0] for answers in hot_client.send(self.port, queues, then)]

    def _form(self, slot: Slot, number: int, variant: str = "whole") -> bytes:
        by = {} if number < WITHOUT_SCRIPT else BY_SCRIPT
        return hot_client.post(
            reverse("booking:book", args=[slot.visit_id]),
            self.sessions[number],
            {**by, "X-Variant": variant},
            slot=slot.pk,
            need=self.needs[number].pk,
        )

    def _killing(self, worker: str, chance: Random) -> Callable[[int], None]:
        """Return what kills the worker once, when so many answers or more have come."""
        moments = [chance.randrange(4)]

        def kill(answered: int) -> None:
            if moments and answered >= moments[0]:
                moments.clear()
                os.kill(int(worker), signal.SIGKILL)
                self.kills += 1

        return kill

    def _ask_those_again(self, slot: Slot, answers: list[Answer]) -> list[Answer]:
        """Let those whose connection broke send the same form again, as anybody would."""
        cut = [number for number, answer in enumerate(answers) if answer.status == 0]
        again = hot_client.send(self.port, [[Ask(self._form(slot, number))] for number in cut])
        told = dict(zip(cut, again, strict=True))
        return [told[n][0] if n in told else answer for n, answer in enumerate(answers)]

    def _settle(self, slot: Slot, answers: list[Answer], left: int) -> None:
        """Note what each was told, and give whoever won somebody new to book."""
        self.doubles += people_in(slot) > 1
        for number, answer in enumerate(answers):
            outcome = told(answer, left)
            self.outcomes[outcome] += 1
            if outcome == "booked":
                self.needs[number] = new_need(self.unit)


def told(answer: Answer, left: int) -> str:
    """Say in a word what somebody was answered, while `left` other times were free."""
    taken = gettext("Somebody else has just taken the time") in answer.body
    booked = gettext("The time is booked.") in answer.body
    if answer.status == 302 or (answer.status == 200 and booked and not taken):
        return "booked"
    if answer.status == 200 and taken and not booked:
        offered = answer.body.count('name="slot" value="')
        none = gettext("No time is free in this visit. Book another visit.") in answer.body
        return "taken" if (offered, none) == (left, left == 0) else "taken, badly told"
    return f"{answer.status} {answer.body[:200]}"


def session_of(unit: CareUnit) -> str:
    """Return the session of a new manager of the unit."""
    client = Client()
    client.force_login(builders.user("care_manager", within=unit))
    return client.cookies["sessionid"].value


def new_need(unit: CareUnit) -> CardNeed:
    """Return the need of a new person at the unit."""
    due_on = builders.tomorrow().date()
    return CardNeed.objects.create(
        staff=builders.staff(unit), reason=Reason.RENEWAL, due_on=due_on, stage=Stage.NEEDS_CARD
    )


def people_in(slot: Slot) -> int:
    """Return how many people the database says have the slot."""
    return Booking.objects.filter(slot=slot).exclude(status="cancelled").count()


def drop_constraint() -> None:
    """Let the database itself allow two people in a slot."""
    [constraint] = [
        constraint
        for constraint in Booking._meta.constraints
        if constraint.name == "booking_one_person_per_slot"
    ]
    with connection.schema_editor() as editor:
        editor.remove_constraint(Booking, constraint)


def assert_consistent(race: Race, rounds: int) -> None:
    """Everything that a booking writes is there for every booking, and for nothing else."""
    booked = set(Booking.objects.values_list("need", flat=True))
    assert len(booked) == Booking.objects.count() == rounds
    assert set(CardNeed.objects.filter(stage="booked").values_list("pk", flat=True)) == booked
    assert StageChange.objects.filter(stage="booked").count() == rounds
    assert BookingChange.objects.count() == rounds
    assert Message.objects.filter(key__endswith=":request").count() == rounds
    found = list(log.verify(race.federation_id, []))
    assert [type(each) for each in found] == [Mark]
