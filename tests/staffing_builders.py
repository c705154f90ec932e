"""Wards, people and times for the tests of staffing: by hand, or drawn from a seed."""

from datetime import UTC, datetime, timedelta
from random import Random

from booking.domain.slots import SlotTime
from booking.domain.staffing import Minimum, Person, Problem, Span, Ward

DAY = datetime(2027, 5, 11, tzinfo=UTC)
NURSE, ASSISTANT, CARER = "Sjuksköterska", "Undersköterska", "Vårdbiträde"


def at(hour: float) -> datetime:
    return DAY + timedelta(hours=hour)


def span(first: float, last: float) -> Span:
    return Span(at(first), at(last))


def slots(number: int, minutes: int = 10, stations: int = 1, start: float = 9) -> list[SlotTime]:
    """Return times one after another, each at every station."""
    begins = [at(start) + timedelta(minutes=minutes * turn) for turn in range(number)]
    length = timedelta(minutes=minutes)
    return [
        SlotTime(begin, begin + length, nr) for begin in begins for nr in range(1, stations + 1)
    ]


def ward(
    *minimums: Minimum,
    key: str = "w",
    most_away: int = 9,
    walking: int = 0,
    rostered: bool = True,
) -> Ward:
    return Ward(key, rostered, timedelta(minutes=walking), most_away, minimums)


def nurse_stays(first: float = 7, last: float = 21, least: int = 1) -> Minimum:
    return Minimum(NURSE, least, span(first, last))


def person(key: str, title: str = ASSISTANT, shift: Span | None = None, **more) -> Person:
    more = {"ward": "w", "wants": True, "shifts": (shift or span(7, 16),)} | more
    return Person(key, title=title, **more)


def drawn(seed: int, people: int, **sizes) -> Problem:
    """Draw a ward as they are: three shifts, three titles, meetings, wishes, minimums.

    `slots` (the most of them) and `minutes` may be given.
    """
    random = Random(seed)
    staff = tuple(_somebody(random, number) for number in range(people))
    minutes = sizes.get("minutes") or random.choice([4, 5, 10, 15])
    number = random.randint(max(1, people - 2), 2 * people)
    stations = random.choice([1, 1, 2])
    start = random.choice([8.0, 9.0, 10.0, 13.0])
    times = slots(min(number // stations + 1, sizes.get("slots", 99)), minutes, stations, start)
    held = random.sample(times, k=min(len(times), random.choice([0, people // 2])))
    staff = tuple(_with_slot(random, each, held, times) for each in staff)
    kept = {slot for each in staff for slot in each.kept}
    free = tuple(slot for slot in times if Span(slot.starts_at, slot.ends_at) not in kept)
    return Problem((_rules(random, people),), staff, free, tuple(_further(times, minutes)))


def _somebody(random: Random, number: int) -> Person:
    title = random.choices([NURSE, ASSISTANT, CARER], [2, 5, 3])[0]
    start, end = random.choice([(7, 16), (7, 16), (7, 16), (8, 17), (9, 21.5), (7, 12)])
    busy = (span(start + 2, start + 3),) if random.random() < 0.15 else ()
    wants = random.random() < 0.85
    return Person(f"p{number:02}", "w", title, (span(start, end),), busy, wants=wants)


def _with_slot(random: Random, one: Person, held: list[SlotTime], times: list[SlotTime]) -> Person:
    """Let some hold a slot, some keep theirs, and some strike times out."""
    struck = frozenset(slot.starts_at for slot in times if one.wants and random.random() < 0.1)
    facts = {name: getattr(one, name) for name in ("key", "ward", "title", "shifts", "busy")}
    if not held:
        return Person(**facts, wants=one.wants, struck=struck)
    slot = held.pop()
    if not one.wants or random.random() < 0.1:
        alone = [other for other in times if other.starts_at == slot.starts_at] == [slot]
        kept = (Span(slot.starts_at, slot.ends_at),) if alone else ()
        return Person(**facts, kept=kept)
    return Person(**facts, wants=True, now=slot, struck=struck)


def _rules(random: Random, people: int) -> Ward:
    minimums = [Minimum("", random.randint(1, max(1, people // 3)), span(7, 16))]
    if random.random() < 0.8:
        minimums.append(Minimum(NURSE, random.randint(1, 2), span(7, 22)))
    if random.random() < 0.4:
        minimums.append(Minimum(ASSISTANT, random.randint(1, 4), span(8, 12)))
    return Ward(
        "w",
        rostered=random.random() < 0.8,
        walking=timedelta(minutes=random.choice([0, 2, 3])),
        most_away=random.choice([1, 2, 2, 3, 4, 6]),
        minimums=tuple(minimums),
    )


def _further(times: list[SlotTime], minutes: int) -> list[SlotTime]:
    length = timedelta(minutes=minutes)
    last = times[-1].ends_at
    return [SlotTime(last + length * turn, last + length * (turn + 1), 1) for turn in range(20)]
