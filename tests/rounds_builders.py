"""Instances of rounds: a small one made by hand, and a seeded one of a federation's shape."""

import math
import random
from datetime import date, timedelta

from booking.domain.rounds.model import Instance, Job, Lunch, Vehicle, Window

MONDAY = date(2026, 5, 4)
HOUR = 3600
EIGHT, NOON, FIVE = 8 * HOUR, 12 * HOUR, 17 * HOUR

# Latitude, longitude and share of the units; the outer towns have fewer.
TOWNS = (
    (58.5052, 13.1577, 0.38),
    (58.3866, 13.4387, 0.20),
    (58.5281, 13.4920, 0.13),
    (58.2620, 12.9540, 0.15),
    (58.3320, 12.6800, 0.07),
    (58.1886, 12.7192, 0.07),
)
BASE = (58.5052, 13.1577)
BANDS = ((3, 30), (15, 50), (40, 70), (math.inf, 80))  # km at most, km an hour


def federation(
    units: int = 150, days: int = 20, technicians: int = 2, seed: int = 1, *, kits: int = 0
) -> Instance:
    """Return units about six towns, each to be visited once, and technicians of one base."""
    dice = random.Random(seed)
    points = [BASE, *(_spot(dice) for _ in range(units))]
    km = tuple(tuple(_km(a, b) for b in points) for a in points)
    workdays = [MONDAY + timedelta(days=7 * (n // 5) + n % 5) for n in range(days)]
    return Instance(
        places=("base", *(f"unit {n}" for n in range(1, units + 1))),
        seconds=tuple(tuple(_seconds(length) for length in row) for row in km),
        km=km,
        vehicles=tuple(
            vehicle(f"{name} {day}", name, day)
            for day in workdays
            for name in [f"technician {n}" for n in range(1, technicians + 1)]
        ),
        jobs=tuple(_unit(dice, n, workdays) for n in range(1, units + 1)),
        kits={"photo": kits} if kits else {},
    )


def vehicle(key: str, technician: str = "t", day: date = MONDAY, **given: object) -> Vehicle:
    """Return a working day from 7.30 to 16.30 from the first place and back, with lunch."""
    usual = {
        "starts": 7 * HOUR + 1800,
        "ends": 16 * HOUR + 1800,
        "start_place": 0,
        "end_place": 0,
        "kinds": frozenset({"", "photo", "activation"}),
        "lunch": Lunch(),
    }
    return Vehicle(key, technician, day, **(usual | given))


def job(key: str, place: int = 1, service: int = HOUR, **given: object) -> Job:
    """Return a visit of an hour that may be made from 8 to 17 on the first Monday."""
    usual = {"windows": (Window(MONDAY, EIGHT, FIVE),)}
    return Job(key, place, service, **(usual | given))


def line(minutes: int = 10, places: int = 5) -> tuple[tuple[int, ...], ...]:
    """Return driving times of places along one road, so many minutes apart."""
    return tuple(tuple(abs(a - b) * minutes * 60 for b in range(places)) for a in range(places))


def instance(*jobs: Job, vehicles: tuple[Vehicle, ...] = (), **given: object) -> Instance:
    """Return visits along one road, ten minutes between places, the base at its end."""
    usual = {"places": tuple(f"place {n}" for n in range(5)), "seconds": line()}
    return Instance(vehicles=vehicles or (vehicle("day"),), jobs=jobs, **(usual | given))


def _unit(dice: random.Random, number: int, workdays: list[date]) -> Job:
    people = min(25, 1 + int(dice.expovariate(1 / 5)))
    last = dice.choice(
        [dice.randrange(min(4, len(workdays) - 1), len(workdays)), len(workdays) - 1]
    )
    opens, closes = dice.choice([(8, 16), (8, 17), (9, 15), (7, 12), (13, 17), (10, 16)])
    blocked = {dice.randrange(len(workdays)) for _ in range(3)} - {last}
    service = (20 + 4 * people + 10) * 60
    windows = [
        Window(day, opens * HOUR, max(closes * HOUR, opens * HOUR + service))
        for index, day in enumerate(workdays[: last + 1])
        if index not in blocked
    ]
    return Job(
        f"unit {number}",
        number,
        service,
        tuple(windows),
        deadline=workdays[last],
        priority=max(0, 100 - 5 * last),
        kind="photo",
    )


def _spot(dice: random.Random) -> tuple[float, float]:
    latitude, longitude, _ = dice.choices(TOWNS, [share for *_, share in TOWNS])[0]
    spread = 0.015 if dice.random() < 0.7 else 0.06  # in the town, or a village near it
    return dice.gauss(latitude, spread), dice.gauss(longitude, 2 * spread)


def _km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return kilometres by road: the straight line and three tenths."""
    north = math.radians(b[0] - a[0])
    east = math.radians(b[1] - a[1]) * math.cos(math.radians((a[0] + b[0]) / 2))
    return 1.3 * 6371 * math.hypot(north, east)


def _seconds(km: float) -> int:
    if km == 0:
        return 0
    speed = next(speed for limit, speed in BANDS if km <= limit)
    return 120 + round(3600 * km / speed)


# Made by us, in the form of Solomon's files.
SOLOMON = """SMALL1

VEHICLE
NUMBER     CAPACITY
  3         50

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

  0      35       35        0        0      230        0
  1      45       35       10       10       80       10
  2      55       45       20       40      110       10
  3      35       55       15        0      200       10
  4      15       35       10       30      150       10
  5      25       15       20       60      180       10
  6      40       60       15       20      200       10
"""
