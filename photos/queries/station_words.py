"""The words the capture station shows for what it measures: those of the server's own catalogue."""

from django.utils.functional import Promise

from photos import advice


def station_words() -> dict[str, dict[str, Promise]]:
    """Return `advice` (sentence by code) and `components` (name by component)."""
    return {"advice": advice.SENTENCES, "components": advice.COMPONENTS}
