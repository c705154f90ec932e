"""People's own ways to their time: a link, and a code for slips; made, renewed, found."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from booking.domain.own_codes import read_code
from booking.models import Booking, OwnLink, Visit
from booking.queries.own_time import address_of, code_digest, code_on_slip, digests, token_digest
from booking.services.refusals import ProtectedPerson
from enrolment import turns, vault, wall
from enrolment.audit.services import Actor, record
from enrolment.people.models import CardNeed

# A house choice: a whole unit may stand behind one network address, and a code is one of 17 · 10⁹.
MOST_WRONG_CODES = 20
REST = timedelta(minutes=15)


class TooManyWrongCodes(Exception):
    """Wrong codes from one network address: nothing more is tried for a while."""


@dataclass(frozen=True)
class OwnWay:
    """One person's way to a visit: the whole address of the page, and the code as printed."""

    address: str
    code: str
    link: OwnLink


@dataclass(frozen=True)
class OwnHand:
    """Whoever holds a link: what the log knows of who moved a time."""

    link_id: UUID

    @property
    def audit_name(self) -> str:
        """Return the name the log shows."""
        return f"own-link:{self.link_id}"


def own_way(*, visit: Visit, need: CardNeed) -> OwnWay:
    """Return the person's way to the visit, made now or before. Raises ProtectedPerson.

    It is open until the end of the visit's day; one asked for again after the visit has been moved
    follows it. Who books or writes to the person notes that in the log.
    """
    if need.staff.protected:
        raise ProtectedPerson
    link = OwnLink.objects.filter(visit=visit, need=need).first() or _make(visit, need)
    if link.revoked_at:
        _renew(link)
    expires_at = end_of_day(visit.ends_at)
    if link.expires_at != expires_at:
        link.expires_at = expires_at
        link.save(update_fields=["expires_at"])
    return _way(link)


@transaction.atomic
def renew_way(*, actor: Actor, booking: Booking) -> OwnWay:
    """Make the person's earlier link and code useless, and return new ones.

    Raises ProtectedPerson.
    """
    link = own_way(visit=booking.visit, need=booking.need).link
    link = OwnLink.objects.select_for_update().get(pk=link.pk)
    _renew(link)
    _record(actor, "booking.renew_way", booking, link)
    return _way(link)


@transaction.atomic
def revoke_way(*, actor: Actor, booking: Booking) -> None:
    """Close the person's link and code; twice is once."""
    open_links = OwnLink.objects.filter(visit=booking.visit_id, need=booking.need_id)
    link = open_links.filter(revoked_at=None).first()
    if link is None:
        return
    link.revoked_at = timezone.now()
    link.save(update_fields=["revoked_at"])
    _record(actor, "booking.revoke_way", booking, link)


@wall.lifted()
def link_of(token: str) -> OwnLink | None:
    """Return the link with this token, its visit and person with it, whatever has become of it."""
    return _links().filter(token_digest=token_digest(token)).first()


@wall.lifted()
def link_of_code(*, code: str, place: str) -> OwnLink | None:
    """Return the link with the code that was typed at the network address `place`, or None.

    One that has ended is found, so that its page says so; one that is closed, or a protected
    person's, is as unknown as a wrong code. Raises WrongCode for a typing slip, TooManyWrongCodes
    where somebody guesses.
    """
    read = read_code(code)
    if turns.taken(_key(place)) >= MOST_WRONG_CODES:
        raise TooManyWrongCodes
    told = _links().filter(revoked_at=None, need__staff__protected=False)
    link = told.filter(code_digest=code_digest(read)).first()
    if link is None:
        turns.take(_key(place), most=MOST_WRONG_CODES, rest=REST)
    return link


def end_of_day(moment: datetime) -> datetime:
    """Return the midnight, by the Swedish clock, that ends the day of the moment."""
    day = timezone.localdate(moment) + timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time.min))


def _links() -> QuerySet[OwnLink]:
    return OwnLink.objects.select_related(
        "visit__unit__municipality__federation", "need__staff__unit"
    )


def _way(link: OwnLink) -> OwnWay:
    return OwnWay(address_of(link), code_on_slip(link), link)


def _make(visit: Visit, need: CardNeed) -> OwnLink:
    """Make the link; where the code is somebody's already, the next edition has another."""
    link = OwnLink(visit=visit, need=need, edition=0, expires_at=end_of_day(visit.ends_at))
    while True:
        link.edition += 1
        link.token_digest, link.code_digest = digests(link)
        try:
            with transaction.atomic():
                link.save(force_insert=True)
        except IntegrityError:
            if made := OwnLink.objects.filter(visit=visit, need=need).first():
                return made
        else:
            return link


def _renew(link: OwnLink) -> None:
    link.edition, link.revoked_at = link.edition + 1, None
    link.token_digest, link.code_digest = digests(link)
    link.save(update_fields=["edition", "revoked_at", "token_digest", "code_digest"])


def _record(actor: Actor, action: str, booking: Booking, link: OwnLink) -> None:
    federation_id = booking.need.staff.federation_id
    edition = link.edition
    record(
        actor=actor, action=action, subject=booking, federation_id=federation_id, edition=edition
    )


def _key(place: str) -> str:
    """Return a name for the address that does not tell it."""
    return "own_code:" + vault.blind_index(place, "own_code")
