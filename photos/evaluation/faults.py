"""Faults made on portraits that have none: how each is made, and which checks ought to see it."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageFilter

from photos.evaluation.painted_faces import dark_lenses, glare, grey, lids_shut, masked, red_eyes
from photos.evaluation.portrait import Light, Portrait, linear_light, png, stored
from photos.evaluation.scenes import (
    PLAIN,
    ROOMY,
    SCENES,
    cluttered,
    falling,
    on_background,
    painted,
    shaded,
)

AS_IS = "as it is"
LEVEL = "turned level"

Make = Callable[[Portrait], bytes]


@dataclass(frozen=True)
class Fault:
    """Something wrong, made on a portrait; `base` is the same portrait without it.

    `components` are the checks that ought to see it; none for what is only another's base.
    """

    name: str
    components: tuple[str, ...]
    make: Make
    base: str = AS_IS


def blurred(radius: float) -> Make:
    """Blur with a Gaussian of a standard deviation in pixels of the card."""
    return lambda portrait: png(
        portrait.image.filter(ImageFilter.GaussianBlur(radius * portrait.scale))
    )


def lit(*factors: float) -> Make:
    """Multiply the light, all of it or that of red, green and blue."""
    return lambda portrait: png(stored(linear_light(portrait) * np.array(factors)))


def flattened(share: float) -> Make:
    """Leave only a share of the contrast, around the picture's mean."""

    def make(portrait: Portrait) -> bytes:
        pixels = portrait.pixels.astype(np.float64)
        flat = pixels.mean() + (pixels - pixels.mean()) * share
        return png(Image.fromarray(flat.clip(0, 255).astype(np.uint8)))

    return make


def lit_from_the_side(least: float) -> Make:
    """Let the light fall across the face's width to a share of it."""

    def make(portrait: Portrait) -> bytes:
        left, _, right, _ = portrait.face.box
        across = (np.arange(portrait.image.width) - left) / (right - left)
        gain = 1 - (1 - least) * across.clip(0, 1)
        return png(stored(linear_light(portrait) * gain[None, :, None]))

    return make


def compressed(quality: int) -> Make:
    """Save as JPEG."""

    def make(portrait: Portrait) -> bytes:
        buffer = BytesIO()
        portrait.image.save(buffer, "JPEG", quality=quality)
        return buffer.getvalue()

    return make


def turned(degrees: float) -> Make:
    """Turn the picture until the eyes tilt so much, clockwise."""

    def make(portrait: Portrait) -> bytes:
        x, y = (float(at) for at in portrait.face.eye_middle)
        fill = tuple(int(value) for value in np.median(portrait.pixels[0], axis=0))
        angle = portrait.face.roll - degrees  # Pillow turns the other way
        image = portrait.image.rotate(
            angle, Image.Resampling.BICUBIC, center=(x, y), fillcolor=fill
        )
        return png(image)

    return make


def reduced(scale: float) -> Make:
    """Leave so many pixels for each of the card's."""

    def make(portrait: Portrait) -> bytes:
        ratio = scale / portrait.scale
        size = (round(portrait.image.width * ratio), round(portrait.image.height * ratio))
        return png(portrait.image.resize(size, Image.Resampling.LANCZOS))

    return make


def before(background: Callable[[Portrait], Light]) -> Make:
    """Lay the person on another background than the base's plain one."""
    return lambda portrait: png(on_background(portrait, background(portrait)).image)


def cut(side: str) -> Make:
    """Cut the picture off near the head: less is left than a card needs."""

    def make(portrait: Portrait) -> bytes:
        left, top, right, bottom = portrait.face.box
        part = 0.1 * (bottom - top)
        boxes = {
            "left": (left - part, 0, *portrait.image.size),
            "right": (0, 0, right + part, portrait.image.height),
            "above": (0, top - part, *portrait.image.size),
            "below": (0, 0, portrait.image.width, bottom + part),
        }
        return png(portrait.image.crop(tuple(round(max(at, 0)) for at in boxes[side])))

    return make


FAULTS: tuple[Fault, ...] = (
    *(Fault(f"blurred by {r} card px", ("sharpness",), blurred(r)) for r in (1.0, 1.5, 2.0)),
    *(Fault(f"light × {x}", ("under-exposure prevention",), lit(x)) for x in (0.5, 0.25, 0.125)),
    *(Fault(f"light × {x}", ("over-exposure prevention",), lit(x)) for x in (1.5, 3)),
    Fault("contrast × 1/2", ("dynamic range",), flattened(1 / 2)),
    Fault("contrast × 1/3", ("dynamic range",), flattened(1 / 3)),
    *(Fault(f"JPEG quality {q}", ("compression artefacts",), compressed(q)) for q in (40, 20, 10)),
    Fault(LEVEL, (), turned(0)),
    *(Fault(f"turned {d}°", ("head pose roll",), turned(d), LEVEL) for d in (12, 20)),
    Fault("lids drawn shut", ("eyes open",), lids_shut),
    Fault("lenses that let a fifth through", ("eyes visible",), dark_lenses),
    Fault("white spots on both eyes", ("glare prevention",), glare),
    Fault("pupils red from a flash", ("red-eye prevention",), red_eyes),
    Fault("blue cloth before the mouth", ("mouth occlusion prevention",), masked),
    Fault("light falls to a quarter", ("illumination uniformity",), lit_from_the_side(0.25)),
    Fault("red light × 1.6, blue × 0.5", ("natural colour",), lit(1.6, 1, 0.5)),
    Fault("blue light × 2, red × 0.6", ("natural colour",), lit(0.6, 1, 2)),
    Fault("black and white", ("natural colour",), grey),
    Fault("half a pixel a card px", ("spatial sampling rate", "inter-eye distance"), reduced(0.5)),
    Fault("cut at the left", ("leftward crop of the face image",), cut("left"), ROOMY),
    Fault("cut at the right", ("rightward crop of the face image",), cut("right"), ROOMY),
    Fault("cut above", ("margin above of the face image",), cut("above"), ROOMY),
    Fault("cut below", ("margin below of the face image",), cut("below"), ROOMY),
    Fault("patches behind", ("background uniformity",), before(cluttered), PLAIN),
    Fault("background falls by half", ("background uniformity",), before(falling), PLAIN),
    Fault("half the background darker", ("background shadow",), before(falling), PLAIN),
    Fault("shadow behind the head", ("background uniformity",), before(shaded), PLAIN),
    Fault("dark background", ("background brightness",), before(painted(70, 70, 75)), PLAIN),
    Fault("warm light on grey", ("colour balance",), lit(1.3, 1, 0.7), PLAIN),
)
BY_NAME = {fault.name: fault for fault in FAULTS}


def made(portrait: Portrait, name: str) -> bytes:
    """Return a portrait with a fault, or as a base without any, as a picture file."""
    if name == AS_IS:
        return png(portrait.image)
    if name in SCENES:
        return png(SCENES[name](portrait).image)
    fault = BY_NAME[name]
    base = SCENES[fault.base](portrait) if fault.base in SCENES else portrait
    return fault.make(base)
