"""What is behind the person: evenness, brightness, colour, shadow."""

from photos.domain.checks.check import Check

BACKGROUND: tuple[Check, ...] = ()
