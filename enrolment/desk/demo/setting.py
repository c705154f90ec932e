"""The demo's setting: federations, units, users, and staff read from real files."""

import csv
import io
from itertools import count

from django.utils import timezone
from openpyxl import Workbook

from booking.services.technicians import register_technician
from enrolment.desk.demo import world
from enrolment.desk.demo.story import DEMO, Story, expect
from enrolment.desk.demo.world import DemoFederation
from enrolment.people.access import Role
from enrolment.people.models import CardNeed, CareUnit, Federation, Staff
from enrolment.people.services import organisation
from enrolment.people.services.organisation import UnitFacts
from enrolment.people.services.staff_files import (
    changes_in,
    import_staff_file,
    receive_staff_file,
)

NAMES = {
    Role.CARE_MANAGER: "Maja Enhetschef",
    Role.PLANNER: "Petra Planerare",
    Role.TECHNICIAN: "Tore Tekniker",
    Role.ID_ADMINISTRATOR: "Ida ID-administratör",
    Role.CARD_ISSUER: "Karin Kortutgivare",
    Role.ADMINISTRATOR: "Adam Administratör",
}


def make_organisations(story: Story) -> str:
    """Make both federations with municipalities, units and one user per role."""
    for demo in world.FEDERATIONS:
        federation = organisation.create_federation(
            actor=DEMO,
            name=demo.name,
            slug=demo.slug,
            hsa=f"{demo.prefix}-ORG",
            contact="Korthjälpen",
        )
        story.federations[demo.slug] = federation
        first_unit = _make_units(demo, federation)
        _make_users(story, demo, federation, first_unit)
    story.summary["units"] = CareUnit.objects.count()
    municipalities = sum(len(demo.towns) for demo in world.FEDERATIONS)
    return f"2 federationer, {municipalities} kommuner, {story.summary['units']} enheter"


def import_staff(story: Story) -> str:
    """Read each federation's staff file, with some wrong rows, and take the good ones."""
    today = timezone.localdate(story.now)
    wrong = 0
    for demo in world.FEDERATIONS:
        name, content = _staff_file(story, demo)
        uploader = story.users[demo.slug, Role.ADMINISTRATOR]
        federation = story.federations[demo.slug]
        file = receive_staff_file(
            actor=uploader, federation=federation, name=name, content=content, today=today
        )
        seen = changes_in(file, today).fingerprint
        taken = import_staff_file(
            actor=uploader, file=file, seen=seen, mark_left=False, today=today
        )
        wrong += taken.outcome["faults"]
    staff = Staff.objects.count()
    expect(wrong > 0, "De felaktiga raderna i personalfilen togs emot.")
    needs = CardNeed.objects.filter(open=True).count()
    story.summary.update(staff=staff, needs=needs, wrong_rows=wrong)
    return f"{staff} medarbetare, {needs} behöver kort, {wrong} felaktiga rader visade"


def _make_units(demo: DemoFederation, federation: Federation) -> CareUnit:
    numbers = count(1)
    made = []
    for town in demo.towns:
        municipality = organisation.add_municipality(
            actor=DEMO, federation=federation, code=town.code, name=town.municipality
        )
        made += [
            organisation.add_unit(
                actor=DEMO,
                municipality=municipality,
                facts=_unit_facts(demo, town, place, next(numbers)),
            )
            for place in town.units
        ]
    return made[0]


def _unit_facts(
    demo: DemoFederation, town: world.Town, place: tuple[str, str, str, int], number: int
) -> UnitFacts:
    name, street, room_note, _staff = place
    return UnitFacts(
        hsa_id=world.unit_hsa_id(demo, number),
        name=name,
        street=street,
        postcode=town.postcode,
        town=town.name,
        latitude=town.latitude + number % 3 * 0.004,
        longitude=town.longitude - number % 4 * 0.006,
        room_note=room_note,
        contact_name="Receptionen",
        contact_phone=f"070-174 06 {10 + number}",
        cost_centre=f"{town.code}-{number:02}",
        km_to_office=town.km_to_office,
        km_to_base=town.km_to_base,
    )


def _make_users(
    story: Story, demo: DemoFederation, federation: Federation, first_unit: CareUnit
) -> None:
    for role, name in NAMES.items():
        user = organisation.add_user(
            actor=DEMO,
            federation=federation,
            email=f"{role}@{demo.slug}.example".replace("_", "-"),
            name=name,
            password="",
        )
        manages = first_unit.municipality if role == Role.CARE_MANAGER else None
        organisation.give_role(
            actor=DEMO, user=user, role=role, federation=federation, municipality=manages
        )
        story.users[demo.slug, role] = user
    base = demo.towns[0]
    register_technician(
        actor=DEMO,
        user=story.users[demo.slug, Role.TECHNICIAN],
        federation=federation,
        base=demo.base,
        latitude=base.latitude,
        longitude=base.longitude,
    )


def _staff_file(story: Story, demo: DemoFederation) -> tuple[str, bytes]:
    """Write the file that the federation's payroll system would give: CSV here, XLSX there."""
    rows = world.staff_rows(demo, timezone.localdate(story.now))
    if demo is world.GOLISKA:
        name, content = "personal-goliska.csv", _as_csv([*rows, *world.wrong_rows(demo)])
    else:
        name, content = "personal-lystkom.xlsx", _as_xlsx(rows)
    folder = story.folder / "staff-files"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    return name, content


def _as_csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerows([world.HEADINGS, *rows])
    return out.getvalue().encode("utf-8-sig")


def _as_xlsx(rows: list[list[str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Personal")
    for row in [list(world.HEADINGS), *rows]:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
