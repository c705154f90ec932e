"""Every place where a protected person must not appear, to anybody but the handlers.

PLACES is the table: a place is a function that gives all that somebody without the right is shown
or sent there. Pages need no row: each page of tests/browser/pages.py is opened as the role it is
listed for, and each address that can be downloaded stands in DOWNLOADS.
"""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from booking import queries
from booking.domain.states import BookingStatus
from booking.models import Booking, OwnLink, RoundPlan, Visit, Waiting
from booking.queries import own_time, rounds
from booking.services.bookings import book_people, book_slot, cancel_booking, move_booking
from booking.services.feeds import calendar_of, feed_of, make_feed
from booking.services.own_links import own_way
from booking.services.refusals import ProtectedPerson
from booking.services.reminders import send_reminders
from booking.services.waitlist import join_waitlist
from enrolment.audit.models import Entry
from enrolment.cards.services.orders import open_orders
from enrolment.messages.models import Message
from enrolment.people.domain.stages import Reason, Stage
from enrolment.people.models import CardNeed, Shift, Staff, User
from enrolment.reports import documents, pdf
from tests import builders, card_builders
from tests.browser import pages

pytestmark = pytest.mark.django_db

GIVEN, FAMILY, EMAIL, PHONE = "Xerxes", "Hemligsson", "x.hemligsson@example.org", "070-1740605"
# Handlers are named, and a staff file is taken in, by HSA-id without a look at the person.
BY_HSA_ID = {"people:protected", "people:import_preview"}


