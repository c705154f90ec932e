"""The forms of the people room: they check form, never policy."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from enrolment.people import access
from enrolment.people.access import Role
from enrolment.people.domain import hsa_id
from enrolment.people.domain.hsa_id import HsaIdError
from enrolment.people.domain.staff_file import MAX_BYTES
from enrolment.people.domain.stages import CLOSED, Reason, Stage
from enrolment.people.faults import sentence
from enrolment.people.models import CareUnit, Municipality, Staff, User
from enrolment.people.services.log_ins import TooManyFailures, check_failures
from enrolment.people.services.organisation import UnitFacts

GENERIC = forms.Field.default_error_messages["required"]
FEDERATION = "federation"
TOO_MANY_FAILURES = _("Wait a quarter of an hour, then try again. Too many tries have failed.")


class AsksByLabel(forms.BaseForm):
    """Tells of an empty field which one to fill in, where the field has no sentence of its own."""

    def full_clean(self) -> None:
        """Check the form, once every field knows what to say."""
        for field in self.fields.values():
            if field.label and field.error_messages["required"] is GENERIC:
                field.error_messages["required"] = _missing(field)
        super().full_clean()


class HouseForm(AsksByLabel, forms.Form):
    """What every form of the house is."""


class LogInForm(AsksByLabel, AuthenticationForm):
    """E-mail address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wrong = _("Check the e-mail address and the password.")
        self.error_messages = {"invalid_login": wrong, "inactive": wrong}
        self.fields["username"].label = _("E-mail")
        self.fields["username"].widget.input_type = "email"
        self.fields["username"].widget.attrs.pop("autofocus")

    def clean(self) -> dict[str, Any]:
        """Try the password, but no more of them than `services.log_ins` lets anybody try."""
        assert self.request is not None  # noqa: S101 LoginView gives it
        email = self.cleaned_data.get("username", "")
        try:
            check_failures(email=email, place=access.place(self.request))
        except TooManyFailures as error:
            raise forms.ValidationError(TOO_MANY_FAILURES) from error
        return super().clean()


