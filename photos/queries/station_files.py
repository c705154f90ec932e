"""What the browser must hold to photograph without a network: the station's own files."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles.finders import find, get_finders
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
    names = {name for finder in get_finders() for name, _storage in finder.list([])}
    needed = sorted(name for name in names if _is_needed(name))
    return tuple(sorted(needed, key=lambda name: name not in FIRST))


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
        digest.update(hashlib.sha256(Path(str(find(name))).read_bytes()).digest())
    return digest.hexdigest()


def _is_needed(name: str) -> bool:
    return (name.startswith(FOLDERS) or name in FILES) and not name.endswith(LEFT_OUT)
