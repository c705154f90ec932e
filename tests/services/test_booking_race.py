"""No slot, no person and no technician twice when many processes try at the same moment.

The control shows that the race is real: the same attempts without transaction, lock and constraint
do book twice.
"""

import uuid
from collections import Counter
from datetime import timedelta
from itertools import chain

from django.db import DatabaseError, IntegrityError, connection, transaction

from booking import queries
from booking.models import Booking, Slot, Technician, Visit
from booking.services.bookings import book_people, book_slot
from booking.services.refusals import AlreadyBooked, SlotTaken, TechnicianBusy
from booking.services.visits import open_visit
from enrolment.people.domain.stages import Reason, Stage
from enrolment.people.models import CardNeed, CareUnit, User
from tests import builders
from tests.services.racing import Racer, crew, together

RACERS = 8
ROUNDS = 25


# --- What the racers run, each in its own process -----------------------------------------------


@transaction.atomic
def prepare(_meet, people: int, slots: int) -> tuple[str, list[int], list[str]]:
    """Make a visit and people at its unit; return their ids."""
    visit = builders.visit(slot_minutes=4, hours=slots // 13 + 1)
    needs = CardNeed.objects.bulk_create(
        CardNeed(
            staff=builders.staff(visit.unit),
            reason=Reason.RENEWAL,
            due_on=visit.starts_at.date(),
            stage=Stage.NEEDS_CARD,
        )
        for _ in range(people)
    )
    slot_ids = visit.slots.order_by("starts_at").values_list("pk", flat=True)[:slots]
    return str(visit.pk), list(slot_ids), [str(need.pk) for need in needs]


def prepare_unit(_meet) -> str:
    unit = builders.unit()
    builders.technician(unit.municipality.federation)
    return str(unit.pk)


def book_each_slot(meet, slot_ids: list[int], need_ids: list[str]) -> list[str]:
    return [
        attempt(
            meet,
            lambda slot=slot, need=need: book_slot(
                actor=slot.visit.booked_by, slot=slot, need=need
            ),
        )
        for slot, need in pairs(slot_ids, need_ids)
    ]


def book_the_same_people(meet, visit_id: str, need_ids: list[str]) -> list[str]:
    visit = Visit.objects.get(pk=visit_id)
    return [
        attempt(
            meet, lambda need=need: book_people(actor=visit.booked_by, visit=visit, needs=[need])
        )
        for need in in_order(CardNeed, need_ids)
    ]


def open_at_the_same_time(meet, unit_id: str, rounds: int) -> list[str]:
    unit, technician = CareUnit.objects.get(pk=unit_id), Technician.objects.get()
    actor = User.objects.first()
    begin = builders.tomorrow(13)
    return [
        attempt(
            meet,
            lambda turn=turn: open_visit(
                actor=actor,
                unit=unit,
                technician=technician,
                kind="photo",
                starts_at=begin + timedelta(minutes=20 * turn),
                ends_at=begin + timedelta(minutes=20 * (turn + 1)),
                slot_minutes=4,
                stations=1,
                form_key=uuid.uuid4(),
            ),
        )
        for turn in range(rounds)
    ]


def check_then_insert(meet, slot_ids: list[int], need_ids: list[str]) -> list[str]:
    """Book as somebody would who knows of no race: look, think, write."""
    outcomes = []
    for slot, need in pairs(slot_ids, need_ids):
        free = not queries.is_taken(slot)
        meet.wait(30)
        try:
            if free:
                Booking.objects.create(visit=slot.visit, slot=slot, need=need, kind="photo")
            outcomes.append("booked" if free else "taken")
        except IntegrityError:
            outcomes.append("constraint")
        meet.wait(30)
    return outcomes


def drop_constraint(_meet) -> None:
    [constraint] = [
        constraint
        for constraint in Booking._meta.constraints
        if constraint.name == "booking_one_person_per_slot"
    ]
    with connection.schema_editor() as editor:
        editor.remove_constraint(Booking, constraint)


def people_per_slot(_meet) -> dict[int, int]:
    kept = Booking.objects.exclude(status="cancelled").values_list("slot", flat=True)
    return dict(Counter(kept))


def bookings_per_need(_meet) -> dict[str, int]:
    kept = Booking.objects.exclude(status="cancelled").values_list("need", flat=True)
    return dict(Counter(str(need) for need in kept))


def visits_at_each_time(_meet) -> list[int]:
    return list(Counter(Visit.objects.values_list("starts_at", flat=True)).values())


def attempt(meet, book) -> str:
    meet.wait(30)
    try:
        book()
    except (SlotTaken, AlreadyBooked, TechnicianBusy):
        return "taken"
    except DatabaseError as error:
        return f"{type(error).__name__}: {error}"
    return "booked"


def in_order(model, ids: list) -> list:
    found = {str(row.pk): row for row in model.objects.filter(pk__in=ids)}
    return [found[str(row_id)] for row_id in ids]


def pairs(slot_ids: list[int], need_ids: list[str]) -> list[tuple[Slot, CardNeed]]:
    return list(zip(in_order(Slot, slot_ids), in_order(CardNeed, need_ids), strict=True))


# --- The races ----------------------------------------------------------------------------------


def tally(outcomes: list[list[str]]) -> Counter:
    return Counter(chain.from_iterable(outcomes))


def mine(function: str) -> str:
    return f"{__name__}.{function}"


def shares(things: list, racers: list[Racer]) -> list[list]:
    size = len(things) // len(racers)
    return [things[number * size : (number + 1) * size] for number in range(len(racers))]


def test_nothing_is_booked_twice_and_no_attempt_fails(own_database):
    with crew(own_database, RACERS) as racers:
        first = racers[0]
        _visit, slots, needs = first.run(mine("prepare"), RACERS * ROUNDS, ROUNDS)
        hot = together(racers, mine("book_each_slot"), [slots] * RACERS, shares(needs, racers))
        per_slot = first.run(mine("people_per_slot"))
        assert tally(hot) == {"booked": ROUNDS, "taken": ROUNDS * (RACERS - 1)}
        assert per_slot == dict.fromkeys(slots, 1)

        lone, _slots, waiting = first.run(mine("prepare"), 5, 10)
        same = together(racers, mine("book_the_same_people"), [lone] * RACERS, [waiting] * RACERS)
        assert set(tally(same)) == {"booked"}
        assert {first.run(mine("bookings_per_need"))[need] for need in waiting} == {1}


def test_a_technician_is_booked_once_at_a_time(own_database):
    with crew(own_database, 4) as racers:
        unit, rounds = racers[0].run(mine("prepare_unit")), 5
        opened = together(racers, mine("open_at_the_same_time"), [unit] * 4, [rounds] * 4)
        assert tally(opened) == {"booked": rounds, "taken": rounds * 3}
        assert racers[0].run(mine("visits_at_each_time")) == [1] * rounds


def test_control_without_lock_constraint_and_transaction_books_twice(own_database):
    with crew(own_database, 2) as racers:
        first = racers[0]
        _visit, slots, needs = first.run(mine("prepare"), 20, 10)
        guarded = together(
            racers, mine("check_then_insert"), [slots[:5]] * 2, shares(needs[:10], racers)
        )
        assert tally(guarded) == {"booked": 5, "constraint": 5}
        first.run(mine("drop_constraint"))
        unguarded = together(
            racers, mine("check_then_insert"), [slots[5:]] * 2, shares(needs[10:], racers)
        )
        assert tally(unguarded) == {"booked": 10}
        assert first.run(mine("people_per_slot")) == {
            **dict.fromkeys(slots[:5], 1),
            **dict.fromkeys(slots[5:], 2),
        }
