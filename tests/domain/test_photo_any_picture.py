"""Whatever a picture shows, it is judged or refused: no crash, no number that isn't one."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from PIL import Image

from photos.domain.crop import Nudge
from photos.domain.findings import Answer
from photos.domain.intake import Refused
from photos.domain.judgement import AS_CUT, judge
from photos.profiles import load_profile
from tests import portraits

pytestmark = pytest.mark.usefixtures("socket_disabled")

PROFILE = load_profile()
SEEDS = range(60)


def judged_finite(data: bytes, **options) -> int:
    """The number of faces; ValueError if any number is NaN or infinite."""
    judgement = judge(data, PROFILE, portraits.finder(), **options)
    pictures = {"card_jpeg": None, "annotated_jpeg": None}
    json.dumps(asdict(judgement) | pictures, allow_nan=False)
    assert judgement.verdict in Answer
    return judgement.faces


def people(chance: np.random.Generator) -> Image.Image:
    """Portraits of any size, turned any way, in any light, across any edge."""
    width, height = (int(side) for side in chance.integers(1, 1200, 2))
    scene = Image.new("RGB", (width, height), tuple(chance.integers(0, 256, 3).tolist()))
    for _ in range(int(chance.integers(1, 4))):
        taken = portraits.good() if chance.random() < 0.7 else portraits.portrait()
        person = portraits.image(taken).convert("RGB")
        scale = float(np.exp(chance.uniform(np.log(0.05), 0)))
        size = (max(1, int(person.width * scale)), max(1, int(person.height * scale)))
        angle = float(chance.choice([0, 0, chance.uniform(-30, 30), 90, 180]))
        person = lit(person.resize(size).rotate(angle, expand=True), chance)
        place = (
            int(chance.integers(-person.width // 2, width)),
            int(chance.integers(-person.height // 2, height)),
        )
        scene.paste(person, place)
    return scene


def lit(person: Image.Image, chance: np.random.Generator) -> Image.Image:
    pixels = np.asarray(person, np.float32)
    changes = (
        lambda: pixels * chance.uniform(0, 0.2),
        lambda: pixels * chance.uniform(2, 8),
        lambda: np.where(pixels > chance.uniform(0, 255), 255, 0),
        lambda: pixels + chance.normal(0, chance.uniform(0, 120), pixels.shape),
        *[lambda: pixels] * 4,
    )
    changed = changes[chance.integers(len(changes))]()
    return Image.fromarray(changed.clip(0, 255).astype(np.uint8))


def wish(chance: np.random.Generator) -> Nudge:
    if chance.random() < 0.5:
        return AS_CUT
    return Nudge(*(float(chance.uniform(*ends)) for ends in ((-1, 1), (-1, 1), (0.5, 2))))


def test_people_anywhere_in_a_picture_are_judged_in_finite_numbers():
    faces = 0
    for seed in SEEDS:
        chance = np.random.default_rng(seed)
        encode = portraits.jpeg if chance.random() < 0.7 else portraits.png
        data = encode(people(chance))
        faces += judged_finite(data, nudge=wish(chance), annotate=bool(chance.random() < 0.3))
    assert faces > len(SEEDS) / 4


@pytest.mark.parametrize("colour", ["black", "white", "red"])
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (16_000, 1), (1, 16_000), (3, 9_000)])
def test_nothing_but_one_colour_is_nobody_whatever_its_shape(size: tuple, colour: str):
    assert judged_finite(portraits.jpeg(Image.new("RGB", size, colour)), annotate=True) == 0


def test_bytes_changed_anywhere_are_judged_or_refused():
    good, ends = portraits.png(portraits.image(portraits.good()).resize((280, 350))), set()
    for data in (good, portraits.jpeg(portraits.image(good))):
        for seed in SEEDS:
            chance = np.random.default_rng(seed)
            broken = bytearray(data)
            for place in chance.integers(0, len(data), 3):
                broken[place] = int(chance.integers(256))
            try:
                ends.add(judged_finite(bytes(broken)) > 0)
            except Refused as refused:
                ends.add(refused.code)
    assert {True, "broken"} <= ends
