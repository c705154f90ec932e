"""The photo engine: plain Python, to be used without Django.

    from photos.domain import FaceFinder, judge

What is named here is loaded when it is first asked for: whoever only wants the words for an answer
should not have to load a neural network.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from photos.domain.crop import Nudge
    from photos.domain.face import FaceFinder
    from photos.domain.findings import Advice, Answer, Finding, Tier
    from photos.domain.intake import Refused
    from photos.domain.judgement import Judgement, judge
    from photos.domain.profile import Profile, ProfileError

__all__ = [
    "Advice",
    "Answer",
    "FaceFinder",
    "Finding",
    "Judgement",
    "Nudge",
    "Profile",
    "ProfileError",
    "Refused",
    "Tier",
    "judge",
]

HOMES = {
    "crop": ("Nudge",),
    "face": ("FaceFinder",),
    "findings": ("Advice", "Answer", "Finding", "Tier"),
    "intake": ("Refused",),
    "judgement": ("Judgement", "judge"),
    "profile": ("Profile", "ProfileError"),
}


if not TYPE_CHECKING:  # or every name would be taken for one that is there

    def __getattr__(name: str) -> Any:
        for home, names in HOMES.items():
            if name in names:
                return getattr(import_module(f"{__name__}.{home}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
