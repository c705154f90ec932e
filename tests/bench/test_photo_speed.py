"""How long a picture takes to judge, against what cannot be spared: models, decoding, one crop.

Run by `make bench`. Every ratio is against a baseline measured in turn with it, round by round, and
of the shortest times, so that it means the same on any machine; nothing here fails for being slow.
"""

import io
import time
from collections.abc import Callable, Mapping

import pytest
from django.conf import settings
from PIL import Image

from enrolment.desk.takes import good_take
from photos import weights
from photos.domain.checks import check_subject
from photos.domain.crop import card_crop, encode_card
from photos.domain.face import MODELS, FaceFinder
from photos.domain.intake import check_upload
from photos.domain.intake.decode import decode
from photos.domain.judgement import AS_CUT, DECODE_FACTOR, judge
from photos.domain.network import Network, Tensor
from photos.domain.profile import Profile
from photos.domain.silhouette import silhouette
from photos.domain.subject import subject_of
from photos.profiles import load_profile

ROUNDS = 25
SIZES = {"720p": (720, 1080), "24mp": (4000, 6000)}

Work = Callable[[], object]


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder(weights.load_models(settings.FOTORUNDAN_MODELS, MODELS))


@pytest.fixture(scope="module")
def pictures() -> dict[str, bytes]:
    take = good_take(weights.load(settings.FOTORUNDAN_MODELS, weights.PORTRAIT), seed=1)
    return {name: resized(take, size) for name, size in SIZES.items()}


def resized(picture: bytes, size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        image.resize(size, Image.Resampling.LANCZOS).save(out, "JPEG", quality=90, subsampling=2)
    return out.getvalue()


def shortest_ms(works: Mapping[str, Work]) -> dict[str, float]:
    """Run each in turn, many rounds, and return the shortest time of each."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _round in range(ROUNDS):
        for name, work in works.items():
            began = time.perf_counter()
            work()
            times[name].append(1000 * (time.perf_counter() - began))
    return {name: min(each) for name, each in times.items()}


def models_alone(data: bytes, profile: Profile, finder: FaceFinder) -> Work:
    """Return what runs every network that a judgement runs, as often, on the same tensors."""
    calls: list[tuple[Network, Tensor]] = []
    run = Network.run

    def recorded(network: Network, tensor: Tensor) -> list[Tensor]:
        calls.append((network, tensor))
        return run(network, tensor)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Network, "run", recorded)
        judge(data, profile, finder)
    assert len(calls) >= 6
    return lambda: [run(network, tensor) for network, tensor in calls]


def bare(data: bytes, profile: Profile, finder: FaceFinder) -> dict[str, Work]:
    """Return what a photo cannot do without: the models, a decoding, a crop, an encoding."""
    crop = judge(data, profile, finder).crop
    size = (profile.card.width_px, profile.card.height_px)

    def half() -> Image.Image:
        image = Image.open(io.BytesIO(data))
        image.draft("RGB", (image.width // 2, image.height // 2))
        image.load()
        return image

    raster = half()
    share = raster.width / Image.open(io.BytesIO(data)).width
    left, top = (crop.x - crop.width / 2) * share, (crop.y - crop.height / 2) * share
    box = (left, top, left + crop.width * share, top + crop.height * share)
    card = raster.resize(size, Image.Resampling.LANCZOS, box)
    return {
        "models alone": models_alone(data, profile, finder),
        "bare decoding": half,
        "bare crop": lambda: raster.resize(size, Image.Resampling.LANCZOS, box),
        "encode": lambda: encode_card(card, profile),
    }


def stages(data: bytes, profile: Profile, finder: FaceFinder) -> dict[str, Work]:
    """Return the steps of a judgement, each by itself."""
    least_side = round(profile.card.height_px * DECODE_FACTOR)
    picture = decode(data, check_upload(data), least_side)
    faces = finder.find(picture)
    crop = card_crop(faces[0], picture, profile)
    size = (profile.card.width_px, profile.card.height_px)

    def subject():
        return subject_of(picture, faces, profile, finder, AS_CUT)

    fresh = [subject() for _round in range(ROUNDS)]  # what the checks share is made only once each
    return {
        "intake and decode": lambda: decode(data, check_upload(data), least_side),
        "find": lambda: finder.find(picture),
        "crop": lambda: picture.view(crop, size, sharp=True),
        "person mask": lambda: silhouette(picture, crop, finder),
        "subject whole": subject,
        "checks": lambda: check_subject(fresh.pop(), profile),
    }


@pytest.mark.parametrize("name", SIZES)
def test_judging_against_what_cannot_be_spared(name, pictures, finder):
    profile, data = load_profile(), pictures[name]
    times = shortest_ms(
        {"whole": lambda: judge(data, profile, finder)}
        | bare(data, profile, finder)
        | stages(data, profile, finder)
    )
    spared = ["models alone"]
    if name == "24mp":
        spared += ["bare decoding", "bare crop", "encode"]
    print()
    for stage, shortest in times.items():
        print(f"photo_{name} {stage}: {shortest:.1f} ms")
    print(f"photo_{name}_ratio: {times['whole'] / sum(times[each] for each in spared):.2f}")
    assert judge(data, profile, finder).card_jpeg is not None
