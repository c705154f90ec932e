"""Every page of every room: who opens it, at which address, and one of everything to show there."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.serialization import Encoding
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from booking.domain.own_time import DeclineReason
from booking.models import RoundPlan, Visit
from booking.queries.own_time import token_of
from booking.services.bookings import book_people
from booking.services.feeds import make_feed
from booking.services.own_time import give_up
from booking.services.planning import (
    add_days_off,
    close_days,
    save_kit,
    set_opening_hours,
    set_work_hours,
)
from booking.services.visits import cancel_visit
from booking.services.waitlist import join_waitlist
from enrolment.cards.services.answers import acknowledge, refuse_order
from enrolment.cards.services.certificates import (
    add_certificate,
    add_revocation_list,
    retire_certificate,
)
from enrolment.cards.services.tokens import revoke_token
from enrolment.messages.models import Message
from enrolment.messages.services import set_text
from enrolment.messages.texts import Text
from enrolment.people.models import User
from enrolment.people.services.staff_files import receive_staff_file
from photos.models import Photo
from tests import (
    builders,
    card_builders,
    certificate_builders,
    conflict_builders,
    issuer_builders,
    own_time_builders,
    photo_builders,
    planner_builders,
    receipt_builders,
)
from tests import staff_file_builders as files

NOBODY = "nobody"
# A public key of zeros alone: the page shows its fingerprint, nothing connects to it.
ED25519 = "AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@dataclass(frozen=True)
class Shown:
    """One state of one page: the address's name, what stands in it, and the question after it."""

    name: str
    needs: str = ""
    query: str = ""

    def address(self, world: dict[str, Any]) -> str:
        """Return where the page is in this world."""
        place = reverse(self.name, args=[world[key] for key in self.needs.split()])
        return f"{place}?{self.query.format_map(world)}" if self.query else place


def page(name: str, needs: str = "", **query: str) -> Shown:
    """Name a page, the keys of the world its address holds, and what is asked."""
    return Shown(name, needs, urlencode(query))


STAFF = [
    page("people:overview"),
    page("people:overview", stage="lapsed"),
    page("people:units"),
    page("people:unit", "unit"),
    page("people:unit", "empty_unit"),
    page("people:staff", "with_need"),
    page("people:staff", "without_need"),
    page("people:search", q="Öberg"),
    page("people:search", q="ingen"),
]
PLANNING = [
    page("booking:planning"),
    page("booking:technicians"),
    page("booking:new_technician"),
    page("booking:technician", "technician_row"),
    page("booking:work_hours", "technician_row"),
    page("booking:days_off", "technician_row"),
    page("booking:kits"),
    page("booking:kit", "kit"),
    page("booking:unit_hours_list"),
    page("booking:unit_hours", "unit"),
    page("booking:closed_days"),
    page("booking:travel"),
]
OWN_TIME = [
    page("booking:own_code"),
    page("booking:own_time", "own"),
    page("booking:own_move", "own"),
    page("booking:own_give_up", "own"),
    page("booking:own_time", "own_striking"),
    page("booking:own_strike", "own_striking"),
    page("booking:own_time", "own_offered"),
    page("booking:own_time", "own_called_off"),
]
VISITS = [
    page("booking:list"),
    page("booking:visit", "visit"),
    page("booking:visit", "activation"),
    page("booking:visit", "cancelled"),
    page("reports:blank_form", "visit"),
    page("reports:call_list", "visit"),
    page("reports:day_sheet", "visit"),
    page("reports:field_guide"),
    page("reports:poster", "visit"),
]
CARDS = [
    page("cards:orders"),
    page("cards:orders", status="cancelled"),
    page("cards:batches"),
    page("cards:batch", "built"),
    page("cards:batch", "sealed"),
    page("reports:delivery_note", "built"),
]
ISSUERS = [
    page("cards:issuers"),
    page("cards:new_issuer"),
    page("cards:issuer", "issuer"),
    page("cards:issuer", "sftp_issuer"),
    page("cards:edit_issuer", "issuer"),
    page("cards:edit_issuer", "sftp_issuer"),
    page("cards:new_certificate", "issuer"),
    page("cards:new_revocation_list", "issuer"),
    page("cards:new_token", "issuer"),
    page("cards:new_person", "issuer"),
    page("cards:new_person", "sftp_issuer"),
]

