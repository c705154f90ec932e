"""A roster is uploaded at its unit, or for the whole federation; the page tells what was taken."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests import builders
from tests.staff_file_builders import as_csv

pytestmark = pytest.mark.django_db
HEAD = ["HSA-id", "Datum", "Start", "Slut", "Lön"]


def upload(*rows) -> dict:
    content = as_csv([HEAD, *rows])
    return {"file": SimpleUploadedFile("schema.csv", content)}


@pytest.fixture
def unit():
    return builders.unit()


def test_a_manager_uploads_a_roster_and_sees_what_was_taken_and_what_not(unit, log_in):
    anna, hidden = builders.staff(unit), builders.staff(unit, protected=True)
    client = log_in(builders.user("care_manager", within=unit))
    place = reverse("people:roster", args=[unit.pk])
    assert client.get(place).context["cover"] is None
    answer = client.post(
        place,
        upload(
            [anna.hsa_id, "2027-05-11", "7", "16", "x"],
            [anna.hsa_id, "2027-05-11", "8", "17", ""],
            [hidden.hsa_id, "2027-05-11", "fel", "17", ""],
        ),
    )
    assert [line["row"] for line in answer.context["lines"]] == [3]
    assert answer.context["untold"] == 1
    assert hidden.hsa_id not in answer.content.decode()
    assert "Lön" in answer.content.decode()
    assert anna.shifts.count() == 1
    assert client.get(place).context["cover"].people == 1


def test_a_file_without_a_right_row_does_not_look_taken(unit, log_in):
    client = log_in(builders.user("care_manager", within=unit))
    place = reverse("people:roster", args=[unit.pk])
    right = client.post(place, upload([builders.staff(unit).hsa_id, "2027-05-11", "7", "16", ""]))
    wrong = client.post(place, upload(["SE9900000001-NEJ", "2027-05-11", "7", "16", ""]))
    assert "pass är inlä" in heading(right)
    assert "pass är inlä" not in heading(wrong)
    assert wrong.context["lines"]


def heading(response) -> str:
    return response.content.decode().partition("<h1")[2].partition("</h1>")[0]


def test_a_planner_uploads_for_the_whole_federation(unit, log_in):
    anna = builders.staff(unit)
    client = log_in(builders.user("planner", within=unit.municipality.federation))
    place = reverse("people:roster_import")
    assert client.get(place).status_code == 200
    client.post(place, upload([anna.hsa_id, "2027-05-11", "7", "16", ""]))
    assert anna.shifts.count() == 1


def test_a_file_that_can_not_be_read_is_said_at_the_field(unit, log_in):
    client = log_in(builders.user("care_manager", within=unit))
    place = reverse("people:roster", args=[unit.pk])
    answer = client.post(place, {"file": SimpleUploadedFile("schema.csv", b"")})
    assert list(answer.context["form"].errors) == ["file"]
    assert "taken" not in answer.context


@pytest.mark.parametrize("role", ["care_manager", "technician", "id_administrator"])
def test_others_find_nothing_there(unit, log_in, role):
    client = log_in(builders.user(role, within=unit.municipality))
    assert client.get(reverse("people:roster_import")).status_code == 404
    other = builders.user(role, within=builders.unit(unit.municipality))
    place = reverse("people:roster", args=[unit.pk])
    assert log_in(other).get(place).status_code == 404
