"""The batches: sealed on a page, followed while they are built, fetched, tried again."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from enrolment.audit.models import Entry
from enrolment.cards.domain.certificate_facts import fingerprint
from enrolment.cards.models import Batch, Issuer
from enrolment.cards.queries import package_path
from enrolment.cards.services.batches import build_batch
from enrolment.cards.services.recipients import recipients
from enrolment.people.models import User
from tests import builders, card_builders

pytestmark = pytest.mark.django_db
BATCHES = "/leveranser/"
PAGES = ["batch", "batch_progress", "package"]


@pytest.fixture
def issuer() -> Issuer:
    return card_builders.issuer()


@pytest.fixture
def keeper(issuer) -> User:
    return card_builders.keeper(issuer.federation)


def built(issuer: Issuer, count: int = 1) -> Batch:
    batch = card_builders.batch(count, issuer)
    assert build_batch(batch_id=batch.pk)
    return Batch.objects.get(pk=batch.pk)


def stopped(issuer: Issuer) -> Batch:
    batch = card_builders.batch(1, issuer)
    capture = batch.orders.get().photo.capture
    (Path(settings.PHOTO_DIR) / capture.card_stored_as).unlink()
    assert build_batch(batch_id=batch.pk) is False
    return Batch.objects.get(pk=batch.pk)


def url(name: str, batch: Batch) -> str:
    return reverse(f"cards:{name}", args=[batch.pk])


@pytest.mark.parametrize("role", ["id_administrator", "planner", "administrator"])
def test_keepers_seal_with_a_post_and_come_to_the_batch(role, issuer, log_in):
    card_builders.signer()
    card_builders.orders(2, issuer)
    seal = reverse("cards:seal", args=[issuer.pk])
    keeper = card_builders.keeper(issuer.federation, role)
    client = log_in(keeper)
    assert seal in client.get(BATCHES).content.decode()
    assert client.get(seal).status_code == 405
    answer = client.post(seal, follow=True)
    batch = Batch.objects.get()
    assert answer.redirect_chain[-1][0] == url("batch", batch)
    assert (batch.sealed_by, batch.orders.count()) == (keeper, 2)
    assert batch.name in answer.content.decode()
    assert seal not in client.get(BATCHES).content.decode()


@pytest.mark.parametrize("role", ["care_manager", "technician", "card_issuer", ""])
def test_others_find_nothing_here(role, issuer, log_in):
    batch = built(issuer)
    client = log_in(builders.user(role, within=issuer.federation))
    for address in [BATCHES, *(url(name, batch) for name in PAGES)]:
        assert client.get(address).status_code == 404
    for address in (
        reverse("cards:seal", args=[issuer.pk]),
        url("retry", batch),
        url("resend", batch),
    ):
        assert client.post(address).status_code == 404


def test_nobody_reaches_another_federations_batches(issuer, log_in):
    batch = built(issuer)
    client = log_in(card_builders.keeper(builders.federation()))
    assert batch.name not in client.get(BATCHES).content.decode()
    for name in PAGES:
        assert client.get(url(name, batch)).status_code == 404
    for address in (
        reverse("cards:seal", args=[issuer.pk]),
        url("retry", batch),
        url("resend", batch),
    ):
        assert client.post(address).status_code == 404


def test_a_refused_sealing_says_why_and_seals_nothing(issuer, keeper, log_in):
    client = log_in(keeper)
    seal = reverse("cards:seal", args=[issuer.pk])
    for prepare in (lambda: None, lambda: card_builders.orders(1, issuer)):
        prepare()
        page = client.post(seal, follow=True).content.decode()
        assert "notice-error" in page
    assert "signer.pem" in page
    assert Batch.objects.count() == 0


def test_a_batch_shows_its_figures_and_its_history(issuer, keeper, log_in):
    batch = built(issuer, 2)
    page = log_in(keeper).get(url("batch", batch)).content.decode()
    to = fingerprint(recipients(issuer, timezone.now())[-1])
    hashes = (batch.package_sha256, batch.encrypted_sha256, to)
    for shown in (batch.name, *hashes, batch.sealed_by.name, url("package", batch)):
        assert shown in page
    assert url("resend", batch) not in page
    assert reverse("reports:delivery_note", args=[batch.pk]) in page
    assert page.count('aria-current="step"') == 1
    assert "hx-trigger" not in page


def test_the_page_follows_the_work_until_it_is_done(issuer, keeper, log_in):
    client = log_in(keeper)
    batch = card_builders.batch(1, issuer)
    page = client.get(url("batch", batch)).content.decode()
    assert f'hx-get="{url("batch_progress", batch)}"' in page
    assert url("package", batch) not in page
    waiting = client.get(url("batch_progress", batch))
    assert "HX-Refresh" not in waiting.headers
    assert 'hx-trigger="every 2s"' in waiting.content.decode()
    build_batch(batch_id=batch.pk)
    done = client.get(url("batch_progress", batch))
    assert done.headers["HX-Refresh"] == "true"
    assert "hx-trigger" not in done.content.decode()


def test_a_stopped_batch_says_what_to_do_and_is_tried_again(issuer, keeper, log_in):
    client = log_in(keeper)
    batch = stopped(issuer)
    assert client.get(url("batch_progress", batch)).headers["HX-Refresh"] == "true"
    page = client.get(url("batch", batch)).content.decode()
    assert "notice-error" in page
    assert json.loads(batch.error)["order_id"] in page
    assert url("retry", batch) in page
    assert "row-needs" in client.get(BATCHES).content.decode()
    assert client.post(url("retry", batch)).url == url("batch", batch)
    batch.refresh_from_db()
    assert (batch.error, batch.leased_until) == ("", None)
    assert client.get(url("retry", batch)).status_code == 405


def test_the_package_comes_whole_and_its_fetching_is_logged(issuer, keeper, log_in):
    batch = built(issuer)
    answer = log_in(keeper).get(url("package", batch))
    assert answer.streaming
    assert b"".join(answer.streaming_content) == package_path(batch).read_bytes()
    name = f"{batch.name}.zip.cms"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    line = Entry.objects.get(action="cards.fetch_package")
    assert (line.actor, line.subject) == (keeper.audit_name, f"batch:{batch.pk}")


def test_who_may_not_be_encrypted_to_is_told_before_the_click(issuer, keeper, log_in):
    card_builders.orders(1, issuer)
    card_builders.signer()
    client, seal = log_in(keeper), reverse("cards:seal", args=[issuer.pk])
    assert "notice-error" not in client.get(BATCHES).content.decode()
    (Path(settings.SIGNER_DIR) / "escrow.pem").unlink()
    page = client.get(BATCHES).content.decode()
    assert "notice-error" in page
    assert "escrow.pem" in page
    assert seal not in page
    answer = client.post(seal, follow=True).content.decode()
    assert "escrow.pem" in answer
    assert Batch.objects.count() == 0


def test_what_the_issuer_could_not_take_is_sent_again_from_the_page(issuer, keeper, log_in):
    client, batch = log_in(keeper), built(issuer)
    refused = client.post(url("resend", batch), follow=True).content.decode()
    assert "notice-error" in refused
    Batch.objects.update(status="rejected", error=json.dumps({"code": "BATCH_DECRYPT"}))
    page = client.get(url("batch", batch)).content.decode()
    assert url("resend", batch) in page
    assert "notice-error" in page
    assert client.get(url("resend", batch)).status_code == 405
    page = client.post(url("resend", batch), follow=True).content.decode()
    batch.refresh_from_db()
    assert (batch.status, batch.error) == ("sealed", "")
    assert page.count(keeper.name) >= 2
    assert 'hx-trigger="every 2s"' in page


@pytest.mark.parametrize("status", ["acknowledged", "accepted", "partly", "rejected", "closed"])
def test_an_answered_batch_shows_where_it_stands(issuer, keeper, log_in, status):
    batch = built(issuer)
    Batch.objects.update(status=status)
    page = log_in(keeper).get(url("batch", batch)).content.decode()
    assert page.count('aria-current="step"') == 1
    assert "hx-trigger" not in page


def test_a_package_that_is_gone_or_not_built_yet_is_told(issuer, keeper, log_in):
    client = log_in(keeper)
    gone, waiting = built(issuer), card_builders.batch(1, issuer)
    package_path(gone).unlink()
    for batch in (gone, waiting):
        answer = client.get(url("package", batch), follow=True)
        assert "notice-error" in answer.content.decode()
    assert not Entry.objects.filter(action="cards.fetch_package").exists()


def test_a_long_list_costs_no_more_queries_than_a_short_one(issuer, keeper, log_in):
    client = log_in(keeper)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(BATCHES).status_code == 200
        return len(found)

    built(issuer)
    short = queries()
    for _ in range(3):
        built(issuer, 2)
    assert queries() == short
    assert short <= 13
