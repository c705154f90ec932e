"""Do the whole job in front of you, on demo data."""

import json
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from enrolment.desk.demo import answers, delivery, log, reset, rounds, setting, visits
from enrolment.desk.demo.story import DemoFailed, Story
from enrolment.desk.supervisor import InUse, claimed
from photos import advice, weights

Step = Callable[[Story], str]
STEPS: tuple[tuple[str, Step], ...] = (
    ("Federationer och enheter", setting.make_organisations),
    ("Personalfiler", setting.import_staff),
    ("Besök bokade", visits.book_visits),
    ("Rundor planerade", rounds.plan_rounds),
    ("Avdelningen bemannad", rounds.keep_the_ward_staffed),
    ("Incheckning", visits.check_people_in),
    ("Fotografering", visits.photograph),
    ("Granskning", delivery.review),
    ("Omtag", delivery.retake),
    ("Beställning", delivery.order),
    ("Leverans förseglad", delivery.seal),
    ("Kontroll av andra", delivery.verify_package),
    ("Mottagen och kvitterad", answers.receive),
    ("Ny tid, ny bild", answers.retake),
    ("Ny leverans antagen", answers.deliver_again),
    ("Papper", delivery.print_papers),
    ("Loggen kontrollerad", log.verify_log),
)


class Command(BaseCommand):
    help = "Run the whole job on two invented federations and real pictures; it may be repeated."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with claimed(settings.DATA_DIR, alone=True):
                self._run()
        except InUse as error:
            raise CommandError(
                "Fotorundan är igång på samma data. Avsluta med Ctrl+C där det startades, "
                "och kör sedan make demo igen. Ingenting rörs."
            ) from error

    def _run(self) -> None:
        started = time.monotonic()
        story = self._begin()
        self.stdout.write("Fotorundan: från behov till kvitterad leverans (påhittade data)\n\n")
        for number, (name, step) in enumerate(STEPS, start=1):
            self._tell(number, name, step, story)
        story.summary["seconds"] = round(time.monotonic() - started, 1)
        self._finish(story)

    def _begin(self) -> Story:
        try:
            portrait = weights.load(settings.FOTORUNDAN_MODELS, weights.PORTRAIT)
            reset.empty_the_house()
        except DemoFailed as failure:
            raise CommandError(str(failure)) from failure
        except weights.WeightError as error:
            raise CommandError(advice.sentence(error.code, error.params)) from error
        call_command("migrate", verbosity=0)
        call_command("create_keys", verbosity=0)
        settings.JOBS_INLINE = True
        return Story(settings.DATA_DIR, portrait, timezone.now())

    def _tell(self, number: int, name: str, step: Step, story: Story) -> None:
        began = time.monotonic()
        try:
            line = step(story)
        except DemoFailed as failure:
            raise CommandError(f"Steg {number}, {name}: {failure}") from failure
        seconds = time.monotonic() - began
        self.stdout.write(f"{number:2}  {name:<25} {seconds:6.1f} s  {line}")
        self.stdout.flush()

    def _finish(self, story: Story) -> None:
        reset.keep_a_copy()
        path = settings.DATA_DIR / "summary.json"
        path.write_text(json.dumps(story.summary, ensure_ascii=False, indent=2) + "\n")
        where = delivery.relative(path)
        self.stdout.write(f"\nKlart på {story.summary['seconds']} s. Siffrorna ligger i {where}.")
        self.stdout.write("Kör nu make run och öppna http://127.0.0.1:8000/")
