"""What each action in the log is called on its page, by group.

Every action that a service records stands here: tests/services/test_log_words.py looks for them in
the code.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

GROUPS: dict[str, tuple[Promise, dict[str, Promise]]] = {
    "looks": (
        _("Looks"),
        {
            "photos.look": _("Looked at a photo"),
            "people.note_look": _("Looked at a protected person"),
        },
    ),
    "exports": (
        _("Files that left"),
        {
            "cards.fetch_package": _("Fetched a package"),
            "reports.fetch_paper": _("Fetched a paper as PDF"),
            "people.fetch_faults": _("Fetched the list of faults in a staff file"),
            "desk.fetch_log": _("Fetched lines of the log"),
            "booking.fetch_matrix_file": _("Fetched the travel times as a file"),
        },
    ),
    "log_ins": (
        _("Log-ins and passwords"),
        {
            "people.log_in": _("Logged in"),
            "people.log_in_failed": _("Failed to log in"),
            "people.choose_password": _("Chose a password"),
        },
    ),
    "roles": (
        _("Users and roles"),
        {
            "people.add_user": _("Added a user"),
            "people.give_role": _("Gave a role"),
            "people.take_role": _("Took a role back"),
            "people.name_handler": _("Named a handler of a protected person"),
            "people.release_handler": _("Released a handler of a protected person"),
            "booking.register_technician": _("Registered a technician"),
            "booking.set_up_technician": _("Set up a technician's base"),
            "cards.add_person": _("Let a user act for a card issuer"),
            "cards.remove_person": _("Let a user no longer act for a card issuer"),
        },
    ),
    "staff": (
        _("Staff and card needs"),
        {
            "people.receive_staff_file": _("Uploaded a staff file"),
            "people.import_staff_file": _("Imported a staff file"),
            "people.discard_staff_file": _("Threw a staff file away"),
            "people.import_roster": _("Imported a roster"),
            "people.open_need": _("Opened a card need"),
            "people.open_needs_by_rule": _("Opened card needs by the rules"),
            "people.advance_need": _("Moved a card need on"),
            "people.advance_needs": _("Moved card needs on"),
            "people.lapse_needs_of": _("Let card needs lapse"),
        },
    ),
    "visits": (
        _("Visits"),
        {
            "booking.open_visit": _("Opened a visit"),
            "booking.change_visit": _("Changed a visit"),
            "booking.cancel_visit": _("Called a visit off"),
            "booking.close_visit": _("Closed a visit"),
            "booking.book_people": _("Booked people"),
            "booking.assign_people": _("Booked people so that the ward stays staffed"),
            "booking.share_out": _("Shared out the times anew"),
            "booking.lock_time": _("Locked a time"),
            "booking.unlock_time": _("Unlocked a time"),
            "booking.set_ward_rule": _("Set how many may be away from a ward"),
            "booking.drop_ward_rule": _("Let the federation's rule apply at a ward"),
            "booking.add_minimum": _("Added a minimum at a ward"),
            "booking.remove_minimum": _("Removed a minimum at a ward"),
            "booking.book_slot": _("Booked a time"),
            "booking.move_booking": _("Moved a booking"),
            "booking.cancel_booking": _("Cancelled a booking"),
            "booking.check_in": _("Checked a person in"),
            "booking.finish_booking": _("Finished a booking"),
            "booking.record_no_show": _("Noted that a person did not come"),
            "booking.ask_for_plan": _("Asked for a plan of rounds"),
            "booking.finish_plan": _("Worked out a plan of rounds"),
            "booking.stop_planning": _("Stopped the planning of rounds"),
            "booking.discard_plan": _("Threw a plan of rounds away"),
            "booking.accept_plan": _("Booked visits of a plan of rounds"),
            "booking.move_stop": _("Moved a visit in a plan of rounds"),
            "booking.replan": _("Planned visits anew"),
            "booking.accept_replan": _("Gave visits their new times"),
            "booking.note_drive": _("Noted a drive"),
            "booking.walk_in": _("Took in a person without a time"),
            "booking.strike_times": _("Said which times do not suit"),
            "booking.renew_way": _("Gave a person a new link and code"),
            "booking.revoke_way": _("Closed a person's link and code"),
            "booking.join_waitlist": _("Joined the waiting list"),
            "booking.leave_waitlist": _("Left the waiting list"),
            "booking.offer_slot": _("Offered a free time"),
            "booking.decline_offer": _("Turned down a free time"),
            "booking.end_wait": _("Ended a wait for a time"),
        },
    ),
    "photos": (
        _("Photos"),
        {
            "photos.receive_capture": _("Received a photo"),
            "photos.assess_capture": _("Measured a photo"),
            "photos.nudge_crop": _("Moved the crop of a photo"),
            "photos.accept_capture": _("Chose a photo"),
            "photos.approve_photo": _("Approved a photo"),
            "photos.reject_photo": _("Rejected a photo"),
            "photos.refuse_photo": _("Rejected a photo for the card issuer"),
            "photos.retire_photo": _("Set aside a photo that had become too old"),
            "photos.prepare_laptop": _("Made a laptop ready for a visit"),
            "photos.clean_laptop": _("Left a laptop clean after a visit"),
            "photos.write_off_laptop": _("Stopped counting a laptop of a visit"),
            "photos.receive_record": _("Received something sealed from a laptop"),
            "photos.reopen_visit": _("Opened a closed visit for what came late"),
            "photos.settle_record": _("Decided on what a laptop had sent"),
            "photos.set_photo_aside": _("Set aside a photo for another one"),
        },
    ),
    "cards": (
        _("Orders and batches"),
        {
            "cards.open_orders": _("Opened orders"),
            "cards.cancel_order": _("Withdrew an order"),
            "cards.order_again": _("Ordered a card again"),
            "cards.end_need": _("Ended a need after a rejected order"),
            "cards.seal_batch": _("Sealed a batch"),
            "cards.build_batch": _("Built a package"),
            "cards.build_stopped": _("Could not build a package"),
            "cards.deliver_batch": _("Delivered a batch"),
            "cards.retry_batch": _("Tried a batch again"),
            "cards.resend_batch": _("Sent a batch again"),
            "cards.take_receipt": _("Received a receipt"),
            "cards.quarantine_receipt": _("Put a receipt aside"),
            "cards.settle_receipt": _("Settled a receipt"),
        },
    ),
    "keys": (
        _("Keys and certificates"),
        {
            "photos.make_station_key": _("Made the keys of a visit"),
            "photos.open_record": _("Opened what a laptop had sealed, with the visit's key"),
            "photos.destroy_station_key": _("Destroyed the key of a visit"),
            "cards.sign_batch": _("Signed a batch"),
            "cards.encrypt_package": _("Encrypted a package"),
            "cards.add_certificate": _("Added a certificate"),
            "cards.retire_certificate": _("Retired a certificate"),
            "cards.add_revocation_list": _("Added a revocation list"),
            "cards.issue_token": _("Issued a key for the card issuer's system"),
            "cards.revoke_token": _("Revoked a key for the card issuer's system"),
            "cards.refuse_token": _("Turned away a key that no longer holds"),
            "desk.create_keys": _("Made a key of the vault"),
        },
    ),
    "settings": (
        _("Settings"),
        {
            "people.create_federation": _("Created the federation"),
            "people.add_municipality": _("Added a municipality"),
            "people.add_unit": _("Added a unit"),
            "people.change_unit": _("Changed a unit"),
            "people.set_rule": _("Set a rule"),
            "booking.set_work_hours": _("Set a technician's working hours"),
            "booking.add_days_off": _("Noted days off"),
            "booking.remove_days_off": _("Took days off back"),
            "booking.save_kit": _("Saved a kit"),
            "booking.set_opening_hours": _("Set a unit's opening hours"),
            "booking.close_days": _("Closed days for visits"),
            "booking.open_day": _("Opened a closed day"),
            "booking.take_matrix": _("Uploaded travel times"),
            "booking.remove_matrix": _("Removed uploaded travel times"),
            "booking.fetch_travel_times": _("Fetched travel times from the routing engine"),
            "booking.travel_times_failed": _("Could not fetch travel times"),
            "messages.set_text": _("Changed the text of a message"),
            "messages.reset_text": _("Went back to the house's text of a message"),
            "booking.make_feed": _("Made a calendar address"),
            "booking.revoke_feed": _("Revoked a calendar address"),
            "cards.register_issuer": _("Registered a card issuer"),
            "cards.change_issuer": _("Changed a card issuer"),
        },
    ),
    "letters": (
        _("Messages"),
        {
            "messages.write_message": _("Wrote a message"),
            "messages.send_message": _("Sent a message"),
            "messages.retry_message": _("Sent a message again"),
            "messages.settle_message": _("Dealt with a message that did not arrive"),
        },
    ),
}
# The commands of operations: what they do, somebody typed.
COMMANDS = {
    "system:add_municipality",
    "system:create_federation",
    "system:create_keys",
    "system:register_issuer",
    "system:register_technician",
    "system:set_photo_rule",
}
SENTENCES = {
    action: said for _label, said_of in GROUPS.values() for action, said in said_of.items()
}


def sentence(action: str) -> Promise | str:
    """Say what was done; an action of another version of the house by its own name."""
    return SENTENCES.get(action, action)


def actor(name: str) -> Promise | str:
    """Name whoever did it for people's eyes: a part of the house is the house."""
    if name in COMMANDS:
        return _("Operations, by a command")
    if name.startswith("token:"):
        return _("The card issuer's machine")
    if name.startswith("own-link:"):
        return _("The person, by an own link")
    return "Fotorundan" if name.startswith("system:") else name


def actions(group: str) -> list[str]:
    """Return the actions of a group, none for a group that there is not."""
    return list(GROUPS[group][1]) if group in GROUPS else []
