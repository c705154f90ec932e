"""How many parts an SMS takes: by the GSM 7-bit alphabet (3GPP TS 23.038), else by UTF-16.

One part holds 160 characters of the alphabet, or 70 of UTF-16; several hold 153 or 67 each.
"""

from math import ceil

# A house choice: a longer text belongs in a letter.
MOST_PARTS = 3

_BASIC = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = set("\f^{}\\[~]|€")  # these take the room of two


def parts(text: str) -> int:
    """Return how many parts the text takes; an empty text takes one."""
    if set(text) <= _BASIC | _EXTENDED:
        units = len(text) + sum(letter in _EXTENDED for letter in text)
        return 1 if units <= 160 else ceil(units / 153)
    units = len(text.encode("utf-16-le")) // 2
    return 1 if units <= 70 else ceil(units / 67)
