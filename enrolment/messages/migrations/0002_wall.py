"""Put the second wall between federations on the messages."""

from typing import ClassVar

from django.db import migrations

from enrolment import wall


class Migration(migrations.Migration):
    dependencies: ClassVar = [("outgoing", "0001_initial")]
    operations: ClassVar = [wall.walls({"outgoing_message": wall.by_federation()})]
