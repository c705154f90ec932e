"""What leaves the page is sealed: the record, the rescue file; and one tab at a time does it."""

import base64
import hashlib
import json

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from playwright.sync_api import Page

from photos.domain.sealed import read_container
from tests.browser.station_store import (
    DEVICE,
    OTHER_USER,
    USER,
    VISIT,
    keep,
    new_id,
    row,
    run,
    station_in,
)

pytest_plugins = "tests.browser.station_fixtures"
pytestmark = pytest.mark.browser


# --- The seal -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)


def sealed(page: Page, key: rsa.RSAPrivateKey, jpeg: bytes, **ids: str) -> tuple[bytes, str]:
    """Seal in the page; return the container and the hash told of it."""
    der, spki = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    public = base64.b64encode(key.public_key().public_bytes(der, spki)).decode()
    told = run(
        page,
        """
        const jpeg = given.jpeg === null ? null : new Uint8Array(given.jpeg);
        const { ids, publicKey, header } = given;
        const made = await seal.seal({ ...ids, publicKey, header, jpeg });
        return [Array.from(new Uint8Array(made.bytes)), made.sha256];
        """,
        publicKey=public,
        ids=ids,
        jpeg=list(jpeg) or None,
        header={"note": "Blå tröja 👩‍🦱", "record": ids["record"]},
    )
    return bytes(told[0]), told[1]


def opened(data: bytes, key: rsa.RSAPrivateKey, bound: str) -> bytes:
    parts = read_container(data)
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    own = key.decrypt(parts.wrapped_key, oaep)
    assert len(own) == 32
    return AESGCM(own).decrypt(parts.nonce, parts.ciphertext, bound.encode("ascii"))


@pytest.mark.parametrize("jpeg", [b"\xff\xd8" + bytes(range(256)) * 40, b""], ids=["photo", "note"])
def test_a_sealed_record_is_opened_by_the_visits_key_alone_and_bound_to_its_person(page, key, jpeg):
    ids = {"visit": VISIT, "subject": new_id(), "record": new_id()}
    data, sha256 = sealed(page, key, jpeg, **ids)
    assert sha256 == hashlib.sha256(data).hexdigest()
    bound = f"fotorundan/1:{VISIT}:{ids['subject']}:{ids['record']}"
    plain = opened(data, key, bound)
    length = int.from_bytes(plain[:4])
    assert json.loads(plain[4 : 4 + length])["note"] == "Blå tröja 👩‍🦱"
    assert plain[4 + length :] == jpeg
    with pytest.raises(InvalidTag):
        opened(data, key, bound.replace(ids["subject"], new_id()))


def test_two_seals_of_the_same_have_nothing_in_common(page, key):
    ids = {"visit": VISIT, "subject": new_id(), "record": new_id()}
    one, other = (read_container(sealed(page, key, b"jpeg", **ids)[0]) for _each in range(2))
    assert one.wrapped_key != other.wrapped_key
    assert one.nonce != other.nonce
    assert one.ciphertext != other.ciphertext


# --- The rescue file ----------------------------------------------------------------------------


def rescued(page: Page, blob: str, **given) -> list[dict]:
    lines = run(page, f"return (await ({blob})).text();", **given).splitlines()
    return [json.loads(line) for line in lines]


def test_the_rescue_file_holds_each_record_of_the_user_that_is_not_received(page):
    saved, refused, received = (keep(page, size=200_001) for _each in range(3))
    run(page, "await outbox.update(given.id, { state: 'refused' });", id=refused)
    run(page, "await outbox.received(await outbox.find(given.id), 'taken');", id=received)
    keep(page, user=OTHER_USER)
    head, *records = rescued(page, "rescue.rescueFile(given.user)")
    assert (head["schema"], head["records"]) == ("station-rescue/1", 2)
    assert {each["record"] for each in records} == {saved, refused}
    for each in records:
        kept = row(page, each["record"])
        data = base64.b64decode(each["bytes"], validate=True)
        assert hashlib.sha256(data).hexdigest() == each["sha256"] == kept["sha256"]
        assert (each["visit"], each["device"], each["user"]) == (VISIT, DEVICE, USER)
        assert (each["subject"], each["made_at"]) == (kept["subject"], kept["made_at"])


def test_one_record_can_be_carried_alone_in_the_same_kind_of_file(page):
    keep(page)
    wanted = keep(page)
    head, *records = rescued(page, "outbox.exportOne(given.id)", id=wanted)
    assert head["records"] == 1
    assert [each["record"] for each in records] == [wanted]


# --- Two tabs -----------------------------------------------------------------------------------


def test_the_second_tab_is_told_and_gets_the_station_when_the_first_is_gone(profile):
    page = station_in(profile)
    hold = "return tabs.holdStation();"
    assert run(page, hold) is True
    second = station_in(profile)
    assert run(second, hold) is False
    page.reload()
    assert run(page, hold) is True
    assert run(second, hold) is False
    page.close()
    assert run(second, hold) is True
