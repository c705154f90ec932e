"""What every test stands on: folders of its own, fast passwords, and the cast of builders."""

import os
import shutil
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings as django_settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, transaction
from django.test import Client, override_settings
from django.test.utils import setup_databases, teardown_databases
from hypothesis import settings as hypothesis_settings

from enrolment import vault
from enrolment.people.models import User
from photos.services.station import keys
from tests import databases

# How quick something is says `make bench`, not a test on a busy machine.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")
# A test marked with one database is not run on the other.
ELSEWHERE = {"sqlite": "postgresql", "postgresql": "sqlite"}
LONG = {
    "test_batch_processes",
    "test_booking_race",
    "test_demo",
    "test_evaluate_photos",
    "test_hostile_pictures",
    "test_hot_slot",
    "test_issuer_api_fuzz",
    "test_own_time_race",
    "test_pages",
    "test_protected_persons",
    "test_queue",
    "test_queue_wounded",
    "test_station",
    "test_station_faults",
    "test_station_live",
    "test_station_race",
    "test_wall",
    "test_ward_race",
}
# To read it is to work out its calls, which SQLite never makes.
collect_ignore = ["web/test_issuer_api_fuzz.py"] if connection.vendor == "sqlite" else []
DATABASE_FIXTURES = {"db", "transactional_db", "own_database", "live_server", "house_server"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests of the other database; the run says how many.

    What meets no database has nothing to say about PostgreSQL and runs with SQLite alone.
    """
    here = [item for item in items if _belongs_here(item)]
    if len(here) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if not _belongs_here(item)])
    items[:] = _long_first(here, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def _long_first(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Give each worker's share of the tests its share of the long ones first.

    Else one of them is often the last, and all wait for it. Each worker gets a part of the list
    that hangs together, and the tests of a file stay together.
    """
    long = [item for item in items if item.path.stem in LONG]
    short = [item for item in items if item.path.stem not in LONG]
    shares = zip(_parts(long, workers), _parts(short, workers), strict=True)
    return [item for share in shares for part in share for item in part]


def _parts(items: list[pytest.Item], number: int) -> Iterator[list[pytest.Item]]:
    ends = [len(items) * part // number for part in range(number + 1)]
    return (items[start:end] for start, end in pairwise(ends))


def _belongs_here(item: pytest.Item) -> bool:
    if item.get_closest_marker(ELSEWHERE[connection.vendor]):
        return False
    fixtures = DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ()))
    meets = bool(fixtures or item.get_closest_marker("django_db"))
    return connection.vendor == "sqlite" or meets or bool(item.get_closest_marker("postgresql"))


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of the run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment, django_db_modify_db_settings, django_db_blocker, run_folder: Path
) -> Iterator[None]:
    """Make the test database whichever tests run: `own_database` copies it."""
    with django_db_blocker.unblock(), databases.migrated_once(run_folder):
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


@pytest.fixture(scope="session")
def first_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys of the vault, made once: each folder of keys begins as a copy."""
    made = tmp_path_factory.mktemp("first") / "keys"
    vault.create_keys(made)
    return made


@pytest.fixture(scope="module")
def standing_rows(
    request: pytest.FixtureRequest, first_keys: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path | None]:
    """What the module's own function `stand` makes, once: every test there begins with it.

    Its rows are in a transaction around those of the tests; each test has a copy of its files.
    """
    stand = getattr(request.module, "stand", None)
    if stand is None:
        yield None
        return
    request.getfixturevalue("django_db_setup")
    blocker, around = request.getfixturevalue("django_db_blocker"), transaction.atomic()
    folder = tmp_path_factory.mktemp("standing")
    shutil.copytree(first_keys, folder / "keys")
    with blocker.unblock():
        around.__enter__()
        with override_settings(**folders_in(folder)):
            stand()
    yield folder
    with blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


def folders_in(folder: Path) -> dict[str, Any]:
    """Return the settings that say where files and keys lie, and what is quick enough for tests."""
    return {
        "KEYS_DIR": folder / "keys",
        "PHOTO_DIR": folder / "photos",
        "HANDOVER_DIR": folder / "handover",
        "SIGNER_DIR": folder / "signer",
        "STATIC_ROOT": folder / "static",
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        "CACHES": {
            "default": {
                "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
                "LOCATION": folder / "cache",
            }
        },
        "STORAGES": {
            **django_settings.STORAGES,
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
    }


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path: Path, first_keys: Path, standing_rows: Path | None) -> Path:
    for name, value in folders_in(tmp_path).items():
        setattr(settings, name, value)
    if standing_rows:
        shutil.copytree(standing_rows, tmp_path, dirs_exist_ok=True)
    else:
        shutil.copytree(first_keys, settings.KEYS_DIR)
    settings.STATIC_ROOT.mkdir()
    return tmp_path


@cache
def key_pair() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=keys.BITS)


@pytest.fixture(autouse=True)
def one_key_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every visit gets the same keys: to make them takes longer than most tests."""
    maker = SimpleNamespace(generate_private_key=lambda **_strength: key_pair())
    monkeypatch.setattr(keys, "rsa", maker)


@pytest.fixture
def own_key_pairs(one_key_pair: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each visit gets keys of its own, for tests about that."""
    monkeypatch.setattr(keys, "rsa", rsa)


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
