"""Start the demo over: an empty house to begin with, and a kept copy to go back to."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db import connection

from enrolment.desk.demo.story import DemoFailed

MADE_BY_THE_DEMO = (
    "keys photos handover signer mail staff-files documents package cache summary.json "
    "kept.sqlite3 kept-handover fotorundan.sqlite3 fotorundan.sqlite3-wal fotorundan.sqlite3-shm"
).split()


def empty_the_house() -> None:
    """Delete what an earlier demo made, and nothing else. Refuses outside demo mode."""
    _demand_demo()
    connection.close()
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    for name in MADE_BY_THE_DEMO:
        path = settings.DATA_DIR / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def keep_a_copy() -> None:
    """Keep the database and the packages as they are now, to go back to."""
    kept = settings.DATA_DIR / "kept.sqlite3"
    kept.unlink(missing_ok=True)
    _replace(settings.DATA_DIR / "kept-handover", by=settings.HANDOVER_DIR)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(kept)])


def go_back() -> None:
    """Put the kept copy back, while the house is open. Raises DemoFailed without a copy."""
    _demand_demo()
    kept: Path = settings.DATA_DIR / "kept.sqlite3"
    packages = settings.DATA_DIR / "kept-handover"
    if not (kept.exists() and packages.exists()):
        raise DemoFailed("Det finns ingen demo att gå tillbaka till. Kör make demo.")
    connection.ensure_connection()
    with closing(sqlite3.connect(kept)) as source:
        source.backup(connection.connection)
    # A batch number given again would meet the package that it stood for before.
    _replace(settings.HANDOVER_DIR, by=packages)


def _replace(folder: Path, *, by: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(by, folder)


def _demand_demo() -> None:
    if not settings.DEMO:
        raise DemoFailed("Detta är ingen demo: ingenting rörs.")
