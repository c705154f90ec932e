"""The Swedish catalogue is whole, and a hole in it is found."""

import importlib.util
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def translations():
    spec = importlib.util.spec_from_file_location("translations", ROOT / ".ci/translations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_string_has_its_swedish(translations):
    assert translations.faults(translations.wanted(), translations.kept()) == []


def test_the_compiled_catalogue_is_fresh(translations):
    assert translations.MO.read_bytes() == translations.compiled(translations.kept())


@pytest.mark.parametrize(
    ("text", "fuzzy", "fault"),
    [("", False, "untranslated"), ("Boka", True, "fuzzy"), (None, False, "missing")],
)
def test_a_hole_is_found(translations, text, fuzzy, fault):
    asked, kept = Catalog(locale="sv"), Catalog(locale="sv")
    asked.add("Book")
    if text is not None:
        kept.add("Book", text, flags=["fuzzy"] if fuzzy else [])
    assert any(line.startswith(fault) for line in translations.faults(asked, kept))


def test_a_left_over_string_is_found(translations):
    kept = Catalog(locale="sv")
    kept.add("Book", "Boka")
    assert translations.faults(Catalog(locale="sv"), kept) == ["left over: 'Book'"]


def test_a_string_in_code_and_template_is_seen(translations):
    seen = {message.id for message in translations.wanted() if message.id}
    assert {"Overview", "Care manager"} <= seen


FSTRING = re.compile(r"\b(_|n?gettext(_lazy)?)\(\s*f[\"']")


def test_no_f_string_is_translated():
    sources = [
        p for room in ("enrolment", "booking", "photos") for p in (ROOT / room).rglob("*.py")
    ]
    assert [str(path) for path in sources if FSTRING.search(path.read_text())] == []


def test_every_placeholder_has_a_name(translations):
    ids = [m.id if isinstance(m.id, str) else m.id[1] for m in translations.kept() if m.id]
    assert [text for text in ids if re.search(r"%[sd]|\{\}", text)] == []


def test_visible_template_text_is_translatable():
    """Letters between tags that no translation tag holds are an untranslated string."""
    bare = {}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        if words := untranslated(path.read_text()):
            bare[str(path.relative_to(ROOT))] = words
    assert bare == {}


def untranslated(template: str) -> list[str]:
    text = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}", "", template, flags=re.DOTALL)
    text = re.sub(r"{% block \w+_class %}.*?{% endblock %}", "", text)
    text = re.sub(r"{% comment.*?{% endcomment %}|{#.*?#}", "", text, flags=re.DOTALL)
    text = re.sub(r"<(script|style|svg|kbd)\b.*?</\1>|<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r"{%.*?%}|{{.*?}}", "", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", "\n", text, flags=re.DOTALL)
    words = [re.sub(r"&\w+;", "", line).strip() for line in text.splitlines()]
    return [word for word in words if re.search(r"[^\W\d_]{2,}", word) and word not in NAMES]


NAMES = {"Fotorundan", "– Fotorundan", "torundan", "PDF", "HSA-id", "SITHS", "SHA-256"}


def test_bare_text_in_a_template_is_found():
    assert untranslated('<p class="x">Book {% translate "now" %}</p>') == ["Book"]
