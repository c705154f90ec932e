"""A sealed batch: numbered without a gap, frozen, refused when it must be, verified by others."""

import csv
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.utils import timezone

from enrolment import vault
from enrolment.audit.models import Entry
from enrolment.cards import faults, queries, tasks
from enrolment.cards.domain.certificate_facts import fingerprint
from enrolment.cards.domain.seal import SignerFault, SignerRefused
from enrolment.cards.models import Batch, CardOrder, Issuer
from enrolment.cards.services import batches
from enrolment.cards.services.batches import (
    PackageGone,
    SealFault,
    SealRefused,
    build_batch,
    fetch_package,
    retry_batch,
    seal_batch,
)
from enrolment.cards.services.packages import write_package
from enrolment.cards.services.signer import SignerFile, SignerNotFound
from enrolment.people.domain.stages import Stage
from enrolment.people.services.needs import advance_need
from photos.queries import card_bytes
from tests import builders, card_builders, certificate_builders

pytestmark = pytest.mark.django_db
STEPS = ["sealed", "built", "delivered"]


def seal(issuer: Issuer, orders: list[CardOrder] | None = None) -> Batch:
    return seal_batch(actor=card_builders.keeper(issuer.federation), issuer=issuer, orders=orders)


def built(batch: Batch) -> Batch:
    assert build_batch(batch_id=batch.pk)
    return Batch.objects.get(pk=batch.pk)


def photo_file(order: CardOrder) -> Path:
    return Path(settings.PHOTO_DIR) / order.photo.capture.card_stored_as


# --- Sealing ----------------------------------------------------------------------------------


def test_sealing_numbers_freezes_and_rings(monkeypatch):
    issuer = card_builders.issuer()
    orders = card_builders.orders(3, issuer)
    card_builders.signer()
    rung = []
    monkeypatch.setattr("enrolment.jobs.ring", lambda task, *ids: rung.append((task, ids)))
    actor = card_builders.keeper(issuer.federation)
    batch = seal_batch(actor=actor, issuer=issuer)
    assert (batch.number, batch.name) == (1, f"KB-{timezone.localdate().year}-000001")
    assert (batch.status, batch.sealed_by, batch.header["order_count"]) == ("sealed", actor, 3)
    assert [change.status for change in batch.changes.all()] == ["sealed"]
    kept = list(batch.orders.order_by("seq"))
    assert [(order.pk, order.seq) for order in kept] == [(o.pk, n) for n, o in enumerate(orders, 1)]
    assert {order.status for order in kept} == {"sealed"}
    assert rung == [("enrolment.cards.tasks.build", (str(batch.pk),))]
    assert Entry.objects.get(action="cards.seal_batch").details == {"orders": 3}
    issuer.refresh_from_db()
    assert issuer.last_batch_no == 1


def test_the_frozen_line_lies_sealed_and_later_changes_do_not_reach_it():
    batch = card_builders.batch()
    order = batch.orders.get()
    assert "Öberg".encode() not in bytes(order.sealed_line)
    staff = order.need.staff
    staff.family_name = "Nyström"
    staff.save()
    line = json.loads(vault.unseal(bytes(order.sealed_line), order.vault_place))
    assert line["name_on_card"] == "Åsa Öberg-0"
    assert line["personnummer"] is None


def test_personnummer_goes_along_only_where_the_issuer_needs_it():
    issuer = card_builders.issuer(wants_personnummer=True)
    [order] = card_builders.orders(1, issuer)
    order.need.staff.seal_personnummer("199101152396")
    order.need.staff.save()
    card_builders.signer()
    order = seal(issuer).orders.get()
    line = json.loads(vault.unseal(bytes(order.sealed_line), order.vault_place))
    assert line["personnummer"] == "199101152396"


def test_numbers_run_without_a_gap_and_a_refused_sealing_uses_none():
    first = built(card_builders.batch())
    issuer = first.issuer
    with pytest.raises(SealRefused) as nothing:
        seal(issuer)
    assert nothing.value.code == SealFault.NOTHING_TO_SEAL
    second = card_builders.batch(1, issuer)
    assert (second.number, issuer.batches.count()) == (2, 2)
    assert second.header["previous_batch_id"] == first.name
    assert second.header["previous_package_sha256"] == first.package_sha256
    assert first.header["previous_batch_id"] is None


