"""A care manager chooses day and hour herself: fills in, looks through, confirms."""

import uuid
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from booking.domain.workdays import holiday_name
from booking.models import Booking, ClosedDay, Technician, Visit
from booking.services.bookings import book_people
from enrolment.audit.models import Entry
from enrolment.people.models import CardNeed, Rule, Staff
from tests import builders

pytestmark = pytest.mark.django_db
NEW = reverse("booking:new_by_hand")


@pytest.fixture
def unit():
    made = builders.unit()
    builders.technician(made.municipality.federation)
    return made


@pytest.fixture
def manager(unit, log_in):
    return log_in(builders.user("care_manager", within=unit))


def needs_at(unit, count: int, days: int = 30) -> list[CardNeed]:
    due = timezone.localdate() + timedelta(days=days)
    return [builders.need(builders.staff(unit), due_on=due) for _ in range(count)]


def typed(unit, needs=(), **more) -> dict:
    start = builders.tomorrow(10)
    return {
        "unit": unit.pk,
        "kind": "photo",
        "needs": [need.pk for need in needs],
        "day": start.date().isoformat(),
        "start": "10:00",
        "end": "",
        "stations": "1",
        "technician": Technician.objects.first().pk,
        "form_key": uuid.uuid4(),
        "step": "review",
    } | more


def text(response) -> str:
    return response.content.decode()


def offered(response) -> list[Technician]:
    return list(response.context["form"].fields["technician"].queryset)


def field_errors(response, name: str) -> list[str]:
    return response.context["form"].errors[name]


# --- The form to begin with ---------------------------------------------------------------------


def test_those_who_are_due_are_ticked(manager, unit):
    [soon] = needs_at(unit, 1)
    [later] = needs_at(unit, 1, days=300)
    response = manager.get(NEW)
    assert response.context["ticked"] == {str(soon.pk)}
    assert str(later.pk) in text(response)


def test_the_day_to_begin_with_is_one_on_which_a_technician_is_free(manager, unit):
    needs_at(unit, 1)
    usual = date.fromisoformat(manager.get(NEW).context["form"]["day"].value())
    start = timezone.make_aware(datetime.combine(usual, time(8)))
    builders.visit(unit, Technician.objects.get(), starts_at=start, hours=8)
    later = date.fromisoformat(manager.get(NEW).context["form"]["day"].value())
    assert usual < later <= usual + timedelta(days=3)
    assert later.weekday() < 5
    asked = manager.get(NEW, {"day": usual.isoformat()}).context["form"]["day"].value()
    assert asked == usual.isoformat()


def test_the_unit_asked_for_is_chosen(manager, unit, log_in):
    federation = unit.municipality.federation
    other = builders.unit(unit.municipality, name="Granliden")
    planner = log_in(builders.user("planner", within=federation))
    assert planner.get(NEW, {"unit": other.pk}).context["unit"] == other


def test_without_asking_the_unit_with_the_most_urgent_need_is_chosen(unit, log_in):
    other = builders.unit(unit.municipality, name="Granliden")
    needs_at(unit, 1, days=50)
    needs_at(other, 1, days=5)
    planner = log_in(builders.user("planner", within=unit.municipality.federation))
    assert planner.get(NEW).context["unit"] == other


@pytest.mark.parametrize("asked", ["elsewhere", "nonsense"])
def test_a_unit_elsewhere_is_not_there(manager, asked):
    unit_id = builders.unit().pk if asked == "elsewhere" else "x"
    assert manager.get(NEW, {"unit": unit_id}).status_code == 404
    assert manager.post(NEW, {"unit": unit_id}).status_code == 404


def test_the_end_follows_from_people_and_the_units_own_rule(manager, unit):
    needs_at(unit, 3)
    Rule.objects.create(
        federation=unit.municipality.federation,
        municipality=unit.municipality,
        key="photo_slot_minutes",
        value=10,
        valid_from=timezone.localdate(),
    )
    answer = text(manager.get(NEW, {"start": "10:00"}))
    assert "10.00–10.30" in answer


