"""How the services of the photos room say no; `photos.faults` has a sentence for each code."""


class PhotoRefused(Exception):
    """Something may not be done now; nothing was changed."""

    code = ""


class CaptureConflict(PhotoRefused):
    """This capture id already stands for other bytes or another person."""

    code = "conflict"


class HashMismatch(PhotoRefused):
    """The bytes are not those the station sent: something was lost on the way."""

    code = "hash_mismatch"


class NotCheckedIn(PhotoRefused):
    """Nobody is photographed who is not checked in."""

    code = "not_checked_in"


class NotAcceptable(PhotoRefused):
    """The picture has not been judged, or was judged not good enough."""

    code = "not_acceptable"


class NeedEnded(PhotoRefused):
    """The person's need has ended, as when the person has left: no photo is wanted any more."""

    code = "need_ended"


class OwnPhoto(PhotoRefused):
    """Nobody reviews a photo that they took themselves."""

    code = "own_photo"


class AlreadyDecided(PhotoRefused):
    """Somebody has approved or rejected the photo already."""

    code = "already_decided"


class ReasonMissing(PhotoRefused):
    """A photo is never rejected without a reason."""

    code = "reason_missing"
