"""Seal, encrypt and hand over a package of 2,000 photos, in a process of its own.

Run as `python package_child.py FOLDER`. Says `ready`; for each line on its standard input it does
the whole work once and says the seconds and the package's bytes; at the end it says its peak
memory in bytes.
"""

import hashlib
import os
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from enrolment import vault
from enrolment.cards.domain.envelope import Envelope
from enrolment.cards.domain.package import make_bag, write_zip
from enrolment.cards.domain.package_fields import OrderLine
from enrolment.cards.handover import Handed, hand_over
from photos import storage
from tests.certificate_builders import ec_recipient, rsa_recipient
from tests.package_builders import facts, order, signature_of

PHOTOS = 2000
PHOTO_BYTES = 53_000
FEDERATION = UUID(int=1)


def kept_photos(folder: Path) -> Iterator[tuple[OrderLine, str]]:
    """Keep the photos as the house does, each sealed; give the orders and the photos' names."""
    settings.KEYS_DIR, settings.PHOTO_DIR = folder / "keys", folder / "photos"
    vault.create_keys(settings.KEYS_DIR)
    for seq in range(1, PHOTOS + 1):
        line, picture = order(seq), os.urandom(PHOTO_BYTES)
        digest = hashlib.sha256(picture).hexdigest()
        name = storage.write(UUID(line.order_id), FEDERATION, datetime.now(UTC), picture)
        yield replace(line, photo_bytes=PHOTO_BYTES, photo_sha256=digest), name


def hand_over_once(lines: dict[OrderLine, str], folder: Path) -> Handed:
    """Do what a build does with a batch's rows, from the bag to the sentinel."""
    names = {line.order_id: name for line, name in lines.items()}
    recipients = [pair.certificate for pair in (ec_recipient("Issuer"), rsa_recipient("Escrow"))]
    bag = make_bag(facts(), list(lines))
    signature = signature_of(bag)
    return hand_over(
        lambda sink: write_zip(sink, bag, signature, lambda photo: storage.read(names[photo])),
        lambda sink: Envelope(sink, recipients, os.urandom),
        folder,
        "KB.zip.cms",
    )


def main(folder: Path) -> None:
    lines = dict(kept_photos(folder))
    print("ready", flush=True)
    for number, _line in enumerate(sys.stdin):
        out = folder / str(number)
        out.mkdir()
        began = time.perf_counter()
        handed = hand_over_once(lines, out)
        print(time.perf_counter() - began, handed.sentinel.package_size, flush=True)
        handed.path.unlink()
    print(_peak_memory())


def _peak_memory() -> int:
    """Return the most bytes this program had in memory; ru_maxrss would count its parent's too."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]))
