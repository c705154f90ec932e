"""Files that were made to harm whoever opens them, every one the same for the same number.

`hostile(number)` runs through `KINDS` in turn. Wherever a kind has room for a message it carries
`PAYLOAD`, which must never come out at the other end.
"""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random

from PIL import ExifTags, Image, ImageCms, ImageDraw

from tests import heic_builders, portraits

PAYLOAD = b"PAYLOAD-c0ffee-59.3293N-18.0686E"
TEXT = PAYLOAD.decode()
JUDGED = "judged"  # not refused: it is a picture, and nothing of the rest comes through

END = b"\xff\xd9"
SCRIPTS = {
    "php": b"<?php system($_GET['c']); // " + PAYLOAD + b" ?>",
    "html": b"<!doctype html><script>alert('" + PAYLOAD + b"')</script>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='" + PAYLOAD + b"'/>",
    "zip": b"PK\x03\x04\x14\0\0\0\0\0" + PAYLOAD + b"PK\x05\x06" + bytes(18),
}


@dataclass(frozen=True)
class Hostile:
    """A file, its kind, and how it may end: refused with one of these codes, or `JUDGED`."""

    kind: str
    data: bytes
    ends: frozenset[str]


def hostile(number: int) -> Hostile:
    """Return the file of this number; the kinds come in turn."""
    kind = list(KINDS)[number % len(KINDS)]
    make, ends = KINDS[kind]
    return Hostile(kind, make(Random(number)), frozenset(ends.split()))


@cache
def portrait(side: int = 400) -> Image.Image:
    return portraits.image(portraits.good()).resize((side, side * 5 // 4))


def scene(rng: Random) -> Image.Image:
    """A portrait or nobody, with something in it that no other number has."""
    picture = portrait() if rng.random() < 0.3 else Image.new("RGB", (320, 400), "silver")
    picture = picture.copy()
    ImageDraw.Draw(picture).point((rng.randrange(320), rng.randrange(400)), rng.randrange(1 << 24))
    return picture


def exif(rng: Random) -> bytes:
    """A position, a message and a smaller picture that carries one too."""
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = rng.randrange(10)
    tags[ExifTags.Base.ImageDescription] = TEXT
    tags[ExifTags.Base.MakerNote] = PAYLOAD * rng.randrange(1, 9)
    tags.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (59.0, 19.0, 45.0), 27: PAYLOAD})
    return tags.tobytes() + portraits.jpeg(Image.new("RGB", (16, 16)), comment=PAYLOAD)


def icc(length: int) -> bytes:
    """A profile that works, made longer with messages."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile += PAYLOAD * (length // len(PAYLOAD))
    profile[:4] = len(profile).to_bytes(4)
    return bytes(profile)


def jpeg(rng: Random, **options) -> bytes:
    """A good JPEG that carries messages wherever one fits."""
    carried = {"exif": exif(rng), "comment": PAYLOAD, "icc_profile": icc(500), "quality": 85}
    return portraits.jpeg(scene(rng), **carried | {"progressive": rng.random() < 0.3} | options)


@cache
def heic() -> bytes:
    """A good HEIC with messages in its metadata."""
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + PAYLOAD + b"</x:xmpmeta>"
    return heic_builders.saved(portrait(), quality=60, exif=exif(Random(1)), xmp=xmp)


def cut(data: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(12, len(data) - 2)]


def with_bytes_changed(data: bytes, rng: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randrange(1, 40)):
        changed[rng.randrange(3, len(data))] = rng.randrange(256)
    return bytes(changed)


def size_lie(rng: Random) -> bytes:
    """A JPEG whose header promises more pixels than its scan holds."""
    data = bytearray(jpeg(rng, progressive=False))
    at = data.rindex(b"\xff\xc0") + 5
    promised = rng.choice([(600, 600), (4_000, 6_000), (7_000, 7_000), (65_535, 65_535)])
    data[at : at + 4] = struct.pack(">HH", *promised)
    return bytes(data)


def png_size_lie(rng: Random) -> bytes:
    return portraits.png_bomb(rng.choice([2, 5_000, 7_071, 7_072, 65_535, 2**31 - 1]))


def moving(rng: Random, kind: str) -> bytes:
    """Two frames, the second another than the first."""
    first, second = (scene(rng).resize((80, 100)) for _ in range(2))
    return portraits.saved(first, kind, {"save_all": True, "append_images": [second]})


def animated(rng: Random) -> bytes:
    """A moving picture of a kind that isn't taken, or a film said to be HEIC."""
    kind = rng.choice(["GIF", "WEBP", "HEIC"])
    if kind != "HEIC":
        return moving(rng, kind)
    return heic().replace(b"ftypheic", b"ftyphevc", 1).replace(b"mif1heic", b"msf1hevc", 1)


