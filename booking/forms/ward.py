"""Forms of a ward's rules and of its people's times."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enrolment.people.forms import HouseForm

# No title: whoever it is. A form has no empty choice that is one.
OF_ALL = ("*", _("Of all staff"))


class WardRuleForm(HouseForm):
    """How many may be away at once, and the way to the camera."""

    most_away = forms.IntegerField(
        label=_("At most this many away at once"), min_value=1, max_value=99
    )
    walking_minutes = forms.IntegerField(
        label=_("Minutes to walk to the camera"),
        help_text=_("One way. Counted both there and back."),
        min_value=0,
        max_value=60,
    )


class MinimumForm(HouseForm):
    """How many must stay, of whom and when; `titles` are those that staff at the unit have."""

    title = forms.ChoiceField(label=_("Who must stay?"))
    least = forms.IntegerField(label=_("How many, at least"), min_value=1, max_value=99)
    starts = forms.TimeField(
        label=_("From the hour"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    ends = forms.TimeField(
        label=_("Until the hour"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def __init__(self, *args: Any, titles: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["title"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 as declared above
        field.choices = [OF_ALL, *((title, title) for title in titles)]

    def beside(self) -> list[forms.BoundField]:
        """Return the fields that stand beside each other: how many, from and until."""
        return [self["least"], self["starts"], self["ends"]]

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"]
        return "" if title == OF_ALL[0] else title

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        starts, ends = told.get("starts"), told.get("ends")
        if starts and ends and ends <= starts:
            self.add_error("ends", _("Choose a time after the start."))
        return told
