"""Start the web server and the queue's worker together."""

import signal
import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from enrolment import jobs


class Command(BaseCommand):
    help = "Start web and worker on this machine; Ctrl+C ends both."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("create_keys", verbosity=0)
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        jobs.schedule_sweepers()
        self.stdout.write(f"Öppna http://127.0.0.1:{options['port']}/ (Ctrl+C avslutar)")
        _run_together([_web(options["port"]), _worker()])


def _web(port: int) -> list[str]:
    address = f"127.0.0.1:{port}"
    gunicorn = [sys.executable, "-m", "gunicorn", "enrolment.wsgi", "--bind", address]
    return [*gunicorn, "--workers", "2", "--threads", "4", "--timeout", "60"]


def _worker() -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster"]


def _run_together(commands: list[list[str]]) -> None:
    """Start the programs; when one ends, or we are told to, end all."""
    programs = [subprocess.Popen(command, cwd=settings.BASE_DIR) for command in commands]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        programs[0].wait()
    except KeyboardInterrupt:
        pass
    finally:
        for program in programs:
            program.terminate()
        for program in programs:
            program.wait(timeout=30)
