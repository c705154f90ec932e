"""What a picture file says of itself, found by walking its parts without decoding any."""

from dataclasses import dataclass

# More parts than this no camera writes; without a bound, a file of nothing but tiny ones would cost
# seconds to walk.
MOST_PARTS = 10_000


class Broken(ValueError):
    """The file contradicts itself, ends too early or has more parts than a picture has."""


@dataclass(frozen=True)
class Outline:
    """A picture's size as stored, and the offset where its last part ends.

    `largest` is the most pixels that any picture in the file promises to have, `scans` how many
    times a decoder must go over them. `followed` means that the file declares what comes after.
    """

    width: int
    height: int
    end: int
    largest: int
    scans: int = 1
    moving: bool = False
    followed: bool = False
