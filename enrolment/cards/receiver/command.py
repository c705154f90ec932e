"""The receiver's command line: what it is told, what it tells, and how it ends."""

import re
import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn, Protocol

from enrolment.cards.domain.package_fields import BATCH_ID, Environment
from enrolment.cards.domain.receipt_fields import ReceiptDocument
from enrolment.cards.receiver import answers, keys
from enrolment.cards.receiver.opening import file_sha256
from enrolment.cards.receiver.reception import Outcome, Package, Terms, receive
from enrolment.cards.receiver.sentences import sentence
from enrolment.cards.receiver.wrong_use import WrongUse

RECEIVED, REFUSED, WRONG_USE = 0, 1, 2
ENDING = ".zip.cms"
MOST_TOLD = 20

DESCRIPTION = "Öppna, kontrollera och kvittera ett paket med kortbeställningar."


class Screen(Protocol):
    """Where lines are written."""

    def write(self, text: str, /) -> object:
        """Write the text."""


def add_arguments(parser: ArgumentParser) -> None:
    """Tell the parser what the receiver takes."""
    parser.add_argument("package", type=Path, help="paketet, KB-….zip.cms")
    parser.add_argument("--key", type=Path, required=True, help="din privata nyckel")
    parser.add_argument("--certificate", type=Path, required=True, help="ditt certifikat")
    parser.add_argument(
        "--trust", type=Path, required=True, help="certifikat som avsändaren får signera med"
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="mapp för leveranser och kvittenser"
    )
    parser.add_argument(
        *("--reject",),
        action="extend",
        nargs="+",
        default=[],
        metavar="ORDER=CODE",
        help="underkänn en beställning, som 5b6f…=PHOTO_BLUR",
    )
    parser.add_argument("--issuer", help="avsändarens kod för dig; står annars i paketet")
    parser.add_argument("--sign-key", type=Path, help="nyckel att signera kvittenserna med")
    parser.add_argument("--sign-certificate", type=Path, help="certifikat till --sign-key")


def main() -> NoReturn:
    """Run by the words on the command line, and end the process."""
    parser = ArgumentParser(description=DESCRIPTION)
    add_arguments(parser)
    sys.exit(run(parser.parse_args(), sys.stdout, sys.stderr))


def run(options: Namespace, screen: Screen, errors: Screen) -> int:
    """Receive a package and write its receipts; return how it went, for the shell."""
    try:
        package = Package(options.package, _batch_id(options.package))
        signer = keys.read_signer(options.sign_key, options.sign_certificate)
        terms = _terms(options)
        outcome = receive(package, terms, options.out)
        lines = _told(package, outcome)
        receipts = _write_receipts(package, terms, outcome, options.out, signer)
    except WrongUse as error:
        errors.write(f"{error}\n")
        return WRONG_USE
    except OSError as error:
        errors.write(f"Kontrollera {error.filename or options.out}: {error.strerror}.\n")
        return WRONG_USE
    chosen = screen if outcome.content else errors
    chosen.write("".join(f"{line}\n" for line in [*lines, *receipts]))
    return RECEIVED if outcome.content else REFUSED


def _batch_id(path: Path) -> str:
    batch_id = path.name.removesuffix(ENDING)
    if not path.name.endswith(ENDING) or not re.search(BATCH_ID["pattern"], batch_id):
        raise WrongUse(f"Ange ett paket som heter KB-ÅÅÅÅ-NNNNNN{ENDING}.")
    return batch_id


def _terms(options: Namespace) -> Terms:
    return Terms(
        recipient=keys.read_recipient(options.key, options.certificate),
        trusted=keys.read_trusted(options.trust),
        at=datetime.now(UTC),
        issuer=options.issuer,
        rejections=answers.read_rejections(options.reject),
    )


def _told(package: Package, outcome: Outcome) -> list[str]:
    """Return what is said of the package: no names, no numbers of people."""
    warnings = [f"Varning {sentence(w.code, w.params)}" for w in outcome.warnings]
    if outcome.content is None:
        return [*_told_of_refused(package, outcome), *warnings]
    header = outcome.content.header
    told = [
        f"{header.batch_id} är mottagen.",
        f"Beställningar: {header.order_count}. Bilder: {header.photo_count}.",
        f"Signerad av {header.signer_fingerprint}",
    ]
    if header.environment == Environment.TEST:
        told.append("Det är en testleverans. Tillverka inga kort.")
    return [*told, *warnings]


def _told_of_refused(package: Package, outcome: Outcome) -> list[str]:
    answer = outcome.findings[0].answer
    told = [f"{package.batch_id} är underkänd: {answer}. Tillverka inga kort."]
    told += [sentence(found.code, found.params) for found in outcome.findings[:MOST_TOLD]]
    if more := len(outcome.findings[MOST_TOLD:]):
        told.append(f"… och {more} fel till.")
    return told


def _write_receipts(
    package: Package, terms: Terms, outcome: Outcome, out: Path, signer: answers.Signer | None
) -> list[str]:
    """Write the receipts that the outcome calls for, and return what is said of them."""
    if not outcome.package_sha256 or not outcome.issuer:
        return ["Ingen kvittens skrevs. Hämta .done-filen, ange --issuer och kör igen."]
    answered = answers.Answered(package.batch_id, outcome.issuer, outcome.package_sha256)
    documents = _documents(answered, package, terms, outcome)
    for name, document in documents.items():
        answers.put_receipt(out / name, document, signer)
    return [f"Kvittens: {out / name}" for name in documents]


def _documents(
    answered: answers.Answered, package: Package, terms: Terms, outcome: Outcome
) -> dict[str, ReceiptDocument]:
    """Return the receipts by their files' names; a refusal never replaces what was received."""
    name = f"{answered.batch_id}.receipt"
    if outcome.content is None:
        first = outcome.findings[0]
        text = sentence(first.code, first.params)
        ending = "1-rejected" if outcome.came_before else "1"
        said = (first.answer, text, file_sha256(package.path))
        return {f"{name}-{ending}.json": answers.refused(answered, terms.at, *said)}
    return {
        f"{name}-1.json": answers.received(answered, terms.at),
        f"{name}-2.json": answers.judged(answered, terms.at, outcome.content, terms.rejections),
    }