RECEIPTS = [
    page("cards:receipts"),
    page("cards:receipt", "wrong_receipt"),
    page("cards:receipt", "content_receipt"),
    page("cards:receipt", "unread_receipt"),
    page("cards:upload_receipt"),
    page("cards:type_technical", "receipted"),
    page("cards:type_content", "receipted"),
    page("cards:type_production", "receipted"),
    page("cards:clear_up"),
]

PORTAL = [
    page("cards:deliveries"),
    page("cards:delivery", "built"),
    page("cards:delivery", "answered"),
    page("cards:delivered_order", "delivered_order"),
    page("cards:delivered_order", "rejected_order"),
    page("cards:hand_in_receipt"),
]

ROUNDS = [
    page("booking:rounds"),
    page("booking:replan"),
    page("booking:round_week"),
    Shown("booking:round_week", "", "vecka={visit_week}"),
    page("booking:round_plan", "waiting_plan"),
    page("booking:round_plan", "round_plan"),
    page("booking:round_plan", "failed_plan"),
    page("booking:round_plan", "replan"),
    Shown("booking:move_round_stop", "round_plan", "stop={round_stop}"),
]

STATION = [
    page("photos:conflicts"),
    page("photos:conflict", "differing"),
    page("photos:conflict", "walk_in"),
    page("photos:conflict", "walk_in", q="e"),
    page("photos:rescue"),
    page("photos:seconds"),
    page("photos:wrap_up", "visit"),
]

# A page that looks the same to two roles is opened as one of them.
PAGES: dict[str, list[Shown]] = {
    NOBODY: [
        page("people:log_in"),
        page("people:choose_password", "uid token"),
        page("people:choose_password", "uid uid"),
        page("desk:accessibility"),
        page("photos:station"),
        page("photos:station_person"),
        *OWN_TIME,
    ],
    "care_manager": [
        page("desk:start"),
        page("booking:new"),
        page("booking:new", kind="activation"),
        page("booking:new_by_hand"),
        page("booking:change", "activation"),
        page("booking:cancel", "activation"),
        page("people:overview", task="activation"),
        page("booking:waitlist", "own_visit"),
        page("booking:waitlist", "visit"),
        page("booking:staffing", "visit"),
        page("booking:staffing", "cancelled"),
        page("booking:share", "visit"),
        page("booking:ward", "unit"),
        page("booking:ward", "empty_unit"),
        page("people:roster", "unit"),
        *STAFF,
    ],
    "planner": [
        page("desk:start"),
        page("people:roster_import"),
        page("desk:undelivered"),
        page("desk:undelivered", channel="sms"),
        page("booking:feeds"),
        *PLANNING,
        *ROUNDS,
        page("people:import"),
        page("people:import_preview", "file"),
        page("people:edit_unit", "unit"),
        page("booking:visit", "visit"),
        page("booking:slot", "visit free_slot"),
        page("booking:slot", "visit taken_slot"),
        *STATION,
    ],
    "technician": [
        page("booking:feeds"),
        page("desk:start"),
        page("photos:visit", "visit"),
        page("photos:wrap_up", "visit"),
        page("booking:walk_in", "visit"),
        page("booking:walk_in", "visit", q="e"),
        *VISITS,
    ],
    "id_administrator": [
        page("desk:start"),
        page("people:overview"),
        page("people:staff", "with_need"),
        page("photos:review"),
        *CARDS,
        *RECEIPTS,
    ],
    "administrator": [
        page("desk:start"),
        page("people:new_unit"),
        page("people:users"),
        page("people:new_user"),
        page("people:protected"),
        page("desk:setup"),
        page("desk:texts"),
        page("desk:edit_text", text="invitation.email"),
        page("desk:edit_text", text="invitation.sms"),
        page("desk:health"),
        page("desk:log"),
        page("desk:log_of", "with_need"),
        page("people:unit", "empty_unit"),
        *ISSUERS,
    ],
    "card_issuer": [page("desk:start"), *PORTAL],
}

