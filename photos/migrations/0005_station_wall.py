"""Put the second wall between federations on what the laptops send."""

from typing import ClassVar

from django.db import migrations

from enrolment import wall

WALLS = {
    "photos_stationkey": wall.by_parent("booking_visit", "visit_id"),
    "photos_laptop": wall.by_parent("booking_visit", "visit_id"),
    "photos_stationrecord": wall.by_parent("booking_visit", "visit_id"),
}


class Migration(migrations.Migration):
    dependencies: ClassVar = [("photos", "0004_station")]
    operations: ClassVar = [wall.walls(WALLS)]
