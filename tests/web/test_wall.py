"""The wall: with ids from outside a user's scope nothing is shown and nothing is changed.

Every address of the house is asked by every method, in every role, with the ids of another
federation, of another municipality and of another unit. An address that ADDRESSES does not know
fails the build.
"""

import hashlib
import logging
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.db import connection, reset_queries, transaction
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver, reverse

from booking.models import (
    Booking,
    ClosedDay,
    DaysOff,
    Feed,
    Kit,
    RoundPlan,
    Slot,
    Technician,
    Visit,
    Waiting,
    WardMinimum,
)
from enrolment.audit.models import Head
from enrolment.cards.models import (
    Batch,
    CardOrder,
    Issuer,
    IssuerCertificate,
    IssuerToken,
    Receipt,
)
from enrolment.messages.models import Message
from enrolment.people.models import (
    CardNeed,
    CareUnit,
    Federation,
    Membership,
    Municipality,
    Staff,
    StaffFile,
    User,
)
from photos.models import Capture, Finding, Laptop, Photo, StationRecord
from tests import builders, card_builders, issuer_builders
from tests.browser import pages

# On PostgreSQL the second wall would hide a hole in this one: test_wall_rows.py.
pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

ROOMS = ("audit", "outgoing", "people", "booking", "photos", "cards", "reports", "desk")
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
ROLES = tuple(Membership.Role)
SCOPES = ("federation", "municipality", "unit")

# What makes each page unlike the last: the token against forged forms.
ONE_TIME = re.compile(r'name="csrf-?\w+" (content|value)="\w{64}"')
CODED = re.compile(r"[a-z_.]+|[A-Z_]+")
WRITES = re.compile(r"INSERT|UPDATE|DELETE")
# Log in, no token, forbidden, not found, wrong method, wrong type: nothing beyond is meant by it.
OUTSIDE = {302, 401, 403, 404, 405, 415}

# The model behind each name that an address may hold.
IDS: dict[str, type[Model]] = {
    "batch_id": Batch,
    "booking_id": Booking,
    "capture_id": Capture,
    "certificate_id": IssuerCertificate,
    "closed_day_id": ClosedDay,
    "days_off_id": DaysOff,
    "feed_id": Feed,
    "file_id": StaffFile,
    "issuer_id": Issuer,
    "kit_id": Kit,
    "membership_id": Membership,
    "laptop_id": Laptop,
    "message_id": Message,
    "minimum_id": WardMinimum,
    "order_id": CardOrder,
    "photo_id": Photo,
    "plan_id": RoundPlan,
    "receipt_id": Receipt,
    "record_id": StationRecord,
    "slot_id": Slot,
    "staff_id": Staff,
    "technician_id": Technician,
    "token_id": IssuerToken,
    "unit_id": CareUnit,
    "user_id": User,
    "visit_id": Visit,
    "waiting_id": Waiting,
}
# Open to everybody who holds the link, by design: a token in the address is the key.
BY_TOKEN = {
    "people:choose_password",
    "booking:feed",
    *(
        f"booking:own_{page}"
        for page in ("calendar", "give_up", "move", "offer", "strike", "time", "wait")
    ),
}
# Answers "not found" to whatever the API does not know.
NOWHERE = {"cards:api_nowhere"}
# In the demo anybody may log in as anybody; it answers 404 elsewhere.
DEMO_ONLY = {"people:demo_log_in", "desk:reset_demo"}
ADDRESSES = {
    "desk": """
        accessibility edit_text health health_report log log_file log_file_of log_of preview_text
        reset_demo reset_text send_again settle_message setup start texts undelivered
    """,
    "people": """
        choose_password demo_log_in edit_unit import import_confirm import_discard
        import_faults import_preview log_in log_out new_unit new_user open_need overview
        password_link protected roster roster_import remove_handler remove_role search staff unit
        units users
    """,
    "booking": """
        accept_replan accept_round_plan add add_minimum book cancel cancel_person change
        check_in close closed_days days_off discard_round_plan drive drop_ward_rule feed
        feeds fetch_travel kit kits learned_travel list lock_time make_feed
        make_own_feed matrix_file move move_round_stop move_time new new_by_hand
        new_code new_technician no_show open_day own_calendar own_code own_give_up
        own_move own_offer own_strike own_time own_wait planning remove_days_off
        remove_matrix remove_minimum replan revoke_feed round_plan round_progress
        round_week rounds share slot staffing stop_round_plan technician technicians
        travel unit_hours unit_hours_list unlock_time visit waitlist waitlist_remove
        walk_in ward work_hours
    """,
    "photos": """
        accept approve capture_image capture_upload card_image check_in conflict
        conflict_image conflicts for_person no_show nudge reject rescue review seconds station
        station_laptop station_manifest station_package station_person station_record
        station_state station_visits station_worker verdict visit wrap_up write_off_laptop
    """,
    "cards": """
        accept_delivery acknowledge_delivery api_batch api_batch_receipts api_batches
        api_document api_nowhere api_package api_receipt batch batch_progress batches
        clear_up confirm_certificate delivered_order delivered_photo deliveries delivery
        delivery_package drop_person edit_issuer end_need end_token for_person
        hand_in_receipt issuer issuers new_certificate new_issuer new_person
        new_revocation_list new_token order_again order_cards orders package receipt
        receipts resend retire retry seal type_content type_production type_technical
        upload_receipt withdraw_order
    """,
    "reports": """
        blank_form blank_form_pdf call_list call_list_pdf day_sheet day_sheet_pdf delivery_note
        delivery_note_pdf field_guide field_guide_pdf poster poster_pdf
    """,
}


