"""Put the second wall between federations on the shifts."""

from typing import ClassVar

from django.db import migrations

from enrolment import wall


class Migration(migrations.Migration):
    dependencies: ClassVar = [("people", "0004_shifts")]
    operations: ClassVar = [
        wall.walls({"people_shift": wall.by_parent("people_staff", "staff_id")})
    ]
