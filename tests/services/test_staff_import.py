"""A staff file is kept sealed, shown, and then does exactly what was shown and agreed to."""

import json
from datetime import date

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from enrolment import vault
from enrolment.audit.models import Entry
from enrolment.people.domain.refusal import Code
from enrolment.people.domain.staff_file import StaffFileError
from enrolment.people.domain.stages import Reason, Stage
from enrolment.people.models import CardNeed, Staff, StaffFile, StageChange
from enrolment.people.services.staff_files import (
    AlreadyImported,
    ChangesDiffer,
    changes_in,
    discard_staff_file,
    import_staff_file,
    receive_staff_file,
)
from tests import builders
from tests import staff_file_builders as files

pytestmark = pytest.mark.django_db

TODAY = date(2026, 5, 12)
NUMBER, OTHER_NUMBER = "196112122871", "196208132834"


@pytest.fixture
def unit():
    return builders.unit()


def received(unit, *rows, name: str = "personal.csv", content: bytes = b"") -> StaffFile:
    federation = unit.municipality.federation
    return receive_staff_file(
        actor=builders.user("administrator", within=federation),
        federation=federation,
        name=name,
        content=content or files.as_csv([files.HEADINGS, *rows]),
        today=TODAY,
    )


def taken(file: StaffFile, *, mark_left: bool = False, seen: str = "") -> StaffFile:
    seen = seen or changes_in(file, TODAY).fingerprint
    return import_staff_file(
        actor=builders.user(), file=file, seen=seen, mark_left=mark_left, today=TODAY
    )


def row(at, number: int = 1, /, **cells):
    return files.person(number, **{"unit": at.hsa_id, "personnummer": "", **cells})


def known(unit, number: int = 1, **more) -> Staff:
    return builders.staff(unit, hsa_id=f"SE5560000000-P{number:04}", **more)


# --- Kept sealed --------------------------------------------------------------------------------


def test_the_upload_is_kept_sealed_byte_for_byte(unit):
    content = files.as_xlsx([files.HEADINGS, row(unit)])
    file = received(unit, name="personal.xlsx", content=content)
    file.refresh_from_db()
    assert vault.unseal(bytes(file.sealed_content), file.vault_place) == content
    clear = received(unit, row(unit))
    assert "Öberg".encode() not in bytes(clear.sealed_content)
    assert not Staff.objects.exists()
    assert Entry.objects.filter(action="people.receive_staff_file").count() == 2


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("personal.csv", b"  \n", Code.FILE_EMPTY),
        ("personal.pdf", b"%PDF-1.7", Code.FILE_TYPE),
        ("personal.csv", b"\x89PNG\r\n\x1a\n\0", Code.FILE_TYPE),
        ("personal.csv", "Namn;Ort\nÅsa;Vara".encode(), Code.HEADINGS_MISSING),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_not_kept(unit, name, content, code):
    with pytest.raises(StaffFileError) as refusal:
        received(unit, name=name, content=content)
    assert refusal.value.code == code
    assert not StaffFile.objects.exists()


def test_a_file_thrown_away_is_gone_and_one_taken_in_stays(unit):
    file = received(unit, row(unit))
    discard_staff_file(actor=builders.user(), file=file)
    assert not StaffFile.objects.exists()
    assert Entry.objects.latest("pk").action == "people.discard_staff_file"
    done = taken(received(unit, row(unit)))
    with pytest.raises(AlreadyImported):
        discard_staff_file(actor=builders.user(), file=done)
    assert StaffFile.objects.get() == done


def test_a_file_is_not_thrown_away_that_somebody_has_just_taken_in(unit):
    shown = received(unit, row(unit))
    taken(StaffFile.objects.get(pk=shown.pk))
    with pytest.raises(AlreadyImported):
        discard_staff_file(actor=builders.user(), file=shown)
    assert StaffFile.objects.get().imported_at


def test_a_file_is_not_taken_in_that_somebody_has_just_thrown_away(unit):
    shown = received(unit, row(unit))
    seen = changes_in(shown, TODAY).fingerprint
    discard_staff_file(actor=builders.user(), file=StaffFile.objects.get(pk=shown.pk))
    with pytest.raises(AlreadyImported):
        taken(shown, seen=seen)
    assert not Staff.objects.exists()


