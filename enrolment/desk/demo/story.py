"""What the demo's steps hand on to each other, and the counts they leave."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from booking.models import Visit
from enrolment.audit.services import System
from enrolment.cards.models import Batch, Issuer
from enrolment.desk.demo import world
from enrolment.people.models import Federation, User

DEMO = System("demo")


class DemoFailed(Exception):
    """A step did not do what the story says; the message names it and what to look at."""


@dataclass
class Story:
    """The demo so far: where its files go, the picture all takes are made of, and its rows."""

    folder: Path
    portrait: bytes
    now: datetime
    summary: dict[str, Any] = field(default_factory=dict)
    federations: dict[str, Federation] = field(default_factory=dict)
    users: dict[tuple[str, str], User] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    planned: list[Visit] = field(default_factory=list)
    issuer: Issuer = field(init=False)
    batches: list[Batch] = field(default_factory=list)

    def user(self, role: str) -> User:
        """Return the user who holds a role in the federation the story follows."""
        return self.users[world.GOLISKA.slug, role]


def expect(held: bool, otherwise: str) -> None:
    """Stop the story with a message unless something holds."""
    if not held:
        raise DemoFailed(otherwise)
