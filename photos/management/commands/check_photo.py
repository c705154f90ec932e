"""Judge photo files on the command line."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from tqdm import tqdm

from photos.advice import component_name, sentence, unit_name
from photos.domain.findings import Advice, Answer, Finding
from photos.domain.judgement import Judgement
from photos.profiles import DEFAULT_PROFILE, PROFILE_KEYS, load_profile
from photos.services.bulk import Found, Outcome, files_in, judge_files
from photos.services.verdict_lines import Ledger, NoLedger, verdict_line
from photos.weights import WeightError
from photos.worker import CannotStart, cores

VERDICTS: dict[Answer, Promise] = {
    Answer.PASS: gettext_lazy("approved"),
    Answer.WARN: gettext_lazy("approved with remarks"),
    Answer.FAIL: gettext_lazy("not approved"),
    Answer.UNMEASURABLE: gettext_lazy("cannot be measured"),
}
INTERRUPTED = 130  # what a shell says of a program that was ended by Ctrl-C


class Command(BaseCommand):
    """Print what was found in each file; exit 1 if one of them could not be judged."""

    help = "Judge photo files, and those in folders, against a profile."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the files, the profile, and what to print and write."""
        parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="or a folder")
        parser.add_argument("--profile", choices=PROFILE_KEYS, default=DEFAULT_PROFILE)
        parser.add_argument("--out", type=Path, help="folder for card and annotated pictures")
        parser.add_argument("--json", action="store_true", help="print one JSON object a line")
        parser.add_argument(
            "--resume",
            type=Path,
            metavar="LINES",
            help="add the JSON lines to this file, and leave out what it has already",
        )
        parser.add_argument("--jobs", type=_jobs, help="processes, if not one for each core")

    def handle(self, *args: Any, **options: Any) -> None:
        """Judge the files in their order; a bad one does not stop the rest."""
        if options["out"]:
            _check_names(options["files"])
        try:
            self._judge(options)
        except WeightError as error:
            raise CommandError(sentence(error.code, error.params)) from error
        except CannotStart as error:
            raise CommandError(sentence("cannot_start")) from error
        except OSError as error:
            raise CommandError(
                _("Check the place to write to. It says: %(fault)s") % {"fault": error}
            ) from error
        except KeyboardInterrupt as error:
            raise CommandError(_interrupted(options), returncode=INTERRUPTED) from error

    def _judge(self, options: dict[str, Any]) -> None:
        count, bad = 0, []
        with ExitStack() as stack:
            ledger = _ledger(stack, options)
            outcomes = judge_files(
                _files(options),
                load_profile(options["profile"]),
                folder=settings.FOTORUNDAN_MODELS,
                jobs=options["jobs"] or cores(),
                annotate=options["out"] is not None,
                is_done=ledger.has if ledger else lambda path, sha256: False,
            )
            for outcome in self._shown(stack.enter_context(closing(outcomes)), options):
                count += 1
                self._tell(outcome, options, ledger)
                if why := _why(outcome, ledger):
                    bad.append(f"{_name(outcome)}: {why}")
        if not count:
            raise CommandError(
                _("There are no files to judge. Name a file, or a folder with files.")
            )
        if bad:
            raise CommandError(_summary(count, bad))

    def _shown(self, outcomes: Iterable[Outcome], options: dict[str, Any]) -> Iterable[Outcome]:
        """Pass the outcomes on, with a progress bar where one can be seen and nothing else is."""
        lines_on_screen = sys.stdout.isatty() and not options["resume"]
        if lines_on_screen or not sys.stderr.isatty():
            return outcomes
        total = sum(1 for _file in _files(options))
        shown: Iterable[Outcome] = tqdm(outcomes, total=total, file=sys.stderr)
        return shown

    def _tell(self, outcome: Outcome, options: dict[str, Any], ledger: Ledger | None) -> None:
        """Print and write what came of a file, unless that was done before."""
        if outcome.judgement and options["out"]:
            _write(outcome.judgement, options["out"] / outcome.file.name)
        if outcome.judgement is None and outcome.refused is None:
            return
        if ledger:
            ledger.add(verdict_line(outcome, options["profile"]))
        elif options["json"]:
            self.stdout.write(verdict_line(outcome, options["profile"]))
        elif outcome.judgement:
            self.stdout.write(_text(outcome, outcome.judgement))


def _jobs(text: str) -> int:
    jobs = int(text)
    if jobs < 1:
        raise ValueError(text)
    return jobs


def _files(options: dict[str, Any]) -> Iterator[Found]:
    own = [path for path in (options["out"], options["resume"]) if path]
    return files_in(options["files"], but=own)


def _ledger(stack: ExitStack, options: dict[str, Any]) -> Ledger | None:
    if options["resume"] is None:
        return None
    try:
        return stack.enter_context(closing(Ledger(options["resume"], options["profile"])))
    except OSError as error:
        raise CommandError(
            _("%(file)s cannot be opened. Check its name and place.") % {"file": options["resume"]}
        ) from error
    except NoLedger as error:
        raise CommandError(
            _("%(file)s is no file of verdicts. Name a new file, or the one of an earlier run.")
            % {"file": options["resume"]}
        ) from error


def _check_names(given: list[Path]) -> None:
    """Refuse what would write the pictures of two files under one name."""
    names = [path.name for path in given]
    if len(set(names)) < len(names) or (len(given) > 1 and any(path.is_dir() for path in given)):
        raise CommandError(
            _("Give one folder at a time, or files with names of their own, to write pictures.")
        )


def _why(outcome: Outcome, ledger: Ledger | None) -> str | None:
    """Say why a file could not be judged, now or before; None if it could."""
    if outcome.refused:
        return sentence(outcome.refused.code, outcome.refused.params)
    return ledger.refusal(outcome.file.path) if ledger and not outcome.judgement else None


def _name(outcome: Outcome) -> str:
    """Return the file's path, fit to print whatever bytes it is made of."""
    return str(outcome.file.path).encode(errors="backslashreplace").decode()


def _summary(count: int, bad: list[str]) -> str:
    told = _("%(bad)s of %(count)s files could not be judged.") % {"bad": len(bad), "count": count}
    return "\n".join([told, *(f"  {line}" for line in bad)])


def _interrupted(options: dict[str, Any]) -> str:
    if options["resume"]:
        return _("Interrupted. Run the same command again to judge the rest.")
    return _("Interrupted. With --resume, what is done would be kept.")


def _write(judgement: Judgement, place: Path) -> None:
    """Write the card picture, if there is one, and the annotated one, named after the file."""
    place.parent.mkdir(parents=True, exist_ok=True)
    pictures = {"card": judgement.card_jpeg, "annotated": judgement.annotated_jpeg}
    for kind, data in pictures.items():
        if data is not None:
            place.with_name(f"{place.name}.{kind}.jpg").write_bytes(data)


def _text(outcome: Outcome, judgement: Judgement) -> str:
    """Say the verdict, and under it the advice, each with what was measured."""
    verdict = VERDICTS[judgement.verdict]
    lines = [f"{_name(outcome)}: {verdict} ({outcome.milliseconds:.0f} ms)"]
    for advice in judgement.advice:
        found = next(each for each in judgement.findings if each.advice == advice)
        lines.append(f"  {_measured(found)}{_said(advice)}")
    return "\n".join(lines)


def _measured(finding: Finding) -> str:
    if finding.value is None:
        return ""
    value = f"{finding.value:g} {unit_name(finding.unit)} ({finding.limit})"
    return f"{component_name(finding.component)}: {value}. "


def _said(advice: Advice) -> str:
    return sentence(advice.code, advice.params)
