"""What every test stands on: folders of its own, fast passwords, and the cast of builders."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.test import Client
from django.test.utils import setup_databases, teardown_databases

from enrolment import vault
from enrolment.people.models import User
from tests import databases

# A test marked with one database is not run on the other.
ELSEWHERE = {"sqlite": "postgresql", "postgresql": "sqlite"}
DATABASE_FIXTURES = {"db", "transactional_db", "own_database", "live_server", "house_server"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests of the other database; the run says how many.

    What meets no database has nothing to say about PostgreSQL and runs with SQLite alone.
    """
    here = [item for item in items if _belongs_here(item)]
    if len(here) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if not _belongs_here(item)])
        items[:] = here


def _belongs_here(item: pytest.Item) -> bool:
    if item.get_closest_marker(ELSEWHERE[connection.vendor]):
        return False
    fixtures = DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ()))
    meets = bool(fixtures or item.get_closest_marker("django_db"))
    return connection.vendor == "sqlite" or meets or bool(item.get_closest_marker("postgresql"))


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment, django_db_modify_db_settings, django_db_blocker
) -> Iterator[None]:
    """Make the test database whichever tests run: `own_database` copies it."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, serialized_aliases=())
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture
def own_database(
    django_db_setup, django_db_blocker, tmp_path: Path
) -> Iterator[databases.Settings]:
    """A committed database of the test's own, in place of `db`: for threads and processes.

    The default connection is at it. Its settings go to `racing.crew`, its URL by `databases.url`
    to a program's DATABASE_URL.
    """
    with django_db_blocker.unblock(), databases.own(tmp_path) as settings:
        yield settings


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path: Path) -> Iterator[Path]:
    settings.KEYS_DIR = tmp_path / "keys"
    settings.PHOTO_DIR = tmp_path / "photos"
    settings.HANDOVER_DIR = tmp_path / "handover"
    settings.SIGNER_DIR = tmp_path / "signer"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": tmp_path / "cache",
        }
    }
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    vault.create_keys(settings.KEYS_DIR)
    return tmp_path


@pytest.fixture
def kept_connection() -> Iterator[None]:
    """For calls of the WSGI application itself, which would end the connection of the test."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def log_in(client: Client):
    """Return a function that logs a user in and gives back the client."""

    def as_user(user: User) -> Client:
        client.force_login(user)
        return client

    return as_user
