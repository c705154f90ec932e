"""How long a package of 2,000 photos takes, against hashing and writing the same bytes once.

Run by `make bench`. The ratio is against a baseline measured in the same run; it is printed.
"""

import hashlib
import os
import time
from dataclasses import replace

from enrolment.cards.domain.package import make_bag, write_zip
from enrolment.cards.handover import hand_over
from tests.package_builders import facts, order, signature_of

PHOTOS = 2000
PHOTO_BYTES = 53_000


def photo(order_id: str) -> bytes:
    return hashlib.shake_256(order_id.encode()).digest(PHOTO_BYTES)


def lines():
    for seq in range(1, PHOTOS + 1):
        line = order(seq)
        picture = photo(line.order_id)
        digest = hashlib.sha256(picture).hexdigest()
        yield replace(line, photo_bytes=PHOTO_BYTES, photo_sha256=digest)


def test_a_package_against_one_hash_and_one_write(tmp_path):
    orders = list(lines())
    photos = {line.order_id: photo(line.order_id) for line in orders}
    yardstick = _hash_and_write(tmp_path / "plain", b"".join(photos.values()))
    began = time.perf_counter()
    bag = make_bag(facts(), orders)
    signature = signature_of(bag)
    handed = hand_over(
        lambda sink: write_zip(sink, bag, signature, photos.__getitem__), tmp_path, "KB.zip"
    )
    seconds = time.perf_counter() - began
    print(f"\npackage: {handed.size / 1e6:.0f} MB in {seconds:.2f} s, yardstick {yardstick:.2f} s")
    print(f"package_ratio: {seconds / yardstick:.2f}")
    assert handed.size > PHOTOS * PHOTO_BYTES


def _hash_and_write(path, data: bytes) -> float:
    began = time.perf_counter()
    hashlib.sha256(data).hexdigest()
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return time.perf_counter() - began
