"""Import: upload, look, say yes to exactly that, see what was done; a refusal says what to do."""

import csv
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _

from enrolment.audit.models import Entry
from enrolment.people.models import Staff, StaffFile
from tests import builders
from tests import staff_file_builders as files

pytestmark = pytest.mark.django_db

PAGE = "/import/"


@pytest.fixture
def unit():
    return builders.unit()


@pytest.fixture
def client(client, unit):
    client.force_login(builders.user("planner", within=unit.municipality.federation))
    return client


def row(at, number: int = 1, /, **cells):
    return files.person(number, **{"unit": at.hsa_id, "personnummer": "", **cells})


def upload(client, content: bytes, name: str = "personal.csv"):
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content)})


def uploaded(client, *rows) -> StaffFile:
    response = upload(client, files.as_csv([files.HEADINGS, *rows]))
    file = StaffFile.objects.get(imported_at=None)
    assert response.url == page_of(file)
    return file


def page_of(file: StaffFile, end: str = "") -> str:
    return f"/import/{file.pk}/{end}"


def yes(client, file: StaffFile, **more):
    seen = client.get(page_of(file)).context["form"]["seen"].value()
    return client.post(page_of(file, "spara/"), {"seen": seen, **more}, follow=True)


def sections(response) -> dict:
    return {section.kind: section for section in response.context["sections"]}


def texts(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


# --- Upload -------------------------------------------------------------------------------------


def test_a_file_is_kept_and_its_changes_shown_before_anything_is_saved(client, unit):
    file = uploaded(client, row(unit))
    page = client.get(page_of(file))
    assert page.status_code == 200
    assert "Åsa Öberg" in page.content.decode()
    assert not Staff.objects.exists()


def test_a_workbook_is_read_too(client, unit):
    response = upload(client, files.as_xlsx([files.HEADINGS, row(unit)]), "personal.xlsx")
    assert sections(client.get(response.url))["new"].count == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("personal.csv", b""),
        ("personal.csv", b"\x89PNG\r\n\x1a\n\0\0"),
        ("personal.pdf", b"%PDF-1.7"),
        ("personal.csv", "Namn;Ort\nÅsa;Vara\n".encode()),
        ("personal.xlsx", b"PK\x03\x04 broken"),
        ("personal.csv", b"x" * 10_000_001),
    ],
)
def test_a_wrong_file_is_told_on_the_same_page_and_not_kept(client, name, content):
    response = upload(client, content, name)
    assert response.status_code == 200
    assert len(response.context["form"].errors["file"]) == 1
    assert not StaffFile.objects.exists()


def test_no_file_at_all_is_told(client):
    assert client.post(PAGE).context["form"].errors["file"] == [_("Choose a file first.")]


def test_files_that_wait_are_listed_and_can_be_thrown_away(client, unit):
    file = uploaded(client, row(unit))
    assert client.get(PAGE).context["waiting"] == [file]
    assert client.post(page_of(file, "kasta/")).url == PAGE
    assert client.get(PAGE).context["waiting"] == []
    assert client.get(page_of(file)).status_code == 404


def test_a_file_already_imported_is_not_thrown_away(client, unit):
    file = uploaded(client, row(unit))
    yes(client, file)
    assert client.post(page_of(file, "kasta/")).url == page_of(file)
    assert StaffFile.objects.get() == file


# --- Look ---------------------------------------------------------------------------------------


def test_new_changed_gone_and_wrong_are_shown_with_old_and_new(client, unit):
    builders.staff(unit, hsa_id="SE5560000000-P0001", title="Vårdbiträde")
    gone = builders.staff(unit, "Bo", "Borta")
    response = client.get(
        page_of(uploaded(client, row(unit, 1), row(unit, 2), row(unit, 3, card_expires="31/2")))
    )
    shown = sections(response)
    assert {kind: section.count for kind, section in shown.items()} == {
        "wrong": 1,
        "new": 1,
        "changed": 1,
        "gone": 1,
    }
    fault = shown["wrong"].lines[0]
    assert (fault.row, fault.column) == (4, "Kort giltigt till")
    assert "31/2" in fault.advice
    values = {value["label"]: value for value in shown["changed"].lines[0].values}
    assert values[_("Title")] == {
        "label": _("Title"),
        "old": "Vårdbiträde",
        "new": "Undersköterska",
    }
    assert shown["gone"].lines[0].hsa_id == gone.hsa_id
    page = response.content.decode()
    assert "<del>Vårdbiträde</del>" in page
    assert "<ins>Undersköterska</ins>" in page


