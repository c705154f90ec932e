"""A real encrypted package for the receiver, and what an attacker makes of one."""

import hashlib
import io
import json
import os
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.core.management import call_command
from PIL import Image

from enrolment.cards.domain import package, seal
from enrolment.cards.domain.certificate_facts import fingerprint
from enrolment.cards.domain.envelope import Envelope
from enrolment.cards.domain.exchange import Sentinel
from enrolment.cards.domain.package_fields import BatchFacts, OrderLine
from tests.certificate_builders import Pair, authority, ec_recipient, rsa_recipient, signer
from tests.package_builders import facts, order, without_photo

BATCH = "KB-2026-000123"
NAME = f"{BATCH}.zip.cms"
MANIFEST = "manifest-sha256.txt"
SIZE = (30, 40)


@cache
def sender_root() -> Pair:
    return authority("Sender root")


@cache
def sender(days: tuple[float, float] = (-1, 30)) -> Pair:
    """Return who signs packages, issued by the root that the receiver trusts."""
    return signer("Sender", by=sender_root(), days=days)


@cache
def issuer() -> Pair:
    """Return whom packages are encrypted to."""
    return rsa_recipient("Receiver")


@cache
def escrow() -> Pair:
    return ec_recipient("Escrow")


@cache
def jpeg_of(order_id: str) -> bytes:
    """Return a small picture of a colour that follows from the id."""
    colour = tuple(hashlib.sha256(order_id.encode()).digest()[:3])
    sink = io.BytesIO()
    Image.new("RGB", SIZE, colour).save(sink, "JPEG")
    return sink.getvalue()


def pictured(seq: int, **changes: object) -> OrderLine:
    """Return an order that its picture agrees with."""
    line = order(seq, **changes)
    photo = jpeg_of(line.order_id)
    digest = hashlib.sha256(photo).hexdigest()
    width, height = SIZE
    told = {"photo_sha256": digest, "photo_bytes": len(photo)}
    told |= {"photo_width": width, "photo_height": height}
    return order(seq, **{**told, **changes})


def three_orders() -> list[OrderLine]:
    return [pictured(1), without_photo(2), pictured(3)]


def signed_facts(by: Pair | None = None, **changes: object) -> BatchFacts:
    certificate = (by or sender()).certificate
    return facts(**{"signer_fingerprint": fingerprint(certificate), **changes})


def bag_files(
    lines: list[OrderLine] | None = None, by: Pair | None = None, **changes: object
) -> dict[str, bytes]:
    """Return every file of a signed bag by its path in the bag."""
    made = package.make_bag(signed_facts(by, **changes), lines or three_orders())
    photos = {path: jpeg_of(line.order_id) for path, line in made.photos.items()}
    return sign_again({**made.files, **photos}, by)


def sign_again(files: dict[str, bytes], by: Pair | None = None) -> dict[str, bytes]:
    """Return the files with a new signature over the tag manifest as it is."""
    pair = by or sender()
    signature = seal.sign(files[package.TAG_MANIFEST], pair.key, pair.certificate)
    return {**files, package.SIGNATURE: signature}


def list_again(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files with manifests that are right again, and the number of bytes too."""
    payload = {path: content for path, content in files.items() if path.startswith("data/")}
    oxum = f"Payload-Oxum: {sum(map(len, payload.values()))}.{len(payload)}\n".encode()
    kept = files["bag-info.txt"].split(b"Payload-Oxum")[0]
    listed = {**files, "bag-info.txt": kept + oxum, MANIFEST: manifest_of(payload)}
    return tag_again(listed)


def tag_again(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files with a tag manifest that is right again."""
    tags = {path: files[path] for path in ("bag-info.txt", "bagit.txt", MANIFEST)}
    return {**files, package.TAG_MANIFEST: manifest_of(tags)}


def manifest_of(files: dict[str, bytes]) -> bytes:
    lines = (f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files))
    return "".join(lines).encode()


