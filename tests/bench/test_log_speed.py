"""How fast the log is written and verified. Run by `make bench`; the figures are printed."""

import time
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction

from enrolment.audit import queries, services, triggers
from enrolment.audit.domain.chain import GENESIS, Mark, content_digest, link
from enrolment.audit.models import Entry, Head
from tests import builders

ROWS, LEAST_A_SECOND = 100_000, 50_000
WRITES = 1_000
OURS = UUID("5f0f4f2e-1c5b-4c37-8c0c-8d1f2c9b7a10")


def chained_rows(count: int) -> list[Entry]:
    rows, hash_ = [], GENESIS
    at = datetime(2026, 5, 12, 8, 0, 0, 123456, tzinfo=UTC)
    for sequence in range(1, count + 1):
        content = {
            "federation_id": OURS,
            "at": at + timedelta(seconds=sequence),
            "actor": "user:0b8c7f1c-2f7a-4a86-9a1f-4f5f3c2f7f11",
            "action": "photos.look",
            "subject": f"capture:{UUID(int=sequence)}",
            "details": {"part": "card", "count": sequence},
        }
        digest = content_digest(**content)
        previous, hash_ = hash_, link(hash_, sequence, digest)
        links = {"sequence": sequence, "previous_hash": previous, "hash": hash_}
        rows.append(Entry(**content, digest=digest, **links))
    return rows


def test_verifying_a_long_chain(own_database):
    rows = chained_rows(ROWS)
    triggers.unguard(connection)
    with transaction.atomic():
        Entry.objects.bulk_create(rows, 2_000)
        Head.objects.create(federation_id=OURS, sequence=ROWS, hash=rows[-1].hash)
    triggers.guard(connection)
    began = time.perf_counter()
    found = list(queries.verify(OURS, [Mark(50_000, rows[49_999].hash, "KB-2026-000001")]))
    rate = ROWS / (time.perf_counter() - began)
    print(f"\nlog_verify_rows_per_second: {rate:.0f}")
    assert found == [Mark(ROWS, rows[-1].hash, "")]
    assert rate >= LEAST_A_SECOND


@pytest.mark.parametrize("linked", [True, False])
@pytest.mark.parametrize("together", [1, 100, 1000])
def test_writing_lines(own_database, monkeypatch, linked, together):
    """Each alone in its transaction, then a hundred in one; without the head for comparison."""
    user = builders.user()
    if not linked:
        triggers.unguard(connection)
        monkeypatch.setattr(services, "_link", lambda line: None)
    began = time.perf_counter()
    for _turn in range(WRITES // together):
        with transaction.atomic() if together > 1 else nullcontext():
            for _line in range(together):
                services.record(
                    actor=user, action="people.log_in", subject=user, federation_id=OURS
                )
    rate = WRITES / (time.perf_counter() - began)
    name = "log_write_rows_per_second" if linked else "log_write_without_head_rows_per_second"
    print(f"\n{name} ({together} in a transaction, {connection.vendor}): {rate:.0f}")
    assert Entry.objects.filter(federation_id=OURS).exclude(sequence=None).exists() == linked
