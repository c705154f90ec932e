"""Start the web server and the queue's worker, and keep them running."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from enrolment import jobs
from enrolment.desk.supervisor import GivenUp, Program, Pulse, keep_running


class Command(BaseCommand):
    help = "Start web and worker on this machine and keep them running; Ctrl+C ends both."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        if settings.DEMO:
            call_command("create_keys", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        jobs.schedule_sweepers()
        self.stdout.write(f"Öppna http://127.0.0.1:{options['port']}/ (Ctrl+C avslutar)")
        web = Program("web", _web(options["port"]), settings.BASE_DIR)
        worker = Program("worker", _worker(), settings.BASE_DIR)
        try:
            keep_running([web, worker], queue=worker, pulse=Pulse())
        except GivenUp as given_up:
            raise CommandError(
                f"{given_up.name} slutar genast efter varje start. Raderna ovan säger varför."
            ) from given_up


def _web(port: int) -> list[str]:
    address = f"127.0.0.1:{port}"
    gunicorn = [sys.executable, "-m", "gunicorn", "enrolment.wsgi", "--bind", address]
    size = ["--workers", "2", "--threads", "4", "--timeout", "60"]
    return [*gunicorn, *size, "--no-control-socket"]


def _worker() -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster"]
