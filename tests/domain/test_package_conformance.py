"""Tools that are not ours open, verify and validate the package, and find what was changed."""

import csv
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from enrolment.cards.demo_certificates import DemoCertificates, write_demo_certificates
from enrolment.cards.domain import package, seal
from enrolment.cards.domain.certificate_facts import fingerprint
from tests.package_builders import facts, order, photo_of, without_photo


@pytest.fixture
def signer(tmp_path: Path) -> DemoCertificates:
    # The foreign verifier reads the real clock.
    return write_demo_certificates(tmp_path / "signer", datetime.now(UTC))


@pytest.fixture
def bag(tmp_path: Path, signer: DemoCertificates) -> Path:
    """Return the folder that `unzip` made of a signed package with two photos and three orders."""
    certificate = x509.load_pem_x509_certificate(signer.signer_certificate.read_bytes())
    key = load_pem_private_key(signer.signer_key.read_bytes(), password=None)
    header = facts(signer_fingerprint=fingerprint(certificate))
    made = package.make_bag(header, [order(1), without_photo(2), order(3)])
    signature = seal.sign(made.tag_manifest, key, certificate)
    zip_path = tmp_path / "KB-2026-000123.zip"
    with zip_path.open("wb") as file:
        package.write_zip(file, made, signature, photo_of)
    assert run("unzip", "-tq", zip_path).returncode == 0
    assert run("unzip", "-q", zip_path, "-d", tmp_path).returncode == 0
    return tmp_path / "KB-2026-000123"


def run(*command: object, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


def openssl_verifies(bag: Path, signer: DemoCertificates) -> bool:
    command = "openssl cms -verify -binary -inform DER -in tagmanifest-sha256.txt.p7s"
    arguments = ["-content", "tagmanifest-sha256.txt", "-CAfile", signer.signer_certificate]
    done = run(*command.split(), *arguments, "-out", "/dev/null", folder=bag)
    assert done.returncode in (0, 4), done.stderr
    return done.returncode == 0


def bagit_validates(bag: Path) -> bool:
    done = run(sys.executable, "-m", "bagit", "--validate", bag)
    assert ("is valid" in done.stderr) == (done.returncode == 0), done.stderr
    return done.returncode == 0


def sha256sum_agrees(bag: Path, manifest: str) -> bool:
    return run("sha256sum", "-c", "--strict", "--quiet", manifest, folder=bag).returncode == 0


def flip_last_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def test_foreign_tools_accept_the_package(bag, signer):
    assert openssl_verifies(bag, signer)
    assert bagit_validates(bag)
    assert sha256sum_agrees(bag, "manifest-sha256.txt")
    assert sha256sum_agrees(bag, "tagmanifest-sha256.txt")


def test_each_order_keeps_to_the_schema_in_the_package(bag):
    schema = json.loads((bag / "data/schema/order.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    lines = [json.loads(row) for row in (bag / "data/orders.jsonl").read_text().splitlines()]
    assert [list(validator.iter_errors(line)) for line in lines] == [[], [], []]
    assert [line["photo"] and (bag / "data" / line["photo"]).is_file() for line in lines] == [
        True,
        None,
        True,
    ]
    with (bag / "data/orders.csv").open(newline="") as file:
        assert [row["order_id"] for row in csv.DictReader(file)] == [
            line["order_id"] for line in lines
        ]


@pytest.mark.parametrize("changed", ["tagmanifest-sha256.txt", "tagmanifest-sha256.txt.p7s"])
def test_openssl_finds_a_flipped_byte(bag, signer, changed):
    flip_last_byte(bag / changed)
    assert not openssl_verifies(bag, signer)


def test_openssl_refuses_another_signer(bag, tmp_path):
    other = write_demo_certificates(tmp_path / "other", datetime.now(UTC))
    assert not openssl_verifies(bag, other)


@pytest.mark.parametrize("pattern", ["data/photos/*.jpg", "data/batch.json", "bag-info.txt"])
def test_bagit_finds_a_flipped_byte(bag, pattern):
    flip_last_byte(next(bag.glob(pattern)))
    assert not bagit_validates(bag)


def test_bagit_finds_a_missing_and_an_extra_file(bag):
    photo = next((bag / "data/photos").iterdir())
    photo.rename(photo.with_name("other.jpg"))
    assert not bagit_validates(bag)
