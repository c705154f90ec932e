"""What stands in Python for the server and in JavaScript for the station is one list."""

import re

from photos.domain.findings import MOST_ADVICE, MOST_USEFUL, ROOM
from tests.architecture.test_places import ROOT

DECIDE = (ROOT / "photos/static/photos/station/live/decide.js").read_text()


def listed(name: str) -> list[str]:
    block = re.search(rf"const {name} = (?:new Set\()?\[(.*?)\]", DECIDE, re.DOTALL)
    return re.findall(r'"(\w+)"', block[1])


def test_the_station_tells_the_same_advice_first_as_the_server():
    assert tuple(listed("MOST_USEFUL")) == MOST_USEFUL
    assert set(listed("ROOM")) == ROOM
    assert f"const MOST_ADVICE = {MOST_ADVICE};" in DECIDE