def zipped(
    files: dict[str, bytes], more: Iterable[tuple[str, bytes]] = (), folder: str = BATCH
) -> bytes:
    """Return a ZIP of the files in the batch's folder, and of `more` entries as they are named."""
    sink = io.BytesIO()
    entries = [(f"{folder}/{path}", content) for path, content in sorted(files.items())]
    with zipfile.ZipFile(sink, "w") as archive, warnings.catch_warnings(action="ignore"):
        for name, content in [*entries, *more]:
            archive.writestr(zipfile.ZipInfo(name), content)
    return sink.getvalue()


def sent() -> bytes:
    """Return the ZIP of the same orders as the sender itself writes it."""
    bag = package.make_bag(signed_facts(), three_orders())
    signature = seal.sign(bag.tag_manifest, sender().key, sender().certificate)
    sink = io.BytesIO()
    package.write_zip(sink, bag, signature, jpeg_of)
    return sink.getvalue()


def encrypted(content: bytes, *recipients: Pair) -> bytes:
    """Return an envelope around the content, to the issuer and the escrow unless others are named.

    Anybody can make one: certificates are public.
    """
    sink = io.BytesIO()
    pairs = recipients or (issuer(), escrow())
    envelope = Envelope(sink, [pair.certificate for pair in pairs], os.urandom)
    envelope.write(content)
    envelope.close()
    return sink.getvalue()


@dataclass(frozen=True)
class Answer:
    """How the receiver ended, and what it wrote on the screen."""

    code: int
    text: str


class Desk:
    """A card issuer's machine: an inbox, keys, and a folder for what is received."""

    def __init__(self, folder: Path) -> None:
        self.inbox, self.out = folder / "inbox", folder / "out"
        self.key, self.certificate = folder / "own.key", folder / "own.pem"
        self.trust = folder / "trust.pem"
        self.inbox.mkdir(parents=True)
        self.key.write_bytes(issuer().key_pem)
        self.certificate.write_bytes(issuer().pem)
        self.trust.write_bytes(sender_root().pem)

    @property
    def package(self) -> Path:
        return self.inbox / NAME

    def put(self, envelope: bytes, content: bytes, name: str = NAME) -> Path:
        """Put an envelope in the inbox with a sentinel that fits it and the ZIP within."""
        sentinel = Sentinel(
            name=name,
            sha256=hashlib.sha256(envelope).hexdigest(),
            size=len(envelope),
            package_sha256=hashlib.sha256(content).hexdigest(),
            package_size=len(content),
        )
        (self.inbox / name).write_bytes(envelope)
        (self.inbox / f"{name}.done").write_bytes(sentinel.written())
        return self.inbox / name

    def put_files(self, files: dict[str, bytes], batch_id: str = BATCH) -> Path:
        """Put a package of these files in the inbox, as one who can encrypt."""
        content = zipped(files, folder=batch_id)
        return self.put(encrypted(content), content, f"{batch_id}.zip.cms")

    def words(self, *more: object, package: Path | None = None) -> list[str]:
        """Return the command line that receives the package."""
        options = {"key": self.key, "certificate": self.certificate, "trust": self.trust}
        words = [str(package or self.package), "--out", str(self.out)]
        for name, path in options.items():
            words += [f"--{name}", str(path)]
        return words + [str(word) for word in more]

    def receive(self, *more: object, package: Path | None = None) -> Answer:
        """Run the command."""
        screen = io.StringIO()
        code = 0
        try:
            call_command(
                *("receive_batch", *self.words(*more, package=package)),
                stdout=screen,
                stderr=screen,
                no_color=True,
            )
        except SystemExit as ended:
            code = int(ended.code or 0)
        return Answer(code, screen.getvalue())

    def receipt(self, ending: str = "1") -> dict:
        return json.loads((self.out / f"{BATCH}.receipt-{ending}.json").read_bytes())

    def seen(self) -> list[str]:
        """Return what lies in the folder for what is received."""
        return sorted(path.name for path in self.out.iterdir())


@contextmanager
def changed(path: Path) -> Iterator[bytearray]:
    """Give a file's bytes to change, and write them back."""
    content = bytearray(path.read_bytes())
    yield content
    path.write_bytes(content)
