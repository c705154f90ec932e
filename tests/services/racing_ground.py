"""What every racer has imported before it is born: the house, and what builds its rows."""

from importlib import import_module

import django

django.setup()
for name in (
    "enrolment.urls",
    "pytest",
    "tests.builders",
    "tests.card_builders",
    "tests.station_builders",
):
    import_module(name)
