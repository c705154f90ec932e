"""Measure what skin tone does to the photo checks."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from photos import weights
from photos.advice import sentence
from photos.evaluation.examine import jobs
from photos.evaluation.tone import fit_for_light, in_every_tone, relit
from photos.evaluation.tone_report import tone_report
from photos.management.evaluation import EvaluationCommand, complain, read_folder
from photos.profiles import load_profile


class Command(EvaluationCommand):
    """Print the figures; with a folder also those of its photos."""

    help = "Measure how the photo checks treat each skin tone."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder of annotated photos, if there is one."""
        super().add_arguments(parser)
        parser.add_argument("folder", metavar="DIR", type=Path, nargs="?")

    def handle(self, *args: Any, **options: Any) -> None:
        """Judge the public-domain portrait in every tone and light, and the samples in each."""
        samples, wrong = read_folder(options["folder"]) if options["folder"] else ([], [])
        work = jobs(options["folder"], fit_for_light(samples), with_faults=False)
        toned = [one for one in self.judged(in_every_tone, work, options) if one is not None]
        (portrait,) = self.judged(relit, [_portrait()], {**options, "processes": 1})
        self.show(tone_report(toned, portrait), load_profile(options["profile"]), options)
        complain(wrong)


def _portrait() -> bytes:
    try:
        return weights.load(settings.FOTORUNDAN_MODELS, weights.PORTRAIT)
    except weights.WeightError as error:
        raise CommandError(sentence(error.code, error.params)) from error