def test_the_plan_follows_what_is_ticked(manager, unit):
    needs = needs_at(unit, 3)
    asked = typed(unit, needs[:2])
    del asked["step"]
    part = text(manager.get(NEW, asked, headers={"HX-Request": "true", "HX-Target": "plan"}))
    assert part.strip().startswith('<div id="plan"')
    assert "10.00–10.10" in part


def test_another_kind_brings_other_people(manager, unit):
    [waiting] = needs_at(unit, 1)
    [delivered] = needs_at(unit, 1)
    CardNeed.objects.filter(pk=delivered.pk).update(stage="delivered")
    headers = {"HX-Request": "true", "HX-Target": "rest"}
    part = manager.get(NEW, {"unit": unit.pk, "kind": "activation"}, headers=headers)
    assert str(waiting.pk) not in text(part)
    assert part.context["ticked"] == {str(delivered.pk)}
    assert "<html" not in text(part)


def test_the_look_through_notes_a_protected_person(unit, manager):
    [need, _other] = needs = needs_at(unit, 2)
    Staff.objects.filter(pk=need.staff_id).update(protected=True)
    need.staff.handlers.add(manager.session["_auth_user_id"])
    page = text(manager.get(NEW, typed(unit, needs)))
    assert f"{need.staff.given_name} {need.staff.hsa_id}" in page
    [line] = Entry.objects.filter(action="people.note_look")
    assert line.subject == f"staff:{need.staff_id}"


def test_only_free_technicians_are_offered(manager, unit):
    busy = Technician.objects.get()
    free = builders.technician(unit.municipality.federation)
    builders.visit(unit, busy, starts_at=builders.tomorrow(10))
    asked = typed(unit, needs_at(unit, 1))
    del asked["step"]
    assert offered(manager.get(NEW, asked)) == [free]


def test_a_technician_who_lost_the_role_is_not_offered(manager, unit):
    lost = builders.technician(unit.municipality.federation)
    builders.give_role(lost.user, "technician", builders.federation())
    assert lost in offered(manager.get(NEW, {"unit": unit.pk}))
    lost.user.memberships.filter(federation=lost.federation).delete()
    assert lost not in offered(manager.get(NEW, {"unit": unit.pk}))
    builders.give_role(lost.user, "technician", builders.unit(unit.municipality))
    assert lost not in offered(manager.get(NEW, {"unit": unit.pk}))
    builders.give_role(lost.user, "technician", unit)
    assert lost in offered(manager.get(NEW, {"unit": unit.pk}))


def test_when_no_technician_is_free_the_page_says_what_to_do(manager, unit):
    builders.visit(unit, Technician.objects.get(), starts_at=builders.tomorrow(10))
    needs_at(unit, 1)
    asked = {"day": builders.tomorrow().date().isoformat(), "start": "10:30"}
    assert "Ingen tekniker är ledig då" in text(manager.get(NEW, asked))


def test_a_planner_without_units_is_told_the_next_step(log_in):
    planner = builders.user("planner", within=builders.federation())
    assert reverse("people:units") in text(log_in(planner).get(NEW))


def test_the_form_costs_the_same_for_one_person_and_for_twenty(manager, unit):
    needs_at(unit, 1)
    cost = queries_of(manager)
    needs_at(unit, 19)
    assert queries_of(manager) == cost <= 27


def queries_of(client) -> int:
    with CaptureQueriesContext(connection) as made:
        client.get(NEW)
    return len(made)


# --- Look through and confirm -------------------------------------------------------------------


def test_the_review_shows_who_comes_when_and_books_nothing(manager, unit):
    needs = needs_at(unit, 2)
    answer = text(manager.get(NEW, typed(unit, needs)))
    assert "kl. 10.00–10.10" in answer
    assert "10.04" in answer
    assert needs[0].staff.name in answer
    assert Visit.objects.count() == 0


