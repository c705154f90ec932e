"""Write the reference pages that are made from the code."""

import re
from argparse import ArgumentParser
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from booking.domain import states as booking_states
from enrolment.cards import advice
from enrolment.cards.domain import states as card_states
from enrolment.cards.domain.format_tables import format_tables
from enrolment.cards.domain.openapi import openapi_document
from enrolment.cards.domain.openapi_page import openapi_page
from enrolment.cards.services.rates import CALLS_A_MINUTE
from enrolment.desk import words
from enrolment.people.domain import stages
from photos.advice import component_name
from photos.evaluation.quantities import checks_table
from photos.profiles import load_profile

FOLDER = settings.BASE_DIR / "docs" / "reference"
MADE = "<!-- Made by `make docs` from the code; change the code instead. -->\n"
TABLES: tuple[tuple[str, str, Mapping[Any, frozenset[Any]]], ...] = (
    ("Card need: stages", "stage", stages.ALLOWED),
    ("Visit", "visit", booking_states.VISIT_STEPS),
    ("Booking", "booking", booking_states.BOOKING_STEPS),
    ("Waiting list", "waiting", booking_states.WAIT_STEPS),
    ("Plan of rounds", "plan", booking_states.PLAN_STEPS),
    ("Card order", "order", card_states.ORDER_STEPS),
    ("Batch", "batch", card_states.BATCH_STEPS),
)

# Between these lines of a page written by hand stands a table that is made.
MARKED = re.compile(r"(<!-- table: ([\w .]+) -->\n).*?(?=<!-- end of table -->)", re.DOTALL)

COMMON = (
    "-h",
    "--version",
    "-v {0,1,2,3}",
    "--settings SETTINGS",
    "--pythonpath PYTHONPATH",
    "--traceback",
    "--no-color",
    "--force-color",
    "--skip-checks",
)


class Command(BaseCommand):
    help = "Write the pages of docs/reference that are made from the code; --check only compares."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say what is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        pages = {
            "states.md": _states(),
            "commands.md": _commands(),
            "issuer-api.md": _issuer_api(),
            "package.md": _with_tables("package.md", _formats()),
            "receipts.md": _with_tables("receipts.md", _formats()),
            "photo-checks.md": _with_tables("photo-checks.md", {"photo checks": _photo_checks()}),
        }
        stale = [name for name, text in pages.items() if _read(name) != text]
        if options["check"] and stale:
            raise CommandError(f"Stale: {', '.join(stale)}. Run make docs.")
        for name in stale:
            (FOLDER / name).write_text(pages[name])


def _read(name: str) -> str:
    path = FOLDER / name
    return path.read_text() if path.exists() else ""


def _states() -> str:
    parts = ["# States\n", MADE, "Which state may follow which.\n"]
    for title, kind, steps in TABLES:
        parts += [f"\n## {title}\n", "| State | On screen | May be followed by |", "|---|---|---|"]
        parts += [_row(kind, state, following) for state, following in steps.items()]
    return "\n".join(parts) + "\n"


def _row(kind: str, state: StrEnum, following: frozenset[StrEnum]) -> str:
    after = ", ".join(f"`{name}`" for name in sorted(following)) or "nothing: the end"
    return f"| `{state}` | {words.word(kind, state.value)} | {after} |"


def _commands() -> str:
    own = {
        name: app
        for name, app in sorted(get_commands().items())
        if str(app).startswith(("enrolment", "booking", "photos"))
    }
    parts = ["# Commands\n", MADE, "Run as `.venv/bin/python manage.py COMMAND`.\n"]
    for name, app in own.items():
        command = load_command_class(str(app), name)
        usage = " ".join(command.create_parser("manage.py", name).format_usage().split())
        parts += [f"## {name}\n", f"{_(command.help)}\n", f"`{_own_usage(usage)}`\n"]
    return "\n".join(parts)


def _issuer_api() -> str:
    server = reverse("cards:api_document").removesuffix("/openapi.json")
    document = openapi_document(version=settings.VERSION, server=server, calls=CALLS_A_MINUTE)
    return openapi_page(document, MADE)


def _formats() -> Mapping[str, str]:
    with translation.override(None):
        meanings = {code: str(words) for code, words in advice.ORDER_CODES.items()}
    return format_tables(meanings)


def _photo_checks() -> str:
    with translation.override("sv"):
        return checks_table(load_profile(), component_name)


def _with_tables(name: str, tables: Mapping[str, str]) -> str:
    """Return the page with its tables made anew."""
    return MARKED.sub(lambda found: f"{found[1]}\n{tables[found[2]]}\n\n", _read(name))


def _own_usage(usage: str) -> str:
    """Leave out the options every Django command has."""
    kept = f"{usage.removeprefix('usage: ')} "
    for option in COMMON:
        kept = kept.replace(f"[{option}] ", "")
    return kept.strip()
