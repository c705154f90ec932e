"""The way to an issuer and back: the folder it fetches from, or its own SFTP server."""

from pathlib import Path

from django.conf import settings

from enrolment.cards import handover, queries, sftp
from enrolment.cards.domain.exchange import ReceiptFile
from enrolment.cards.handover import Handed
from enrolment.cards.models import Issuer

KEY_FILE = "sftp.key"


def deliver(issuer: Issuer, handed: Handed) -> None:
    """Carry a package to the issuer, unless it fetches its packages itself; twice is once.

    Raises SftpFailed (cards.sftp).
    """
    if issuer.way == Issuer.Way.SFTP:
        sftp.send(handed.path, handed.sentinel, _target(issuer))


def read_receipts(issuer: Issuer) -> list[ReceiptFile]:
    """Return the receipts that the issuer has put for us, by name.

    Raises HandoverFailed (cards.handover) or SftpFailed (cards.sftp).
    """
    if issuer.way == Issuer.Way.SFTP:
        return sftp.read_receipts(_target(issuer))
    return handover.read_receipts(queries.issuer_folder(issuer))


def put_away(issuer: Issuer, name: str, *, quarantined: bool) -> None:
    """Move a receipt that was read out of the way, so that it is not read again.

    Raises HandoverFailed (cards.handover) or SftpFailed (cards.sftp).
    """
    if issuer.way == Issuer.Way.SFTP:
        sftp.put_away(_target(issuer), name, quarantined=quarantined)
    else:
        handover.put_away(queries.issuer_folder(issuer), name, quarantined=quarantined)


def _target(issuer: Issuer) -> sftp.Target:
    return sftp.Target(
        host=issuer.sftp_host,
        port=issuer.sftp_port,
        user=issuer.sftp_user,
        folder=issuer.sftp_folder,
        host_key=issuer.sftp_host_key,
        key=Path(settings.SIGNER_DIR) / KEY_FILE,
    )
