"""Forms about an issuer's certificates and revocation lists."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enrolment.cards.domain.certificates import MOST_BYTES, MOST_LIST_BYTES
from enrolment.cards.models import IssuerCertificate
from enrolment.people.forms import HouseForm

PURPOSES = [
    (IssuerCertificate.Purpose.ENCRYPTION.value, _("We encrypt packages to it")),
    (IssuerCertificate.Purpose.RECEIPTS.value, _("The card issuer signs receipts with it")),
]


class NeverShownAgain(forms.Textarea):
    """A box whose contents are not sent back: a private key pasted by mistake goes nowhere."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, "", attrs)


class CertificateForm(HouseForm):
    """A certificate to look at: a file, or its text."""

    marks_optional = False

    purpose = forms.ChoiceField(
        label=_("What is the certificate for?"), choices=PURPOSES, widget=forms.RadioSelect
    )
    file = forms.FileField(
        label=_("Certificate file"),
        help_text=_("PEM or DER. The certificates above it may be in the same file."),
        required=False,
        allow_empty_file=True,
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".pem,.crt,.cer,.der"}),
    )
    pasted = forms.CharField(
        label=_("Certificate as text"),
        help_text=_("If you have no file. It begins with -----BEGIN CERTIFICATE-----"),
        required=False,
        max_length=MOST_BYTES,
        widget=NeverShownAgain(attrs={"rows": 6, "spellcheck": "false", "class": "cards-pem"}),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for one of the file and the text, and only one."""
        cleaned = super().clean() or self.cleaned_data
        given = [name for name in ("file", "pasted") if cleaned.get(name) is not None]
        given = [name for name in given if cleaned[name] != ""]
        if not given and not self.errors:
            self.add_error("file", _("Choose a file, or paste the certificate as text."))
        if len(given) == 2:
            self.add_error("pasted", _("Choose a file or paste text, not both."))
        return cleaned

    @property
    def source(self) -> str:
        """Return which field the certificate came in."""
        return "pasted" if self.cleaned_data.get("pasted") else "file"

    def content(self) -> bytes:
        """Return the bytes, and of a file that is too large only enough to tell that it is."""
        if self.source == "pasted":
            pasted: str = self.cleaned_data["pasted"]
            return pasted.encode()
        content: bytes = self.cleaned_data["file"].read(MOST_BYTES + 1)
        return content


class ConfirmCertificateForm(HouseForm):
    """Yes to a certificate that was shown: its fingerprint has been compared."""

    purpose = forms.ChoiceField(choices=PURPOSES, widget=forms.HiddenInput)
    pem = forms.CharField(max_length=2 * MOST_BYTES, widget=forms.HiddenInput)
    compared = forms.BooleanField(
        label=_("I have compared the fingerprint with the card issuer by telephone"),
        help_text=_("Call a number you had before. Read all of it aloud."),
        error_messages={"required": _("Compare the fingerprint first, then tick the box.")},
    )

    def lacks_certificate(self) -> bool:
        """Tell whether the hidden fields don't hold what the page before put there."""
        return bool({"purpose", "pem"} & set(self.errors))

    def content(self) -> bytes:
        """Return the certificate and those above it."""
        pem: str = self.cleaned_data["pem"]
        return pem.encode()


class RevocationListForm(HouseForm):
    """A revocation list to keep."""

    file = forms.FileField(
        label=_("Revocation list (CRL)"),
        help_text=_("PEM or DER, from the authority that issued the certificate."),
        error_messages={"required": _("Choose a file first.")},
        allow_empty_file=True,
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".crl,.pem,.der"}),
    )

    def content(self) -> bytes:
        """Return the bytes, and of a file that is too large only enough to tell that it is."""
        content: bytes = self.cleaned_data["file"].read(MOST_LIST_BYTES + 1)
        return content
