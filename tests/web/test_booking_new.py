"""A care manager books one of the proposed times; nothing is booked that was not shown."""

import uuid
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from booking.domain.workdays import holiday_name, is_weekend
from booking.models import (
    Booking,
    ClosedDay,
    DaysOff,
    Kit,
    OpeningHours,
    Technician,
    Visit,
    WardMinimum,
)
from booking.services.bookings import book_people
from booking.services.visits import cancel_visit
from enrolment.audit.models import Entry
from enrolment.people.models import CardNeed, CareUnit, Rule, Staff
from tests import builders

pytestmark = pytest.mark.django_db
NEW = reverse("booking:new")


@pytest.fixture
def unit():
    made = builders.unit()
    builders.technician(made.municipality.federation)
    return made


@pytest.fixture
def manager(unit, log_in):
    return log_in(builders.user("care_manager", within=unit))


def needs_at(unit, count: int, days: int = 90) -> list[CardNeed]:
    due = timezone.localdate() + timedelta(days=days)
    return [builders.need(builders.staff(unit), due_on=due) for _ in range(count)]


def rule(unit, key: str, value: object) -> None:
    Rule.objects.create(
        federation=unit.municipality.federation,
        key=key,
        value=value,
        valid_from=timezone.localdate() - timedelta(days=1),
    )


def text(response) -> str:
    return response.content.decode()


def offers(response) -> list:
    found = response.context["found"]
    return found.offers if found else []


def asked(unit, needs, key: str = "", **more) -> dict:
    """Return what the page sends to be looked through; sent by POST it is booked."""
    return {
        "unit": unit.pk,
        "kind": "photo",
        "needs": [need.pk for need in needs],
        "stations": "1",
        "offer": key,
        "form_key": uuid.uuid4(),
        "step": "review",
    } | more


def booked(client, form: dict):
    """Book what has been looked through, and follow to where that leads."""
    return client.post(NEW, form, follow=True)


def times(client, unit, needs, **more):
    """Ask for the proposals alone, as the page does when a tick changes."""
    headers = {"HX-Request": "true", "HX-Target": "times"}
    typed = asked(unit, needs, **more)
    del typed["step"]
    return client.get(NEW, typed, headers=headers)


# --- The page to begin with ---------------------------------------------------------------------


def test_those_who_are_due_are_ticked_and_three_times_are_proposed(manager, unit):
    [soon] = needs_at(unit, 1)
    [later] = needs_at(unit, 1, days=300)
    response = manager.get(NEW)
    assert response.context["ticked"] == {str(soon.pk)}
    assert str(later.pk) in text(response)
    assert len({offer.parts[0].starts_at.date() for offer in offers(response)}) == 3
    assert response.context["chosen"] == offers(response)[0].key
    assert "Alla hinner få kort i tid." in text(response)


def test_a_protected_person_is_never_ticked_and_shown_to_a_handler_only(manager, unit):
    [need] = needs_at(unit, 1)
    Staff.objects.filter(pk=need.staff_id).update(protected=True, given_name="Hemlig")
    assert "Hemlig" not in text(manager.get(NEW))
    need.staff.handlers.add(manager.session["_auth_user_id"])
    response = manager.get(NEW)
    assert "Hemlig" in text(response)
    assert response.context["ticked"] == set()
    assert Entry.objects.filter(action="people.note_look").count() == 1


@pytest.mark.parametrize("whom", ["elsewhere", "nonsense"])
def test_a_unit_elsewhere_is_not_there(manager, whom):
    unit_id = builders.unit().pk if whom == "elsewhere" else "x"
    assert manager.get(NEW, {"unit": unit_id}).status_code == 404
    assert manager.post(NEW, {"unit": unit_id}).status_code == 404


