"""Receive one package: open, check, remember, lay out. Cut short anywhere, it may be run again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from enrolment.cards.domain.package_check import Content, Finding, PackageFlawed
from enrolment.cards.domain.zipped_bag import ZippedBag
from enrolment.cards.receiver.answers import check_rejections
from enrolment.cards.receiver.checks import check_package, claimed_issuer, refuse_other_issuer
from enrolment.cards.receiver.layout import lay_out, refuse_foreign, workspace
from enrolment.cards.receiver.ledger import Entry, Ledger, Warn
from enrolment.cards.receiver.opening import (
    Recipient,
    check_file,
    check_zip,
    open_package,
    read_sentinel,
)


@dataclass(frozen=True)
class Package:
    """The file that came, and the batch that its name says it is."""

    path: Path
    batch_id: str


@dataclass(frozen=True)
class Terms:
    """What the package is held against; `issuer` is None where any may be named in it."""

    recipient: Recipient
    trusted: Sequence[x509.Certificate]
    at: datetime
    issuer: str | None
    rejections: Mapping[str, str]


@dataclass
class Outcome:
    """What came of a package: its content, or what is wrong with it; and what a receipt needs."""

    package_sha256: str | None = None
    issuer: str | None = None
    content: Content | None = None
    warnings: tuple[Warn, ...] = ()
    findings: tuple[Finding, ...] = ()
    came_before: bool = False


def receive(package: Package, terms: Terms, out: Path) -> Outcome:
    """Lay the package out in `out`, made if missing, under the batch's name, unless it is flawed.

    Received again it changes nothing. Raises WrongUse, and OSError.
    """
    with workspace(out) as work:
        ledger = Ledger(out)
        came_before = ledger.knows(package.batch_id)
        outcome = Outcome(issuer=terms.issuer or ledger.issuer, came_before=came_before)
        try:
            _take(package, terms, ledger, work, outcome)
        except PackageFlawed as flawed:
            outcome.findings = flawed.findings
    return outcome


def _take(package: Package, terms: Terms, ledger: Ledger, work: Path, outcome: Outcome) -> None:
    zip_path = work / "package.zip"
    package_sha256 = _open(package, terms, zip_path, outcome)
    with zip_path.open("rb") as file:
        bag = ZippedBag(file, package.batch_id)
        outcome.issuer = outcome.issuer or claimed_issuer(bag)
        content = check_package(bag, package.batch_id, terms.trusted, terms.at)
        refuse_other_issuer(content, terms.issuer)
        check_rejections(terms.rejections, content.lines)
        entry = Entry.of(content.header, package_sha256)
        is_new = ledger.is_new(entry)
        folder = work.parent / package.batch_id
        if is_new:
            refuse_foreign(folder)
        if not folder.exists():
            lay_out(bag, work / package.batch_id)
    outcome.warnings += tuple(ledger.warnings(entry, content.header))
    # Remembered before it is seen: a folder that is not remembered is then not ours.
    if is_new:
        ledger.add(entry)
    if not folder.exists():
        (work / package.batch_id).rename(folder)
    outcome.content, outcome.issuer = content, content.header.issuer


def _open(package: Package, terms: Terms, zip_path: Path, outcome: Outcome) -> str:
    """Write the ZIP and return its SHA-256, held against the sentinel where there is one."""
    sentinel = read_sentinel(package.path)
    if sentinel is None:
        outcome.warnings = (Warn("SENTINEL_MISSING", {"file": package.path.name}),)
    else:
        outcome.package_sha256 = sentinel.package_sha256
        check_file(package.path, sentinel)
    outcome.package_sha256 = open_package(package.path, terms.recipient, zip_path)
    if sentinel:
        check_zip(sentinel, outcome.package_sha256)
    return outcome.package_sha256
