"""Plan rounds on the command line, from a file or for a federation."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from booking import worker
from booking.domain.rounds import (
    Instance,
    InstanceError,
    Plan,
    Round,
    check,
    cost,
    plan_json,
    read_instance,
)
from booking.domain.rounds.solomon import is_solomon, read_solomon
from booking.faults import instance_fault, unplaced
from booking.queries.rounds import build_instance
from enrolment.people.models import Federation

LARGEST = 50_000_000  # bytes of a file
SECONDS_AT_MOST = 3600


class Command(BaseCommand):
    """Print rounds, what they cost, what found no room and why, and what the checker says."""

    help = "Plan rounds for an instance in a file, or for a federation's coming weeks."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to plan, for how long, and what to print."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--instance", type=Path, metavar="FILE", help="JSON or Solomon's format")
        what.add_argument("--federation", metavar="NAME", help="the federation's short name")
        parser.add_argument("--weeks", type=int, default=4, help="how many weeks from tomorrow")
        parser.add_argument("--seconds", type=int, default=60, help="how long to search")
        parser.add_argument("--seed", type=int, default=1, help="the same seed searches alike")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Plan and print; the exit code is 1 when the checker finds a fault."""
        if not 1 <= options["seconds"] <= SECONDS_AT_MOST:
            raise CommandError(f"Ange 1 till {SECONDS_AT_MOST} sekunder med --seconds.")
        instance = self._instance(options)
        plan = _solved(instance, options)
        faults = check(instance, plan)
        if options["json"]:
            found = plan_json(instance, plan) | {"faults": [fault.code for fault in faults]}
            self.stdout.write(json.dumps(found, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(_lines(instance, plan)))
        if faults:
            raise CommandError(f"Kontrollen underkände planen: {faults[0].code}.")
        if not options["json"]:
            self.stdout.write("Kontroll: godkänd.")

    def _instance(self, options: dict[str, Any]) -> Instance:
        if options["instance"] is not None:
            return _from_file(options["instance"])
        try:
            federation = Federation.objects.get(slug=options["federation"])
        except Federation.DoesNotExist as error:
            raise CommandError(f"Inget förbund heter {options['federation']}.") from error
        tomorrow = timezone.localdate() + timedelta(days=1)
        last = tomorrow + timedelta(weeks=max(1, options["weeks"]), days=-1)
        instance = build_instance(federation, tomorrow, last)
        if not instance.jobs:
            raise CommandError("Ingen enhet behöver ett besök de dagarna.")
        return instance


def _from_file(path: Path) -> Instance:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise CommandError(f"Filen {path} går inte att läsa.") from error
    if len(data) > LARGEST:
        raise CommandError(f"Filen {path} är för stor.")
    text = data.decode("utf-8-sig", errors="replace")
    try:
        return read_solomon(text) if is_solomon(text) else read_instance(text)
    except InstanceError as error:
        raise CommandError(f"{path}: {_told(error)}") from error


def _told(error: InstanceError) -> str:
    params = {name: str(value) for name, value in error.params.items()}
    return instance_fault(error.code, **params)


def _solved(instance: Instance, options: dict[str, Any]) -> Plan:
    """Return the best plan; standard error shows how far the search has come."""
    with tqdm(total=options["seconds"], unit="s", disable=None, leave=False) as bar:

        def show(seconds: float, plan: Plan) -> None:
            bar.update(round(seconds) - bar.n)
            bar.set_postfix_str(f"{cost(instance, plan) / 60:.0f}")

        return worker.solve(
            instance,
            seconds=options["seconds"],
            seed=options["seed"],
            on_progress=show,
            cancelled=lambda: False,
        )


def _lines(instance: Instance, plan: Plan) -> list[str]:
    """Return what was planned; without clock times where a length is what counts, as Solomon's."""
    by_length = instance.day_cost == 0 and plan.km is not None
    left = [
        f"Får inte plats: {left.job}. {unplaced(left.reason, **left.params)}"
        for left in plan.unplaced
    ]
    placed = sum(len(round_.stops) for round_ in plan.rounds)
    count = [f"Besök: {placed} av {len(instance.jobs)}", f"Rundor: {plan.technician_days}"]
    if by_length:
        routes = [f"{r.vehicle}: {' '.join(stop.job for stop in r.stops)}" for r in plan.rounds]
        return [*routes, *left, *count, f"Mål: {plan.km:.2f} i sträcka"]
    return [*_days(instance, plan), *left, *count, *_totals(instance, plan)]


def _days(instance: Instance, plan: Plan) -> list[str]:
    vehicles = {vehicle.key: vehicle for vehicle in instance.vehicles}
    lines = []
    for round_ in plan.rounds:
        vehicle = vehicles[round_.vehicle]
        lines += [f"{vehicle.day} {vehicle.technician}: {_clocks(round_)}", *_stops(round_)]
    return lines


def _totals(instance: Instance, plan: Plan) -> list[str]:
    length = [] if plan.km is None else [f"Sträcka: {plan.km:.1f} km"]
    driving = f"Körning: {plan.driving / 3600:.1f} h"
    return [*length, driving, f"Mål: {cost(instance, plan) / 60:.1f} minuter"]


def _clocks(round_: Round) -> str:
    lunch = "" if round_.lunch is None else f", lunch {_clock(round_.lunch)}"
    return f"{_clock(round_.leaves)}–{_clock(round_.returns)}{lunch}"


def _stops(round_: Round) -> list[str]:
    return [f"  {_clock(stop.starts)}–{_clock(stop.ends)} {stop.job}" for stop in round_.stops]


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}.{seconds // 60 % 60:02}"
