"""The card issuer receives a package by one command, and its receipts are those that we take."""

import errno
import json
import os
import shutil
from pathlib import Path

import jsonschema
import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from enrolment.cards.domain.certificate_facts import fingerprint
from enrolment.cards.domain.envelope import EnvelopeFault
from enrolment.cards.domain.package import PackageFault
from enrolment.cards.domain.package_check import Flaw
from enrolment.cards.domain.receipt import read_receipt
from enrolment.cards.domain.receipt_fields import (
    BatchCode,
    OrderCode,
    ReceiptDocument,
    receipt_schema,
)
from enrolment.cards.domain.signature import SignatureFault, verify_signature
from enrolment.cards.domain.zipped_bag import ZipFlaw
from enrolment.cards.receiver.sentences import SENTENCES
from tests.certificate_builders import NOW, Pair, ec_recipient, rsa_recipient, signer
from tests.package_builders import order, without_photo
from tests.tampering_builders import (
    BATCH,
    NAME,
    Desk,
    bag_files,
    encrypted,
    escrow,
    jpeg_of,
    pictured,
    sender,
    sender_root,
    sent,
    three_orders,
    zipped,
)

pytestmark = pytest.mark.sqlite

FIRST, SECOND, THIRD = (line.order_id for line in three_orders())
GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "ta-emot-leveranser.md"
NEXT = {
    "batch_id": "KB-2026-000124",
    "batch_no": 124,
    "previous_batch_id": BATCH,
}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    content = sent()
    made.put(encrypted(content), content)
    return made


def receipt_of(desk: Desk, ending: str) -> ReceiptDocument:
    """Return a receipt as the sender reads it, by schema and by code."""
    name = f"{BATCH}.receipt-{ending}.json"
    data = (desk.out / name).read_bytes()
    jsonschema.Draft202012Validator(receipt_schema()).validate(json.loads(data))
    return read_receipt(data, name)


def put_next(desk: Desk, by: Pair | None = None, **changes: object) -> Path:
    """Put the next batch in the inbox; it names the one before as it is, unless told otherwise."""
    received = (desk.out / "received.jsonl").read_text().splitlines()
    digest = json.loads(received[-1])["package_sha256"]
    told = {**NEXT, "previous_package_sha256": digest, **changes}
    line = pictured(1, order_id=pictured(7).order_id)
    return desk.put_files(bag_files([line], by, **told), str(told["batch_id"]))


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_package_is_laid_out_as_it_was_packed(desk):
    answer = desk.receive()
    assert answer.code == 0, answer.text
    packed = bag_files()
    laid = tree(desk.out / BATCH)
    assert laid.keys() == {
        path.removeprefix("data/")
        for path in packed
        if path.startswith("data/") and "schema" not in path
    }
    assert [path for path, content in laid.items() if packed[f"data/{path}"] != content] == []
    assert laid[f"photos/{FIRST}.jpg"] == jpeg_of(FIRST)
    assert desk.seen() == [
        BATCH,
        f"{BATCH}.receipt-1.json",
        f"{BATCH}.receipt-2.json",
        "received.jsonl",
    ]


def test_a_package_of_one_person_without_a_photo(desk):
    desk.put_files(bag_files([without_photo(1)]))
    assert desk.receive().code == 0
    assert list((desk.out / BATCH / "photos").iterdir()) == []


def test_the_receipts_say_received_and_all_accepted(desk):
    desk.receive()
    technical, content = receipt_of(desk, "1"), receipt_of(desk, "2")
    assert (technical.kind, technical.status, technical.code) == ("technical", "RECEIVED", None)
    assert (content.kind, content.status, content.counts.accepted) == ("content", "accepted", 3)
    sentinel = json.loads(desk.package.with_name(f"{NAME}.done").read_bytes())
    for receipt in (technical, content):
        assert receipt.package_sha256 == sentinel["package_sha256"]
        assert (receipt.issuer, receipt.batch_id) == ("kortverket", BATCH)
    assert technical.receipt_id != content.receipt_id


