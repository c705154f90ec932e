"""What the commands that measure the photo engine have in common."""

import datetime
import os
import platform
import re
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from tqdm import tqdm

from photos.advice import sentence
from photos.domain.profile import Profile
from photos.evaluation.annotations import FILE, AnnotationError, Sample, read_annotations
from photos.evaluation.bench import Bench, spread
from photos.evaluation.examine import Examined
from photos.evaluation.tables import Table, as_markdown, as_text
from photos.profiles import DEFAULT_PROFILE, PROFILE_KEYS, load_profile
from photos.weights import WeightError

# Between these lines of a page written by hand stand the figures of the command of that name.
MARKED = r"(<!-- figures: {name} -->\n).*?(?=<!-- end of figures -->)"


class EvaluationCommand(BaseCommand):
    """Judges a folder of annotated photos and prints tables, as text or for a page."""

    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the profile, how many processes, and where the figures go."""
        parser.add_argument("--profile", choices=PROFILE_KEYS, default=DEFAULT_PROFILE)
        parser.add_argument("--processes", type=_count, default=os.cpu_count() or 1)
        parser.add_argument("--markdown", action="store_true", help="print tables for a page")
        parser.add_argument("--page", type=Path, help="a page to put the tables into")

    def judged[Item, Result](
        self, work: Callable[[Bench, Item], Result], items: Sequence[Item], options: dict[str, Any]
    ) -> Iterator[Result]:
        """Yield the result of each piece of work, with a progress bar on a terminal."""
        results = spread(
            work,
            items,
            models=settings.FOTORUNDAN_MODELS,
            profile=load_profile(options["profile"]),
            processes=options["processes"],
        )
        try:
            yield from tqdm(results, total=len(items), file=sys.stderr, disable=None)
        except WeightError as error:
            raise CommandError(sentence(error.code, error.params)) from error

    def show(self, tables: Sequence[Table], profile: Profile, options: dict[str, Any]) -> None:
        """Print the tables, and put them into a page if one was named."""
        name = self.__class__.__module__.rpartition(".")[2]
        told = f"{_made(name, profile)}\n\n{as_markdown(tables)}"
        if options["page"]:
            _put(options["page"], name, told)
        self.stdout.write(told if options["markdown"] else as_text(tables))


def read_folder(folder: Path) -> tuple[list[Sample], list[str]]:
    """Return the samples of a folder, and what is wrong with the rows that can't be used."""
    try:
        with (folder / FILE).open(encoding="utf-8-sig", newline="") as lines:
            return read_annotations(lines)
    except OSError as error:
        message = _("%(folder)s has no %(file)s that can be read.")
        raise CommandError(message % {"folder": folder, "file": FILE}) from error
    except UnicodeDecodeError as error:
        raise CommandError(_("%(file)s is not UTF-8.") % {"file": FILE}) from error
    except AnnotationError as error:
        raise CommandError(str(error)) from error


def unread(examined: Sequence[Examined]) -> list[str]:
    """Return a line for each file that couldn't be judged at all."""
    return [f"{one.sample.file}: {one.refused}" for one in examined if one.original is None]


def complain(lines: Sequence[str]) -> None:
    """Fail with every row and file that could not be used; do nothing if there are none."""
    if lines:
        message = _("%(count)s rows could not be used:") % {"count": len(lines)}
        raise CommandError("\n".join([message, *lines]))


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ArgumentTypeError(_("%(text)s is not a positive whole number") % {"text": text})
    return int(text)


def _made(name: str, profile: Profile) -> str:
    today = datetime.datetime.now(datetime.UTC).date()
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    return f"Made {today} by `manage.py {name}`, profile `{profile.key}`, {machine}."


def _put(page: Path, name: str, told: str) -> None:
    marked = re.compile(MARKED.format(name=name), re.DOTALL)
    text, count = marked.subn(lambda found: f"{found[1]}\n{told}\n", page.read_text("utf-8"))
    if not count:
        message = _("%(page)s has no place for the figures of %(name)s.")
        raise CommandError(message % {"page": page, "name": name})
    page.write_text(text, encoding="utf-8")