@dataclass
class House:
    """A visit with a protected person in it, who has all that a person can have, and a manager."""

    visit: Visit
    person: Staff
    need: CardNeed
    booking: Booking
    manager: User
    waits: CardNeed = field(init=False)

    def __post_init__(self) -> None:
        other = protected(self.visit.unit, "W9")
        self.waits = urgent(other)
        shift = {"starts_at": self.visit.starts_at, "ends_at": self.visit.ends_at}
        for person in (self.person, other):
            Shift.objects.create(staff=person, **shift)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what tells who it is."""
        hsa_ids = Staff.objects.filter(family_name=FAMILY).values_list("hsa_id", flat=True)
        return (GIVEN, FAMILY, EMAIL, PHONE, *hsa_ids)


def protected(unit, local: str) -> Staff:
    return builders.staff(
        unit,
        GIVEN,
        FAMILY,
        hsa_id=builders.hsa_id(f"X7J9Q{local}{builders.number()}"),
        email=EMAIL,
        phone=PHONE,
        title="Sjuksköterska",
        protected=True,
    )


def urgent(person: Staff) -> CardNeed:
    return CardNeed.objects.create(
        staff=person, reason=Reason.NEW, due_on=timezone.localdate(), stage=Stage.NEEDS_CARD
    )


def house_at(visit: Visit) -> House:
    person = protected(visit.unit, "B2")
    need = urgent(person)
    [booking] = book_people(actor=visit.booked_by, visit=visit, needs=[need])
    return House(visit, person, need, booking, visit.booked_by)


@pytest.fixture
def house() -> House:
    return house_at(builders.visit(hours=1))


def leaks(house: House, shown: object, allowed: tuple[str, ...] = ()) -> list[str]:
    """Return the secrets that what was shown tells."""
    text = shown if isinstance(shown, str) else repr(shown)
    return [secret for secret in house.secrets if secret in text and secret not in allowed]


def text_of(content: bytes) -> str:
    if content.startswith(b"%PDF"):
        reader = PdfReader(io.BytesIO(content))
        return "\n".join(page.extract_text() for page in reader.pages)
    return content.decode(errors="replace")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


# --- Pages --------------------------------------------------------------------------------------


@pytest.mark.sqlite
def test_no_page_of_any_role_tells_who_it_is():
    """The handler alone is told, as the last lines show: the crawl can find a leak."""
    world, users = pages.world()
    house = house_at(Visit.objects.get(pk=world["visit"]))
    told = {}
    for role, listed in pages.PAGES.items():
        client = Client() if role == pages.NOBODY else client_of(users[role])
        for page in listed:
            answer = client.get(page.address(world))
            found = leaks(house, text_of(answer.content))
            if page.name in BY_HSA_ID:
                found = [secret for secret in found if not secret.startswith("SE")]
            if found:
                told[role, page.address(world)] = found
    assert told == {}
    manager = users["care_manager"]
    for person in Staff.objects.filter(family_name=FAMILY):
        person.handlers.add(manager)
    for name, needs in (("people:overview", ""), ("booking:visit", "visit")):
        answer = client_of(manager).get(pages.page(name, needs).address(world))
        assert GIVEN in answer.content.decode()
        assert FAMILY not in answer.content.decode()


DOWNLOADS = [
    "reports:poster_pdf",
    "reports:call_list_pdf",
    "reports:day_sheet_pdf",
    "reports:blank_form_pdf",
]


@pytest.mark.parametrize("name", DOWNLOADS)
def test_no_download_tells_who_it_is(house, name):
    for user in (house.manager, house.visit.technician.user):
        answer = client_of(user).get(reverse(name, args=[house.visit.pk]))
        assert answer.status_code == 200
        assert leaks(house, text_of(answer.content)) == []


@pytest.mark.parametrize("asked", [GIVEN, FAMILY, EMAIL, "X7J9QB2"])
def test_a_search_finds_nobody(house, asked):
    answer = client_of(house.manager).get(reverse("people:search"), {"q": asked})
    body = answer.content.decode().replace(asked, "")
    assert [secret for secret in house.secrets if secret in body] == []
    assert house.person.pk.hex not in body.replace("-", "")


def test_whoever_guesses_an_address_gets_404(house):
    client = client_of(house.manager)
    visit, booking = house.visit.pk, house.booking.pk
    slot = house.visit.slots.last().pk
    assert client.get(reverse("people:staff", args=[house.person.pk])).status_code == 404
    for name in ("booking:cancel_person", "booking:move", "booking:no_show"):
        assert client.post(reverse(name, args=[visit, booking]), {"slot": slot}).status_code == 404
    house.booking.refresh_from_db()
    assert house.booking.status == BookingStatus.BOOKED


# --- What is printed, sent and reckoned with --------------------------------------------------


def on_paper(house: House) -> object:
    papers = (documents.poster, documents.call_list, documents.day_sheet, documents.blank_form)
    made = [make(house.visit) for make in papers]
    return [made, *(text_of(pdf.render(paper)) for paper in made)]


def in_messages(house: House) -> object:
    """Book, move, cancel, remind: all that is otherwise told to a person, and to the others."""
    move_booking(actor=house.manager, booking=house.booking, slot=house.visit.slots.last())
    for before in (timedelta(days=3), timedelta(hours=23), timedelta(minutes=30)):
        send_reminders(now=house.visit.starts_at - before)
    house.booking.refresh_from_db()
    cancel_booking(actor=house.manager, booking=house.booking)
    assert not Message.objects.filter(key__contains=str(house.booking.pk)).exists()
    columns = ("recipient", "subject", "body", "calendar")
    return list(Message.objects.values_list(*columns)), mail.outbox


def in_feeds(house: House) -> object:
    federation = house.visit.unit.municipality.federation
    told = []
    for whose in ({"technician": house.visit.technician}, {"unit": house.visit.unit}):
        _feed, address = make_feed(actor=house.manager, federation=federation, **whose)
        feed = feed_of(address.rpartition("/")[2].removesuffix(".ics"))
        told.append(calendar_of(feed, timezone.now()))
    assert len(told) == 2
    return told


def in_own_ways(house: House) -> object:
    assert not OwnLink.objects.filter(need__staff__protected=True).exists()
    for need in (house.need, house.waits):
        with pytest.raises(ProtectedPerson):
            own_way(visit=house.visit, need=need)
    return own_time.slips(house.visit)


def in_the_waiting_list(house: House) -> object:
    with pytest.raises(ProtectedPerson):
        join_waitlist(actor=house.manager, visit=house.visit, need=house.waits)
    assert not Waiting.objects.exists()
    page = reverse("booking:waitlist", args=[house.visit.pk])
    return client_of(house.manager).get(page).content.decode()


def in_round_plans(house: House) -> object:
    federation = house.visit.unit.municipality.federation
    today = timezone.localdate()
    wishes = rounds.wishes(federation, today)
    assert str(house.waits.pk) not in repr(wishes)
    assert house.waits.pk not in {getattr(wish, "need", None) for wish in wishes}
    asked = rounds.build_instance(federation, today, today + timedelta(days=14))
    return wishes, asked, json.dumps(list(RoundPlan.objects.values("question", "answer")))


def among_those_picked_for_a_visit(house: House) -> object:
    needs = CardNeed.objects.select_related("staff").order_by("pk")
    picked = queries.due_needs(needs, "photo", timezone.localdate() + timedelta(days=365))
    assert house.waits not in picked
    page = reverse("booking:new", query={"unit": house.visit.unit_id})
    answer = client_of(house.manager).get(page).content.decode()
    assert str(house.waits.pk) not in answer
    return answer


def in_card_orders(house: House) -> object:
    issuer = card_builders.issuer(house.visit.unit.municipality.federation)
    house.need.stage = Stage.APPROVED
    house.need.save()
    return [str(order.need.staff) for order in open_orders(actor=house.manager, issuer=issuer)]


def in_the_log(house: House) -> object:
    cancel_booking(actor=house.manager, booking=house.booking)
    boss = builders.user("administrator", within=house.visit.unit.municipality.federation)
    lines = list(Entry.objects.values_list("actor", "action", "subject", "details"))
    assert lines
    client = client_of(boss)
    return [lines, *(client.get(reverse(each)).content for each in ("desk:log", "desk:log_file"))]


def in_counts_by_name_of_role(house: House) -> object:
    """The ward's picture counts people away; whose title it was would tell of a small unit."""
    page = reverse("booking:staffing", args=[house.visit.pk])
    return client_of(house.manager).get(page).content.decode()


