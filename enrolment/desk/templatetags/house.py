"""Tags and filters every page may use; loaded everywhere, so no page needs {% load house %}."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.forms import BaseForm
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from enrolment.desk import words
from enrolment.people.domain.stages import CHAIN, Stage

register = template.Library()

# The place in the chain that a side state takes over while it lasts.
SIDE_STATES = {
    Stage.CANCELLED: Stage.BOOKED,
    Stage.NO_SHOW: Stage.CHECKED_IN,
    Stage.RETAKE: Stage.PHOTOGRAPHED,
    Stage.LAPSED: Stage.ACTIVATED,
}
# Message levels of Django beside our own names for the same tone: class and icon.
NOTICES = {
    "info": ("notice-info", "info-circle"),
    "needs": ("notice-needs", "exclamation-triangle"),
    "warning": ("notice-needs", "exclamation-triangle"),
    "success": ("notice-good", "check-circle"),
    "error": ("notice-error", "x-octagon"),
}


class UnknownIcon(LookupError):
    """An icon that set-up has not copied."""


@lru_cache(maxsize=256)
def _drawing(folder: Path, name: str) -> str:
    path = folder / f"{name}.svg"
    if not path.is_file():
        raise UnknownIcon(
            f"No icon {name!r} in {folder}: name it in fetch_assets.ICONS, then run "
            "manage.py fetch_assets."
        )
    svg = path.read_text(encoding="utf-8")
    return svg[svg.index(">") + 1 : svg.rindex("</svg>")].strip()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw a Bootstrap icon inline; silent to screen readers unless it is given a label."""
    inside = mark_safe(_drawing(Path(settings.ICONS_DIR), name))  # noqa: S308 our own fetched file
    if label:
        return format_html(
            '<svg class="icon" viewBox="0 0 16 16" role="img" aria-label="{}">{}</svg>',
            label,
            inside,
        )
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>',
        inside,
    )


@register.inclusion_tag("components/tag.html")
def status_tag(kind: str, value: str) -> dict[str, Any]:
    """Show a status as icon, word and colour; `kind` is a key of words.STATUSES."""
    shown = words.status(kind, value)
    return {"icon": shown.icon, "tone": shown.tone, "label": shown.label}


@register.inclusion_tag("components/tag.html")
def stage_tag(stage: str) -> dict[str, Any]:
    """Show the stage of a card need as a tag."""
    return status_tag("stage", stage)


@register.filter
def word(value: str, kind: str) -> Promise:
    """Return the word for a coded value: `{{ need.reason|word:"need_reason" }}`."""
    return words.word(kind, value)


@dataclass(frozen=True, slots=True)
class Step:
    """One dot of the chain: done, now, aside (a side state), or nothing yet."""

    label: Promise
    state: str
    x: int

    @property
    def current(self) -> bool:
        """Whether the need stands here."""
        return self.state in {"now", "aside"}


def _steps(stage: Stage) -> Iterator[Step]:
    """Yield the chain with the need's place marked; x runs from 6 to 94."""
    here = CHAIN.index(SIDE_STATES.get(stage, stage))
    for place, at in enumerate(CHAIN):
        shown = stage if place == here else at
        state = "done" if place < here else ""
        if place == here:
            state = "aside" if stage in SIDE_STATES else "now"
        yield Step(words.word("stage", shown), state, 6 + 11 * place)


@register.inclusion_tag("components/stage_chain.html")
def stage_chain(stage: str) -> dict[str, Any]:
    """Draw the whole way to the card as an ordered list, the need's place marked."""
    return {"steps": list(_steps(Stage(stage)))}


@register.inclusion_tag("components/stage_chain_mini.html")
def stage_line(stage: str) -> dict[str, Any]:
    """Draw the chain as a thin line with the word of the stage, for use in lists."""
    steps = list(_steps(Stage(stage)))
    current = next(step for step in steps if step.current)
    return {"steps": steps, "label": current.label, "reach": current.x}


@register.simple_tag
def steps_bar(step: int, steps: int) -> SafeString:
    """Draw one bar for each step of a task, those reached filled."""
    bars = "".join(
        f'<rect class="{"steps-bar-done" if place < step else "steps-bar"}" x="{place * 30}" '
        'y="0" width="26" height="8" rx="4"/>'
        for place in range(steps)
    )
    return format_html(
        '<svg viewBox="0 0 {} 8" aria-hidden="true" focusable="false">{}</svg>',
        steps * 30 - 4,
        mark_safe(bars),  # noqa: S308 built from whole numbers above
    )


@register.filter
def notice_class(tone: str) -> str:
    """Return the class of a notice box for our own tones and Django's message levels."""
    return NOTICES.get(tone, NOTICES["info"])[0]


@register.filter
def notice_icon(tone: str) -> SafeString:
    """Return the icon of a notice box."""
    return icon(NOTICES.get(tone, NOTICES["info"])[1])


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm | str | None) -> dict[str, Any]:
    """List a bound form's errors with links to their fields; nothing when there are none."""
    if not isinstance(form, BaseForm):
        return {"errors": []}
    found = [{"text": text, "target": ""} for text in form.non_field_errors()]
    for field in form:
        # A group of choices has no control of its own: go to its first one.
        target = f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label
        found += [
            {"text": _named(str(field.label), str(text)), "target": target} for text in field.errors
        ]
    return {"errors": found}


def _named(label: str, error: str) -> str:
    """Return the error with its field's name before it, unless it says that itself."""
    return error if f"”{label}”" in error else f"{label.rstrip('?')}: {error}"


@register.filter
def local_date(value: date | datetime) -> str:
    """Return "tisdag 12 maj", with the year unless it is this year."""
    day = timezone.localtime(value).date() if isinstance(value, datetime) else value
    this_year = day.year == timezone.localdate().year
    return date_format(day, "l j F" if this_year else "l j F Y")


@register.filter
def clock(value: datetime) -> str:
    """Return the local time of day as "10.05"."""
    return timezone.localtime(value).strftime("%H.%M")


@register.filter
def local_time(value: datetime) -> str:
    """Return "tisdag 12 maj kl. 10.05", local time."""
    return _("%(day)s at %(clock)s") % {"day": local_date(value), "clock": clock(value)}