def test_the_proposals_follow_what_is_ticked(manager, unit):
    rule(unit, "photo_slot_minutes", 10)
    needs = needs_at(unit, 3)
    part = times(manager, unit, needs[:2])
    assert text(part).strip().startswith('<div id="times"')
    [first, *_others] = offers(part)
    assert first.parts[0].ends_at - first.parts[0].starts_at == timedelta(minutes=20)
    assert "Kryssa för" in text(times(manager, unit, []))


def test_another_kind_brings_other_people(manager, unit):
    [waiting] = needs_at(unit, 1)
    [delivered] = needs_at(unit, 1)
    CardNeed.objects.filter(pk=delivered.pk).update(stage="delivered")
    headers = {"HX-Request": "true", "HX-Target": "rest"}
    part = manager.get(NEW, {"unit": unit.pk, "kind": "activation"}, headers=headers)
    assert str(waiting.pk) not in text(part)
    assert part.context["ticked"] == {str(delivered.pk)}
    assert "<html" not in text(part)


def test_a_planner_without_units_is_told_the_next_step(log_in):
    planner = builders.user("planner", within=builders.federation())
    assert reverse("people:units") in text(log_in(planner).get(NEW))


def test_a_standing_visit_with_free_times_is_told_with_a_link(manager, unit):
    needs_at(unit, 1)
    technician, neighbour = Technician.objects.get(), builders.unit(unit.municipality, "Ängen")
    room, full, guest = (
        builders.visit(at, technician, hours=1, slot_minutes=20, starts_at=later(hour))
        for at, hour in ((unit, 8), (unit, 10), (neighbour, 12))
    )
    book_people(actor=builders.user(), visit=full, needs=needs_at(unit, 2))
    guest.guest_units.add(unit)
    others = [
        builders.visit(neighbour, technician, starts_at=later(14)),
        builders.visit(unit, technician, kind="activation", starts_at=builders.tomorrow(8)),
        cancel_visit(
            actor=builders.user(),
            visit=builders.visit(unit, technician, starts_at=builders.tomorrow(12)),
        ),
    ]
    shown = manager.get(NEW)
    assert [(visit, visit.free) for visit in shown.context["standing"]] == [(room, 2), (guest, 2)]
    found = [reverse("booking:visit", args=[each.pk]) in text(shown) for each in (room, guest)]
    missing = [reverse("booking:visit", args=[each.pk]) in text(shown) for each in [full, *others]]
    assert all(found)
    assert not any(missing)


def queries_of(client) -> int:
    with CaptureQueriesContext(connection) as made:
        client.get(NEW)
    return len(made)


def test_the_page_costs_the_same_for_one_person_and_for_twenty(manager, unit):
    needs_at(unit, 1)
    builders.visit(unit, Technician.objects.get(), hours=1, starts_at=later(8))
    cost = queries_of(manager)
    needs_at(unit, 19)
    for hour in range(9, 15):
        builders.visit(unit, Technician.objects.get(), hours=1, starts_at=later(hour))
    assert queries_of(manager) == cost <= 55


def later(hour: int):
    return builders.tomorrow(hour) + timedelta(days=7)


# --- What each time says ------------------------------------------------------------------------


def test_what_is_saved_stands_beside_its_assumption(manager, unit):
    CareUnit.objects.filter(pk=unit.pk).update(km_to_office=54, km_to_base=0)
    page = text(manager.get(NEW)) if needs_at(unit, 12) else ""
    assert "Sparar 1\xa0296 km" in page
    assert "54 km" in page


def test_a_day_in_the_same_house_goes_first_and_says_so(manager, unit):
    CareUnit.objects.filter(pk=unit.pk).update(latitude=58.1886, longitude=12.7192)
    unit.refresh_from_db()
    neighbour = builders.unit(unit.municipality, "Granliden")
    CareUnit.objects.filter(pk=neighbour.pk).update(latitude=58.1886, longitude=12.7192)
    neighbour.refresh_from_db()
    standing = builders.visit(neighbour, Technician.objects.get(), hours=1, starts_at=weekday(12))
    needs_at(unit, 2)
    response = manager.get(NEW)
    part = offers(response)[0].parts[0]
    assert timezone.localdate(part.starts_at) == timezone.localdate(standing.starts_at)
    assert "Samma dag som Granliden i samma hus." in text(response)


