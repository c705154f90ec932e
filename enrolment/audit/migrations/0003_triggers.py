"""From here on the database refuses to change or delete what the log says."""

from typing import ClassVar

from django.db import migrations

from enrolment.audit import triggers


def guard(apps, schema_editor):
    """Make the triggers."""
    triggers.guard(schema_editor.connection)


def unguard(apps, schema_editor):
    """Take them away."""
    triggers.unguard(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("audit", "0002_chain")]
    operations: ClassVar = [migrations.RunPython(guard, unguard)]
