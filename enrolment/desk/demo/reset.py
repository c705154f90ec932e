"""Start the demo over: an empty house to begin with, and a kept copy to go back to.

The demo runs on an SQLite file of its own alone: that can be thrown away and put back.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from enrolment.desk.demo.story import DemoFailed

DATABASE = "fotorundan.sqlite3"
MADE_BY_THE_DEMO = (
    "keys photos handover signer signer-escrow issuer anchors mail staff-files documents package "
    "cache summary.json kept.sqlite3 kept-handover kept-anchors "
    f"{DATABASE} {DATABASE}-wal {DATABASE}-shm"
).split()


def empty_the_house() -> None:
    """Delete what an earlier demo made, and nothing else.

    Raises DemoFailed outside demo mode, and where DATABASE_URL names another database.
    """
    _demand_demo()
    _demand_own_database()
    connection.close()
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    for name in MADE_BY_THE_DEMO:
        path = settings.DATA_DIR / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def keep_a_copy() -> None:
    """Keep the database, the packages and the log's anchors as they are now, to go back to."""
    kept = settings.DATA_DIR / "kept.sqlite3"
    kept.unlink(missing_ok=True)
    _replace(settings.DATA_DIR / "kept-handover", by=settings.HANDOVER_DIR)
    _replace(settings.DATA_DIR / "kept-anchors", by=settings.DATA_DIR / "anchors")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(kept)])


def go_back() -> None:
    """Put the kept copy back, while the house is open. Raises DemoFailed without a copy."""
    _demand_demo()
    kept: Path = settings.DATA_DIR / "kept.sqlite3"
    packages = settings.DATA_DIR / "kept-handover"
    if not (kept.exists() and packages.exists()):
        raise DemoFailed("Det finns ingen demo att gå tillbaka till. Kör make demo.")
    _demand_own_database()
    connection.ensure_connection()
    with closing(sqlite3.connect(kept)) as source:
        source.backup(connection.connection)
    # The copy may be of the day before the house learnt something new.
    call_command("migrate", verbosity=0)
    # A batch number given again would meet the package that it stood for before.
    _replace(settings.HANDOVER_DIR, by=packages)
    # Anchors of lines that are no more would say that the log was cut.
    _replace(settings.DATA_DIR / "anchors", by=settings.DATA_DIR / "kept-anchors")


def _replace(folder: Path, *, by: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(by, folder)


def _demand_demo() -> None:
    if not settings.DEMO:
        raise DemoFailed("Detta är ingen demo: ingenting rörs.")


def _demand_own_database() -> None:
    if settings.DATABASES["default"]["NAME"] != settings.DATA_DIR / DATABASE:
        raise DemoFailed("Demon har en egen databas: ta bort DATABASE_URL. Ingenting rörs.")
