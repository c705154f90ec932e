"""Ask the disk whether the fonts of the documents are there."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

from enrolment.reports.domain.lettering import FONT_FILES


def check_fonts(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    """Return an error for each font that set-up has not copied; run before most commands."""
    paths = (Path(settings.FONTS_DIR) / file for file in FONT_FILES.values())
    return [
        Error(
            f"The font {path.name} is not in {path.parent}: no document can be printed.",
            hint="Run `npm ci`, then `manage.py fetch_assets`.",
            id="reports.E001",
        )
        for path in paths
        if not path.is_file()
    ]
