"""Keep the Swedish catalogue whole: every string in it once, none missing, fuzzy or left over.

`translations.py` names what is wrong and ends with 1; `translations.py --write` adds the missing
strings (untranslated), drops the left-over ones and compiles the catalogue.
"""

import argparse
import os
import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
PO = ROOT / "enrolment/locale/sv/LC_MESSAGES/django.po"
MO = PO.with_suffix(".mo")
FIRST_DAY = datetime(2026, 11, 21, tzinfo=UTC)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def wanted() -> Catalog:
    """Return every string the code and the templates ask for."""
    catalog = Catalog(locale="sv", domain="django")
    for path in _sources():
        for line, message, _comments, context in _strings(path):
            place = (str(path.relative_to(ROOT)), line)
            catalog.add(message, locations=[place], context=context)
    return catalog


def _sources() -> list[Path]:
    python = [p for room in ("enrolment", "booking", "photos") for p in (ROOT / room).rglob("*.py")]
    templates = [p for kind in ("*.html", "*.txt") for p in (ROOT / "templates").rglob(kind)]
    return sorted(python) + sorted(templates)


def _strings(path: Path) -> list:
    text = path.read_text()
    if path.suffix != ".py":
        lines = templatize(text, origin=str(path)).splitlines()
        text = "\n".join(line.strip() for line in lines)
    return list(extract("python", BytesIO(text.encode()), KEYWORDS, [], {"encoding": "utf-8"}))


def kept() -> Catalog:
    """Return the catalogue as it stands."""
    with PO.open("rb") as file:
        return read_po(file, locale="sv", domain="django")


def compiled(catalog: Catalog) -> bytes:
    """Return the catalogue as bytes for gettext."""
    out = BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def faults(asked: Catalog, catalog: Catalog) -> list[str]:
    """Say what is missing, untranslated, fuzzy or left over."""
    found = []
    known = {(message.id, message.context): message for message in catalog if message.id}
    needed = {(message.id, message.context) for message in asked if message.id}
    found += [f"missing: {key[0]!r}" for key in sorted(needed - known.keys(), key=str)]
    found += [f"left over: {key[0]!r}" for key in sorted(known.keys() - needed, key=str)]
    for message in known.values():
        if message.fuzzy:
            found.append(f"fuzzy: {message.id!r}")
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        if not all(texts):
            found.append(f"untranslated: {message.id!r}")
        found += [f"{error}: {message.id!r}" for error in message.check(catalog)]
    return found


def write() -> None:
    """Bring the catalogue up to date and compile it."""
    catalog, asked = kept(), wanted()
    catalog.update(asked, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.header_comment = "# The Swedish texts of Fotorundan."
    catalog.fuzzy = False
    catalog.project, catalog.version = "Fotorundan", "1"
    catalog.creation_date = catalog.revision_date = FIRST_DAY
    catalog.last_translator = catalog.language_team = "Fotorundan"
    catalog.msgid_bugs_address = "Fotorundan"
    with PO.open("wb") as file:
        write_po(file, catalog, width=100, sort_output=True, no_location=True, omit_header=False)
    MO.write_bytes(compiled(kept()))


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    if parser.parse_args().write:
        write()
    found = faults(wanted(), kept())
    if not found and MO.read_bytes() != compiled(kept()):
        found = ["The compiled catalogue is stale."]
    sys.stdout.write(("\n".join(found) or "The Swedish catalogue is whole.") + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enrolment.settings")
    sys.path.insert(0, str(ROOT))
    django.setup()
    sys.exit(main())
