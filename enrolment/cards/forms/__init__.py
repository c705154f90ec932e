"""The forms of the cards room: they check form, never policy."""

from enrolment.cards.forms.orders import OrderFilter
from enrolment.cards.forms.portal import ReceiptFileForm, RefuseForm
from enrolment.cards.forms.receipts import TYPED, SettleForm, TypedForm

__all__ = ["TYPED", "OrderFilter", "ReceiptFileForm", "RefuseForm", "SettleForm", "TypedForm"]
