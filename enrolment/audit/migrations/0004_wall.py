"""Put the second wall on the log: a request reads the lines of its own federations."""

from typing import ClassVar

from django.db import migrations

from enrolment import wall

TABLES = ("audit_entry", "audit_head", "audit_anchor")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("audit", "0003_triggers")]
    operations: ClassVar = [wall.walls(dict.fromkeys(TABLES, wall.by_federation()))]
