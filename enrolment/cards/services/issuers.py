"""Register card issuers, change what is agreed with them, and say who acts for them."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import transaction

from enrolment.audit.services import Actor, Detail, record
from enrolment.cards.domain import sftp_target
from enrolment.cards.domain.package_fields import CODE, CONTROL
from enrolment.cards.models import Issuer
from enrolment.people.access import Role
from enrolment.people.models import Federation, User

# Both stand in every package, so they must be what the package takes as a code.
is_code = RegexValidator(CODE["pattern"])
# The name stands in headings of letters, where a line break would end the heading.
is_plain = RegexValidator(CONTROL, inverse_match=True)
MOST = {"technical_hours": 168, "content_days": 30, "sftp_port": 65535}
TARGET = {
    "sftp_host": sftp_target.read_host,
    "sftp_user": sftp_target.read_user,
    "sftp_folder": sftp_target.read_folder,
    "sftp_host_key": sftp_target.read_host_key,
}


class NotACardIssuer(Exception):
    """Who acts for a card issuer must hold that role for the whole of the issuer's federation."""


@dataclass(frozen=True, kw_only=True)
class IssuerSettings:
    """What is agreed with an issuer, as cards.models.Issuer tells it; SFTP wants a whole server."""

    name: str
    environment: str
    card_type: str
    wants_personnummer: bool
    way: str
    sftp_host: str = ""
    sftp_port: int = 22
    sftp_user: str = ""
    sftp_folder: str = ""
    sftp_host_key: str = ""
    technical_hours: int = 4
    content_days: int = 2


@transaction.atomic
def register_issuer(
    *,
    actor: Actor,
    federation: Federation,
    name: str,
    slug: str,
    environment: Issuer.Environment,
    card_type: str,
    wants_personnummer: bool = False,
) -> Issuer:
    """Register a card issuer of the federation.

    `slug` names the issuer in packages and folders, `card_type` is the issuer's own code;
    `wants_personnummer` only where the agreement with the issuer says so. Raises ValidationError
    where slug or type is no code, or the slug is taken in the federation.
    """
    issuer = Issuer(
        federation=federation,
        name=name,
        slug=slug,
        environment=environment,
        card_type=card_type,
        wants_personnummer=wants_personnummer,
    )
    issuer.full_clean()
    is_plain(name)
    is_code(slug)
    is_code(card_type)
    issuer.save(force_insert=True)
    _record(actor, "cards.register_issuer", issuer, environment=environment)
    return issuer


@transaction.atomic
def change_issuer(*, actor: Actor, issuer: Issuer, settings: IssuerSettings) -> Issuer:
    """Change what is agreed with an issuer; the log tells which settings, never their values.

    Batches already sealed stay as they are; a new way counts at once. Raises ValidationError, or
    TargetRefused (cards.domain.sftp_target) for an SFTP server that can't be used.
    """
    issuer = Issuer.objects.select_for_update().get(pk=issuer.pk)
    wanted = asdict(_read(settings))
    changed = sorted(name for name, value in wanted.items() if getattr(issuer, name) != value)
    for name in changed:
        setattr(issuer, name, wanted[name])
    _check(issuer)
    if changed:
        issuer.save(update_fields=changed)
        _record(actor, "cards.change_issuer", issuer, changed=changed)
    return issuer


@transaction.atomic
def add_person(*, actor: Actor, issuer: Issuer, user: User) -> None:
    """Let a user act as the card issuer. Raises NotACardIssuer."""
    held = user.memberships.filter(municipality=None, unit=None)
    if not held.filter(role=Role.CARD_ISSUER, federation=issuer.federation_id).exists():
        raise NotACardIssuer
    issuer.people.add(user)
    _record(actor, "cards.add_person", issuer, user=str(user.pk))


@transaction.atomic
def remove_person(*, actor: Actor, issuer: Issuer, user: User) -> None:
    """Let a user no longer act as the card issuer."""
    issuer.people.remove(user)
    _record(actor, "cards.remove_person", issuer, user=str(user.pk))


def _read(settings: IssuerSettings) -> IssuerSettings:
    """Return the settings with the SFTP server as it is kept; all of it where that is the way."""
    needed = settings.way == Issuer.Way.SFTP
    read: dict[str, Any] = {
        name: reader(getattr(settings, name))
        for name, reader in TARGET.items()
        if needed or getattr(settings, name)
    }
    return replace(settings, **read)


def _check(issuer: Issuer) -> None:
    """Refuse what the form refuses, whoever asks."""
    issuer.full_clean()
    is_plain(issuer.name)
    is_code(issuer.card_type)
    for name, most in MOST.items():
        MinValueValidator(1)(getattr(issuer, name))
        MaxValueValidator(most)(getattr(issuer, name))


def _record(actor: Actor, action: str, issuer: Issuer, **details: Detail) -> None:
    record(
        actor=actor,
        action=action,
        subject=issuer,
        federation_id=issuer.federation_id,
        **details,
    )
