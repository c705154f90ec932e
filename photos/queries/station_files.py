"""What the browser must hold to photograph without a network: the station's own files.

Where static files are collected, those that have been are the station's: one that came with a newer
program is asked for once it is collected too.
"""

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import find, get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static

# Whole folders of static files, and single ones.
FOLDERS = ("photos/station/", "theme/", "shared/", "litert/", "models/")
FILES = ("bootstrap/bootstrap.min.css",)
ICONS = ("photos/station/icon-192.png", "photos/station/icon-512.png")
# What the guidance waits for, on a slow line already while somebody unlocks the station.
FIRST = (
    "litert/core/litert.wasm",
    "models/face_detector.tflite",
    "models/face_landmarks_detector.tflite",
    "models/face_detection_back.tflite",
    "models/selfie_segmentation.tflite",
)
LEFT_OUT = (".map", ".txt", ".md", ".json")


@lru_cache
def station_files() -> tuple[str, ...]:
    """Return the names of the static files that the station and the person's window need.

    Those that the guidance waits for come first, as the service worker fetches them in this order.
    """
    needed = sorted(name for name in _collected() or _of_the_program() if _is_needed(name))
    return tuple(sorted(needed, key=lambda name: name not in FIRST))


def not_collected() -> list[str]:
    """Return the station's files that the program has and that are to be collected still."""
    collected = getattr(staticfiles_storage, "hashed_files", None)
    if settings.DEBUG or collected is None:
        return []
    return sorted(name for name in _of_the_program() - {*collected} if _is_needed(name))


def addresses(names: Iterable[str]) -> list[str]:
    """Return where the browser asks for static files, hashed where they are collected."""
    return [static(name) for name in names]


def version_of(pages: Iterable[str]) -> str:
    """Return a fingerprint (16 hex) of all the station is made of, `pages` beside the files."""
    digest = hashlib.sha256(_digest_of_files().encode())
    for page in pages:
        digest.update(hashlib.sha256(page.encode()).digest())
    return digest.hexdigest()[:16]


@lru_cache
def _digest_of_files() -> str:
    digest = hashlib.sha256()
    for name in station_files():
        digest.update(name.encode())
        digest.update(_collected().get(name, "").encode() or _digest_of_file(name))
    return digest.hexdigest()


def _digest_of_file(name: str) -> bytes:
    return hashlib.sha256(Path(str(find(name))).read_bytes()).digest()


def _of_the_program() -> set[str]:
    return {name for finder in get_finders() for name, _storage in finder.list([])}


def _collected() -> Mapping[str, str]:
    """Return what has been collected, with the name that changes with the file; else nothing."""
    collected: Mapping[str, str] = getattr(staticfiles_storage, "hashed_files", {})
    return {} if settings.DEBUG else collected


def _is_needed(name: str) -> bool:
    return (name.startswith(FOLDERS) or name in FILES) and not name.endswith(LEFT_OUT)