# Answers to GET that are no page of their own: parts put into a page, pictures and files.
NO_PAGES = {
    "booking:own_calendar",
    "booking:own_offer",
    "booking:own_wait",
    "booking:round_progress",
    "booking:feed",
    "desk:health_report",
    "desk:log_file",
    "desk:log_file_of",
    "cards:api_batch",
    "cards:api_batch_receipts",
    "cards:api_batches",
    "cards:api_document",
    "cards:api_nowhere",
    "cards:api_package",
    "cards:api_receipt",
    "cards:batch_progress",
    "cards:delivered_photo",
    "cards:delivery_package",
    "cards:for_person",
    "cards:package",
    "people:import_faults",
    "photos:capture_image",
    "photos:card_image",
    "photos:conflict_image",
    "photos:for_person",
    "photos:station_manifest",
    "photos:station_package",
    "photos:station_state",
    "photos:station_visits",
    "photos:station_worker",
    "photos:verdict",
    "reports:blank_form_pdf",
    "reports:call_list_pdf",
    "reports:day_sheet_pdf",
    "reports:delivery_note_pdf",
    "reports:field_guide_pdf",
    "reports:poster_pdf",
}


def world() -> tuple[dict[str, Any], dict[str, User]]:
    """Make one of everything in a federation, and a user for each role in it."""
    issuer = card_builders.issuer()
    federation = issuer.federation
    unit = builders.unit(builders.municipality(federation))
    made = _people(unit) | _visits(unit) | _cards(issuer) | _issuers(issuer) | _receipts(issuer)
    users = {
        role: builders.user(role, within=federation)
        for role in PAGES
        if role not in (NOBODY, "technician")
    }
    users["technician"] = made.pop("technician")
    issuer.people.add(users["card_issuer"])
    boss = users["administrator"]
    content = files.as_csv([files.HEADINGS, files.person(1, unit=unit.hsa_id), ["fel"]])
    file = receive_staff_file(
        actor=boss,
        federation=federation,
        name="personal.csv",
        content=content,
        today=timezone.localdate(),
    )
    made |= {
        "uid": urlsafe_base64_encode(force_bytes(boss.pk)),
        "token": default_token_generator.make_token(boss),
        "file": file.pk,
    }
    made |= _rounds(federation, users["planner"])
    made |= _own_time(unit, users["technician"].technician)
    made |= _station(made["visit"], made["photo"])
    made |= _messages(unit)
    made |= _planning(unit, users["technician"].technician)
    return made, users


def _rounds(federation, planner) -> dict[str, Any]:
    """Make a plan of rounds in each state, and a week planned anew."""
    planner_builders.unit(federation, "Skara")
    planner_builders.unit(federation, "Kiruna")
    drafted = planner_builders.drafted(federation, planner)
    failed = planner_builders.asked(federation, planner)
    RoundPlan.objects.filter(pk=failed.pk).update(status="failed")
    return {
        "waiting_plan": planner_builders.asked(federation, planner).pk,
        "round_plan": drafted.pk,
        "round_stop": drafted.answer["rounds"][0]["stops"][0]["job"],
        "failed_plan": failed.pk,
        "replan": planner_builders.replanned(federation, planner).pk,
    }


