"""The sentence for each way the booking room says no: one catalogue, says what to do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise] = {
    "technician_busy": _(
        "The technician has another visit then. Choose another time or another technician."
    ),
    "technician_elsewhere": _("Choose a technician who works for your federation."),
    "visit_in_the_past": _("That time has passed. Choose a later day or time."),
    "no_room_for_slots": _("The visit is too short, or goes past midnight. Change the end."),
    "form_key_taken": _("This form has been used. Open the page again and start anew."),
    "visit_not_open": _("The visit takes no more bookings. Book another visit."),
    "visit_under_way": _("Somebody has been checked in. Cancel the remaining times one by one."),
    "people_left": _(
        "Check in those who are left, or note that they did not come. %(people)s remain."
    ),
    "not_enough_slots": _(
        "There is room for %(free)s people and you chose %(wanted)s. "
        "Choose fewer people or a later end."
    ),
    "slot_taken": _("Somebody else has just taken the time. Choose another."),
    "slot_in_the_past": _("That time has passed. Choose a later one."),
    "slot_of_another_visit": _("Choose a time in the same visit."),
    "person_of_another_unit": _("The person works at another unit. Choose somebody from this one."),
    "already_booked": _(
        "Somebody among those you chose has a time already. Reload the page and choose again."
    ),
    "need_not_bookable": _(
        "Somebody among those you chose does not need this kind of visit now. "
        "Reload the page and choose again."
    ),
    "booking_not_movable": _("The time can no longer be moved. Reload the page."),
    "unknown_document": _("Choose which id document was shown."),
}


def sentence(code: str, **params: object) -> str:
    """Return what to tell the person who tried; KeyError for an unknown code."""
    return str(SENTENCES[code]) % params
