"""Good takes pass every check; each bad take fails the check of its fault, with its advice."""

from dataclasses import replace

import pytest

from photos.advice import COMPONENTS, SENTENCES, UNITS
from photos.domain.checks import CHECKS, check_nobody, check_subject
from photos.domain.face import BLINKS
from photos.domain.findings import Answer, Finding, Verdict, decide
from photos.domain.judgement import AS_CUT, Judgement
from photos.domain.profile import LIMITS, with_overrides
from photos.domain.subject import Subject, subject_of
from photos.profiles import load_profile
from tests import portraits
from tests import subject_builders as subjects

pytestmark = pytest.mark.usefixtures("socket_disabled")

PROFILE = load_profile()
SAID = {"source": "test", "date": "2026-11-22"}

FAULTS = {
    "blurred": ("sharpness", "focus"),
    "dark": ("under-exposure prevention", "more_light"),
    "bright": ("over-exposure prevention", "less_light"),
    "mouth_open": ("mouth closed", "close_mouth"),
    "eyes_closed": ("eyes open", "open_eyes"),
    "two_faces": ("single face present", "other_face"),
    "tilted": ("head pose roll", "straighten_head"),
    "too_close": ("margin above of the face image", "room_above"),
    "too_far": ("spatial sampling rate", "come_closer"),
    "no_face": ("single face present", "no_face"),
}


def found(judgement: Judgement, component: str) -> Finding:
    return next(f for f in judgement.findings if f.component == component)


def good_subject() -> Subject:
    picture = portraits.picture(portraits.good())
    faces = portraits.finder().find(picture)
    return subject_of(picture, faces, PROFILE, portraits.finder(), AS_CUT)


def blinking(subject: Subject, blink: float) -> Subject:
    movements = subject.blendshapes.copy()
    movements[BLINKS] = blink
    return replace(subject, blendshapes=movements)


def checked(subject: Subject, component: str) -> Finding:
    return next(f for f in check_subject(subject, PROFILE) if f.component == component)


@pytest.mark.parametrize("seed", range(4))
def test_a_good_take_passes_every_check(seed: int):
    judgement = portraits.judged(portraits.good(seed))
    assert [f.component for f in judgement.findings if f.answer != Answer.PASS] == []
    assert judgement.verdict == Answer.PASS
    assert all(f.value is not None and f.source and f.limit for f in judgement.findings)


@pytest.mark.parametrize("kind", portraits.takes.KINDS)
def test_a_bad_take_fails_for_its_fault_and_says_what_to_do(kind: str):
    component, code = FAULTS[kind]
    judgement = portraits.judged(portraits.bad(kind))
    fault = found(judgement, component)
    assert judgement.verdict == fault.answer == Answer.FAIL
    assert fault.advice is not None
    assert fault.advice.code == code


@pytest.mark.parametrize("kind", ["mouth_open", "eyes_closed", "two_faces", "tilted", "blurred"])
def test_a_bad_take_fails_for_nothing_else(kind: str):
    judgement = portraits.judged(portraits.bad(kind))
    failed = {f.component for f in judgement.findings if f.answer == Answer.FAIL}
    assert failed == {FAULTS[kind][0]}


def test_of_nobody_only_the_face_is_judged():
    single, *others = check_nobody(PROFILE)
    assert (single.answer, single.value) == (Answer.FAIL, None)
    assert {other.answer for other in others} == {Answer.UNMEASURABLE}
    assert [f.component for f in check_nobody(PROFILE)] == [check.component for check in CHECKS]


def test_every_limit_is_used_and_every_text_is_there():
    used = {check.limit for check in CHECKS} | {c.second[0] for c in CHECKS if c.second}
    codes = {code for check in CHECKS for code in (check.low, check.high) if code}
    assert used == set(LIMITS)
    assert codes | {"no_face"} <= set(SENTENCES)
    assert {check.component for check in CHECKS} == set(COMPONENTS)
    assert {check.unit for check in CHECKS} == set(UNITS)


def test_closed_eyes_fail_only_when_both_votes_agree():
    subject = good_subject()
    assert checked(subject, "eyes open").answer == Answer.PASS
    doubted = checked(blinking(subject, 0.8), "eyes open")
    assert (doubted.answer, doubted.advice and doubted.advice.code) == (Answer.WARN, "open_eyes")
    strict = {"limits": {"eyes_open": {"pass_min": 0.2, "warn_min": 0.2, **SAID}}}
    profile = with_overrides(PROFILE, strict)
    for blink, answer in ((0.1, Answer.WARN), (0.8, Answer.FAIL)):
        findings = check_subject(blinking(subject, blink), profile)
        assert next(f for f in findings if f.component == "eyes open").answer == answer


def test_what_a_profile_lets_pass_is_not_doubted_by_the_second_vote():
    lenient = {"limits": {"eyes_open": {"gravest": "pass", **SAID}}}
    findings = check_subject(blinking(good_subject(), 0.8), with_overrides(PROFILE, lenient))
    assert next(f for f in findings if f.component == "eyes open").answer == Answer.PASS


def test_a_bound_that_nothing_helps_against_fails_without_advice():
    crowd = {"limits": {"other_face": {"pass_min": 0.5, "pass_max": 1, "warn_max": 1, **SAID}}}
    findings = check_subject(good_subject(), with_overrides(PROFILE, crowd))
    assert (findings[0].answer, findings[0].advice) == (Answer.FAIL, None)
    assert decide(findings) == Verdict(Answer.FAIL, "single face present", ())


@pytest.mark.parametrize(
    ("change", "component", "code"),
    [
        ({"pitch": 20.0}, "head pose pitch", "raise_chin"),
        ({"pitch": -20.0}, "head pose pitch", "lower_chin"),
        ({"yaw": 20.0}, "head pose yaw", "face_camera"),
        ({"yaw": -20.0}, "head pose yaw", "face_camera"),
    ],
)
def test_a_turned_head_is_told_which_way_to_turn(change: dict, component: str, code: str):
    finding = checked(replace(good_subject(), **change), component)
    assert finding.answer == Answer.FAIL
    assert finding.advice is not None
    assert finding.advice.code == code


def test_eyes_are_further_apart_than_they_look_in_a_turned_face():
    subject = good_subject()
    straight, turned = (
        checked(replace(subject, yaw=yaw), "inter-eye distance").value for yaw in (0.0, 60.0)
    )
    assert straight is not None
    assert turned == pytest.approx(2 * straight, rel=1e-3)


def test_a_small_face_behind_is_told_and_a_large_one_fails():
    subject = good_subject()
    for size, answer in ((0.2, Answer.WARN), (0.5, Answer.FAIL)):
        other = replace(subject.face, points=subject.face.points * size)
        finding = checked(replace(subject, faces=[subject.face, other]), "single face present")
        assert finding.advice is not None
        assert (finding.answer, finding.advice.code) == (answer, "other_face")
        assert finding.value == pytest.approx(size**2, abs=1e-4)


@pytest.mark.parametrize("ita", [60, 30, 0, -30, -60])
def test_no_skin_tone_fails_or_warns(ita: int):
    answers = subjects.findings(subjects.of_tone(subjects.good(), ita), CHECKS)
    assert {name: said for name, said in answers.items() if said != Answer.PASS} == {}


@pytest.mark.parametrize("level", [150, 190])
def test_grey_and_white_hair_neither_fails_nor_warns(level: int):
    answers = subjects.findings(subjects.with_hair(1, level), CHECKS)
    assert {name: said for name, said in answers.items() if said != Answer.PASS} == {}
