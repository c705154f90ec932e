"""Start the web server and the queue's worker together."""

import os
import signal
import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from enrolment import jobs

GRACE_SECONDS = 20


class Command(BaseCommand):
    help = "Start web and worker on this machine; Ctrl+C ends both."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DEMO:
            call_command("create_keys", verbosity=0)
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        jobs.schedule_sweepers()
        self.stdout.write(f"Öppna http://127.0.0.1:{options['port']}/ (Ctrl+C avslutar)")
        _run_together([_web(options["port"]), _worker()])


def _web(port: int) -> list[str]:
    address = f"127.0.0.1:{port}"
    gunicorn = [sys.executable, "-m", "gunicorn", "enrolment.wsgi", "--bind", address]
    size = ["--workers", "2", "--threads", "4", "--timeout", "60"]
    return [*gunicorn, *size, "--no-control-socket"]


def _worker() -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster"]


def _run_together(commands: list[list[str]]) -> None:
    """Start the programs; when one ends, or we are told to, end all.

    Each has a session of its own, so that Ctrl+C reaches us alone: the queue's cluster wedges when
    its parts are told at once.
    """
    programs = [
        subprocess.Popen(command, cwd=settings.BASE_DIR, start_new_session=True)
        for command in commands
    ]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        os.wait()
    except KeyboardInterrupt:
        pass
    finally:
        for program in programs:
            _end(program)


def _end(program: subprocess.Popen[bytes]) -> None:
    program.terminate()
    try:
        program.wait(timeout=GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()
