"""The day sheet's roads and lunch: when to leave, how far, and for whose eyes."""

import pytest

from booking.models import Kit, Visit
from enrolment.reports import documents
from enrolment.reports.domain.paper import Facts, Section
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_visits() -> tuple[Visit, Visit]:
    """Two units twenty-five kilometres apart, the second in the town of the base."""
    far = builders.unit(name="Solgläntan")
    far.latitude, far.longitude = 58.3866, 13.4387
    far.save()
    first = builders.visit(far, hours=2, starts_at=builders.tomorrow(9))
    near = builders.unit(far.municipality, "Björkgården")
    second = builders.visit(near, first.technician, 1, starts_at=builders.tomorrow(14))
    return first, second


def facts_of(visit: Visit, number: int, seen=None) -> dict[str, str]:
    parts = [part for part in documents.day_sheet(visit, seen).parts if isinstance(part, Facts)]
    return {fact.label: fact.value for fact in parts[number].rows}


def roads(visit: Visit, seen=None) -> list[Section]:
    """Return the section about the roads, if the sheet has one."""
    sections = [p for p in documents.day_sheet(visit, seen).parts if isinstance(p, Section)]
    return [section for section in sections if "Solgläntan" not in section.heading][:1]


def test_the_sheet_says_when_to_leave_and_how_long_each_road_is(two_visits):
    first, second = two_visits
    assert facts_of(second, 0) == facts_of(first, 0)
    [(leave, out), (leave_again, on), (_home, home)] = facts_of(first, 0).items()
    # Twenty minutes to set up, and the drive of the model: 27 km of road in 26 minutes.
    assert (leave, leave_again) == ("08.14", "13.14")
    assert all(word in out for word in ("Lidköping", "Solgläntan", "26", "27"))
    assert all(word in on for word in ("Solgläntan", "Björkgården", "26", "27"))
    assert all(word in home for word in ("Björkgården", "Lidköping"))


def test_set_up_and_kit_stand_at_the_stop(two_visits):
    visit, _other = two_visits
    assert "08.40" in facts_of(visit, 1).values()
    assert "Kamera 2" not in facts_of(visit, 1).values()
    visit.kit = Kit.objects.create(federation=visit.technician.federation, name="Kamera 2")
    visit.save()
    assert "Kamera 2" in facts_of(visit, 1).values()


def test_lunch_is_after_the_packing_where_there_is_time(two_visits):
    visit, other = two_visits
    [section] = roads(visit)
    assert "11.10" in section.lead
    builders.visit(other.unit, visit.technician, 2, starts_at=builders.tomorrow(11, 40))
    [section] = roads(visit)
    assert "11.10" not in section.lead
    assert "lunch" in section.lead


def test_whoever_may_not_see_the_whole_day_sees_no_roads(two_visits):
    visit, other = two_visits
    seen = Visit.objects.filter(pk=visit.pk)
    labels = facts_of(visit, 0, seen)
    assert "08.14" not in labels
    assert "Björkgården" not in str(documents.day_sheet(visit, seen))
    assert "08.14" in facts_of(visit, 0, Visit.objects.filter(pk__in=[visit.pk, other.pk]))