def _people(unit) -> dict[str, Any]:
    builders.staff(unit, "Björn", "Hemlig", protected=True)
    needing = builders.staff(unit, title="Undersköterska")
    builders.need(needing, due_on=timezone.localdate())
    return {
        "unit": unit.pk,
        "empty_unit": builders.unit(unit.municipality, "Ängen").pk,
        "with_need": needing.pk,
        "without_need": builders.staff(unit, "Kim", "Ek", card_expires=date(2031, 5, 1)).pk,
    }


def _visits(unit) -> dict[str, Any]:
    technician = builders.technician(unit.municipality.federation)
    visit = builders.visit(unit, technician)
    photo_builders.booked(visit, given_name="Karin", family_name="Lindqvist")
    photo_builders.checked_in(visit, given_name="Jonas", family_name="Ek")
    photo = photo_builders.photo(photo_builders.checked_in(visit, family_name="Väntar"))
    activation = builders.visit(
        unit, technician, kind="activation", starts_at=builders.tomorrow(13), slot_minutes=15
    )
    approved = card_builders.approved(visit, family_name="Klar").capture.booking.need
    book_people(actor=builders.user(), visit=activation, needs=[approved])
    builders.ward_minimum(unit, "Undersköterska")
    cancelled = builders.visit(unit, technician, starts_at=builders.tomorrow(16))
    cancel_visit(actor=technician.user, visit=cancelled)
    slots = visit.slots.order_by("starts_at")
    return {
        "technician": technician.user,
        "visit": visit.pk,
        "visit_week": "{}-W{:02}".format(*visit.starts_at.isocalendar()),
        "photo": photo.pk,
        "activation": activation.pk,
        "cancelled": cancelled.pk,
        "taken_slot": slots.first().pk,
        "free_slot": slots.last().pk,
    }


def _own_time(unit, technician) -> dict[str, Any]:
    """Make people with a time of their own: one strikes out times, one is offered another."""
    actor = builders.user()
    days = (builders.tomorrow() + timedelta(days=day) for day in range(1, 5))
    free, full, called_off, struck = (
        own_time_builders.small_visit(at=unit, by=technician, starts_at=day) for day in days
    )
    offered, gives_up, *_rest = own_time_builders.full(full)
    join_waitlist(actor=actor, visit=full, need=offered.need)
    give_up(link=own_time_builders.link(gives_up), reason=DeclineReason.SICK)
    own_time_builders.waiting(full)
    gone = own_time_builders.booked(called_off)
    cancel_visit(actor=actor, visit=called_off)
    striking = own_time_builders.booked(own_time_builders.striking(struck))
    own = own_time_builders.booked(free)
    held = {"own": own, "own_striking": striking, "own_offered": offered, "own_called_off": gone}
    tokens = {key: token_of(own_time_builders.link(of)) for key, of in held.items()}
    return tokens | {"own_visit": full.pk}


def _planning(unit, technician) -> dict[str, Any]:
    """Make a kit, hours, a closed day, and days off that strand the visits of tomorrow."""
    federation, boss = unit.municipality.federation, builders.user()
    hours = {day: (time(9), time(15, 30)) for day in range(4)}
    set_opening_hours(actor=boss, unit=unit, hours=hours)
    set_work_hours(actor=boss, technician=technician, hours=hours)
    day = builders.tomorrow().date()
    add_days_off(actor=boss, technician=technician, first_day=day, last_day=day, why="Kurs")
    close_days(
        actor=boss, federation=federation, first_day=day, last_day=day, unit=unit, why="Städdag"
    )
    facts = {"name": "Väska 1", "kinds": ["photo"], "in_use": False}
    kit = save_kit(actor=boss, federation=federation, kit=None, **facts)
    return {"technician_row": technician.pk, "kit": kit.pk}


