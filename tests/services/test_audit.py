"""Each thing done leaves one line, in the same transaction, without anybody's personal data."""

import json
from datetime import date

import pytest
from django.db import transaction

from enrolment.audit.models import Entry
from enrolment.audit.services import System, record
from enrolment.people.domain.stages import Reason, Stage
from enrolment.people.services.accounts import invite_user
from enrolment.people.services.log_ins import note_failed_log_in, note_log_in
from enrolment.people.services.needs import advance_need, open_need
from enrolment.people.services.protection import name_handler, note_look
from enrolment.people.services.staff_files import (
    changes_in,
    import_staff_file,
    receive_staff_file,
)
from tests import builders
from tests import staff_file_builders as files

pytestmark = pytest.mark.django_db


def test_a_line_says_who_did_what_to_which_row_and_when():
    user, unit = builders.user(), builders.unit()
    record(actor=user, action="people.change_unit", subject=unit, federation_id=None, count=2)
    line = Entry.objects.get()
    assert (line.actor, line.action) == (f"user:{user.pk}", "people.change_unit")
    assert line.subject == f"careunit:{unit.pk}"
    assert line.details == {"count": 2}
    assert str(line).endswith(f"user:{user.pk} people.change_unit careunit:{unit.pk}")


def test_a_part_of_the_house_acts_under_its_name():
    record(actor=System("sweeper"), action="x", subject=builders.unit(), federation_id=None)
    assert Entry.objects.get().actor == "system:sweeper"


def test_what_is_undone_leaves_no_line():
    unit = builders.unit()
    with transaction.atomic():
        record(actor=System("test"), action="x", subject=unit, federation_id=None)
        transaction.set_rollback(True)
    assert not Entry.objects.exists()


def test_the_log_of_a_busy_day_names_nobody():
    unit = builders.unit()
    federation = unit.municipality.federation
    boss = builders.user("administrator", within=federation, name="Beda Boss")
    row = files.person(1, unit=unit.hsa_id, personnummer="196112122871", email="asa@hemma.example")
    content = files.as_csv([files.HEADINGS, row])
    today = date(2026, 5, 12)
    file = receive_staff_file(
        actor=boss, federation=federation, name="Öberg.csv", content=content, today=today
    )
    seen = changes_in(file, today).fingerprint
    import_staff_file(actor=boss, file=file, seen=seen, mark_left=True, today=today)
    person = builders.staff(unit, "Frida", "Frisk", protected=True)
    need = open_need(actor=boss, staff=person, reason=Reason.LOST, due_on=today)
    advance_need(actor=boss, need=need, stage=Stage.INVITED, why="Frida ringde")
    name_handler(actor=boss, staff=person, handler=boss)
    note_look(actor=boss, staff=person)
    invite_user(
        actor=boss,
        federation=federation,
        email="kalle@hemma.example",
        name="Kalle Karlsson",
        role="planner",
        municipality=None,
        unit=None,
        site="https://kort.example",
    )
    note_log_in(user=boss)
    note_failed_log_in(email="okand@hemma.example", place="192.0.2.1")
    log = json.dumps(
        [[e.actor, e.action, e.subject, e.details] for e in Entry.objects.all()],
        ensure_ascii=False,
    )
    assert Entry.objects.count() > 10
    words = ("Åsa", "Öberg", "Frida", "Frisk", "Kalle", "hemma.example", "2871", "Beda", "ringde")
    assert [word for word in words if word in log] == []
