"""Measure the photo engine on a folder of photos that people have looked at."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from photos.evaluation.examine import Examined, examine, jobs
from photos.evaluation.report import as_data, report
from photos.evaluation.sheet import contact_sheet, drawn, worst_cases
from photos.evaluation.trials import trials
from photos.management.evaluation import EvaluationCommand, complain, read_folder, unread
from photos.profiles import load_profile

SHEET = "worst-cases.png"


class Command(EvaluationCommand):
    """Print the figures; exit 1 if a row of the table could not be used."""

    help = "Measure how well the checks do on a folder of annotated photos."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder, and where the figures and the worst cases go."""
        super().add_arguments(parser)
        parser.add_argument("folder", metavar="DIR", type=Path)
        parser.add_argument("--out", type=Path, metavar="FOLDER", help="for the worst cases")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure")
        parser.add_argument("--as-they-are", action="store_true", help="make no faults")

    def handle(self, *args: Any, **options: Any) -> None:
        """Judge every photo, as it is and with made faults, and tell the figures."""
        folder, profile = options["folder"], load_profile(options["profile"])
        samples, wrong = read_folder(folder)
        work = jobs(folder, samples, with_faults=not options["as_they_are"])
        examined = list(self.judged(examine, work, options))
        if options["json"]:
            text = json.dumps(as_data(examined, profile), ensure_ascii=False, indent=1)
            options["json"].write_text(text + "\n", encoding="utf-8")
        if options["out"]:
            self._write_sheet(examined, options)
        self.show(report(examined, profile), profile, options)
        complain([*wrong, *unread(examined)])

    def _write_sheet(self, examined: list[Examined], options: dict[str, Any]) -> None:
        cells = worst_cases(options["folder"], trials(examined))
        sheet = contact_sheet(self.judged(drawn, cells, options))
        options["out"].mkdir(parents=True, exist_ok=True)
        sheet.save(options["out"] / SHEET)