def test_rejected_orders_are_answered_with_their_codes(desk):
    answer = desk.receive("--reject", f"{FIRST}=PHOTO_BLUR", f"{SECOND}=DATA_NAME")
    assert answer.code == 0
    content = receipt_of(desk, "2")
    assert content.status == "partly"
    assert [(line.order_id, line.status, line.code) for line in content.lines] == [
        (FIRST, "rejected", "PHOTO_BLUR"),
        (SECOND, "rejected", "DATA_NAME"),
        (THIRD, "accepted", None),
    ]
    assert receipt_of(desk, "1").status == "RECEIVED"


def test_all_rejected_is_told_of_the_whole(desk):
    codes = [f"{order_id}=NOT_ELIGIBLE" for order_id in (FIRST, SECOND, THIRD)]
    desk.receive("--reject", codes[0], "--reject", *codes[1:])
    assert receipt_of(desk, "2").status == "rejected"


def test_received_again_nothing_changes(desk):
    first = desk.receive("--reject", f"{FIRST}=PHOTO_BLUR")
    before = tree(desk.out)
    again = desk.receive("--reject", f"{FIRST}=PHOTO_BLUR")
    assert (again, tree(desk.out)) == (first, before)


def test_encrypted_anew_it_is_the_same_package(desk):
    content = zipped(bag_files())
    desk.put(encrypted(content), content)
    desk.receive()
    before = tree(desk.out)
    desk.put(encrypted(content), content)
    assert desk.receive().code == 0
    assert tree(desk.out) == before


def test_an_answer_thought_over_is_another_receipt(desk):
    desk.receive()
    technical, content = receipt_of(desk, "1"), receipt_of(desk, "2")
    desk.receive("--reject", f"{THIRD}=PHOTO_POSE")
    assert receipt_of(desk, "1") == technical
    assert receipt_of(desk, "2").receipt_id != content.receipt_id
    assert receipt_of(desk, "2").counts.rejected == 1


def test_the_same_number_with_another_content_is_refused(desk):
    desk.receive()
    before = tree(desk.out)
    desk.put_files(bag_files([pictured(1)]))
    answer = desk.receive()
    assert answer.code == 1
    assert "NUMBER_TAKEN: " in answer.text
    refused = desk.receipt("1-rejected")
    assert (refused["status"], refused["code"]) == ("REJECTED", "BATCH_CONFLICT")
    after = tree(desk.out)
    del after[f"{BATCH}.receipt-1-rejected.json"]
    assert after == before


def test_a_damaged_copy_of_what_was_received_changes_nothing(desk):
    desk.receive()
    before = tree(desk.out)
    content = zipped(bag_files())
    desk.put(encrypted(content)[:-3], content)
    assert desk.receive().code == 1
    assert desk.receipt("1-rejected")["code"] == "BATCH_DECRYPT"
    assert {name: (desk.out / name).read_bytes() for name in before} == before


def test_sent_anew_after_a_refusal_it_is_received(desk):
    content = zipped(bag_files())
    desk.put(encrypted(content)[:-3], content)
    assert desk.receive("--issuer", "kortverket").code == 1
    refused = receipt_of(desk, "1")
    desk.put(encrypted(content), content)
    assert desk.receive().code == 0
    assert receipt_of(desk, "1").status == "RECEIVED"
    assert receipt_of(desk, "1").receipt_id != refused.receipt_id


def test_the_same_file_refused_again_has_the_same_receipt_and_another_file_another(desk):
    content = zipped(bag_files(by=sender(days=(-30, -1))))
    receipts = []
    for envelope in (first := encrypted(content), first, encrypted(content)):
        desk.put(envelope, content)
        assert desk.receive().code == 1
        receipts.append(desk.receipt()["receipt_id"])
    assert receipts[0] == receipts[1] != receipts[2]


def test_a_run_cut_short_before_the_folder_was_seen_is_made_up_for(desk):
    desk.receive()
    before = tree(desk.out)
    shutil.rmtree(desk.out / BATCH)
    (desk.out / f"{BATCH}.receipt-2.json").unlink()
    desk.receive()
    after = tree(desk.out)
    assert after.keys() == before.keys()
    assert tree(desk.out / BATCH) == {
        name.removeprefix(f"{BATCH}/"): content
        for name, content in before.items()
        if name.startswith(f"{BATCH}/")
    }


