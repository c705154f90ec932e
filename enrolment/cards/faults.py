"""The sentence for each way the cards room says no: one catalogue, says what to do."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from enrolment.cards.domain.certificates import RecipientRefused
from enrolment.people.domain.refusal import Refusal

# A note fits in the column Batch.error: what its sentence tells, each at most so long.
LONGEST, SHORT = 60, 16
RECIPIENT = "recipient_"
TIMES = ("valid_from", "valid_until", "revoked_at", "next_update")

_OPERATIONS = _("Something in the batch does not add up. Ask operations to look into it.")

_WRONG_USE = _(
    "Ask for another certificate to encrypt to. %(subject)s (%(fingerprint)s) is not meant for it."
)

# By the values of SealFault, SignerFile, SignerFault, PackageFault, BuildFault, HandoverFault,
# RecipientLack, SftpFault, BatchCode; those of RecipientFault after RECIPIENT.
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
    "BATCH_DECRYPT": _(
        "The card issuer could not open the package. Check the certificate, then send it again."
    ),
    "BATCH_SIGNATURE": _(
        "The card issuer does not trust our signature. Send it our certificate, then send again."
    ),
    "BATCH_MANIFEST": _("The package came damaged to the card issuer. Send it again."),
    "BATCH_SCHEMA": _(
        "The card issuer could not read the orders in the package. Ask operations to call it."
    ),
    "BATCH_CONFLICT": _(
        "The card issuer has another package by that number. Ask operations to call it."
    ),
    "recipient_none": _(
        "Ask an administrator to add a certificate to encrypt to. %(issuer)s has none."
    ),
    "escrow_missing": _("Ask operations to put %(file)s in the folder of the signer."),
    "escrow_unreadable": _("Ask operations to check %(file)s. It can't be read as a certificate."),
    "recipient_not_yet_valid": _(
        "Wait, or ask for another certificate. %(subject)s (%(fingerprint)s) begins %(valid_from)s."
    ),
    "recipient_expired": _(
        "Ask for a new certificate to encrypt to. %(subject)s (%(fingerprint)s) "
        "ran out %(valid_until)s."
    ),
    "recipient_unsuitable_key": _(
        "Ask for a certificate with a stronger key to encrypt to. "
        "The one of %(subject)s (%(fingerprint)s) is too weak."
    ),
    "recipient_wrong_key_usage": _WRONG_USE,
    "recipient_wrong_extended_key_usage": _WRONG_USE,
    "recipient_revoked": _(
        "Ask for a new certificate to encrypt to. "
        "%(subject)s (%(fingerprint)s) was revoked %(revoked_at)s."
    ),
    "recipient_list_stale": _(
        "Ask an administrator to add a newer revocation list. "
        "The one for %(subject)s (%(fingerprint)s) ran out %(next_update)s."
    ),
    "sftp_key": _("Ask operations to put our key %(file)s in the folder of the signer."),
    "sftp_pinned_key": _("Ask an administrator to paste the key of %(host)s again."),
    "sftp_unreachable": _(
        "We don't reach the card issuer's server %(host)s. It is tried again by itself."
    ),
    "sftp_silent": _("The card issuer's server %(host)s is silent. It is tried again by itself."),
    "sftp_host_key": _(
        "The server %(host)s shows another key than the agreed one. Nothing was sent. "
        "Ask the card issuer whether the key has been changed."
    ),
    "sftp_login": _("Ask the card issuer to let our key in. %(host)s refused to log us in."),
    "sftp_no_folder": _("Ask the card issuer for the folder %(name)s on %(host)s. It is missing."),
    "sftp_full": _("Ask the card issuer to make room on %(host)s. It takes no more."),
    "sftp_refused": _("Ask the card issuer why %(host)s says no: %(reason)s"),
    "sftp_unfinished": _("The package is on its way to %(host)s. It goes on by itself."),
}

# By the values of queries.Hindrance.
HINDRANCES: Mapping[str, Promise] = {
    "protected": _("Protected personal data: ordered by hand"),
    "need_moved": _("The card need has moved on: withdraw the order"),
    "photo_rejected": _("The photo has been rejected: withdraw the order"),
    "personnummer_missing": _("Fill in the personnummer, the card issuer needs it"),
    "unfit_line": _("Correct the name, title or HSA-id"),
}

# To an administrator who adds a certificate or a revocation list. By the values of
# CertificateFault, RecipientFault, SignerFault (but for its key) and services.certificates.
CERTIFICATES: Mapping[str, Promise] = {
    "empty": _("Choose another file. This one is empty."),
    "too_large": _("Choose another file. A certificate is never this large."),
    "unreadable": _("Ask the card issuer for the certificate as PEM or DER. This can't be read."),
    "key_instead": _(
        "This is a private key. It has not been saved. Send only the certificate. "
        "Has the key been sent by e-mail? Then ask the card issuer to make a new pair."
    ),
    "pkcs12": _(
        "Ask the card issuer for the certificate alone. This file can hold a private key. "
        "It has not been saved. Has it been sent by e-mail? Then a new pair must be made."
    ),
    "request_instead": _(
        "This is a request for a certificate. Ask for the certificate that was issued for it."
    ),
    "list_instead": _("This is a revocation list. Add it under Revocation lists instead."),
    "certificate_instead": _("This is a certificate. Choose the revocation list instead."),
    "several_leaves": _(
        "Add one certificate at a time. The file holds several that don't belong together."
    ),
    "other_authority": _(
        "Check where the list comes from. None of the issuer's certificates has its authority."
    ),
    "partial_list": _("Ask for the complete revocation list. This is only a part of it."),
    "not_yet_valid": _("Wait until %(valid_from)s. %(subject)s does not hold before that."),
    "expired": _("Ask the card issuer for a new certificate. %(subject)s ran out %(valid_until)s."),
    "unsuitable_key": _(
        "Ask the card issuer for a certificate with a stronger key. The key must be RSA "
        "of at least 2048 bits or ECDSA P-256."
    ),
    "wrong_key_usage": _(
        "Ask the card issuer for a certificate made for this use. %(subject)s is not."
    ),
    "wrong_extended_key_usage": _(
        "Ask the card issuer for a certificate made for this use. %(subject)s is not."
    ),
    "revoked": _("Ask the card issuer for a new certificate. %(subject)s is revoked."),
    "list_stale": _("Add a newer revocation list first. The one here has run out."),
    "already_there": _("This certificate is in use already. There is nothing more to do."),
    "older_list": _("Choose a newer list. A newer one is here already."),
    "stale_list": _("Fetch a newer list. This one ran out %(next_update)s."),
    "no_authority": _("Add the certificate and those above it first. Then add the list."),
}

# The same of a revocation list, where the certificate's sentence would ask for another thing.
LISTS: Mapping[str, Promise] = {
    "too_large": _("Choose another file. A revocation list is never this large."),
    "unreadable": _("Ask for the revocation list as PEM or DER. This can't be read."),
}

# By the values of TargetFault.
TARGETS: Mapping[str, Promise] = {
    "sftp_host": _("Write only the server's name, such as sftp.example.se. No address of a page."),
    "sftp_user": _("Write the user's name on the server: letters, digits, dot and hyphen."),
    "sftp_folder": _("Write the folder with slashes, such as in/cards. Leave out .. and \\."),
    "sftp_key_missing": _("Paste the server's key. The card issuer can tell you it."),
    "sftp_key_form": _("Paste the whole line of the key, such as ssh-ed25519 AAAA…"),
    "sftp_key_fingerprint": _("Paste the key itself. This is only its fingerprint."),
    "sftp_key_private": _("This is a private key. It has not been saved. Paste the public one."),
    "sftp_key_several": _("Paste one key. Choose the line with ssh-ed25519 if there is one."),
    "sftp_key_type": _("Ask for another key of the server: Ed25519, ECDSA or RSA of 2048 bits."),
}

# By the values of domain.issuer_api.Problem: what the issuer's machine is told in Swedish.
API_SENTENCES: Mapping[str, Promise] = {
    "bad_query": _("Use only the parameters since and limit, each once."),
    "cut_off": _("Send the receipt again. It was cut off on its way."),
    "no_token": _("Send the token in the header Authorization: Bearer."),
    "token_not_valid": _("Ask an administrator of the federation for a new token."),
    "not_found": _("Check the address. There is nothing here for this token."),
    "method": _("Use one of the methods that the header Allow names."),
    "conflict": _("Give the receipt a new id. Another one was taken under this id."),
    "not_delivered": _("Wait until the batch is delivered. Then send the receipt."),
    "no_length": _("Say in Content-Length how large the receipt is."),
    "too_large": _("Send a smaller receipt."),
    "content_type": _("Send the receipt as application/json or text/csv."),
    "range": _("Ask for a part that lies within the file."),
    "quarantined": _("Correct the receipt and send it under a new id."),
    "other_id": _("Let the receipt name the same id and batch as the address."),
    "too_many": _("Wait as long as the header Retry-After says. Then go on."),
    "package_gone": _("Try again later. If it goes on, write to the sender."),
}

# By the values of ReadFault, MatchFault and TakeFault: what the receipt's sender can do.
TO_ISSUER: Mapping[str, Promise] = {
    "too_large": _("Send a smaller file."),
    "encoding": _("Save the file as UTF-8 and send it again."),
    "not_json": _("Send a receipt in JSON, or name the file .csv."),
    "fields": _("Follow the format. A field is missing or should not be there (%(field)s)."),
    "field": _("Correct the field %(field)s."),
    "line_field": _("Correct the field %(field)s in row %(line)s."),
    "kind_field": _("Correct the field %(field)s. It does not go with this kind of receipt."),
    "line_kind_field": _(
        "Correct the field %(field)s in row %(line)s. It does not go with the answer there."
    ),
    "columns": _("Use the columns of the format. One is missing or too many (%(field)s)."),
    "row": _("Correct row %(line)s. It has too many or too few cells."),
    "not_csv": _("Check that the file is a CSV with rows in it."),
    "rows_differ": _("Use one file for each receipt. Row %(line)s tells of another (%(field)s)."),
    "other_issuer": _("Check the issuer in the receipt. It names another one."),
    "unknown_batch": _("Check the batch. There is none called %(batch)s."),
    "other_package": _("Compare the checksums. %(batch)s was sent with another package."),
    "unknown_order": _("Take away the order %(order_id)s. It is not in the batch."),
    "order_twice": _("Answer each order once. %(order_id)s stands there twice."),
    "counts": _("Count again. The batch has %(orders)s orders, and each needs one answer."),
    "status": _("Correct the status of the whole. The rows make it %(status)s."),
    "no_photo": _("Choose another code for %(order_id)s. No photo was sent with it."),
    "not_accepted": _("Take away the order %(order_id)s. You have rejected it before."),
    "other_card": _("Check the card number of %(order_id)s. You have told another before."),
    "backwards": _("Check the order %(order_id)s. It has come further than the receipt says."),
    "batch_backwards": _("Check the batch %(batch)s. You have answered it otherwise before."),
    "id_used": _("Give the receipt a new id. Another one has %(receipt_id)s."),
}


def note(fault: Refusal) -> str:
    """Return a fault in at most 200 characters that `sentence` reads back; it names no person."""
    of_recipient = isinstance(fault, RecipientRefused)
    code = f"{RECIPIENT}{fault.code}" if of_recipient else str(fault.code)
    told = re.findall(r"%\((\w+)\)", str(SENTENCES[code]))
    kept = {name: _cut(name, fault.params[name]) for name in told}
    return json.dumps({"code": code, **kept}, ensure_ascii=False)


def sentence(noted: str) -> str:
    """Return in the reader's language what to do about a fault that was noted."""
    params: dict[str, str] = json.loads(noted)
    return str(SENTENCES[params["code"]]) % params


def certificate(fault: Refusal) -> str:
    """Return what to do about a certificate that was refused."""
    shown = {name: _shown(name, value) for name, value in fault.params.items()}
    return str(CERTIFICATES[fault.code]) % shown


def revocation_list(fault: Refusal) -> str:
    """Return what to do about a revocation list that was refused."""
    return str(LISTS[fault.code]) if fault.code in LISTS else certificate(fault)


def target(fault: Refusal) -> str:
    """Return what to do about the address or key of an SFTP server."""
    return str(TARGETS[fault.code])


def to_issuer(fault: Mapping[str, Any]) -> str:
    """Return what whoever sent a receipt can do about its lying in quarantine."""
    return str(TO_ISSUER[fault["code"]]) % fault


def _shown(name: str, value: object) -> str:
    """Show times as days, as the reader writes them."""
    if name in TIMES:
        return date_format(localtime(datetime.fromisoformat(str(value))), "j F Y")
    return str(value)


def _cut(name: str, value: object) -> str:
    """Show times as days, and the rest as far as there is room."""
    if name in TIMES:
        return str(value)[:10]
    return str(value)[: SHORT if name == "fingerprint" else LONGEST]
