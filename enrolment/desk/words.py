"""The word, icon and colour of every coded value a page shows.

One table, so that a status looks and reads the same on every page. Tones: quiet, info (on its way),
good (done), warn (needs somebody), bad (stopped).
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Status:
    """How one status is shown: always a word and an icon, never colour alone."""

    label: Promise
    icon: str
    tone: str


STATUSES: dict[str, dict[str, Status]] = {
    "stage": {
        "needs_card": Status(_("Needs card"), "credit-card-2-front", "warn"),
        "invited": Status(_("Invited"), "envelope", "info"),
        "booked": Status(_("Booked"), "calendar-check", "info"),
        "checked_in": Status(_("Checked in"), "person-check", "info"),
        "photographed": Status(_("Photographed"), "camera", "info"),
        "approved": Status(_("Approved"), "check-circle", "good"),
        "delivered": Status(_("Delivered"), "box-seam", "info"),
        "acknowledged": Status(_("Acknowledged"), "receipt", "info"),
        "activated": Status(_("Activated"), "patch-check", "good"),
        "retake": Status(_("Retake"), "arrow-repeat", "warn"),
        "no_show": Status(_("No show"), "person-dash", "warn"),
        "cancelled": Status(_("Cancelled"), "calendar-x", "warn"),
        "lapsed": Status(_("Lapsed"), "hourglass-split", "bad"),
    },
    "booking": {
        "booked": Status(_("Booked"), "calendar-check", "info"),
        "checked_in": Status(_("Checked in"), "person-check", "info"),
        "done": Status(_("Done"), "check-circle", "good"),
        "cancelled": Status(_("Cancelled"), "calendar-x", "quiet"),
        "no_show": Status(_("No show"), "person-dash", "warn"),
    },
    "visit": {
        "open": Status(_("Open for booking"), "calendar-plus", "info"),
        "full": Status(_("Fully booked"), "calendar-check", "good"),
        "closed": Status(_("Closed"), "check-circle", "quiet"),
        "cancelled": Status(_("Called off"), "calendar-x", "bad"),
    },
    "waiting": {
        "waiting": Status(_("Waits for a time"), "hourglass-split", "info"),
        "offered": Status(_("Offered a time"), "envelope", "warn"),
        "taken": Status(_("Took the time"), "check-circle", "good"),
        "declined": Status(_("Declined"), "x-circle", "quiet"),
        "expired": Status(_("Did not answer"), "clock", "quiet"),
        "ended": Status(_("No longer waits"), "slash-circle", "quiet"),
    },
    "plan": {
        "waiting": Status(_("Waits to begin"), "hourglass-split", "info"),
        "running": Status(_("Being planned"), "arrow-repeat", "info"),
        "ready": Status(_("To decide on"), "exclamation-circle", "warn"),
        "failed": Status(_("Could not be planned"), "x-circle", "bad"),
        "accepted": Status(_("Accepted"), "check-circle", "good"),
        "discarded": Status(_("Thrown away"), "slash-circle", "quiet"),
    },
    "verdict": {
        "pass": Status(_("Good enough"), "check-circle-fill", "good"),
        "warn": Status(_("Look closely"), "exclamation-triangle-fill", "warn"),
        "fail": Status(_("Take again"), "x-circle-fill", "bad"),
        "unmeasurable": Status(_("Could not be measured"), "question-circle", "quiet"),
    },
    "photo": {
        "waiting": Status(_("To review"), "hourglass-split", "warn"),
        "approved": Status(_("Approved"), "check-circle", "good"),
        "rejected": Status(_("Rejected"), "x-circle", "bad"),
    },
    "order": {
        "open": Status(_("Ready to deliver"), "inbox", "info"),
        "sealed": Status(_("In a batch"), "lock", "info"),
        "delivered": Status(_("Delivered"), "box-seam", "info"),
        "accepted": Status(_("Accepted"), "check-circle", "good"),
        "rejected": Status(_("Rejected"), "x-circle", "bad"),
        "produced": Status(_("Produced"), "credit-card-2-front", "good"),
        "posted": Status(_("Posted"), "envelope", "good"),
        "returned": Status(_("Sent back by post"), "arrow-repeat", "warn"),
        "cancelled": Status(_("Withdrawn"), "slash-circle", "quiet"),
    },
    "batch": {
        "sealed": Status(_("Sealed"), "lock", "info"),
        "built": Status(_("Package ready"), "box-seam", "info"),
        "delivered": Status(_("Delivered"), "truck", "info"),
        "acknowledged": Status(_("Acknowledged"), "receipt", "info"),
        "accepted": Status(_("Accepted"), "check-circle", "good"),
        "partly": Status(_("Partly accepted"), "exclamation-triangle", "warn"),
        "rejected": Status(_("Rejected"), "x-circle", "bad"),
        "closed": Status(_("Finished"), "check-circle", "quiet"),
    },
    "receipt": {
        "taken": Status(_("Taken in"), "check-circle", "good"),
        "quarantined": Status(_("In quarantine"), "exclamation-triangle", "warn"),
        "settled": Status(_("Settled"), "check-circle", "quiet"),
    },
    "row": {
        "new": Status(_("New"), "person-plus", "good"),
        "changed": Status(_("Changed"), "pencil", "info"),
        "gone": Status(_("Gone"), "person-dash", "warn"),
        "wrong": Status(_("To correct"), "exclamation-triangle", "bad"),
    },
    "health": {
        "good": Status(_("Well"), "check-circle", "good"),
        "warn": Status(_("Look at it"), "exclamation-triangle", "warn"),
        "bad": Status(_("Needs help now"), "x-circle", "bad"),
    },
    "travel_oddity": {
        "missing": Status(_("Coordinates are missing"), "geo-alt", "bad"),
        "outside": Status(_("At sea or abroad"), "geo-alt", "bad"),
        "far": Status(_("Far from the municipality's units"), "geo-alt", "warn"),
        "short_road": Status(_("Road shorter than the straight line"), "signpost-split", "warn"),
        "long_road": Status(_("Road very long for the distance"), "signpost-split", "warn"),
    },
    "laptop": {
        "unsent": Status(_("Photos left"), "exclamation-triangle", "warn"),
        "clean": Status(_("Cleaned"), "check-circle", "good"),
        "ready": Status(_("Nothing left"), "check-circle", "quiet"),
        "silent": Status(_("Not heard of"), "question-circle", "warn"),
        "written_off": Status(_("Not counted"), "dash-circle", "quiet"),
    },
    "urgency": {
        "critical": Status(_("Urgent"), "exclamation-circle", "bad"),
        "remind": Status(_("Soon"), "clock", "warn"),
        "normal": Status(_("No hurry"), "check-circle", "quiet"),
    },
}

WORDS: dict[str, dict[str, Promise]] = {
    "receipt_kind": {
        "technical": _("Receipt of the package"),
        "content": _("Receipt of the orders"),
        "production": _("Receipt of the cards"),
    },
    "order_answer": {
        "accepted": _("Accepted"),
        "rejected": _("Rejected"),
        "pending": _("Not judged yet"),
        "produced": _("Produced"),
        "posted": _("Posted"),
        "returned": _("Sent back by post"),
    },
    "need_reason": {
        "new": _("First card"),
        "renewal": _("Renewal"),
        "lost": _("Lost or stolen"),
        "damaged": _("Damaged"),
        "name_change": _("New name"),
        "changed_employer": _("New employer"),
    },
    "health_check": {
        "database": _("Database"),
        "queue": _("Worker"),
        "disk": _("Disk"),
        "messages": _("Letters"),
        "photos": _("Photos"),
        "batches": _("Batches"),
        "certificates": _("Certificates"),
    },
    "travel_source": {
        "matrix": _("Your file"),
        "osrm": _("OSRM"),
        "valhalla": _("Valhalla"),
        "road": _("The unit's road length"),
        "model": _("Distance model"),
    },
    "visit_kind": {"photo": _("Photo visit"), "activation": _("Activation visit")},
    "id_document": {
        "driving_licence": _("Swedish driving licence"),
        "passport": _("Swedish passport"),
        "sis_id_card": _("SIS-marked id card"),
        "national_id_card": _("National id card"),
        "tax_agency_id_card": _("Id card from the Swedish Tax Agency"),
        "vouched": _("Somebody vouches"),
    },
    "decline_reason": {
        "day_off": _("Off that day"),
        "sick": _("Ill"),
        "left": _("No longer works here"),
        "has_card": _("Already has a card"),
        "other": _("Another reason"),
    },
    "reject_reason": {
        "expression": _("The face is not at rest"),
        "eyes": _("The eyes cannot be seen clearly"),
        "pose": _("The head is turned or tilted"),
        "light": _("The light is uneven"),
        "background": _("The background disturbs"),
        "blur": _("The photo is blurred"),
        "glasses": _("The glasses hide the eyes"),
        "covered": _("The face is covered"),
        "wrong_person": _("The photo shows someone else"),
    },
    "channel": {"email": _("E-mail"), "sms": _("SMS")},
    "message_subject": {
        "booking": _("Somebody's time"),
        "reminder": _("Reminder of a time"),
        "offer": _("Offer from the waiting list"),
        "visit": _("A visit"),
        "retake": _("New photos needed"),
        "technician": _("Tomorrow's visits"),
        "password_link": _("Password link"),
        "other": _("Other messages"),
    },
    "message_cause": {
        "no_number": _("The phone number is not a phone number."),
        "not_mobile": _("The phone number is not a mobile number."),
        "sms_not_set_up": _("No SMS can be sent: no gateway is set up."),
        "sms_refused": _("The SMS gateway refused the message."),
        "sms_outage": _("The SMS gateway did not answer for three days."),
        "no_log_in": _("The mail server did not let us log in."),
        "sender_refused": _("The mail server does not take mail from our address."),
        "mailbox_full": _("The recipient's mailbox is full."),
        "unknown_recipient": _("The address does not exist."),
        "blocked": _("The recipient's mail server blocked the message."),
        "try_later": _("The mail server asked us to wait, for three days."),
        "no_answer": _("The mail server did not answer for three days."),
        "not_a_mail": _("The address or the subject can't be written as an e-mail."),
        "other": _("The message could not be sent."),
    },
    "message_remedy": {
        "no_number": _("Correct the number, then send again."),
        "not_mobile": _("Write a mobile number, then send again."),
        "sms_not_set_up": _("Ask operations to set up SMS, or tell the person yourself."),
        "sms_refused": _("Check the number. Tell the person yourself if it is right."),
        "sms_outage": _("Ask operations about the gateway, then send again."),
        "no_log_in": _("Ask operations to check the mail settings, then send again."),
        "sender_refused": _("Ask operations to check the mail settings, then send again."),
        "mailbox_full": _("Tell the person yourself, or send again later."),
        "unknown_recipient": _("Correct the address, then send again."),
        "blocked": _("Ask operations to talk to the recipient's IT."),
        "try_later": _("Send again. Ask operations if it does not help."),
        "no_answer": _("Send again. Ask operations if it does not help."),
        "not_a_mail": _("Correct the address, then send again."),
        "other": _("Send again. Ask operations if it does not help."),
    },
    "conflict": {
        "cancelled": _("The time was cancelled, but the person was photographed."),
        "two_laptops": _("The person was photographed on two laptops."),
        "two_photos": _("The person was photographed twice."),
        "unknown_walk_in": _("Somebody came without a time. It is not known who."),
        "verdict_differs": _("The laptop and the server judged the photo differently."),
        "not_acceptable": _("The server does not find the photo good enough."),
        "need_ended": _("The person no longer needs a card, but was photographed."),
        "came_after_all": _("The person was noted as a no-show, but came."),
        "cannot_open": _("What the laptop sent can't be opened."),
        "file_missing": _("The sealed file is gone from the server."),
        "not_taken_in": _("What the laptop sent could not be taken in yet."),
    },
    "conflict_help": {
        "cancelled": _("If you use the photo the person gets a time in the visit."),
        "two_laptops": _("If you use this photo it takes the place of the other one."),
        "two_photos": _("If you use this photo it takes the place of the other one."),
        "unknown_walk_in": _("If you use the photo the person gets a time in the visit."),
        "verdict_differs": _("The photo is used and goes on to review. The server's word counts."),
        "not_acceptable": _(
            "If you use the photo a reviewer looks at it anyway. Else the person gets a new time."
        ),
        "need_ended": _("Nobody can use the photo, since no card is needed."),
        "came_after_all": _("Look at whether the person was photographed, or has a later time."),
        "cannot_open": _("Ask the technician to keep the laptop as it is, and call support."),
        "file_missing": _("Send it again from the laptop, or upload its rescue file."),
        "not_taken_in": _("It is kept and tried again each hour. Call support if it stays here."),
    },
    "record_kind": {
        "photo": _("A photo"),
        "no_show": _("A no-show"),
        "note": _("A note"),
        "": _("Not known"),
    },
    "picture_source": {
        "camera": _("From the camera"),
        "folder": _("From the folder of a system camera"),
        "file": _("From a file"),
    },
    "settled_as": {
        "use": _("The photo is used"),
        "set_aside": _("The photo is not used"),
        "seen": _("Seen"),
    },
    "accepted_anyway": {
        "body": _("The body does not allow a better photo"),
        "covering": _("What covers the head stays on"),
        "glasses": _("The glasses have to stay on"),
        "room": _("The room does not allow a better photo"),
    },
    "key_waits_for": {
        "open": _("The visit is not closed."),
        "unsent": _("A laptop has photos left to send."),
        "silent": _("A laptop has not told since the visit ended. Open the station on it."),
        "may_go_on": _("A laptop is not left clean. The key is kept a day after the visit."),
        "not_opened": _("Something that came has not been opened yet."),
        "undecided": _("A planner has not decided on something that came."),
    },
}
# What a message can be about: how its key begins.
MESSAGE_SUBJECTS = frozenset(WORDS["message_subject"]) - {"other"}


@dataclass(frozen=True, slots=True)
class Place:
    """A page that an administrator sets something up on, and what it is for."""

    name: str
    label: Promise
    purpose: Promise


SETUP_PLACES = [
    Place("people:users", _("Users"), _("Who logs in, and in which role")),
    Place("people:import", _("Import"), _("Staff files from the payroll system")),
    Place("people:protected", _("Protected persons"), _("Who handles them")),
    Place("cards:issuers", _("Card issuers"), _("Agreements, certificates and keys")),
    Place("desk:texts", _("Texts of messages"), _("What invitations and reminders say")),
    Place("desk:log", _("The log"), _("Who did what, and who has looked")),
    Place("desk:health", _("Health"), _("Whether the service works")),
]


def status(kind: str, value: str) -> Status:
    """Return how `value` of `kind` is shown; KeyError for a value the table does not know."""
    return STATUSES[kind][str(value)]


def word(kind: str, value: str) -> Promise:
    """Return the word for `value` of `kind`; KeyError for a value the tables do not know."""
    if kind in WORDS:
        return WORDS[kind][str(value)]
    return status(kind, value).label