@pytest.mark.parametrize(
    ("start", "pointed_out"),
    [("10:00", []), ("07:45", ["unit"]), ("06:00", ["unit", "technician"])],
)
def test_the_review_points_out_a_time_outside_the_hours(manager, unit, start, pointed_out):
    names = {"unit": unit.name, "technician": Technician.objects.get().user.name}
    asked = typed(unit, needs_at(unit, 1), day=weekday().isoformat(), start=start)
    answer = manager.get(NEW, asked)
    told = answer.context["off_hours"]
    assert [names[each] in line for each, line in zip(pointed_out, told, strict=True)] == [
        True for _ in pointed_out
    ]
    assert all(line in text(answer) for line in told)


def test_a_day_without_visits_is_pointed_out_and_may_be_meant(manager, unit):
    federation, day = unit.municipality.federation, weekday()
    ClosedDay.objects.create(federation=federation, unit=unit, day=day)
    asked = typed(unit, needs_at(unit, 1), day=day.isoformat())
    [told] = manager.get(NEW, asked).context["off_hours"]
    assert unit.name in told
    manager.post(NEW, asked)
    assert Visit.objects.count() == 1


def weekday() -> date:
    """Return a weekday to come that is no holiday."""
    first = timezone.localdate() + timedelta(days=7)
    ahead = (first + timedelta(days=number) for number in range(14))
    return next(day for day in ahead if day.weekday() < 5 and not holiday_name(day))


def test_the_review_says_whom_to_tell_in_person(manager, unit):
    builders.need(builders.staff(unit, email=""))
    answer = text(manager.get(NEW, typed(unit, CardNeed.objects.all())))
    assert "Dig" in answer


def test_confirming_books_and_goes_to_the_visit(manager, unit):
    needs = needs_at(unit, 2)
    response = manager.post(NEW, typed(unit, needs), follow=True)
    visit = Visit.objects.get()
    assert response.redirect_chain == [(reverse("booking:visit", args=[visit.pk]), 302)]
    assert "2 personer har fått en tid" in text(response)
    assert visit.ends_at - visit.starts_at == timedelta(minutes=10)
    assert Booking.objects.count() == 2


def test_a_double_click_makes_one_visit(manager, unit):
    asked = typed(unit, needs_at(unit, 2))
    answers = {manager.post(NEW, asked).headers["Location"] for _ in range(2)}
    assert answers == {reverse("booking:visit", args=[Visit.objects.get().pk])}
    assert Booking.objects.count() == 2


def test_a_later_end_leaves_times_to_spare(manager, unit):
    asked = typed(unit, needs_at(unit, 2), end="10:20")
    assert "3 lediga tider över" in text(manager.get(NEW, asked))
    manager.post(NEW, asked)
    assert Visit.objects.get().slots.count() == 5


def test_a_visit_may_be_booked_before_its_people_are_known(manager, unit):
    manager.post(NEW, typed(unit, end="11:00"))
    assert Visit.objects.get().slots.count() == 13
    assert Booking.objects.count() == 0


def test_going_back_keeps_what_was_typed(manager, unit):
    needs = needs_at(unit, 3)
    response = manager.get(NEW, typed(unit, needs[:1], start="14:15", step="change"))
    assert response.context["ticked"] == {str(needs[0].pk)}
    assert 'value="14:15"' in text(response)
    assert Visit.objects.count() == 0


def test_the_look_through_reloaded_once_it_is_booked_leads_to_the_visit(manager, unit):
    asked = typed(unit, needs_at(unit, 1))
    manager.post(NEW, asked)
    visit = reverse("booking:visit", args=[Visit.objects.get().pk])
    assert manager.get(NEW, asked).headers["Location"] == visit


# --- Refusals keep what was typed ---------------------------------------------------------------