def weekday(days: int) -> datetime:
    """Return nine o'clock on a working day some days ahead: no weekend, no holiday."""
    moment = builders.tomorrow(9) + timedelta(days=days)
    while is_weekend(moment.date()) or holiday_name(moment.date()):
        moment += timedelta(days=1)
    return moment


def test_people_who_would_be_late_are_counted(manager, unit):
    needs_at(unit, 2, days=10)
    assert "2 personer kommer efter sin sista dag" in text(manager.get(NEW))


# --- What the visit is for, and the way on -------------------------------------------------------


@pytest.mark.parametrize(("waits", "kind"), [("needs_card", "photo"), ("delivered", "activation")])
def test_the_visit_is_for_what_somebody_waits_for(manager, unit, waits, kind):
    arrived, waiting = builders.need(builders.staff(unit)), builders.need(builders.staff(unit))
    CardNeed.objects.filter(pk=arrived.pk).update(stage="delivered")
    CardNeed.objects.filter(pk=waiting.pk).update(stage=waits)
    assert manager.get(NEW).context["form"]["kind"].value() == kind
    asked_for = manager.get(NEW, {"kind": "photo"}).context["form"]["kind"].value()
    assert asked_for == "photo"


def test_there_is_no_way_on_without_a_proposed_time(manager, unit):
    needs = needs_at(unit, 1)
    assert 'class="btn btn-primary" name="step"' in text(times(manager, unit, needs))
    no_technician(unit)
    answer = times(manager, unit, needs)
    assert offers(answer) == []
    assert 'class="btn btn-primary" name="step"' not in text(answer)


# --- Wishes -------------------------------------------------------------------------------------


def test_other_days_and_hours_are_kept_to(manager, unit):
    needs = needs_at(unit, 1)
    first = timezone.localdate() + timedelta(days=30)
    wish = {"from_day": first.isoformat(), "weekdays": ["1", "3"], "half": "afternoon"}
    for offer in offers(times(manager, unit, needs, **wish)):
        starts_at = timezone.localtime(offer.parts[0].starts_at)
        assert starts_at.date() >= first
        assert starts_at.weekday() in (1, 3)
        assert starts_at.hour >= 12


def test_a_last_day_before_the_first_is_pointed_out(manager, unit):
    needs = needs_at(unit, 1)
    days = {"from_day": "2027-03-02", "until_day": "2027-03-01"}
    page = text(manager.get(NEW, asked(unit, needs, **days)))
    assert "Välj en sista dag som inte ligger före den första." in page


@pytest.mark.parametrize(
    ("name", "value"),
    [("until_day", "backwards"), ("until_day", "passed"), ("stations", "99"), ("stations", "")],
)
def test_a_wish_that_cannot_be_is_told_where_the_times_would_stand(manager, unit, name, value):
    today = timezone.localdate()
    days = {"backwards": today + timedelta(days=9), "passed": today - timedelta(days=9)}
    wish = {"from_day": today + timedelta(days=10)} if value == "backwards" else {}
    told = wish | {name: days.get(value, value)}
    answer = times(manager, unit, needs_at(unit, 1), **told)
    [wrong] = answer.context["wrong"]
    assert wrong.startswith(str(answer.context["form"][name].label))
    assert wrong in text(answer)
    assert answer.context["found"] is None


def test_a_last_day_that_has_passed_is_not_the_units_closed_day(manager, unit):
    today = timezone.localdate()
    answer = times(manager, unit, needs_at(unit, 1), until_day=today.isoformat())
    assert "Enheten tar inte emot besök" not in text(answer)
    later = (today + timedelta(days=60)).isoformat()
    assert offers(times(manager, unit, needs_at(unit, 1), until_day=later))


# --- Why there is no time -----------------------------------------------------------------------


