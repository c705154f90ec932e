"""Write the log, and anchor it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from enrolment import wall
from enrolment.audit import anchor_file
from enrolment.audit.domain.chain import GENESIS, content_digest, link
from enrolment.audit.models import Anchor, Entry, Head

_HEAD_OF = "SELECT sequence, hash FROM audit_head WHERE federation_id IS %s"
_NEW_HEAD = "INSERT INTO audit_head (sequence, hash, federation_id) VALUES (%s, %s, %s)"
_MOVE_HEAD = "UPDATE audit_head SET sequence = %s, hash = %s WHERE federation_id IS %s"
# Whole numbers and text alone come back from both databases just as they were hashed.
Detail = str | int | bool | None | list[str]


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


@dataclass(frozen=True)
class Thing:
    """What something was done to, where that is no row: a key file, say."""

    kind: str
    name: str


@transaction.atomic(savepoint=False)
def record(
    *,
    actor: Actor,
    action: str,
    subject: Model | Thing,
    federation_id: UUID | None,
    **details: Detail,
) -> None:
    """Add one line, inside the caller's transaction: who did what to which row.

    `action` is the service's dotted name, such as `booking.book_visit`; `details` are ids, counts
    and codes, never names, numbers or addresses of people. The line is linked to the one before:
    here on SQLite, at commit on PostgreSQL (audit/triggers.py).
    """
    line = Entry(
        federation_id=federation_id,
        at=timezone.now(),
        actor=actor.audit_name,
        action=action,
        subject=_named(subject),
        details=details,
    )
    line.digest = content_digest(
        federation_id, line.at, line.actor, line.action, line.subject, line.details
    )
    if connection.vendor == "sqlite":
        _link(line)
    with wall.lifted():
        line.save(force_insert=True)


def _named(subject: Model | Thing) -> str:
    if isinstance(subject, Thing):
        return f"{subject.kind}:{subject.name}"
    return f"{subject._meta.model_name}:{subject.pk}"


def anchor_logs(*, now: datetime) -> int:
    """Write down once a day what each chain has come to; return how many were written.

    Each is a row, and a line in a file to copy away from the machine (audit/anchor_file.py).
    """
    day = timezone.localdate(now)
    done = set(Anchor.objects.filter(day=day).values_list("federation_id", flat=True))
    due = [head for head in Head.objects.order_by("pk") if head.federation_id not in done]
    return sum(_anchor(head, now) for head in due)


def _anchor(head: Head, now: datetime) -> bool:
    """Anchor one chain unless another worker just did; without its line on the disk no row."""
    anchor = Anchor(
        federation_id=head.federation_id,
        day=timezone.localdate(now),
        at=now,
        sequence=head.sequence,
        hash=head.hash,
    )
    try:
        with transaction.atomic():
            anchor.save(force_insert=True)
            anchor_file.append(anchor)
    except IntegrityError:
        return False
    return True


def _link(line: Entry) -> None:
    """Let the line follow on the head, and move the head. The database is locked for writing.

    In plain SQL: every service does this while all other writers wait.
    """
    chain = line.federation_id.hex if line.federation_id else None
    with connection.cursor() as cursor:
        cursor.execute(_HEAD_OF, [chain])
        last, line.previous_hash = cursor.fetchone() or (0, GENESIS)
        line.sequence = last + 1
        line.hash = link(line.previous_hash, line.sequence, line.digest)
        cursor.execute(_MOVE_HEAD if last else _NEW_HEAD, [line.sequence, line.hash, chain])
