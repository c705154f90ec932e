"""What no template may do."""

import re

from tests.architecture.test_docs import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# The field's own template draws the element with the class.
FIELD_IN_FIELD = re.compile(r'class="field(?: [^"]*)?"[^>]*>\s*{{ [\w.]+\.as_field_group')


def test_no_field_lies_in_another_field_of_its_own():
    wrong = [path.name for path in TEMPLATES if FIELD_IN_FIELD.search(path.read_text())]
    assert wrong == []


def test_a_field_in_a_field_is_found():
    assert FIELD_IN_FIELD.search('<div class="field wide" hx-get="x">\n{{ form.day.as_field_group')
    assert not FIELD_IN_FIELD.search('<div class="field-row">{{ form.day.as_field_group }}</div>')