def test_each_issuer_counts_for_itself():
    issuer = card_builders.batch().issuer
    other = card_builders.issuer(issuer.federation, slug="annat-kort")
    assert card_builders.batch(1, other).number == 1


def test_the_next_batch_waits_until_the_one_before_is_built():
    first = card_builders.batch()
    with pytest.raises(SealRefused) as refused:
        card_builders.batch(1, first.issuer)
    assert refused.value.code == SealFault.PREVIOUS_NOT_BUILT
    assert refused.value.params == {"batch": first.name}
    built(first)
    assert seal(first.issuer).number == 2


def test_orders_may_be_chosen_and_the_others_wait():
    issuer = card_builders.issuer()
    first, second = card_builders.orders(2, issuer)
    card_builders.signer()
    assert list(seal(issuer, [second]).orders.all()) == [second]
    first.refresh_from_db()
    assert (first.status, first.batch) == ("open", None)


def test_protected_persons_are_never_mixed_in():
    issuer = card_builders.issuer()
    orders = card_builders.orders(2, issuer)
    card_builders.signer()
    orders[0].need.staff.protected = True
    orders[0].need.staff.save()
    with pytest.raises(SealRefused) as refused:
        seal(issuer, orders)
    assert refused.value.code == SealFault.NOT_READY
    assert refused.value.params == {"hindrance": queries.Hindrance.PROTECTED}
    assert (Batch.objects.count(), CardOrder.objects.filter(status="open").count()) == (0, 2)
    assert list(seal(issuer).orders.all()) == [orders[1]]


def test_an_order_that_is_sealed_already_or_anothers_is_refused():
    batch = built(card_builders.batch())
    for orders in (list(batch.orders.all()), card_builders.orders(1)):
        with pytest.raises(SealRefused) as refused:
            seal(batch.issuer, orders)
        assert refused.value.code == SealFault.NOT_OPEN


# --- The signer -------------------------------------------------------------------------------


