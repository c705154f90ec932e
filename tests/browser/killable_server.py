"""The house in a process of its own, which a test may kill without a warning.

`python -m tests.browser.killable_server PORT` says on a line which port it listens at.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def house(port: int, variables: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Serve the house of the variables at a port, 0 for any, until killed or the block ends."""
    command = [sys.executable, "-m", "tests.browser.killable_server", str(port)]
    own = {**os.environ, "DJANGO_SETTINGS_MODULE": "enrolment.settings", **variables}
    with subprocess.Popen(command, cwd=ROOT, env=own, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


def serve(port: int) -> None:
    """Serve for ever, with the static files as they lie in the source."""
    from enrolment import settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.servers.basehttp import run
    from django.core.wsgi import get_wsgi_application

    application = StaticFilesHandler(get_wsgi_application())
    run("localhost", port, application, threading=True, on_bind=tell)


def tell(port: int) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
