"""Put the second wall between federations on the pictures."""

from typing import ClassVar

from django.db import migrations

from enrolment import wall

WALLS = {
    "photos_capture": wall.by_parent("booking_booking", "booking_id"),
    "photos_finding": wall.by_parent("photos_capture", "capture_id"),
    "photos_photo": wall.by_parent("photos_capture", "capture_id"),
    "photos_decision": wall.by_parent("photos_photo", "photo_id"),
}


class Migration(migrations.Migration):
    dependencies: ClassVar = [("photos", "0001_initial"), ("booking", "0003_wall")]
    operations: ClassVar = [wall.walls(WALLS)]
