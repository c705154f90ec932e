"""How long a picture takes to judge, against what cannot be spared: the models and the decoding.

Run by `make bench`. Ratios are against a baseline measured in the same run, so that they mean the
same on any machine; they are printed, and nothing here fails for being slow.
"""

import io
import statistics
import time
from collections.abc import Callable

import pytest
from django.conf import settings
from PIL import Image

from enrolment.desk.takes import good_take
from photos import weights
from photos.domain.decode import decode
from photos.domain.face import MODELS, FaceFinder
from photos.domain.intake import check_upload
from photos.domain.judgement import judge
from photos.profiles import load_profile

ROUNDS = 9
SIZES = {"720x1080": (720, 1080), "24mp": (4000, 6000)}


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder(weights.load_models(settings.FOTORUNDAN_MODELS, MODELS))


@pytest.fixture(scope="module")
def portrait() -> bytes:
    return good_take(weights.load(settings.FOTORUNDAN_MODELS, weights.PORTRAIT), seed=1)


def resized(picture: bytes, size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        image.resize(size, Image.Resampling.LANCZOS).save(out, "JPEG", quality=90, subsampling=2)
    return out.getvalue()


def median_ms(work: Callable[[], object]) -> float:
    work()
    times = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


@pytest.mark.parametrize("name", SIZES)
def test_judging_against_models_and_decoding(name, portrait, finder):
    profile, data = load_profile(), resized(portrait, SIZES[name])
    upload = check_upload(data)
    picture = decode(data, upload, 1400)
    models = median_ms(lambda: finder.find(picture))
    decoding = median_ms(lambda: decode(data, upload, 1400))
    whole = median_ms(lambda: judge(data, profile, finder))
    ratio = whole / (models + decoding)
    print(f"\nphoto_{name}: whole {whole:.1f} ms, models {models:.1f}, decoding {decoding:.1f}")
    print(f"photo_{name}_ratio: {ratio:.2f}")
    assert judge(data, profile, finder).card_jpeg is not None
