"""The keys of issuers' machines to the API: shown once, then known by their digest alone."""

import base64
import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from enrolment import turns, wall
from enrolment.audit.services import Actor, System, record
from enrolment.cards.models import Issuer, IssuerToken
from enrolment.people.domain.refusal import Refusal
from enrolment.people.models import User

# What a secret begins with: a search for leaked ones finds it.
PREFIX = "frt_"
SECRET_BYTES = 32
# A house choice: whoever uses a token has to think of it again after two years.
LONGEST = timedelta(days=731)
# The use of a token is written down this often and no more: reading must not cost a write.
NOTED_EVERY = timedelta(minutes=1)
# And that a dead one was tried: nobody fills the log that way.
REFUSED_EVERY = timedelta(hours=1)
DOOR = System("issuer-api")


class TokenFault(StrEnum):
    """Why no token was given out."""

    TOKEN_PERIOD = "token_period"  # noqa: S105 a code


class TokenRefused(Refusal):
    """No token was made: `code` is a TokenFault."""


@transaction.atomic
def issue_token(
    *, actor: User, issuer: Issuer, name: str, valid_until: datetime
) -> tuple[IssuerToken, str]:
    """Make a token of the issuer's; return it and its secret, which nobody can show again.

    Raises TokenRefused unless `valid_until` lies ahead, at most two years off.
    """
    if not timedelta() < valid_until - timezone.now() <= LONGEST:
        raise TokenRefused(TokenFault.TOKEN_PERIOD)
    secret = PREFIX + _encoded(secrets.token_bytes(SECRET_BYTES))
    token = IssuerToken.objects.create(
        issuer=issuer,
        name=name,
        digest=_digest(secret),
        created_by=actor,
        valid_until=valid_until,
    )
    _record(actor, "cards.issue_token", token)
    return token, secret


@transaction.atomic
def revoke_token(*, actor: Actor, token: IssuerToken) -> None:
    """End a token at once, for good; one that is revoked already stays as it is."""
    alive = IssuerToken.objects.filter(pk=token.pk, revoked_at=None)
    if alive.update(revoked_at=timezone.now()):
        _record(actor, "cards.revoke_token", token)


@wall.lifted()
def token_of(secret: str) -> IssuerToken | None:
    """Return the valid token with this secret, its issuer and federation with it, or None.

    It is found by its SHA-256: how long that takes tells nothing of the secret. That it was used
    is written down once a minute, that a revoked one or one that has run out was tried once an
    hour, in the log.
    """
    now = timezone.now()
    issued = IssuerToken.objects.select_related("issuer__federation")
    token = issued.filter(digest=_digest(secret)).first()
    if token is None:
        return None
    if token.revoked_at or token.valid_until <= now:
        _note_refusal(token)
        return None
    _note_use(token, now)
    return token


def _note_use(token: IssuerToken, now: datetime) -> None:
    long_ago = Q(last_used_at=None) | Q(last_used_at__lte=now - NOTED_EVERY)
    IssuerToken.objects.filter(long_ago, pk=token.pk).update(last_used_at=now)


def _note_refusal(token: IssuerToken) -> None:
    """Somebody has a token that should be forgotten: its federation is to know."""
    if turns.take(f"cards_refused:{token.pk}", most=1, rest=REFUSED_EVERY):
        why = "revoked" if token.revoked_at else "expired"
        _record(DOOR, "cards.refuse_token", token, why=why)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _encoded(random: bytes) -> str:
    return base64.urlsafe_b64encode(random).rstrip(b"=").decode()


def _record(actor: Actor, action: str, token: IssuerToken, **details: str) -> None:
    federation_id = token.issuer.federation_id
    record(actor=actor, action=action, subject=token, federation_id=federation_id, **details)