def test_packages_in_order_give_no_warning(desk):
    assert "Varning" in desk.receive().text  # 122 numbers came before, to another folder
    answer = desk.receive(package=put_next(desk))
    assert answer.code == 0, answer.text
    assert "Varning" not in answer.text


def test_a_gap_in_the_numbers_is_told(desk):
    assert "Varning NUMBER_GAP: Leverans 1 till 122 har inte kommit." in desk.receive().text
    later = {"batch_id": "KB-2026-000130", "batch_no": 130, "previous_batch_id": "KB-2026-000129"}
    answer = desk.receive(package=put_next(desk, **later))
    assert answer.code == 0
    assert "Varning NUMBER_GAP: Leverans 124 till 129 har inte kommit." in answer.text


def test_another_package_before_this_one_is_told(desk):
    desk.receive()
    answer = desk.receive(package=put_next(desk, previous_package_sha256="cd" * 32))
    assert answer.code == 0
    assert f"Varning PREVIOUS_DIFFERS: Leveransen före, {BATCH}, är en annan" in answer.text


def test_a_new_signer_is_told(desk):
    desk.receive()
    other = signer("New sender", by=sender_root())
    path = put_next(desk, by=other)
    told = f"nytt certifikat. Jämför fingeravtrycket: {fingerprint(other.certificate)}"
    assert told in desk.receive(package=path).text
    assert "SIGNER_NEW" not in desk.receive(package=path).text


def test_without_a_sentinel_it_is_received_with_a_warning(desk):
    desk.package.with_name(f"{NAME}.done").unlink()
    answer = desk.receive()
    assert answer.code == 0
    assert "Varning SENTINEL_MISSING: " in answer.text


def test_without_a_sentinel_a_file_that_stays_shut_has_no_receipt(desk):
    desk.package.with_name(f"{NAME}.done").unlink()
    desk.package.write_bytes(b"noise")
    answer = desk.receive("--issuer", "kortverket")
    assert answer.code == 1
    assert "Ingen kvittens skrevs." in answer.text
    assert desk.seen() == []


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b'{"name":"x"}', b"\xff"])
def test_a_sentinel_of_another_form_is_found(desk, text):
    desk.package.with_name(f"{NAME}.done").write_bytes(text)
    answer = desk.receive()
    assert answer.code == 1
    assert "SENTINEL_UNREADABLE: " in answer.text


def test_a_sentinel_for_another_package_is_found(desk):
    content = zipped(bag_files())
    desk.put(encrypted(content), content + b"other")
    answer = desk.receive("--issuer", "kortverket")
    assert answer.code == 1
    assert "SENTINEL_OTHER_PACKAGE: " in answer.text


def test_a_file_longer_than_the_sentinel_says_is_found(desk):
    desk.package.write_bytes(desk.package.read_bytes() + b"more")
    assert "FILE_TOO_LONG: " in desk.receive().text


def test_a_package_renamed_is_found(desk):
    content = zipped(bag_files())
    renamed = desk.put(encrypted(content), content, "KB-2026-000999.zip.cms")
    answer = desk.receive(package=renamed)
    assert answer.code == 1
    assert "ZIP_OUTSIDE_FOLDER: " in answer.text


def test_a_folder_renamed_too_is_found(desk):
    renamed = desk.put_files(bag_files(), "KB-2026-000999")
    answer = desk.receive(package=renamed)
    assert (answer.code, "BATCH_OTHER_NAME: " in answer.text) == (1, True)


def test_a_package_for_another_issuer_is_found(desk):
    answer = desk.receive("--issuer", "annan")
    assert answer.code == 1
    assert "ISSUER_OTHER: Leveransen är till en annan kortutgivare: kortverket." in answer.text
    assert desk.receipt()["issuer"] == "annan"


def test_a_header_that_names_another_signer_is_found(desk):
    desk.put_files(bag_files(signer_fingerprint="ab" * 32))
    answer = desk.receive()
    assert answer.code == 1
    assert "SIGNER_OTHER: " in answer.text
    assert desk.receipt()["code"] == "BATCH_SIGNATURE"


