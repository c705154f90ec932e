"""What every test stands on: folders of its own, fast passwords, and the cast of builders."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from enrolment import vault
from enrolment.people.models import User


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
def log_in(client: Client):
    """Return a function that logs a user in and gives back the client."""

    def as_user(user: User) -> Client:
        client.force_login(user)
        return client

    return as_user
