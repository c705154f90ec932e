"""The forms of the desk."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from enrolment.desk.log_lines import Choice
from enrolment.desk.log_words import GROUPS
from enrolment.desk.words import WORDS
from enrolment.messages.domain.sms_parts import parts
from enrolment.messages.services import TextRefused, Wording, check_text
from enrolment.messages.texts import KINDS, Text
from enrolment.people.forms import HouseForm
from enrolment.people.models import Staff, User

# Python knows no time outside the years 1 to 9999: at their ends a midnight here has none in UTC.
DAYS = [MinValueValidator(date(1000, 1, 1)), MaxValueValidator(date(9000, 12, 31))]

TEXT_REFUSALS = {
    "empty": _("Write a text."),
    "no_subject": _("Write a subject."),
    "subject_lines": _("Write the subject on one line."),
    "too_long": _("The text takes %(parts)s SMS. Shorten it to three at most."),
    "unknown": _("There is no %(names)s. These exist: %(known)s."),
}


@dataclass(frozen=True)
class Preview:
    """How a text looks for the example person, or the sentence that says what hinders it."""

    wording: Wording | None
    parts: int = 0
    hindrance: str = ""


class TextForm(HouseForm):
    """A text for one kind of message and one channel."""

    marks_optional = False

    subject = forms.CharField(label=_("Subject line"), max_length=200, required=False)
    body = forms.CharField(
        label=_("Text"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "true"}),
    )

    def __init__(self, *args: Any, key: str, channel: str, text: Text, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.key, self.channel = key, channel
        self.initial = vars(text)
        if channel == "sms":
            del self.fields["subject"]
            self.fields["body"].widget.attrs["rows"] = 5

    def text(self) -> Text:
        """Return what was written, or stands in the fields from the start."""
        given = {name: str(self[name].value() or "").strip() for name in self.fields}
        return Text(given.get("subject", ""), given["body"].replace("\r\n", "\n"))

    def preview(self) -> Preview:
        """Return how it looks now."""
        try:
            wording = check_text(key=self.key, channel=self.channel, text=self.text())
        except TextRefused as refusal:
            return Preview(None, hindrance=self._sentence(refusal))
        return Preview(wording, parts(wording.body) if self.channel == "sms" else 0)

    def refuse(self, refusal: TextRefused) -> None:
        """Say at the field why the text can't be used."""
        at_subject = refusal.code in {"no_subject", "subject_lines"}
        self.add_error("subject" if at_subject else "body", self._sentence(refusal))

    def _sentence(self, refusal: TextRefused) -> str:
        known = ", ".join(f"{{{name}}}" for name in KINDS[self.key].places)
        values = {"parts": refusal.parts, "names": ", ".join(refusal.names), "known": known}
        return str(TEXT_REFUSALS[refusal.code]) % values


class UndeliveredFilter(HouseForm):
    """Which messages to show; what is not understood filters nothing."""

    marks_optional = False

    subject = forms.ChoiceField(
        label=_("About"),
        choices=[("", _("Everything")), *WORDS["message_subject"].items()],
        required=False,
    )
    channel = forms.ChoiceField(
        label=_("By"),
        choices=[("", _("E-mail and SMS")), *WORDS["channel"].items()],
        required=False,
    )

    def choice(self) -> dict[str, str]:
        """Return what to filter by."""
        self.full_clean()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}


class LogFilter(HouseForm):
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
