"""A roster becomes shifts: replaced for its people and days, and for nobody and no day else."""

from datetime import timedelta

import pytest

from enrolment.audit.models import Entry
from enrolment.people.domain.roster_file import RosterCode
from enrolment.people.domain.staff_file import StaffFileError
from enrolment.people.models import Shift
from enrolment.people.queries.rosters import roster_cover, shown_faults
from enrolment.people.services.rosters import import_roster
from tests import builders
from tests.staff_file_builders import as_csv

pytestmark = pytest.mark.django_db
HEAD = ["HSA-id", "Datum", "Start", "Slut", "Typ"]


@pytest.fixture
def unit():
    return builders.unit()


def row(person, day: str, start: str = "07:00", end: str = "16:00", kind: str = ""):
    return [person.hsa_id, day, start, end, kind]


def taken(unit, *rows, whole: bool = False):
    return import_roster(
        actor=builders.user(),
        federation=unit.municipality.federation,
        unit=None if whole else unit,
        name="schema.csv",
        content=as_csv([HEAD, *rows]),
    )


def starts(person) -> list[str]:
    return [f"{s.starts_at:%m-%d %H:%M}" for s in person.shifts.order_by("starts_at")]


def test_the_same_file_twice_is_once(unit):
    anna = builders.staff(unit)
    rows = [row(anna, "2027-05-11"), row(anna, "2027-05-12", "21:00", "07:00")]
    for _ in range(2):
        result = taken(unit, *rows)
    assert (result.shifts, result.people) == (2, 1)
    assert starts(anna) == ["05-11 05:00", "05-12 19:00"]
    details = Entry.objects.filter(action="people.import_roster").last().details
    assert details == {"shifts": 2, "people": 1, "faults": 0}


def test_a_new_file_replaces_its_people_within_its_days_alone(unit):
    anna, bo = builders.staff(unit), builders.staff(unit)
    days = ["2027-05-10", "2027-05-11", "2027-05-12", "2027-05-13"]
    taken(unit, *(row(person, day) for person in (anna, bo) for day in days))
    taken(unit, row(anna, "2027-05-11", "13:00", "21:00"), row(anna, "2027-05-12", kind="ledig"))
    assert starts(anna) == ["05-10 05:00", "05-11 11:00", "05-13 05:00"]
    assert len(starts(bo)) == 4


def test_people_of_other_units_are_unknown_at_a_unit_and_known_in_the_federation(unit):
    here = builders.staff(unit)
    there = builders.staff(builders.unit(unit.municipality, "Ängen"))
    beyond = builders.staff(builders.unit())
    rows = [row(person, "2027-05-11") for person in (here, there, beyond)]
    assert [f.row for f in taken(unit, *rows).roster.faults] == [3, 4]
    result = taken(unit, *rows, whole=True)
    assert [(f.row, f.code) for f in result.roster.faults] == [(4, RosterCode.PERSON_UNKNOWN)]
    assert starts(there) == ["05-11 05:00"]
    assert starts(beyond) == []


def test_a_protected_persons_shifts_are_kept_and_faults_told_to_handlers_alone(unit):
    hidden, other = builders.staff(unit, protected=True), builders.staff(unit)
    result = taken(
        unit,
        row(hidden, "2027-05-11"),
        row(hidden, "2027-05-12", "fel"),
        row(other, "2027-05-12", "fel"),
    )
    assert starts(hidden) == ["05-11 05:00"]
    manager = builders.user("care_manager", within=unit)
    assert [f.row for f in shown_faults(manager, result.roster.faults)] == [4]
    hidden.handlers.add(manager)
    assert [f.row for f in shown_faults(manager, result.roster.faults)] == [3, 4]


def test_a_file_that_can_not_be_read_changes_nothing(unit):
    anna = builders.staff(unit)
    taken(unit, row(anna, "2027-05-11"))
    with pytest.raises(StaffFileError):
        import_roster(
            actor=builders.user(),
            federation=unit.municipality.federation,
            unit=unit,
            name="schema.csv",
            content=b"%PDF",
        )
    assert starts(anna) == ["05-11 05:00"]
    assert taken(unit, row(anna, "fel")).shifts == 0
    assert starts(anna) == ["05-11 05:00"]


def test_five_thousand_rows_take_few_queries(unit, django_assert_max_num_queries):
    people = [builders.staff(unit) for _ in range(20)]
    days = [f"2027-{month:02}-{day:02}" for month in range(1, 11) for day in range(1, 26)]
    with django_assert_max_num_queries(60):
        result = taken(unit, *(row(person, day) for person in people for day in days))
    assert result.shifts == Shift.objects.count() == 5000


def test_the_cover_is_of_days_to_come(unit):
    assert roster_cover(unit) is None
    anna = builders.staff(unit)
    builders.shift(anna, builders.tomorrow(7) - timedelta(days=5))
    assert roster_cover(unit) is None
    builders.shift(anna, builders.tomorrow(7))
    builders.shift(anna, builders.tomorrow(7) + timedelta(days=2))
    cover = roster_cover(unit)
    assert (cover.last - cover.first).days == 2
    assert cover.people == 1
