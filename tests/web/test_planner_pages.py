"""The planner's pages: plan rounds, look, move, decide; the week as it stands; plan it anew."""

import re
import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from booking.models import RoundPlan, Visit
from booking.queries.round_days import PlanRead
from booking.queries.round_moves import places_for
from booking.services.visits import cancel_visit
from enrolment.desk.templatetags.house import local_time
from tests import builders, planner_builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def federation():
    return planner_builders.federation(technicians=2)


@pytest.fixture
def planner(federation):
    return planner_builders.planner(federation)


@pytest.fixture
def plan(federation, planner):
    for town in ("Skara", "Vara"):
        planner_builders.unit(federation, town)
    return planner_builders.drafted(federation, planner)


def standing_at_nine(federation, town, hours=0):
    """Make a visit that stands on the first day, so many hours after nine."""
    monday, _friday = planner_builders.weekdays()
    return builders.visit(
        planner_builders.unit(federation, town, people=0),
        planner_builders.technician(federation),
        hours=1,
        starts_at=planner_builders.at_nine(monday) + timedelta(hours=hours),
    )


def typed(**more):
    first_day, last_day = planner_builders.weekdays()
    return {
        "first_day": first_day.isoformat(),
        "last_day": last_day.isoformat(),
        "seconds": "5",
        "form_key": str(uuid.uuid4()),
        **more,
    }


