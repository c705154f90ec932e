"""Put the second wall on what belongs to a federation; users and roles are looked up before it stands."""

from typing import ClassVar

from django.db import migrations

from enrolment import wall

WALLS = {
    "people_federation": wall.by_federation("id"),
    "people_municipality": wall.by_federation(),
    "people_careunit": wall.by_parent("people_municipality", "municipality_id"),
    "people_staff": wall.by_federation(),
    "people_staff_handlers": wall.by_parent("people_staff", "staff_id"),
    "people_stafffile": wall.by_federation(),
    "people_cardneed": wall.by_parent("people_staff", "staff_id"),
    "people_stagechange": wall.by_parent("people_cardneed", "need_id"),
    "people_rule": wall.by_federation(),
}


class Migration(migrations.Migration):
    dependencies: ClassVar = [("people", "0002_sort_order")]
    operations: ClassVar = [wall.walls(WALLS)]