def test_a_file_taken_in_is_emptied_when_the_next_arrives(unit):
    done, waiting = taken(received(unit, row(unit))), received(unit, row(unit, 2))
    elsewhere = taken(received(builders.unit(), content=files.as_csv([files.HEADINGS, files.ROW])))
    received(unit, row(unit, 3))
    sizes = [len(StaffFile.objects.get(pk=f.pk).sealed_content) for f in (done, waiting, elsewhere)]
    assert [bool(size) for size in sizes] == [False, True, True]


# --- Saved as shown -----------------------------------------------------------------------------


def test_new_people_are_saved_with_all_that_the_file_says(unit):
    taken(received(unit, row(unit, personnummer="611212-2871", protected="ja")))
    person = Staff.objects.get()
    told = {name: getattr(person, name) for name in ("given_name", "family_name", "title", "email")}
    assert told == {
        "given_name": "Åsa",
        "family_name": "Öberg",
        "title": "Undersköterska",
        "email": "asa@example.org",
    }
    assert (person.hsa_id, person.unit) == ("SE5560000000-P0001", unit)
    assert (person.phone, person.card_expires) == ("0510-12 34 56", date(2027, 2, 28))
    assert person.protected
    assert person.federation == unit.municipality.federation


def test_the_personnummer_lies_sealed_with_its_blind_index(unit):
    taken(received(unit, row(unit, personnummer="611212-2871")))
    person = Staff.objects.get()
    assert person.personnummer == NUMBER
    assert person.personnummer_index == Staff.index_of(NUMBER, person.federation_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM people_staff")
        stored = repr(cursor.fetchall())
    assert NUMBER not in stored
    assert NUMBER[2:] not in stored


def test_changed_people_are_shown_from_old_to_new_and_saved(unit):
    person = known(unit, title="Vårdbiträde", phone="123")
    file = received(unit, row(unit, phone="", email=person.email, card_expires=""))
    change = changes_in(file, TODAY).changes.changed[0]
    assert [(c.field, c.old, c.new) for c in change.fields] == [
        ("title", "Vårdbiträde", "Undersköterska")
    ]
    taken(file)
    person.refresh_from_db()
    assert (person.title, person.phone) == ("Undersköterska", "123")


def test_the_same_file_again_changes_nothing(unit):
    rows = [row(unit, 1, personnummer=NUMBER), row(unit, 2)]
    taken(received(unit, *rows))
    found = changes_in(received(unit, *rows), TODAY)
    assert (found.changes.new, found.changes.changed, found.changes.gone) == ((), (), ())
    assert not found.something_to_save


def test_people_who_move_to_another_unit_move(unit):
    other = builders.unit(unit.municipality, "Ängslyckan")
    person = known(unit)
    taken(received(unit, row(other)))
    person.refresh_from_db()
    assert person.unit == other


def test_a_new_name_changes_the_order(unit):
    person = known(unit)
    taken(received(unit, row(unit, family_name="Ek")))
    person.refresh_from_db()
    assert person.sort_key == "ek {asa"


def test_a_personnummer_is_added_and_corrected(unit):
    person = known(unit)
    taken(received(unit, row(unit, personnummer=NUMBER)))
    person.refresh_from_db()
    assert person.personnummer == NUMBER
    file = received(unit, row(unit, personnummer=OTHER_NUMBER))
    fields = {c.field: c for c in changes_in(file, TODAY).changes.changed[0].fields}
    assert (str(fields["personnummer"].old), str(fields["personnummer"].new)) == (
        "19611212-****",
        "19620813-****",
    )
    taken(file)
    person.refresh_from_db()
    assert person.personnummer == OTHER_NUMBER


def test_other_federations_are_left_alone(unit):
    stranger = known(builders.unit(), given_name="Annan")
    taken(received(unit, row(unit)), mark_left=True)
    stranger.refresh_from_db()
    assert (stranger.given_name, stranger.left_on) == ("Annan", None)
    assert Staff.objects.count() == 2


def test_a_unit_of_another_federation_is_unknown(unit):
    found = changes_in(received(unit, row(builders.unit())), TODAY)
    assert [fault.code for fault in found.faults] == [Code.UNIT_UNKNOWN]


# --- Gone and back ------------------------------------------------------------------------------


def test_those_who_are_gone_have_left_only_if_somebody_says_so(unit):
    stays, leaves = known(unit, 1), known(unit, 2)
    file = received(unit, row(unit, 1))
    assert [gone.hsa_id for gone in changes_in(file, TODAY).changes.gone] == [leaves.hsa_id]
    taken(file)
    leaves.refresh_from_db()
    assert leaves.left_on is None
    done = taken(received(unit, row(unit, 1)), mark_left=True)
    for person in (stays, leaves):
        person.refresh_from_db()
    assert (stays.left_on, leaves.left_on) == (None, TODAY)
    assert done.outcome["left"] == 1


def test_the_needs_of_those_who_left_lapse(unit):
    need = builders.need(known(unit, 2))
    taken(received(unit, row(unit, 1)), mark_left=True)
    need.refresh_from_db()
    assert (need.stage, need.open) == (Stage.LAPSED, False)
    assert StageChange.objects.filter(need=need).latest("pk").why == "left"


def test_nobody_is_gone_from_a_unit_that_the_file_does_not_mention(unit):
    elsewhere = known(builders.unit(unit.municipality), 9)
    taken(received(unit, row(unit)), mark_left=True)
    elsewhere.refresh_from_db()
    assert elsewhere.left_on is None


def test_nobody_of_a_faulty_row_is_gone(unit):
    person = known(unit, 2)
    taken(received(unit, row(unit, 1), row(unit, 2, email="fel")), mark_left=True)
    person.refresh_from_db()
    assert person.left_on is None


def test_somebody_who_left_comes_back_as_the_same_person(unit):
    person = known(unit, left_on=date(2025, 1, 1), phone="123")
    file = received(unit, row(unit, phone=""))
    assert changes_in(file, TODAY).returning == {person.hsa_id}
    taken(file)
    back = Staff.objects.get()
    assert (back.pk, back.left_on, back.phone) == (person.pk, None, "123")


# --- Wrong rows ---------------------------------------------------------------------------------


def test_three_hundred_faults_are_all_told_and_stop_nobody_else(unit):
    wrong = [row(unit, number, card_expires="31/2") for number in range(100, 400)]
    file = received(unit, row(unit, 1), *wrong, row(unit, 2))
    found = changes_in(file, TODAY)
    assert found.faulty_rows == 300
    assert [fault.row for fault in found.faults] == list(range(3, 303))
    assert taken(file).outcome["faults"] == 300
    assert Staff.objects.count() == 2


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"personnummer": "611212-2872"}, Code.PERSONNUMMER_CHECK_DIGIT),
        ({"hsa_id": "P1"}, Code.HSA_ID_FORM),
        ({"unit": "SE5560000000-NONE"}, Code.UNIT_UNKNOWN),
        ({"card_expires": "31/2"}, Code.DATE),
    ],
)
def test_a_wrong_row_is_told_by_row_and_code_and_not_saved(unit, cells, code):
    file = received(unit, row(unit, 1, **cells), row(unit, 2))
    faults = changes_in(file, TODAY).faults
    assert [(fault.row, fault.code) for fault in faults] == [(2, code)]
    taken(file)
    assert Staff.objects.get().hsa_id == "SE5560000000-P0002"


