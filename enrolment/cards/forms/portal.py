"""The forms of the card issuer's own pages."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from enrolment.cards import advice
from enrolment.cards.domain.receipt import MOST_BYTES
from enrolment.cards.domain.receipt_fields import OrderCode
from enrolment.cards.forms.receipts import IS_ONE_LINE, MOST_TEXT
from enrolment.cards.models import Issuer
from enrolment.people.forms import HouseForm

PHOTO_CODES = [code.value for code in OrderCode if code.startswith("PHOTO_")]


class ReceiptFileForm(HouseForm):
    """A receipt file, and the issuer that it comes from."""

    issuer: "forms.ModelChoiceField[Issuer]" = forms.ModelChoiceField(
        label=_("Card issuer"), queryset=None, empty_label=None
    )
    file = forms.FileField(
        label=_("Receipt file"),
        help_text=_("JSON or CSV."),
        error_messages={
            "required": _("Choose the receipt file."),
            "empty": _("The file is empty. Choose another file."),
        },
        widget=forms.FileInput(attrs={"accept": ".json,.csv"}),
    )

    def __init__(self, *args: Any, issuers: QuerySet[Issuer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        issuer: Any = self.fields["issuer"]
        issuer.queryset = issuers
        if len(issuers) == 1:
            issuer.widget, issuer.initial = forms.HiddenInput(), issuers[0].pk

    def clean_file(self) -> Any:
        """Refuse a file that no receipt can be, before it is read."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                _("Choose a file of at most %(megabytes)s MB."),
                params={"megabytes": MOST_BYTES // 1_000_000},
            )
        return file


class RefuseForm(HouseForm):
    """Why a photo can't be on a card."""

    code = forms.ChoiceField(
        label=_("Reason"),
        choices=[(code, advice.ORDER_CODES[code]) for code in PHOTO_CODES],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why the photo is rejected.")},
    )
    text = forms.CharField(
        label=_("Say more"), max_length=MOST_TEXT, required=False, validators=[IS_ONE_LINE]
    )
