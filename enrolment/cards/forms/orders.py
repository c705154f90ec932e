"""What the list of orders reads from its visitor."""

from typing import Any

from django import forms

from enrolment.cards.models import ORDER_STATUSES
from enrolment.people.forms import HouseForm


class OrderFilter(HouseForm):
    """Which orders to list: those of one status, those of one batch, or all."""

    status = forms.ChoiceField(choices=[("", ""), *ORDER_STATUSES], required=False)
    batch = forms.UUIDField(required=False)

    @property
    def chosen(self) -> dict[str, Any]:
        """Return the filters that are set; one that makes no sense is left out."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}
