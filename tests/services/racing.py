"""Real processes on a database of their own, sent off together.

A racer is a child process at the database it was given. It runs functions by dotted name; the
first argument is a barrier that all racers of the crew share. The database's settings are what
the fixture `own_database` gives. Racers are forked from a process that has imported the house and
done nothing else: to import it takes longer than most races.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils.module_loading import import_string

PATIENCE = 60
GROUND = "tests.services.racing_ground"


@dataclass
class Racer:
    """The parent's end of one child process."""

    process: Any
    orders: Connection
    answers: Connection

    def start(self, function: str, *arguments: Any) -> None:
        self.orders.send((function, arguments))

    def result(self) -> Any:
        if not self.answers.poll(PATIENCE):
            raise TimeoutError("a racer gave no answer")
        fine, value = self.answers.recv()
        if not fine:
            raise AssertionError(f"a racer stopped: {value}")
        return value

    def run(self, function: str, *arguments: Any) -> Any:
        self.start(function, *arguments)
        return self.result()


@contextmanager
def crew(database: dict[str, Any], size: int) -> Iterator[list[Racer]]:
    """Start `size` racers on the database; they end with the block."""
    context = get_context("forkserver")
    context.set_forkserver_preload([GROUND])
    meet = context.Barrier(size)
    racers = [_start(context, database, meet) for _ in range(size)]
    try:
        yield racers
    finally:
        for racer in racers:
            racer.orders.close()
            racer.process.join(PATIENCE)


def together(racers: Sequence[Racer], function: str, *arguments: Sequence[Any]) -> list[Any]:
    """Run the function in every racer at once, each with its own item of every argument."""
    for number, racer in enumerate(racers):
        racer.start(function, *(argument[number] for argument in arguments))
    return [racer.result() for racer in racers]


def _start(context: Any, database: dict[str, Any], meet: Any) -> Racer:
    orders_in, orders_out = context.Pipe(duplex=False)
    answers_in, answers_out = context.Pipe(duplex=False)
    arguments = (database, meet, orders_in, answers_out)
    process = context.Process(target=_race, args=arguments, daemon=True)
    process.start()
    orders_in.close()
    answers_out.close()
    return Racer(process, orders_out, answers_in)


def _race(database: dict[str, Any], meet: Any, orders: Connection, answers: Connection) -> None:
    """Be a racer: connect to the database, then obey until the parent hangs up."""
    settings.DATABASES = {"default": database}
    connections.settings["default"] = database
    connections["default"] = connections.create_connection("default")
    while True:
        try:
            function, arguments = orders.recv()
        except EOFError:
            return
        try:
            answers.send((True, import_string(function)(meet, *arguments)))
        except Exception as error:  # noqa: BLE001 whatever it is, the parent must hear of it
            meet.abort()
            answers.send((False, f"{type(error).__name__}: {error}"))
