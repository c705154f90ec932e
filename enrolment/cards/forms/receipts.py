"""Forms for receipts that somebody settles, or types in for an issuer that phones."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.forms import BoundField
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from enrolment.cards import advice
from enrolment.cards.domain.package_fields import CODE, CONTROL
from enrolment.cards.domain.receipt_fields import (
    BatchCode,
    Counts,
    OrderAnswer,
    ReceiptDocument,
    ReceiptKind,
    ReceiptLineDocument,
    Technical,
)
from enrolment.cards.domain.states import OrderStatus
from enrolment.cards.models import Batch, CardOrder
from enrolment.people.forms import HouseForm

MOST_TEXT = 200
# What a receipt takes as words: others would send it into quarantine.
IS_ONE_LINE = RegexValidator(
    CONTROL, _("Write on one line, with ordinary characters only."), inverse_match=True
)

CARD_NUMBER_FORM = _(
    "Use letters a–z, digits, dot, hyphen and underscore. Begin with a letter or a digit."
)


class SettleForm(HouseForm):
    """How a receipt in quarantine was dealt with."""

    note = forms.CharField(
        label=_("What have you done?"),
        help_text=_("For example whom you called. Name no person."),
        max_length=MOST_TEXT,
        error_messages={"required": _("Write what you have done about the receipt.")},
    )


@dataclass(frozen=True)
class TypedRow:
    """A row of the form: the order, and its fields."""

    order: CardOrder
    fields: list[BoundField]

    @property
    def name(self) -> str:
        """Return whose card it is, but of a protected person nothing."""
        staff = self.order.need.staff
        return "" if staff.protected else staff.name


class TypedForm(HouseForm):
    """A receipt as somebody types it; the key makes a double click one receipt."""

    kind: ReceiptKind
    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, orders: Sequence[CardOrder], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.orders = orders
        for order in orders:
            self.add_order(order)

    def add_order(self, order: CardOrder) -> None:
        """Add the fields about one order."""

    @property
    def rows(self) -> Iterator[TypedRow]:
        """Return the orders with their fields."""
        for order in self.orders:
            ending = f"_{order.seq}"
            names = [name for name in self.fields if name.endswith(ending)]
            yield TypedRow(order, [self[name] for name in names])

    def document(self, batch: Batch, now: datetime) -> ReceiptDocument:
        """Return the receipt that was typed."""
        return ReceiptDocument(
            receipt_id=f"typed-{self.cleaned_data['form_key']}",
            kind=self.kind,
            issuer=batch.issuer.slug,
            batch_id=batch.name,
            package_sha256=batch.package_sha256,
            created_at=now.replace(microsecond=0),
            **self.said(),
        )

    def said(self) -> dict[str, Any]:
        """Return what this kind of receipt says besides its head."""
        raise NotImplementedError

    def about(self, order: CardOrder, name: str) -> Any:
        """Return what was typed in one field about an order."""
        return self.cleaned_data[f"{name}_{order.seq}"]


class TechnicalForm(TypedForm):
    """Whether the issuer could open the package."""

    kind = ReceiptKind.TECHNICAL
    status = forms.ChoiceField(
        label=_("What does the card issuer say?"),
        choices=[
            (Technical.RECEIVED.value, _("The package is received whole")),
            (BatchCode.DECRYPT.value, _("The package can't be opened")),
            (BatchCode.SIGNATURE.value, _("The signature is not trusted")),
            (BatchCode.MANIFEST.value, _("Something in the package is damaged or missing")),
            (BatchCode.SCHEMA.value, _("The orders can't be read")),
            (BatchCode.CONFLICT.value, _("There is another package by that number")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the card issuer says.")},
    )

    def said(self) -> dict[str, Any]:
        """Return the status, with the code of a rejection."""
        chosen = self.cleaned_data["status"]
        if chosen == Technical.RECEIVED:
            return {"status": chosen}
        return {"status": Technical.REJECTED, "code": chosen}


class ContentForm(TypedForm):
    """What the issuer says of each order."""

    kind = ReceiptKind.CONTENT

    def add_order(self, order: CardOrder) -> None:
        """Add the answer, and the issuer's words."""
        choices = _answers()
        known = _known(order)
        if known == order.code and order.code:
            choices.append((order.code, capfirst(advice.order_code(order.code))))
        self.fields[f"answer_{order.seq}"] = forms.ChoiceField(
            label=_("Answer"), choices=choices, initial=known
        )
        self.fields[f"text_{order.seq}"] = forms.CharField(
            label=_("The card issuer's words"),
            max_length=MOST_TEXT,
            required=False,
            validators=[IS_ONE_LINE],
        )

    def said(self) -> dict[str, Any]:
        """Return a line for each order, with counts and status."""
        lines = tuple(self._line(order) for order in self.orders)
        counts = Counts.of(lines)
        return {"lines": lines, "counts": counts, "status": counts.status}

    def _line(self, order: CardOrder) -> ReceiptLineDocument:
        answer, text = self.about(order, "answer"), self.about(order, "text")
        if answer in (OrderAnswer.ACCEPTED, OrderAnswer.PENDING):
            return ReceiptLineDocument(order_id=str(order.pk), status=answer, text=text)
        status = OrderAnswer.REJECTED
        return ReceiptLineDocument(order_id=str(order.pk), status=status, code=answer, text=text)


