"""Choose a photo profile or change its limits, for a federation or one of its municipalities."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from enrolment.audit.services import System
from enrolment.people.models import Federation, Municipality
from enrolment.people.services.rules import PeriodBackwards, RuleTaken
from photos.domain.profile import ProfileError
from photos.profiles import PROFILE_KEYS
from photos.services.photo_rules import set_photo_rule

ACTOR = System("set_photo_rule")


class Command(BaseCommand):
    """Set the rules and say what was set; a faulty file sets nothing."""

    help = "Choose a photo profile or change its limits, for a federation or a municipality."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where, what, and from which day to which."""
        parser.add_argument("--federation", required=True, help="the federation's short name")
        parser.add_argument("--municipality", metavar="CODE", help="four digits, such as 1494")
        parser.add_argument("--profile", choices=PROFILE_KEYS)
        parser.add_argument("--limits", type=Path, metavar="FILE", help="TOML with what differs")
        parser.add_argument(
            "--from", dest="since", type=date.fromisoformat, required=True, metavar="DATE"
        )
        parser.add_argument("--until", type=date.fromisoformat, metavar="DATE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the file, set the rules, or say what to do."""
        federation, municipality = _place(options["federation"], options["municipality"])
        file = options["limits"]
        if file is None and options["profile"] is None:
            raise CommandError(_("Say which profile, which limits, or both."))
        try:
            rules = set_photo_rule(
                actor=ACTOR,
                federation=federation,
                municipality=municipality,
                profile=options["profile"],
                limits=_read(file) if file else None,
                valid_from=options["since"],
                valid_until=options["until"],
            )
        except ProfileError as fault:
            raise CommandError(_faulty(file, fault)) from fault
        except RuleTaken as fault:
            raise CommandError(
                _("Choose another first day. A rule begins on %(day)s already.")
                % {"day": options["since"]}
            ) from fault
        except PeriodBackwards as fault:
            raise CommandError(_("Choose a last day that is not before the first.")) from fault
        self.stdout.write(
            _("%(count)s rules are set for %(place)s. See them with: %(command)s")
            % {
                "count": len(rules),
                "place": municipality or federation,
                "command": f"manage.py profiles --federation {federation.slug}",
            }
        )


def _place(slug: str, code: str | None) -> tuple[Federation, Municipality | None]:
    federation = Federation.objects.filter(slug=slug).first()
    if federation is None:
        raise CommandError(
            _("There is no federation %(name)s. There are: %(names)s.")
            % {"name": slug, "names": _listed(Federation.objects.values_list("slug", flat=True))}
        )
    if code is None:
        return federation, None
    municipality = federation.municipalities.filter(code=code).first()
    if municipality is None:
        codes = federation.municipalities.values_list("code", flat=True)
        raise CommandError(
            _("There is no municipality %(name)s. There are: %(names)s.")
            % {"name": code, "names": _listed(codes)}
        )
    return federation, municipality


def _listed(names: Any) -> str:
    return ", ".join(sorted(names)) or "–"


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise CommandError(
            _("%(file)s cannot be opened. Check its name and place.") % {"file": file}
        ) from error
    except ValueError as error:
        raise CommandError(_faulty(file, error)) from error


def _faulty(file: Path | None, fault: ValueError) -> str:
    """Say where the fault is; without a file it is a rule set before that no longer fits."""
    if file is None:
        return _("The profile does not fit the limits set before: %(fault)s") % {"fault": fault}
    return _("Correct %(file)s, nothing was set: %(fault)s") % {"file": file, "fault": fault}
