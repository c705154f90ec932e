"""What a face does and wears is found where it was painted in, and nowhere else."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from photos.domain.checks import check_subject, eyewear
from photos.domain.checks import face as face_checks
from photos.domain.checks.eyewear import EYEWEAR
from photos.domain.checks.face import FACE, MOVEMENTS
from photos.domain.eye_band import BAND, EYE_COLUMNS, EYE_ROW, eye_band
from photos.domain.face import PUPIL_LEFT, PUPIL_RIGHT, Face
from photos.domain.findings import Answer, Finding, Tier
from photos.domain.judgement import AS_CUT
from photos.domain.profile import with_overrides
from photos.domain.subject import OVAL, Subject, subject_of
from photos.profiles import load_profile
from tests import portraits

pytestmark = pytest.mark.usefixtures("socket_disabled")

PROFILE = load_profile()
SEEDS = range(40)
SAID = {"source": "test", "date": "2026-01-01"}
COMPONENTS = [check.component for check in (*FACE, *EYEWEAR)]

# Multiplied with linear light, the skin of the portrait becomes as dark as skin is.
BROWN, DARK = (0.35, 0.25, 0.2), (0.2, 0.11, 0.07)
COVERED = (
    *(197, 100, 123, 132, 58, 172, 136, 150, 149, 176, 148, 152),
    *(377, 400, 378, 379, 365, 397, 288, 361, 352, 329),
)


@cache
def good_subject(seed: int = 1) -> Subject:
    picture = portraits.picture(portraits.good(seed))
    faces = portraits.finder().find(picture)
    return subject_of(picture, faces, PROFILE, portraits.finder(), AS_CUT)


def checked(subject: Subject, component: str) -> Finding:
    findings = [check.of(subject, PROFILE) for check in (*FACE, *EYEWEAR)]
    return next(f for f in findings if f.component == component)


def said(subject: Subject, component: str) -> tuple[Answer, str | None]:
    finding = checked(subject, component)
    return finding.answer, finding.advice and finding.advice.code


def painted(subject: Subject, mask: Image.Image, colour: tuple[int, int, int]) -> Subject:
    card = subject.card.copy()
    card.paste(colour, mask=mask)
    return replace(subject, card=card)


def retoned(subject: Subject, reflectance: tuple[float, float, float]) -> Subject:
    """The same light on a darker face: skin, lips and eyes reflect less of it."""
    mask = Image.new("L", subject.card.size)
    outline = [tuple(point) for point in subject.on_card.points[OVAL, :2]]
    ImageDraw.Draw(mask).polygon(outline, fill=255)
    share = np.asarray(mask.filter(ImageFilter.GaussianBlur(3)), float)[..., None] / 255
    light = (np.asarray(subject.card, float) / 255) ** 2.2
    darker = light * (1 - share) + light * share * np.array(reflectance)
    stored = (darker ** (1 / 2.2) * 255).astype(np.uint8)
    return replace(subject, card=Image.fromarray(stored))


def on_face(subject: Subject, *shapes: list[tuple[float, float]], line: float = 0) -> Image.Image:
    """A mask of shapes, filled or drawn, in inter-eye distances from between the eyes."""
    apart, sharp = subject.on_card.eye_right - subject.on_card.eye_left, 4
    down = np.array([-apart[1], apart[0]])
    mask = Image.new("L", (subject.card.width * sharp, subject.card.height * sharp))
    draw, width = ImageDraw.Draw(mask), max(1, round(line * sharp * np.linalg.norm(apart)))
    for shape in shapes:
        ways = [subject.on_card.eye_middle + x * apart + y * down for x, y in shape]
        points = [tuple(way * sharp) for way in ways]
        if line:
            draw.line(points, fill=255, width=width, joint="curve")
        else:
            draw.polygon(points, fill=255)
    return mask.resize(subject.card.size, Image.Resampling.BOX)


def ring(x: float, y: float, width: float, height: float) -> list[tuple[float, float]]:
    turns = np.linspace(0, 2 * np.pi, 49)
    return [(x + width * float(np.cos(t)), y + height * float(np.sin(t))) for t in turns]


def glasses(line: float = 0.03) -> tuple[list[list[tuple[float, float]]], float]:
    left, right = (ring(x, 0.06, 0.38, 0.3) for x in (-0.5, 0.5))
    return [left, right, [(-0.13, -0.02), (0, -0.05), (0.13, -0.02)]], line


def with_glasses(subject: Subject, colour: tuple[int, int, int], line: float = 0.03) -> Subject:
    shapes, width = glasses(line)
    return painted(subject, on_face(subject, *shapes, line=width), colour)


def with_dark_lenses(subject: Subject, through: float) -> Subject:
    """Sunglasses that let a share of the linear light through."""
    rings = [ring(x, 0.08, 0.42, 0.34) for x in (-0.5, 0.5)]
    share = np.asarray(on_face(subject, *rings), float)[..., None] / 255
    light = (np.asarray(subject.card, float) / 255) ** 2.2
    behind = light * (1 - share) + light * share * through
    return replace(subject, card=Image.fromarray((behind ** (1 / 2.2) * 255).astype(np.uint8)))


def with_red_pupils(subject: Subject, share: float = 0.85) -> Subject:
    mask = Image.new("L", subject.card.size)
    for pupil in (PUPIL_LEFT, PUPIL_RIGHT):
        points = subject.on_card.points[:, :2]
        radius = 0.55 * np.linalg.norm(points[pupil + 1] - points[pupil])
        box = [*(points[pupil] - radius), *(points[pupil] + radius)]
        ImageDraw.Draw(mask).ellipse(box, fill=round(255 * share))
    return painted(subject, mask, (200, 40, 40))


def moving(subject: Subject, places: slice, much: float) -> Subject:
    movements = subject.blendshapes.copy()
    movements[places] = much
    return replace(subject, blendshapes=movements)


def looking(subject: Subject, across: float) -> Subject:
    """The irises moved to the right of the picture by a share of the eyes' widths."""
    points = subject.face.points.copy()
    for pupil, left, right in face_checks.EYES:
        points[pupil, :2] += across * (points[right, :2] - points[left, :2])
    return replace(subject, faces=[replace(subject.face, points=points)])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_good_take_passes_every_check_of_face_and_eyewear(seed: int):
    findings = check_subject(good_subject(seed), PROFILE)
    answers = {f.component: f.answer for f in findings if f.component in COMPONENTS}
    assert answers == dict.fromkeys(COMPONENTS, Answer.PASS)


