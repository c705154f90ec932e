"""A package goes to whom it may, by folder or SFTP, once; a late worker changes nothing."""

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from enrolment.audit.models import Entry
from enrolment.cards import faults, queries, tasks
from enrolment.cards.domain.certificates import RecipientFault, RecipientRefused
from enrolment.cards.domain.exchange import Sentinel
from enrolment.cards.models import Batch, CardOrder, Issuer
from enrolment.cards.services import batches, deliveries, packages
from enrolment.cards.services.batches import (
    NotToResend,
    build_batch,
    resend_batch,
    seal_batch,
    sealing_fault,
)
from enrolment.cards.services.certificates import add_certificate, retire_certificate
from enrolment.cards.services.orders import open_orders
from enrolment.cards.services.packages import write_package
from enrolment.cards.services.recipients import RecipientLack, RecipientMissing, recipients
from enrolment.people.domain.stages import Stage
from enrolment.people.services.needs import advance_need
from tests import builders, card_builders, certificate_builders
from tests.services.sftp_server import USER, Site, sftp_server

pytestmark = pytest.mark.django_db


def seal(issuer: Issuer) -> Batch:
    return seal_batch(actor=card_builders.keeper(issuer.federation), issuer=issuer)


def built(batch: Batch) -> Batch:
    assert build_batch(batch_id=batch.pk)
    return Batch.objects.get(pk=batch.pk)


def steps(batch: Batch) -> list[str]:
    return [change.status for change in batch.changes.order_by("pk")]


def add_encryption(issuer: Issuer, pair: certificate_builders.Pair):
    return add_certificate(
        actor=builders.user(), issuer=issuer, purpose="encryption", data=pair.pem
    )


# --- To whom ----------------------------------------------------------------------------------


def test_a_package_is_encrypted_to_all_active_certificates_and_to_escrow():
    batch = card_builders.batch()
    old = card_builders.recipient(batch.issuer)
    new = add_encryption(batch.issuer, certificate_builders.rsa_recipient("New"))
    retired = add_encryption(batch.issuer, certificate_builders.ec_recipient("Retired"))
    retire_certificate(actor=builders.user(), certificate=retired)
    to = recipients(batch.issuer, timezone.now())
    names = ["CN=Card issuer", "CN=New", "CN=Escrow"]
    assert [each.subject.rfc4514_string() for each in to] == names
    assert queries.recipients_of(built(batch))[:2] == [old.fingerprint, new.fingerprint]


def no_certificate(issuer: Issuer) -> None:
    retire_certificate(actor=builders.user(), certificate=card_builders.recipient(issuer))


def no_escrow(issuer: Issuer) -> None:
    (Path(settings.SIGNER_DIR) / "escrow.pem").unlink()


def spoilt_escrow(issuer: Issuer) -> None:
    (Path(settings.SIGNER_DIR) / "escrow.pem").write_bytes(b"-----BEGIN")


def escrow_ran_out(issuer: Issuer) -> None:
    pair = certificate_builders.ec_recipient("Escrow", days=(-9, -1))
    (Path(settings.SIGNER_DIR) / "escrow.pem").write_bytes(pair.pem)


def certificate_ran_out(issuer: Issuer) -> None:
    pair = certificate_builders.ec_recipient(card_builders.RECIPIENT, days=(-9, -1))
    issuer.certificates.update(der=pair.certificate.public_bytes(certificate_builders.Encoding.DER))


def certificate_revoked(issuer: Issuer) -> None:
    root = certificate_builders.authority()
    pair = certificate_builders.ec_recipient(card_builders.RECIPIENT, by=root)
    crl = certificate_builders.revocation_list(root, [pair.certificate])
    issuer.certificates.update(der=pair.certificate.public_bytes(certificate_builders.Encoding.DER))
    issuer.revocation_lists.create(
        authority="CN=Root",
        der=crl.public_bytes(certificate_builders.Encoding.DER),
        this_update=crl.last_update_utc,
    )


