"""How fast people are booked through HTTP, by the server of production, on a big base.

Run by `make bench`; the figures are printed. The clients run in a process of their own. What
bounds the speed is printed too: the processor time that a booking takes in the server, and where
it goes by a profile of the same bookings in one process.
"""

import cProfile
import os
import pstats
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import batched, chain
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import quantiles

from django.db import connection, transaction
from django.urls import reverse

from booking.models import Slot, Visit
from booking.services.bookings import book_people
from enrolment.people.domain.stages import Reason, Stage
from enrolment.people.models import CardNeed, CareUnit, Staff
from tests import builders
from tests.services import hot_client
from tests.services.hot_client import Answer, Ask
from tests.services.hot_house import served, session_of

STAFF, UNITS, CHUNK = 100_000, 2_500, 5_000
CLIENTS, BOOKINGS = 50, 600
GOALS = {"postgresql": 200, "sqlite": 100}
# People who look at the visit and then book somebody, with so many seconds between two clicks.
SECONDS, TURNS, PEOPLE = 2.0, 5, 12
PAGE_GOAL, SUBMIT_GOAL = 150, 250
PROFILED = 60
PARTS = {
    "all": ("core/handlers/base.py", "get_response"),
    "who it is": ("enrolment/people/authentication.py", "get_user"),
    "who may, which visit": ("booking/access.py", "shared_visit"),
    "form": ("forms/forms.py", "full_clean"),
    "under the lock": ("booking/services/bookings.py", "book_slot"),
    "- lock": ("booking/services/locks.py", "lock_visit"),
    "- letter": ("booking/services/letters.py", "send_request"),
    "- own link": ("booking/services/own_links.py", "own_way"),
    "- log": ("enrolment/audit/services.py", "record"),
    "- ring": ("enrolment/jobs.py", "ring"),
    "building SQL": ("models/sql/compiler.py", "as_sql"),
    "the database itself": ("db/backends/utils.py", "_execute"),
}


def test_bookings_per_second_on_one_visit(own_database, own_folders):
    """Fifty clients book without a pause, all in one visit: what the server can at most."""
    unit = big_base()[0]
    visit = builders.visit(unit, hours=12, stations=9, starts_at=builders.tomorrow(8))
    sessions = [session_of(unit) for _ in range(CLIENTS)]
    pairs = list(zip(visit.slots.order_by("pk"), needs_at(unit, BOOKINGS), strict=False))
    queues = [
        [Ask(booking_of(slot, need, session)) for slot, need in pairs[number::CLIENTS]]
        for number, session in enumerate(sessions)
    ]
    with served(own_database, own_folders) as port:
        pages = [hot_client.get(reverse("booking:list"), session) for session in sessions]
        workers = {answer.worker for answer in warm(port, pages)}
        before = processor_seconds(workers)
        answers = sent(port, queues)
        spent = processor_seconds(workers) - before
    assert {answer.status for answer in answers} == {302}
    assert visit.bookings.count() == BOOKINGS
    began = min(each.at - each.seconds for each in answers)
    rate, vendor = BOOKINGS / (max(each.at for each in answers) - began), connection.vendor
    told = f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    print(f"\nbookings_per_second: {rate:.0f} ({vendor}, goal {GOALS[vendor]})")
    print(f"booking_server_cpu_ms: {spent / BOOKINGS * 1000:.1f} ({vendor}, {told})")


def test_page_and_submit_with_fifty_at_work(own_database, own_folders):
    """Fifty people, each at a unit of her own, open their visit and book, again and again."""
    units = big_base()[:CLIENTS]
    visits = [visit_at(unit) for unit in units]
    sessions = [session_of(unit) for unit in units]
    queues = [
        at_work(*each, Random(at)) for at, each in enumerate(zip(visits, sessions, strict=True))
    ]
    with served(own_database, own_folders) as port:
        warm(port, [queue[0].data for queue in queues])
        answers = sent(port, queues)
    tell("page", [each.seconds for each in answers if each.status == 200], PAGE_GOAL)
    tell("submit", [each.seconds for each in answers if each.status == 302], SUBMIT_GOAL)


def test_where_the_time_of_a_booking_goes(own_database, client):
    """Milliseconds of the processor for a booking, under the profiler: its own cost included."""
    visit = builders.visit(hours=12, stations=9, starts_at=builders.tomorrow(8))
    client.cookies["sessionid"] = session_of(visit.unit)
    place = reverse("booking:book", args=[visit.pk])
    forms = [
        {"slot": slot.pk, "need": need.pk}
        for slot, need in zip(
            visit.slots.order_by("pk"), needs_at(visit.unit, 2 * PROFILED), strict=False
        )
    ]
    for form in forms[:PROFILED]:
        assert client.post(place, form).status_code == 302
        client.cookies.pop("messages", None)
    profile = cProfile.Profile(time.process_time)
    with profile:
        for form in forms[PROFILED:]:
            client.post(place, form)
            client.cookies.pop("messages", None)
    spent = cumulative(profile)
    for part, milliseconds in spent.items():
        share = milliseconds / spent["all"] * 100
        print(f"booking_profile ({connection.vendor}) {part}: {milliseconds:.2f} ms, {share:.0f} %")
    assert visit.bookings.count() == 2 * PROFILED
    assert min(spent.values()) > 0