@pytest.mark.parametrize("reflectance", [BROWN, DARK])
@pytest.mark.parametrize("seed", range(4))
def test_a_dark_face_passes_as_well(seed: int, reflectance: tuple[float, float, float]):
    subject = retoned(good_subject(seed), reflectance)
    answers = {component: checked(subject, component).answer for component in COMPONENTS}
    assert answers == dict.fromkeys(COMPONENTS, Answer.PASS)


@pytest.mark.parametrize(
    ("kind", "component", "code"),
    [("eyes_closed", "eyes open", "open_eyes"), ("mouth_open", "mouth closed", "close_mouth")],
)
@pytest.mark.parametrize("seed", range(4))
def test_closed_eyes_and_an_open_mouth_fail(kind: str, component: str, code: str, seed: int):
    judgement = portraits.judged(portraits.bad(kind, seed))
    finding = next(f for f in judgement.findings if f.component == component)
    assert (finding.answer, finding.advice and finding.advice.code) == (Answer.FAIL, code)


@given(st.floats(0, 40), st.floats(0, 40), st.floats(0.2, 5))
def test_openings_are_told_in_eye_to_chin_distances(eye: float, mouth: float, scale: float):
    points = np.zeros((478, 3))
    points[468], points[473], points[152] = (-60, 0, 0), (60, 0, 0), (0, 200, 0)
    for one, other in face_checks.LIDS_LEFT:
        points[one], points[other] = (-60, -eye / 2, 0), (-60, eye / 2, 0)
    for one, other in face_checks.LIDS_RIGHT:
        points[one], points[other] = (60, -30, 0), (60, 30, 0)
    for one, other in face_checks.LIPS:
        points[one], points[other] = (0, 150, 0), (0, 150 + mouth, 0)
    face = Face(points * scale, 1, 1)
    assert face_checks.eye_opening(face) == pytest.approx(eye / 200)
    assert face_checks.mouth_opening(face) == pytest.approx(mouth / 200)


