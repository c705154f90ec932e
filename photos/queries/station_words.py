"""The words the capture station shows for what it measures: those of the server's own catalogue."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from photos import advice

# What only a live picture can be told of, beside what a photo is judged by.
LIVE: dict[str, Promise] = {
    "darker_left": _("It is too dark at the left. Turn on a light there."),
    "darker_right": _("It is too dark at the right. Turn on a light there."),
}


def station_words() -> dict[str, dict[str, Promise]]:
    """Return `advice` (sentence by code) and `components` (name by component)."""
    return {"advice": advice.SENTENCES | LIVE, "components": advice.COMPONENTS}
