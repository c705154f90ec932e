"""Sort as Swedish registers do: å, ä and ö come last, é as e, w as itself."""

import unicodedata

_LAST = {"å": "{a", "ä": "{b", "æ": "{b", "ö": "{c", "ø": "{c"}


def sort_key(*parts: str) -> str:
    """Return text whose plain code-point order is the Swedish order of the parts."""
    return " ".join(_part(part) for part in parts)


def _part(part: str) -> str:
    composed = unicodedata.normalize("NFC", part).casefold().strip()
    return "".join(_LAST.get(letter) or _plain(letter) for letter in composed)


def _plain(letter: str) -> str:
    return unicodedata.normalize("NFKD", letter)[0]
