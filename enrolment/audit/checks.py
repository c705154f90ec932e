"""Ask the database whether the log's triggers are there."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error
from django.db import connections

from enrolment.audit import queries, triggers


def check_triggers(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None, **_options: Any
) -> list[CheckMessage]:
    """Return an error for each trigger that is gone; run by `check --database` and `migrate`.

    A database that is not migrated so far has none to miss.
    """
    return [
        Error(
            f"The trigger {name} is gone from the database {alias}, or changed: the log is open.",
            hint="Find out who took it away, then run `manage.py guard_log`.",
            id="audit.E001",
        )
        for alias in databases or ()
        if queries.is_there(alias)
        for name in triggers.missing(connections[alias])
    ]
