"""A verdict as a line of JSON, and the file of such lines that a long run can be resumed from."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from photos.advice import sentence
from photos.domain.findings import Advice, Finding
from photos.domain.judgement import Judgement
from photos.services.assess import geometry_of
from photos.services.bulk import Outcome

# What may have been the fault of the moment is tried again by a run that is resumed.
PASSING = {"unreadable", "swamped", "too_slow", "too_heavy", "crashed"}

FOUND = (
    *("verdict", "decided_by", "faces", "size", "eye_left", "eye_right"),
    *("roll", "yaw", "pitch", "crop", "evened"),
)
START = b'{"file": '  # how each line begins


def verdict_line(outcome: Outcome, profile: str) -> str:
    """Return what came of a file as one line of JSON, the same keys for every file.

    A refused file has no verdict, only the code and the sentence of its refusal.
    """
    judgement, refused = outcome.judgement, outcome.refused
    advice = [Advice(refused.code, refused.params)] if refused else []
    line = {
        "file": str(outcome.file.path),
        "sha256": outcome.sha256,
        "profile": profile,
        "refused": refused.code if refused else None,
        **_judged(judgement),
        "advice": [_said(each) for each in (judgement.advice if judgement else advice)],
        "findings": [_finding(each) for each in (judgement.findings if judgement else ())],
        "milliseconds": outcome.milliseconds,
    }
    text = json.dumps(line, ensure_ascii=False)
    # A name that is no UTF-8 is written by its escapes, and read back as the same name.
    return text if _is_utf8(text) else json.dumps(line)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _judged(judgement: Judgement | None) -> dict[str, Any]:
    if judgement is None:
        return dict.fromkeys(FOUND)
    told = {"verdict": judgement.verdict, "decided_by": judgement.decided_by}
    facts = told | geometry_of(judgement)
    return {name: facts[name] for name in FOUND}


def _finding(finding: Finding) -> dict[str, Any]:
    """Return a finding with its advice as a sentence, and the code of it beside."""
    advice = finding.advice
    return asdict(finding) | {
        "advice": _said(advice) if advice else None,
        "advice_code": advice.code if advice else None,
    }


def _said(advice: Advice) -> str:
    return sentence(advice.code, advice.params)


class NoLedger(ValueError):
    """The file holds something else, and is left as it is."""


class Ledger:
    """A file of verdict lines: what it has is known, and each new line is written whole.

    It knows a file again by path and sha256, since a verdict is of bytes: times of change are lost
    when files are copied. Lines of another profile are left alone. Raises OSError or NoLedger.
    """

    def __init__(self, path: Path, profile: str) -> None:
        self._profile = profile
        self._done: set[tuple[str, str | None]] = set()
        self._refusals: dict[str, str] = {}
        whole = self._read(path) if path.exists() else 0
        self._file = path.open("ab")
        self._file.truncate(whole)

    def _read(self, path: Path) -> int:
        """Note what the lines say; return where the last whole one ends."""
        end = 0
        with path.open("rb") as lines:
            for line in lines:
                if not line.startswith(START[: len(line)]):
                    raise NoLedger
                if not line.endswith(b"\n"):
                    break  # it was being written when the run ended
                self._note(line)
                end += len(line)
        return end

    def add(self, line: str) -> None:
        """Write one line, all of it at once."""
        self._file.write(line.encode() + b"\n")
        self._file.flush()

    def has(self, path: Path, sha256: str | None) -> bool:
        """Say whether these bytes under this path have a line that holds."""
        return (str(path), sha256) in self._done

    def refusal(self, path: Path) -> str | None:
        """Return why the file was refused before, None if it was judged."""
        return self._refusals.get(str(path))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _note(self, text: bytes) -> None:
        try:
            self._know(json.loads(text))
        except (ValueError, LookupError, TypeError) as error:
            raise NoLedger from error

    def _know(self, line: dict[str, Any]) -> None:
        if line["profile"] != self._profile or line["refused"] in PASSING:
            return
        self._done.add((line["file"], line["sha256"]))
        if line["refused"]:
            self._refusals[line["file"]] = line["advice"][0]
        else:
            self._refusals.pop(line["file"], None)
