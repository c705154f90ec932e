"""Forms of people's own time: they read what was typed; the services decide."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from booking.domain.own_codes import CodeFault
from booking.domain.own_time import DeclineReason
from booking.models import Slot
from enrolment.people.domain.stages import Reason
from enrolment.people.forms import HouseForm
from enrolment.people.models import CardNeed, Staff

CODE_SENTENCES = {
    CodeFault.CODE_MISSING: _("Type your code."),
    CodeFault.CODE_LENGTH: _(
        "The code has eight characters. Compare with your invitation or slip."
    ),
    CodeFault.CODE_SLIP: _("One character is not right. Read the code once more."),
}
CODE_UNKNOWN = _(
    "This code opens no time. Use your latest invitation or slip, or ask your manager."
)
CODES_STOPPED = _("Wait a quarter of an hour and try again, or ask your manager for your time.")
DECLINE_REASONS = [
    (DeclineReason.DAY_OFF.value, _("I am off that day")),
    (DeclineReason.SICK.value, _("I am ill")),
    (DeclineReason.LEFT.value, _("I no longer work here")),
    (DeclineReason.HAS_CARD.value, _("I already have a card")),
    (DeclineReason.OTHER.value, _("Something else")),
]
NEED_REASONS = [
    ("", _("Choose")),
    (Reason.NEW.value, _("First card")),
    (Reason.RENEWAL.value, _("Renewal")),
    (Reason.LOST.value, _("Lost or stolen")),
    (Reason.DAMAGED.value, _("Damaged")),
    (Reason.NAME_CHANGE.value, _("New name")),
    (Reason.CHANGED_EMPLOYER.value, _("New employer")),
]


class CodeForm(HouseForm):
    """The code from a printed slip, as somebody typed it."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("Eight characters, such as ABCD-2345."),
        max_length=40,
        error_messages={
            "required": CODE_SENTENCES[CodeFault.CODE_MISSING],
            "max_length": CODE_SENTENCES[CodeFault.CODE_LENGTH],
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class StrikeForm(HouseForm):
    """Which times do not suit: one slot stands for each time."""

    def __init__(self, *args: Any, slots: QuerySet[Slot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slots"] = forms.ModelMultipleChoiceField(queryset=slots, required=False)


class DeclineForm(HouseForm):
    """Why somebody cannot come."""

    reason = forms.ChoiceField(
        label=_("Why can't you come?"),
        choices=DECLINE_REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what fits best.")},
    )


class WaitForm(HouseForm):
    """Who to put on the waiting list."""

    def __init__(self, *args: Any, needs: QuerySet[CardNeed], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["need"] = forms.ModelChoiceField(
            queryset=needs,
            error_messages={
                "required": _("Choose a person."),
                "invalid_choice": _("Somebody you chose is not at the unit. Choose again."),
            },
        )


class WalkInForm(HouseForm):
    """Who came without a time, and why a card is needed where no need is open."""

    reason = forms.ChoiceField(required=False, choices=NEED_REASONS)

    def __init__(self, *args: Any, people: QuerySet[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["staff"] = forms.ModelChoiceField(
            queryset=people,
            error_messages={
                "required": _("Choose a person."),
                "invalid_choice": _("Choose somebody who works here."),
            },
        )
