"""Start the web server and the queue's worker, and keep them running."""

import sys
from argparse import ArgumentParser
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from enrolment import jobs
from enrolment.desk.supervisor import GivenUp, InUse, Program, Pulse, claimed, keep_running


class Command(BaseCommand):
    help = "Start web and worker on this machine and keep them running; Ctrl+C ends both."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with claimed(settings.DATA_DIR, alone=False) as claim:
                self._run(options["port"], claim)
        except InUse as error:
            raise CommandError("Demon görs just nu. Vänta tills den är klar.") from error

    def _run(self, port: int, claim: BinaryIO) -> None:
        call_command("migrate", verbosity=0)
        if settings.DEMO:
            call_command("create_keys", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        jobs.schedule_sweepers()
        self.stdout.write(f"Öppna http://127.0.0.1:{port}/ (Ctrl+C avslutar)")
        web = Program("web", _web(port), settings.BASE_DIR, claim)
        worker = Program("worker", _worker(), settings.BASE_DIR, claim)
        try:
            keep_running([web, worker], queue=worker, pulse=Pulse())
        except GivenUp as given_up:
            raise CommandError(
                f"{given_up.name} slutar genast efter varje start. Raderna ovan säger varför."
            ) from given_up


def _web(port: int) -> list[str]:
    # The look-through of a booking has everybody chosen in its address: as long as may be.
    address = f"127.0.0.1:{port}"
    gunicorn = [sys.executable, "-m", "gunicorn", "enrolment.wsgi", "--bind", address]
    size = ["--workers", "2", "--threads", "4", "--timeout", "60"]
    return [*gunicorn, *size, "--limit-request-line", "8190", "--no-control-socket"]


def _worker() -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster"]
