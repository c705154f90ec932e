"""Judge photo files on the command line."""

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from photos.advice import component_name, sentence, unit_name
from photos.domain.findings import Answer, Finding
from photos.domain.intake import MAX_BYTES, Refused
from photos.domain.judgement import Judgement
from photos.domain.profile import Profile
from photos.profiles import DEFAULT_PROFILE, PROFILE_KEYS, load_profile
from photos.weights import WeightError
from photos.worker import CannotStart, judge_in_worker

VERDICTS: dict[Answer, Promise] = {
    Answer.PASS: gettext_lazy("approved"),
    Answer.WARN: gettext_lazy("approved with remarks"),
    Answer.FAIL: gettext_lazy("not approved"),
    Answer.UNMEASURABLE: gettext_lazy("cannot be measured"),
}


class Command(BaseCommand):
    """Print what was found in each file; exit 1 if one of them could not be judged."""

    help = "Judge photo files against a profile."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the files, the profile, and what to print and write."""
        parser.add_argument("files", metavar="FILE", nargs="+", type=Path)
        parser.add_argument("--profile", choices=PROFILE_KEYS, default=DEFAULT_PROFILE)
        parser.add_argument("--out", type=Path, help="folder for card and annotated pictures")
        parser.add_argument("--json", action="store_true", help="print one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Judge the files one after the other; a bad one does not stop the rest."""
        files, profile = options["files"], load_profile(options["profile"])
        judged = [self._check(path, profile, options["out"], options["json"]) for path in files]
        if not all(judged):
            raise CommandError(
                _("%(bad)s of %(count)s files could not be judged.")
                % {"bad": judged.count(False), "count": len(files)}
            )

    def _check(self, path: Path, profile: Profile, out: Path | None, as_json: bool) -> bool:
        """Judge one file and print the result; return False if it could not be judged."""
        started = time.perf_counter()
        try:
            judgement = judge_in_worker(
                _read(path), profile, folder=settings.FOTORUNDAN_MODELS, annotate=out is not None
            )
        except Refused as refused:
            self.stderr.write(f"{path}: {sentence(refused.code, refused.params)}")
            return False
        except WeightError as error:
            raise CommandError(sentence(error.code, error.params)) from error
        except CannotStart as error:
            raise CommandError(sentence("cannot_start")) from error
        milliseconds = round((time.perf_counter() - started) * 1000, 1)
        if out is not None:
            _write(judgement, path, out)
        show = _json if as_json else _text
        self.stdout.write(show(path, judgement, milliseconds))
        return True


def _read(path: Path) -> bytes:
    """Return a file's bytes, but no more of them than tells that they are too many."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Refused("unreadable") from error


def _write(judgement: Judgement, path: Path, out: Path) -> None:
    """Write the card picture, if there is one, and the annotated one, named after the file."""
    out.mkdir(parents=True, exist_ok=True)
    pictures = {"card": judgement.card_jpeg, "annotated": judgement.annotated_jpeg}
    for kind, data in pictures.items():
        if data is not None:
            (out / f"{path.name}.{kind}.jpg").write_bytes(data)


def _json(path: Path, judgement: Judgement, milliseconds: float) -> str:
    found = {
        "file": str(path),
        "verdict": judgement.verdict,
        "faces": judgement.faces,
        "eye_left": judgement.eye_left,
        "eye_right": judgement.eye_right,
        "roll": judgement.roll,
        "yaw": judgement.yaw,
        "pitch": judgement.pitch,
        "crop": asdict(judgement.crop) if judgement.crop else None,
        "findings": [
            asdict(finding) | {"advice": _advice(finding)} for finding in judgement.findings
        ],
        "milliseconds": milliseconds,
    }
    return json.dumps(found, ensure_ascii=False)


def _text(path: Path, judgement: Judgement, milliseconds: float) -> str:
    verdict = f"{path}: {VERDICTS[judgement.verdict]} ({milliseconds:.0f} ms)"
    noted = [finding for finding in judgement.findings if finding.advice is not None]
    return "\n".join([verdict, *(f"  {_measured(finding)}{_advice(finding)}" for finding in noted)])


def _measured(finding: Finding) -> str:
    if finding.value is None:
        return ""
    value = f"{finding.value:g} {unit_name(finding.unit)} ({finding.limit})"
    return f"{component_name(finding.component)}: {value}. "


def _advice(finding: Finding) -> str | None:
    return sentence(finding.advice.code, finding.advice.params) if finding.advice else None