WRONG = [
    (no_certificate, RecipientLack.NONE, "Kortverket"),
    (no_escrow, RecipientLack.ESCROW_MISSING, "escrow.pem"),
    (spoilt_escrow, RecipientLack.ESCROW_UNREADABLE, "escrow.pem"),
    (escrow_ran_out, RecipientFault.EXPIRED, "CN=Escrow"),
    (certificate_ran_out, RecipientFault.EXPIRED, "CN=Card issuer"),
    (certificate_revoked, RecipientFault.REVOKED, "CN=Card issuer"),
]


@pytest.mark.parametrize(("spoil", "code", "named"), WRONG)
def test_who_may_not_be_encrypted_to_stops_the_sealing_and_is_named(spoil, code, named):
    issuer = card_builders.issuer()
    card_builders.orders(1, issuer)
    card_builders.signer()
    assert sealing_fault(issuer, timezone.now()) is None
    spoil(issuer)
    with pytest.raises((RecipientMissing, RecipientRefused)) as refused:
        seal(issuer)
    assert refused.value.code == code
    assert named in faults.sentence(faults.note(refused.value))
    assert sealing_fault(issuer, timezone.now()).code == code
    issuer.refresh_from_db()
    assert (Batch.objects.count(), issuer.last_batch_no) == (0, 0)


@pytest.mark.parametrize(("spoil", "code", "named"), WRONG)
def test_who_may_not_be_encrypted_to_any_more_stops_the_building(spoil, code, named):
    batch = card_builders.batch()
    spoil(batch.issuer)
    assert build_batch(batch_id=batch.pk) is False
    batch.refresh_from_db()
    assert (batch.status, batch.package_sha256) == ("sealed", "")
    assert named in faults.sentence(batch.error)
    assert not queries.package_path(batch).exists()
    assert Entry.objects.get(action="cards.build_stopped").details == {"fault": code}


def test_what_lacks_on_our_side_is_told_before_the_sealing():
    issuer = card_builders.issuer()
    card_builders.orders(1, issuer)
    assert sealing_fault(issuer, timezone.now()).code == "signer_missing"


# --- A late worker ------------------------------------------------------------------------------

MOMENTS = [
    (packages, "_sign"),
    (batches, "write_package"),
    (batches, "_note_built"),
    (batches, "deliver"),
    (batches, "_deliver_some"),
    (batches, "_note_delivered"),
]


def take_over(batch: Batch) -> None:
    Batch.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert build_batch(batch_id=batch.pk) is True


@pytest.mark.parametrize(("module", "name"), MOMENTS)
def test_a_worker_that_wakes_after_its_lease_changes_nothing(monkeypatch, module, name):
    batch = card_builders.batch(2)
    whole, seen = getattr(module, name), {}

    def asleep(*arguments, **options):
        monkeypatch.undo()
        take_over(batch)
        seen.update(Batch.objects.values().get(), log=Entry.objects.count())
        return whole(*arguments, **options)

    monkeypatch.setattr(module, name, asleep)
    assert build_batch(batch_id=batch.pk) is False
    assert {**Batch.objects.values().get(), "log": Entry.objects.count()} == seen
    assert steps(batch) == ["sealed", "built", "delivered"]
    package = queries.package_path(batch).read_bytes()
    assert hashlib.sha256(package).hexdigest() == seen["encrypted_sha256"]


def test_a_late_worker_hands_over_nothing_even_where_the_issuer_has_fetched_all(monkeypatch):
    batch = card_builders.batch()

    def asleep(*arguments):
        monkeypatch.undo()
        take_over(batch)
        for path in (queries.package_path(batch), Path(f"{queries.package_path(batch)}.done")):
            path.unlink()
        return write_package(*arguments)

    monkeypatch.setattr(batches, "write_package", asleep)
    assert build_batch(batch_id=batch.pk) is False
    assert [path.name for path in queries.package_folder(batch).iterdir()] == ["receipts"]


def test_a_late_workers_fault_is_not_noted(monkeypatch):
    batch = card_builders.batch()

    def asleep(*_arguments):
        monkeypatch.undo()
        take_over(batch)
        raise packages.BuildFailed(packages.BuildFault.PHOTO_MISSING, order_id="7")

    monkeypatch.setattr(batches, "write_package", asleep)
    assert build_batch(batch_id=batch.pk) is False
    batch.refresh_from_db()
    assert (batch.status, batch.error, batch.leased_until) == ("delivered", "", None)
    assert not Entry.objects.filter(action="cards.build_stopped").exists()


