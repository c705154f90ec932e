"""The verdict is the gravest answer that weighs, it names what decided it, and says two things."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photos.advice import SENTENCES
from photos.domain.checks import CHECKS
from photos.domain.findings import (
    MOST_USEFUL,
    ROOM,
    STEP_BACK,
    Advice,
    Answer,
    Finding,
    Tier,
    decide,
)

CODES = [code for code in MOST_USEFUL if code not in ROOM]
ANSWERS = st.tuples(st.sampled_from(Answer), st.sampled_from(Tier), st.sampled_from(CODES))


def finding(answer: Answer, tier: Tier = Tier.A, code: str = "focus") -> Finding:
    advice = None if answer in {Answer.PASS, Answer.UNMEASURABLE} else Advice(code)
    nothing = (2.0, None, None, None)
    return Finding(f"of {code}", answer, 1.0, "ratio", "≥ 2", nothing, "nobody", tier, advice)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ("", "unmeasurable"),
        ("pass pass", "pass"),
        ("pass unmeasurable", "unmeasurable"),
        ("warn unmeasurable pass", "warn"),
        ("unmeasurable fail warn", "fail"),
    ],
)
def test_the_gravest_answer_is_the_verdict(answers: str, expected: str):
    assert decide([finding(Answer(answer)) for answer in answers.split()]).answer == expected


@given(st.lists(ANSWERS, min_size=1, max_size=9), st.randoms())
def test_the_order_of_findings_does_not_matter(answers, random):
    shuffled = answers.copy()
    random.shuffle(shuffled)
    assert decide(finding(*one) for one in answers) == decide(finding(*one) for one in shuffled)


@given(st.lists(ANSWERS, max_size=9))
def test_what_decided_is_the_most_useful_of_the_gravest(answers):
    findings = [finding(*one) for one in answers]
    verdict = decide(findings)
    assert len(verdict.advice) <= 2
    assert len({advice.code for advice in verdict.advice}) == len(verdict.advice)
    if verdict.answer in {Answer.WARN, Answer.FAIL}:
        decisive = next(f for f in findings if f.component == verdict.decided_by and f.advice)
        assert verdict.advice[0] == decisive.advice
    else:
        assert all(f.tier == Tier.C for f in findings if f.advice)


def test_a_hint_never_weighs_and_is_said_last():
    hint = finding(Answer.WARN, Tier.C, "no_face")
    assert decide([hint, finding(Answer.PASS)]).answer == Answer.PASS
    told = decide([hint, finding(Answer.WARN, Tier.B, "focus")])
    assert (told.answer, told.decided_by) == (Answer.WARN, "of focus")
    assert [advice.code for advice in told.advice] == ["focus", "no_face"]


def test_what_a_weaker_check_cannot_measure_is_no_fault():
    findings = [finding(Answer.PASS), finding(Answer.UNMEASURABLE, Tier.B)]
    assert decide(findings).answer == Answer.PASS


def test_missing_room_at_several_sides_is_told_once():
    above, left = (finding(Answer.FAIL, Tier.A, f"room_{side}") for side in ("above", "left"))
    assert [a.code for a in decide([left]).advice] == ["room_left"]
    told = decide([above, left, finding(Answer.FAIL)])
    assert told.decided_by == "of room_above"
    assert [advice.code for advice in told.advice] == [STEP_BACK, "focus"]


def test_every_advice_has_its_place_and_its_sentence():
    codes = {code for check in CHECKS for code in (check.low, check.high) if code} | {"no_face"}
    assert codes == set(MOST_USEFUL)
    assert codes | {STEP_BACK} <= set(SENTENCES)
    assert len(MOST_USEFUL) == len(set(MOST_USEFUL))
