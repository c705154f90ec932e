"""The house has a text for every kind of message; a federation's own goes before it."""

from pathlib import Path

import pytest
from django.conf import settings

from booking.services.bookings import book_slot
from enrolment.audit.models import Entry
from enrolment.messages.models import Message, MessageText
from enrolment.messages.services import TextRefused, check_text, reset_text, set_text
from enrolment.messages.texts import KINDS, PLACES, Text, house_text, unknown
from tests import builders

EACH = [(key, channel) for key, kind in KINDS.items() for channel in kind.channels]
OWN = Text("Välkommen {förnamn}", "Kom {tid} till {enhet}.")


@pytest.mark.parametrize(("key", "channel"), EACH)
def test_every_text_of_the_house_is_whole(key, channel):
    text = house_text(key, channel)
    assert unknown(key, text) == []
    wording = check_text(key=key, channel=channel, text=text)
    assert "{" not in wording.body + wording.subject
    assert bool(wording.subject) == (channel == "email")


def test_every_placeholder_belongs_to_a_kind_and_every_kinds_exist():
    assert {name for kind in KINDS.values() for name in kind.places} == set(PLACES)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (Text("Tid", "Kom {tiden}"), "unknown"),
        (Text("Tid {", "Kom"), "unknown"),
        (Text("Tid", "{% load static %}"), "unknown"),
        (Text("Tid", ""), "empty"),
        (Text("Tid", "  \n "), "empty"),
        (Text("", "Kom"), "no_subject"),
        (Text("Tid\nBcc: x@example.org", "Kom"), "subject_lines"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused(text, code):
    with pytest.raises(TextRefused) as refused:
        check_text(key="invitation", channel="email", text=text)
    assert refused.value.code == code


def test_a_placeholder_of_another_kind_is_named_as_unknown():
    with pytest.raises(TextRefused) as refused:
        check_text(key="cancelled", channel="email", text=Text("Avbokad", "{länk} {svara_före}"))
    assert refused.value.names == ("{länk}", "{svara_före}")


def test_an_sms_takes_three_parts_at_most():
    check_text(key="cancelled", channel="sms", text=Text("", "å" * 459))
    with pytest.raises(TextRefused) as refused:
        check_text(key="cancelled", channel="sms", text=Text("", "å" * 460))
    assert (refused.value.code, refused.value.parts) == ("too_long", 4)


def save(federation, text: Text = OWN) -> None:
    set_text(
        actor=builders.user(),
        federation_id=federation.pk,
        key="invitation",
        channel="email",
        text=text,
    )


def invitation(unit) -> Message:
    visit = builders.visit(unit)
    need = builders.need(builders.staff(unit, given_name="Åsa"))
    booking = book_slot(actor=builders.user(), slot=visit.slots.first(), need=need)
    return Message.objects.get(key__startswith=f"booking:{booking.pk}")


@pytest.mark.django_db
def test_a_federations_own_words_are_used_there_and_nowhere_else():
    unit, other = builders.unit(), builders.unit()
    save(unit.municipality.federation)
    own, houses = invitation(unit), invitation(other)
    assert own.subject == "Välkommen Åsa"
    assert own.body.startswith("Kom ")
    assert houses.subject.startswith("Din tid för")
    save(unit.municipality.federation, Text("Tjena", "Kom {tid}."))
    assert invitation(unit).subject == "Tjena"
    assert MessageText.objects.count() == 1
    assert Entry.objects.filter(action="messages.set_text").count() == 2


@pytest.mark.django_db
def test_a_refused_text_is_not_kept():
    federation = builders.federation()
    with pytest.raises(TextRefused):
        save(federation, Text("Tid", "{__class__}"))
    assert not MessageText.objects.exists()


@pytest.mark.django_db
def test_going_back_gives_the_houses_words():
    unit = builders.unit()
    federation = unit.municipality.federation
    save(federation)
    for _twice in range(2):
        reset_text(
            actor=builders.user(), federation_id=federation.pk, key="invitation", channel="email"
        )
    assert invitation(unit).subject.startswith("Din tid för")
    assert Entry.objects.filter(action="messages.reset_text").count() == 1


@pytest.mark.django_db
def test_an_own_text_that_no_longer_fits_is_passed_over():
    unit = builders.unit()
    MessageText.objects.create(
        federation_id=unit.municipality.federation_id,
        key="invitation",
        channel="email",
        subject="{förr}",
        body="{förr}",
    )
    assert invitation(unit).subject.startswith("Din tid för")


@pytest.mark.django_db
def test_what_a_name_holds_is_not_filled_in_again():
    unit = builders.unit(name="{förnamn} {% now 'Y' %}")
    save(unit.municipality.federation)
    assert invitation(unit).body.endswith("till {förnamn} {% now 'Y' %}.")


def test_the_reference_names_every_kind_its_channels_and_its_placeholders():
    page = Path(settings.BASE_DIR, "docs/reference/messages.md").read_text()
    table = page.partition("## Kinds")[2].partition("## When")[0]
    told = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    rows = [row for row in told if row and row[0].startswith("`")]
    assert rows == [
        [f"`{key}`", ", ".join(kind.channels), ", ".join(f"`{{{name}}}`" for name in kind.places)]
        for key, kind in KINDS.items()
    ]