class ProductionForm(TypedForm):
    """Which cards are made, posted or came back."""

    kind = ReceiptKind.PRODUCTION
    marks_optional = False

    def add_order(self, order: CardOrder) -> None:
        """Add what happened, when, and the card's number."""
        self.fields[f"made_{order.seq}"] = forms.ChoiceField(
            label=_("Card"),
            required=False,
            choices=[
                ("", _("No news")),
                (OrderAnswer.PRODUCED.value, _("Produced")),
                (OrderAnswer.POSTED.value, _("Posted")),
                (OrderAnswer.RETURNED.value, _("Sent back by post")),
            ],
        )
        self.fields[f"number_{order.seq}"] = forms.RegexField(
            CODE["pattern"],
            label=_("Card number"),
            max_length=40,
            required=False,
            initial=order.card_number,
            error_messages={"invalid": CARD_NUMBER_FORM},
        )
        self.fields[f"day_{order.seq}"] = forms.DateField(
            label=_("Date"),
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        )

    def clean(self) -> dict[str, Any]:
        """Ask for news of at least one card."""
        cleaned = super().clean() or self.cleaned_data
        if not any(cleaned.get(f"made_{order.seq}") for order in self.orders):
            raise forms.ValidationError(_("Choose what has happened to at least one card."))
        return cleaned

    def said(self) -> dict[str, Any]:
        """Return a line for each order that there is news of."""
        told = [order for order in self.orders if self.about(order, "made")]
        return {"lines": tuple(self._line(order) for order in told)}

    def _line(self, order: CardOrder) -> ReceiptLineDocument:
        day = self.about(order, "day")
        return ReceiptLineDocument(
            order_id=str(order.pk),
            status=self.about(order, "made"),
            card_number=self.about(order, "number") or None,
            date=day.isoformat() if day else None,
        )


TYPED: dict[str, type[TypedForm]] = {
    form.kind: form for form in (TechnicalForm, ContentForm, ProductionForm)
}


def _answers() -> list[tuple[Any, Any]]:
    photo, data, other = (
        [
            (code, capfirst(str(words)))
            for code, words in advice.ORDER_CODES.items()
            if advice.group(code) == group
        ]
        for group in advice.CodeGroup
    )
    return [
        (OrderAnswer.ACCEPTED.value, _("Accepted")),
        (OrderAnswer.PENDING.value, _("Not judged yet")),
        (_("Rejected: the photo"), photo),
        (_("Rejected: the data"), data),
        (_("Rejected: something else"), other),
    ]


def _known(order: CardOrder) -> str:
    """Return what stands there from the start: what is known, else that all is well."""
    return order.code if order.status == OrderStatus.REJECTED else OrderAnswer.ACCEPTED.value