def page(client, name, *args, **query):
    answer = client.get(reverse(f"booking:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


# --- Who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["care_manager", "technician", "id_administrator"])
@pytest.mark.parametrize("name", ["rounds", "replan", "round_week"])
def test_others_do_not_plan(role, name, federation, log_in):
    user = builders.user(role, within=federation)
    assert log_in(user).get(reverse(f"booking:{name}")).status_code == 404


def test_a_planner_of_one_municipality_does_not_plan_for_all(federation, log_in):
    user = builders.user("planner", within=federation.municipalities.first())
    assert log_in(user).get(reverse("booking:rounds")).status_code == 404


def test_another_federations_plan_is_not_there(plan, log_in):
    client = log_in(planner_builders.planner(planner_builders.federation()))
    assert client.get(reverse("booking:round_plan", args=[plan.pk])).status_code == 404
    assert client.post(reverse("booking:accept_round_plan", args=[plan.pk])).status_code == 404
    assert not Visit.objects.exists()


# --- Ask ----------------------------------------------------------------------------------------


def test_the_form_asks_for_a_plan_and_shows_its_progress(federation, planner, log_in):
    planner_builders.unit(federation)
    client = log_in(planner)
    answer = client.post(reverse("booking:rounds"), typed())
    plan = RoundPlan.objects.get()
    assert answer["Location"] == reverse("booking:round_plan", args=[plan.pk])
    shown = page(client, "round_plan", plan.pk)
    assert reverse("booking:round_progress", args=[plan.pk]) in shown
    assert 'hx-trigger="every 1s"' in shown
    RoundPlan.objects.update(
        status="running", progress=[{"seconds": 1.0, "objective": 9, "placed": 1}]
    )
    assert "1 av 1 besök har plats" in page(client, "round_progress", plan.pk)


def test_the_progress_counts_the_visits_to_come_alone(federation, planner, log_in):
    standing_at_nine(federation, "Vara")
    planner_builders.unit(federation, "Skara")
    asked = planner_builders.asked(federation, planner)
    RoundPlan.objects.update(
        status="running", progress=[{"seconds": 1.0, "objective": 9, "placed": 1}]
    )
    assert "1 av 1 besök har plats" in page(log_in(planner), "round_progress", asked.pk)
    worked_out = planner_builders.ready(federation, planner)
    assert [step["placed"] for step in worked_out.progress][-1] == 1


def test_a_form_is_shown_only_when_there_is_something_to_plan(federation, planner, log_in):
    client = log_in(planner)
    assert 'name="seconds"' not in page(client, "rounds")
    planner_builders.unit(federation)
    assert 'name="seconds"' in page(client, "rounds")


def test_the_page_reloads_once_the_plan_is_there(plan, planner, log_in):
    answer = log_in(planner).get(reverse("booking:round_progress", args=[plan.pk]))
    assert answer["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"last_day": "2026-01-01"}, "inte ligger före den första"),
        ({"last_day": (timezone.localdate() + timedelta(days=100)).isoformat()}, "högst 10 veckor"),
        ({"first_day": "2026-01-01"}, "Välj en dag som inte har börjat"),
        ({"first_day": ""}, "obligatoriskt|Fyll i|måste"),
        ({"seconds": "3600"}, "giltigt|Välj"),
    ],
)
def test_bad_input_is_said_at_its_field(wrong, said, federation, planner, log_in):
    planner_builders.unit(federation)
    answer = log_in(planner).post(reverse("booking:rounds"), typed(**wrong))
    content = answer.content.decode()
    assert re.search(f"errorlist[^§]*({said})", content)
    assert not RoundPlan.objects.exists()


def test_without_technicians_the_page_says_what_to_do(federation, planner, log_in):
    planner_builders.unit(federation)
    for technician in federation.technicians.all():
        technician.user.memberships.all().delete()
    content = log_in(planner).post(reverse("booking:rounds"), typed()).content.decode()
    assert "Ingen tekniker arbetar de dagarna" in content


def test_without_needs_the_page_says_so(planner, log_in):
    client = log_in(planner)
    assert "Inget besök att planera" in page(client, "rounds")
    content = client.post(reverse("booking:rounds"), typed()).content.decode()
    assert "Ingen enhet behöver besök nu" in content


def test_stopping_asks_the_worker_to_stop(federation, planner, log_in):
    planner_builders.unit(federation)
    plan = planner_builders.asked(federation, planner)
    client = log_in(planner)
    client.post(reverse("booking:stop_round_plan", args=[plan.pk]))
    plan.refresh_from_db()
    assert plan.cancel_asked
    shown = page(client, "round_plan", plan.pk)
    assert "Planeringen stoppas" in shown
    assert "Stoppa och behåll" not in shown


# --- Look and decide ----------------------------------------------------------------------------


def test_the_plan_shows_days_stops_and_maps_but_no_names(federation, planner, plan, log_in):
    shown = page(log_in(planner), "round_plan", plan.pk)
    assert "2 nya besök" in shown
    assert "Skaragården" in shown
    assert "Lämnar Lidköping kl." in shown
    assert shown.count('<svg viewBox="0 0 320') >= 1
    assert "Öberg" not in shown


def test_booking_all_makes_the_visits(planner, plan, log_in):
    client = log_in(planner)
    client.post(reverse("booking:accept_round_plan", args=[plan.pk]), {"which": "all"})
    assert Visit.objects.count() == 2
    shown = page(client, "round_plan", plan.pk)
    assert "2 besök är bokade" in shown
    assert "Boka alla" not in shown


def test_booking_ticked_stops_or_days_makes_those(planner, plan, log_in):
    client, address = log_in(planner), reverse("booking:accept_round_plan", args=[plan.pk])
    day = PlanRead(plan).days[0]
    client.post(address, {"which": "chosen", "stops": [day.stops[0].key, "photo:gone:1"]})
    assert Visit.objects.count() == 1
    client.post(address, {"which": "chosen", "days": [day.key, "0:2020-01-01"]})
    assert Visit.objects.count() == len(day.stops)


def test_nothing_ticked_is_said(planner, plan, log_in):
    client = log_in(planner)
    address = reverse("booking:accept_round_plan", args=[plan.pk])
    content = client.post(address, {"which": "chosen"}, follow=True).content.decode()
    assert "Kryssa för minst ett besök" in content
    assert not Visit.objects.exists()


def test_a_clash_is_told_by_unit_and_reason(federation, planner, plan, log_in):
    day = PlanRead(plan).days[0]
    elsewhere = builders.unit(federation.municipalities.first(), "Emellan")
    builders.visit(elsewhere, day.technician, hours=1, starts_at=day.stops[0].begins)
    address = reverse("booking:accept_round_plan", args=[plan.pk])
    content = log_in(planner).post(address, {"which": "all"}, follow=True).content.decode()
    assert f"{day.stops[0].unit.name} bokades inte" in content


def test_a_plan_is_thrown_away(planner, plan, log_in):
    client = log_in(planner)
    address = reverse("booking:discard_round_plan", args=[plan.pk])
    assert "Inget bokades" in client.post(address, follow=True).content.decode()
    assert "Kastad" in page(client, "rounds")


def test_the_queries_of_the_plan_do_not_grow_with_its_stops(federation, planner, log_in):
    client = log_in(planner)

    def queries() -> int:
        plan = planner_builders.drafted(federation, planner)
        with CaptureQueriesContext(connection) as found:
            page(client, "round_plan", plan.pk)
        return len(found)

    planner_builders.unit(federation)
    before = queries()
    for town in ("Vara", "Götene", "Nossebro"):
        planner_builders.unit(federation, town)
    assert queries() == before


def test_a_visit_that_stands_but_cannot_be_reached_is_shown_with_its_time(
    federation, planner, log_in
):
    standing_at_nine(federation, "Vara")
    late = standing_at_nine(federation, "Skara", hours=1)
    planner_builders.unit(federation, "Götene")
    shown = page(log_in(planner), "round_plan", planner_builders.ready(federation, planner).pk)
    assert reverse("booking:visit", args=[late.pk]) in shown
    assert local_time(late.starts_at) in shown


def test_the_heading_of_a_plan_taken_in_part_counts_what_is_left(plan, planner, log_in):
    client, address = log_in(planner), reverse("booking:round_plan", args=[plan.pk])
    before = client.get(address).context
    assert (before["open"], before["booked"]) == (True, 0)
    told = {"which": "chosen", "stops": [PlanRead(plan).open_stops[0].key]}
    client.post(reverse("booking:accept_round_plan", args=[plan.pk]), told)
    after = client.get(address).context
    assert (after["open"], after["booked"]) == (True, 1)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 11, 23), date(2026, 11, 29), "23–29 november 2026"),
        (date(2026, 11, 30), date(2026, 12, 6), "30 november–6 december 2026"),
        (date(2026, 12, 28), date(2027, 1, 3), "28 december 2026–3 januari 2027"),
        (date(2026, 11, 30), date(2026, 11, 30), "30 november 2026"),
    ],
)
def test_days_are_written_without_saying_anything_twice(first, last, said):
    shown = render_to_string("booking/rounds/span.html", {"first": first, "last": last})
    assert shown.strip() == said