def test_the_same_hsa_id_twice_is_a_fault_of_the_later_row(unit):
    file = received(unit, row(unit, 1), row(unit, 1, given_name="Annan"))
    assert [f.code for f in changes_in(file, TODAY).faults] == [Code.HSA_ID_TWICE]
    taken(file)
    assert Staff.objects.get().given_name == "Åsa"


def with_number(person: Staff, digits: str) -> Staff:
    person.seal_personnummer(digits)
    person.save()
    return person


def test_a_personnummer_of_another_person_is_a_fault_of_its_row(unit):
    with_number(known(unit, 1), NUMBER)
    file = received(unit, row(unit, 1), row(unit, 2, personnummer="611212-2871"))
    faults = changes_in(file, TODAY).faults
    assert [(f.row, f.column, f.code) for f in faults] == [
        (3, "Personnummer", Code.PERSONNUMMER_TAKEN)
    ]
    taken(file)
    assert not Staff.objects.filter(hsa_id="SE5560000000-P0002").exists()


def test_a_personnummer_of_somebody_who_left_is_taken_too(unit):
    with_number(known(unit, 1, left_on=TODAY), NUMBER)
    file = received(unit, row(unit, 2, personnummer=NUMBER))
    assert [f.code for f in changes_in(file, TODAY).faults] == [Code.PERSONNUMMER_TAKEN]