def test_each_lease_has_a_fence_of_its_own():
    batch = card_builders.batch()
    packages_of = []
    for fence in (1, 2, 3):
        Batch.objects.update(leased_until=None, status="sealed")
        CardOrder.objects.update(status="sealed")
        packages_of.append(built(batch).package_sha256)
        assert Batch.objects.get().fence == fence
    assert len(set(packages_of)) == 1


# --- By SFTP ------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with sftp_server(tmp_path, Path(settings.SIGNER_DIR) / "sftp.key") as running:
        yield running


@pytest.fixture
def issuer(site: Site) -> Issuer:
    return card_builders.issuer(
        way="sftp",
        sftp_host="127.0.0.1",
        sftp_port=site.port,
        sftp_user=USER,
        sftp_folder="in",
        sftp_host_key=site.host_key,
    )


def lying(site: Site) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (site.root / "in").iterdir() if path.is_file()}


def expect_at_the_site(site: Site, batch: Batch) -> None:
    found, name = lying(site), f"{batch.name}.zip.cms"
    assert set(found) == {name, f"{name}.done"}
    assert hashlib.sha256(found[name]).hexdigest() == batch.encrypted_sha256
    told = Sentinel.read(found[f"{name}.done"])
    assert (told.sha256, told.package_sha256) == (batch.encrypted_sha256, batch.package_sha256)


def test_a_batch_goes_to_the_issuers_server(site, issuer):
    batch = built(card_builders.batch(2, issuer))
    assert steps(batch) == ["sealed", "built", "delivered"]
    expect_at_the_site(site, batch)


def test_it_is_built_but_not_delivered_until_it_stands_there(site, issuer):
    (site.root / "in").rename(site.root / "away")
    batch = card_builders.batch(1, issuer)
    assert build_batch(batch_id=batch.pk) is False
    batch.refresh_from_db()
    first = batch.encrypted_sha256
    assert (batch.status, json.loads(batch.error)["code"]) == ("built", "sftp_no_folder")
    assert batch.orders.get().status == "sealed"
    assert batch.leased_until > timezone.now()
    (site.root / "away").rename(site.root / "in")
    Batch.objects.update(leased_until=None)
    batch = built(batch)
    assert (batch.error, batch.encrypted_sha256) == ("", first)
    expect_at_the_site(site, batch)


def test_an_outbox_that_was_lost_is_filled_anew(site, issuer):
    site.mood.full_after = 0
    batch = card_builders.batch(1, issuer)
    assert build_batch(batch_id=batch.pk) is False
    lost = Batch.objects.get().encrypted_sha256
    queries.package_path(batch).unlink()
    site.mood.full_after = None
    Batch.objects.update(leased_until=None)
    batch = built(batch)
    assert batch.encrypted_sha256 != lost
    expect_at_the_site(site, batch)


def test_a_package_that_is_half_way_is_no_fault_and_goes_on_at_the_next_round(
    site, issuer, monkeypatch
):
    monkeypatch.setattr(deliveries.sftp.Target, "send_seconds", -1)
    monkeypatch.setattr(
        deliveries, "_target", lambda issuer: site.target(send_seconds=-1, folder="in")
    )
    batch = card_builders.batch(1, issuer)
    assert build_batch(batch_id=batch.pk) is False
    batch.refresh_from_db()
    assert (batch.status, batch.error, batch.leased_until) == ("built", "", None)
    monkeypatch.undo()
    tasks.build_waiting()
    expect_at_the_site(site, Batch.objects.get())
    assert Batch.objects.get().status == "delivered"


