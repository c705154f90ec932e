"""What only people can see in a photo, for the one who reviews it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from photos.domain.checks import Area
from photos.domain.profile import Glasses, HeadCovering, Policy
from photos.models import Decision
from photos.queries.drawing import AREAS
from photos.queries.readings import Reading

Reason = Decision.Reason
DIGITS = {reason: place for place, reason in enumerate(Reason.values, 1)}

GLASSES: dict[Glasses, Promise] = {
    Glasses.ALLOWED: _("Are the eyes free from the frame and reflections of glasses?"),
    Glasses.EYES_VISIBLE: _("Are the eyes free from the frame and reflections of glasses?"),
    Glasses.FORBIDDEN: _("Is the photo without glasses?"),
}
HEAD_COVERING: dict[HeadCovering, Promise] = {
    HeadCovering.ALLOWED: _("Does what covers the head leave the whole face free?"),
    HeadCovering.RELIGIOUS_OR_MEDICAL: _("Is the head bare, or covered for religion or health?"),
    HeadCovering.RELIGIOUS: _("Is the head bare, or covered for religious reasons?"),
    HeadCovering.FORBIDDEN: _("Is the head bare?"),
}
# Why a photo is rejected when a hint turns out to be right: by the part of the picture.
HINTED = {
    Area.EYES: Reason.GLASSES,
    Area.MOUTH: Reason.EXPRESSION,
    Area.FACE: Reason.LIGHT,
    Area.BACKGROUND: Reason.BACKGROUND,
}


@dataclass(frozen=True)
class Look:
    """What should be so; if it isn't, the reason to reject, and the digit that chooses it.

    `hinted` are those that a check asks people to look at.
    """

    text: Promise | str
    reason: str
    hinted: bool = False

    @property
    def digit(self) -> int:
        """The key of the reason, the same here as among the reasons."""
        return DIGITS[self.reason]


def checklist(policy: Policy, hints: Iterable[Reading]) -> list[Look]:
    """Return what to look for: the hints, then what the profile's policy asks for."""
    return [*map(_hinted, hints), *_questions(policy)]


def _hinted(hint: Reading) -> Look:
    return Look(hint.name, HINTED.get(AREAS[hint.component], Reason.BLUR), hinted=True)


def _questions(policy: Policy) -> list[Look]:
    return [
        Look(_("Is it the person of the id document?"), Reason.WRONG_PERSON),
        Look(HEAD_COVERING[policy.head_covering], Reason.COVERED),
        Look(_("Is the face free from hand, scarf and mask?"), Reason.COVERED),
        Look(_("Are the eyes free from hair?"), Reason.EYES),
        Look(GLASSES[policy.glasses], Reason.GLASSES),
        Look(_("Is the background free from shadows and things?"), Reason.BACKGROUND),
    ]
