"""Each line follows on the one before it, and whatever a superuser does to the rows is found."""

import json
from uuid import UUID

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, transaction
from django.utils import timezone

from enrolment.audit import queries, triggers
from enrolment.audit.domain.chain import GENESIS, Flaw, Mark, content_digest, link
from enrolment.audit.models import Anchor, Entry, Head
from enrolment.audit.services import System, record
from tests import builders
from tests.log_builders import as_superuser, findings, log, settle

pytestmark = pytest.mark.django_db
OURS = UUID("5f0f4f2e-1c5b-4c37-8c0c-8d1f2c9b7a10")


def told(federation_id: UUID | None = OURS, *marks: Mark) -> list[tuple[str, int | None]]:
    return [(found.flaw.value, found.sequence) for found in findings(federation_id, *marks)]


def digest_of(line: Entry) -> str:
    names = ("federation_id", "at", "actor", "action", "subject", "details")
    return content_digest(**{name: getattr(line, name) for name in names})


def relink(lines: list[Entry]) -> None:
    """Work the whole chain out anew, head and all, as somebody would who knows how."""
    hash_ = GENESIS
    for sequence, line in enumerate(lines, start=1):
        digest, previous, hash_ = digest_of(line), hash_, link(hash_, sequence, digest_of(line))
        as_superuser(
            "UPDATE audit_entry SET details = %s, sequence = %s, digest = %s, previous_hash = %s, "
            "hash = %s WHERE id = %s",
            json.dumps(line.details),
            sequence,
            digest,
            previous,
            hash_,
            line.pk,
        )
    as_superuser("UPDATE audit_head SET sequence = %s, hash = %s", len(lines), hash_)


def test_each_line_follows_on_the_one_before_it():
    first, second, third = log(OURS, 3)
    assert [line.sequence for line in (first, second, third)] == [1, 2, 3]
    assert first.previous_hash == GENESIS
    assert second.previous_hash == first.hash
    assert third.hash == link(second.hash, 3, digest_of(third))
    assert queries.head(OURS) == (3, third.hash, "head")
    assert told() == []


def test_each_federation_has_its_chain_and_so_has_the_house():
    other = builders.federation().pk
    for federation_id, count in ((OURS, 2), (other, 3), (None, 1)):
        log(federation_id, count)
    assert [queries.head(each).sequence for each in (OURS, other, None)] == [2, 3, 1]
    assert queries.chains() == {OURS, other, None}
    assert told(OURS) == told(other) == told(None) == []


def test_a_chain_that_is_not_there_ends_at_nothing():
    assert queries.head(OURS) == (0, GENESIS, "head")
    assert told() == []


def test_what_is_rolled_back_leaves_no_gap():
    log(OURS, 1)
    with transaction.atomic():
        record(
            actor=System("test"), action="x", subject=builders.unit(), federation_id=OURS, count=9
        )
        transaction.set_rollback(True)
    log(OURS, 1)
    assert queries.head(OURS).sequence == 2
    assert told() == []


