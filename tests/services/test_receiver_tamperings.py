"""Whatever was done to a package on its way, the receiver refuses it and says what was done."""

import hashlib
import io
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrolment.cards.domain import package
from enrolment.cards.domain.envelope import EnvelopeRefused, open_envelope
from tests import tampering_builders as builders
from tests.certificate_builders import authority, rsa_recipient, signer
from tests.tampering_builders import (
    BATCH,
    MANIFEST,
    Desk,
    bag_files,
    encrypted,
    issuer,
    list_again,
    pictured,
    sender,
    sent,
    sign_again,
    tag_again,
    zipped,
)

pytestmark = pytest.mark.sqlite

FIRST, LAST = (f"data/photos/{pictured(seq).order_id}.jpg" for seq in (1, 3))
SIGNATURE_CHANGED = ("BATCH_SIGNATURE", "SIGNATURE_CHANGED")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def expect_refused(desk: Desk, answer_code: str, *codes: str) -> None:
    """Each code is told, the receipt says the same, and nothing else can be seen."""
    answer = desk.receive("--issuer", "kortverket")
    assert answer.code == 1, answer.text
    first, *told = answer.text.splitlines()
    assert first == f"{BATCH} är underkänd: {answer_code}. Tillverka inga kort."
    assert [code for code in codes if not any(line.startswith(f"{code}: ") for line in told)] == []
    receipt = desk.receipt()
    assert (receipt["status"], receipt["code"]) == ("REJECTED", answer_code)
    assert receipt["text"] in told
    assert desk.seen() == [f"{BATCH}.receipt-1.json"]


def put(desk: Desk, content: bytes) -> None:
    desk.put(encrypted(content), content)


def test_the_package_itself_is_received(desk):
    put(desk, sent())
    assert desk.receive().code == 0
    shutil.rmtree(desk.out)
    desk.put_files(bag_files())
    assert desk.receive().code == 0


# 1. A flipped byte