@pytest.mark.parametrize("across", [-0.15, 0.15])
def test_who_looks_aside_is_asked_to_look_into_the_camera(across: float):
    aside = looking(good_subject(), across)
    assert said(aside, "frontal gaze") == (Answer.WARN, "look_at_camera")


def looks(offset: float, opening: float = 20.0) -> Face:
    """Level eyes 30 wide whose irises lie `offset` to the right of their middle."""
    points = np.zeros((478, 3))
    points[152] = (0, 200, 0)
    for at, (pupil, left, right) in zip((-60, 60), face_checks.EYES, strict=True):
        points[left, 0], points[pupil, 0], points[right, 0] = at - 15, at + offset, at + 15
    for one, other in (*face_checks.LIDS_LEFT, *face_checks.LIDS_RIGHT):
        points[one, 1], points[other, 1] = -opening / 2, opening / 2
    return Face(points, 1, 1)


@given(st.floats(-60, 60))
def test_eyes_that_turn_back_as_far_as_the_head_turns_look_into_the_camera(yaw: float):
    back = 12 * float(np.sin(np.radians(-yaw)))
    assert face_checks.gaze(looks(back), yaw) == pytest.approx(0, abs=1e-6)
    assert face_checks.gaze(looks(0), yaw) == pytest.approx(yaw)


def test_closed_lids_hide_where_eyes_look():
    assert face_checks.gaze(looks(6, opening=20), 0) == pytest.approx(30)
    assert face_checks.gaze(looks(6, opening=4), 0) is None


@pytest.mark.parametrize("movement", MOVEMENTS)
def test_a_strong_movement_of_the_face_warns(movement: str):
    subject = moving(good_subject(), MOVEMENTS[movement], 0.97)
    assert said(subject, "expression neutrality") == (Answer.WARN, "relax_face")


@pytest.mark.parametrize("colour", [(150, 190, 215), (25, 25, 28), (235, 235, 235), (60, 110, 80)])
@pytest.mark.parametrize("reflectance", [(1, 1, 1), BROWN])
def test_cloth_before_the_mouth_is_seen(colour, reflectance):
    subject = retoned(good_subject(), reflectance)
    mask = Image.new("L", subject.card.size)
    outline = [tuple(point) for point in subject.on_card.points[COVERED, :2]]
    ImageDraw.Draw(mask).polygon(outline, fill=255)
    answer, code = said(painted(subject, mask, colour), "mouth occlusion prevention")
    assert answer in {Answer.WARN, Answer.FAIL}
    assert code == "uncover_mouth"


def test_a_grey_picture_hides_no_mouth():
    grey = replace(good_subject(), card=good_subject().card.convert("L").convert("RGB"))
    assert checked(grey, "mouth occlusion prevention").answer == Answer.PASS


@pytest.mark.parametrize("reflectance", [(1, 1, 1), BROWN])
@pytest.mark.parametrize("through", [0.05, 0.1, 0.2])
def test_dark_lenses_fail(through: float, reflectance: tuple[float, float, float]):
    hidden = with_dark_lenses(retoned(good_subject(), reflectance), through)
    assert said(hidden, "eyes visible") == (Answer.FAIL, "show_eyes")


def test_a_black_bar_before_the_eyes_fails():
    subject = good_subject()
    bar = on_face(subject, [(-1, -0.35), (1, -0.35), (1, 0.5), (-1, 0.5)])
    assert said(painted(subject, bar, (0, 0, 0)), "eyes visible") == (Answer.FAIL, "show_eyes")


@pytest.mark.parametrize("line", [0.02, 0.06])
def test_glasses_are_told_but_allowed(line: float):
    bare, worn = (
        checked(subject, "glasses")
        for subject in (good_subject(), with_glasses(good_subject(), (30, 28, 28), line))
    )
    assert worn.value is not None
    assert bare.value is not None
    assert bare.value <= 1.3 < worn.value
    assert (worn.answer, worn.advice) == (Answer.PASS, None)
    assert checked(with_glasses(good_subject(), (30, 28, 28)), "eyes visible").answer == Answer.PASS


