"""A committed database of a test's own, on whichever database the suite runs.

What runs in a transaction that is rolled back needs none of this. What runs in many connections,
threads or processes does: they see only what is committed, and nothing can be flushed afterwards
where the database itself keeps rows from being deleted.
"""

import fcntl
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connections
from django.db.backends.signals import connection_created

Settings = dict[str, Any]
TEMPLATE = "test_fotorundan_migrated"


@contextmanager
def own(folder: Path) -> Iterator[Settings]:
    """Point the default connection at a copy of the database it is at, and yield its settings.

    Every thread that connects meanwhile comes to the copy too; it is gone after the block.
    """
    kept, settings = connections["default"], connections.settings["default"]
    assert not kept.in_atomic_block, "a test with a database of its own must not ask for `db` too"
    with _COPIES[kept.vendor](kept, folder) as name:
        own_settings = {**settings, "NAME": name, "CONN_MAX_AGE": 0}
        connections.settings["default"] = own_settings
        connections["default"] = connections.create_connection("default")
        try:
            yield own_settings
        finally:
            connections["default"].close()
            connections.settings["default"] = settings
            connections["default"] = kept


def url(settings: Settings) -> str:
    """Return the DATABASE_URL by which a program of its own finds the database."""
    if settings["ENGINE"].endswith("sqlite3"):
        return f"sqlite://{settings['NAME']}"
    user, host = quote(settings["USER"]), quote(settings["HOST"], safe="")
    return f"postgres://{user}@/{settings['NAME']}?host={host}"


@contextmanager
def migrated_once(folder: Path) -> Iterator[None]:
    """Let the first worker of a run migrate in the block; in those of the others it is done.

    To migrate takes seconds, to copy what was migrated next to nothing. `folder` is of the run.
    """
    kept, made = connections["default"], folder / "migrated"
    begin, keep = _MIGRATED[kept.vendor]
    with (folder / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if made.exists():
            with begin(kept, made):
                yield
        else:
            yield
            keep(kept, made)


@contextmanager
def _begin_in_memory(_kept: Any, made: Path) -> Iterator[None]:
    def fill(connection: Any, **_sent: Any) -> None:
        with closing(sqlite3.connect(made)) as copy:
            copy.backup(connection.connection)

    connection_created.connect(fill)
    yield
    connection_created.disconnect(fill)


def _keep_memory(kept: Any, made: Path) -> None:
    with closing(sqlite3.connect(made)) as copy:
        kept.connection.backup(copy)


@contextmanager
def _begin_from_template(kept: Any, _made: Path) -> Iterator[None]:
    kept.settings_dict["TEST"]["TEMPLATE"] = TEMPLATE
    yield


def _keep_template(kept: Any, made: Path) -> None:
    """Keep a database of one name: it goes with the server, or the next run makes it anew."""
    kept.close()
    with kept._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{TEMPLATE}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{TEMPLATE}" TEMPLATE "{kept.settings_dict["NAME"]}"')
    made.touch()


_MIGRATED = {
    "sqlite": (_begin_in_memory, _keep_memory),
    "postgresql": (_begin_from_template, _keep_template),
}


@contextmanager
def _file(kept: Any, folder: Path) -> Iterator[str]:
    path = folder / f"{uuid.uuid4().hex}.sqlite3"
    kept.ensure_connection()
    with closing(sqlite3.connect(path)) as copy:
        kept.connection.backup(copy)
    yield str(path)


@contextmanager
def _from_template(kept: Any, _folder: Path) -> Iterator[str]:
    template = kept.settings_dict["NAME"]
    name = f"{template[:40]}_{uuid.uuid4().hex[:12]}"
    # PostgreSQL copies a database only while nobody is connected to it.
    kept.close()
    with kept._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield name
    finally:
        with kept._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


_COPIES = {"sqlite": _file, "postgresql": _from_template}
