"""Rounds are planned in a process of their own: the best plan is kept whatever becomes of it."""

import json
import multiprocessing
import subprocess
import sys
import time
from pathlib import Path

import pytest

from booking.domain.rounds import cheapest_insertion, check, objective, plan_json
from booking.domain.rounds.vroom_model import first_plan
from booking.worker import process, solve
from tests.rounds_builders import federation, instance, vehicle

pytestmark = pytest.mark.sqlite

QUESTION = federation(units=25, days=5)


def solved(question=QUESTION, *, seconds=1.5, seed=1, cancelled=lambda: False, **how):
    seen = []
    plan = solve(
        question,
        seconds=seconds,
        seed=seed,
        on_progress=lambda *progress: seen.append(progress),
        cancelled=cancelled,
        **how,
    )
    return plan, seen


def saying(*lines: str, then: str = "") -> tuple[str, ...]:
    """Return the command of a real process that reads its question, says this, and does that."""
    program = (
        f"import sys, time, os\nsys.stdin.read()\nfor line in {lines!r}: print(line, flush=True)\n"
    )
    return (sys.executable, "-c", program + then)


def line(plan) -> str:
    return json.dumps(plan_json(QUESTION, plan))


def test_plans_come_one_better_than_the_other_and_all_can_be_driven():
    began = time.monotonic()
    plan, seen = solved(seconds=4)
    plans = [each for _, each in seen]
    assert plan == plans[-1]
    assert plans[0] == cheapest_insertion(QUESTION)
    weights = [objective(QUESTION, each) for each in plans]
    assert weights == sorted(weights, reverse=True)
    assert len(weights) > 2
    assert [check(QUESTION, each) for each in plans] == [[]] * len(plans)
    assert seen[0][0] < 4
    assert time.monotonic() - began < 4 + process.GRACE


@pytest.mark.parametrize(
    "then",
    ["time.sleep(60)", "os.abort()", "sys.exit(3)", "print('hello', flush=True)", "print('{}')"],
)
def test_a_process_that_hangs_dies_or_talks_nonsense_leaves_the_best_plan(then):
    good = first_plan(QUESTION)
    began = time.monotonic()
    plan, seen = solved(seconds=0.5, grace=0.5, command=saying(line(good), then=then))
    assert plan == good
    assert [each for _, each in seen] == [cheapest_insertion(QUESTION), good]
    assert time.monotonic() - began < 10


def test_a_plan_that_cannot_be_driven_is_never_handed_out(caplog):
    wrong = json.loads(line(first_plan(QUESTION)))
    wrong["rounds"][0]["stops"][0]["starts"] += 1
    plan, _ = solved(command=saying(json.dumps(wrong)))
    assert plan == cheapest_insertion(QUESTION)
    assert "Nonsense" in caplog.text


def test_a_process_that_will_not_start_leaves_the_plain_plan():
    plan, _ = solved(command=("/nowhere/python",))
    assert plan == cheapest_insertion(QUESTION)


def test_cancelled_it_ends_at_once_with_the_best_plan_and_leaves_no_process(tmp_path):
    began, number = time.monotonic(), tmp_path / "number"
    then = f"open({str(number)!r}, 'w').write(str(os.getpid())); print(sys.argv); time.sleep(60)"
    good = first_plan(QUESTION)
    plan, _ = solved(seconds=60, cancelled=number.exists, command=saying(line(good), then=then))
    assert plan in (good, cheapest_insertion(QUESTION))
    assert time.monotonic() - began < 20
    assert not Path(f"/proc/{number.read_text() or 0}/status").exists()


def test_nothing_to_plan_needs_no_process():
    question = instance(vehicles=(vehicle("day"),))
    plan, seen = solved(question, command=("/nowhere/python",))
    assert plan.rounds == ()
    assert len(seen) == 1


def plan_in_daemon(answers) -> None:
    plan, _ = solved(seconds=1)
    answers.put(objective(QUESTION, plan))


def test_a_daemonic_queue_worker_may_plan():
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    daemon = context.Process(target=plan_in_daemon, args=(answers,), daemon=True)
    daemon.start()
    assert answers.get(timeout=60) <= objective(QUESTION, cheapest_insertion(QUESTION))
    daemon.join()


def test_the_process_knows_nothing_of_django():
    program = (
        "import sys, booking.worker.__main__; print(sorted({'django', 'vroom'} & {*sys.modules}))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=process.ROOT,
    )
    assert told.stdout.strip() == "['vroom']"


def test_planning_in_the_house_itself_does_not_load_vroom():
    program = "import sys, booking.worker; print('vroom' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=process.ROOT,
    )
    assert told.stdout.strip() == "False"