@pytest.fixture(autouse=True)
def quiet(caplog):
    """Thousands of calls are refused here: nobody reads of each."""
    caplog.set_level(logging.CRITICAL, logger="django.request")


# --- Every address ------------------------------------------------------------------------------


def addresses() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give each address's name and the names of what it holds."""
    for resolver in get_resolver().url_patterns:
        for pattern in resolver.url_patterns:
            assert isinstance(pattern, URLPattern)
            yield f"{resolver.app_name}:{pattern.name}", tuple(pattern.pattern.converters)


def closed() -> list[tuple[str, tuple[str, ...]]]:
    """Return the addresses that a scope decides about."""
    return [each for each in addresses() if each[0] not in BY_TOKEN | DEMO_ONLY | NOWHERE]


def test_every_address_of_the_house_is_known_here():
    known = {f"{room}:{name}" for room, names in ADDRESSES.items() for name in names.split()}
    assert {name for name, _ in addresses()} == known


def test_every_id_in_an_address_is_known_here():
    held = {name for _, names in closed() for name in names}
    assert held == set(IDS)


# --- Two worlds ---------------------------------------------------------------------------------


def rows() -> dict[tuple[str, Any], str]:
    """Return a digest of every row of the house, but for the log's heads: each line moves one."""
    models = [model for label in ROOMS for model in apps.get_app_config(label).get_models()]
    models.remove(Head)
    through = [each.remote_field.through for model in models for each in model._meta.many_to_many]
    return {
        (model._meta.label, row[0]): digest(row)
        for model in [*models, *through]
        for row in model._base_manager.values_list("pk", *fields(model))
    }


def digest(row: tuple[Any, ...]) -> str:
    plain = [bytes(value) if isinstance(value, memoryview) else value for value in row]
    return hashlib.sha256(repr(plain).encode()).hexdigest()


