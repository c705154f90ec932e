"""What lies before the eyes and in them: glasses, dark lenses, glare, red pupils."""

from photos.domain.checks.check import Check

EYEWEAR: tuple[Check, ...] = ()
