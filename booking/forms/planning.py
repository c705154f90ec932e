"""Forms of the pages where the planning is set up."""

from collections.abc import Iterator, Mapping
from datetime import time
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from booking.domain.states import VisitKind
from booking.forms import YEARS
from enrolment.people.domain.staff_file import MAX_BYTES
from enrolment.people.forms import HouseForm
from enrolment.people.models import CareUnit, Municipality, User

KINDS = [
    (VisitKind.PHOTO.value, _("Photo visit")),
    (VisitKind.ACTIVATION.value, _("Activation visit")),
]
LONGEST_DRIVE = 24 * 60

type Hours = dict[int, tuple[time, time]]


def _clock(label: Any) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, required=False, widget=widget)


def _day(label: Any, **more: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, validators=YEARS, widget=widget, **more)


def _kinds() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("Kinds of visit"), choices=KINDS, widget=forms.CheckboxSelectMultiple
    )


class HoursForm(HouseForm):
    """From and to for each day of the week; both empty where nothing is done that day."""

    def __init__(self, *args: Any, hours: Mapping[int, tuple[time, time]], **kwargs: Any) -> None:
        initial = {f"from_{day}": begins for day, (begins, _ends) in hours.items()}
        initial |= {f"to_{day}": ends for day, (_begins, ends) in hours.items()}
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        for day, name in WEEKDAYS.items():
            self.fields[f"from_{day}"] = _clock(_("%(day)s, begins") % {"day": name})
            self.fields[f"to_{day}"] = _clock(_("%(day)s, ends") % {"day": name})

    def rows(self) -> Iterator[tuple[Any, forms.BoundField, forms.BoundField]]:
        """Yield each weekday's name and its two fields."""
        for day, name in WEEKDAYS.items():
            yield name, self[f"from_{day}"], self[f"to_{day}"]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        for day in WEEKDAYS:
            begins, ends = told.get(f"from_{day}"), told.get(f"to_{day}")
            if f"from_{day}" in self.errors or f"to_{day}" in self.errors:
                continue
            if begins and not ends:
                self.add_error(f"to_{day}", _("Fill in both times, or none."))
            elif ends and not begins:
                self.add_error(f"from_{day}", _("Fill in both times, or none."))
            elif begins and ends and ends <= begins:
                self.add_error(f"to_{day}", _("Choose an end after the start, on the same day."))
        return told

    def hours(self) -> Hours:
        """Return the hours of a valid form by weekday."""
        told = self.cleaned_data
        return {
            day: (told[f"from_{day}"], told[f"to_{day}"])
            for day in WEEKDAYS
            if told[f"from_{day}"] and told[f"to_{day}"]
        }


class TechnicianForm(HouseForm):
    """Where a technician starts from, and for which visits."""

    base = forms.CharField(
        label=_("Base"), max_length=60, help_text=_("The place where the day starts and ends.")
    )
    latitude = forms.FloatField(
        label=_("Latitude"),
        localize=True,
        validators=[MinValueValidator(55), MaxValueValidator(70)],
        help_text=_("Degrees north, such as 58.5052."),
    )
    longitude = forms.FloatField(
        label=_("Longitude"),
        localize=True,
        validators=[MinValueValidator(10), MaxValueValidator(25)],
        help_text=_("Degrees east, such as 13.1577."),
    )
    kinds = _kinds()

    def facts(self) -> dict[str, Any]:
        """Return base, latitude, longitude and kinds of a valid form."""
        return {
            name: self.cleaned_data[name] for name in ("base", "latitude", "longitude", "kinds")
        }


class NewTechnicianForm(TechnicianForm):
    """The same for somebody who has the role and no base yet."""

    def __init__(self, *args: Any, users: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"] = forms.ModelChoiceField(
            label=_("Technician"), queryset=users, empty_label=None
        )
        self.order_fields(["user"])


class PeriodForm(HouseForm):
    """Some days, the last one included; without a last day it is a single one."""

    first_day = _day(_("First day"))
    last_day = _day(_("Last day"), required=False, help_text=_("Leave it empty for a single day."))
    why = forms.CharField(label=_("Why"), max_length=60, required=False)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        first = told.get("first_day")
        if first and not told.get("last_day") and "last_day" not in self.errors:
            told["last_day"] = first
        if first and told.get("last_day") and told["last_day"] < first:
            self.add_error("last_day", _("Choose a last day that is not before the first."))
        elif told.get("last_day") and told["last_day"] < timezone.localdate():
            self.add_error("first_day", _("Choose a day that has not passed."))
        return told


class DaysOffForm(PeriodForm):
    """Days on which a technician is away."""

    why = forms.CharField(
        label=_("Why"),
        max_length=60,
        required=False,
        help_text=_("A word such as holiday or course. Write nothing about health."),
    )


class ClosedDaysForm(PeriodForm):
    """Days without visits in a unit, a municipality or the whole federation."""

    def __init__(
        self,
        *args: Any,
        municipalities: QuerySet[Municipality],
        units: QuerySet[CareUnit],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.municipalities = {str(found.pk): found for found in municipalities}
        self.units = {str(found.pk): found for found in units}
        self.fields["place"] = forms.ChoiceField(
            label=_("Where?"),
            required=False,
            choices=[
                ("", _("The whole federation")),
                (_("Municipality"), [(pk, each.name) for pk, each in self.municipalities.items()]),
                (_("Unit"), [(pk, each.name) for pk, each in self.units.items()]),
            ],
        )
        self.order_fields(["first_day", "last_day", "place", "why"])

    def place(self) -> dict[str, Municipality | CareUnit | None]:
        """Return the municipality or the unit of a valid form; neither is the federation."""
        pk = self.cleaned_data["place"]
        return {"municipality": self.municipalities.get(pk), "unit": self.units.get(pk)}


class KitForm(HouseForm):
    """A kit: what it is called, what it can do, and whether it is used."""

    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("What stands on the bag."))
    kinds = _kinds()
    in_use = forms.BooleanField(label=_("In use"), required=False)


class MatrixForm(HouseForm):
    """A file of travel times."""

    file = forms.FileField(
        label=_("File of travel times"),
        help_text=_("CSV or XLSX, one row for each way."),
        error_messages={"required": _("Choose a file first.")},
        allow_empty_file=True,
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )

    def content(self) -> bytes:
        """Return the bytes, and of a file that is too large only enough to tell that it is."""
        content: bytes = self.cleaned_data["file"].read(MAX_BYTES + 1)
        return content


class DriveForm(HouseForm):
    """How many minutes a technician drove."""

    minutes = forms.IntegerField(
        label=_("Minutes driven here"),
        min_value=1,
        max_value=LONGEST_DRIVE,
        help_text=_("From the visit before, or from the base."),
    )
