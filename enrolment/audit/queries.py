"""Read the log: the heads, whether it is whole, and its lines for a page."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections

from enrolment.audit.domain import chain
from enrolment.audit.domain.chain import GENESIS, Finding, Flaw, Mark, Row
from enrolment.audit.models import Anchor, Entry, Head

CHUNK = 5000
NOTHING = Mark(0, GENESIS, "head")


def is_there(alias: str = DEFAULT_DB_ALIAS) -> bool:
    """Say whether the database is migrated so far that it has a log with heads and anchors."""
    return Anchor._meta.db_table in connections[alias].introspection.table_names()


def head(federation_id: UUID | None) -> Mark:
    """Return the end of a chain: 0 and sixty-four noughts where nothing is logged.

    On PostgreSQL the caller's own lines are not counted before they are committed.
    """
    found = Head.objects.filter(federation_id=federation_id).values_list("sequence", "hash")
    return next((Mark(*head, "head") for head in found), NOTHING)


def chains() -> set[UUID | None]:
    """Return the federations that have a chain; None is that of the house itself."""
    return {
        federation_id
        for model in (Head, Entry, Anchor)
        for federation_id in model.objects.values_list("federation_id", flat=True).distinct()
    }


def anchors(federation_id: UUID | None) -> list[Mark]:
    """Return the anchors of a chain, the first first."""
    found = Anchor.objects.filter(federation_id=federation_id).order_by("day")
    return [Mark(each.sequence, each.hash, f"anchor {each.day}") for each in found]


def verify(federation_id: UUID | None, marks: Sequence[Mark]) -> Iterator[Finding | Mark]:
    """Go through a chain; yield what is wrong with it, and last its tail.

    It is held against its head, its anchors and the `marks` that the caller knows of. Lines may be
    written meanwhile: the head is read before them and after.
    """
    before = head(federation_id)
    tail = before
    known = [mark for mark in (before, *anchors(federation_id), *marks) if mark.sequence]
    for found in chain.verify(federation_id, _rows(federation_id), known):
        if isinstance(found, Mark):
            tail = found
        else:
            yield found
    yield from _beyond(federation_id, tail)
    yield from _unchained(federation_id)
    yield tail


def _rows(federation_id: UUID | None) -> Iterator[Row]:
    lines = Entry.objects.filter(federation_id=federation_id).exclude(sequence=None)
    columns = ("pk", *Row._fields[1:])
    found = lines.order_by("sequence", "pk").values_list(*columns)
    return map(Row._make, found.iterator(CHUNK))


def _beyond(federation_id: UUID | None, tail: Mark) -> Iterator[Finding]:
    """Yield the first line past the head as it is now, if the tail is past it."""
    after = head(federation_id)
    if tail.sequence > after.sequence:
        past = Entry.objects.filter(federation_id=federation_id, sequence__gt=after.sequence)
        line = past.order_by("sequence", "pk")[0]
        yield Finding(Flaw.BEYOND_HEAD, line.sequence, line.pk, line.at, after.sequence)


def _unchained(federation_id: UUID | None) -> Iterator[Finding]:
    lines = Entry.objects.filter(federation_id=federation_id, sequence=None).order_by("pk")
    for row_id, at in lines.values_list("pk", "at").iterator(CHUNK):
        yield Finding(Flaw.UNCHAINED, None, row_id, at)
