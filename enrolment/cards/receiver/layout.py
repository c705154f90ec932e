"""Lay a checked package out as folders and files: whole under its name, or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from enrolment.cards.domain.package_check import PAYLOAD, Contents
from enrolment.cards.receiver.wrong_use import WrongUse

PHOTOS = "photos"
KEPT = ("batch.json", "orders.csv", "orders.jsonl")
WORK_PREFIX = ".tar-emot-"


@contextmanager
def workspace(out: Path) -> Iterator[Path]:
    """Give a folder on the disk of `out` that only the owner reads and that goes when all is done.

    A killed run leaves it behind.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=WORK_PREFIX, dir=out) as folder:
        yield Path(folder)


def lay_out(bag: Contents, folder: Path) -> None:
    """Write header, orders and photos into a new folder; they are on the disk when this returns."""
    (folder / PHOTOS).mkdir(parents=True)
    names = {path.removeprefix(PAYLOAD): path for path in bag}
    kept = [name for name in names if name in KEPT or name.startswith(f"{PHOTOS}/")]
    for name in kept:
        (folder / name).write_bytes(bag[names[name]])
    # When all are written the disk has less to wait for.
    for name in kept:
        _sync(folder / name)


def refuse_foreign(folder: Path) -> None:
    """Raise WrongUse where something lies already that the receiver has not put there."""
    if folder.exists():
        raise WrongUse(
            f"Flytta {folder}. Mappen finns redan men leveransen står inte i received.jsonl."
        )


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, on the disk when this returns."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    _sync(part)
    part.replace(path)


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
