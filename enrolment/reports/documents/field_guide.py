"""What a technician has in the pocket: a photo visit from packing to a clean laptop."""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrolment.reports.documents import words
from enrolment.reports.domain.paper import Column, Fact, Facts, Listing, Paper, Section

type Advice = Sequence[tuple[Promise, Promise]]

BEFORE: Advice = (
    (
        gettext_lazy("Make the visit ready"),
        gettext_lazy(
            "Log in and open the station on the laptop you bring. Fetch the visit. "
            "Your passkey or passphrase locks the list of people."
        ),
    ),
    (
        gettext_lazy("Check the laptop"),
        gettext_lazy("Green: go. Yellow: read the advice. Red: mend it first."),
    ),
    (
        gettext_lazy("Bring"),
        gettext_lazy(
            "Laptop, charger, camera, tripod, grey background, two lamps, extension lead, scanner, "
            "USB stick. On paper: call list and emergency form."
        ),
    ),
)
ON_SITE: Advice = (
    (
        gettext_lazy("Wall"),
        gettext_lazy("Plain and light, one metre behind the person: no shadow."),
    ),
    (
        gettext_lazy("Light"),
        gettext_lazy("Two lamps, equally strong, one on each side. No window behind."),
    ),
    (
        gettext_lazy("Camera"),
        gettext_lazy("At eye height, one and a half metres from the person."),
    ),
    (
        gettext_lazy("Test shot"),
        gettext_lazy("Take one of a colleague first. Open the person's window."),
    ),
)
# What to do with one person, and by which keys: a step, what is done, the keys.
STEPS: Sequence[tuple[Promise, Promise, Promise | str]] = (
    (
        gettext_lazy("Search"),
        gettext_lazy("Scan the code. Or type a name, a code or a time."),
        gettext_lazy("Enter"),
    ),
    (
        gettext_lazy("Id document"),
        gettext_lazy("In your hand: whole, valid, same name, same face."),
        "1–5",
    ),
    (
        gettext_lazy("Camera"),
        gettext_lazy("Follow the hint. Take the photo when there is none left."),
        gettext_lazy("Enter"),
    ),
    (
        gettext_lazy("Verdict"),
        gettext_lazy("Accept it. Or follow the advice and take it again."),
        gettext_lazy("Enter or Esc"),
    ),
)
OTHERWISE: Advice = (
    (
        gettext_lazy("No id document"),
        gettext_lazy(
            "Press 6. The manager or another superior shows an own id document and vouches. "
            "Type that name. You never vouch yourself: it takes two pairs of eyes."
        ),
    ),
    (
        gettext_lazy("The name differs"),
        gettext_lazy(
            "Press 7 and take no photo. The manager has the name corrected, then the person "
            "gets a new time."
        ),
    ),
    (
        gettext_lazy("Walk-in"),
        gettext_lazy(
            "Press F2. Type first name, surname, and HSA-id or e-mail. "
            "The planner sees who it was and decides."
        ),
    ),
    (
        gettext_lazy("Somebody does not come"),
        gettext_lazy("Press U, then Enter. Whoever comes later is chosen from the list."),
    ),
    (
        gettext_lazy("Not in the list"),
        gettext_lazy(
            "People with protected identity are never on the laptop. The handler tells you how."
        ),
    ),
    (
        gettext_lazy("Something to tell"),
        gettext_lazy("Press N and write a note to the planner. Nothing about health."),
    ),
    (
        gettext_lazy("Wrong person, wrong key"),
        gettext_lazy("Press Ctrl+Z. It works until the next person is photographed."),
    ),
    (
        gettext_lazy("It fails three times"),
        gettext_lazy("Accept anyway and choose why: the reviewer and the issuer see it."),
    ),
)
FAULTS: Advice = (
    (
        gettext_lazy("No network"),
        gettext_lazy("Go on. Each photo is sealed and saved on the laptop, and sent later."),
    ),
    (
        gettext_lazy("The camera is busy"),
        gettext_lazy("Close other programs that use it, such as a video meeting. Try again."),
    ),
    (
        gettext_lazy("The camera is gone"),
        gettext_lazy("Put the cable in again, or choose another camera. The last way is a file."),
    ),
    (
        gettext_lazy("The disk is full"),
        gettext_lazy(
            "Take no more photos. Send, or save the rescue file. Then make room on the disk."
        ),
    ),
    (
        gettext_lazy("The laptop dies"),
        gettext_lazy(
            "What said saved on the laptop is there when it starts again. Go on by the emergency "
            "form."
        ),
    ),
    (
        gettext_lazy("Two laptops"),
        gettext_lazy("Share the list between you. Two photos of one person: the planner chooses."),
    ),
    (
        gettext_lazy("Only light is measured"),
        gettext_lazy("The face model did not start. Look closely yourself: the server judges."),
    ),
    (
        gettext_lazy("The station does not start"),
        gettext_lazy("Close other tabs with the station and reload. Else: the emergency form."),
    ),
    (
        gettext_lazy("Logged out"),
        gettext_lazy("Go on taking photos. Log in again to send them, as the same person."),
    ),
)
AFTER: Advice = (
    (
        gettext_lazy("Finish the visit"),
        gettext_lazy("Press F9. See who is missing. Log in and wait until everything is sent."),
    ),
    (
        gettext_lazy("Leave the laptop clean"),
        gettext_lazy(
            "Do it when it says 0 left. Empty the camera's memory card and folder by hand too."
        ),
    ),
    (
        gettext_lazy("Still no network"),
        gettext_lazy(
            "Save the rescue file on the USB stick, and give it to the planner. It is encrypted. "
            "Clean nothing until the planner has read it in."
        ),
    ),
)


def field_guide(organisation: str) -> Paper:
    """Return the guide of the organisation's technicians: two pages as a PDF, no person in it."""
    return Paper(
        title=_("Field guide for taking photos"),
        author=organisation,
        over=_("For technicians"),
        lead=_("All of it works without a network once the visit is ready on the laptop."),
        page_words=words.page_words(),
        parts=[
            *(_section(_("Before you leave")), _advice(BEFORE)),
            *(_section(_("At the unit")), _advice(ON_SITE)),
            *(_section(_("One person")), _steps()),
            *(_section(_("When everybody is done")), _advice(AFTER)),
            *(_section(_("When something is different")), _advice(OTHERWISE)),
            *(_section(_("When something goes wrong")), _advice(FAULTS)),
        ],
    )


def _section(heading: str) -> Section:
    """The day as it should go fits on the first page, all that may come between on the second."""
    return Section(heading, room=50)


def _advice(rows: Advice) -> Facts:
    return Facts([Fact(str(label), str(advice)) for label, advice in rows])


def _steps() -> Listing:
    return Listing(
        caption=_("Four steps, from the keyboard"),
        columns=[Column(_("Step"), 0.18), Column(_("You do"), 0.64), Column(_("By key"), 0.18)],
        rows=[[str(cell) for cell in step] for step in STEPS],
    )
