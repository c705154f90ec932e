"""Blank the tokens of addresses in what is kept of errors: who holds one needs no log-in."""

import logging
import re

# Own times, calendars, and links to choose a password. What follows these is a key, also where
# JSON or a form escapes the slash.
_KEY = re.compile(r"((?:min-tid|kalender|losenord)(?:\\?/|%2F))[^\s'\"]+", re.IGNORECASE)


def blanked(text: str) -> str:
    """Return a text in which no address is whole that is a key."""
    return _KEY.sub(r"\1…", text)


class BlankedFormatter(logging.Formatter):
    """Format a line, its traceback too, without the tokens of addresses."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line as it may be kept."""
        return blanked(super().format(record))
