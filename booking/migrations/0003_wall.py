"""Put the second wall between federations on visits and bookings."""

from typing import ClassVar

from django.db import migrations

from enrolment import wall

WALLS = {
    "booking_technician": wall.by_federation(),
    "booking_visit": wall.by_parent("people_careunit", "unit_id"),
    "booking_visitchange": wall.by_parent("booking_visit", "visit_id"),
    "booking_slot": wall.by_parent("booking_visit", "visit_id"),
    "booking_booking": wall.by_parent("booking_visit", "visit_id"),
    "booking_bookingchange": wall.by_parent("booking_booking", "booking_id"),
    "booking_identitycheck": wall.by_parent("booking_booking", "booking_id"),
}


class Migration(migrations.Migration):
    dependencies: ClassVar = [("booking", "0002_technician_overlap"), ("people", "0003_wall")]
    operations: ClassVar = [wall.walls(WALLS)]
