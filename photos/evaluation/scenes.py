"""What a portrait is laid on before a fault is made: a plain background, or more room around."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PIL import Image, ImageFilter

from photos.evaluation.portrait import Light, Portrait

PLAIN = "on a plain background"
ROOMY = "with room around"

PAPER = 225.0  # of 255: the plain background's brightness
GRAIN = 1.5  # standard deviation of a sensor's noise, of 255
SEED = 20261122
ROOM = 0.75  # of the face's height, laid on at each side


def on_background(portrait: Portrait, background: Light) -> Portrait:
    """Lay the person on a background of shape (height, width, 3), or one that spreads to it."""
    share = portrait.person[..., None].astype(np.float64)
    grain = np.random.default_rng(SEED).normal(0, GRAIN, (*portrait.person.shape, 1))
    laid = portrait.pixels * share + (background + grain) * (1 - share)
    return portrait.holding(Image.fromarray(laid.clip(0, 255).astype(np.uint8)))


def plain(portrait: Portrait) -> Portrait:
    """Lay the person on light grey."""
    return on_background(portrait, np.full(3, PAPER))


def roomy(portrait: Portrait) -> Portrait:
    """Repeat the picture's outermost pixels around it."""
    height = float(portrait.face.box[3] - portrait.face.box[1])
    room = round(ROOM * height)
    pixels = np.pad(portrait.pixels, ((room, room), (room, room), (0, 0)), mode="edge")
    person = np.pad(portrait.person, room, mode="edge")
    face = replace(portrait.face, points=np.add(portrait.face.points, (room, room, 0)))
    return replace(portrait, image=Image.fromarray(pixels), face=face, person=person)


def cluttered(portrait: Portrait) -> Light:
    """Return a background of patches in all brightnesses, about a tenth of the picture large."""
    random = np.random.default_rng(SEED)
    height, width = portrait.person.shape
    patches = random.integers(40, 250, (9, 7, 3)).astype(np.uint8)
    whole = Image.fromarray(patches).resize((width, height), Image.Resampling.NEAREST)
    return np.asarray(whole, np.float64)


def falling(portrait: Portrait) -> Light:
    """Return a background whose brightness falls by more than half from left to right."""
    ramp = np.linspace(PAPER, PAPER * 0.4, portrait.person.shape[1])
    return np.repeat(ramp[None, :, None], portrait.person.shape[0], axis=0)


def shaded(portrait: Portrait) -> Light:
    """Return a plain background with the person's shadow at one side of the head."""
    width = float(portrait.face.box[2] - portrait.face.box[0])
    cast = Image.fromarray((portrait.person * 255).astype(np.uint8))
    soft = cast.filter(ImageFilter.GaussianBlur(width * 0.04))
    moved = np.roll(np.asarray(soft, np.float64) / 255, round(width * 0.25), axis=1)
    return (PAPER * (1 - 0.45 * moved))[..., None]


def painted(*colour: float) -> Callable[[Portrait], Light]:
    """Return a maker of backgrounds of one colour: red, green and blue of 255."""
    return lambda portrait: np.array(colour)


SCENES: dict[str, Callable[[Portrait], Portrait]] = {PLAIN: plain, ROOMY: roomy}
