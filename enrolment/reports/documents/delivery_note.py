"""What goes with a package."""

from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from enrolment.cards.models import Batch, Issuer
from enrolment.reports.documents import words
from enrolment.reports.domain.paper import Fact, Facts, Paper, Section, Signatures
from enrolment.reports.pdf import render


def delivery_note(batch: Batch) -> Paper:
    """Return what goes with a package: its name, its content in figures, its checksum; no names."""
    return Paper(
        title=_("Delivery note %(batch)s") % {"batch": batch.name},
        author=batch.issuer.federation.name,
        over=batch.issuer.name,
        page_words=words.page_words(),
        parts=[
            Facts(_facts(batch)),
            Section(
                _("Signatures"),
                _("Compare the checksum of the file you received with the one above."),
            ),
            Signatures(
                [_("Handed over by"), _("Received by")],
                [_("Date"), _("Name in print"), _("Signature")],
            ),
        ],
    )


def delivery_note_pdf(batch: Batch) -> bytes:
    """Return the delivery note as a PDF."""
    return render(delivery_note(batch))


def _facts(batch: Batch) -> list[Fact]:
    federation, header = batch.issuer.federation, batch.header
    is_test = batch.issuer.environment == Issuer.Environment.TEST
    return [
        Fact(_("Batch"), batch.name),
        Fact(_("Number"), str(batch.number)),
        Fact(_("Sender"), f"{federation.name}, {federation.hsa_id}"),
        Fact(_("Card issuer"), batch.issuer.name),
        Fact(_("Purpose"), _("Test, no cards are made") if is_test else _("Cards to be made")),
        Fact(_("Sealed"), words.moment(batch.sealed_at)),
        Fact(_("Orders"), str(header["order_count"])),
        Fact(_("Photos"), str(header["photo_count"])),
        Fact(_("File"), f"{batch.name}.zip", code=True),
        Fact(_("Size"), _size(batch.package_bytes or 0)),
        Fact(_("Checksum (SHA-256)"), _in_groups(batch.package_sha256), code=True),
        Fact(_("Signed with the certificate"), _in_groups(header["signer_fingerprint"]), code=True),
        Fact(_("Batch before"), header["previous_batch_id"] or _("None, this is the first")),
    ]


def _size(count: int) -> str:
    return _("%(size)s (%(count)s bytes)") % {
        "size": filesizeformat(count),
        "count": number_format(count, force_grouping=True),
    }


def _in_groups(digits: str) -> str:
    """Return hex digits so that two people can compare them aloud: by eight, half on a line."""
    groups = [digits[at : at + 8] for at in range(0, len(digits), 8)]
    return "\n".join(" ".join(groups[at : at + 4]) for at in range(0, len(groups), 4))
