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


class NotYetJudged(PhotoRefused):
    """The picture waits for its verdict, or no face was found in it: there is no crop to move."""

    code = "not_yet_judged"


class AlreadyAccepted(PhotoRefused):
    """The picture is the person's photo; it is never changed again."""

    code = "already_accepted"


class NotTheirs(PhotoRefused):
    """Nobody moves the crop of a picture that somebody else took."""

    code = "not_theirs"


class TooFar(PhotoRefused):
    """The crop would leave the picture altogether."""

    code = "too_far"


class CannotJudge(PhotoRefused):
    """The picture could not be judged anew just now; it is as it was."""

    code = "cannot_judge"


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


class RecordConflict(PhotoRefused):
    """Other bytes came under this record id before."""

    code = "record_conflict"


class TooLarge(PhotoRefused):
    """More bytes than any picture may have."""

    code = "too_large"


class KeyDestroyed(PhotoRefused):
    """The visit has no key any more, or never had one: nothing sealed can be opened."""

    code = "key_destroyed"


class UnknownLaptop(PhotoRefused):
    """This browser was never made ready for the visit."""

    code = "unknown_laptop"


class VisitGoesOn(PhotoRefused):
    """No laptop is written off while the visit goes on: people are still photographed by it."""

    code = "visit_goes_on"


class AlreadySettled(PhotoRefused):
    """Somebody has decided on this otherwise, or there is nothing to decide on."""

    code = "already_settled"


class TakenInMeanwhile(PhotoRefused):
    """The record has been taken in since, and its photo is the person's: it is not set aside."""

    code = "taken_in_meanwhile"


class ChoiceNotOffered(PhotoRefused):
    """This can't be decided on so, or it was not said who the person is."""

    code = "choice_not_offered"


class PhotoInUse(PhotoRefused):
    """The other photo has been reviewed, so it stays the person's."""

    code = "photo_in_use"


class NotARescueFile(PhotoRefused):
    """The file is none that a station saved."""

    code = "not_a_rescue_file"
