"""The profiles that come with the product, one TOML file each."""

import tomllib
from importlib import resources
from typing import Any

from photos.domain.profile import Profile, ProfileError, parse_profile, with_overrides

DEFAULT_PROFILE = "siths-default"
PROFILE_KEYS = (DEFAULT_PROFILE, "nexus", "id06", "icao-portrait")


def load_profile(key: str = DEFAULT_PROFILE) -> Profile:
    """Return a profile by its key; raise `ProfileError` if there is none of that name.

    A profile that is `based_on` another states only what differs from it.
    """
    if key not in PROFILE_KEYS:
        raise ProfileError(f"no profile {key}; there are {', '.join(PROFILE_KEYS)}")
    data = _read(key)
    base = data.pop("based_on", None)
    if base is None:
        return parse_profile(data)
    named = {"key": data.pop("key"), "title": data.pop("title")}
    changed = with_overrides(parse_profile(_read(base)), data)
    return parse_profile({**changed.data, **named})


def _read(key: str) -> dict[str, Any]:
    return tomllib.loads((resources.files(__name__) / f"{key}.toml").read_text("utf-8"))
