"""What the checks say of people of each skin tone, and of one face in all of them.

Skin tone is the individual typology angle (ITA) of the cheeks, in degrees. It is taken for this
measurement only and kept with nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image

from photos.evaluation.annotations import Sample
from photos.evaluation.bench import Bench
from photos.evaluation.examine import ORIGINAL, Job, Reading, opened, read
from photos.evaluation.faults import AS_IS
from photos.evaluation.portrait import (
    Portrait,
    enlarged,
    linear_light,
    png,
    portrait_in,
    portrait_of,
    stored,
    upright,
)
from photos.evaluation.retone import ita_of, retoned, skin_of
from photos.evaluation.scenes import plain

# The classes of Chardon et al. (1991), each with the ITA that is its least.
BINS = (
    ("very light", 55.0),
    ("light", 41.0),
    ("intermediate", 28.0),
    ("tan", 10.0),
    ("brown", -30.0),
    ("dark", -90.0),
)
TONES = (60, 45, 30, 15, 0, -15, -30, -45, -60)
LIGHTS = (0.7, 1.0, 1.3)

FACE_SIDE = 640  # px of the picture's longer side: plenty for a median colour

# Of the public-domain portrait: head and shoulders, enlarged until the card is not.
BOX = (105, 0, 345, 240)
TIMES = 4
SCALE = 1.3  # its pixels for each of the card's


@dataclass(frozen=True, eq=False)
class Toned:
    """A sample, its tone as photographed, its reading, and those of it in every tone.

    `toned` begins with the reading of the same pixels as they are; it is empty if there are too few
    of them.
    """

    sample: Sample
    ita: float
    original: Reading
    toned: tuple[Reading, ...]


@dataclass(frozen=True, eq=False)
class Relit:
    """A reading of the public-domain portrait in a light and a tone; None is its own."""

    light: float
    tone: int | None
    reading: Reading


def bin_of(ita: float) -> str:
    """Return the name of the class that an angle belongs to."""
    return next(name for name, least in BINS if ita > least or name == BINS[-1][0])


def in_every_tone(bench: Bench, job: Job) -> Toned | None:
    """Judge a sample as it is and in every tone; None if it can't be read or has no face."""
    data, _ = opened(job.folder / job.sample.file)
    if data is None:
        return None
    original = read(bench, job.sample.file, ORIGINAL, data)
    seen = portrait_in(upright(data, FACE_SIDE), bench.finder, scale=1.0)
    if seen is None:
        return None
    portrait = portrait_of(data, original.judgement, bench.profile, bench.finder)
    toned = _in_every_tone(bench, job.sample.file, portrait) if portrait else ()
    return Toned(job.sample, ita_of(seen.pixels, seen.cheeks), original, toned)


def relit(bench: Bench, portrait: bytes) -> list[Relit]:
    """Judge the public-domain portrait, on a plain background, in every light and tone."""
    with Image.open(BytesIO(portrait)) as image:
        large = enlarged(image.convert("RGB").crop(BOX), TIMES)
    found = portrait_in(large, bench.finder, scale=SCALE)
    if found is None:
        raise ValueError("no face is found in the portrait")
    laid = plain(found)
    tones = {None: laid} | {tone: laid.holding(toned(laid, tone)) for tone in TONES}
    return [
        Relit(light, tone, _lit(bench, skin, light))
        for light in LIGHTS
        for tone, skin in tones.items()
    ]


def toned(portrait: Portrait, tone: int) -> Image.Image:
    """Return the portrait's picture with skin of a tone, under the same light."""
    skin = skin_of(portrait.face, portrait.image.size)
    return Image.fromarray(retoned(portrait.pixels, skin, tone))


def fit_for_light(samples: Sequence[Sample]) -> list[Sample]:
    """Return the samples of single people who face the camera."""
    return [sample for sample in samples if sample.kind == "single" and sample.frontal != "no"]


def _in_every_tone(bench: Bench, file: str, portrait: Portrait) -> tuple[Reading, ...]:
    return (
        read(bench, file, AS_IS, png(portrait.image)),
        *(read(bench, file, f"ITA {tone}", png(toned(portrait, tone))) for tone in TONES),
    )


def _lit(bench: Bench, portrait: Portrait, light: float) -> Reading:
    bright = stored(linear_light(portrait) * np.float64(light))
    return read(bench, "portrait", f"light × {light}", png(bright))