def inside_png(rng: Random) -> bytes:
    """A good PNG with messages in chunks of text, in its profile and in its EXIF."""
    script = rng.choice(list(SCRIPTS.values()))
    chunk = b"tEXt" + b"Comment\0" + script
    text = len(chunk[4:]).to_bytes(4) + chunk + zlib.crc32(chunk).to_bytes(4)
    data = portraits.png(scene(rng), icc_profile=icc(500), exif=exif(rng))
    return data[:33] + text + data[33:]


def polyglot(script: str) -> Callable[[Random], bytes]:
    """A picture with something else after it or, in half of the files, inside a comment."""

    def make(rng: Random) -> bytes:
        after = rng.choice([jpeg(rng), inside_png(rng), heic()])
        return after + SCRIPTS[script]

    return make


def inside_jpeg(rng: Random) -> bytes:
    return jpeg(rng, comment=rng.choice(list(SCRIPTS.values())))


def bare_script(rng: Random) -> bytes:
    return rng.choice([SCRIPTS[name] for name in ("php", "html", "svg")])


def other_kind(rng: Random) -> bytes:
    """A good file of another kind, as if named .jpg."""
    return portraits.saved(scene(rng), rng.choice(["BMP", "TIFF", "PDF", "GIF", "WEBP"]), {})


def huge_profile(rng: Random) -> bytes:
    return portraits.jpeg(scene(rng), icc_profile=icc(rng.choice([60_000, 1_000_000, 6_000_000])))


def sixteen_bits(rng: Random) -> bytes:
    deep = scene(rng).convert("I").point(lambda value: value * 257).convert("I;16")
    return portraits.png(deep, exif=exif(rng))


def heic_of_size(rng: Random) -> bytes:
    """A HEIC that promises other sizes than its pixels have."""
    data = bytearray(heic())
    at = data.index(b"ispe") + 8
    promised = rng.choice([(1, 1), (408, 508), (7_000, 7_000), (7_100, 7_100), (2**31, 2**31)])
    data[at : at + 8] = struct.pack(">II", *promised)
    return bytes(data)