def test_a_test_batch_and_a_real_one_are_told_apart(desk):
    told = "Det är en testleverans. Tillverka inga kort."
    assert told in desk.receive().text
    desk.out = desk.out.with_name("real")
    desk.put_files(bag_files(environment="prod"))
    assert told not in desk.receive().text


@pytest.mark.parametrize("text", [b"", b"\xff\xff", b"{}"])
def test_a_receipt_goes_out_though_the_header_can_not_be_read(desk, text):
    desk.put_files(bag_files() | {"data/batch.json": text})
    assert desk.receive("--issuer", "kortverket").code == 1
    assert desk.receipt()["code"] == "BATCH_MANIFEST"
    answer = desk.receive()
    assert (answer.code, "Ingen kvittens skrevs." in answer.text) == (1, True)


def test_the_issuer_of_earlier_packages_is_remembered_for_a_refusal(desk):
    desk.receive()
    content = zipped(bag_files())
    path = desk.put(encrypted(content, escrow()), content, "KB-2026-000124.zip.cms")
    assert desk.receive(package=path).code == 1
    receipt = json.loads((desk.out / "KB-2026-000124.receipt-1.json").read_bytes())
    assert (receipt["issuer"], receipt["code"]) == ("kortverket", "BATCH_DECRYPT")


def test_receipts_are_signed_when_asked_for(desk, tmp_path):
    own = signer("Card issuer")
    (tmp_path / "sign.key").write_bytes(own.key_pem)
    (tmp_path / "sign.pem").write_bytes(own.pem)
    more = ["--sign-key", tmp_path / "sign.key", "--sign-certificate", tmp_path / "sign.pem"]
    assert desk.receive(*more).code == 0
    for ending in ("1", "2"):
        path = desk.out / f"{BATCH}.receipt-{ending}.json"
        signature = path.with_name(f"{path.name}.p7s").read_bytes()
        assert verify_signature(signature, path.read_bytes(), [own.certificate], at=NOW)
    before = tree(desk.out)
    desk.receive(*more)
    assert tree(desk.out) == before
    desk.receive("--reject", f"{FIRST}=PHOTO_EYES")
    assert not (desk.out / f"{BATCH}.receipt-2.json.p7s").exists()


@pytest.mark.parametrize("pair", [rsa_recipient("Receiver"), ec_recipient("Receiver")])
@pytest.mark.parametrize("form", [Encoding.PEM, Encoding.DER])
def test_keys_and_certificates_of_either_kind_and_form(desk, pair, form):
    content = zipped(bag_files())
    desk.put(encrypted(content, pair, escrow()), content)
    desk.key.write_bytes(pair.key.private_bytes(form, PrivateFormat.PKCS8, NoEncryption()))
    desk.certificate.write_bytes(pair.certificate.public_bytes(form))
    desk.trust.write_bytes(sender_root().certificate.public_bytes(form))
    assert desk.receive().code == 0


def test_nothing_of_a_person_is_written_on_the_screen(desk):
    line = order(1)
    personal = [line.name_on_card, line.hsa_id, line.title, line.organisation]
    good = desk.receive()
    files = bag_files([pictured(1, personnummer="196112122871")])
    desk.put_files({**files, "data/orders.jsonl": files["data/orders.jsonl"] * 2})
    bad = desk.receive()
    assert (good.code, bad.code) == (0, 1)
    for word in [*personal, "196112122871"]:
        assert word not in good.text + bad.text


def test_many_findings_are_told_in_short(desk):
    files = bag_files() | {f"data/extra-{n}.txt": b"x" for n in range(30)}
    desk.put_files(files)
    text = desk.receive().text
    assert text.count("FILE_UNLISTED") == 20
    assert "… och 11 fel till." in text  # the number of bytes is wrong too


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--reject", "x"], "Rätta x."),
        (["--reject", f"{FIRST}=BLURRED"], "Rätta"),
        (["--reject", f"{FIRST}=PHOTO_BLUR", f"{FIRST}=PHOTO_POSE"], "Ange en enda kod"),
        (["--reject", f"{FIRST[:-1]}f=PHOTO_BLUR"], "Ingen beställning i paketet heter"),
        (["--reject", f"{SECOND}=PHOTO_BLUR"], "har ingen bild"),
        (["--sign-key", "x"], "Ange både --sign-key och --sign-certificate"),
        (["--key", "gone.pem"], "Kontrollera gone.pem"),
    ],
)
def test_wrong_use_is_told_and_nothing_is_taken(desk, words, told):
    answer = desk.receive(*words)
    assert (answer.code, told in answer.text) == (2, True), answer.text
    assert not desk.out.exists() or desk.seen() == []