class PasswordForm(AsksByLabel, SetPasswordForm):  # type: ignore[type-arg]
    """A new password, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].label = _("New password")
        self.fields["new_password1"].help_text = _("At least twelve characters.")
        self.fields["new_password2"].label = _("The same password again")
        self.fields["new_password2"].help_text = ""


class NeedFilter(HouseForm):
    """Which units and stages the overview shows; what is not understood filters nothing."""

    stage = forms.ChoiceField(
        choices=[(stage.value, stage.value) for stage in Stage if stage not in CLOSED],
        required=False,
    )

    def __init__(self, *args: Any, units: QuerySet[CareUnit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"] = forms.ModelChoiceField(queryset=units, required=False)

    def chosen(self) -> dict[str, Any]:
        """Return `unit` and `stage` to filter by."""
        self.full_clean()
        return {
            "unit": self.cleaned_data.get("unit"),
            "stage": self.cleaned_data.get("stage", ""),
        }


class SearchForm(HouseForm):
    """What to search staff by."""

    q = forms.CharField(label=_("Name or HSA-id"), required=False, max_length=100)


class UnitForm(AsksByLabel, forms.ModelForm):  # type: ignore[type-arg]
    """The facts of a unit that may change; its HSA-id stays."""

    class Meta:
        model = CareUnit
        fields: ClassVar = [name for name in UnitFacts.__dataclass_fields__ if name != "hsa_id"]
        localized_fields: ClassVar = ["latitude", "longitude", "km_to_office", "km_to_base"]
        labels: ClassVar = {
            "name": _("Name"),
            "street": _("Street address"),
            "postcode": _("Postcode"),
            "town": _("Town"),
            "latitude": _("Latitude"),
            "longitude": _("Longitude"),
            "room_note": _("The room"),
            "contact_name": _("Contact on site"),
            "contact_phone": _("Telephone of the contact"),
            "cost_centre": _("Cost centre"),
            "km_to_office": _("Road to the old office"),
            "km_to_base": _("Road to the technicians' base"),
        }
        help_texts: ClassVar = {
            "latitude": _("Degrees north, such as 58.5052."),
            "longitude": _("Degrees east, such as 13.1577."),
            "room_note": _("Where to photograph, where to park and which door to take."),
            "km_to_office": _("Kilometres one way. Used to count saved trips."),
            "km_to_base": _("Kilometres one way."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.Meta.localized_fields:
            self.fields[name].widget.attrs["inputmode"] = "decimal"

    def facts(self) -> UnitFacts:
        """Return the valid form as the service takes it."""
        told = {name: getattr(self.instance, name) for name in UnitFacts.__dataclass_fields__}
        return UnitFacts(**told)


class NewUnitForm(UnitForm):
    """A unit to add: its municipality and its HSA-id too."""

    class Meta(UnitForm.Meta):
        fields: ClassVar = ["hsa_id", *UnitForm.Meta.fields]
        labels: ClassVar = {"hsa_id": _("HSA-id"), **UnitForm.Meta.labels}
        help_texts: ClassVar = {
            "hsa_id": _("Such as SE5560000000-A1B2."),
            **UnitForm.Meta.help_texts,
        }
        error_messages: ClassVar = {"hsa_id": {"unique": _("Another unit has this HSA-id.")}}

    def __init__(self, *args: Any, municipalities: QuerySet[Municipality], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"] = forms.ModelChoiceField(
            label=_("Municipality"),
            queryset=municipalities,
            empty_label=_("Choose a municipality"),
        )
        self.order_fields(["municipality"])

    def clean_hsa_id(self) -> str:
        try:
            return hsa_id.parse(self.cleaned_data["hsa_id"]).text
        except HsaIdError as error:
            raise forms.ValidationError(sentence(error)) from error


class NeedForm(HouseForm):
    """A card need opened by hand."""

    reason = forms.ChoiceField(
        label=_("Why is a card needed?"),
        choices=[(reason.value, reason.value) for reason in Reason],
        widget=forms.RadioSelect,
    )
    due_on = forms.DateField(
        label=_("Needed by"),
        help_text=_("The last day the card must work."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_due_on(self) -> date:
        due_on: date = self.cleaned_data["due_on"]
        if due_on < timezone.localdate():
            raise forms.ValidationError(_("Choose today or a later day."))
        return due_on


class StaffFileForm(HouseForm):
    """A staff file to look at."""

    file = forms.FileField(
        label=_("Staff file"),
        help_text=_("CSV or XLSX, one row for each member of staff."),
        error_messages={"required": _("Choose a file first.")},
        allow_empty_file=True,
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )

    def content(self) -> bytes:
        """Return the bytes, and of a file that is too large only enough to tell that it is."""
        content: bytes = self.cleaned_data["file"].read(MAX_BYTES + 1)
        return content


class RosterForm(StaffFileForm):
    """A roster file."""

    file = forms.FileField(
        label=_("Roster"),
        help_text=_("CSV or XLSX, one row for each shift."),
        error_messages={"required": _("Choose a file first.")},
        allow_empty_file=True,
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )


class ImportForm(HouseForm):
    """Yes to the changes that were shown, and to marking those who are gone as having left."""

    seen = forms.CharField(widget=forms.HiddenInput)
    mark_left = forms.BooleanField(required=False)


class InvitationForm(HouseForm):
    """Somebody to give a role."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=120)
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("Choose a role")), *Role.choices])

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
            label=_("Where does the role apply?"),
            choices=[
                ("", _("Choose where")),
                (FEDERATION, _("The whole federation")),
                (_("Municipality"), _options(self.municipalities, "{0.name}")),
                (_("Unit"), _options(self.units, "{0.name}, {0.municipality.name}")),
            ],
        )

    def invitation(self) -> dict[str, Any]:
        """Return the valid form as the service takes it; at most one place is not None."""
        told = {name: self.cleaned_data[name] for name in ("email", "name", "role")}
        place = self.cleaned_data["place"]
        return {
            **told,
            "municipality": self.municipalities.get(place),
            "unit": self.units.get(place),
        }


class HandlerForm(HouseForm):
    """A handler for a protected person."""

    def __init__(
        self, *args: Any, people: QuerySet[Staff], users: QuerySet[User], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"] = PersonByHsaId(
            label=_("Person"), queryset=people, empty_label=_("Choose a person")
        )
        self.fields["handler"] = forms.ModelChoiceField(
            label=_("Handler"), queryset=users, empty_label=_("Choose a handler")
        )


class PersonByHsaId(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Staff to choose from by HSA-id and unit, without their names."""

    def label_from_instance(self, person: Staff) -> str:
        return f"{person.hsa_id}, {person.unit}"


def _options(found: dict[str, Any], label: str) -> list[tuple[str, str]]:
    return [(key, label.format(value)) for key, value in found.items()]


def _missing(field: forms.Field) -> str:
    chosen = isinstance(field.widget, forms.widgets.ChoiceWidget)
    told = gettext("Choose under “%(label)s”.") if chosen else gettext("Fill in “%(label)s”.")
    return told % {"label": field.label}
