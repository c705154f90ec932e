"""Count together what all processes of this machine let happen only so often."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.core.files import locks

GUARD = "turns.lock"


def taken(name: str) -> int:
    """Return how many turns of this name have been taken."""
    count: int = cache.get(name, 0)
    return count


def take(name: str, *, most: int, rest: timedelta) -> bool:
    """Take a turn unless `most` have been; say whether there was one.

    All turns are forgotten `rest` after the last. Of many at once no more than `most` get one: the
    file cache itself reads and writes in two steps, so that a lock stands around both.
    """
    with _alone():
        count = taken(name)
        if count >= most:
            return False
        cache.set(name, count + 1, rest.total_seconds())
        return True


@contextmanager
def _alone() -> Iterator[None]:
    """Let no other process or thread of this machine in; the lock ends with the file's handle."""
    folder = Path(str(settings.CACHES["default"]["LOCATION"]))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / GUARD).open("ab") as guard:
        locks.lock(guard, locks.LOCK_EX)
        yield
