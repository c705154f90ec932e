"""Short codes on printed slips: written for hands and eyes, with a check character.

A code is seven characters and a check character, printed in two groups of four. Whatever is easily
mistaken for something else is never printed: 0, 1, I, L, O, Q and U. With 29 characters left, a
prime, the weighted sum tells every single wrong character and every two that changed places.
"""

from enum import StrEnum

ALPHABET = "23456789ABCDEFGHJKMNPRSTVWXYZ"
BASE = len(ALPHABET)
LENGTH = 8
GROUP = 4
# What people read or type in place of a printed character.
_READ_AS = str.maketrans({"0": "D", "O": "D", "Q": "D", "U": "V"})
_BETWEEN = str.maketrans("", "", " \t\r\n\u00a0\u202f-\u2010\u2011\u2012\u2013\u2014.·")


class CodeFault(StrEnum):
    """Why what was typed can be no code, before anybody has looked it up."""

    CODE_MISSING = "code_missing"
    CODE_LENGTH = "code_length"
    CODE_SLIP = "code_slip"


class WrongCode(Exception):
    """A typing slip: `fault` is a CodeFault."""

    def __init__(self, fault: CodeFault) -> None:
        super().__init__(fault)
        self.fault = fault


def code_of(digest: str) -> str:
    """Return the code, ungrouped, that a digest of at least 16 hex digits gives."""
    number = int(digest[:16], 16)
    characters = []
    for _ in range(LENGTH - 1):
        number, place = divmod(number, BASE)
        characters.append(ALPHABET[place])
    body = "".join(characters)
    return body + _check(body)


def grouped(code: str) -> str:
    """Return a code as it is printed: two groups of four."""
    return f"{code[:GROUP]}-{code[GROUP:]}"


def read_code(typed: str) -> str:
    """Return the code that somebody typed, in any case and with anything between the groups.

    Raises WrongCode for what no code can be.
    """
    code = typed.strip().upper().translate(_BETWEEN).translate(_READ_AS)
    if not code:
        raise WrongCode(CodeFault.CODE_MISSING)
    if len(code) != LENGTH:
        raise WrongCode(CodeFault.CODE_LENGTH)
    if not set(code) <= set(ALPHABET) or _check(code[:-1]) != code[-1]:
        raise WrongCode(CodeFault.CODE_SLIP)
    return code


def _check(body: str) -> str:
    """Return the check character: the places weighted 1, 2, 3 … and summed, modulo 29."""
    weighted = (weight * ALPHABET.index(each) for weight, each in enumerate(body, 1))
    return ALPHABET[sum(weighted) % BASE]