@pytest.mark.parametrize("way", ["folder", "sftp"])
def test_receipts_come_by_the_issuers_way_and_are_put_away(site, issuer, way):
    issuer.way = way
    folder = site.root / "in" if way == "sftp" else queries.issuer_folder(issuer)
    (folder / "receipts").mkdir(parents=True, exist_ok=True)
    for name in ("a.json", "b.csv"):
        (folder / "receipts" / name).write_bytes(b"{}")
    assert [found.name for found in deliveries.read_receipts(issuer)] == ["a.json", "b.csv"]
    deliveries.put_away(issuer, "a.json", quarantined=False)
    deliveries.put_away(issuer, "b.csv", quarantined=True)
    assert deliveries.read_receipts(issuer) == []
    assert (folder / "receipts" / "taken" / "a.json").exists()
    assert (folder / "receipts" / "quarantine" / "b.csv").exists()


# --- Sent once more -----------------------------------------------------------------------------


def rejected(batch: Batch) -> Batch:
    Batch.objects.filter(pk=batch.pk).update(status="rejected")
    return Batch.objects.get(pk=batch.pk)


def test_what_the_issuer_could_not_take_is_sent_again_the_same_but_encrypted_anew(monkeypatch):
    first = rejected(built(card_builders.batch(2)))
    rung = []
    monkeypatch.setattr("enrolment.jobs.ring", lambda task, *ids: rung.append((task, ids)))
    actor = builders.user()
    resend_batch(actor=actor, batch=first)
    assert rung == [("enrolment.cards.tasks.build", (str(first.pk),))]
    again = built(first)
    assert again.package_sha256 == first.package_sha256
    assert again.encrypted_sha256 != first.encrypted_sha256
    assert hashlib.sha256(card_builders.opened(again)).hexdigest() == first.package_sha256
    assert (again.status, again.number) == ("delivered", first.number)
    assert again.delivered_at > first.delivered_at
    assert steps(again) == ["sealed", "built", "delivered"] * 2
    assert [step.by for step in queries.history(again)][3] == actor.name
    assert {order.status for order in again.orders.all()} == {"delivered"}
    assert Entry.objects.get(action="cards.resend_batch").actor == actor.audit_name


def test_what_is_sent_again_by_sftp_replaces_what_stood_there(site, issuer):
    first = rejected(built(card_builders.batch(1, issuer)))
    resend_batch(actor=builders.user(), batch=first)
    again = built(first)
    assert again.encrypted_sha256 != first.encrypted_sha256
    expect_at_the_site(site, again)


def delivered(batch: Batch) -> None:
    pass


def judged(batch: Batch) -> None:
    rejected(batch)
    CardOrder.objects.filter(batch=batch, seq=1).update(status="rejected")


@pytest.mark.parametrize("happen", [delivered, judged])
def test_a_batch_that_is_judged_or_not_refused_is_not_sent_again(happen):
    batch = built(card_builders.batch(2))
    happen(batch)
    before = Batch.objects.values().get()
    with pytest.raises(NotToResend):
        resend_batch(actor=builders.user(), batch=batch)
    assert Batch.objects.values().get() == before
    assert queries.can_resend(batch) is False


# --- Ordered again ------------------------------------------------------------------------------


def test_an_order_in_the_place_of_a_rejected_one_says_so_in_the_next_batch():
    batch = built(card_builders.batch(2))
    refused, taken = batch.orders.order_by("seq")
    CardOrder.objects.filter(pk=refused.pk).update(status="rejected")
    advance_need(actor=builders.user(), need=refused.need, stage=Stage.APPROVED)
    [order] = open_orders(actor=builders.user(), issuer=batch.issuer)
    assert (order.need, order.supersedes) == (refused.need, refused)
    line = queries.order_line(queries.open_orders(batch.issuer).get(), seq=1)
    assert line.supersedes_order_id == str(refused.pk)
    assert built(seal(batch.issuer)).header["order_count"] == 1
    assert taken.supersedes is None


def test_another_issuer_is_not_told_of_orders_it_never_had():
    batch = built(card_builders.batch())
    refused = batch.orders.get()
    CardOrder.objects.filter(pk=refused.pk).update(status="rejected")
    advance_need(actor=builders.user(), need=refused.need, stage=Stage.APPROVED)
    other = card_builders.issuer(batch.issuer.federation, slug="annat-kort")
    [order] = open_orders(actor=builders.user(), issuer=other)
    assert order.supersedes is None
