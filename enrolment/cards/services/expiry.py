"""Tell the administrators in time of certificates that run out."""

from datetime import datetime, timedelta

from django.db import transaction
from django.template.loader import render_to_string

from enrolment.audit.services import System
from enrolment.cards.queries import ExpiringCertificate, expiring_certificates
from enrolment.cards.queries.receipts import people_with_roles
from enrolment.messages.services import Email, write_message
from enrolment.people.access import Role
from enrolment.people.models import Federation, User

# The days before the last one at which a letter goes out.
THRESHOLDS = (1, 7, 14, 30)
WATCH = System("certificate_watch")


def warn_of_expiry(*, now: datetime) -> None:
    """Write to each administrator, once at each threshold, of each certificate that runs out soon.

    Of an issuer's certificate its federation's are told, of our own all. One that has run out
    already is left to the pages.
    """
    found = [one for one in expiring_certificates(None, now, max(THRESHOLDS)) if _holds(one, now)]
    for federation in Federation.objects.order_by("pk") if found else []:
        own = [one for one in found if one.issuer is None or one.issuer.federation == federation]
        _tell(federation, own, now)


@transaction.atomic
def _tell(federation: Federation, found: list[ExpiringCertificate], now: datetime) -> None:
    for administrator in people_with_roles(federation.pk, Role.ADMINISTRATOR) if found else []:
        for one in found:
            _write(federation, administrator, one, now)


def _holds(one: ExpiringCertificate, now: datetime) -> bool:
    return one.valid_until > now


def _write(
    federation: Federation, administrator: User, one: ExpiringCertificate, now: datetime
) -> None:
    days = next(days for days in THRESHOLDS if one.valid_until - now <= timedelta(days=days))
    place = one.issuer.pk.hex if one.issuer else "own"
    occasion = (one.role, place, one.fingerprint[:16], str(days), administrator.pk.hex)
    write_message(
        actor=WATCH,
        federation_id=federation.pk,
        key=":".join(("expiring", *occasion)),
        email=Email(
            recipient=administrator.email,
            subject=_text("subject", one, administrator),
            body=_text("body", one, administrator),
        ),
    )


def _text(part: str, one: ExpiringCertificate, administrator: User) -> str:
    values = {"one": one, "administrator": administrator}
    return render_to_string(f"cards/mail/expiring_{part}.txt", values).strip()
