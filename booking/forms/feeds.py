"""Whose calendar a new address is for."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from enrolment.people.forms import HouseForm
from enrolment.people.models import CareUnit, Staff


class FeedForm(HouseForm):
    """A unit, or a person by HSA-id; `people` are those the user may choose."""

    marks_optional = False

    hsa_id = forms.CharField(
        label=_("Or one person's times"),
        help_text=_("Write the person's HSA-id. Give the address to that person alone."),
        max_length=31,
        required=False,
    )

    def __init__(
        self, *args: Any, units: QuerySet[CareUnit], people: QuerySet[Staff], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"] = forms.ModelChoiceField(
            queryset=units, label=_("A unit's visits"), required=False, empty_label=_("No unit")
        )
        self.order_fields(["unit", "hsa_id"])
        self.people = people

    def clean_hsa_id(self) -> Staff | None:
        """Return the person with the HSA-id, None where nothing was written."""
        if not self.cleaned_data["hsa_id"]:
            return None
        person = self.people.filter(hsa_id__iexact=self.cleaned_data["hsa_id"].strip()).first()
        if person is None:
            raise forms.ValidationError(_("Nobody at your units has that HSA-id. Check it."))
        return person

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two, neither both nor none."""
        chosen = [self.cleaned_data.get(name) for name in ("unit", "hsa_id")]
        if not self.errors and sum(each is not None for each in chosen) != 1:
            raise forms.ValidationError(_("Choose a unit, or write an HSA-id."))
        return self.cleaned_data
