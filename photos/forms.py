"""Forms of the photos room."""

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.domain.states import IdDocument
from photos.models import Capture, Decision


class CheckInForm(forms.Form):
    document = forms.ChoiceField(
        label=_("Id document"),
        choices=[(kind.value, kind.value) for kind in IdDocument],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose which id document you see.")},
    )


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
