"""Wide colours of phones become the sRGB that they look like, by profile or by number."""

import struct

import numpy as np
import pytest
from PIL import Image

from photos.domain.intake import check_upload
from photos.domain.intake.colour import profile_of
from photos.domain.intake.decode import decode
from tests import heic_builders, portraits

# x and y of red, green and blue under D65 (SMPTE EG 432-1, ITU-R BT.2020, IEC 61966-2-1).
DISPLAY_P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
BT_2020 = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
SRGB = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
D65, D50 = (0.3127, 0.3290), (0.3457, 0.3585)
BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)

COLOURS = [(128, 128, 128), (200, 150, 130), (90, 60, 50), (240, 220, 210), (40, 90, 60)]


def xyz(point: tuple[float, float]) -> np.ndarray:
    x, y = point
    return np.array([x / y, 1, (1 - x - y) / y])


def to_xyz(primaries) -> np.ndarray:
    """The matrix from linear red, green and blue to XYZ under D65."""
    columns = np.array([xyz(point) for point in primaries]).T
    return columns * np.linalg.solve(columns, xyz(D65))


def expected(colour: tuple[int, int, int], primaries) -> np.ndarray:
    stored = np.array(colour) / 255
    linear = np.where(stored <= 0.04045, stored / 12.92, ((stored + 0.055) / 1.055) ** 2.4)
    seen = np.linalg.solve(to_xyz(SRGB), to_xyz(primaries) @ linear).clip(0, 1)
    coded = np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055)
    return coded * 255


def under_d50(primaries) -> np.ndarray:
    """The colours of a profile, one a row, adapted as ICC.1 annex E says."""
    scale = (BRADFORD @ xyz(D50)) / (BRADFORD @ xyz(D65))
    adapted = np.linalg.inv(BRADFORD) @ np.diag(scale) @ BRADFORD
    return (adapted @ to_xyz(primaries)).T


def numbers(values) -> bytes:
    return b"".join(struct.pack(">i", round(float(value) * 65536)) for value in values)


def matrix_profile(primaries) -> bytes:
    """An ICC profile of version 4 with these colours and sRGB's curve, and no name."""
    curve = b"para\0\0\0\0\0\3\0\0" + numbers([2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045])
    tags = {
        b"wtpt": b"XYZ \0\0\0\0" + numbers(xyz(D50)),
        **{
            name: b"XYZ \0\0\0\0" + numbers(row)
            for name, row in zip((b"rXYZ", b"gXYZ", b"bXYZ"), under_d50(primaries), strict=True)
        },
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    at, table, body = 132 + 12 * len(tags), len(tags).to_bytes(4), b""
    for name, content in tags.items():
        table += name + struct.pack(">II", at + len(body), len(content))
        body += content
    header = bytearray(128)
    header[8:12], header[12:24], header[36:40] = b"\4\0\0\0", b"mntrRGB XYZ ", b"acsp"
    header[68:80] = numbers(xyz(D50))
    header[:4] = (at + len(body)).to_bytes(4)
    return bytes(header) + table + body


def decoded(data: bytes) -> np.ndarray:
    raster = decode(data, check_upload(data), 1).raster
    return np.asarray(raster, float)[raster.height // 2, raster.width // 2]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("primaries", [DISPLAY_P3, BT_2020, SRGB], ids=["p3", "2020", "srgb"])
def test_a_profile_of_wide_colours_is_converted_exactly(primaries, colour):
    data = portraits.png(Image.new("RGB", (8, 8), colour), icc_profile=matrix_profile(primaries))
    assert decoded(data) == pytest.approx(expected(colour, primaries), abs=1.5)


def test_wide_colours_are_others_than_the_same_numbers_in_srgb():
    red = (200, 30, 30)
    assert np.abs(expected(red, DISPLAY_P3) - red).max() > 10
    assert np.abs(expected(red, SRGB) - red).max() < 0.01


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(("number", "primaries"), [(1, SRGB), (12, DISPLAY_P3), (9, BT_2020)])
def test_a_heic_that_names_its_colours_by_number_is_converted(number, primaries, colour):
    plain = Image.new("RGB", (64, 64), colour)
    data = heic_builders.saved(plain, quality=100, chroma=444, color_primaries=number)
    assert decoded(data) == pytest.approx(expected(colour, primaries), abs=4)


@pytest.mark.parametrize(("number", "primaries"), [(12, DISPLAY_P3), (9, BT_2020)])
def test_the_profile_made_for_a_number_has_the_colours_of_the_standard(number, primaries):
    profile = profile_of(number)
    for name, row in zip((b"rXYZ", b"gXYZ", b"bXYZ"), under_d50(primaries), strict=True):
        at = profile.index(name) + 4
        place = int.from_bytes(profile[at : at + 4])
        stored = np.array(struct.unpack_from(">3i", profile, place + 8)) / 65536
        assert stored == pytest.approx(row, abs=3e-4)


def test_what_is_no_wider_than_srgb_needs_no_profile():
    assert profile_of(1) is None
    assert profile_of(2) is None
