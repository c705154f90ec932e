"""How good the rounds are: cheapest insertion, VROOM alone and our search, in the same run.

Run by `make bench`. Three seeded instances; the figures at the end are the worst of the three.
"""

import os

from booking.domain.rounds import Instance, Plan, cheapest_insertion, check, cost
from booking.domain.rounds.insertion import confirmed
from booking.domain.rounds.route import Problem
from booking.domain.rounds.schedule import plan_of
from booking.domain.rounds.vroom_model import Vroom
from booking.worker import solve
from tests import rounds_builders

VROOM_SECONDS, OUR_SECONDS = 5, 60
FIRST_PLAN_SECONDS, RATIO = 5, 0.97
DEEPEST = 5
SEEDS = (1, 2, 3)


def vroom_alone(instance: Instance) -> Plan:
    """Return VROOM's own plan after five seconds, looking as deep as it can."""
    problem = Problem(instance)
    vehicles, jobs = range(len(instance.vehicles)), range(len(instance.jobs))
    answer = Vroom(problem).solve(
        confirmed(problem), vehicles, jobs, level=DEEPEST, seconds=VROOM_SECONDS
    )
    return plan_of(problem, [answer[vehicle] for vehicle in vehicles])


def tell(name: str, instance: Instance, plan: Plan) -> None:
    print(
        f"rounds_{name}: objective {cost(instance, plan) / 60:.0f}, "
        f"driving {plan.driving / 3600:.1f} h, technician-days {plan.technician_days}, "
        f"left out {len(plan.unplaced)}"
    )


def compared(seed: int) -> tuple[float, float]:
    """Solve an instance in three ways; return our share of VROOM's cost and when we had a plan."""
    instance = rounds_builders.federation(150, 20, 2, seed=seed)
    seen = []
    plain, vroom = cheapest_insertion(instance), vroom_alone(instance)
    ours = solve(
        instance,
        seconds=OUR_SECONDS,
        seed=seed,
        on_progress=lambda seconds, plan: seen.append(seconds),
        cancelled=lambda: False,
    )
    ratio = cost(instance, ours) / cost(instance, vroom)
    print(f"\ninstance {seed}: load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name, plan in (("insertion", plain), ("vroom_5_s", vroom), ("ours_60_s", ours)):
        tell(name, instance, plan)
    print(f"first plans after {seen[0]:.1f} and {seen[1]:.1f} s, ratio {ratio:.3f}")
    assert [check(instance, plan) for plan in (plain, vroom, ours)] == [[], [], []]
    late = {left.job for left in ours.unplaced}
    assert all(late <= {left.job for left in plan.unplaced} for plan in (plain, vroom))
    return ratio, seen[0]


def test_rounds_of_150_units_20_days_and_2_technicians():
    figures = [compared(seed) for seed in SEEDS]
    ratio, first = (max(each) for each in zip(*figures, strict=True))
    print(f"rounds_first_plan_seconds: {first:.1f}")
    print(f"rounds_ratio: {ratio:.3f}")
    assert first <= FIRST_PLAN_SECONDS
    assert ratio <= RATIO