def no_technician(unit):
    today = timezone.localdate()
    DaysOff.objects.create(
        technician=Technician.objects.get(), first_day=today, last_day=today + timedelta(days=400)
    )


def no_open_day(unit):
    rule(unit, "opens", "16:00")


def no_kit(unit):
    Kit.objects.create(federation=unit.municipality.federation, name="Väska", kinds=["activation"])


def too_long(unit):
    rule(unit, "photo_slot_minutes", 400)
    OpeningHours.objects.create(unit=unit, weekday=0, opens="08:00", closes="12:00")


@pytest.mark.parametrize(
    ("hinder", "sentence"),
    [
        (no_technician, "Ingen tekniker arbetar de dagarna"),
        (no_open_day, "Enheten tar inte emot besök de dagarna"),
        (no_kit, "All utrustning är på andra besök"),
        (too_long, "Besöket är längre än en dag rymmer"),
    ],
)
def test_without_a_time_the_page_says_why_and_what_to_do(manager, unit, hinder, sentence):
    needs_at(unit, 2)
    hinder(unit)
    response = manager.get(NEW)
    assert offers(response) == []
    assert sentence in text(response)
    assert reverse("booking:new_by_hand") in text(response)


def test_a_closed_day_is_not_proposed(manager, unit):
    needs_at(unit, 1)
    first = offers(manager.get(NEW))[0].parts[0].starts_at
    day = timezone.localdate(first)
    ClosedDay.objects.create(federation=unit.municipality.federation, unit=unit, day=day)
    again = offers(manager.get(NEW))[0].parts[0].starts_at
    assert timezone.localdate(again) > day


# --- Look through and confirm -------------------------------------------------------------------


def first_key(client, unit, needs, **more) -> str:
    return offers(times(client, unit, needs, **more))[0].key


def test_the_review_shows_who_comes_when_and_books_nothing(manager, unit):
    needs = needs_at(unit, 2)
    builders.need(builders.staff(unit, email=""))
    key = first_key(manager, unit, needs)
    page = text(manager.get(NEW, asked(unit, CardNeed.objects.all(), key)))
    assert needs[0].staff.name in page
    assert "Dig" in page
    assert Visit.objects.count() == Booking.objects.count() == 0
    assert not Entry.objects.filter(action="booking.open_visit").exists()


def test_confirming_books_the_visit_as_it_was_shown(manager, unit):
    needs = needs_at(unit, 3)
    form = asked(unit, needs, first_key(manager, unit, needs))
    shown = manager.get(NEW, form).context["parts"][0]["preview"].times
    response = booked(manager, form)
    visit = Visit.objects.get()
    assert response.redirect_chain == [(reverse("booking:visit", args=[visit.pk]), 302)]
    given = visit.bookings.select_related("slot").order_by("slot__starts_at")
    assert [(each.need, each.slot.starts_at) for each in given] == [
        (need, slot.starts_at) for need, slot in shown
    ]
    assert visit.strike_until is None or visit.strike_until < visit.starts_at


def test_a_double_click_makes_one_visit(manager, unit):
    needs = needs_at(unit, 2)
    form = asked(unit, needs, first_key(manager, unit, needs))
    answers = {manager.post(NEW, form).headers["Location"] for _ in range(2)}
    assert answers == {reverse("booking:visit", args=[Visit.objects.get().pk])}
    assert Booking.objects.count() == 2


def test_a_time_somebody_took_meanwhile_brings_fresh_proposals(manager, unit):
    needs = needs_at(unit, 2)
    page = times(manager, unit, needs)
    part = offers(page)[0].parts[0]
    builders.visit(unit, part.technician, hours=1, starts_at=part.starts_at)
    for ask in (manager.get, partial(manager.post, follow=True)):
        response = ask(NEW, asked(unit, needs, offers(page)[0].key))
        assert "Någon har just tagit tiden" in text(response)
        assert offers(response)
        assert offers(response)[0].key != offers(page)[0].key
    assert Booking.objects.count() == 0


