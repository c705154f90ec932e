"""The demo's visits: booked, people checked in, photographed until the picture is good."""

import hashlib
import uuid
from collections import Counter
from datetime import datetime, timedelta

from django.utils import timezone

from booking.domain.states import BookingStatus, IdDocument, VisitKind
from booking.models import Booking
from booking.services.bookings import book_people
from booking.services.checkin import check_in, record_no_show
from booking.services.visits import open_visit
from enrolment.desk import takes
from enrolment.desk.demo import world
from enrolment.desk.demo.story import Story, expect
from enrolment.messages.models import Message
from enrolment.people.access import Role
from enrolment.people.models import CardNeed, CareUnit
from photos.domain.findings import Answer
from photos.models import Capture
from photos.services.assess import assess_capture
from photos.services.captures import receive_capture
from photos.services.review import accept_capture

BOOKERS = (Role.CARE_MANAGER, Role.PLANNER)
FIRST_HOUR = 9
DOCUMENTS = tuple(IdDocument)
# Whoever opens the demo finds somebody to photograph.
LEFT_FOR_YOU = 2


def book_visits(story: Story) -> str:
    """The care manager books a visit to the first unit, the planner one in the next town."""
    booked = 0
    for number, (role, unit) in enumerate(zip(BOOKERS, _first_units(story), strict=True)):
        booker = story.user(role)
        needs = list(CardNeed.objects.filter(open=True, staff__unit=unit, staff__protected=False))
        starts_at = _next_morning(story.now) + timedelta(hours=4 * number)
        visit = open_visit(
            actor=booker,
            unit=unit,
            technician=story.user(Role.TECHNICIAN).technician,
            kind=VisitKind.PHOTO,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            slot_minutes=4,
            stations=1,
            form_key=uuid.uuid4(),
        )
        booked += len(book_people(actor=booker, visit=visit, needs=needs))
        story.visits.append(visit)
    sent = Message.objects.filter(state=Message.State.SENT).count()
    expect(sent >= booked, f"Bara {sent} av {booked} kallelser skickades. Se mappen mail.")
    story.summary.update(booked=booked, invitations=sent)
    return f"{len(story.visits)} besök, {booked} tider, {sent} kallelser med kalenderfil"


def check_people_in(story: Story) -> str:
    """The technician checks the id documents; one person does not come, two are left for you."""
    technician = story.user(Role.TECHNICIAN)
    *bookings, absent = _booked(story)[:-LEFT_FOR_YOU]
    record_no_show(actor=technician, booking=absent)
    kinds: Counter[str] = Counter()
    for number, booking in enumerate(bookings):
        document = DOCUMENTS[number % len(DOCUMENTS)]
        check_in(actor=technician, booking=booking, document=document)
        kinds[document] += 1
    story.summary.update(checked_in=len(bookings), no_shows=1)
    return f"{len(bookings)} incheckade med {len(kinds)} slags id-handling, 1 uteblev"


def photograph(story: Story) -> str:
    """The technician photographs everybody; the first ones need another take."""
    rejected: Counter[str] = Counter()
    bookings = list(
        Booking.objects.filter(visit__in=story.visits, status=BookingStatus.CHECKED_IN).order_by(
            "slot__starts_at"
        )
    )
    for seed, booking in enumerate(bookings):
        if seed < len(takes.KINDS):
            kind = takes.KINDS[seed]
            capture = shoot(story, booking, takes.bad_take(story.portrait, kind, seed))
            expect(capture.verdict == Answer.FAIL, f"En dålig bild ({kind}) godtogs.")
            rejected[kind] += 1
        take_good_photo(story, booking, seed)
    story.summary.update(photographed=len(bookings), rejected=dict(rejected))
    return f"{len(bookings)} fotograferade, {rejected.total()} bilder togs om"


def take_good_photo(story: Story, booking: Booking, seed: int) -> None:
    """Take a picture that must be good, and accept it."""
    capture = shoot(story, booking, takes.good_take(story.portrait, seed))
    faults = [finding.component for finding in capture.findings.filter(answer=Answer.FAIL)]
    expect(not faults, f"En bra bild underkändes: {', '.join(faults)}.")
    accept_capture(actor=story.user(Role.TECHNICIAN), capture=capture)


def shoot(story: Story, booking: Booking, picture: bytes) -> Capture:
    """Send a picture as the station does, and let it be judged."""
    technician = story.user(Role.TECHNICIAN)
    receipt = receive_capture(
        actor=technician,
        booking=booking,
        capture_id=uuid.uuid4(),
        sha256=hashlib.sha256(picture).hexdigest(),
        data=picture,
        taken_at=timezone.now(),
        source=Capture.Source.FILE,
    )
    assess_capture(actor=technician, capture_id=receipt.capture_id)
    return Capture.objects.get(pk=receipt.capture_id)


def _booked(story: Story) -> list[Booking]:
    waiting = Booking.objects.filter(visit__in=story.visits, status=BookingStatus.BOOKED)
    return list(waiting.order_by("slot__starts_at"))


def _first_units(story: Story) -> list[CareUnit]:
    towns = world.GOLISKA.towns[: len(BOOKERS)]
    names = [town.units[0][0] for town in towns]
    units = CareUnit.objects.filter(municipality__federation__slug=world.GOLISKA.slug)
    return [units.get(name=name) for name in names]


def _next_morning(now: datetime) -> datetime:
    local = timezone.localtime(now)
    return local.replace(hour=FIRST_HOUR, minute=0, second=0, microsecond=0) + timedelta(days=1)
