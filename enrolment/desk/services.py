"""What the desk does itself: the vault's keys are made, lines of the log leave as a file."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enrolment import vault
from enrolment.audit import queries as audit_queries
from enrolment.audit.services import Actor, Thing, record
from enrolment.desk.log_lines import Choice, Line, lines, shown
from enrolment.people.domain.csv_for_people import write_csv
from enrolment.people.models import Federation, User
from enrolment.people.services.protection import note_looks

MOST_LINES = 10_000


class TooManyLines(Exception):
    """More lines were chosen than one file takes."""


def create_keys(*, actor: Actor) -> None:
    """Make the vault's keys that are not there. Without a database so far nothing is logged."""
    made = vault.create_keys(settings.KEYS_DIR)
    for name in made if audit_queries.is_there() else []:
        record(
            actor=actor, action="desk.create_keys", subject=Thing("key", name), federation_id=None
        )


@transaction.atomic
def fetch_log(*, actor: User, federation: Federation, choice: Choice) -> bytes:
    """Return the chosen lines as CSV, the newest first, as the actor may see them.

    Raises TooManyLines for more than MOST_LINES.
    """
    found = list(lines(federation, choice)[: MOST_LINES + 1])
    if len(found) > MOST_LINES:
        raise TooManyLines
    told = shown(actor, federation, found)
    note_log_looks(actor=actor, told=told)
    record(
        actor=actor,
        action="desk.fetch_log",
        subject=federation,
        federation_id=federation.pk,
        lines=len(told),
    )
    head = (_("Row"), _("When"), _("Who"), _("What"), _("Person"), _("Subject"), _("Details"))
    return write_csv([head, *map(_cells, told)])


def note_log_looks(*, actor: User, told: list[Line]) -> None:
    """Record a look at each protected person whom the lines name."""
    note_looks(actor=actor, people={line.person for line in told if line.person})


def _cells(line: Line) -> tuple[str, ...]:
    entry = line.entry
    return (
        str(entry.sequence or ""),
        timezone.localtime(entry.at).isoformat(" ", "seconds"),
        line.by,
        str(line.said),
        line.person.hsa_id if line.person else "",
        line.subject,
        line.details,
    )
