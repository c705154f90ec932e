"""The doors of the desk: which messages that did not arrive this user may look after."""

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from enrolment.cards.access import KEEPERS
from enrolment.messages.models import Message
from enrolment.messages.queries import failed
from enrolment.people import access as people_access
from enrolment.people.access import SomeUser


def failed_messages(user: SomeUser) -> QuerySet[Message]:
    """Return what did not arrive, and nobody has dealt with, in the user's whole federations."""
    federations = people_access.federations(user, *KEEPERS)
    return failed(federations.values_list("pk", flat=True))


def failed_message(user: SomeUser, message_id: UUID) -> Message:
    """Return one of the messages in the user's whole federations, or 404.

    One that has been dealt with is found too: that is for the services to say.
    """
    federations = people_access.federations(user, *KEEPERS)
    return get_object_or_404(Message, federation_id__in=federations.values("pk"), pk=message_id)
