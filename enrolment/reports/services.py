"""What paper leaves behind in the log."""

from django.db.models import Model

from enrolment.audit.services import Actor, record
from enrolment.people.models import Federation


def note_paper(*, actor: Actor, paper: str, about: Model, federation: Federation) -> None:
    """Record that somebody fetched a paper as PDF, such as the `day_sheet` of a visit."""
    record(
        actor=actor,
        action="reports.fetch_paper",
        subject=about,
        federation_id=federation.pk,
        paper=paper,
    )