def test_a_move_is_shown_by_the_names_of_the_units(client, unit):
    builders.staff(builders.unit(unit.municipality, "Gamla"), hsa_id="SE5560000000-P0001")
    line = sections(client.get(page_of(uploaded(client, row(unit)))))["changed"].lines[0]
    values = {value["label"]: (value["old"], value["new"]) for value in line.values}
    assert values[_("Unit")] == ("Gamla", "Björkgården")


def test_protection_is_shown_as_yes_and_no(client, unit):
    person = builders.staff(unit, hsa_id="SE5560000000-P0001", protected=True)
    lifted, given = row(unit, 1, protected="nej"), row(unit, 2, protected="ja")
    builders.staff(unit, hsa_id="SE5560000000-P0002")
    shown = sections(client.get(page_of(uploaded(client, lifted, given))))["changed"].lines
    label = _("Protected personal data")
    values = {
        line.hsa_id: [(v["old"], v["new"]) for v in line.values if v["label"] == label]
        for line in shown
    }
    assert values == {
        person.hsa_id: [(_("yes"), _("no"))],
        "SE5560000000-P0002": [(_("no"), _("yes"))],
    }


def test_three_hundred_faults_are_all_there_a_page_at_a_time(client, unit):
    file = uploaded(client, *(row(unit, n, card_expires="31/2") for n in range(1, 301)))
    rows = []
    for number in (1, 2, 3):
        response = client.get(page_of(file), {"wrong": number})
        section = sections(response)["wrong"]
        assert section.opened
        rows += [line.row for line in section.lines]
    assert rows == list(range(2, 302))
    assert "?wrong=2#wrong" in client.get(page_of(file)).content.decode()


def test_the_faults_can_be_downloaded_for_a_spreadsheet(client, unit):
    file = uploaded(client, row(unit, 1, email="=1+1"), row(unit, 2, hsa_id="fel"))
    response = client.get(page_of(file, "att-ratta.csv"))
    assert response["Content-Disposition"].startswith("attachment")
    text = response.content.decode("utf-8-sig")
    head, *lines = csv.reader(io.StringIO(text), delimiter=";")
    assert head == [_("Row"), _("Column"), _("What to do")]
    assert [(line[0], line[1]) for line in lines] == [("2", "E-post"), ("3", "HSA-id")]
    assert all(line[2] for line in lines)
    fetched = Entry.objects.get(action="people.fetch_faults")
    assert (fetched.subject, fetched.details) == (f"stafffile:{file.pk}", {"faults": 2})


def test_a_heading_that_is_a_formula_is_harmless_in_the_download(client, unit):
    content = files.as_csv([[*files.HEADINGS[:9], "-Personnummer"], row(unit, personnummer="1")])
    file = StaffFile.objects.get(pk=upload(client, content).url.split("/")[2])
    text = client.get(page_of(file, "att-ratta.csv")).content.decode("utf-8-sig")
    assert ";'-Personnummer;" in text


def test_unknown_columns_and_odd_rows_are_told(client, unit):
    content = files.as_csv(
        [[*files.HEADINGS, "Skostorlek"], [*row(unit, hsa_id="SE5560000000-Å1"), "38"]]
    )
    response = client.get(upload(client, content).url)
    assert response.context["found"].unknown_columns == ("Skostorlek",)
    assert [warning.row for warning in response.context["warnings"]] == [2]
    assert "Skostorlek" in response.content.decode()


def test_protected_persons_are_shown_without_name_and_values_but_to_their_handlers(client, unit):
    person = builders.staff(
        unit, "Hemlig", "Person", hsa_id="SE5560000000-P0001", title="Gammal", protected=True
    )
    cells = {"given_name": "Hemlig", "family_name": "Person", "protected": "ja", "title": "Ny"}
    file = uploaded(client, row(unit, 1, **cells), row(unit, 2, given_name="Dold", protected="ja"))
    page = client.get(page_of(file)).content.decode()
    assert not re.search("Hemlig|Gammal|Dold", page)
    assert person.hsa_id in page
    assert _("Title") in page
    person.handlers.add(client.get(PAGE).wsgi_request.user)
    page = client.get(page_of(file)).content.decode()
    assert "Hemlig" in page
    assert "<del>Gammal</del>" in page


