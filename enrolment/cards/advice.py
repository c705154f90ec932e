"""Receipts in words: why one lies in quarantine, what a code of the issuer means, what to do."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enrolment.cards.domain.receipt_fields import is_data_code
from enrolment.cards.domain.signature import SignatureRefused
from enrolment.people.domain.refusal import Refusal

# By the values of ReadFault, MatchFault and TakeFault; those of SignatureFault with a prefix.
RECEIPTS: Mapping[str, Promise] = {
    "too_large": _("The file is too large to be a receipt. Ask the card issuer what it is."),
    "encoding": _("The text can't be read. Ask the card issuer to save the file as UTF-8."),
    "not_json": _("The file is no receipt in JSON. Ask the card issuer for another."),
    "fields": _(
        "A field is missing or should not be there (%(field)s). "
        "Ask the card issuer for a receipt that follows the format."
    ),
    "field": _(
        "The field %(field)s is wrong. Ask the card issuer for a receipt that follows the format."
    ),
    "line_field": _(
        "The field %(field)s is wrong in row %(line)s. Ask the card issuer to correct it."
    ),
    "kind_field": _(
        "The field %(field)s does not go with this kind of receipt. Ask the card issuer to "
        "correct it."
    ),
    "line_kind_field": _(
        "The field %(field)s does not go with the answer in row %(line)s. Ask the card issuer to "
        "correct it."
    ),
    "columns": _(
        "A column is missing or should not be there (%(field)s). Use the columns of the format."
    ),
    "row": _("Row %(line)s has too many or too few cells. Correct it and hand in the file again."),
    "not_csv": _("The file holds no receipt. Check that it is a CSV with rows in it."),
    "rows_differ": _(
        "Row %(line)s tells of something else than the first row (%(field)s). Use one file for "
        "each receipt."
    ),
    "other_issuer": _("The receipt is from another card issuer. Ask whom it was meant for."),
    "unknown_batch": _("There is no batch %(batch)s. Ask the card issuer which batch it means."),
    "other_package": _(
        "The receipt is about another package than the one sent as %(batch)s. Ask the card issuer "
        "to compare the checksums."
    ),
    "unknown_order": _(
        "The order %(order_id)s is not in the batch. Ask the card issuer which batch it means."
    ),
    "order_twice": _(
        "The order %(order_id)s stands there twice. Ask the card issuer which answer holds."
    ),
    "counts": _(
        "The numbers do not add up. The batch has %(orders)s orders, and each needs one answer. "
        "Ask the card issuer for a new receipt."
    ),
    "status": _(
        "The rows say another thing than the receipt as a whole (%(status)s). Ask the card issuer "
        "for a new receipt."
    ),
    "no_photo": _(
        "The photo of order %(order_id)s is refused, but no photo was sent. Ask the card issuer."
    ),
    "not_accepted": _(
        "The order %(order_id)s was rejected, so no card can come of it. Ask the card issuer."
    ),
    "other_card": _(
        "The order %(order_id)s has another card number since before. Ask the card issuer."
    ),
    "backwards": _(
        "The order %(order_id)s has come further than the receipt says. Ask the card issuer what "
        "holds."
    ),
    "batch_backwards": _(
        "The batch %(batch)s has been answered otherwise before. Ask the card issuer what holds."
    ),
    "id_used": _(
        "Another receipt has the number %(receipt_id)s. Ask the card issuer for a new number."
    ),
    "signature_missing": _(
        "The signature is missing. Ask the card issuer to put the .p7s file beside the receipt."
    ),
    "signer_revoked": _(
        "The signature is made with a revoked certificate. Call the card issuer before you go on."
    ),
    "signature_unreadable": _("The signature can't be read. Ask the card issuer for a new one."),
    "signature_not_detached": _(
        "The signature has the wrong form. It should lie in a file of its own, detached."
    ),
    "signature_several_signers": _(
        "The file is signed by several. Ask the card issuer for one signature."
    ),
    "signature_unsuitable_algorithm": _(
        "The signature is made with a method that is too weak. Ask for SHA-256 or better."
    ),
    "signature_changed": _(
        "The receipt is not the one that was signed. Call the card issuer before you go on."
    ),
    "signature_untrusted": _(
        "The signature is made with an unknown certificate. Call the card issuer before you go on."
    ),
    "signature_not_yet_valid": _("The certificate of the signature does not hold yet."),
    "signature_expired": _(
        "The certificate of the signature has run out. Ask the card issuer for a new one."
    ),
    "signature_wrong_key_usage": _("The certificate of the signature is not meant for signing."),
    "signature_wrong_extended_key_usage": _(
        "The certificate of the signature is not meant for signing."
    ),
    "signature_unsuitable_key": _(
        "The key of the signature is too weak. Ask the card issuer for a new certificate."
    ),
}


class CodeGroup(StrEnum):
    """What a rejected order's code is about."""

    PHOTO = "photo"
    DATA = "data"
    OTHER = "other"


# By the values of OrderCode, and the DATA_* that can be typed: one for each field on the card.
ORDER_CODES: Mapping[str, Promise] = {
    "PHOTO_BLUR": _("the photo is blurred"),
    "PHOTO_GLARE": _("the photo has glare"),
    "PHOTO_POSE": _("the head is turned or tilted"),
    "PHOTO_BACKGROUND": _("the background disturbs"),
    "PHOTO_CROP": _("the photo is cropped wrongly"),
    "PHOTO_EYES": _("the eyes can't be seen clearly"),
    "PHOTO_SIZE": _("the photo has the wrong size"),
    "PHOTO_DECODE": _("the photo could not be opened"),
    "DATA_NAME": _("the name is wrong"),
    "DATA_TITLE": _("the title is wrong"),
    "DATA_ORGANISATION": _("the organisation is wrong"),
    "DATA_HSA_ID": _("the HSA-id is wrong"),
    "DATA_PERSONNUMMER": _("the personnummer is wrong"),
    "DATA_OTHER": _("something else in the data is wrong"),
    "DUPLICATE_ORDER": _("the card is ordered already"),
    "NOT_ELIGIBLE": _("the person may not have this card"),
}

# By the statuses of an order that somebody has to clear up.
CLEAR_UP: Mapping[str, Promise] = {
    "rejected": _(
        "Correct what is wrong and order again. Or end the card need if there will be no card."
    ),
    "returned": _(
        "Check the address with the person. Ask the card issuer to send the card again. Or end "
        "the card need."
    ),
}


def kept(fault: Refusal) -> dict[str, Any]:
    """Return why a receipt is in quarantine, to keep with it; `receipt` reads it back."""
    prefix = "signature_" if isinstance(fault, SignatureRefused) else ""
    return {**fault.params, "code": f"{prefix}{fault.code}"}


def receipt(fault: Mapping[str, Any]) -> str:
    """Return in the reader's language why a receipt is in quarantine, and what to do."""
    return str(RECEIPTS[fault["code"]]) % fault


def order_code(code: str) -> str:
    """Return what the issuer's code for an order means, to stand within a sentence."""
    if code in ORDER_CODES:
        return str(ORDER_CODES[code])
    return str(_("the data are wrong (%(code)s)")) % {"code": code}


def group(code: str) -> CodeGroup:
    """Return what the issuer's code for an order is about."""
    if is_data_code(code):
        return CodeGroup.DATA
    return CodeGroup.PHOTO if code.startswith("PHOTO_") else CodeGroup.OTHER
