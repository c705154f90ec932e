"""What pixels and file are worth: blur, compression and wrong files are told, noise is not."""

import struct
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageFilter

from photos.domain.checks import detail
from photos.domain.findings import Answer
from photos.domain.picture import Picture
from photos.domain.profile import with_overrides
from tests import portraits
from tests import subject_builders as subjects

pytestmark = pytest.mark.usefixtures("socket_disabled")

SIZE, DPI = (413, 531), 300
TONES = (60, 20, -20, -60)


def scene() -> Image.Image:
    """A piece of the portrait with fine detail: hair and face."""
    return portraits.image(portraits.good()).convert("L").crop((400, 400, 656, 656))


def plane(image: Image.Image) -> np.ndarray:
    return np.asarray(image, np.float32)


def grainy(image: Image.Image, deviation: float) -> Image.Image:
    grain = np.random.default_rng(1).normal(0, deviation, image.size[::-1])
    return Image.fromarray((plane(image) + grain).clip(0, 255).astype(np.uint8))


def blurred(subject: subjects.Subject, radius: float) -> subjects.Subject:
    return replace(subject, card=subject.card.filter(ImageFilter.GaussianBlur(radius)))


def jpeg_luma(quality: int) -> np.ndarray:
    return plane(Image.open(BytesIO(portraits.jpeg(scene(), quality=quality))))


def card_file(**options) -> bytes:
    """A file as the card's ought to be, but for what is asked otherwise."""
    buffer = BytesIO()
    asked = {"subsampling": 0, "dpi": (DPI, DPI)} | options
    Image.new("RGB", asked.pop("size", SIZE), "white").save(buffer, "JPEG", **asked)
    return buffer.getvalue()


def test_sharpness_falls_with_every_blur():
    inside = np.ones((256, 256), np.bool_)
    blurred = [scene().filter(ImageFilter.GaussianBlur(radius)) for radius in (0, 1, 2, 4)]
    sharp = [detail.sharpness(image, inside) for image in blurred]
    assert sharp == sorted(sharp, reverse=True)
    assert sharp[0] > 1.9 > 1.6 > sharp[2]
    assert detail.sharpness(Image.new("L", (256, 256)), inside) == 0


def test_sharpness_counts_only_what_is_inside():
    image = Image.new("L", (256, 256), 100)
    image.paste(scene().crop((0, 0, 128, 256)), (128, 0))
    left = np.zeros((256, 256), np.bool_)
    left[:, :112] = True
    assert detail.sharpness(image, left) == 0
    assert detail.sharpness(image, ~left) > 1.5


@pytest.mark.parametrize("deviation", [2, 5, 10])
def test_noise_does_not_make_a_blurred_picture_sharp(deviation: float):
    inside = np.ones((256, 256), np.bool_)
    soft = scene().filter(ImageFilter.GaussianBlur(2))
    clean, noisy = (detail.sharpness(image, inside) for image in (soft, grainy(soft, deviation)))
    assert noisy == pytest.approx(clean, abs=0.2)
    assert noisy < 1.6


@pytest.mark.parametrize("ita", TONES)
def test_sharp_passes_and_blurred_fails_whatever_the_skin_tone(ita: int):
    toned = subjects.of_tone(subjects.good(), ita)
    assert subjects.finding(toned, "sharpness").answer == Answer.PASS
    finding = subjects.finding(blurred(toned, 2), "sharpness")
    assert finding.advice is not None
    assert (finding.answer, finding.advice.code) == (Answer.FAIL, "focus")


def test_blockiness_grows_with_compression():
    block = [detail.blockiness(jpeg_luma(quality), 8) for quality in (95, 60, 20, 8)]
    assert block == sorted(block)
    assert block[0] < 1.2 < 2 < block[-1]
    assert detail.blockiness(plane(scene()), 8) == pytest.approx(1, abs=0.1)


def test_blockiness_off_the_grid_is_not_counted():
    assert detail.blockiness(jpeg_luma(20)[4:, 4:], 8) < 1.1


def test_hard_compression_is_seen_in_the_face():
    picture = portraits.image(portraits.good())
    squeezed = portraits.picture(portraits.jpeg(picture, quality=10))
    finding = subjects.finding(subjects.of(squeezed), "compression artefacts")
    assert finding.advice is not None
    assert (finding.answer, finding.advice.code) == (Answer.FAIL, "less_compression")


def test_compression_cannot_be_told_from_a_few_blocks():
    subject = subjects.good()
    tiny = replace(subject.face, points=subject.face.points * 0.02)
    finding = subjects.finding(replace(subject, faces=[tiny]), "compression artefacts")
    assert (finding.answer, finding.value, finding.advice) == (Answer.UNMEASURABLE, None, None)


def test_blocks_that_became_single_pixels_leave_no_borders():
    subject = subjects.good()
    raster = subject.picture.raster
    eighth = Picture(raster, 8 * raster.width, 8 * raster.height)
    near = replace(subject.face, points=8 * subject.face.points)
    finding = subjects.finding(
        replace(subject, picture=eighth, faces=[near]), "compression artefacts"
    )
    assert (finding.answer, finding.value) == (Answer.PASS, 1.0)


def test_a_file_over_the_cap_fails():
    tight = {"pass_max": 5, "source": "test", "date": "2026-11-22"}
    profile = with_overrides(subjects.PROFILE, {"limits": {"file_size": tight}})
    (check,) = (check for check in detail.DETAIL if check.limit == "file_size")
    finding = check.of(subjects.good(), profile)
    assert finding.advice is not None
    assert (finding.answer, finding.advice.code) == (Answer.FAIL, "smaller_file")


def test_the_card_is_exactly_the_file_that_the_profile_says():
    finding = subjects.finding(subjects.good(), "image file format")
    assert (finding.answer, finding.value) == (Answer.PASS, 0)


def test_a_card_of_another_kind_of_file_fails():
    odd = replace(subjects.good(), card_jpeg=card_file(subsampling=2, comment=b"from a camera"))
    finding = subjects.finding(odd, "image file format")
    assert finding.advice is not None
    assert (finding.answer, finding.value) == (Answer.FAIL, 2)
    assert finding.advice.code == "wrong_file"


@pytest.mark.parametrize("component", ["image file", "image file format"])
def test_nothing_is_said_of_a_file_that_there_is_not(component: str):
    without = replace(subjects.good(), card_jpeg=None)
    finding = subjects.finding(without, component)
    assert (finding.answer, finding.value) == (Answer.UNMEASURABLE, None)


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (card_file(), 0),
        (card_file(progressive=True), 0),
        (card_file(size=(412, 531)), 1),
        (card_file(subsampling=1), 1),
        (card_file(subsampling=2), 1),
        (card_file(dpi=(300, 301)), 1),
        (card_file(dpi=(72, 72)), 1),
        (card_file(comment=b"x"), 1),
        (card_file(exif=struct.pack(">6s8s", b"Exif\0\0", b"MM\0*\0\0\0\x08")), 1),
        (card_file(icc_profile=b"not a profile"), 1),
        (card_file(size=(1, 1), subsampling=2, dpi=(1, 1), comment=b"x"), 4),
        (portraits.jpeg(Image.new("L", SIZE), dpi=(DPI, DPI)), 1),
        (b"", 3),
    ],
)
def test_each_deviation_of_a_file_counts(data: bytes, count: int):
    assert detail.deviations(data, SIZE, DPI) == count
