"""Tell those who order cards that a receipt is overdue."""

from datetime import datetime

from django.template.loader import render_to_string
from django.urls import reverse

from enrolment.audit.services import System
from enrolment.cards.queries.receipts import Overdue, all_overdue, people_with_roles
from enrolment.messages.services import Email, page_address, write_message
from enrolment.people.models import Membership

WATCHMAN = System("receipt-watch")
TOLD = (Membership.Role.ID_ADMINISTRATOR, Membership.Role.PLANNER)


def raise_alarms(*, now: datetime) -> int:
    """Write one mail per batch, kind of receipt and person; return how many are overdue.

    A batch that is sent once more is alarmed about anew.
    """
    late = all_overdue(now)
    for each in late:
        _tell(each)
    return len(late)


def _tell(late: Overdue) -> None:
    batch = late.batch
    federation_id = batch.issuer.federation_id
    link = page_address(reverse("cards:batch", args=[batch.pk]))
    values = {"late": late, "batch": batch, "link": link}
    subject = render_to_string("cards/mail/overdue_subject.txt", values).strip()
    body = render_to_string("cards/mail/overdue_body.txt", values).strip()
    for person in people_with_roles(federation_id, *TOLD):
        write_message(
            actor=WATCHMAN,
            federation_id=federation_id,
            key=f"overdue:{late.kind}:{batch.pk}:{late.due:%Y%m%dT%H%M}:{person.pk}",
            email=Email(recipient=person.email, subject=subject, body=body),
        )
