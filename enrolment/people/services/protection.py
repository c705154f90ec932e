"""Protected persons: who handles them, and who has looked."""

from collections.abc import Iterable

from django.db import transaction

from enrolment.audit.services import Actor, record
from enrolment.people.models import Membership, Staff, User


class NotInFederation(Exception):
    """A handler must hold a role in the person's federation."""


def note_look(*, actor: Actor, staff: Staff) -> None:
    """Record that somebody looked at a person, where that person is protected."""
    note_looks(actor=actor, people=[staff])


def note_looks(*, actor: Actor, people: Iterable[Staff]) -> None:
    """Record a look at each protected person among those a page shows.

    A page that shows none writes nothing, and so never waits for a writer.
    """
    for staff in people:
        if staff.protected:
            _record(actor, "people.note_look", staff)


@transaction.atomic
def name_handler(*, actor: Actor, staff: Staff, handler: User) -> None:
    """Let a user handle a protected person. Raises NotInFederation."""
    if not Membership.objects.filter(user=handler, federation=staff.federation_id).exists():
        raise NotInFederation
    staff.handlers.add(handler)
    _record(actor, "people.name_handler", staff, user=str(handler.pk))


@transaction.atomic
def release_handler(*, actor: Actor, staff: Staff, handler: User) -> None:
    """Let a user no longer handle a protected person."""
    staff.handlers.remove(handler)
    _record(actor, "people.release_handler", staff, user=str(handler.pk))


def _record(actor: Actor, action: str, staff: Staff, **details: str) -> None:
    record(
        actor=actor,
        action=action,
        subject=staff,
        federation_id=staff.federation_id,
        **details,
    )
