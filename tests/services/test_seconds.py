"""How long a person takes: median and nine of ten, by month, and never of few or of one."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from photos.models import Capture
from photos.queries.seconds import LEAST, Pace, by_month, chart, pace_of, pace_of_visit
from tests import builders, photo_builders

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OCTOBER, NOVEMBER = datetime(2026, 10, 9, 9, tzinfo=UTC), datetime(2026, 11, 9, 9, tzinfo=UTC)


def photographed(visit, seconds: int | None, at: datetime = NOVEMBER, **staff) -> Capture:
    """An accepted photo of somebody who took so many seconds."""
    capture = photo_builders.photo(photo_builders.checked_in(visit, **staff)).capture
    Capture.objects.filter(pk=capture.pk).update(seconds=seconds, taken_at=at)
    return capture


def federation_of(visit):
    return visit.unit.municipality.federation


# --- The pace of some people ----------------------------------------------------------------------


def test_nobody_has_no_pace():
    assert pace_of([]) is None


def test_the_median_is_the_middle_and_nine_of_ten_stay_within_the_ninetieth_percentile():
    assert pace_of([90, 10, 20, 30, 40, 50, 60, 70, 80, 300]) == Pace(n=10, median=55, p90=90)


@given(st.lists(st.integers(0, 86_400), min_size=1))
def test_nine_of_ten_stay_within_and_no_lesser_value_told_would_do(seconds):
    pace = pace_of(seconds)
    within = sum(each <= pace.p90 for each in seconds)
    below = sum(each < pace.p90 for each in seconds)
    assert within * 10 >= 9 * len(seconds) > below * 10
    assert min(seconds) <= pace.median <= pace.p90 or pace.median <= max(seconds)


# --- By month -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_month_has_figures_from_ten_people_on():
    visit = builders.visit()
    for place in range(LEAST - 1):
        photographed(visit, 30 + place)
    [few] = by_month(federation_of(visit), NOW)
    assert (few.first, few.n, few.pace) == (date(2026, 11, 1), LEAST - 1, None)
    photographed(visit, 100)
    [enough] = by_month(federation_of(visit), NOW)
    assert enough.pace == Pace(n=10, median=34, p90=38)


@pytest.mark.django_db
def test_months_stand_apart_the_latest_first_and_old_ones_are_left_out():
    visit = builders.visit()
    photographed(visit, 50)
    photographed(visit, 70, OCTOBER)
    photographed(visit, 70, NOW - timedelta(days=400))
    months = by_month(federation_of(visit), NOW)
    assert [(month.first, month.n) for month in months] == [
        (date(2026, 11, 1), 1),
        (date(2026, 10, 1), 1),
    ]


@pytest.mark.django_db
def test_a_photo_late_in_the_evening_is_of_the_month_by_the_swedish_clock():
    visit = builders.visit()
    photographed(visit, 50, datetime(2026, 10, 31, 23, 30, tzinfo=UTC))
    assert [month.first for month in by_month(federation_of(visit), NOW)] == [date(2026, 11, 1)]


@pytest.mark.django_db
def test_only_timed_photos_of_the_own_federation_count_and_no_protected_person():
    visit = builders.visit()
    photographed(visit, None)
    photographed(builders.visit(), 50)
    hidden = photographed(visit, 50)
    staff = hidden.booking.need.staff
    type(staff).objects.filter(pk=staff.pk).update(protected=True)
    assert by_month(federation_of(visit), NOW) == []
    photographed(visit, 50)
    assert [month.n for month in by_month(federation_of(visit), NOW)] == [1]


@pytest.mark.django_db
def test_a_picture_that_nobody_accepted_is_not_counted():
    visit = builders.visit()
    capture = photo_builders.judged(photo_builders.checked_in(visit))
    Capture.objects.filter(pk=capture.pk).update(seconds=50, taken_at=NOVEMBER)
    assert by_month(federation_of(visit), NOW) == []


@pytest.mark.django_db
def test_the_visit_has_a_pace_of_its_own(django_assert_num_queries):
    visit = builders.visit()
    for seconds in (40, 50, 90):
        photographed(visit, seconds, timezone.now())
    photographed(builders.visit(), 500)
    with django_assert_num_queries(1):
        assert pace_of_visit(visit) == Pace(n=3, median=50, p90=90)


# --- The picture ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_chart_shows_months_with_figures_from_left_to_right():
    visit = builders.visit(hours=4)
    for at, seconds in ((OCTOBER, 80), (NOVEMBER, 40)):
        for _person in range(LEAST):
            photographed(visit, seconds, at)
    photographed(visit, 40, datetime(2026, 9, 9, tzinfo=UTC))
    drawn = chart(by_month(federation_of(visit), NOW))
    assert [column.pace.median for column in drawn.columns] == [80, 40]
    left, right = drawn.columns
    assert float(left.x) < float(right.x)
    assert float(left.median_y) < float(right.median_y), "more seconds stand higher"


@pytest.mark.django_db
def test_without_figures_there_is_no_chart():
    visit = builders.visit()
    photographed(visit, 40)
    assert chart(by_month(federation_of(visit), NOW)) is None
    assert chart([]) is None