def _station(visit_id, photo_id) -> dict[str, Any]:
    """Make a laptop that holds photos, a picture judged twice and somebody without a time."""
    visit, photo = Visit.objects.get(pk=visit_id), Photo.objects.get(pk=photo_id)
    conflict_builders.laptop(visit, unsent=2)
    return {
        "differing": conflict_builders.differing(photo.capture).pk,
        "walk_in": conflict_builders.walk_in(visit, note="Kom från natten").pk,
    }


def _messages(unit) -> dict[str, Any]:
    """Make a letter that did not arrive, an own text and a calendar address."""
    boss, federation = builders.user(), unit.municipality.federation
    letter = Message.objects.filter(federation_id=federation.pk, key__startswith="booking:").first()
    letter.state, letter.error = Message.State.FAILED, "SMTPRecipientsRefused: 550 5.1.1 No"
    letter.save(update_fields=["state", "error"])
    text = Text("Kom {tid}", "Hej {förnamn}!")
    set_text(actor=boss, federation_id=federation.pk, key="invitation", channel="email", text=text)
    feed, _address = make_feed(actor=boss, federation=federation, unit=unit)
    return {"feed": feed.pk, "message": letter.pk}


def _cards(issuer) -> dict[str, Any]:
    built, answered = (issuer_builders.delivered(2, issuer) for _ in range(2))
    rejected = answered.orders.get(seq=1)
    boss = builders.user()
    acknowledge(actor=boss, batch=answered)
    refuse_order(actor=boss, order=rejected, code="PHOTO_EYES", text="Ögonen syns inte.")
    sealed = card_builders.batch(1, issuer)
    card_builders.orders(1, issuer)
    return {
        "built": built.pk,
        "answered": answered.pk,
        "delivered_order": built.orders.get(seq=1).pk,
        "rejected_order": rejected.pk,
        "sealed": sealed.pk,
    }


def _issuers(issuer) -> dict[str, Any]:
    """Make certificates, a revocation list, people and keys, and an issuer that has none."""
    root = certificate_builders.authority()
    soon = certificate_builders.ec_recipient("Kortverket, kryptering", by=root, days=(-1, 12))
    revoked = certificate_builders.ec_recipient("Kortverket, gammal", by=root)
    boss = builders.user()
    for pair in (soon, revoked):
        add_certificate(actor=boss, issuer=issuer, purpose="encryption", data=pair.pem + root.pem)
    kept = add_certificate(actor=boss, issuer=issuer, purpose="receipts", data=root.pem)
    retire_certificate(actor=boss, certificate=kept)
    listed = certificate_builders.revocation_list(root, [revoked.certificate])
    add_revocation_list(actor=boss, issuer=issuer, data=listed.public_bytes(Encoding.DER))
    issuer_builders.person(issuer)
    issuer_builders.token(issuer)
    revoke_token(actor=boss, token=issuer_builders.token(issuer)[0])
    sftp = card_builders.issuer(
        issuer.federation,
        "sftp-kort",
        name="Kort över SFTP",
        way="sftp",
        sftp_host="sftp.kort.example",
        sftp_user="fotorundan",
        sftp_host_key=f"ssh-ed25519 {ED25519}",
    )
    return {"issuer": issuer.pk, "sftp_issuer": sftp.pk}


def _receipts(issuer) -> dict[str, Any]:
    """Make a batch that is answered rightly, wrongly and unreadably, and is late."""
    issuer.refresh_from_db()
    batch = receipt_builders.delivered(3, issuer)
    issuer.batches.filter(pk=batch.pk).update(delivered_at=batch.delivered_at - timedelta(days=5))
    answers = receipt_builders.judged(batch, "DATA_NAME", "PHOTO_BLUR", "pending")
    taken = receipt_builders.take(answers, issuer)
    wrong = receipt_builders.about(batch, "technical", package_sha256="ab" * 32)
    return {
        "receipted": batch.pk,
        "content_receipt": taken.pk,
        "wrong_receipt": receipt_builders.take(wrong, issuer).pk,
        "unread_receipt": receipt_builders.take(b"{}", issuer).pk,
    }