# --- Say yes ------------------------------------------------------------------------------------


def test_yes_saves_what_was_shown_and_tells_what_was_done(client, unit):
    builders.staff(unit, "Bo", "Borta")
    file = uploaded(client, row(unit, 1), row(unit, 2, email="fel"))
    response = yes(client, file)
    assert response.context["file"].outcome["new"] == 1
    assert response.context["file"].outcome["faults"] == 1
    assert page_of(file, "att-ratta.csv") in response.content.decode()
    assert client.get(page_of(file, "att-ratta.csv")).status_code == 200
    assert Staff.objects.filter(left_on=None).count() == 2


def test_those_gone_have_left_only_when_the_box_is_ticked(client, unit):
    gone = builders.staff(unit, "Bo", "Borta")
    file = uploaded(client, row(unit, 1))
    assert "mark_left" in client.get(page_of(file)).content.decode()
    yes(client, file, mark_left="on")
    gone.refresh_from_db()
    assert gone.left_on is not None


def test_a_register_that_changed_shows_the_changes_once_more(client, unit):
    file = uploaded(client, row(unit, 1))
    seen = client.get(page_of(file)).context["form"]["seen"].value()
    builders.staff(unit, hsa_id="SE5560000000-P0001")
    response = client.post(page_of(file, "spara/"), {"seen": seen}, follow=True)
    assert texts(response) == [
        _("The register has changed since you looked. Check the changes once more.")
    ]
    assert sections(response).keys() == {"changed"}
    file.refresh_from_db()
    assert file.imported_at is None


def test_a_double_click_imports_once(client, unit):
    file = uploaded(client, row(unit, 1))
    seen = client.get(page_of(file)).context["form"]["seen"].value()
    for _again in range(2):
        response = client.post(page_of(file, "spara/"), {"seen": seen}, follow=True)
        assert response.context["file"].outcome["new"] == 1
    assert Staff.objects.count() == 1


def test_a_yes_without_what_was_seen_saves_nothing(client, unit):
    file = uploaded(client, row(unit, 1))
    response = client.post(page_of(file, "spara/"), follow=True)
    assert sections(response)["new"].count == 1
    assert not Staff.objects.exists()


def test_a_file_with_nothing_to_save_has_no_button(client, unit):
    file = uploaded(client, row(unit, 1, email="fel"))
    page = client.get(page_of(file)).content.decode()
    assert page_of(file, "spara/") not in page
    assert page_of(file, "kasta/") in page


# --- Doors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["care_manager", "technician", "id_administrator", "card_issuer"])
def test_other_roles_find_no_import(client, unit, role):
    file = uploaded(client, row(unit))
    client.force_login(builders.user(role, within=unit.municipality.federation))
    assert client.get(PAGE).status_code == 404
    assert upload(client, b"x").status_code == 404
    assert client.get(page_of(file)).status_code == 404


def test_another_federations_file_is_not_there(client, unit):
    file = uploaded(client, row(unit))
    seen = client.get(page_of(file)).context["form"]["seen"].value()
    client.force_login(builders.user("administrator", within=builders.federation()))
    assert client.get(page_of(file)).status_code == 404
    assert client.get(page_of(file, "att-ratta.csv")).status_code == 404
    assert client.post(page_of(file, "kasta/")).status_code == 404
    assert client.post(page_of(file, "spara/"), {"seen": seen}).status_code == 404
    assert StaffFile.objects.filter(imported_at=None).count() == 1


def test_nothing_is_saved_or_thrown_away_by_a_link(client, unit):
    file = uploaded(client, row(unit))
    assert client.get(page_of(file, "spara/")).status_code == 405
    assert client.get(page_of(file, "kasta/")).status_code == 405


def test_a_file_that_was_emptied_has_no_faults_to_download(client, unit):
    first = uploaded(client, row(unit, 1), row(unit, 2, email="fel"))
    yes(client, first)
    uploaded(client, row(unit, 3))
    assert client.get(page_of(first, "att-ratta.csv")).status_code == 404
    assert page_of(first, "att-ratta.csv") not in client.get(page_of(first)).content.decode()
