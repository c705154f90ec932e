"""List the photo profiles, tell two apart, or show what applies in a place on a day."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from enrolment.people.models import CareUnit, Federation, Municipality
from enrolment.people.rules import Place
from photos.domain.findings import Answer
from photos.domain.profile import Limit, Profile, ProfileError
from photos.domain.profile_diff import Difference, Stated, differences, statements
from photos.profiles import PROFILE_KEYS, load_profile
from photos.queries.profiles import LIMITS_RULE, Overrides, in_force, laid


class Command(BaseCommand):
    """Print one profile a line, or one difference a line with the sources under it."""

    help = "List the photo profiles, tell two apart, or show what applies somewhere on a day."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take two profiles, or a place and a day; nothing lists them all."""
        parser.add_argument(
            "profiles", nargs="*", metavar="PROFILE", help="none, or two to compare"
        )
        place = parser.add_mutually_exclusive_group()
        place.add_argument("--unit", metavar="HSA-ID", help="what applies in this care unit")
        place.add_argument("--municipality", metavar="CODE", help="what applies there")
        parser.add_argument("--federation", metavar="SLUG", help="the place is in, or is, this one")
        parser.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="if not today")

    def handle(self, *args: Any, **options: Any) -> None:
        """Choose what to show by what was given."""
        keys = options["profiles"]
        somewhere = options["unit"] or options["municipality"] or options["federation"]
        try:
            if somewhere and not keys:
                lines = _applying(_place(options), options["on"] or timezone.localdate())
            elif len(keys) == 2 and not somewhere:
                lines = _told_apart(*map(_known, keys))
            elif keys or options["on"]:
                raise CommandError(_("Name two profiles to compare, or one place, or nothing."))
            else:
                lines = _listed()
        except ProfileError as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write("\n".join(lines))


def _known(key: str) -> Profile:
    if key not in PROFILE_KEYS:
        raise CommandError(
            _("There is no profile %(name)s. There are: %(names)s.")
            % {"name": key, "names": ", ".join(PROFILE_KEYS)}
        )
    return load_profile(key)


def _listed() -> list[str]:
    return [_summary(load_profile(key)) for key in PROFILE_KEYS]


def _summary(profile: Profile) -> str:
    card, dates = profile.card, [limit.date for limit in profile.limits.values()]
    return _("%(key)s: %(title)s, %(width)s × %(height)s px, %(dpi)s dpi, sources %(dates)s") % {
        "key": profile.key,
        "title": profile.title,
        "width": card.width_px,
        "height": card.height_px,
        "dpi": card.dpi,
        "dates": " – ".join(dict.fromkeys(str(day) for day in (min(dates), max(dates)))),
    }


def _told_apart(old: Profile, new: Profile) -> list[str]:
    heading = f"{old.key} → {new.key}"
    return [heading, *(line for each in differences(old, new) for line in _compared(each))]


def _compared(difference: Difference) -> list[str]:
    old, new = difference.old, difference.new
    lines = [f"  {new.place}: {_words(old)} → {_words(new)}"]
    if isinstance(old.value, Limit) and isinstance(new.value, Limit):
        lines += [f"    {_source(old.value)}", f"    → {_source(new.value)}"]
    return lines


def _words(stated: Stated) -> str:
    return _interval(stated.value) if isinstance(stated.value, Limit) else str(stated.value)


def _interval(limit: Limit) -> str:
    """Say what passes, what warns if anything does, and the gravest answer if it never fails."""
    said = str(limit)
    if limit.warns:
        said = _("%(passes)s, warns %(warns)s") % {"passes": said, "warns": limit.warns}
    if limit.gravest != Answer.FAIL:
        said = _("%(limit)s, at worst: %(answer)s") % {"limit": said, "answer": limit.gravest}
    return said


def _source(limit: Limit) -> str:
    return f"{limit.source} ({limit.date})"


def _applying(place: Place, on: date) -> list[str]:
    """Say which profile applies, and each place in it that a rule changes, with that rule."""
    key, overrides = in_force(place, on)
    profile = laid(key, overrides)
    changed = {each.new.place for each in differences(load_profile(key), profile)}
    rules = overrides.get("rules", [])
    lines = [_("%(place)s on %(day)s: %(key)s") % {"place": place, "day": on, "key": key}]
    lines += [f"  {_rule(rule)}" for rule in rules] or [
        f"  {_('No rule is set: the default of the house applies.')}"
    ]
    for stated in statements(profile):
        mark = f"  ← {_changer(stated.place, overrides)}" if stated.place in changed else ""
        lines.append(f"  {stated.place}: {_words(stated)}{mark}")
    return lines


def _rule(rule: dict[str, Any]) -> str:
    said = {
        "federation": _("rule %(id)s of the federation: %(key)s, %(period)s"),
        "municipality": _("rule %(id)s, a trial in the municipality: %(key)s, %(period)s"),
    }[rule["level"]]
    period = f"{rule['valid_from']} – {rule['valid_until'] or ''}".strip()
    return said % {"id": rule["rule"], "key": rule["key"], "period": period}


def _changer(place: str, overrides: Overrides) -> str:
    """Name the last rule that says something of a place: it lies on top."""
    part, name = place.split(".")
    says = [
        rule
        for rule in overrides["rules"]
        if rule["key"] == LIMITS_RULE and name in rule["value"].get(part, {})
    ]
    return _rule(says[-1])


def _place(options: dict[str, Any]) -> Place:
    """Return the one place that was named; its federation may have to be told too."""
    wanted: list[tuple[str, Any]] = [
        ("unit", CareUnit.objects.filter(hsa_id=options["unit"])),
        ("municipality", Municipality.objects.filter(code=options["municipality"])),
        ("federation", Federation.objects.filter(slug=options["federation"])),
    ]
    kind, found = next((kind, rows) for kind, rows in wanted if options[kind])
    within = {"unit": "municipality__federation__slug", "municipality": "federation__slug"}
    if options["federation"] and kind in within:
        found = found.filter(**{within[kind]: options["federation"]})
    places: list[Place] = list(found[:2])
    if len(places) > 1:
        raise CommandError(
            _("Say --federation too: several have %(name)s.") % {"name": options[kind]}
        )
    if not places:
        raise CommandError(
            _("There is no %(name)s. Check how it is written.") % {"name": options[kind]}
        )
    return places[0]
