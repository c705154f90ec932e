"""The sentence for each way the booking room says no: one catalogue, says what to do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise] = {
    "technician_busy": _(
        "The technician has another visit then. Choose another time or another technician."
    ),
    "kit_busy": _("All equipment is at other visits then. Choose another time."),
    "offer_stale": _("Somebody has just taken the time. Choose one of the new proposals."),
    "technician_elsewhere": _("Choose a technician who works for your federation."),
    "technician_unable": _("The technician does not make such visits. Choose another technician."),
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
    "ward_too_thin": _(
        "Too few would be left on the ward. Choose fewer people, a longer visit or another time."
    ),
    "sharing_differs": _("Something has changed since you looked. Look once more who moves."),
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
    "nobody_vouches": _("Write who vouches for the person."),
    "days_backwards": _("Choose a last day that is not before the first."),
    "too_many_days": _("Choose %(weeks)s weeks at most."),
    "no_technicians": _(
        "No technician works on those days. Choose other days, or change the working hours."
    ),
    "nobody_to_visit": _("No unit needs a visit now. Everybody who needs a card can get a time."),
    "nothing_hit": _("No visit is hit by that. Nothing needs to be changed."),
    "plan_settled": _("The plan can no longer be changed. Make a new plan."),
    "plan_changed": _("The plan has changed since you saw the cost. Look at the cost again."),
    "stop_does_not_fit": _("The visit does not fit there any more. Choose another place."),
    "stop_booked": _("The visit is booked already. Change it on its own page."),
    "nobody_left": _("Everybody there has got a time meanwhile."),
    "technician_away": _("The technician does not work that day any more."),
    "protected_person": _("A handler books this person by hand."),
    "need_reason_missing": _("Choose why the person needs a card."),
    "striking_over": _("The times have been shared out. Choose a free time instead."),
    "time_fixed": _("Your time is fixed. Ask your manager if it does not suit you."),
    "not_yet_movable": _("Say which times do not suit you. You get your time after that."),
    "ward_needs_you": _("Too few would be left on the ward then. Choose another time."),
    "no_time_left": _("Leave at least one time that suits you."),
    "offer_gone": _("The time you were offered is no longer kept for you."),
    "kit_name_taken": _("Choose another name. Another kit has this one."),
    "period_too_long": _("Choose a period of at most a year."),
    "not_driven": _("Note the drive on the day of the visit or later."),
    "matrix_empty": _("Fill in from, to and minutes."),
    "matrix_number": _("Write a number instead of “%(value)s”."),
    "matrix_negative": _("Write a number above zero."),
    "matrix_zero": _("Write how many minutes it takes. Two places are never 0 minutes apart."),
    "matrix_too_long": _("Check the minutes. %(minutes)s is more than a day and a night."),
    "matrix_unknown_place": _("Check “%(place)s”. Write a unit's HSA-id or the name of a base."),
    "matrix_same_place": _("Remove the row. It leads back to where it begins."),
    "matrix_twice": _("Remove the row. The way is on row %(first_row)s already."),
    "matrix_broken_row": _("Check the quotation marks on the row."),
    "matrix_headings": _("Add these headings to the first row: %(headings)s."),
    "matrix_odd_ways": _(
        "There it takes %(minutes)s minutes, back (row %(back_row)s) %(back)s. Check both."
    ),
    "matrix_too_fast": _("%(km)s km as the crow flies in %(minutes)s minutes. Check the time."),
    "routing_address": _("Its address must begin with https, or lead to this machine."),
    "routing_unreachable": _("It does not answer."),
    "routing_status": _("It answers with an error."),
    "routing_too_large": _("Its answer is too large."),
    "routing_too_slow": _("It answers too slowly."),
    "routing_bad_answer": _("Its answer can't be used."),
}


def sentence(code: str, **params: object) -> str:
    """Return what to tell the person who tried; KeyError for an unknown code."""
    return str(SENTENCES[code]) % params


# Why no round holds a visit, by the codes of booking.domain.rounds: what would help comes last.
UNPLACED: dict[str, Promise] = {
    "locked_clash": _(
        "The visits booked that day can't all be reached in time. Change one of them."
    ),
    "locked_no_day": _("Nobody works that day any more. Give the visit another technician or day."),
    "no_window": _("The unit takes no visits before the latest day. Look at its opening hours."),
    "longer_than_windows": _(
        "The visit takes %(minutes)s minutes and the unit is open for %(longest)s at most. "
        "Lengthen its hours."
    ),
    "nobody_works": _(
        "No technician works when the unit is open. Change working or opening hours."
    ),
    "nobody_can": _("No technician who works then does this kind of visit."),
    "no_kit": _("There is no kit for this kind of visit. Register one."),
    "too_much_load": _("More people than one visit can take. Split it."),
    "longer_than_shifts": _(
        "The visit takes %(minutes)s minutes, more than working and opening hours have in common."
    ),
    "too_far": _("The way there and back with the visit is longer than a working day."),
    "kits_out": _("All kits are out on the days when it would fit. Plan more days."),
    "days_full": _("The days when it would fit are full. Plan more days, or move another visit."),
    "not_placed": _("There is room for it. Choose a place."),
}


def unplaced(reason: str, **params: object) -> str:
    """Return why no round holds a visit; KeyError for an unknown reason."""
    return str(UNPLACED[reason]) % params


# What is wrong with a file of rounds to plan; each is told with where it is.
INSTANCE_FAULTS: dict[str, Promise] = {
    "not_json": _("The file is neither JSON nor Solomon's format."),
    "unknown_format": _("Give the format fotorundan-rounds/1."),
    "missing": _("The value is missing."),
    "not_a_list": _("Give a list."),
    "not_an_object": _("Give an object with names and values."),
    "not_text": _("Give a text."),
    "not_whole": _("Give a whole number."),
    "not_a_length": _("Give a number that is zero or more."),
    "out_of_range": _("Give a whole number from 0 to %(highest)s."),
    "not_a_day": _("Give a day such as 2026-05-04."),
    "none_given": _("The list is empty. Give at least one."),
    "too_many": _("Give at most %(most)s."),
    "twice": _("%(key)s is there twice. Give each its own name."),
    "not_square": _("The table must have %(places)s rows and columns, one for each place."),
    "unknown_place": _("%(place)s is not among the places."),
    "backwards": _("The end comes before the start."),
    "lunch_outside_shift": _("The lunch has no room in the working day."),
    "solomon_form": _("The line does not follow Solomon's format."),
    "solomon_too_long": _("The horizon is longer than %(longest)s."),
}


def instance_fault(code: str, *, at: str, **params: object) -> str:
    """Return what is wrong with a file of rounds, and where; KeyError for an unknown code."""
    told = str(INSTANCE_FAULTS[code]) % params
    return f"{at}: {told}" if at else told
