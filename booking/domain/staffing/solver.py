"""The integer programme: how many of each group of alike people get each time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np

from booking.domain.staffing.presence import Room
from booking.domain.staffing.values import same_title

type Row = tuple[dict[int, float], float, float]


@dataclass(frozen=True, slots=True)
class Group:
    """People whom the rules can't tell apart: by index in the problem, in order.

    `times` are those they can take, `now` is the one they hold.
    """

    ward: str
    title: str
    times: frozenset[int]
    now: int | None
    members: tuple[int, ...]


@dataclass(slots=True)
class Clock:
    """How many seconds of solving are left; `cut` once an answer was not proved best."""

    seconds: float
    cut: bool = False


@dataclass(slots=True)
class Programme:
    """Groups, the room the wards leave and how many slots there are at each time."""

    groups: Sequence[Group]
    rooms: Sequence[Room]
    capacity: Sequence[int]
    clock: Clock
    places: list[tuple[int, int]] = field(init=False)

    def __post_init__(self) -> None:
        self.places = [
            (index, time) for index, group in enumerate(self.groups) for time in sorted(group.times)
        ]

    def most_placed(self) -> list[int]:
        """Return how many of each group are placed where most people are.

        All that are placed early together weigh less than half a person, and the gap allowed is
        half a person: it only tells apart what would else be alike, which is five times as fast.
        """
        most = sum(len(group.members) for group in self.groups) * len(self.capacity)
        costs = [-1 + 0.4 * time / most for _, time in self.places]
        found = self._solve(costs, self._limits())
        return self._per_group(found) if found is not None else [0] * len(self.groups)

    def in_order(self, total: int) -> list[int]:
        """Return how many of each group are placed, `total` in all, if the last are left first.

        Members are counted by their place in the order: whom leaving costs most is the first.
        """
        people = sorted(index for group in self.groups for index in group.members)
        weight = {index: float(len(people) - place) for place, index in enumerate(people)}
        first = len(self.places)
        column = {index: first + place for place, index in enumerate(people)}
        rows = [*self._limits(), (dict.fromkeys(column.values(), 1.0), total, total)]
        for number, group in enumerate(self.groups):
            row = {place: 1.0 for place, (of, _) in enumerate(self.places) if of == number}
            rows.append((row | {column[index]: -1.0 for index in group.members}, 0, 0))
        costs = [0.0] * first + [-weight[index] for index in people]
        found = self._solve(costs, rows, binaries=len(people))
        return self._per_group(found) if found is not None else self.most_placed()

    def best(self, placed: Sequence[int]) -> Mapping[tuple[int, int], int] | None:
        """Return how many of each group get each time, so many of each; None: it can't be.

        Fewest leave the time they hold; then the sum of the times' places in the order is least,
        so that all are done early with few gaps.
        """
        moving = float(sum(placed) * len(self.capacity) + 1)
        costs = [
            time + (moving if self.groups[of].now not in (None, time) else 0)
            for of, time in self.places
        ]
        rows = self._limits()
        for number, count in enumerate(placed):
            row = {place: 1.0 for place, (of, _) in enumerate(self.places) if of == number}
            rows.append((row, count, count))
        found = self._solve(costs, rows)
        if found is None:
            return None
        return {place: number for place, number in zip(self.places, found, strict=True) if number}

    def _limits(self) -> list[Row]:
        """Return that each slot is given once, each person once, and what the rules leave room for.

        A limit that can't be reached is left out.
        """
        rows: list[Row] = []
        for time, slots in enumerate(self.capacity):
            row = {place: 1.0 for place, (_, at) in enumerate(self.places) if at == time}
            rows.append((row, 0, slots))
        for number, group in enumerate(self.groups):
            row = {place: 1.0 for place, (of, _) in enumerate(self.places) if of == number}
            rows.append((row, 0, len(group.members)))
        for room in self.rooms:
            rows.append((self._row(room), 0, room.most))
        return [row for row in rows if row[0]]

    def _row(self, room: Room) -> dict[int, float]:
        inside = [
            group.ward == room.ward and (not room.title or same_title(group.title, room.title))
            for group in self.groups
        ]
        return {
            place: 1.0
            for place, (of, time) in enumerate(self.places)
            if inside[of] and time in room.times
        }

    def _per_group(self, found: Sequence[int]) -> list[int]:
        placed = [0] * len(self.groups)
        for (of, _time), number in zip(self.places, found, strict=False):
            placed[of] += number
        return placed

    def _solve(
        self, costs: Sequence[float], rows: Sequence[Row], binaries: int = 0
    ) -> list[int] | None:
        """Return the values that cost least; None where there are none, or none was found."""
        if not costs:
            return None if any(least > 0 for _, least, _ in rows) else []
        uppers = [float(len(self.groups[of].members)) for of, _ in self.places] + [1.0] * binaries
        model = _model(costs, uppers, rows)
        solver = _solver(self.clock.seconds)
        solver.passModel(model)
        solver.run()
        self.clock.seconds = max(0.0, self.clock.seconds - solver.getRunTime())
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            self.clock.cut = True
            if solver.getInfo().primal_solution_status != highspy.kSolutionStatusFeasible:
                return None
        return [round(value) for value in solver.getSolution().col_value]


def _solver(seconds: float) -> highspy.Highs:
    """Return a quiet solver on one thread, which calls nothing optimal that is not."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    options: dict[str, str | float] = {
        "output_flag": False,
        "threads": 1,
        "parallel": "off",
        "random_seed": 1,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": 0.5,  # answers that differ do so by more
        "time_limit": seconds,
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)
    return solver


def _model(costs: Sequence[float], uppers: Sequence[float], rows: Sequence[Row]) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(costs), len(rows)
    model.col_cost_ = np.array(costs, dtype=np.double)
    model.col_lower_ = np.zeros(len(costs))
    model.col_upper_ = np.array(uppers, dtype=np.double)
    model.row_lower_ = np.array([least for _, least, _ in rows], dtype=np.double)
    model.row_upper_ = np.array([most for _, _, most in rows], dtype=np.double)
    model.integrality_ = [highspy.HighsVarType.kInteger] * len(costs)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.cumsum([0, *(len(row) for row, _, _ in rows)])
    model.a_matrix_.index_ = np.array([column for row, _, _ in rows for column in row])
    model.a_matrix_.value_ = np.array([value for row, _, _ in rows for value in row.values()])
    return model
