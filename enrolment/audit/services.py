"""Write the log."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.db.models import Model
from django.utils import timezone

from enrolment.audit.models import Entry

Detail = str | int | float | bool | None | list[str]


class Actor(Protocol):
    """Whoever does something: a logged-in user, or a named part of the system."""

    @property
    def audit_name(self) -> str:
        """Return the name the log shows: an id, never a person's name."""


@dataclass(frozen=True)
class System:
    """A part of the house that acts by itself, such as the sweeper or a command."""

    name: str

    @property
    def audit_name(self) -> str:
        """Return the name the log shows."""
        return f"system:{self.name}"


def record(
    *, actor: Actor, action: str, subject: Model, federation_id: UUID | None, **details: Detail
) -> None:
    """Add one line, inside the caller's transaction: who did what to which row.

    `action` is the service's dotted name, such as `booking.book_visit`; `details` are ids, counts
    and codes, never names, numbers or addresses of people.
    """
    Entry.objects.create(
        federation_id=federation_id,
        at=timezone.now(),
        actor=actor.audit_name,
        action=action,
        subject=f"{subject._meta.model_name}:{subject.pk}",
        details=details,
    )
