"""One word for one thing: of all that comes to an end, only a visit is ended with "avsluta"."""

import re
from pathlib import Path

from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import gettext

# The page, the link to it and the status of a visit.
OF_A_VISIT = {"Avsluta", "Avsluta: vem är klar, vem saknas", "Avslutat", "avslutar"}
STATION = Path(settings.BASE_DIR) / "templates/photos/station"


def sentences() -> set[str]:
    catalogue = Path(settings.LOCALE_PATHS[0]) / "sv/LC_MESSAGES/django.po"
    with catalogue.open("rb") as file:
        found = [message.string for message in read_po(file)]
    return {each for one in found for each in ([one] if isinstance(one, str) else one)}


def test_only_a_visit_is_ended():
    ended = {each for each in sentences() if re.search("avslut", each, re.IGNORECASE)}
    assert ended > OF_A_VISIT
    assert {each for each in ended if "besök" not in each.lower()} == OF_A_VISIT


def test_the_two_ends_of_a_visit_say_where_they_are():
    pages = [page.read_text(encoding="utf-8") for page in STATION.glob("*.html")]
    said = [gettext(text) for page in pages for text in re.findall(r'translate "([^"]+)"', page)]
    ends = [text for text in said if text.startswith("Avsluta")]
    assert sorted(set(ends)) == ["Avsluta besöket på datorn", "Avsluta besöket på servern"]