def cumulative(profile: cProfile.Profile) -> dict[str, float]:
    """Return the milliseconds of each part for one booking, with all that it calls."""
    stats = pstats.Stats(profile).stats.items()  # type: ignore[attr-defined]
    return {
        part: 1000
        / PROFILED
        * sum(
            row[3] for (file, _line, name), row in stats if name == function and file.endswith(path)
        )
        for part, (path, function) in PARTS.items()
    }


def processor_seconds(processes: set[str]) -> float:
    """Return the processor time that these processes have used so far (proc(5), stat)."""
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in processes]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")


def at_work(visit: Visit, session: str, chance: Random) -> list[Ask]:
    """Return what one person sends: the page, a booking, and so on."""
    free = list(visit.slots.filter(bookings=None).order_by("pk")[:TURNS])
    page = hot_client.get(reverse("booking:visit", args=[visit.pk]), session)
    posts = [
        booking_of(slot, need, session)
        for slot, need in zip(free, needs_at(visit.unit, TURNS), strict=True)
    ]
    clicks = chain.from_iterable((page, post) for post in posts)
    first = chance.uniform(0, SECONDS)
    return [Ask(data, first + number * SECONDS) for number, data in enumerate(clicks)]


def tell(what: str, seconds: list[float], goal: int) -> None:
    """Print median and 95th percentile in milliseconds."""
    assert len(seconds) == CLIENTS * TURNS
    cuts = [round(each * 1000) for each in quantiles(seconds, n=20)]
    print(
        f"\nbooking_{what}_p95_ms: {cuts[18]} ({connection.vendor}, median {cuts[9]}, goal {goal})"
    )


# --- The base and the clients -------------------------------------------------------------------


def big_base() -> list[CareUnit]:
    """Make a federation with so many staff that nothing may look at them all; return its units."""
    municipality = builders.municipality()
    with transaction.atomic():
        units = CareUnit.objects.bulk_create(
            CareUnit(
                municipality=municipality,
                hsa_id=builders.hsa_id(),
                name=f"Enhet {number}",
                sort_key=f"{number:05}",
                latitude=58.5,
                longitude=13.1,
            )
            for number in range(UNITS)
        )
        for numbers in batched(range(STAFF), CHUNK, strict=False):
            add_people([units[number % UNITS] for number in numbers])
    return list(CareUnit.objects.select_related("municipality__federation").order_by("sort_key"))


def add_people(units: list[CareUnit], *, all_need: bool = False) -> list[CardNeed]:
    """Make a person at each unit, and for every fourth of them, or all, a need."""
    people = Staff.objects.bulk_create(
        Staff(
            federation=unit.municipality.federation,
            unit=unit,
            hsa_id=builders.hsa_id(),
            given_name="Åsa",
            family_name="Öberg",
            sort_key="oberg asa",
            email="person@example.org",
        )
        for unit in units
    )
    return CardNeed.objects.bulk_create(
        CardNeed(
            staff=staff,
            reason=Reason.RENEWAL,
            due_on=builders.tomorrow().date(),
            stage=Stage.NEEDS_CARD,
        )
        for staff in (people if all_need else people[::4])
    )


def needs_at(unit: CareUnit, count: int) -> list[CardNeed]:
    """Return the needs of so many new people at the unit."""
    return add_people([unit] * count, all_need=True)


def visit_at(unit: CareUnit) -> Visit:
    """Return a visit of two hours in which a dozen people have their times."""
    visit = builders.visit(unit)
    book_people(actor=visit.booked_by, visit=visit, needs=needs_at(unit, PEOPLE))
    return visit


def booking_of(slot: Slot, need: CardNeed, session: str) -> bytes:
    """Return the form that books one person."""
    place = reverse("booking:book", args=[slot.visit_id])
    return hot_client.post(place, session, {}, slot=slot.pk, need=need.pk)


def warm(port: int, pages: list[bytes]) -> list[Answer]:
    """Let every thread of the server answer such a page once, its templates read."""
    answers = sent(port, [[Ask(page)] for page in pages])
    assert {answer.status for answer in answers} == {200}
    return answers


def sent(port: int, queues: list[list[Ask]]) -> list[Answer]:
    """Send all from a process that does nothing else."""
    with ProcessPoolExecutor(1, get_context("spawn")) as other:
        answers = other.submit(hot_client.send, port, queues).result()
    return list(chain.from_iterable(answers))
