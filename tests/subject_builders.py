"""People judged, made from good takes by changing light, skin, hair or what is behind them."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import numpy as np
from PIL import Image

from photos.domain.checks import CHECKS
from photos.domain.face import CHIN
from photos.domain.findings import Finding
from photos.domain.judgement import AS_CUT
from photos.domain.picture import Picture
from photos.domain.subject import LINEAR, Subject, subject_of
from photos.evaluation.portrait import portrait_in
from photos.evaluation.retone import retoned, skin_of
from photos.profiles import load_profile
from tests import portraits

PROFILE = load_profile()
HALF = 0.5


@cache
def good(seed: int = 1) -> Subject:
    return of(portraits.picture(portraits.good(seed)))


def of(picture: Picture) -> Subject:
    finder = portraits.finder()
    return subject_of(picture, finder.find(picture), PROFILE, finder, AS_CUT)


def finding(subject: Subject, component: str) -> Finding:
    return next(check.of(subject, PROFILE) for check in CHECKS if check.component == component)


def findings(subject: Subject, checks: Iterable) -> dict[str, str]:
    """What each check answers, by its component."""
    return {check.component: check.of(subject, PROFILE).answer for check in checks}


def with_pixels(subject: Subject, pixels: np.ndarray) -> Subject:
    stored = pixels.clip(0, 255).astype(np.uint8)
    return replace(subject, card=Image.fromarray(stored))


def lit(subject: Subject, gain: float | np.ndarray) -> Subject:
    """The light multiplied, in all, for each colour or for each pixel."""
    light = (LINEAR[subject.rgb] * gain).clip(0, 1)
    curve = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return with_pixels(subject, curve * 255 + 0.5)


def of_tone(subject: Subject, ita: float) -> Subject:
    skin = skin_of(subject.on_card, subject.card.size)
    return replace(subject, card=Image.fromarray(retoned(subject.rgb, skin, ita)))


def before(subject: Subject, scene: np.ndarray) -> Subject:
    """The same person before something else; `scene` is as large as the card."""
    share = subject.person[..., None]
    return with_pixels(subject, subject.rgb * share + scene * (1 - share))


def with_hair(seed: int, level: int) -> Subject:
    """A good take whose hair is grey, `level` in the middle, and the person found anew."""
    portrait = portrait_in(portraits.image(portraits.good(seed)), portraits.finder(), scale=1)
    assert portrait is not None
    skin = skin_of(portrait.face, portrait.image.size)
    rows = np.arange(portrait.image.height)[:, None]
    nose = (portrait.face.points[CHIN, 1] + portrait.face.eye_middle[1]) / 2
    hair = (portrait.person > HALF) & (skin < HALF) & (rows < nose)
    grey = portrait.pixels.mean(axis=2)
    strands = (level + (grey - grey[hair].mean()) / 3).clip(0, 255)
    pixels = np.where(hair[..., None], strands[..., None], portrait.pixels).astype(np.uint8)
    return of(Picture(Image.fromarray(pixels), portrait.image.width, portrait.image.height))
