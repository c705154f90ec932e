"""The sentence for each way the cards room says no: one catalogue, says what to do."""

import json
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enrolment.people.domain.refusal import Refusal

# A note fits in the column Batch.error: these parameters, each at most so long.
NOTED = ("order_id", "batch", "file", "subject", "valid_from", "valid_until", "name", "reason")
LONGEST = 60

_OPERATIONS = _("Something in the batch does not add up. Ask operations to look into it.")

# By the values of SealFault, SignerFile, SignerFault, PackageFault, BuildFault, HandoverFault.
SENTENCES: Mapping[str, Promise] = {
    "nothing_to_seal": _("No order waits for a batch. Open orders first."),
    "not_open": _("Somebody has changed the orders meanwhile. Reload the page and try again."),
    "not_ready": _("An order can't go into a batch now. Look under Orders to see why."),
    "previous_not_built": _("Wait until batch %(batch)s is delivered, then seal the next one."),
    "signer_missing": _("Ask operations to put %(file)s in the folder of the signer."),
    "signer_unreadable": _("Ask operations to check %(file)s. It can't be read."),
    "not_yet_valid": _("The certificate %(subject)s can't sign until %(valid_from)s."),
    "expired": _("Renew the certificate %(subject)s. It ran out %(valid_until)s."),
    "wrong_key_usage": _("Choose another certificate. %(subject)s is not meant for signing."),
    "wrong_extended_key_usage": _(
        "Choose another certificate. %(subject)s is not meant for signing."
    ),
    "key_of_another_certificate": _("Ask operations for the key that belongs to %(subject)s."),
    "unsuitable_key": _("Choose a certificate with a stronger key than %(subject)s has."),
    "empty": _("No order waits for a batch. Open orders first."),
    "too_many_orders": _("Seal fewer orders at a time. The batch holds too many."),
    "too_large": _("Seal fewer orders at a time. The batch is too large."),
    "header_field": _(
        "Check the federation's HSA-id and contact. They can't be written as they are."
    ),
    "order_field": _("An order can't go into a batch now. Look under Orders to see why."),
    "sequence": _OPERATIONS,
    "duplicate_order": _OPERATIONS,
    "protected_mixed": _("An order can't go into a batch now. Look under Orders to see why."),
    "photo_incomplete": _OPERATIONS,
    "photo_path": _OPERATIONS,
    "photo_changed": _(
        "The photo of order %(order_id)s is not the one that was approved. "
        "Ask operations to restore it from the backup. Then try again."
    ),
    "batch_number": _OPERATIONS,
    "previous_incomplete": _OPERATIONS,
    "signature": _OPERATIONS,
    "line_changed": _(
        "Order %(order_id)s has been changed since it was sealed. "
        "Ask operations to restore it from the backup. Then try again."
    ),
    "photo_missing": _(
        "The photo of order %(order_id)s is gone. "
        "Ask operations to restore it from the backup. Then try again."
    ),
    "photo_unreadable": _(
        "The photo of order %(order_id)s can't be read. "
        "Ask operations to restore it from the backup. Then try again."
    ),
    "name": _OPERATIONS,
    "disk": _("Ask operations to check the disk for packages (%(reason)s). Then try again."),
    "other_content": _(
        "Another package lies under the same name. Ask operations to look at %(name)s."
    ),
}

# By the values of queries.Hindrance.
HINDRANCES: Mapping[str, Promise] = {
    "protected": _("Protected personal data: ordered by hand"),
    "need_moved": _("The card need has moved on: withdraw the order"),
    "photo_rejected": _("The photo has been rejected: withdraw the order"),
    "personnummer_missing": _("Fill in the personnummer, the card issuer needs it"),
    "unfit_line": _("Correct the name, title or HSA-id"),
}


def note(fault: Refusal) -> str:
    """Return a fault in at most 200 characters that `sentence` reads back; it names no person."""
    kept = {name: _cut(name, fault.params[name]) for name in NOTED if name in fault.params}
    return json.dumps({"code": fault.code, **kept}, ensure_ascii=False)


def sentence(noted: str) -> str:
    """Return in the reader's language what to do about a fault that was noted."""
    params: dict[str, str] = json.loads(noted)
    return str(SENTENCES[params["code"]]) % params


def _cut(name: str, value: object) -> str:
    """Show times as days, and the rest as far as there is room."""
    return str(value)[:10] if name.startswith("valid_") else str(value)[:LONGEST]