def fields(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def texts(without: Collection[tuple[str, Any]] = ()) -> set[str]:
    """Return the texts and ids in the rows of the house, but for short ones and coded values.

    The names of the checks are the standard's: the station's shell tells them to everybody.
    """
    found: set[str] = set()
    for label in ROOMS:
        for model in apps.get_app_config(label).get_models():
            for pk, *row in model._base_manager.values_list("pk", *fields(model)):
                if (model._meta.label, pk) not in without:
                    found |= {str(value) for value in row if isinstance(value, str) or is_id(value)}
    checks = set(Finding.objects.values_list("component", flat=True))
    return {
        text
        for text in found - checks
        if len(text) >= 8 and not re.fullmatch(r"[a-z_.]+|[A-Z_]+", text)
    }


def is_id(value: object) -> bool:
    return type(value).__name__ == "UUID"


@dataclass
class Other:
    """What lies beyond the wall: its rows, its ids, and the texts that only it holds."""

    keys: set[tuple[str, Any]]
    secrets: set[str]
    owners: dict[str, User]

    def ids(self, name: str) -> list[Any]:
        label = IDS[name]._meta.label
        return [pk for model, pk in self.keys if model == label]

    def digests(self) -> dict[tuple[str, Any], str]:
        now = rows()
        return {key: now.get(key, "gone") for key in self.keys}


def make_strange(federation: Federation) -> None:
    """Give people and places names that nobody else has."""
    within = {"municipality__federation": federation}
    for number, unit in enumerate(CareUnit.objects.filter(**within)):
        CareUnit.objects.filter(pk=unit.pk).update(
            name=f"Främmandegården{number}",
            street=f"Främmandevägen {number}00",
            town=f"Främmandestad{number}",
        )
    for number, person in enumerate(Staff.objects.filter(federation=federation)):
        Staff.objects.filter(pk=person.pk).update(family_name=f"Främlingsson{number}")
    Municipality.objects.filter(federation=federation).update(name="Främmande kommun")
    Federation.objects.filter(pk=federation.pk).update(name="Främmande förbund")
    for number, batch in enumerate(Batch.objects.filter(issuer__federation=federation)):
        Batch.objects.filter(pk=batch.pk).update(name=f"KB-2099-{number:06}")
    User.objects.filter(memberships__federation=federation).update(name="Främling Främre")
    Technician.objects.filter(federation=federation).update(base="Främmandebasen")


def beyond(scope: str) -> tuple[Other, dict[str, User]]:
    """Make a world beyond the wall, and on this side a user for each role held in `scope`."""
    before, known = set(rows()), texts()
    made, owners = pages.world()
    unit = CareUnit.objects.select_related("municipality__federation").get(pk=made["unit"])
    make_strange(unit.municipality.federation)
    keys, strange = set(rows()) - before, texts() - known
    home = {
        "federation": lambda: builders.unit(name="Hemmagården").municipality.federation,
        "municipality": lambda: builders.municipality(unit.municipality.federation, "Hemma"),
        "unit": lambda: builders.unit(unit.municipality, "Hemmagården"),
    }[scope]()
    users = {role: builders.user(role, within=home, name="Hemma Hos") for role in ROLES}
    if scope != "federation":
        strange -= shared_names(unit)
    return Other(keys, strange, owners), users


def shared_names(unit: CareUnit) -> set[str]:
    """What colleagues in the same federation may see: its names, and who may come to photograph."""
    federation = unit.municipality.federation
    federation.refresh_from_db()
    return {
        federation.name,
        federation.slug,
        federation.hsa_id,
        str(federation.pk),
        "Främmande kommun",
        "Främmandebasen",
        "Främling Främre",
        str(unit.municipality_id),
    }


# --- The crawl ----------------------------------------------------------------------------------


def places(name: str, held: tuple[str, ...], other: Other) -> list[str]:
    """Give the address with ids of the other world."""
    if not held:
        return [reverse(name)]
    return [reverse(name, kwargs={each: names_of(each, name, other)[0] for each in held})]


def names_of(held: str, name: str, other: Other) -> list[Any]:
    """Return what stands in an address: ids, but the API calls batches and receipts by name."""
    ids = sorted(other.ids(held), key=str)
    if not name.startswith("cards:api_"):
        return ids
    field = {"batch_id": "name", "receipt_id": "receipt_id"}[held]
    kept = IDS[held]._base_manager.filter(pk__in=ids).exclude(**{field: ""})
    return list(kept.order_by("pk").values_list(field, flat=True))


def everything(other: Other) -> dict[str, Any]:
    """Return a form that names things of the other world under every name that a form uses."""
    ids = {name.removesuffix("_id"): sorted(other.ids(name), key=str)[:2] for name in IDS}
    needs = sorted(pk for model, pk in other.keys if model == CardNeed._meta.label)
    several = {"needs": needs, "need": needs[:1], "people": ids["staff"], "handler": ids["user"]}
    return ids | several | {f"{name}_id": value for name, value in ids.items()}


class Heard:
    """What the house answered: looked through for secrets in one go, since there are many."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}

    def add(self, asked: str, place: str, answer: Any, sent: Collection[str] = ()) -> None:
        content = b"".join(answer) if answer.streaming else answer.content
        shown = ONE_TIME.sub("", content.decode("utf-8", "replace")) + str(answer.headers)
        for echo in (place, *place.split("/"), *sent):
            shown = shown.replace(echo, "") if len(echo) >= 8 else shown
        self.answers.setdefault(shown, asked)

    def check(self, other: Other) -> None:
        everything = "\n".join(self.answers)
        told = sorted(secret for secret in other.secrets if secret in everything)
        where = [asked for shown, asked in self.answers.items() if told and told[0] in shown]
        assert not told, f"{where[:2]} tells {told[:3]}"


@pytest.fixture(scope="module")
def refused() -> set[tuple[str, str]]:
    """Which method which address refuses, as the crawls find out."""
    return set()


@pytest.mark.parametrize("scope", SCOPES)
def test_nothing_beyond_the_wall_is_shown_or_changed(scope, client: Client, settings, refused):
    settings.DEMO = False
    other, users = beyond(scope)
    before = other.digests()
    for role in ROLES:
        crawl(client, role, users[role], other, refused)
        assert other.digests() == before, f"{role} changed something"


def test_nobody_is_shown_or_changes_anything(client: Client, settings):
    settings.DEMO = False
    other, _users = beyond("federation")
    before = other.digests()
    crawl(client, "nobody", None, other, set())
    assert other.digests() == before


def crawl(
    client: Client, role: str, user: User | None, other: Other, refused: set[tuple[str, str]]
) -> None:
    """Ask every address by every method with the other side's ids, as this user.

    A method that an address `refused` for somebody who is signed in, it refuses for all of them,
    in every scope: the views say which methods they know before they look at who asks.
    """
    heard, form = Heard(), everything(other)
    for name, held in closed():
        keep_signed_in(client, user)
        for method, place in product(METHODS, places(name, held, other)):
            if user and (method, name) in refused:
                continue
            is_post = method == "POST"
            answer = client.post(place, form) if is_post else client.generic(method, place)
            asked = f"{role} {method} {name} {place}"
            heard.add(asked, place, answer)
            if answer.status_code == 405:
                refused.add((method, name))
            if held:
                assert answer.status_code in OUTSIDE, asked
                assert answer.status_code != 302 or "/logga-in/" in answer["Location"], asked
    heard.check(other)


def keep_signed_in(client: Client, user: User | None) -> None:
    """See that the user is signed in, or nobody: the last address may have been the way out."""
    if user is None:
        client.logout()
    elif client.session.get(SESSION_KEY) != str(user.pk):
        client.force_login(user)


def test_a_token_opens_nothing_of_another_issuer(client: Client, settings):
    settings.DEMO = False
    other, _users = beyond("federation")
    _token, secret = issuer_builders.token(card_builders.issuer())
    before, headers, heard = other.digests(), {"Authorization": f"Bearer {secret}"}, Heard()
    for name, held in closed():
        for method, place in product(METHODS, places(name, held, other)):
            asked = f"token {method} {name} {place}"
            answer = client.generic(method, place, "{}", "application/json", headers=headers)
            heard.add(asked, place, answer)
            if held:
                assert answer.status_code in OUTSIDE | {400, 422, 429}, asked
    heard.check(other)
    assert other.digests() == before


def test_what_lies_beyond_is_not_reached_from_within(client: Client, settings, refused):
    """Own addresses with ids of the other side, in the form or as all but the first id."""
    settings.DEMO = False
    other, _users = beyond("federation")
    kept = set(rows())
    owners = pages.world()[1]
    own = Other(set(rows()) - kept, set(), owners)
    other.secrets -= texts(without=other.keys)
    before, form = other.digests(), everything(other)
    sent = {str(value) for values in form.values() for value in values}
    for role, user in owners.items():
        heard = Heard()
        for name, held in closed():
            if ("POST", name) in refused:
                continue
            keep_signed_in(client, user)
            for place in [*places(name, held, own), *mixed(name, held, own, other)]:
                reset_queries()
                with transaction.atomic(), CaptureQueriesContext(connection) as queries:
                    asked = f"{role} POST {name} {place}"
                    answer = client.post(place, form)
                    heard.add(asked, place, answer, sent)
                    if answer.status_code == 405:
                        refused.add(("POST", name))
                    wrote = any(WRITES.match(query["sql"]) for query in queries)
                    assert not wrote or other.digests() == before, asked
                    transaction.set_rollback(True)
        heard.check(other)


def mixed(name: str, held: tuple[str, ...], own: Other, other: Other) -> Iterator[str]:
    """Give an address whose first id is ours and whose others are not."""
    if len(held) > 1:
        first = {held[0]: sorted(own.ids(held[0]), key=str)[0]}
        rest = {each: sorted(other.ids(each), key=str)[0] for each in held[1:]}
        yield reverse(name, kwargs=first | rest)


def test_control_the_crawl_sees_what_the_owners_are_shown(client: Client):
    other, _users = beyond("federation")
    client.force_login(other.owners["planner"])
    heard, place = Heard(), reverse("people:overview")
    heard.add("planner", place, client.get(place))
    with pytest.raises(AssertionError, match="tells"):
        heard.check(other)


def test_control_the_digests_see_a_change():
    other, _users = beyond("federation")
    before = other.digests()
    Staff.objects.filter(pk=other.ids("staff_id")[0]).update(title="Ändrad")
    assert other.digests() != before
