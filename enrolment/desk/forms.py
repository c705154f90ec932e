"""The forms of the desk."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from enrolment.desk.log_lines import Choice
from enrolment.desk.log_words import GROUPS
from enrolment.people.models import Staff, User

# Python knows no time outside the years 1 to 9999: at their ends a midnight here has none in UTC.
DAYS = [MinValueValidator(date(1000, 1, 1)), MaxValueValidator(date(9000, 12, 31))]


class LogFilter(forms.Form):
    """Which lines of the log to show; what is not understood filters nothing."""

    marks_optional = False

    actor = forms.ChoiceField(label=_("Who did it"), required=False)
    group = forms.ChoiceField(
        label=_("What was done"),
        choices=[("", _("Everything")), *((key, label) for key, (label, _said) in GROUPS.items())],
        required=False,
    )
    first = forms.DateField(
        label=_("From"),
        required=False,
        validators=DAYS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    last = forms.DateField(
        label=_("Until"),
        required=False,
        validators=DAYS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(
        self, *args: Any, users: Iterable[User], person: Staff | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        named = [(user.audit_name, user.name) for user in users]
        self.fields["actor"].choices = [("", _("Everybody")), *named]  # type: ignore[attr-defined]

    def choice(self) -> Choice:
        """Return what to filter by."""
        self.full_clean()
        return Choice(person=self.person, **self.cleaned_data)
