"""The house as gunicorn serves it to the hot race; a header says how a request is tampered with.

Without the header the house is as it is. `paused` waits after the look whether a slot is free,
for a second request to come as far. `bare` waits too, and leaves out every lock and on SQLite the
transaction.
"""

import os
import threading
from contextlib import suppress

import django

from enrolment import settings

settings.STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
django.setup()
from django.db import connection, transaction  # noqa: E402
from django.db.models import QuerySet  # noqa: E402

from booking import queries  # noqa: E402
from enrolment.wsgi import application as house  # noqa: E402

SECONDS = 4
asked = threading.local()


def application(environ, start_response):
    """Answer as the house does, and say which process did."""
    asked.variant = environ.get("HTTP_X_VARIANT", "whole")

    def start(status, headers, *more):
        return start_response(status, [*headers, ("X-Worker", str(os.getpid()))], *more)

    return house(environ, start)


def pausing(look):
    """Let two requests of this process look before either writes."""
    two = threading.Barrier(2)

    def look_and_wait(*arguments, **more):
        taken = look(*arguments, **more)
        if not taken and asked.variant in {"paused", "bare"}:
            with suppress(threading.BrokenBarrierError):
                two.wait(SECONDS)
            if two.broken:
                two.reset()
        return taken

    return look_and_wait


def unless_bare(whole, instead):
    """Return the function as it is, but for the requests that leave the guards out."""

    def chosen(self, *arguments, **more):
        act = instead if asked.variant == "bare" else whole
        return act(self, *arguments, **more)

    return chosen


queries.is_taken = pausing(queries.is_taken)
QuerySet.select_for_update = unless_bare(
    QuerySet.select_for_update, lambda self, *arguments, **more: self
)
if connection.vendor == "sqlite":
    for name in ("__enter__", "__exit__"):
        whole = getattr(transaction.Atomic, name)
        setattr(transaction.Atomic, name, unless_bare(whole, lambda self, *error: None))