def test_a_file_of_another_name_is_wrong_use(desk):
    other = shutil.copy(desk.package, desk.inbox / "package.cms")
    assert desk.receive(package=Path(other)).code == 2


@pytest.mark.parametrize("name", ["key", "certificate", "trust"])
@pytest.mark.parametrize("content", [b"", b"noise", b"-----BEGIN CERTIFICATE-----\nAA\n"])
def test_keys_and_certificates_that_can_not_be_read(desk, name, content):
    getattr(desk, name).write_bytes(content)
    answer = desk.receive()
    assert (answer.code, f"{getattr(desk, name)}" in answer.text) == (2, True), answer.text


def test_a_key_with_a_password_and_one_of_another_certificate(desk):
    pair = rsa_recipient("Receiver")
    locked = BestAvailableEncryption(b"secret")
    desk.key.write_bytes(pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
    assert "Ta bort lösenordet" in desk.receive().text
    desk.key.write_bytes(rsa_recipient("Other").key_pem)
    answer = desk.receive()
    assert (answer.code, "hör till ett annat certifikat" in answer.text) == (2, True)


def test_a_signer_that_may_not_sign_receipts(desk):
    own = signer("Card issuer", days=(-9, -1))
    (desk.inbox / "sign.key").write_bytes(own.key_pem)
    (desk.inbox / "sign.pem").write_bytes(own.pem)
    answer = desk.receive(
        *("--sign-key", desk.inbox / "sign.key", "--sign-certificate", desk.inbox / "sign.pem")
    )
    assert (answer.code, "(expired)" in answer.text) == (2, True)


def test_a_folder_that_somebody_else_made_is_left_alone(desk):
    (desk.out / BATCH).mkdir(parents=True)
    answer = desk.receive()
    assert (answer.code, "Mappen finns redan" in answer.text) == (2, True)
    assert desk.seen() == [BATCH]


@pytest.mark.parametrize("words", [b"hello\n", b"\xe5\n"])
def test_a_ledger_that_somebody_wrote_in_is_told(desk, words):
    desk.receive()
    with (desk.out / "received.jsonl").open("ab") as file:
        file.write(words)
    answer = desk.receive()
    assert (answer.code, "En rad går inte att läsa" in answer.text) == (2, True)


def test_another_sender_wants_another_folder(desk):
    desk.receive()
    before = tree(desk.out)
    desk.put_files(bag_files(sender_hsa_id="SE5560000000-F002"))
    answer = desk.receive()
    assert (answer.code, "Välj en annan mapp med --out." in answer.text) == (2, True)
    assert tree(desk.out) == before


def test_a_disk_that_says_no_leaves_nothing(desk):
    desk.out.parent.joinpath("out").write_text("a file where the folder should be")
    answer = desk.receive()
    assert (answer.code, answer.text.startswith("Kontrollera ")) == (2, True)


def test_a_disk_that_is_full_is_told_by_the_folder(desk, monkeypatch):
    def full(_fd):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = desk.receive()
    assert (answer.code, answer.text) == (2, f"Kontrollera {desk.out}: No space left on device.\n")


def test_every_finding_has_a_sentence():
    faults = {"ENVELOPE": EnvelopeFault, "SIGNATURE": SignatureFault, "ORDERS": PackageFault}
    codes = {f"{kind}_{fault.name}" for kind, found in faults.items() for fault in found}
    assert {*Flaw, *ZipFlaw} | codes <= SENTENCES.keys()


def test_the_guide_names_every_code():
    guide = GUIDE.read_text()
    assert [code for code in [*OrderCode, *BatchCode] if f"`{code}`" not in guide] == []
