"""Read across the rooms: what waits for a user, the texts of messages, what did not arrive."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Min, Q, QuerySet

from booking import access as booking_access
from booking.domain.states import VisitStatus
from booking.models import Visit
from booking.queries.letters import people_told
from enrolment.cards import access as cards_access
from enrolment.cards import queries as cards_queries
from enrolment.cards.queries import ExpiringCertificate
from enrolment.cards.queries.receipts import Outstanding, outstanding
from enrolment.desk import access
from enrolment.desk.words import MESSAGE_SUBJECTS
from enrolment.messages import texts
from enrolment.messages.domain.causes import cause
from enrolment.messages.models import Message
from enrolment.messages.queries import own_text, own_texts
from enrolment.messages.texts import Kind, Place, Text
from enrolment.people import access as people_access
from enrolment.people.access import Role
from enrolment.people.models import CardNeed, Staff, User
from enrolment.people.queries.needs import WITHOUT_TIME
from photos import access as photos_access
from photos import queries as photos_queries
from photos.queries.conflicts import late_visits, waiting


@dataclass(frozen=True)
class Start:
    """What waits: a number is None where the user's roles have nothing to do with it.

    `to_book` needs lack a time, the first due on `first_due`; `next_visit` is the next one that
    has not ended; `to_review` photos wait for the user's eyes, `to_order` photos for an order;
    `to_receipt` batches wait for the receipt of the card issuer that the user is.
    `to_renew` are the certificates that run out soon, for whoever administers a federation;
    `outstanding` is what receipts leave to do, for those who order cards; `undelivered` messages
    did not arrive. `to_decide` things from the station wait for a planner; `unsent` are the visits
    whose laptops still hold photos a day after.
    """

    roles: frozenset[str]
    to_book: int | None
    first_due: date | None
    next_visit: Visit | None
    to_review: int | None
    to_order: int | None
    to_receipt: int | None
    to_renew: list[ExpiringCertificate]
    outstanding: Outstanding | None
    undelivered: int
    to_decide: int
    unsent: list[Visit]

    @property
    def has_tasks(self) -> bool:
        """Say whether the page has anything to list."""
        counts = (self.to_book, self.to_review, self.to_order, self.to_receipt)
        counted = any(count is not None for count in counts)
        others = (self.to_renew, self.undelivered, self.to_decide, self.unsent)
        return counted or self.next_visit is not None or any(others)


def start(user: User, now: datetime) -> Start:
    """Return what waits for the user; at most nineteen queries."""
    roles = frozenset(people_access.roles(user))
    plans = bool(roles.intersection(booking_access.PLANNERS))
    needs = _to_book(user) if roles.intersection(booking_access.BOOKERS) else None
    return Start(
        roles=roles,
        to_book=needs.count() if needs is not None else None,
        first_due=needs.aggregate(first=Min("due_on"))["first"] if needs is not None else None,
        next_visit=_next_visit(user, now) if roles.intersection(booking_access.READERS) else None,
        to_review=_to_review(user) if Role.ID_ADMINISTRATOR in roles else None,
        to_order=_to_order(user) if roles.intersection(cards_access.KEEPERS) else None,
        to_receipt=_to_receipt(user) if Role.CARD_ISSUER in roles else None,
        to_renew=_to_renew(user, now) if Role.ADMINISTRATOR in roles else [],
        outstanding=_outstanding(user, now) if roles.intersection(cards_access.KEEPERS) else None,
        undelivered=_undelivered_count(user) if roles.intersection(cards_access.KEEPERS) else 0,
        to_decide=_to_decide(user) if plans else 0,
        unsent=_unsent(user, now) if plans else [],
    )


def _to_book(user: User) -> QuerySet[CardNeed]:
    needs = people_access.needs(user, *booking_access.BOOKERS)
    return needs.filter(open=True, stage__in=WITHOUT_TIME)


def _next_visit(user: User, now: datetime) -> Visit | None:
    coming = booking_access.visits(user).filter(status=VisitStatus.OPEN, ends_at__gt=now)
    return coming.order_by("starts_at").first()


def _to_review(user: User) -> int:
    return photos_queries.to_review(photos_access.photos(user), user).count()


def _to_order(user: User) -> int:
    federations = people_access.federations(user, *cards_access.KEEPERS)
    return sum(cards_queries.photos_to_order(federation).count() for federation in federations)


def _outstanding(user: User, now: datetime) -> Outstanding:
    batches, receipts = cards_access.batches(user), cards_access.receipts(user)
    return outstanding(batches, receipts, cards_access.orders_to_mend(user), now)


def _to_receipt(user: User) -> int:
    return cards_queries.unanswered(cards_access.issuer_batches(user))


def _undelivered_count(user: User) -> int:
    return access.failed_messages(user).count()


def _to_decide(user: User) -> int:
    return waiting(photos_access.station_records(user)).count()


def _unsent(user: User, now: datetime) -> list[Visit]:
    return late_visits(photos_access.planned_visits(user), now)


def _to_renew(user: User, now: datetime) -> list[ExpiringCertificate]:
    administered = list(people_access.federations(user, Role.ADMINISTRATOR))
    return cards_queries.expiring_certificates(administered, now) if administered else []


# --- Messages: their texts, and those that did not arrive -----------------------------------------


@dataclass(frozen=True)
class TextRow:
    """One kind of message by one channel; `own` where the federation has its own words."""

    which: str
    kind: Kind
    channel: str
    own: bool


@dataclass(frozen=True)
class Undelivered:
    """A message that did not arrive: `staff` is whom it was about, if it was about one person.

    `hidden` when that person is not for this reader's eyes: then nothing of it is shown.
    """

    message: Message
    subject: str
    cause: str
    staff: Staff | None
    hidden: bool


def text_rows(federation_id: UUID) -> list[TextRow]:
    """Return every text that the federation may word itself."""
    own = own_texts(federation_id)
    return [
        TextRow(f"{key}.{channel}", kind, channel, (key, channel) in own)
        for key, kind in texts.KINDS.items()
        for channel in kind.channels
    ]


def text_in_use(federation_id: UUID, key: str, channel: str) -> Text:
    """Return the federation's own text, or where it has none the house's."""
    return own_text(federation_id, key, channel) or texts.house_text(key, channel)


def has_own_text(federation_id: UUID, key: str, channel: str) -> bool:
    """Say whether the federation has its own words."""
    return own_text(federation_id, key, channel) is not None


def places_of(key: str) -> list[tuple[str, Place]]:
    """Return the placeholders of a kind of message, with what each becomes."""
    return [(f"{{{name}}}", texts.PLACES[name]) for name in texts.KINDS[key].places]


def chosen_messages(messages: QuerySet[Message], subject: str, channel: str) -> QuerySet[Message]:
    """Narrow messages to those about one thing, and by one channel; nothing chosen is all."""
    if channel:
        messages = messages.filter(channel=channel)
    if subject == "other":
        known = Q()
        for each in MESSAGE_SUBJECTS:
            known |= Q(key__startswith=f"{each}:")
        return messages.exclude(known)
    return messages.filter(key__startswith=f"{subject}:") if subject else messages


def undelivered_rows(messages: Iterable[Message], handled: Collection[UUID]) -> list[Undelivered]:
    """Return what a page tells of each message; `handled` are whom this reader may see."""
    messages = list(messages)
    people = people_told(messages)
    return [_undelivered(each, people.get(each.pk), handled) for each in messages]


def _undelivered(message: Message, staff: Staff | None, handled: Collection[UUID]) -> Undelivered:
    hidden = staff is not None and staff.protected and staff.pk not in handled
    subject = message.key.partition(":")[0]
    return Undelivered(
        message=message,
        subject=subject if subject in MESSAGE_SUBJECTS else "other",
        cause=cause(message.error),
        staff=None if hidden else staff,
        hidden=hidden,
    )