def test_a_time_that_still_stands_is_good_although_a_better_one_has_come(manager, unit):
    needs = needs_at(unit, 2)
    last = offers(times(manager, unit, needs))[-1]
    for days in (14, 21, 28):
        builders.visit(unit, Technician.objects.get(), hours=1, starts_at=weekday(days))
    assert last.key not in {offer.key for offer in offers(times(manager, unit, needs))}
    manager.post(NEW, asked(unit, needs, last.key))
    assert Booking.objects.count() == 2


@pytest.mark.parametrize(
    "key", ["", "x", "1|x", "1|2027-02-01", "999999|2027-02-01T09:00:00+00:00"]
)
def test_a_made_up_proposal_books_nothing(manager, unit, key):
    response = booked(manager, asked(unit, needs_at(unit, 1), key))
    assert "error-summary" in text(response)
    assert Visit.objects.count() == 0


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_ticked_is_pointed_out(manager, unit, method):
    send = partial(getattr(manager, method), follow=True)
    response = send(NEW, asked(unit, []))
    assert response.context["form"].errors["needs"] == ["Välj minst en person."]


@pytest.mark.parametrize("whom", ["another unit", "elsewhere", "nonsense"])
def test_a_person_who_is_not_at_the_unit(manager, unit, whom):
    strangers = {
        "another unit": needs_at(builders.unit(unit.municipality), 1)[0].pk,
        "elsewhere": builders.need().pk,
        "nonsense": "x",
    }
    response = booked(manager, asked(unit, []) | {"needs": [strangers[whom]]})
    assert response.context["form"].errors["needs"] == [
        "Någon du valde arbetar inte på enheten. Välj igen."
    ]
    assert Visit.objects.count() == 0


def test_a_person_who_got_a_time_meanwhile(manager, unit):
    needs = needs_at(unit, 2)
    key = first_key(manager, unit, needs)
    other = builders.visit(unit, builders.technician(unit.municipality.federation))
    book_people(actor=other.booked_by, visit=other, needs=needs[:1])
    response = booked(manager, asked(unit, needs, key))
    [error] = response.context["form"].errors["needs"]
    assert error.startswith("Någon av dem du valde har redan en tid.")
    assert Visit.objects.count() == 1


def test_going_back_keeps_what_was_chosen(manager, unit):
    needs = needs_at(unit, 3)
    key = offers(times(manager, unit, needs[:1]))[1].key
    response = manager.get(NEW, asked(unit, needs[:1], key, step="change"))
    assert response.context["ticked"] == {str(needs[0].pk)}
    assert response.context["chosen"] == key
    assert Visit.objects.count() == 0


def test_what_changed_meanwhile_is_told_above_the_look_through(manager, unit):
    needs = needs_at(unit, 1)
    form = asked(unit, needs, first_key(manager, unit, needs))
    no_technician(unit)
    assert "Något har ändrats" not in text(manager.get(NEW, form))
    assert "Något har ändrats sedan du tittade igenom." in text(booked(manager, form))


def test_the_look_through_reloaded_once_it_is_booked_leads_to_the_visit(manager, unit):
    needs = needs_at(unit, 1)
    form = asked(unit, needs, first_key(manager, unit, needs))
    booked(manager, form)
    visit = reverse("booking:visit", args=[Visit.objects.get().pk])
    assert manager.get(NEW, form).headers["Location"] == visit


def test_a_change_of_mind_after_booking_is_another_booking(manager, unit):
    [first, second] = needs_at(unit, 2)
    form = asked(unit, [first], first_key(manager, unit, [first]))
    address = manager.get(NEW, form).context["change_url"]
    booked(manager, form)
    key = manager.get(address).context["form"]["form_key"].value()
    booked(manager, asked(unit, [second], first_key(manager, unit, [second]), form_key=key))
    assert Booking.objects.filter(need=second).exists()