# --- Move ---------------------------------------------------------------------------------------


def test_every_place_is_listed_with_its_cost_and_one_click_moves(planner, plan, log_in):
    client, key = log_in(planner), PlanRead(plan).days[0].stops[0].key
    shown = page(client, "move_round_stop", plan.pk, stop=key)
    assert re.search(r"\d+ min körning, en teknikerdag till", shown)
    place = places_for(plan, key).places[-1]
    told = {"stop": key, "vehicle": place.vehicle, "seen": place.cost}
    address = reverse("booking:move_round_stop", args=[plan.pk])
    assert "Besöket är flyttat" in client.post(address, told, follow=True).content.decode()
    again = client.post(address, told, follow=True).content.decode()
    assert "Planen har ändrats" in again or "ryms inte där" in again


def test_the_places_alone_are_fetched_for_a_stop_that_is_dragged(planner, plan, log_in):
    key = PlanRead(plan).days[0].stops[0].key
    address = reverse("booking:move_round_stop", args=[plan.pk])
    answer = log_in(planner).get(address, {"stop": key}, headers={"HX-Request": "true"})
    content = answer.content.decode()
    assert "<html" not in content
    assert content.count("data-vehicle") == len(places_for(plan, key).places)


@pytest.mark.parametrize("stop", ["", "photo:nowhere:1"])
def test_a_stop_that_is_not_there_is_not_found(stop, planner, plan, log_in):
    address = reverse("booking:move_round_stop", args=[plan.pk])
    assert log_in(planner).get(address, {"stop": stop}).status_code == 404
    assert log_in(planner).post(address, {"stop": stop}).status_code == 404


# --- The week, and planning it anew -------------------------------------------------------------


def week_of(day) -> str:
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02}"


