"""Ask whether all the station is made of has been collected."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error

from photos.queries.station_files import not_collected


def check_station_files(
    app_configs: Sequence[AppConfig] | None, **_options: Any
) -> list[CheckMessage]:
    """Return an error where files are newer than the collected ones; run by `check --deploy`."""
    missing = not_collected()
    if not missing:
        return []
    told = f"{len(missing)} static files of the station are not collected, such as {missing[0]}."
    hint = "Run `manage.py collectstatic`, then restart the server."
    return [Error(told, hint=hint, id="photos.E001")]
