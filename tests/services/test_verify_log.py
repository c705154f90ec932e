"""The command that verifies the log: rows against heads, anchors, their file and the batches."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from enrolment.audit import anchor_file
from enrolment.audit.models import Anchor, Entry
from enrolment.audit.services import anchor_logs
from enrolment.audit.tasks import anchor_logs as anchor_task
from enrolment.cards.queries import log_marks
from enrolment.cards.services.batches import seal_batch
from tests import builders, card_builders
from tests.log_builders import as_superuser, log, settle

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 5, 12, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_anchors(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path / "anchors" / "anchors.jsonl"


@pytest.fixture
def federation():
    return builders.federation()


def verify(capsys, *options: str) -> tuple[str, str]:
    """Return what the command printed, and what it failed with."""
    try:
        call_command("verify_log", *options)
    except CommandError as failure:
        return capsys.readouterr().out, str(failure)
    return capsys.readouterr().out, ""


def cut(federation, keep: int) -> None:
    """Cut the tail and move the head back: rows and head agree."""
    as_superuser("DELETE FROM audit_entry WHERE sequence > %s AND federation_id IS NOT NULL", keep)
    kept = Entry.objects.get(federation_id=federation.pk, sequence=keep)
    as_superuser(
        "UPDATE audit_head SET sequence = %s, hash = %s WHERE federation_id IS NOT NULL",
        keep,
        kept.hash,
    )


def test_a_whole_log_is_counted_chain_by_chain(federation, capsys):
    log(federation.pk, 3)
    log(None, 2)
    said, failure = verify(capsys)
    assert failure == ""
    assert said.splitlines() == [
        f"{federation.slug}: hel till rad 3, 0 ankare.",
        "huset: hel till rad 2, 0 ankare.",
    ]


def test_one_federation_is_asked_for_by_name(federation, capsys):
    log(federation.pk, 3)
    log(None, 2)
    said, failure = verify(capsys, "--federation", federation.slug)
    assert (said, failure) == (f"{federation.slug}: hel till rad 3, 0 ankare.\n", "")
    assert verify(capsys, "--federation", "nobody")[1] == "Inget förbund heter nobody."


def test_what_is_wrong_is_named_and_ends_in_failure(federation, capsys):
    lines = log(federation.pk, 5)
    as_superuser("UPDATE audit_entry SET actor = 'x' WHERE id = %s", lines[1].pk)
    as_superuser("DELETE FROM audit_entry WHERE id = %s", lines[3].pk)
    said, failure = verify(capsys)
    changed, missing, house = said.splitlines()
    assert house == "huset: hel till rad 0, 0 ankare."
    assert f"rad 2 (id {lines[1].pk}, " in changed
    assert "är ändrad" in changed
    assert "rad 4 saknas" in missing
    assert f"rad 5 (id {lines[4].pk}, " in missing
    assert failure == "Loggen är inte hel. Antal fel: 2."


def test_each_chain_is_anchored_once_a_day_in_a_row_and_a_line(federation, own_anchors):
    first = log(federation.pk, 2)[-1]
    log(None, 1)
    assert anchor_logs(now=MORNING) == 2
    assert anchor_logs(now=MORNING + timedelta(hours=12)) == 0
    log(federation.pk, 1)
    assert anchor_logs(now=MORNING + timedelta(days=1)) == 2
    rows = Anchor.objects.filter(federation_id=federation.pk).order_by("day")
    assert list(rows.values_list("sequence", flat=True)) == [2, 3]
    told = [json.loads(line) for line in own_anchors.read_text().splitlines()]
    assert told[0] == {
        "federation": str(federation.pk),
        "sequence": 2,
        "hash": first.hash,
        "at": "2026-05-12T06:00:00+00:00",
    }
    assert [line["sequence"] for line in told] == [2, 1, 3, 1]


def test_a_day_begins_at_midnight_in_sweden(federation):
    log(federation.pk, 1)
    late = datetime(2026, 5, 12, 22, 30, tzinfo=UTC)
    assert anchor_logs(now=late - timedelta(hours=1)) == 1
    assert anchor_logs(now=late) == 1


def test_without_its_line_on_the_disk_there_is_no_anchor(federation, own_anchors):
    log(federation.pk, 1)
    own_anchors.mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        anchor_logs(now=MORNING)
    assert not Anchor.objects.exists()
    own_anchors.rmdir()
    assert anchor_logs(now=MORNING) == 1


def test_the_task_anchors_today(federation, own_anchors):
    log(federation.pk, 1)
    anchor_task()
    anchor_task()
    assert len(own_anchors.read_text().splitlines()) == 1


@pytest.mark.parametrize("kept", ["row", "file", "copy"])
def test_a_cut_tail_with_the_head_moved_back_is_told_by_an_anchor(
    kept, federation, own_anchors, tmp_path, capsys
):
    log(federation.pk, 4)
    anchor_logs(now=MORNING)
    copy = shutil.copy(own_anchors, tmp_path / "elsewhere.jsonl")
    if kept != "row":
        as_superuser("DELETE FROM audit_anchor")
    if kept != "file":
        own_anchors.unlink()
    cut(federation, 2)
    said, failure = verify(capsys, *(["--anchors", str(copy)] if kept == "copy" else []))
    place = {"row": "anchor 2026-05-12", "file": "anchors.jsonl:1", "copy": "elsewhere.jsonl:1"}
    assert f"sista raden är 2, men {place[kept]} känner rad 4." in said
    assert failure


def test_a_log_that_is_gone_altogether_is_told_by_the_file(federation, capsys):
    log(federation.pk, 4)
    anchor_logs(now=MORNING)
    for table in ("audit_entry", "audit_head", "audit_anchor"):
        as_superuser(f"DELETE FROM {table}")
    said, failure = verify(capsys)
    assert "sista raden är 0, men anchors.jsonl:1 känner rad 4." in said
    assert failure


def test_a_sealed_batch_anchors_the_log(capsys):
    card_builders.signer()
    issuer = card_builders.issuer()
    settle()
    card_builders.orders(2, issuer)
    settle()
    batch = seal_batch(actor=card_builders.keeper(issuer.federation), issuer=issuer)
    settle()
    (mark,) = log_marks(issuer.federation_id)
    line = Entry.objects.get(federation_id=issuer.federation_id, sequence=mark.sequence)
    assert (mark.hash, mark.place) == (line.hash, batch.name)
    assert batch.header["audit_hash"] == line.hash
    assert verify(capsys)[1] == ""
    cut(issuer.federation, 1)
    said, failure = verify(capsys)
    assert f"men {batch.name} känner rad {mark.sequence}." in said
    assert failure


def test_half_a_line_is_named_and_the_rest_is_verified(federation, own_anchors, capsys):
    log(federation.pk, 1)
    anchor_logs(now=MORNING)
    with own_anchors.open("a") as file:
        file.write('{"federation": nu')
    said, failure = verify(capsys)
    assert "anchors.jsonl:2: raden går inte att läsa." in said
    assert "hel till rad" in said
    assert failure == "Loggen är inte hel. Antal fel: 1."


def test_after_half_a_line_the_next_anchor_stands_on_its_own(own_anchors):
    own_anchors.parent.mkdir(parents=True, exist_ok=True)
    own_anchors.write_text('{"federation": nu')
    anchor_file.append(Anchor(federation_id=None, sequence=7, hash="ab", at=MORNING))
    assert list(anchor_file.read(own_anchors)) == [
        anchor_file.Unreadable("anchors.jsonl:1"),
        (None, (7, "ab", "anchors.jsonl:2")),
    ]


def test_a_file_that_cannot_be_read_is_a_failure(capsys):
    assert "går inte att läsa" in verify(capsys, "--anchors", "/nowhere.jsonl")[1]


def test_a_missing_trigger_is_a_failure(federation, capsys):
    log(federation.pk, 1)
    on_table = " ON audit_entry" if connection.vendor == "postgresql" else ""
    connection.cursor().execute(f"DROP TRIGGER audit_entry_no_delete{on_table}")
    said, failure = verify(capsys)
    assert "triggern audit_entry_no_delete är borta" in said
    assert failure == "Loggen är inte hel. Antal fel: 1."


def test_the_file_s_lines_come_back_as_they_were_written(own_anchors, federation):
    anchor_file.append(Anchor(federation_id=None, sequence=7, hash="ab", at=MORNING))
    anchor_file.append(Anchor(federation_id=federation.pk, sequence=8, hash="cd", at=MORNING))
    assert list(anchor_file.read(own_anchors)) == [
        (None, (7, "ab", "anchors.jsonl:1")),
        (federation.pk, (8, "cd", "anchors.jsonl:2")),
    ]
