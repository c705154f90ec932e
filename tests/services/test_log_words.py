"""Everything the log records has a word on its page."""

import re
from pathlib import Path

from enrolment.desk import log_words

ROOT = Path(__file__).resolve().parents[2]
ROOMS = "audit|messages|people|booking|photos|cards|reports|desk"
ACTION = re.compile(rf'"((?:{ROOMS})\.[a-z_]+)"')
# A model, an app or a module is named so too.
NOT_ACTIONS = {"people.User", "booking.urls", "photos.urls", "booking.worker"}


def recorded(source: str) -> set[str]:
    """Return what looks like an action; a service's dotted name with one dot."""
    return set(ACTION.findall(source)) - NOT_ACTIONS


def product_source() -> str:
    files = [
        path for room in ("enrolment", "booking", "photos") for path in ROOT.glob(f"{room}/**/*.py")
    ]
    return "\n".join(
        path.read_text()
        for path in files
        if path.name != "log_words.py" and "migrations" not in path.parts
    )


def test_every_action_that_the_code_records_has_a_word():
    found = recorded(product_source())
    assert "photos.look" in found
    assert found - set(log_words.SENTENCES) == set()


def test_no_word_is_kept_for_what_is_no_longer_recorded():
    assert set(log_words.SENTENCES) - recorded(product_source()) == set()


def test_an_action_without_a_word_is_found():
    assert recorded('record(actor=a, action="cards.do_things")') == {"cards.do_things"}


def test_each_action_is_in_one_group_and_an_unknown_one_says_its_own_name():
    named = [action for _label, said in log_words.GROUPS.values() for action in said]
    assert len(named) == len(set(named))
    assert log_words.sentence("cards.of_old") == "cards.of_old"
    assert log_words.actions("looks") == ["photos.look", "people.note_look"]
    assert log_words.actions("nothing") == []
