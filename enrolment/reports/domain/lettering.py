"""Letters on paper: the fonts they are set in, and what stands for a letter that a font lacks."""

import unicodedata
from collections.abc import Container

from anyascii import anyascii

PLAIN, BOLD, CODE = "DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono"
FONT_FILES = {name: f"{name}.ttf" for name in (PLAIN, BOLD, CODE)}
# Bidirectional classes of letters written from the right (Unicode, UAX #9). Set one by one from
# the left, as PDF is made here, they are no writing, even in a font that has them.
FROM_THE_RIGHT = frozenset({"R", "AL"})
# The general category of letters that are neither large nor small (Unicode, UAX #44).
WITHOUT_CASE = "Lo"


def spelled(text: str, known: Container[int]) -> str:
    """Return the text in letters whose code points are `known`.

    A letter and its loose accent become one. What cannot be set is written as it sounds, in the
    letters of English. A letter that has no such spelling becomes a question mark, a mark or a sign
    is left out.
    """
    return "".join(_letter(letter, known) for letter in unicodedata.normalize("NFC", text))


def _letter(letter: str, known: Container[int]) -> str:
    if ord(letter) in known and unicodedata.bidirectional(letter) not in FROM_THE_RIGHT:
        return letter
    return anyascii(letter) or ("?" if unicodedata.category(letter) == WITHOUT_CASE else "")
