"""The log as tests see it."""

from uuid import UUID

from django.db import connection

from enrolment.audit import queries, triggers
from enrolment.audit.domain.chain import Finding, Mark
from enrolment.audit.models import Entry
from enrolment.audit.services import System, record
from tests import builders


def settle() -> None:
    """Let the lines be linked as they are at commit: a test's transaction never commits."""
    connection.check_constraints()


def log(federation_id: UUID | None, lines: int) -> list[Entry]:
    """Write and link lines; return those of the chain in order."""
    user = builders.user()
    for count in range(lines):
        record(
            actor=System("test"),
            action="people.log_in",
            subject=user,
            federation_id=federation_id,
            count=count,
        )
    settle()
    return list(Entry.objects.filter(federation_id=federation_id).order_by("sequence"))


def findings(federation_id: UUID | None, *marks: Mark) -> list[Finding]:
    """Verify the chain; return what is wrong with it."""
    found = queries.verify(federation_id, marks)
    return [finding for finding in found if isinstance(finding, Finding)]


def as_superuser(statement: str, *values: object) -> None:
    """Do what a superuser can: change rows with the triggers out of the way."""
    triggers.unguard(connection)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
    triggers.guard(connection)
