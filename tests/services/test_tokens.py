"""The keys of the issuers' machines: shown once, kept as a digest, and ended at once."""

import hashlib
import re
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from enrolment.audit.models import Entry
from enrolment.cards.models import IssuerToken
from enrolment.cards.services import rates, tokens
from enrolment.cards.services.rates import take_turn
from enrolment.cards.services.tokens import TokenRefused, issue_token, revoke_token, token_of
from enrolment.people.models import User
from tests import builders, card_builders

pytestmark = pytest.mark.django_db


def issued(**more) -> tuple[IssuerToken, str]:
    issuer = more.pop("issuer", None) or card_builders.issuer()
    more.setdefault("valid_until", timezone.now() + timedelta(days=90))
    actor = more.pop("actor", None) or builders.user()
    return issue_token(actor=actor, issuer=issuer, name="Maskinen", **more)


def lines(action: str) -> list[tuple[str, str]]:
    return list(Entry.objects.filter(action=action).values_list("actor", "subject"))


def test_a_secret_has_its_prefix_and_32_random_bytes():
    secrets = {issued(issuer=card_builders.issuer())[1] for _ in range(3)}
    assert len(secrets) == 3
    for secret in secrets:
        assert re.fullmatch("frt_[A-Za-z0-9_-]{43}", secret)


def test_only_the_digest_of_the_secret_is_kept():
    token, secret = issued()
    kept = IssuerToken.objects.values().get(pk=token.pk)
    assert kept["digest"] == hashlib.sha256(secret.encode()).hexdigest()
    assert not any(secret in str(value) for value in kept.values())
    assert not Entry.objects.filter(details__icontains=secret).exists()


def test_the_secret_finds_its_token_and_issuer_without_more_queries():
    token, secret = issued()
    found = token_of(secret)
    assert found == token
    with CaptureQueriesContext(connection) as queries:
        assert found.issuer.federation.name
    assert len(queries) == 0


@pytest.mark.parametrize("other", ["", "frt_", "frt_" + "A" * 43, "frt_é", "x" * 10_000])
def test_another_secret_finds_none(other):
    _token, secret = issued()
    assert token_of(other) is None
    assert token_of(secret[:-1]) is None
    assert token_of(secret + "A") is None
    assert token_of(hashlib.sha256(secret.encode()).hexdigest()) is None


def test_a_token_that_has_run_out_opens_nothing():
    token, secret = issued(valid_until=timezone.now() + timedelta(hours=1))
    assert token_of(secret) == token
    IssuerToken.objects.filter(pk=token.pk).update(valid_until=timezone.now())
    assert token_of(secret) is None


def test_a_revoked_token_opens_nothing_and_is_revoked_once():
    token, secret = issued()
    actor = builders.user()
    revoke_token(actor=actor, token=token)
    token.refresh_from_db()
    first = token.revoked_at
    assert token_of(secret) is None
    revoke_token(actor=builders.user(), token=token)
    token.refresh_from_db()
    assert token.revoked_at == first
    assert lines("cards.revoke_token") == [(actor.audit_name, f"issuertoken:{token.pk}")]


def refusals() -> list[tuple[str, str, dict]]:
    found = Entry.objects.filter(action="cards.refuse_token").order_by("sequence")
    return list(found.values_list("actor", "subject", "details"))


@pytest.mark.parametrize("change", ["revoked_at", "valid_until"])
def test_a_dead_token_that_is_tried_is_in_the_log_of_its_federation_once_an_hour(
    monkeypatch, change
):
    token, secret = issued()
    IssuerToken.objects.filter(pk=token.pk).update(**{change: timezone.now()})
    assert [token_of(secret) for _ in range(3)] == [None] * 3
    why = {"revoked_at": "revoked", "valid_until": "expired"}[change]
    line = ("system:issuer-api", f"issuertoken:{token.pk}", {"why": why})
    assert refusals() == [line]
    assert Entry.objects.get(action="cards.refuse_token").federation_id == (
        token.issuer.federation_id
    )
    later = time.time() + tokens.REFUSED_EVERY.total_seconds() + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert token_of(secret) is None
    assert refusals() == [line] * 2


def test_a_secret_that_nobody_was_given_leaves_no_line():
    _token, secret = issued()
    token_of(secret + "A")
    assert refusals() == []


def test_issuing_is_in_the_log():
    actor: User = builders.user()
    token, _secret = issued(actor=actor)
    assert lines("cards.issue_token") == [(actor.audit_name, f"issuertoken:{token.pk}")]
    assert token.created_by == actor


@pytest.mark.parametrize("days", [-1, 0, 732])
def test_a_period_that_is_over_or_too_long_is_refused(days):
    with pytest.raises(TokenRefused) as refused:
        issued(valid_until=timezone.now() + timedelta(days=days))
    assert refused.value.code == "token_period"
    assert IssuerToken.objects.count() == 0


def test_two_years_are_allowed():
    assert issued(valid_until=timezone.now() + timedelta(days=731))[0].pk


def test_use_is_noted_once_a_minute():
    token, secret = issued()
    token_of(secret)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    token_of(secret)
    token.refresh_from_db()
    assert token.last_used_at == first
    earlier = first - timedelta(seconds=61)
    IssuerToken.objects.filter(pk=token.pk).update(last_used_at=earlier)
    token_of(secret)
    token.refresh_from_db()
    assert token.last_used_at > earlier


def test_a_token_has_so_many_turns_a_minute_and_then_waits(monkeypatch):
    monkeypatch.setattr(rates, "CALLS_A_MINUTE", 3)
    noon = timezone.now().replace(second=15, microsecond=0)
    monkeypatch.setattr(rates.timezone, "now", lambda: noon)
    token, other = issued()[0], issued()[0]
    assert [take_turn(token) for _ in range(4)] == [0, 0, 0, 45]
    assert take_turn(other) == 0
    monkeypatch.setattr(rates.timezone, "now", lambda: noon + timedelta(seconds=45))
    assert take_turn(token) == 0