def refused(manager, asked: dict, method: str = "get"):
    response = getattr(manager, method)(NEW, asked, follow=True)
    assert response.status_code == 200
    assert Visit.objects.filter(booked_by=manager.session["_auth_user_id"]).count() == 0
    assert "Error:" not in text(response)
    assert "error-summary" in text(response)
    return response


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_time_that_has_passed(manager, unit, method):
    needs = needs_at(unit, 1)
    response = refused(manager, typed(unit, needs, day="2026-01-05"), method)
    assert field_errors(response, "day") == ["Den tiden har varit. Välj en senare dag eller tid."]
    assert 'value="2026-01-05"' in text(response)
    assert response.context["ticked"] == {str(needs[0].pk)}


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_busy_technician(manager, unit, method):
    builders.visit(unit, Technician.objects.get(), starts_at=builders.tomorrow(10))
    response = refused(manager, typed(unit, needs_at(unit, 1)), method)
    [error] = field_errors(response, "technician")
    assert error.startswith("Teknikern har ett annat besök då.")


def test_a_visit_too_short_for_its_people(manager, unit):
    response = refused(manager, typed(unit, needs_at(unit, 4), end="10:10"))
    [error] = field_errors(response, "end")
    assert "plats för 2 personer och du valde 4" in error


@pytest.mark.parametrize("end", ["09:00", "10:00"])
def test_an_end_before_the_start(manager, unit, end):
    response = refused(manager, typed(unit, needs_at(unit, 1), end=end))
    assert field_errors(response, "end") == ["Välj en sluttid efter starttiden."]


def test_a_visit_over_midnight(manager, unit):
    response = refused(manager, typed(unit, needs_at(unit, 3), start="23:55"))
    assert field_errors(response, "end")


def test_nobody_and_no_end(manager, unit):
    response = refused(manager, typed(unit))
    assert field_errors(response, "needs")


@pytest.mark.parametrize("whom", ["unknown", "another unit", "nonsense", "elsewhere"])
def test_a_person_who_is_not_at_the_unit(manager, unit, whom):
    strangers = {
        "unknown": uuid.uuid4(),
        "another unit": needs_at(builders.unit(unit.municipality), 1)[0].pk,
        "elsewhere": builders.need().pk,
        "nonsense": "x",
    }
    response = refused(manager, typed(unit) | {"needs": [strangers[whom]]}, "post")
    assert field_errors(response, "needs") == ["Någon du valde arbetar inte på enheten. Välj igen."]


def test_a_person_who_got_a_time_meanwhile(manager, unit):
    needs = needs_at(unit, 2)
    other = builders.visit(unit, builders.technician(unit.municipality.federation))
    book_people(actor=other.booked_by, visit=other, needs=needs[:1])
    response = refused(manager, typed(unit, needs), "post")
    [error] = field_errors(response, "needs")
    assert error.startswith("Någon av dem du valde har redan en tid.")


def test_somebody_elses_technician(manager, unit):
    stranger = builders.technician()
    response = refused(manager, typed(unit, needs_at(unit, 1), technician=stranger.pk))
    assert field_errors(response, "technician")


def test_somebody_elses_form_key(manager, unit):
    taken = builders.visit(unit, builders.technician(unit.municipality.federation))
    asked = typed(unit, needs_at(unit, 1), form_key=taken.form_key)
    assert "Något har ändrats" in text(manager.post(NEW, asked, follow=True))
    assert Visit.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("day", "2027-02-31"),
        ("day", ""),
        ("day", "9999-12-31"),
        ("day", "0001-01-01"),
        ("start", "25:00"),
        ("start", ""),
        ("end", "x"),
        ("stations", "0"),
        ("stations", "1000000"),
        ("technician", "x"),
        ("form_key", "x"),
        ("kind", "x"),
    ],
)
def test_what_cannot_be_read_is_pointed_out(manager, unit, field, value):
    response = refused(manager, typed(unit, needs_at(unit, 1)) | {field: value})
    assert field_errors(response, field)