def write_signer(*, key_encipherment: bool = False, days: int = 10, other_key: bool = False):
    """Write a signer that is good unless asked otherwise."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.NameAttribute(NameOID.COMMON_NAME, "T"),
    )
    usage = dict.fromkeys(
        "content_commitment data_encipherment key_agreement key_cert_sign crl_sign "
        "encipher_only decipher_only".split(),
        False,
    )
    usage |= {"digital_signature": not key_encipherment, "key_encipherment": key_encipherment}
    now = timezone.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([name]))
        .issuer_name(x509.Name([name]))
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .sign(key, SHA256())
    )
    kept = ec.generate_private_key(ec.SECP256R1()) if other_key else key
    pem = kept.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    folder = Path(settings.SIGNER_DIR)
    folder.mkdir(exist_ok=True)
    (folder / "signer.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "signer.key").write_bytes(pem)


@pytest.mark.parametrize(
    ("wrong", "fault", "told"),
    [
        ({"days": -1}, SignerFault.EXPIRED, "CN=T"),
        ({"key_encipherment": True}, SignerFault.WRONG_KEY_USAGE, "CN=T"),
        ({"other_key": True}, SignerFault.KEY_OF_ANOTHER_CERTIFICATE, "CN=T"),
    ],
)
def test_a_certificate_that_may_not_sign_stops_the_sealing_and_is_named(wrong, fault, told):
    issuer = card_builders.issuer()
    card_builders.orders(1, issuer)
    card_builders.signer()
    write_signer(**wrong)
    with pytest.raises(SignerRefused) as refused:
        seal(issuer)
    assert refused.value.code == fault
    assert told in faults.sentence(faults.note(refused.value))
    assert Batch.objects.count() == 0
    write_signer()
    assert seal(issuer).number == 1


@pytest.mark.parametrize("file", ["signer.pem", "signer.key"])
def test_a_lost_or_spoilt_file_of_the_signer_is_named(file):
    issuer = card_builders.issuer()
    card_builders.orders(1, issuer)
    card_builders.signer()
    path = Path(settings.SIGNER_DIR) / file
    for spoil, fault in [
        (lambda: path.write_text("x"), SignerFile.UNREADABLE),
        (path.unlink, SignerFile.MISSING),
    ]:
        spoil()
        with pytest.raises(SignerNotFound) as refused:
            seal(issuer)
        assert (refused.value.code, refused.value.params) == (fault, {"file": file})
    assert Batch.objects.count() == 0


# --- Building ---------------------------------------------------------------------------------


def test_a_built_batch_is_delivered_with_its_orders_and_needs():
    batch = built(card_builders.batch(2))
    package, opened = queries.package_path(batch), card_builders.opened(batch)
    assert (batch.status, batch.error, batch.leased_until) == ("delivered", "", None)
    assert abs(batch.delivered_at - timezone.now()) < timedelta(minutes=1)
    assert [change.status for change in batch.changes.order_by("pk")] == STEPS
    assert hashlib.sha256(package.read_bytes()).hexdigest() == batch.encrypted_sha256
    assert package.stat().st_size == batch.encrypted_bytes
    assert hashlib.sha256(opened).hexdigest() == batch.package_sha256
    assert len(opened) == batch.package_bytes
    assert json.loads(Path(f"{package}.done").read_text()) == {
        "name": f"{batch.name}.zip.cms",
        "sha256": batch.encrypted_sha256,
        "size": batch.encrypted_bytes,
        "package_sha256": batch.package_sha256,
        "package_size": batch.package_bytes,
    }
    assert {order.status for order in batch.orders.all()} == {"delivered"}
    assert {order.need.stage for order in batch.orders.all()} == {Stage.DELIVERED}


def test_others_tools_open_verify_and_validate_a_batch_sealed_from_rows(tmp_path):
    batch = built(card_builders.batch(3))
    certificate = Path(settings.SIGNER_DIR) / "signer.pem"
    decrypt = ["openssl", "cms", "-decrypt", "-binary", "-inform", "DER"]
    for name in (card_builders.RECIPIENT, card_builders.ESCROW):
        key = tmp_path / f"{name}.key"
        key.write_bytes(certificate_builders.ec_recipient(name).key_pem)
        package, sealed = tmp_path / "package.zip", queries.package_path(batch)
        run(*decrypt, "-in", sealed, "-inkey", key, "-out", package)
        assert hashlib.sha256(package.read_bytes()).hexdigest() == batch.package_sha256
    run("unzip", "-q", package, "-d", tmp_path / "opened")
    bag = tmp_path / "opened" / batch.name
    manifest = bag / "tagmanifest-sha256.txt"
    verify = ["openssl", "cms", "-verify", "-binary", "-inform", "DER"]
    run(*verify, "-in", f"{manifest}.p7s", "-content", manifest, "-CAfile", certificate)
    run(sys.executable, Path(sys.executable).parent / "bagit.py", "--validate", bag)
    run("sha256sum", "--check", "--strict", "manifest-sha256.txt", cwd=bag)
    schema = json.loads((bag / "data/schema/order.schema.json").read_text())
    lines = [json.loads(line) for line in (bag / "data/orders.jsonl").read_text().splitlines()]
    for line in lines:
        jsonschema.validate(line, schema)
    with (bag / "data/orders.csv").open(newline="") as file:
        assert [row["order_id"] for row in csv.DictReader(file)] == [x["order_id"] for x in lines]
    for order in batch.orders.all():
        assert (bag / f"data/photos/{order.pk}.jpg").read_bytes() == card_bytes(order.photo)


def run(*command: object, cwd: Path | None = None) -> None:
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_same_sealed_batch_gives_the_same_bytes_whenever_it_is_built(tmp_path):
    batch = card_builders.batch(2)
    handed = []
    for folder in ("one", "two"):
        again = Batch.objects.select_related("issuer__federation").get(pk=batch.pk)
        handed.append(write_package(again, tmp_path / folder))
    packages = {told.sentinel.package_sha256 for told in handed}
    assert packages == {built(batch).package_sha256}
    assert handed[0].sentinel.sha256 != handed[1].sentinel.sha256


def test_a_built_batch_is_not_built_again():
    batch = built(card_builders.batch())
    assert build_batch(batch_id=batch.pk) is False
    assert batch.changes.count() == 3


def test_a_batch_that_another_worker_holds_is_left_until_the_lease_runs_out():
    batch = card_builders.batch()
    Batch.objects.update(leased_until=timezone.now() + timedelta(minutes=1))
    assert build_batch(batch_id=batch.pk) is False
    assert queries.unfinished_batches(timezone.now()) == []
    Batch.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    tasks.build_waiting()
    batch.refresh_from_db()
    assert batch.status == "delivered"


def test_a_slow_worker_whose_lease_ran_out_changes_nothing(monkeypatch):
    batch = card_builders.batch()

    def slowly(*arguments):
        handed = write_package(*arguments)
        monkeypatch.undo()
        Batch.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        assert build_batch(batch_id=batch.pk) is True
        return handed

    monkeypatch.setattr(batches, "write_package", slowly)
    assert build_batch(batch_id=batch.pk) is False
    assert [change.status for change in batch.changes.order_by("pk")] == STEPS
    assert [change.status for change in batch.orders.get().changes.order_by("pk")] == [
        "open",
        "sealed",
        "delivered",
    ]


def test_once_the_sealing_is_committed_the_queue_builds_the_package(
    settings, django_capture_on_commit_callbacks
):
    settings.JOBS_INLINE = True
    with django_capture_on_commit_callbacks(execute=True):
        batch = card_builders.batch()
        assert Batch.objects.get().status == "sealed"
    batch.refresh_from_db()
    assert batch.status == "delivered"


def test_an_order_without_a_photo_goes_along_without_one():
    issuer = card_builders.issuer()
    plain, _with_photo = card_builders.orders(2, issuer)
    CardOrder.objects.filter(pk=plain.pk).update(photo=None)
    card_builders.signer()
    batch = built(seal(issuer))
    assert (batch.header["order_count"], batch.header["photo_count"]) == (2, 1)


def test_a_need_that_ended_meanwhile_stays_ended():
    batch = card_builders.batch()
    need = batch.orders.get().need
    advance_need(actor=builders.user(), need=need, stage=Stage.LAPSED)
    built(batch)
    need.refresh_from_db()
    assert (need.stage, batch.orders.get().status) == (Stage.LAPSED, "delivered")


def test_federations_whose_issuers_share_a_name_have_a_folder_each():
    one, other = built(card_builders.batch()), built(card_builders.batch())
    assert (one.name, one.issuer.slug) == (other.name, other.issuer.slug)
    assert queries.package_path(one).exists()
    assert queries.package_path(one) != queries.package_path(other)


# --- What stops a package ---------------------------------------------------------------------


def expect_nothing_delivered(batch: Batch) -> None:
    batch.refresh_from_db()
    assert (batch.status, batch.package_sha256) == ("sealed", "")
    assert {order.status for order in batch.orders.all()} == {"sealed"}
    assert {order.need.stage for order in batch.orders.all()} == {Stage.APPROVED}
    folder = queries.package_folder(batch)
    assert not folder.exists() or [path.name for path in folder.iterdir()] == ["receipts"]


def other_picture(order: CardOrder) -> None:
    name = order.photo.capture.card_stored_as
    photo_file(order).write_bytes(vault.seal(b"another", f"photos_storage:bytes:{name}"))


def flipped_bit(order: CardOrder) -> None:
    sealed = bytearray(photo_file(order).read_bytes())
    sealed[99] ^= 1
    photo_file(order).write_bytes(sealed)


def lost(order: CardOrder) -> None:
    photo_file(order).unlink()


def changed_line(order: CardOrder) -> None:
    CardOrder.objects.filter(pk=order.pk).update(sealed_line=vault.seal(b"{}", "elsewhere"))


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (other_picture, "photo_changed"),
        (flipped_bit, "photo_unreadable"),
        (lost, "photo_missing"),
        (changed_line, "line_changed"),
    ],
)
def test_what_was_tampered_with_stops_the_batch_and_is_named(tamper, fault):
    batch = card_builders.batch(2)
    order = batch.orders.get(seq=2)
    tamper(order)
    assert build_batch(batch_id=batch.pk) is False
    expect_nothing_delivered(batch)
    assert json.loads(batch.error) == {"code": fault, "order_id": str(order.pk)}
    assert str(order.pk) in faults.sentence(batch.error)
    stopped = Entry.objects.get(action="cards.build_stopped")
    assert stopped.details == {"fault": fault}


def test_a_stopped_batch_rests_and_is_retried_when_asked(monkeypatch):
    batch = card_builders.batch()
    order = batch.orders.get()
    kept = photo_file(order).read_bytes()
    flipped_bit(order)
    build_batch(batch_id=batch.pk)
    assert build_batch(batch_id=batch.pk) is False
    photo_file(order).write_bytes(kept)
    rung = []
    monkeypatch.setattr("enrolment.jobs.ring", lambda task, *ids: rung.append(ids))
    retry_batch(actor=builders.user(), batch=batch)
    assert rung == [(str(batch.pk),)]
    assert built(batch).error == ""
    retry_batch(actor=builders.user(), batch=batch)
    assert len(rung) == 1


def test_the_same_fault_is_logged_once_however_often_it_is_met():
    batch = card_builders.batch()
    lost(batch.orders.get())
    for _ in range(3):
        Batch.objects.update(leased_until=None)
        build_batch(batch_id=batch.pk)
    assert Entry.objects.filter(action="cards.build_stopped").count() == 1


def test_a_folder_that_cannot_be_made_stops_the_batch():
    batch = card_builders.batch()
    Path(settings.HANDOVER_DIR).write_text("a file in the folder's place")
    assert build_batch(batch_id=batch.pk) is False
    batch.refresh_from_db()
    assert json.loads(batch.error) == {"code": "disk", "reason": "ENOTDIR"}
    Path(settings.HANDOVER_DIR).unlink()
    retry_batch(actor=builders.user(), batch=batch)
    built(batch)


def test_a_certificate_that_ran_out_after_sealing_stops_the_first_build_only():
    batch = card_builders.batch()
    write_signer(days=-1)
    build_batch(batch_id=batch.pk)
    expect_nothing_delivered(batch)
    assert json.loads(batch.error)["code"] == "expired"
    assert len(batch.error) <= 200


def test_a_signer_renewed_after_sealing_signs_and_is_named_in_the_package():
    sealed = card_builders.batch()
    write_signer()
    batch = built(sealed)
    pem = (Path(settings.SIGNER_DIR) / "signer.pem").read_bytes()
    now = fingerprint(x509.load_pem_x509_certificate(pem))
    with zipfile.ZipFile(io.BytesIO(card_builders.opened(batch))) as package:
        told = json.loads(package.read(f"{batch.name}/data/batch.json"))
    assert told["signer_fingerprint"] == batch.header["signer_fingerprint"] == now
    assert now != sealed.header["signer_fingerprint"]


# --- Fetching ---------------------------------------------------------------------------------


def test_fetching_is_logged_and_a_package_that_is_gone_or_torn_is_refused():
    batch, actor = built(card_builders.batch()), builders.user()
    path = fetch_package(actor=actor, batch=batch)
    with zipfile.ZipFile(io.BytesIO(card_builders.opened(batch))) as package:
        assert package.testzip() is None
    line = Entry.objects.get(action="cards.fetch_package")
    assert (line.actor, line.details) == (actor.audit_name, {"sha256": batch.encrypted_sha256})
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(PackageGone):
        fetch_package(actor=actor, batch=batch)
    path.unlink()
    with pytest.raises(PackageGone):
        fetch_package(actor=actor, batch=batch)
    assert Entry.objects.filter(action="cards.fetch_package").count() == 1
