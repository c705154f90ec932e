"""Forms of the rounds: which days to plan, what has happened, which stops to make visits of."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from booking.forms import YEARS
from booking.models import Technician
from booking.queries.replans import AWAY, CLOSED, FIELD, SLOW
from enrolment.people.forms import HouseForm
from enrolment.people.models import CareUnit

SECONDS = [
    ("5", _("5 seconds: a first look")),
    ("20", _("20 seconds: good")),
    ("60", _("One minute: the best for many visits")),
]
EVENTS = [
    (AWAY, _("A technician is away")),
    (CLOSED, _("The road to a unit is closed")),
    (SLOW, _("All roads take longer")),
]
SLOWER = [
    ("25", _("A quarter longer")),
    ("50", _("Half as long again")),
    ("100", _("Twice as long")),
]


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        validators=YEARS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class DaysForm(HouseForm):
    """From which day to which."""

    first_day = _day(_("From"))
    last_day = _day(_("Until"))
    form_key = forms.UUIDField(widget=forms.HiddenInput)
    earliest = 1

    def clean_first_day(self) -> date:
        day: date = self.cleaned_data["first_day"]
        if day < timezone.localdate() + timedelta(days=self.earliest):
            raise forms.ValidationError(_("Choose a day that has not begun."))
        return day


class PlanForm(DaysForm):
    """What to plan, and how long to search."""

    seconds = forms.TypedChoiceField(
        label=_("How long may the planning take?"),
        choices=SECONDS,
        coerce=int,
        widget=forms.RadioSelect,
    )


class ReplanForm(DaysForm):
    """What has happened, and when."""

    event = forms.ChoiceField(
        label=_("What has happened?"), choices=EVENTS, widget=forms.RadioSelect
    )
    slower = forms.TypedChoiceField(
        label=_("How much longer do the roads take?"),
        choices=SLOWER,
        coerce=int,
        error_messages={"required": _("Choose how much longer.")},
    )
    loosen = forms.BooleanField(
        label=_("Visits that nobody has a time in may move too"), required=False
    )
    earliest = 0

    def __init__(
        self,
        *args: Any,
        technicians: QuerySet[Technician],
        units: QuerySet[CareUnit],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["technician"] = forms.ModelChoiceField(
            label=_("Who is away?"),
            queryset=technicians,
            empty_label=_("Choose"),
            error_messages={"required": _("Choose who is away.")},
        )
        self.fields["unit"] = forms.ModelChoiceField(
            label=_("Which unit can't be reached?"),
            queryset=units,
            empty_label=_("Choose"),
            error_messages={"required": _("Choose the unit that can't be reached.")},
        )

    def clean(self) -> dict[str, Any]:
        """Ask for what belongs to the event alone."""
        told = super().clean() or {}
        for event, field in FIELD.items():
            if event != told.get("event"):
                self.errors.pop(field, None)
        return told

    def happened(self) -> dict[str, Any]:
        """Return who is away, which unit can't be reached, or how much longer the roads take."""
        told = self.cleaned_data
        field = FIELD[told["event"]]
        return {field: told[field], "loosen": told["loosen"]}


def chosen_stops(data: QueryDict, stops_of: Mapping[str, list[str]]) -> set[str]:
    """Return the keys of the stops that were ticked, one by one or by whole days.

    What is no stop of the plan any more is passed over.
    """
    days = data.getlist("days")
    whole = {key for day in days for key in stops_of.get(day, [])}
    every = {key for keys in stops_of.values() for key in keys}
    return whole | (every & set(data.getlist("stops")))


class MoveForm(HouseForm):
    """Where to move a stop, and the cost in seconds that was shown there."""

    stop = forms.CharField(max_length=80)
    vehicle = forms.CharField(max_length=40)
    seen = forms.IntegerField()