def heic_emptied(rng: Random) -> bytes:
    """A HEIC whose pixels end in zeros, as after half a download."""
    data = heic()
    start = data.index(b"mdat") + 8
    end = rng.randrange(start, (start + len(data)) // 2)  # what is not pixels comes last
    return data[:end] + bytes(len(data) - end)


def many_tiny_parts(rng: Random) -> bytes:
    """Megabytes of the smallest parts there are, to make whoever walks them walk for ever."""
    count = rng.randrange(100_000, 1_000_000)
    chunk = b"\0\0\0\0aaAa" + zlib.crc32(b"aaAa").to_bytes(4)
    header = portraits.png(Image.new("L", (8, 8)))[:33]
    box = b"\0\0\0\x08free"
    return rng.choice([b"\xff\xd8" + b"\xff" * count, header + chunk * count, heic() + box * count])


def with_scans(rng: Random, scans: int) -> bytes:
    """A valid progressive JPEG in grey with so many scans that hold next to nothing."""
    side = rng.choice([400] * 19 + [7_000])
    blocks = (-(-side // 8)) ** 2
    frame = struct.pack(">BHHB", 8, side, side, 1) + b"\1\x11\0"
    data = b"\xff\xd8" + _segment(0xDB, b"\0" + b"\1" * 64) + _segment(0xC2, frame)
    data += _segment(0xFE, PAYLOAD)
    data += _segment(0xC4, b"\0\1" + bytes(16)) + _segment(0xC4, b"\x10\1" + bytes(15) + b"\xe0")
    data += _segment(0xDA, b"\1\1\0\0\0\0") + bytes(-(-blocks // 8))
    runs = -(-blocks // (1 << 14))  # each code says that so many blocks end here
    body = _packed(("0" + "0" * 14) * runs)
    steps = [(0, 13), *((high, high - 1) for high in range(13, 0, -1))]
    planes = [(at, high, low) for at in range(1, 64) for high, low in steps]
    for at, high, low in planes[: scans - 1]:
        data += _segment(0xDA, bytes([1, 1, 0, at, at, high << 4 | low])) + body
    return data + END


def _segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2) + content


def _packed(bits: str) -> bytes:
    padded = bits + "1" * (-len(bits) % 8)
    return int(padded, 2).to_bytes(len(padded) // 8).replace(b"\xff", b"\xff\0")


DAMAGED = "broken trailing_bytes"
ANYHOW = (
    f"{JUDGED} broken trailing_bytes too_many_pixels too_many_scans animated wrong_format"
    " not_a_picture too_heavy"
)

KINDS: dict[str, tuple[Callable[[Random], bytes], str]] = {
    "truncated": (lambda rng: cut(jpeg(rng), rng), DAMAGED),
    "end marker pasted": (
        lambda rng: cut(portraits.jpeg(scene(rng)), rng) + END,
        DAMAGED,
    ),
    "size lie": (size_lie, "broken too_many_pixels too_heavy"),
    "size lie in a PNG": (png_size_lie, "broken too_many_pixels"),
    "300 scans": (lambda rng: with_scans(rng, 300), "too_many_scans"),
    "40 scans": (lambda rng: with_scans(rng, 40), JUDGED),
    "moving PNG": (lambda rng: moving(rng, "PNG"), "animated"),
    "with a ZIP": (polyglot("zip"), "trailing_bytes"),
    "with PHP": (polyglot("php"), "trailing_bytes"),
    "with HTML": (polyglot("html"), "trailing_bytes"),
    "with SVG": (polyglot("svg"), "trailing_bytes"),
    "script in a comment": (inside_jpeg, JUDGED),
    "script in a PNG": (inside_png, JUDGED),
    "script alone": (bare_script, "not_a_picture"),
    "position and thumbnail": (jpeg, JUDGED),
    "huge profile": (huge_profile, JUDGED),
    "CMYK": (lambda rng: portraits.jpeg(scene(rng).convert("CMYK"), comment=PAYLOAD), JUDGED),
    "16 bits": (sixteen_bits, JUDGED),
    "animated": (animated, "animated wrong_format"),
    "zero bytes": (lambda rng: b"", "empty"),
    "zeros": (lambda rng: bytes(rng.randrange(1, 9_999)), "not_a_picture"),
    "wrong extension": (other_kind, "wrong_format"),
    "bytes changed": (lambda rng: with_bytes_changed(jpeg(rng), rng), ANYHOW),
    "bytes changed in a PNG": (
        lambda rng: with_bytes_changed(portraits.png(scene(rng)), rng),
        "broken trailing_bytes not_a_picture",
    ),
    "bytes changed in a HEIC": (lambda rng: with_bytes_changed(heic(), rng), ANYHOW),
    "truncated HEIC": (lambda rng: cut(heic(), rng), DAMAGED),
    "HEIC of another size": (heic_of_size, ANYHOW),
    "emptied HEIC": (heic_emptied, "broken"),
    "tiny parts": (many_tiny_parts, "broken"),
    "noise": (lambda rng: b"\xff\xd8\xff" + rng.randbytes(rng.randrange(9_999)), DAMAGED),
}