# --- The ward stays staffed ---------------------------------------------------------------------


def lengths(response) -> set[timedelta]:
    return {part.ends_at - part.starts_at for each in offers(response) for part in each.parts}


def test_a_ward_that_needs_more_time_gets_longer_proposals_and_then_it_goes(manager, unit):
    rule(unit, "walking_minutes", 3)
    needs = needs_at(unit, 4)
    WardMinimum.objects.create(unit=unit, least=3, starts="00:00", ends="23:59")
    page = times(manager, unit, needs)
    refused = manager.get(NEW, asked(unit, needs, offers(page)[0].key))
    assert "De nya förslagen är längre, så att det går." in text(refused)
    assert min(lengths(refused)) > max(lengths(page))
    spare = refused.context["form"]["spare"].value()
    form = asked(unit, needs, offers(refused)[0].key, spare=spare)
    manager.post(NEW, form)
    assert Visit.objects.get().bookings.count() == 4


def test_a_ward_that_nobody_can_leave_is_told_so(manager, unit):
    needs = needs_at(unit, 2)
    WardMinimum.objects.create(unit=unit, least=2, starts="00:00", ends="23:59")
    response = manager.get(NEW, asked(unit, needs, first_key(manager, unit, needs)))
    assert "error-summary" in text(response)
    assert "De nya förslagen är längre" not in text(response)
    assert Visit.objects.count() == 0


# --- A big unit, and one house ------------------------------------------------------------------


def test_more_people_than_the_rule_are_shared_over_two_visits_by_urgency(manager, unit):
    rule(unit, "people_at_most", 2)
    late, soon = needs_at(unit, 2, days=100), needs_at(unit, 2, days=60)
    needs = [*late, *soon]
    form = asked(unit, needs, first_key(manager, unit, needs))
    [first, second] = offers(times(manager, unit, needs))[0].parts
    assert [set(first.needs), set(second.needs)] == [set(soon), set(late)]
    manager.post(NEW, form)
    assert [visit.bookings.count() for visit in Visit.objects.all()] == [2, 2]
    manager.post(NEW, form)
    assert Visit.objects.count() == 2


def test_people_can_be_shared_by_choice(manager, unit):
    needs = needs_at(unit, 3)
    assert len(offers(times(manager, unit, needs))[0].parts) == 1
    assert len(offers(times(manager, unit, needs, split="on"))[0].parts) == 2


def test_units_in_one_house_share_a_visit(unit, log_in):
    house = builders.unit(unit.municipality, "Granliden")
    street = builders.unit(unit.municipality, "Åsen")
    CareUnit.objects.filter(pk=street.pk).update(street="Andra gatan 2")
    planner = log_in(builders.user("planner", within=unit.municipality))
    own, theirs = needs_at(unit, 1), needs_at(house, 1)
    page = planner.get(NEW, {"unit": unit.pk})
    assert page.context["neighbours"] == [house]
    assert str(theirs[0].pk) not in text(page)
    headers = {"HX-Request": "true", "HX-Target": "rest"}
    shared = planner.get(NEW, {"unit": unit.pk, "guests": house.pk}, headers=headers)
    assert shared.context["ticked"] == {str(own[0].pk), str(theirs[0].pk)}
    both, guests = [*own, *theirs], {"guests": house.pk}
    key = first_key(planner, unit, both, **guests)
    planner.post(NEW, asked(unit, both, key, **guests))
    visit = Visit.objects.get()
    assert list(visit.guest_units.all()) == [house]
    assert visit.bookings.count() == 2


def test_a_unit_one_may_not_book_for_is_no_guest(manager, unit):
    house = builders.unit(unit.municipality, "Granliden")
    assert manager.get(NEW).context["neighbours"] == []
    needs = needs_at(unit, 1)
    form = asked(unit, needs, first_key(manager, unit, needs), guests=house.pk)
    assert booked(manager, form).context["form"].errors["guests"]
    assert Visit.objects.count() == 0
