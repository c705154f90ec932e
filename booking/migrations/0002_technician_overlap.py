"""A technician is in one place at a time: the database says so too.

A cancelled visit frees the time. SQLite has no exclusion constraint, so two triggers do the work
there. Django rebuilds a SQLite table on most later alterations and the triggers go with the old
one: a migration that alters the visits ends by running `guard` again.
"""

from typing import ClassVar

from django.db import migrations

_CLASH = """
NEW.status <> 'cancelled' AND EXISTS (
    SELECT 1 FROM booking_visit AS other
    WHERE other.technician_id = NEW.technician_id
      AND other.id <> NEW.id
      AND other.status <> 'cancelled'
      AND other.starts_at < NEW.ends_at
      AND other.ends_at > NEW.starts_at
)
"""
_ABORT = "BEGIN SELECT RAISE(ABORT, 'visit_technician_overlap'); END"

# An integer range of one technician needs no btree_gist, which not every PostgreSQL carries.
GUARD = {
    "sqlite": [
        "CREATE TRIGGER visit_technician_overlap_insert BEFORE INSERT ON booking_visit "
        f"WHEN {_CLASH} {_ABORT}",
        "CREATE TRIGGER visit_technician_overlap_update BEFORE UPDATE "
        f"OF technician_id, starts_at, ends_at, status ON booking_visit WHEN {_CLASH} {_ABORT}",
    ],
    "postgresql": [
        "ALTER TABLE booking_visit ADD CONSTRAINT visit_technician_overlap EXCLUDE USING gist ("
        "int8range(technician_id, technician_id, '[]') WITH &&, "
        "tstzrange(starts_at, ends_at) WITH &&) WHERE (status <> 'cancelled')"
    ],
}
UNGUARD = {
    "sqlite": [
        "DROP TRIGGER IF EXISTS visit_technician_overlap_insert",
        "DROP TRIGGER IF EXISTS visit_technician_overlap_update",
    ],
    "postgresql": [
        "ALTER TABLE booking_visit DROP CONSTRAINT IF EXISTS visit_technician_overlap"
    ],
}


def guard(apps, schema_editor):
    """Put the guard on the visits."""
    for statement in GUARD[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def unguard(apps, schema_editor):
    """Take the guard off."""
    for statement in UNGUARD[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("booking", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(guard, unguard)]