def test_the_week_shows_standing_visits_and_no_protected_person(federation, planner, log_in):
    monday, _friday = planner_builders.weekdays()
    unit = planner_builders.unit(federation, "Vara", people=0)
    visit = builders.visit(
        unit,
        planner_builders.technician(federation),
        hours=1,
        starts_at=planner_builders.at_nine(monday),
    )
    shown = page(log_in(planner), "round_week", vecka=week_of(monday))
    assert "Varagården" in shown
    assert "09.00–10.00" in shown
    assert reverse("booking:visit", args=[visit.pk]) in shown
    assert f"Vecka {monday.isocalendar().week}: ett besök" in shown


def test_an_empty_week_leads_to_the_next_visit(federation, planner, log_in):
    client, (monday, _friday) = log_in(planner), planner_builders.weekdays()
    empty = week_of(monday - timedelta(days=7))
    assert reverse("booking:rounds") in emptied(page(client, "round_week", vecka=empty))
    unit = planner_builders.unit(federation, "Vara", people=0)
    technician = planner_builders.technician(federation)
    starts_at = planner_builders.at_nine(monday)
    visit = builders.visit(unit, technician, hours=1, starts_at=starts_at)
    assert f"?vecka={week_of(monday)}" in emptied(page(client, "round_week", vecka=empty))
    later = week_of(monday + timedelta(days=7))
    assert week_of(monday) not in emptied(page(client, "round_week", vecka=later))
    cancel_visit(actor=builders.user(), visit=visit)
    assert week_of(monday) not in emptied(page(client, "round_week", vecka=empty))


def emptied(content: str) -> str:
    return content.partition('<div class="empty">')[2].partition("</div>")[0]


@pytest.mark.parametrize("week", ["", "2026-W99", "nu", "9999-W53"])
def test_a_week_that_is_none_is_this_week(week, planner, log_in):
    number = timezone.localdate().isocalendar().week
    assert f"Vecka {number}: inga besök" in page(log_in(planner), "round_week", vecka=week)


def test_the_queries_of_the_week_do_not_grow_with_visits(federation, planner, log_in):
    client = log_in(planner)
    monday, _friday = planner_builders.weekdays()

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            page(client, "round_week", vecka=week_of(monday))
        return len(found)

    def visit(town: str, day: int) -> None:
        unit = planner_builders.unit(federation, town, people=0)
        starts_at = planner_builders.at_nine(monday + timedelta(days=day))
        builders.visit(unit, planner_builders.technician(federation), hours=1, starts_at=starts_at)

    visit("Vara", 0)
    before = queries()
    for day, town in enumerate(("Skara", "Götene", "Nossebro"), 1):
        visit(town, day)
    assert queries() == before


def test_a_week_is_planned_anew_and_shown_before_anything_is_done(federation, planner, log_in):
    monday, friday = planner_builders.weekdays()
    away, colleague = federation.technicians.order_by("pk")
    unit = planner_builders.unit(federation, "Vara", people=0)
    visit = builders.visit(unit, away, hours=1, starts_at=planner_builders.at_nine(monday))
    client = log_in(planner)
    told = {
        "event": "away",
        "technician": away.pk,
        "first_day": monday.isoformat(),
        "last_day": friday.isoformat(),
        "form_key": str(uuid.uuid4()),
    }
    shown = client.post(reverse("booking:replan"), told, follow=True).content.decode()
    assert "Ett besök får annan tid eller tekniker" in shown
    visit.refresh_from_db()
    assert visit.technician == away
    plan = RoundPlan.objects.get()
    client.post(reverse("booking:accept_replan", args=[plan.pk]))
    visit.refresh_from_db()
    assert (visit.technician, visit.starts_at) == (
        colleague,
        planner_builders.at_nine(monday),
    )


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"event": "away"}, "Välj vem som är borta"),
        ({"event": "slow"}, "Välj hur mycket längre"),
        ({"event": "closed"}, "Välj enheten som inte nås"),
        ({"event": "slow", "slower": "25"}, "Inget besök påverkas"),
    ],
)
def test_a_replan_says_what_is_missing(told, said, planner, log_in):
    monday, friday = planner_builders.weekdays()
    days = {"first_day": monday.isoformat(), "last_day": friday.isoformat()}
    told = told | days | {"form_key": str(uuid.uuid4())}
    content = log_in(planner).post(reverse("booking:replan"), told).content.decode()
    assert said in content
    assert not RoundPlan.objects.exists()