@pytest.mark.parametrize("table", ["audit_entry", "audit_anchor", "audit_head"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET hash = 'x'", "DELETE FROM {}"])
def test_the_database_refuses_to_change_or_delete(table, statement):
    log(OURS, 2)
    Anchor.objects.create(day="2026-05-12", at=timezone.now(), sequence=2, hash="y")
    with pytest.raises(IntegrityError, match=f"{table}_no_"), transaction.atomic():
        connection.cursor().execute(statement.format(table))
    assert told() == []


def test_a_line_cannot_be_replaced():
    line = log(OURS, 1)[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.bulk_create(
            [Entry(pk=line.pk, at=line.at, actor="x", action="x", subject="x")],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["actor"],
        )
    assert told() == []


def test_a_changed_field_names_its_row():
    line = log(OURS, 4)[1]
    as_superuser("UPDATE audit_entry SET actor = 'user:x' WHERE id = %s", line.pk)
    (found,) = findings(OURS)
    assert (found.flaw, found.sequence, found.row_id) == (Flaw.CHANGED, 2, line.pk)
    assert found.at == line.at


@pytest.mark.parametrize(
    "change",
    [
        "at = '2026-01-01 00:00:00'",
        "action = 'x'",
        "subject = 'x'",
        "details = '{\"count\": 7}'",
        "digest = 'x'",
        "previous_hash = 'x'",
        "hash = 'x'",
        "sequence = 99",
    ],
)
def test_a_change_of_any_field_names_its_row(change):
    line = log(OURS, 3)[1]
    as_superuser(f"UPDATE audit_entry SET {change} WHERE id = %s", line.pk)
    assert ("changed", line.pk) in [(f.flaw.value, f.row_id) for f in findings(OURS)]


def test_a_change_with_a_new_digest_and_hash_shows_in_the_next_row():
    line = log(OURS, 3)[1]
    line.details = {"count": 7}
    digest = digest_of(line)
    as_superuser(
        "UPDATE audit_entry SET details = %s, digest = %s, hash = %s WHERE id = %s",
        '{"count": 7}',
        digest,
        link(line.previous_hash, 2, digest),
        line.pk,
    )
    assert told() == [("wrong_link", 3)]


def test_a_line_that_changed_federation_is_missed_in_one_and_found_in_the_other():
    other = builders.federation().pk
    line = log(OURS, 3)[1]
    log(other, 1)
    as_superuser(
        "UPDATE audit_entry SET federation_id = %s WHERE id = %s",
        str(other) if connection.vendor == "postgresql" else other.hex,
        line.pk,
    )
    assert told(OURS) == [("gap", 3)]
    assert told(other) == [("changed", 2), ("beyond_head", 2)]


def test_a_deleted_line_is_named_by_the_row_after_it():
    lines = log(OURS, 4)
    as_superuser("DELETE FROM audit_entry WHERE id = %s", lines[1].pk)
    (found,) = findings(OURS)
    assert (found.flaw, found.expected, found.row_id) == (Flaw.GAP, 2, lines[2].pk)


def test_swapped_rows_are_both_named():
    lines = log(OURS, 4)
    for sequence, line in ((-1, lines[1]), (2, lines[2]), (3, lines[1])):
        as_superuser("UPDATE audit_entry SET sequence = %s WHERE id = %s", sequence, line.pk)
    assert told() == [("changed", 2), ("changed", 3), ("wrong_link", 4)]


def test_an_inserted_row_without_links_is_unchained():
    log(OURS, 2)
    made = Entry(at=timezone.now(), actor="x", action="x", subject="x", federation_id=OURS)
    triggers.unguard(connection)
    made.save()
    triggers.guard(connection)
    (found,) = findings(OURS)
    assert (found.flaw, found.row_id) == (Flaw.UNCHAINED, made.pk)


def test_an_inserted_row_with_right_links_is_beyond_the_head():
    tail = log(OURS, 2)[-1]
    made = Entry(at=timezone.now(), actor="x", action="x", subject="x", federation_id=OURS)
    made.digest, made.sequence, made.previous_hash = digest_of(made), 3, tail.hash
    made.hash = link(tail.hash, 3, made.digest)
    triggers.unguard(connection)
    made.save()
    triggers.guard(connection)
    assert told() == [("beyond_head", 3)]


def test_a_cut_tail_shows_by_the_head():
    lines = log(OURS, 4)
    as_superuser("DELETE FROM audit_entry WHERE id IN (%s, %s)", lines[2].pk, lines[3].pk)
    (found,) = findings(OURS)
    assert (found.flaw, found.sequence, found.expected) == (Flaw.CUT_TAIL, 2, 4)


def test_a_cut_tail_with_the_head_moved_back_shows_by_a_mark():
    lines = log(OURS, 4)
    mark = Mark(4, lines[3].hash, "KB-2026-000001")
    as_superuser("DELETE FROM audit_entry WHERE id IN (%s, %s)", lines[2].pk, lines[3].pk)
    as_superuser("UPDATE audit_head SET sequence = 2, hash = %s", lines[1].hash)
    assert told() == []
    (found,) = findings(OURS, mark)
    assert (found.flaw, found.sequence, found.expected) == (Flaw.CUT_TAIL, 2, 4)
    assert found.place == "KB-2026-000001"


def test_a_chain_worked_out_anew_shows_by_a_mark():
    lines = log(OURS, 4)
    mark = Mark(3, lines[2].hash, "anchors.jsonl:1")
    lines[1].details = {"count": 7}
    relink(lines)
    assert told() == []
    (found,) = findings(OURS, mark)
    assert (found.flaw, found.row_id, found.place) == (
        Flaw.OTHER_CHAIN,
        lines[2].pk,
        "anchors.jsonl:1",
    )


def test_a_head_that_is_gone_shows():
    log(OURS, 2)
    as_superuser("DELETE FROM audit_head")
    assert told() == [("beyond_head", 1)]


def test_a_head_with_another_hash_shows():
    log(OURS, 2)
    as_superuser("UPDATE audit_head SET hash = 'x'")
    assert told() == [("other_chain", 2)]


def test_a_missing_trigger_is_named_by_the_check():
    assert run_checks(tags=["database"], databases=[DEFAULT_DB_ALIAS]) == []
    trigger = triggers.TRIGGERS[connection.vendor][0]
    on_table = f" ON {trigger.table}" if connection.vendor == "postgresql" else ""
    connection.cursor().execute(f"DROP TRIGGER {trigger.name}{on_table}")
    (error,) = run_checks(tags=["database"], databases=[DEFAULT_DB_ALIAS])
    assert (error.id, trigger.name in error.msg) == ("audit.E001", True)
    with pytest.raises(CommandError, match=trigger.name):
        call_command("check", tags=["database"], databases=[DEFAULT_DB_ALIAS])
    call_command("guard_log", verbosity=0)
    assert triggers.missing(connection) == []


def test_a_trigger_that_does_something_else_is_named():
    first = triggers.TRIGGERS[connection.vendor][0]
    if connection.vendor == "postgresql":
        statement = "ALTER TABLE {0.table} DISABLE TRIGGER {0.name}"
    else:
        statement = (
            "DROP TRIGGER {0.name}; CREATE TRIGGER {0.name} BEFORE UPDATE ON {0.table} "
            "BEGIN SELECT 1; END"
        )
    for part in statement.format(first).split("; CREATE"):
        part = part if part.startswith(("DROP", "ALTER")) else f"CREATE{part}"
        connection.cursor().execute(part)
    assert triggers.missing(connection) == [first.name]


def test_head_and_links_come_back_after_the_triggers_are_made_anew():
    log(OURS, 1)
    triggers.guard(connection)
    log(OURS, 1)
    settle()
    assert Head.objects.get().sequence == 2
    assert told() == []
