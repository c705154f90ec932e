"""The process that plans: reads an instance from standard input, writes plans as lines of JSON.

Started as `python -m booking.worker`. The question is a JSON object with `instance`, `seed`,
`seconds` and when they `began` by the machine's monotonic clock; each line of the answer is a plan
better than the one before. It knows neither Django nor any setting.
"""

import json
import os
import signal
import sys
import time
from typing import TextIO

from booking.domain.rounds.improve import improve
from booking.domain.rounds.instance_file import read_instance
from booking.domain.rounds.model import Plan
from booking.domain.rounds.plan_file import plan_json
from booking.domain.rounds.vroom_model import first_plan

ORPHANED = 30  # seconds after its time at which a process whose parent is gone ends by itself


def main() -> None:
    """Answer one question."""
    answers = _take_over_output()
    question = json.load(sys.stdin)
    signal.alarm(round(question["seconds"]) + ORPHANED)
    instance = read_instance(question["instance"])

    def tell(plan: Plan) -> None:
        json.dump(plan_json(instance, plan), answers)
        answers.write("\n")
        answers.flush()

    first = first_plan(instance)
    tell(first)
    improve(
        instance,
        first,
        seed=question["seed"],
        progress=lambda: (time.monotonic() - question["began"]) / question["seconds"],
        on_better=tell,
    )


def _take_over_output() -> TextIO:
    """Keep standard output for answers alone; whatever else prints goes to standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


if __name__ == "__main__":
    main()
