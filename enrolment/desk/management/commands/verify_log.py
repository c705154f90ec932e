"""Verify the chain of the log against its heads, its anchors and the sealed batches."""

from argparse import ArgumentParser
from collections import defaultdict
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from enrolment.audit import anchor_file, queries, triggers
from enrolment.audit.domain.chain import Finding, Flaw, Mark
from enrolment.cards.queries import log_marks
from enrolment.people.models import Federation

type Marks = dict[UUID | None, list[Mark]]

HOUSE = "huset"
ROW = "rad {sequence} (id {row_id}, {at})"
SENTENCES = {
    Flaw.CHANGED: f"{ROW} är ändrad: innehållet stämmer inte med radens hash.",
    Flaw.GAP: f"rad {{expected}} saknas: nästa som finns är {ROW}.",
    Flaw.REPEATED: f"{ROW} har samma nummer som raden före.",
    Flaw.WRONG_LINK: f"{ROW} följer inte på raden före: en av dem är utbytt.",
    Flaw.UNCHAINED: "raden med id {row_id} ({at}) är inte länkad: den är inlagd vid sidan av.",
    Flaw.CUT_TAIL: "slutet är borta: sista raden är {sequence}, men {place} känner rad {expected}.",
    Flaw.BEYOND_HEAD: f"{ROW} är tillagd: enligt kedjans huvud är sista raden {{expected}}.",
    Flaw.OTHER_CHAIN: f"{ROW} har en annan hash än {{place}}: loggen är omräknad före den raden.",
}


class Command(BaseCommand):
    help = "Verify the log; name each row that was changed, taken away or put in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--federation", help="the short name of one federation; else all")
        parser.add_argument(
            "--anchors", type=Path, help="a copy of anchors.jsonl kept elsewhere, in place of ours"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        names = dict(Federation.objects.values_list("pk", "slug"))
        marks, faults = self._anchors(options["anchors"])
        for known_id in names:
            marks[known_id] += log_marks(known_id)
        known = {*queries.chains(), *marks}
        chains = {key: names.get(key, str(key)) for key in known if key} | {None: HOUSE}
        wanted = options["federation"]
        if wanted and wanted not in names.values():
            raise CommandError(f"Inget förbund heter {wanted}.")
        faults += self._faults_of_triggers()
        for federation_id, name in sorted(chains.items(), key=lambda chain: chain[1]):
            if wanted in (None, name):
                faults += self._verify(name, federation_id, marks[federation_id])
        if faults:
            raise CommandError(f"Loggen är inte hel. Antal fel: {faults}.")

    def _anchors(self, copy: Path | None) -> tuple[Marks, int]:
        """Return what the file of anchors tells of each chain, and how many lines tell nothing."""
        marks: Marks = defaultdict(list)
        path, faults = copy or anchor_file.path(), 0
        if not copy and not path.exists():
            return marks, faults
        try:
            for found in anchor_file.read(path):
                if isinstance(found, anchor_file.Unreadable):
                    faults += 1
                    self.stdout.write(f"{found.place}: raden går inte att läsa.")
                else:
                    marks[found[0]].append(found[1])
        except OSError as error:
            raise CommandError(f"Filen med ankare går inte att läsa: {error}") from error
        return marks, faults

    def _faults_of_triggers(self) -> int:
        missing = triggers.missing(connection)
        for name in missing:
            self.stdout.write(f"databasen: triggern {name} är borta eller ändrad.")
        return len(missing)

    def _verify(self, name: str, federation_id: UUID | None, marks: list[Mark]) -> int:
        faults = 0
        for found in queries.verify(federation_id, marks):
            if isinstance(found, Finding):
                faults += 1
                self.stdout.write(f"{name}: {_sentence(found)}")
            elif not faults:
                self.stdout.write(f"{name}: hel till rad {found.sequence}, {len(marks)} ankare.")
        return faults


def _sentence(found: Finding) -> str:
    at = timezone.localtime(found.at).isoformat(" ", "seconds") if found.at else ""
    return SENTENCES[found.flaw].format(**{**vars(found), "at": at})