def test_a_flipped_byte_differs_from_the_sentinel(desk):
    desk.put_files(bag_files())
    with builders.changed(desk.package) as content:
        content[len(content) // 2] ^= 1
    expect_refused(desk, "BATCH_DECRYPT", "FILE_ALTERED")


def test_a_flipped_byte_with_a_sentinel_made_to_fit_breaks_the_seal(desk):
    content = zipped(bag_files())
    envelope = bytearray(encrypted(content))
    envelope[len(envelope) // 2] ^= 1
    desk.put(bytes(envelope), content)
    expect_refused(desk, "BATCH_DECRYPT", "ENVELOPE_CHANGED")


@pytest.mark.parametrize(
    "path", [FIRST, "data/orders.jsonl", "data/batch.json", "bag-info.txt", MANIFEST]
)
def test_a_flipped_byte_in_a_file_of_a_package_encrypted_anew(desk, path):
    files = bag_files()
    files[path] = bytes([files[path][0] ^ 1]) + files[path][1:]
    desk.put_files(files)
    expect_refused(desk, "BATCH_MANIFEST", "FILE_CHANGED")


def test_a_flipped_byte_in_the_zip(desk):
    content = bytearray(zipped(bag_files()))
    content[content.index(builders.jpeg_of(pictured(1).order_id)) + 5] ^= 1
    put(desk, bytes(content))
    expect_refused(desk, "BATCH_MANIFEST", "ZIP_DATA_DAMAGED")


SMALL_ZIP = sent()
SMALL = encrypted(SMALL_ZIP)


@given(at=st.integers(0, len(SMALL) - 1), flip=st.integers(1, 255))
def test_whatever_byte_is_flipped_the_envelope_stays_shut(at, flip):
    envelope = bytearray(SMALL)
    envelope[at] ^= flip
    with pytest.raises(EnvelopeRefused):
        open_envelope(io.BytesIO(envelope), io.BytesIO(), issuer().key, issuer().certificate)


def test_the_same_envelope_unflipped_opens():
    sink = io.BytesIO()
    open_envelope(io.BytesIO(SMALL), sink, issuer().key, issuer().certificate)
    assert sink.getvalue() == SMALL_ZIP


# 2. Cut short


def test_a_file_cut_short_differs_from_the_sentinel(desk):
    desk.put_files(bag_files())
    with builders.changed(desk.package) as content:
        del content[-100:]
    expect_refused(desk, "BATCH_DECRYPT", "FILE_CUT_SHORT")


@pytest.mark.parametrize("left", [0, 1, 40, 2000, -1])
def test_a_file_cut_short_with_a_sentinel_made_to_fit(desk, left):
    content = zipped(bag_files())
    desk.put(encrypted(content)[:left], content)
    expect_refused(desk, "BATCH_DECRYPT", "ENVELOPE_CUT_SHORT")


def test_a_zip_cut_short_and_encrypted_anew(desk):
    put(desk, zipped(bag_files())[:-30])
    expect_refused(desk, "BATCH_MANIFEST", "ZIP_UNREADABLE")


# 3. Wrong recipient


@pytest.mark.parametrize("other", [rsa_recipient("Other"), builders.escrow()])
def test_a_package_to_somebody_else(desk, other):
    content = zipped(bag_files())
    desk.put(encrypted(content, other), content)
    expect_refused(desk, "BATCH_DECRYPT", "ENVELOPE_NOT_FOR_THIS_KEY")


# 4. Expired signer


def test_a_signer_whose_certificate_has_run_out(desk):
    desk.put_files(bag_files(by=sender(days=(-30, -1))))
    expect_refused(desk, "BATCH_SIGNATURE", "SIGNATURE_EXPIRED")


# 5. Other CA


def test_a_signer_of_another_authority(desk):
    stranger = signer("Sender", by=authority("Other root"))
    desk.put_files(bag_files(by=stranger))
    expect_refused(desk, "BATCH_SIGNATURE", "SIGNATURE_UNTRUSTED")


def test_a_signer_of_another_authority_of_the_same_name(desk):
    stranger = signer("Sender", by=authority("Sender root", serial=7))
    forged = signer("Sender", by=builders.Pair(stranger.certificate, authority("Evil").key))
    desk.put_files(bag_files(by=forged))
    expect_refused(desk, "BATCH_SIGNATURE", "SIGNATURE_UNTRUSTED")


# 6. An extra file


@pytest.mark.parametrize("path", ["data/extra.txt", "extra.txt", f"{FIRST}.exe"])
def test_an_extra_file(desk, path):
    desk.put_files(bag_files() | {path: b"surprise"})
    expect_refused(desk, "BATCH_MANIFEST", "FILE_UNLISTED")


def test_an_extra_file_put_in_all_lists(desk):
    desk.put_files(list_again(bag_files() | {"data/extra.txt": b"surprise"}))
    expect_refused(desk, *SIGNATURE_CHANGED)


def test_an_extra_file_that_the_sender_signed(desk):
    desk.put_files(sign_again(list_again(bag_files() | {"data/extra.txt": b"surprise"})))
    expect_refused(desk, "BATCH_SCHEMA", "FILE_FOREIGN")


# 7. A missing photo


def without_first() -> dict[str, bytes]:
    return {path: content for path, content in bag_files().items() if path != FIRST}


def test_a_missing_photo(desk):
    desk.put_files(without_first())
    expect_refused(desk, "BATCH_MANIFEST", "FILE_MISSING")


def test_a_missing_photo_taken_out_of_all_lists(desk):
    desk.put_files(list_again(without_first()))
    expect_refused(desk, *SIGNATURE_CHANGED)


def test_a_missing_photo_that_the_sender_signed(desk):
    desk.put_files(sign_again(list_again(without_first())))
    expect_refused(desk, "BATCH_SCHEMA", "FILE_MISSING")


# 8. Two photos swapped


def swapped() -> dict[str, bytes]:
    files = bag_files()
    return {**files, FIRST: files[LAST], LAST: files[FIRST]}


def test_two_photos_swapped(desk):
    desk.put_files(swapped())
    expect_refused(desk, "BATCH_MANIFEST", "FILES_SWAPPED")
    assert desk.receipt()["text"].endswith(f"{FIRST} och {LAST}.")


def test_two_photos_swapped_in_the_manifest_too(desk):
    listed = list_again(swapped())
    desk.put_files({**swapped(), MANIFEST: listed[MANIFEST]})
    expect_refused(desk, "BATCH_MANIFEST", "FILE_CHANGED")
    assert MANIFEST in desk.receipt()["text"]


def test_two_photos_swapped_in_all_lists(desk):
    desk.put_files(list_again(swapped()))
    expect_refused(desk, *SIGNATURE_CHANGED)


def test_two_photos_swapped_that_the_sender_signed(desk):
    desk.put_files(sign_again(list_again(swapped())))
    expect_refused(desk, "BATCH_SCHEMA", "PHOTO_DIFFERS")


# 9. A path out of the bag in a manifest


@pytest.mark.parametrize(
    "path", ["../evil.txt", "data/../../evil.txt", "/evil.txt", "data\\..\\evil.txt", "C:evil"]
)
@pytest.mark.parametrize(
    ("care", "answer", "codes"),
    [
        (dict, "BATCH_MANIFEST", ["PATH_UNSAFE", "FILE_CHANGED"]),
        (tag_again, "BATCH_SIGNATURE", ["PATH_UNSAFE", "SIGNATURE_CHANGED"]),
        (lambda files: sign_again(tag_again(files)), "BATCH_MANIFEST", ["PATH_UNSAFE"]),
    ],
    ids=["naive", "careful", "signed"],
)
def test_a_path_out_of_the_bag(desk, path, care: Callable[[dict], dict], answer, codes):
    files = bag_files()
    files[MANIFEST] += f"{hashlib.sha256(b'evil').hexdigest()}  {path}\n".encode()
    content = zipped(care(files))
    put(desk, content)
    expect_refused(desk, answer, *codes)


@pytest.mark.parametrize("name", ["../evil.txt", f"{BATCH}/data/../../evil", "/evil", "a\\b"])
def test_a_path_out_of_the_folder_in_the_zip(desk, name):
    put(desk, zipped(bag_files(), [(name, b"evil")]))
    expect_refused(desk, "BATCH_MANIFEST", "ZIP_PATH_UNSAFE")
    assert not (desk.out.parent / "evil.txt").exists()


# 10. A ZIP entry twice


@pytest.mark.parametrize("path", [FIRST, FIRST.upper(), "data/orders.jsonl"])
def test_a_zip_entry_twice(desk, path):
    put(desk, zipped(bag_files(), [(f"{BATCH}/{path}", b"other")]))
    expect_refused(desk, "BATCH_MANIFEST", "ZIP_ENTRY_TWICE")


def test_a_second_entry_that_the_directory_hides(desk):
    files = bag_files()
    with zipfile.ZipFile(io.BytesIO(twice := zipped(files, [(f"{BATCH}/{FIRST}", b"other")]))) as z:
        hidden_at, directory_at = z.infolist()[-1].header_offset, z.start_dir
    honest = zipped(files)
    cut = honest.index(b"PK\1\2")
    content = bytearray(honest[:cut] + twice[hidden_at:directory_at] + honest[cut:])
    struct.pack_into("<I", content, len(content) - 6, directory_at)
    put(desk, bytes(content))
    expect_refused(desk, "BATCH_MANIFEST", "ZIP_HIDDEN_BYTES")


def test_a_name_that_differs_between_entry_and_directory(desk):
    content = zipped(bag_files())
    renamed = content.replace(f"{BATCH}/{FIRST}".encode(), f"{BATCH}/{LAST}".encode(), 1)
    put(desk, renamed)
    expect_refused(desk, "BATCH_MANIFEST", "ZIP_HEADERS_DISAGREE")


def test_the_signature_taken_out(desk):
    files = bag_files()
    del files[package.SIGNATURE]
    desk.put_files(files)
    expect_refused(desk, "BATCH_SIGNATURE", "SIGNATURE_UNREADABLE", "FILE_MISSING")
