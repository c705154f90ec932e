"""Forms about card issuers: what is agreed with them, who acts for them, their keys to the API."""

from collections.abc import Callable
from dataclasses import fields
from datetime import date, datetime, time
from typing import Any, ClassVar

from django import forms
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enrolment.cards import faults
from enrolment.cards.domain import sftp_target
from enrolment.cards.domain.package_fields import CODE, CONTROL
from enrolment.cards.domain.sftp_target import TargetFault, TargetRefused
from enrolment.cards.models import Issuer
from enrolment.cards.services.issuers import MOST, IssuerSettings
from enrolment.people.forms import AsksByLabel, HouseForm
from enrolment.people.models import Federation, User

ENVIRONMENTS = [
    (Issuer.Environment.TEST.value, _("Test: no cards are made")),
    (Issuer.Environment.PRODUCTION.value, _("In earnest: cards are made")),
]
WAYS = [
    (Issuer.Way.FOLDER.value, _("The issuer fetches from a folder or from here")),
    (Issuer.Way.SFTP.value, _("We send to the issuer's server by SFTP")),
]
IS_CODE = RegexValidator(
    CODE["pattern"],
    _("Use letters a–z, digits, dot, hyphen and underscore. Begin with a letter or a digit."),
)
IS_PLAIN = RegexValidator(
    CONTROL, _("Write the name on one line, without control characters."), inverse_match=True
)
PERSONNUMMER = _("Personnummer in the packages")
PERSONNUMMER_HINT = _(
    "Only where the agreement with the card issuer says so. Every package then holds them."
)
ISSUER_NAME_HINT = _("As on the delivery note.")
CARD_TYPE_HINT = _("The card issuer's own code for the card.")


class NewIssuerForm(HouseForm):
    """A card issuer to register."""

    name = forms.CharField(
        label=_("Name"), help_text=ISSUER_NAME_HINT, max_length=120, validators=[IS_PLAIN]
    )
    slug = forms.CharField(
        label=_("Short name"),
        help_text=_("Stands in packages and names the folder. It can't be changed later."),
        max_length=50,
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9-]*$",
                _("Use small letters a–z, digits and hyphens. Begin with a letter or a digit."),
            )
        ],
    )
    card_type = forms.CharField(
        label=_("Card type"), help_text=CARD_TYPE_HINT, max_length=40, validators=[IS_CODE]
    )
    environment = forms.ChoiceField(
        label=_("What are the packages for?"),
        choices=ENVIRONMENTS,
        widget=forms.RadioSelect,
        initial=Issuer.Environment.TEST,
    )
    wants_personnummer = forms.BooleanField(
        label=PERSONNUMMER, help_text=PERSONNUMMER_HINT, required=False
    )

    def __init__(self, *args: Any, federations: QuerySet[Federation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.federations = list(federations)
        if len(self.federations) > 1:
            self.fields["federation"] = forms.ModelChoiceField(
                label=_("Federation"), queryset=federations, empty_label=_("Choose a federation")
            )
            self.order_fields(["federation"])

    def facts(self) -> dict[str, Any]:
        """Return the valid form as the service takes it."""
        return {"federation": self.federations[0], **self.cleaned_data}


class IssuerForm(AsksByLabel, forms.ModelForm):  # type: ignore[type-arg]
    """What is agreed with a card issuer; its short name stays."""

    # Of any length: a private key pasted by mistake is to be known for one, and not sent back.
    sftp_host_key = forms.CharField(
        label=_("The server's key"),
        help_text=_("A line such as ssh-ed25519 AAAA… Get it from the card issuer."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )

    class Meta:
        model = Issuer
        fields: ClassVar = [each.name for each in fields(IssuerSettings)]
        labels: ClassVar = {
            "name": _("Name"),
            "card_type": _("Card type"),
            "wants_personnummer": PERSONNUMMER,
            "sftp_host": _("Server"),
            "sftp_port": _("Port"),
            "sftp_user": _("User on the server"),
            "sftp_folder": _("Folder on the server"),
            "technical_hours": _("Hours until it has answered that the package is whole"),
            "content_days": _("Working days until it has answered for each order"),
        }
        help_texts: ClassVar = {
            "name": ISSUER_NAME_HINT,
            "card_type": CARD_TYPE_HINT,
            "wants_personnummer": PERSONNUMMER_HINT,
            "sftp_host": _("Only the name, such as sftp.example.se."),
            "sftp_folder": _("Such as in/cards. Empty means where we are logged in."),
            "technical_hours": _("After that you are warned."),
            "content_days": _("After that you are warned."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["environment"] = forms.ChoiceField(
            label=_("What are the packages for?"), choices=ENVIRONMENTS, widget=forms.RadioSelect
        )
        self.fields["way"] = forms.ChoiceField(
            label=_("How do packages reach the card issuer?"),
            choices=WAYS,
            widget=forms.RadioSelect,
        )
        self.fields["name"].validators.append(IS_PLAIN)
        self.fields["card_type"].validators.append(IS_CODE)
        for name, fault in WANTED.items():
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = faults.target(TargetRefused(fault))
        for name, most in MOST.items():
            label, hint = self.fields[name].label, self.fields[name].help_text
            self.fields[name] = forms.IntegerField(
                label=label, help_text=hint, min_value=1, max_value=most
            )

    def clean_sftp_host(self) -> str:
        return self._read("sftp_host", sftp_target.read_host)

    def clean_sftp_user(self) -> str:
        return self._read("sftp_user", sftp_target.read_user)

    def clean_sftp_folder(self) -> str:
        return self._read("sftp_folder", sftp_target.read_folder)

    def clean_sftp_host_key(self) -> str:
        return self._read("sftp_host_key", sftp_target.read_host_key)

    def clean(self) -> dict[str, Any]:
        """Where no server is needed, its fields are out of sight: they stay as they were."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("way") == Issuer.Way.FOLDER:
            for name in [name for name in self.fields if name.startswith("sftp_")]:
                self.errors.pop(name, None)
                cleaned[name] = self.initial[name]
        return cleaned

    def settings(self) -> IssuerSettings:
        """Return the valid form as the service takes it."""
        return IssuerSettings(**{name: self.cleaned_data[name] for name in self.Meta.fields})

    def _read(self, name: str, read: Callable[[str], str]) -> str:
        typed: str = self.cleaned_data[name]
        try:
            return read(typed)
        except TargetRefused as refused:
            if refused.code == TargetFault.KEY_PRIVATE:
                sent: Any = self.data
                self.data = sent = sent.copy()
                sent[name] = ""  # it is not sent back
            raise forms.ValidationError(faults.target(refused)) from refused


WANTED = {
    "sftp_host": TargetFault.HOST,
    "sftp_user": TargetFault.USER,
    "sftp_host_key": TargetFault.KEY_MISSING,
}


class PersonForm(HouseForm):
    """Somebody who shall act as the card issuer."""

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"] = PersonByName(
            label=_("User"), queryset=people, empty_label=_("Choose a user")
        )


class PersonByName(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Users to choose from by name and address."""

    def label_from_instance(self, user: User) -> str:
        return f"{user.name}, {user.email}"


class TokenForm(HouseForm):
    """A key to the API for the issuer's machine."""

    name = forms.CharField(
        label=_("Which machine is the key for?"),
        help_text=_("So that you know it again in the list."),
        max_length=80,
    )
    last_day = forms.DateField(
        label=_("Last day"),
        help_text=_("At most two years ahead."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def valid_until(self) -> datetime:
        """Return the end of the last day."""
        last_day: date = self.cleaned_data["last_day"]
        return timezone.make_aware(datetime.combine(last_day, time.max))
