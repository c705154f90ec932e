"""The sentence for each way a picture is not received or a photo not decided on."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise] = {
    "bad_request": _("The picture came without all its facts. Reload the page and take it again."),
    "log_in": _("You have been logged out. Log in in another tab, then send again."),
    "cut_off": _("The connection was cut. Send again."),
    "too_large": _("The picture is larger than %(limit_mb)s MB. Choose a smaller one."),
    "disk_full": _("The server has no room for the picture. Keep the page open and call support."),
    "conflict": _("This picture has been sent for somebody else. Take a new picture."),
    "record_conflict": _("Something else was sent under this number. Save a rescue file."),
    "key_destroyed": _("The visit is closed for good. Save a rescue file and call the planner."),
    "unknown_laptop": _("This browser has not been made ready for the visit. Make it ready first."),
    "visit_goes_on": _("The visit is not over. Wait until it has ended."),
    "unknown_visit": _("The visit is not yours any more. Save a rescue file."),
    "already_settled": _("Somebody has already decided on this."),
    "taken_in_meanwhile": _("The photo was taken in just now and is in use. Nothing was changed."),
    "choice_not_offered": _("This cannot be decided so. Say who it is, or set it aside."),
    "photo_in_use": _("The other photo has been reviewed already. Set this one aside."),
    "not_a_rescue_file": _("This is no rescue file from the station. Choose another file."),
    "bad_line": _("The line cannot be read. Save the rescue file again on the laptop."),
    "hash_mismatch": _("The picture was damaged on the way. Send again."),
    "not_checked_in": _("The person is not checked in. Check the id document first."),
    "not_acceptable": _("The picture is not good enough for the card. Take it again."),
    "not_yet_judged": _("The crop can be moved when the picture has been judged."),
    "already_accepted": _("The photo has been accepted. Its crop can no longer be moved."),
    "not_theirs": _("Somebody else took this photo. Take a new one to change the crop."),
    "too_far": _("The crop cannot be moved that far."),
    "cannot_judge": _("The crop could not be moved just now. Try again in a moment."),
    "need_ended": _("The person no longer needs a card. The photo is not used."),
    "own_photo": _("You took this photo. Somebody else must review it."),
    "already_decided": _("Somebody else has already reviewed this photo."),
    "reason_missing": _("Choose why the photo is rejected."),
}


def sentence(code: str, **params: str | int) -> str:
    """Return what to tell the person who tried; KeyError for an unknown code."""
    return str(SENTENCES[code]) % params
