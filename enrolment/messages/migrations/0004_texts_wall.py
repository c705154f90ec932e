"""Put the second wall between federations on their own texts."""

from typing import ClassVar

from django.db import migrations

from enrolment import wall


class Migration(migrations.Migration):
    dependencies: ClassVar = [("outgoing", "0003_channels_and_texts")]
    operations: ClassVar = [wall.walls({"outgoing_messagetext": wall.by_federation()})]