def test_a_personnummer_twice_in_the_file_is_a_fault_of_the_later_row(unit):
    file = received(
        unit, row(unit, 1, personnummer=NUMBER), row(unit, 2, personnummer="611212-2871")
    )
    assert [(f.row, f.code) for f in changes_in(file, TODAY).faults] == [
        (3, Code.PERSONNUMMER_TAKEN)
    ]


def test_people_of_two_federations_may_be_the_same_person(unit):
    with_number(known(builders.unit(), 1), NUMBER)
    taken(received(unit, row(unit, 1, personnummer=NUMBER)))
    assert Staff.objects.filter(federation=unit.municipality.federation).count() == 1


def test_the_database_keeps_a_personnummer_to_one_person(unit):
    with_number(known(unit, 1), NUMBER)
    person = known(unit, 2)
    with pytest.raises(IntegrityError):
        with_number(person, NUMBER)


# --- Exactly what was seen ----------------------------------------------------------------------


def test_a_register_that_changed_in_between_is_shown_again_before_anything_is_saved(unit):
    person = known(unit, title="Vårdbiträde")
    file = received(unit, row(unit), row(unit, 2))
    seen = changes_in(file, TODAY).fingerprint
    Staff.objects.filter(pk=person.pk).update(title="Undersköterska")
    with pytest.raises(ChangesDiffer):
        taken(file, seen=seen)
    assert Staff.objects.count() == 1
    taken(file)
    assert Staff.objects.count() == 2


def test_a_change_that_the_file_does_not_touch_needs_no_second_look(unit):
    person = known(unit)
    file = received(unit, row(unit))
    seen = changes_in(file, TODAY).fingerprint
    person.handlers.add(builders.user())
    known(builders.unit(), 5)
    assert taken(file, seen=seen).imported_at


def test_a_fingerprint_of_another_file_is_refused(unit):
    first, second = received(unit, row(unit, 1)), received(unit, row(unit, 1))
    with pytest.raises(ChangesDiffer):
        taken(first, seen=changes_in(second, TODAY).fingerprint)


def test_a_file_is_taken_in_once(unit):
    file = received(unit, row(unit))
    seen = changes_in(file, TODAY).fingerprint
    taken(file, seen=seen)
    with pytest.raises(AlreadyImported):
        taken(file, seen=seen)
    assert Staff.objects.count() == 1
    assert CardNeed.objects.count() <= 1


# --- What follows -------------------------------------------------------------------------------


def test_needs_are_opened_by_rule_for_new_and_expiring(unit):
    soon, later, without = (
        row(unit, number, card_expires=expires)
        for number, expires in enumerate(("2026-06-01", "2030-01-01", ""), 1)
    )
    done = taken(received(unit, soon, later, without))
    needs = {need.staff.hsa_id[-1]: need.reason for need in CardNeed.objects.all()}
    assert needs == {"1": Reason.RENEWAL, "3": Reason.NEW}
    assert done.outcome == {
        "new": 3,
        "changed": 0,
        "unchanged": 0,
        "faults": 0,
        "left": 0,
        "needs": 2,
    }


def test_the_import_is_one_line_of_counts_without_names(unit):
    known(unit, 1)
    done = taken(received(unit, row(unit, 1), row(unit, 2), row(unit, 3, email="fel")))
    line = Entry.objects.get(action="people.import_staff_file")
    assert line.details == done.outcome
    assert line.federation_id == unit.municipality.federation_id
    assert "berg" not in json.dumps(line.details)


def test_more_rows_ask_no_more_of_the_database(unit):
    counts = []
    for start, size in ((100, 3), (200, 60)):
        old = [known(unit, number) for number in range(start, start + size)]
        new = [row(unit, number) for number in range(start + 1000, start + 1000 + size)]
        changed = [row(unit, int(p.hsa_id[-4:]), title="Ny") for p in old]
        file = received(unit, *new, *changed)
        seen = changes_in(file, TODAY).fingerprint
        actor = builders.user()
        with CaptureQueriesContext(connection) as queries:
            import_staff_file(actor=actor, file=file, seen=seen, mark_left=True, today=TODAY)
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 2
    assert counts[1] < 30
