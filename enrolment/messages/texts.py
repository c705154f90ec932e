"""Every kind of message that a federation may word itself: its places to fill in, and its text.

The house's own words are in templates/messages, one file for each kind and channel: of an e-mail
the first line is the subject. They are in Swedish, as a federation's own words are.
"""

from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enrolment.messages.domain import placeholders
from enrolment.messages.domain.placeholders import Value

EMAIL, SMS = "email", "sms"
# As long as an own link, so that the parts of an SMS are counted as they will be.
EXAMPLE_ADDRESS = "https://kort.example/min-tid/exempel-exempel-exempel-exempel-exempel-exe/"


@dataclass(frozen=True)
class Text:
    """A text with its placeholders still in it; an SMS has no subject."""

    subject: str
    body: str


@dataclass(frozen=True)
class Place:
    """A placeholder: what it becomes, and an example; several where it becomes a list."""

    label: Promise
    example: Promise | str | tuple[Promise, ...]

    def shown(self) -> Value:
        """Return the example as text."""
        if isinstance(self.example, tuple):
            return [str(item) for item in self.example]
        return str(self.example)


@dataclass(frozen=True)
class Kind:
    """One kind of message: when it goes and to whom, by which channels, and what it may hold."""

    label: Promise
    occasion: Promise
    channels: tuple[str, ...]
    places: tuple[str, ...]

    def examples(self) -> dict[str, Value]:
        """Return an example for each placeholder: a person who does not exist."""
        return {name: PLACES[name].shown() for name in self.places}


PLACES = {
    "förnamn": Place(_("The person's first name"), _("Example-Alva")),
    "chef": Place(_("The care manager's name"), _("Example-Boss Bergdahl")),
    "tekniker": Place(_("The technician's name"), _("Example-Teo Tallmark")),
    "tid": Place(_("Day and time"), _("Tuesday 12 May at 10.05")),
    "ärende": Place(_("What the time is for"), _("the photo for your SITHS card")),
    "besök": Place(_("Kind of visit"), _("photo visit")),
    "enhet": Place(_("The unit's name"), _("Example Unit")),
    "adress": Place(_("The unit's address"), _("1 Example Street, 100 00 Exampleton")),
    "rum": Place(_("Where in the house, if the unit says so"), _("The meeting room on floor 2")),
    "ta_med": Place(
        _("What to bring, as a list"),
        (_("A valid physical identity document."), _("Your present SITHS card.")),
    ),
    "varför": Place(_("Why the time is new, if there is a reason"), _("Your photo was blurred.")),
    "länk": Place(_("Address of a page"), EXAMPLE_ADDRESS),
    "kod": Place(_("The code on the slip"), "KX7M-2QRA"),
    "svara_före": Place(_("When the answer must be in"), _("Monday 11 May at 15.00")),
    "antal": Place(_("How many people have a time"), "12"),
    "personer": Place(_("People, as a list"), (_("Example-Alva Ek"), _("Example-Bo Bok"))),
    "klara": Place(_("How many were done"), "11"),
    "besökslista": Place(
        _("The day's visits, as a list"),
        (_("08.00–10.00 Example Unit"), _("13.00–14.30 Other Example Unit")),
    ),
    "förbund": Place(_("The federation's name"), _("The Example Federation")),
}
_TIME = ("förnamn", "ärende", "tid", "enhet", "adress", "rum", "ta_med", "länk", "kod", "förbund")
_BOTH = (EMAIL, SMS)
_VISIT = ("chef", "besök", "tid", "enhet", "adress", "rum", "antal", "länk", "förbund")

KINDS = {
    "invitation": Kind(_("Invitation"), _("To the person who gets a time"), _BOTH, _TIME),
    "moved": Kind(_("New time"), _("To the person whose time moves"), _BOTH, (*_TIME, "varför")),
    "new_time": Kind(
        _("New time with a reason"),
        _("To the person who gets a time anew, such as when the photo was rejected"),
        _BOTH,
        (*_TIME, "varför"),
    ),
    "cancelled": Kind(
        _("Time cancelled"),
        _("To the person whose time is given up"),
        _BOTH,
        ("förnamn", "ärende", "tid", "enhet", "förbund"),
    ),
    "reminder_3d": Kind(
        _("Reminder three days before"), _("To the person, three days before"), _BOTH, _TIME
    ),
    "reminder_24h": Kind(
        _("Reminder the day before"), _("To the person, 24 hours before"), _BOTH, _TIME
    ),
    "offer": Kind(
        _("Offer from the waiting list"),
        _("To the person who waits when a time becomes free"),
        _BOTH,
        (*_TIME, "svara_före"),
    ),
    "visit_planned": Kind(
        _("Visit planned in a round"),
        _("To the care manager when a visit is made of a plan of rounds"),
        (EMAIL,),
        ("chef", "besök", "tid", "enhet", "adress", "rum", "länk", "förbund"),
    ),
    "visit_booked": Kind(
        _("Visit booked"), _("To the care manager when a visit is booked"), (EMAIL,), _VISIT
    ),
    "visit_changed": Kind(
        _("Visit changed"), _("To the care manager when a visit changes"), (EMAIL,), _VISIT
    ),
    "visit_cancelled": Kind(
        _("Visit called off"), _("To the care manager when a visit is called off"), (EMAIL,), _VISIT
    ),
    "visit_week": Kind(
        _("A week before the visit"),
        _("To the care manager a week before, with who lacks a time"),
        (EMAIL,),
        (*_VISIT, "personer"),
    ),
    "visit_summary": Kind(
        _("After the visit"),
        _("To the care manager on the same day"),
        (EMAIL,),
        ("chef", "besök", "tid", "enhet", "klara", "personer", "länk", "förbund"),
    ),
    "ask_manager": Kind(
        _("Book a visit for those who need a new photo"),
        _("To the care manager when no visit has a free time"),
        (EMAIL,),
        ("chef", "enhet", "antal", "personer", "länk", "förbund"),
    ),
    "technician_day": Kind(
        _("Tomorrow's visits"),
        _("To the technician the afternoon before"),
        (EMAIL,),
        ("tekniker", "tid", "besökslista", "länk", "förbund"),
    ),
}


def unknown(key: str, text: Text) -> list[str]:
    """Return what stands in braces in the text and does not exist for this kind of message."""
    allowed = KINDS[key].places
    return placeholders.unknown(f"{text.subject}\n{text.body}", allowed)


@cache
def house_text(key: str, channel: str) -> Text:
    """Return the house's words for a kind of message and a channel. Raises FileNotFoundError."""
    path = settings.BASE_DIR / "templates" / "messages" / f"{key}.{channel}.txt"
    content = path.read_text(encoding="utf-8").strip()
    if channel == SMS:
        return Text("", content)
    subject, _blank, body = content.partition("\n\n")
    return Text(subject, body)
