"""Forms of the photos room."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from booking.domain.states import IdDocument
from enrolment.people.forms import HouseForm
from enrolment.people.models import Staff
from photos.domain.crop import Nudge
from photos.domain.judgement import AS_CUT
from photos.models import Capture, Decision

# A step moves the head as its name says, so the crop moves the other way.
STEP, ZOOM = 0.01, 1.02
STEPS = {
    "left": Nudge(across=STEP),
    "right": Nudge(across=-STEP),
    "up": Nudge(down=STEP),
    "down": Nudge(down=-STEP),
    "larger": Nudge(zoom=ZOOM),
    "smaller": Nudge(zoom=1 / ZOOM),
    "reset": AS_CUT,
}


class CheckInForm(HouseForm):
    document = forms.ChoiceField(
        label=_("Id document"),
        choices=[(kind.value, kind.value) for kind in IdDocument],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose which id document you see.")},
    )


class NudgeForm(HouseForm):
    """How far the crop has been moved, and the steps to take from there."""

    across = forms.FloatField(min_value=-1, max_value=1, widget=forms.HiddenInput)
    down = forms.FloatField(min_value=-1, max_value=1, widget=forms.HiddenInput)
    zoom = forms.FloatField(min_value=0.5, max_value=2, widget=forms.HiddenInput)
    step = forms.MultipleChoiceField(choices=[(step, step) for step in STEPS], required=False)

    def wish(self) -> Nudge:
        """Return where the crop is to be, from how it was first cut, after all the steps."""
        facts = self.cleaned_data
        wish = Nudge(facts["across"], facts["down"], facts["zoom"])
        for name in facts["step"]:
            step = STEPS[name]
            moved = Nudge(wish.across + step.across, wish.down + step.down, wish.zoom * step.zoom)
            wish = AS_CUT if step is AS_CUT else moved
        return Nudge(*(round(value, 4) for value in asdict(wish).values()))

    def reached(self, granted: Nudge) -> bool:
        """Say whether the crop came to where it was wished, but for less than half a step."""
        wish = asdict(self.wish())
        return all(abs(value - wish[name]) < STEP / 2 for name, value in asdict(granted).items())


class RejectForm(HouseForm):
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=Decision.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why the photo is rejected.")},
    )
    note = forms.CharField(
        label=_("Note to the technician"), max_length=200, required=False, strip=True
    )


class UploadForm(HouseForm):
    """The facts that come with a picture, as headers X-Booking, X-Sha256, X-Taken-At, X-Source."""

    booking = forms.UUIDField()
    sha256 = forms.RegexField(r"^[0-9a-f]{64}$")
    taken_at = forms.DateTimeField()
    source = forms.ChoiceField(choices=Capture.Source.choices)


class NoShowForm(HouseForm):
    """The booking of the person who did not come."""

    booking = forms.UUIDField()


class ConflictForm(HouseForm):
    """What a planner decides on something from the station, and who a drop-in was."""

    choice = forms.ChoiceField()
    staff: "forms.ModelChoiceField[Staff]" = forms.ModelChoiceField(
        queryset=None,
        required=False,
        error_messages={
            "required": _("Search for the person and choose."),
            "invalid_choice": _("Search for the person and choose again."),
        },
    )

    def __init__(
        self,
        *args: Any,
        choices: Sequence[str],
        people: QuerySet[Staff],
        asks_who: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asks_who = asks_who
        choice: Any = self.fields["choice"]
        choice.choices = [(each, each) for each in choices]
        staff: Any = self.fields["staff"]
        staff.queryset = people

    def clean(self) -> dict[str, Any]:
        """Ask for the person where a photo is to be used that is of nobody known."""
        facts = self.cleaned_data
        if self.asks_who and facts.get("choice") == "use" and not facts.get("staff"):
            self.add_error("staff", self.fields["staff"].error_messages["required"])
        return facts


class RescueForm(HouseForm):
    """A rescue file as a station saved it."""

    file = forms.FileField(
        label=_("Rescue file"),
        help_text=_("A file that ends in .fotorundan."),
        error_messages={
            "required": _("Choose the rescue file."),
            "empty": _("The file is empty. Choose another file."),
        },
        widget=forms.FileInput(attrs={"accept": ".fotorundan"}),
    )
