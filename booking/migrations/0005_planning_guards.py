"""A kit is in one place at a time too, and the second wall stands around what was added.

`0004_planning` may have rebuilt the visits' table on SQLite, so the technicians' guard is renewed.
"""

from importlib import import_module
from typing import ClassVar

from django.db import migrations

from enrolment import wall

technicians = import_module("booking.migrations.0002_technician_overlap")

_CLASH = """
NEW.status <> 'cancelled' AND NEW.kit_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM booking_visit AS other
    WHERE other.kit_id = NEW.kit_id
      AND other.id <> NEW.id
      AND other.status <> 'cancelled'
      AND other.starts_at < NEW.ends_at
      AND other.ends_at > NEW.starts_at
)
"""
_ABORT = "BEGIN SELECT RAISE(ABORT, 'visit_kit_overlap'); END"
GUARD = {
    "sqlite": [
        "CREATE TRIGGER visit_kit_overlap_insert BEFORE INSERT ON booking_visit "
        f"WHEN {_CLASH} {_ABORT}",
        "CREATE TRIGGER visit_kit_overlap_update BEFORE UPDATE "
        f"OF kit_id, starts_at, ends_at, status ON booking_visit WHEN {_CLASH} {_ABORT}",
    ],
    "postgresql": [
        "ALTER TABLE booking_visit ADD CONSTRAINT visit_kit_overlap EXCLUDE USING gist ("
        "int8range(kit_id, kit_id, '[]') WITH &&, "
        "tstzrange(starts_at, ends_at) WITH &&) WHERE (status <> 'cancelled' AND kit_id IS NOT NULL)"
    ],
}
UNGUARD = {
    "sqlite": [
        "DROP TRIGGER IF EXISTS visit_kit_overlap_insert",
        "DROP TRIGGER IF EXISTS visit_kit_overlap_update",
    ],
    "postgresql": ["ALTER TABLE booking_visit DROP CONSTRAINT IF EXISTS visit_kit_overlap"],
}
WALLS = {
    "booking_workhours": wall.by_parent("booking_technician", "technician_id"),
    "booking_daysoff": wall.by_parent("booking_technician", "technician_id"),
    "booking_kit": wall.by_federation(),
    "booking_openinghours": wall.by_parent("people_careunit", "unit_id"),
    "booking_closedday": wall.by_federation(),
    "booking_wardrule": wall.by_parent("people_careunit", "unit_id"),
    "booking_wardminimum": wall.by_parent("people_careunit", "unit_id"),
    "booking_visit_guest_units": wall.by_parent("booking_visit", "visit_id"),
    "booking_struckslot": wall.by_parent("booking_booking", "booking_id"),
    "booking_ownlink": wall.by_parent("booking_visit", "visit_id"),
    "booking_waiting": wall.by_parent("booking_visit", "visit_id"),
    "booking_waitingchange": wall.by_parent("booking_waiting", "waiting_id"),
    "booking_traveltime": wall.by_federation(),
    "booking_drive": wall.by_parent("booking_visit", "visit_id"),
    "booking_roundplan": wall.by_federation(),
    "booking_roundplanchange": wall.by_parent("booking_roundplan", "plan_id"),
    "booking_feed": wall.by_federation(),
}


def guard(apps, schema_editor):
    """Renew the technicians' guard, and put one on the kits."""
    technicians.unguard(apps, schema_editor)
    technicians.guard(apps, schema_editor)
    for statement in GUARD[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def unguard(apps, schema_editor):
    """Take the kits' guard off."""
    for statement in UNGUARD[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("booking", "0004_planning"), ("people", "0005_shifts_wall")]
    operations: ClassVar = [migrations.RunPython(guard, unguard), wall.walls(WALLS)]
