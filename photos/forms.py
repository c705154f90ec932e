"""Forms of the photos room."""

from dataclasses import asdict

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.domain.states import IdDocument
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


class CheckInForm(forms.Form):
    document = forms.ChoiceField(
        label=_("Id document"),
        choices=[(kind.value, kind.value) for kind in IdDocument],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose which id document you see.")},
    )


class NudgeForm(forms.Form):
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


class RejectForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=Decision.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why the photo is rejected.")},
    )
    note = forms.CharField(
        label=_("Note to the technician"), max_length=200, required=False, strip=True
    )


class UploadForm(forms.Form):
    """The facts that come with a picture, as headers X-Booking, X-Sha256, X-Taken-At, X-Source."""

    booking = forms.UUIDField()
    sha256 = forms.RegexField(r"^[0-9a-f]{64}$")
    taken_at = forms.DateTimeField()
    source = forms.ChoiceField(choices=Capture.Source.choices)