PLACES: list[Callable[[House], object]] = [
    on_paper,
    in_messages,
    in_feeds,
    in_own_ways,
    in_the_waiting_list,
    in_round_plans,
    among_those_picked_for_a_visit,
    in_card_orders,
    in_the_log,
    in_counts_by_name_of_role,
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_nothing_in_this_place_tells_who_it_is(house, place):
    assert leaks(house, place(house)) == []


# --- The handler --------------------------------------------------------------------------------


def test_the_handler_books_by_hand_and_nobody_is_written_to(house):
    Staff.objects.get(pk=house.waits.staff_id).handlers.add(house.manager)
    client, slot = client_of(house.manager), house.visit.slots.last()
    form = {"slot": slot.pk, "need": house.waits.pk}
    answer = client.post(reverse("booking:book", args=[house.visit.pk]), form)
    assert answer.status_code == 302
    assert Booking.objects.get(need=house.waits).slot == slot
    assert not Message.objects.exists()
    assert Entry.objects.filter(subject=f"booking:{Booking.objects.get(need=house.waits).pk}")


def test_another_manager_cannot_book_the_person(house):
    client, slot = client_of(house.manager), house.visit.slots.last()
    form = {"slot": slot.pk, "need": house.waits.pk}
    client.post(reverse("booking:book", args=[house.visit.pk]), form)
    assert not Booking.objects.filter(need=house.waits).exists()


def test_each_look_of_the_handler_is_logged(house):
    house.person.handlers.add(house.manager)
    answer = client_of(house.manager).get(reverse("booking:visit", args=[house.visit.pk]))
    assert house.person.shown_name in answer.content.decode()
    looks = Entry.objects.filter(action="people.note_look", subject=f"staff:{house.person.pk}")
    assert looks.filter(actor=house.manager.audit_name).exists()


def test_the_time_of_a_protected_person_is_shown_as_taken_and_nothing_more(house):
    """Else the time would look free, and somebody would be put in it."""
    row = queries.slot_row(house.booking.slot, set(), timezone.now())
    assert (row.hidden, row.free) == (True, False)
    other = builders.need(builders.staff(house.visit.unit))
    [booking] = book_people(actor=house.manager, visit=house.visit, needs=[other])
    assert booking.slot != house.booking.slot
    assert book_slot(actor=house.manager, slot=booking.slot, need=other) == booking
