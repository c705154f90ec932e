"""The pages where planners set up technicians, kits, hours, closed days and travel times."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from booking.models import (
    ClosedDay,
    DaysOff,
    Drive,
    Kit,
    OpeningHours,
    Technician,
    TravelTime,
    Visit,
    WorkHours,
)
from booking.queries.travel_setup import travel_setup
from enrolment.people.models import CareUnit
from tests import builders, routing_builders
from tests import staff_file_builders as files

pytestmark = pytest.mark.django_db
PAGES = [
    "/planering/",
    "/planering/tekniker/",
    "/planering/tekniker/ny/",
    "/planering/utrustning/",
    "/planering/enheter/",
    "/planering/stangda-dagar/",
    "/planering/kortider/",
]
HEAD = ["Från", "Till", "Minuter"]
BASE = {"base": "Vara", "latitude": "58,262", "longitude": "12.954", "kinds": ["photo"]}


@pytest.fixture
def unit():
    return builders.unit()


@pytest.fixture
def federation(unit):
    return unit.municipality.federation


@pytest.fixture
def technician(federation):
    return builders.technician(federation)


@pytest.fixture
def planner(log_in, federation):
    return log_in(builders.user("planner", within=federation))


def week(**times):
    """Fill in the form of hours: `mon="09:00-16:00"`."""
    days = dict(enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun")))
    told = {}
    for number, name in days.items():
        begins, _, ends = times.get(name, "").partition("-")
        told |= {f"from_{number}": begins, f"to_{number}": ends}
    return told


# --- Who comes in -------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("role", "status"),
    [("planner", 200), ("administrator", 200), ("technician", 404), ("id_administrator", 404)],
)
def test_planners_and_administrators_of_the_federation_come_in(
    log_in, federation, page, role, status
):
    client = log_in(builders.user(role, within=federation))
    assert client.get(page).status_code == status


@pytest.mark.parametrize("page", PAGES)
def test_a_role_for_a_municipality_opens_the_opening_hours_alone(log_in, unit, page):
    client = log_in(builders.user("planner", within=unit.municipality))
    assert client.get(page).status_code == (200 if page == "/planering/enheter/" else 404)


def test_a_care_manager_sets_the_hours_of_the_own_unit_alone(log_in, unit):
    neighbour = builders.unit(unit.municipality, "Granngården")
    client = log_in(builders.user("care_manager", within=unit))
    rows = client.get("/planering/enheter/").context["rows"]
    assert [row.unit for row in rows] == [unit]
    for place, status in ((unit, 302), (neighbour, 404)):
        answer = client.post(f"/planering/enheter/{place.pk}/", week(mon="09:00-15:00"))
        assert answer.status_code == status
        assert OpeningHours.objects.filter(unit=place).exists() is (status == 302)


# --- Technicians --------------------------------------------------------------------------------


def test_an_empty_page_says_the_next_step(planner, federation):
    assert "ny/" not in planner.get("/planering/tekniker/").content.decode().split("<main")[1]
    builders.user("technician", within=federation)
    assert "/planering/tekniker/ny/" in planner.get("/planering/tekniker/").content.decode()


def test_somebody_with_the_role_is_set_up_and_nobody_else(planner, federation):
    user = builders.user("technician", within=federation)
    stranger = builders.user("technician", within=builders.federation())
    answer = planner.post("/planering/tekniker/ny/", {**BASE, "user": stranger.pk})
    assert list(answer.context["form"].errors) == ["user"]
    answer = planner.post("/planering/tekniker/ny/", {**BASE, "user": user.pk})
    made = Technician.objects.get()
    assert answer.url == f"/planering/tekniker/{made.pk}/"
    assert (made.user, made.base, made.latitude, made.kinds) == (user, "Vara", 58.262, ["photo"])


def test_a_technician_is_changed_and_a_wrong_base_is_told_at_its_field(planner, technician):
    page = f"/planering/tekniker/{technician.pk}/"
    answer = planner.post(page, BASE | {"latitude": "8", "kinds": []})
    assert sorted(answer.context["form"].errors) == ["kinds", "latitude"]
    assert planner.post(page, BASE).status_code == 302
    technician.refresh_from_db()
    assert (technician.base, technician.kinds) == ("Vara", ["photo"])


@pytest.mark.parametrize("whose", ["technician", "unit"])
def test_the_form_of_hours_begins_with_the_usual_ones(planner, technician, unit, whose):
    pages = {
        "technician": f"/planering/tekniker/{technician.pk}/tider/",
        "unit": f"/planering/enheter/{unit.pk}/",
    }
    answer = planner.get(pages[whose])
    begins, ends = answer.context["usual"]
    rows = list(answer.context["form"].rows())
    assert [row[1].value() for row in rows] == [begins] * 5 + [None] * 2
    assert [row[2].value() for row in rows] == [ends] * 5 + [None] * 2


def test_working_hours_are_set_and_taken_back(planner, technician):
    page = f"/planering/tekniker/{technician.pk}/tider/"
    planner.post(page, week(mon="07:00-15:00", sat="09:00-12:00"))
    assert [f"{row}" for row in WorkHours.objects.order_by("weekday")] == [
        "0 07:00-15:00",
        "5 09:00-12:00",
    ]
    assert "07:00" in planner.get(page).content.decode()
    planner.post(page, {"usual": "1"})
    assert WorkHours.objects.count() == 0


@pytest.mark.parametrize(
    ("times", "field"),
    [("09:00-", "to_0"), ("-16:00", "from_0"), ("16:00-09:00", "to_0"), ("25:00-26:00", "from_0")],
)
def test_half_or_backward_hours_are_told_at_their_field(planner, technician, times, field):
    answer = planner.post(f"/planering/tekniker/{technician.pk}/tider/", week(mon=times))
    assert field in answer.context["form"].errors
    assert WorkHours.objects.count() == 0


def test_days_off_tell_which_visits_stand_without_a_technician(planner, technician, unit):
    visit = builders.visit(unit, technician)
    day = timezone.localdate(visit.starts_at).isoformat()
    page = f"/planering/tekniker/{technician.pk}/"
    answer = planner.post(f"{page}ledig/", {"first_day": day, "why": "Kurs"}, follow=True)
    content = answer.content.decode()
    assert f"/besok/{visit.pk}/" in content
    assert 'href="/rundor/om/"' in content
    assert "Kurs" in content
    assert answer.context["stranded"][0].visit == visit
    assert f"/besok/{visit.pk}/" in planner.get("/planering/").content.decode()
    planner.post(f"/planering/ledig/{DaysOff.objects.get().pk}/ta-bort/")
    assert planner.get(page).context["stranded"] == []


def test_days_off_backwards_or_for_more_than_a_year_are_refused(planner, technician):
    page = f"/planering/tekniker/{technician.pk}/ledig/"
    for last, field in (("2027-01-31", "last_day"), ("2028-03-01", "__all__")):
        answer = planner.post(page, {"first_day": "2027-02-01", "last_day": last})
        assert list(answer.context["form"].errors) == [field]
    assert DaysOff.objects.count() == 0


# --- Kits ---------------------------------------------------------------------------------------


def test_a_kit_is_added_changed_and_keeps_its_own_name(planner, federation):
    told = {"name": "Väska 1", "kinds": ["photo"], "in_use": "on"}
    assert planner.post("/planering/utrustning/", told).status_code == 302
    twice = planner.post("/planering/utrustning/", told)
    assert twice.context["form"].non_field_errors()
    kit = Kit.objects.get()
    planner.post(f"/planering/utrustning/{kit.pk}/", {"name": "Väska A", "kinds": ["activation"]})
    kit.refresh_from_db()
    assert (kit.name, kit.kinds, kit.in_use) == ("Väska A", ["activation"], False)
    assert "Väska A" in planner.get("/planering/utrustning/").content.decode()


# --- Closed days --------------------------------------------------------------------------------


def test_days_are_closed_where_it_is_chosen_and_opened_again(planner, federation, unit):
    soon = timezone.localdate() + timedelta(days=10)
    told = {"first_day": soon, "last_day": soon + timedelta(days=1), "why": "Städdagar"}
    for place in ("", unit.municipality.pk, unit.pk):
        planner.post("/planering/stangda-dagar/", told | {"place": place})
    scopes = ClosedDay.objects.filter(day=soon).values_list("municipality", "unit")
    assert set(scopes) == {(None, None), (unit.municipality.pk, None), (None, unit.pk)}
    content = planner.get("/planering/stangda-dagar/").content.decode()
    assert "Städdagar" in content
    assert "Julafton" in content
    planner.post(f"/planering/stangda-dagar/{ClosedDay.objects.first().pk}/oppna/")
    assert ClosedDay.objects.count() == 5


def test_a_day_that_has_passed_is_not_closed(planner):
    today = timezone.localdate()
    passed = {"first_day": today - timedelta(days=2)}
    for told in (passed, passed | {"last_day": today - timedelta(days=1)}):
        answer = planner.post("/planering/stangda-dagar/", told)
        assert list(answer.context["form"].errors) == ["first_day"]
    assert ClosedDay.objects.count() == 0
    planner.post("/planering/stangda-dagar/", passed | {"last_day": today})
    assert ClosedDay.objects.filter(day=today).exists()


def test_a_place_of_another_federation_is_no_choice(planner):
    day = timezone.localdate()
    elsewhere = builders.unit()
    answer = planner.post("/planering/stangda-dagar/", {"first_day": day, "place": elsewhere.pk})
    assert list(answer.context["form"].errors) == ["place"]
    assert ClosedDay.objects.count() == 0


# --- Travel times -------------------------------------------------------------------------------


def upload(client, *rows, name="tider.csv"):
    file = SimpleUploadedFile(name, files.as_csv([HEAD, *rows]))
    return client.post("/planering/kortider/", {"file": file})


def test_a_file_is_taken_shown_fetched_and_removed(planner, technician, unit):
    CareUnit.objects.filter(pk=unit.pk).update(latitude=58.4, longitude=13.4)
    assert upload(planner, ["Lidköping", unit.hsa_id, "23"]).status_code == 302
    page = planner.get("/planering/kortider/")
    assert page.context["setup"].units[0].minutes == 23
    assert "23" in planner.post("/planering/kortider/fil/").content.decode()
    planner.post("/planering/kortider/ta-bort/")
    assert TravelTime.objects.count() == 0


def test_wrong_rows_are_told_by_number_and_nothing_is_saved(planner, technician, unit):
    answer = upload(planner, ["Lidköping", unit.hsa_id, "23"], ["Månen", unit.hsa_id, "5"])
    assert list(answer.context["form"].errors) == ["file"]
    assert [line["row"] for line in answer.context["lines"]] == [3]
    assert "Månen" in answer.content.decode()
    assert TravelTime.objects.count() == 0


def test_odd_rows_are_taken_and_told(planner, technician, unit):
    other = builders.unit(unit.municipality)
    answer = upload(planner, [unit.hsa_id, other.hsa_id, "5"], [other.hsa_id, unit.hsa_id, "50"])
    assert [line["row"] for line in answer.context["lines"]] == [2]
    assert TravelTime.objects.count() == 2


def test_a_file_without_the_headings_is_told_at_its_field(planner, technician):
    file = SimpleUploadedFile("tider.csv", b"A;B\r\n1;2\r\n")
    answer = planner.post("/planering/kortider/", {"file": file})
    assert "Minuter" in str(answer.context["form"].errors["file"])
    answer = planner.post("/planering/kortider/", {"file": SimpleUploadedFile("a.csv", b"")})
    assert list(answer.context["form"].errors) == ["file"]


def test_learned_factors_are_switched_on_and_off(planner, federation):
    for said, on in (("on", True), ("off", False), ("on", True)):
        planner.post("/planering/kortider/larda/", {"learned": said})
        assert travel_setup(federation, timezone.localdate()).learned is on


def test_factors_are_offered_once_there_is_one_and_taken_back_at_any_time(planner, federation):
    page = "/planering/kortider/"
    assert 'name="learned"' not in planner.get(page).content.decode()
    planner.post("/planering/kortider/larda/", {"learned": "on"})
    assert 'value="off"' in planner.get(page).content.decode()
    planner.post("/planering/kortider/larda/", {"learned": "off"})
    setup = travel_setup(federation, timezone.localdate())
    assert not setup.teaches
    assert replace(setup, factors=[replace(setup.factors[0], factor=1.2)]).teaches


def test_a_doubtful_place_stands_first_with_the_way_to_mend_it(planner, technician, unit):
    builders.unit(unit.municipality, "Annan")
    CareUnit.objects.filter(pk=unit.pk).update(latitude=58.0, longitude=18.0, name="Öden")
    page = planner.get("/planering/kortider/")
    assert [row.unit.name for row in page.context["setup"].units] == ["Öden", "Annan"]
    assert f"/enheter/{unit.pk}/andra/" in page.content.decode()


def test_the_engine_is_asked_by_the_queue_and_its_fault_is_told(
    planner, technician, unit, settings, django_capture_on_commit_callbacks
):
    settings.JOBS_INLINE = True
    with routing_builders.engine() as engine:
        settings.OSRM_URL = engine.address
        engine.status = 503
        with django_capture_on_commit_callbacks(execute=True):
            planner.post("/planering/kortider/hamta/")
        assert planner.get("/planering/kortider/").context["fault"]
        engine.status = 200
        with django_capture_on_commit_callbacks(execute=True):
            planner.post("/planering/kortider/hamta/")
    page = planner.get("/planering/kortider/")
    assert page.context["fault"] == ""
    assert page.context["setup"].units[0].leg.source == "osrm"


def test_the_page_asks_no_more_for_more_units(planner, technician, unit, django_assert_num_queries):
    for size in (1, 20):
        for _number in range(size):
            builders.unit(unit.municipality)
        with django_assert_num_queries(11):
            planner.get("/planering/kortider/")


# --- The technician's drive ---------------------------------------------------------------------


def yesterday(unit, technician):
    visit = builders.visit(unit, technician)
    back = timedelta(days=2)
    Visit.objects.filter(pk=visit.pk).update(
        starts_at=visit.starts_at - back, ends_at=visit.ends_at - back
    )
    return visit


def test_the_technician_notes_the_drive_and_nobody_else(log_in, unit, technician):
    visit = yesterday(unit, technician)
    place = f"/besok/{visit.pk}/korning/"
    planner = log_in(builders.user("planner", within=unit.municipality.federation))
    assert planner.post(place, {"minutes": "30"}).status_code == 404
    colleague = builders.technician(unit.municipality.federation)
    assert log_in(colleague.user).post(place, {"minutes": "30"}).status_code == 404
    client = log_in(technician.user)
    assert f'action="{place}"' in client.get(f"/besok/{visit.pk}/").content.decode()
    assert client.post(place, {"minutes": "0"}).url == f"/besok/{visit.pk}/"
    assert Drive.objects.count() == 0
    client.post(place, {"minutes": "30"})
    assert Drive.objects.get().minutes == 30


def test_a_drive_to_a_visit_to_come_is_refused(log_in, unit, technician):
    visit = builders.visit(unit, technician)
    log_in(technician.user).post(f"/besok/{visit.pk}/korning/", {"minutes": "30"})
    assert Drive.objects.count() == 0
