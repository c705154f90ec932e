"""Forms for proposed times: who should come, when it would suit, which proposal is chosen."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from booking.forms import KINDS, NOT_HERE, ONE_TO_NINE, YEARS
from booking.models import Technician, Visit
from booking.queries.proposals import Wanted, parts_needed
from booking.services.changes import Change
from enrolment.people.forms import HouseForm
from enrolment.people.models import CardNeed, CareUnit

WEEKDAYS = [
    ("0", _("Monday")),
    ("1", _("Tuesday")),
    ("2", _("Wednesday")),
    ("3", _("Thursday")),
    ("4", _("Friday")),
]
HALVES = [("", _("All day")), ("morning", _("Before noon")), ("afternoon", _("After noon"))]
OFFER_LENGTH = 400
WISHES = ("from_day", "until_day", "stations")


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        validators=YEARS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class WishForm(HouseForm):
    """When a visit would suit, and the proposal chosen; everything may be left empty."""

    from_day = _day(_("No earlier than"))
    until_day = _day(_("No later than"))
    weekdays = forms.MultipleChoiceField(
        label=_("Weekdays"),
        choices=WEEKDAYS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    half = forms.ChoiceField(
        label=_("Time of day"), choices=HALVES, required=False, widget=forms.RadioSelect
    )
    offer = forms.CharField(required=False, max_length=OFFER_LENGTH, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        first, last = told.get("from_day"), told.get("until_day")
        if first and last and last < first:
            self.add_error("until_day", _("Choose a last day that is not before the first."))
        if last and last <= timezone.localdate():
            self.add_error("until_day", _("Choose a day after today."))
        return told

    @property
    def wrong_wishes(self) -> list[str]:
        """Return what to correct before times can be proposed, each with its field's name."""
        wrong = (self[name] for name in WISHES if name in self.errors)
        return [f"{field.label}: {error}" for field in wrong for error in field.errors]

    @property
    def wishes(self) -> dict[str, Any]:
        """Return what was wished for, as the fields of a Wanted; what is wrong is left out."""
        told = self.cleaned_data
        return {
            "from_day": told.get("from_day"),
            "until_day": told.get("until_day"),
            "weekdays": frozenset(int(day) for day in told.get("weekdays") or ()),
            "half": told.get("half") or "",
        }


class NewVisitForm(WishForm):
    """A visit as a care manager wants it; the querysets are what this user may choose from."""

    kind = forms.ChoiceField(
        label=_("What is the visit for?"), choices=KINDS, widget=forms.RadioSelect
    )
    stations = forms.IntegerField(
        label=_("Stations side by side"),
        min_value=1,
        max_value=9,
        help_text=_("How many people can be taken at the same time."),
        error_messages=ONE_TO_NINE,
    )
    split = forms.BooleanField(label=_("Share them over two visits"), required=False)
    spare = forms.IntegerField(required=False, min_value=0, max_value=100, widget=forms.HiddenInput)
    form_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        units: QuerySet[CareUnit],
        neighbours: Iterable[CareUnit],
        needs: QuerySet[CardNeed],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"] = forms.ModelChoiceField(
            label=_("Unit"), queryset=units, empty_label=None
        )
        self.fields["guests"] = forms.ModelMultipleChoiceField(
            label=_("Units in the same house"),
            queryset=units.filter(pk__in=[unit.pk for unit in neighbours]),
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["needs"] = forms.ModelMultipleChoiceField(
            label=_("People"),
            queryset=needs,
            required=False,
            error_messages={"invalid_choice": NOT_HERE, "invalid_pk_value": NOT_HERE},
        )

    def wanted(self, unit: CareUnit, today: date) -> Wanted:
        """Return what is wanted, as far as it is told rightly."""
        told = self.cleaned_data
        needs = list(told.get("needs") or ())
        parts = parts_needed(unit, len(needs), today)
        if told.get("split"):
            parts = max(2, parts)
        return Wanted(
            unit=unit,
            kind=str(told.get("kind", "photo")),
            needs=needs,
            stations=told.get("stations") or 1,
            parts=min(parts, max(1, len(needs))),
            spare=told.get("spare") or 0,
            **self.wishes,
        )


class MoveForm(WishForm):
    """Where to move a standing visit."""

    def wanted(self, visit: Visit, needs: list[CardNeed]) -> Wanted:
        """Return what is wanted for the visit's people."""
        return Wanted(
            unit=visit.unit,
            kind=visit.kind,
            needs=needs,
            stations=visit.stations,
            beside=visit,
            length=visit.ends_at - visit.starts_at,
            **self.wishes,
        )


class ChangeForm(HouseForm):
    """What a standing visit becomes."""

    day = forms.DateField(
        label=_("Day"),
        validators=YEARS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    start = forms.TimeField(
        label=_("Start"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    end = forms.TimeField(
        label=_("End"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    stations = forms.IntegerField(
        label=_("Stations side by side"), min_value=1, max_value=9, error_messages=ONE_TO_NINE
    )

    def __init__(self, *args: Any, technicians: QuerySet[Technician], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["technician"] = forms.ModelChoiceField(
            label=_("Technician"), queryset=technicians, empty_label=None
        )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        start, end = told.get("start"), told.get("end")
        if start and end and end <= start:
            self.add_error("end", _("Choose an end after the start."))
        return told

    @property
    def change(self) -> Change:
        """Return the change of a valid form."""
        told = self.cleaned_data
        return Change(
            technician=told["technician"],
            starts_at=timezone.make_aware(datetime.combine(told["day"], told["start"])),
            ends_at=timezone.make_aware(datetime.combine(told["day"], told["end"])),
            stations=told["stations"],
        )


def fields_of(change: Change) -> dict[str, Any]:
    """Return what a ChangeForm shows for the change."""
    begins, ends = timezone.localtime(change.starts_at), timezone.localtime(change.ends_at)
    return {
        "day": begins.date().isoformat(),
        "start": f"{begins:%H:%M}",
        "end": f"{ends:%H:%M}",
        "stations": change.stations,
        "technician": change.technician.pk,
    }
