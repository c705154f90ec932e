"""Texts with places to fill in, written `{so}`: nothing else in a text means anything.

A text comes from people who edit it on a page, so there is no language in it: no markup, no
conditions, no escapes. A name in braces is filled in; any other brace is a fault. What is filled
in is never read again.
"""

import re
from collections.abc import Collection, Mapping, Sequence

PLACE = re.compile(r"\{(\w+)\}")
_BLANK_LINES = re.compile(r"\n{3,}")

# One line of text, or several that become a list.
Value = str | Sequence[str]


def unknown(text: str, allowed: Collection[str]) -> list[str]:
    """Return what stands in braces and is not allowed, each once; a stray brace as itself."""
    names = [f"{{{name}}}" for name in PLACE.findall(text) if name not in allowed]
    stray = re.findall(r"[{}]", PLACE.sub("", text))
    return list(dict.fromkeys([*names, *stray]))


def fill(text: str, values: Mapping[str, Value]) -> str:
    """Return the text with its places filled in; a list takes one line for each of its items.

    A line that holds nothing to fill in but empty values is left out, and so are blank lines after
    the first. Line breaks within a value become spaces. Raises KeyError for an unknown name.
    """
    lines = [_fill_line(line, values) for line in text.splitlines()]
    kept = "\n".join(line for line in lines if line is not None)
    return _BLANK_LINES.sub("\n\n", kept).strip()


def fill_line(text: str, values: Mapping[str, Value]) -> str:
    """Return the text filled in as one line, for a subject. Raises KeyError as `fill`."""
    return " ".join(fill(text, values).split())


def _fill_line(line: str, values: Mapping[str, Value]) -> str | None:
    filled = {name: _shown(values[name]) for name in PLACE.findall(line)}
    if filled and not any(filled.values()):
        return None
    return PLACE.sub(lambda place: filled[place[1]], line).rstrip()


def _shown(value: Value) -> str:
    if isinstance(value, str):
        return " ".join(value.split())
    return "\n".join(f"- {' '.join(item.split())}" for item in value)