def test_a_profile_may_forbid_glasses():
    no = {"limits": {"glasses": {"gravest": "fail", **SAID}}}
    profile = with_overrides(PROFILE, no)
    check = next(check for check in EYEWEAR if check.component == "glasses")
    assert check.of(good_subject(), profile).answer == Answer.PASS
    finding = check.of(with_glasses(good_subject(), (30, 28, 28)), profile)
    assert (finding.answer, finding.advice and finding.advice.code) == (
        Answer.FAIL,
        "take_off_glasses",
    )


@pytest.mark.parametrize("reflectance", [(1, 1, 1), BROWN])
def test_glare_in_glasses_is_a_hint(reflectance: tuple[float, float, float]):
    worn = with_glasses(retoned(good_subject(), reflectance), (90, 90, 95))
    assert checked(worn, "glare prevention").answer == Answer.PASS
    glaring = painted(worn, on_face(worn, ring(-0.45, 0, 0.12, 0.08)), (255, 255, 255))
    assert said(glaring, "glare prevention") == (Answer.WARN, "avoid_glare")
    assert checked(glaring, "glare prevention").tier == Tier.C


@pytest.mark.parametrize("reflectance", [(1, 1, 1), BROWN, DARK])
@pytest.mark.parametrize("seed", range(4))
def test_red_pupils_fail_in_light_and_dark_faces(seed: int, reflectance):
    subject = retoned(good_subject(seed), reflectance)
    assert said(with_red_pupils(subject), "red-eye prevention") == (Answer.FAIL, "no_flash")


@pytest.mark.parametrize("iris", [(70, 40, 25), (110, 70, 40), (40, 22, 15), (120, 150, 180)])
@pytest.mark.parametrize("light", [(1, 1, 1), (1, 0.75, 0.5)])
def test_no_colour_of_iris_in_warm_light_is_a_red_eye(iris, light):
    subject = good_subject()
    mask = Image.new("L", subject.card.size)
    hole = ImageDraw.Draw(mask)
    for pupil in (PUPIL_LEFT, PUPIL_RIGHT):
        points = subject.on_card.points[:, :2]
        radius = np.linalg.norm(points[pupil + 1] - points[pupil])
        for share, fill in ((1, 255), (0.4, 0)):
            hole.ellipse(
                [*(points[pupil] - share * radius), *(points[pupil] + share * radius)], fill
            )
    lit = retoned(painted(subject, mask, iris), light)
    assert checked(lit, "red-eye prevention").answer == Answer.PASS


@given(st.floats(0.05, 1))
def test_what_is_measured_on_the_eye_band_does_not_depend_on_the_light(light: float):
    subject = good_subject()
    full = subject.eye_light
    assert eyewear.lens_light(full * np.float32(light)) == pytest.approx(
        eyewear.lens_light(full), rel=1e-3
    )
    assert eyewear.frame_contrast(full * np.float32(light)) == pytest.approx(
        eyewear.frame_contrast(full), rel=1e-3
    )


def test_the_eye_band_is_level_with_the_pupils_in_their_places():
    picture = Image.new("L", (300, 300))
    for x, y in ((80, 100), (140, 160)):
        picture.paste(255, (x - 5, y - 5, x + 6, y + 6))
    points = np.zeros((478, 3))
    points[PUPIL_LEFT, :2], points[PUPIL_RIGHT, :2] = (80, 100), (140, 160)
    band = np.asarray(eye_band(picture, Face(points, 1, 1)))
    assert band.shape == BAND
    assert [band[EYE_ROW, column] for column in EYE_COLUMNS] == [255, 255]
    assert band[:, 100:120].max() == 0


@given(st.floats(-600, 600), st.floats(-600, 600))
def test_a_face_at_the_edge_of_the_card_is_measured_as_far_as_it_goes(across: float, down: float):
    subject = good_subject()
    moved = replace(subject.on_card, points=subject.on_card.points + np.array((across, down, 0)))
    values = [check.measure(replace(subject, on_card=moved)) for check in (*FACE, *EYEWEAR)]
    assert all(value is None or np.isfinite(value) for value in values)
