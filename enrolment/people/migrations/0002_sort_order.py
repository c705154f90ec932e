"""Sort keys are compared by code point on PostgreSQL too, whatever the database's own order is.

An alteration of one of these columns drops the collation: it ends by running `sort_plainly` again.
"""

from typing import ClassVar

from django.db import migrations

SORT_KEYS = {"people_municipality": 80, "people_careunit": 120, "people_staff": 170}


def _collate(editor, collation):
    for table, length in SORT_KEYS.items() if editor.connection.vendor == "postgresql" else ():
        editor.execute(
            f'ALTER TABLE {table} ALTER COLUMN sort_key TYPE varchar({length}) COLLATE "{collation}"'
        )


def sort_plainly(apps, schema_editor):
    """Give each sort key the order of its code points."""
    _collate(schema_editor, "C")


def sort_as_the_database(apps, schema_editor):
    """Give it the database's own order back."""
    _collate(schema_editor, "default")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("people", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(sort_plainly, sort_as_the_database)]
