"""Forms of the booking room: they read what was typed; the services decide."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from booking.domain.states import VisitKind
from booking.domain.visit_length import Pace, length_for
from booking.models import Slot, Technician
from booking.services.visits import VisitPlan
from enrolment.people.forms import HouseForm
from enrolment.people.models import CardNeed, CareUnit

KINDS = [
    (VisitKind.PHOTO.value, _("Photo visit")),
    (VisitKind.ACTIVATION.value, _("Activation visit")),
]
FIRST_START = time(9)
SATURDAY = 5
CHECK_YEAR = _("Check the year.")
YEARS = [
    MinValueValidator(date(2020, 1, 1), CHECK_YEAR),
    MaxValueValidator(date(2100, 1, 1), CHECK_YEAR),
]
ONE_TO_NINE = dict.fromkeys(
    ("required", "invalid", "min_value", "max_value"), _("Write a number from 1 to 9.")
)
NOT_HERE = _("Somebody you chose is not at the unit. Choose again.")


class VisitForm(HouseForm):
    """A visit as a care manager wishes for it; the querysets are what this user may choose from."""

    kind = forms.ChoiceField(
        label=_("What is the visit for?"), choices=KINDS, widget=forms.RadioSelect
    )
    day = forms.DateField(
        label=_("Day"),
        validators=YEARS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    start = forms.TimeField(
        label=_("Start"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    end = forms.TimeField(
        label=_("A later end"),
        required=False,
        help_text=_("Gives times to spare. Leave it empty for none."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    stations = forms.IntegerField(
        label=_("Stations side by side"),
        min_value=1,
        max_value=9,
        help_text=_("How many people can be taken at the same time."),
        error_messages=ONE_TO_NINE,
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        units: QuerySet[CareUnit],
        technicians: QuerySet[Technician],
        needs: QuerySet[CardNeed],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"] = forms.ModelChoiceField(
            label=_("Unit"), queryset=units, empty_label=None
        )
        self.fields["needs"] = _people(needs, required=False)
        self.offer_technicians(technicians)

    def offer_technicians(self, technicians: QuerySet[Technician]) -> None:
        """Show only these to choose from."""
        self.fields["technician"] = forms.ModelChoiceField(
            label=_("Technician"),
            queryset=technicians,
            empty_label=None,
            error_messages={"required": _("Choose a time when a technician is free.")},
        )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        start, end = told.get("start"), told.get("end")
        if "needs" in told and not told["needs"] and not end:
            self.add_error("needs", _("Choose at least one person, or an end for the visit."))
        if start and end and end <= start:
            self.add_error("end", _("Choose an end after the start."))
        return told

    def window(self, pace: Pace) -> tuple[datetime, datetime] | None:
        """Return start and end: the end chosen, or the one that the people need at the pace.

        None while too little is filled in to tell.
        """
        told = self.cleaned_data
        if not {"needs", "day", "start", "end", "stations"} <= told.keys():
            return None
        starts_at = self._moment(told["start"])
        if told["end"]:
            return starts_at, self._moment(told["end"])
        length = length_for(len(told["needs"]), pace, told["stations"])
        return starts_at, (starts_at.astimezone(UTC) + length).astimezone(starts_at.tzinfo)

    def plan(self, pace: Pace) -> VisitPlan:
        """Return the wish of a valid form, at the pace of its people."""
        told = self.cleaned_data
        window = self.window(pace)
        assert window is not None  # noqa: S101 a valid form is whole
        return VisitPlan(
            unit=told["unit"],
            technician=told["technician"],
            kind=told["kind"],
            starts_at=window[0],
            ends_at=window[1],
            slot_minutes=pace.minutes,
            stations=told["stations"],
        )

    def _moment(self, clock: time) -> datetime:
        return timezone.make_aware(datetime.combine(self.cleaned_data["day"], clock))


class PeopleForm(HouseForm):
    """Who to add to a visit."""

    def __init__(self, *args: Any, needs: QuerySet[CardNeed], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["needs"] = _people(needs, required=True)


class SlotForm(HouseForm):
    """Which slot to take."""

    def __init__(self, *args: Any, slots: QuerySet[Slot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slot"] = forms.ModelChoiceField(
            queryset=slots,
            error_messages={
                "required": _("Choose a time."),
                "invalid_choice": _("Choose a time in the same visit."),
            },
        )


class PersonInSlotForm(SlotForm):
    """Who to put in which slot."""

    def __init__(self, *args: Any, needs: QuerySet[CardNeed], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["need"] = forms.ModelChoiceField(
            queryset=needs,
            error_messages={"required": _("Choose a person."), "invalid_choice": NOT_HERE},
        )


def first_day(today: date) -> date:
    """Return the day to begin with: in a week, or the Monday after that."""
    day = today + timedelta(days=7)
    return day if day.weekday() < SATURDAY else day + timedelta(days=7 - day.weekday())


def _people(needs: QuerySet[CardNeed], *, required: bool) -> forms.Field:
    return forms.ModelMultipleChoiceField(
        label=_("People"),
        queryset=needs,
        required=required,
        error_messages={
            "required": _("Choose at least one person."),
            "invalid_choice": NOT_HERE,
            "invalid_pk_value": NOT_HERE,
        },
    )
