"""A field left empty says which one to fill in, on every form of the house."""

from collections.abc import Iterator
from importlib import import_module

import pytest
from django import forms
from django.forms.forms import BaseForm

from booking.forms.planning import DriveForm, TechnicianForm
from enrolment.desk.templatetags.house import error_summary
from enrolment.people.forms import AsksByLabel, LogInForm

GENERIC = "Detta fält måste fyllas i."
ROOMS = ("booking", "enrolment", "photos")


def forms_of(base: type[BaseForm]) -> Iterator[type[BaseForm]]:
    for each in base.__subclasses__():
        yield each
        yield from forms_of(each)


# Every page is reached from here, and every form from a page.
import_module("enrolment.urls")
HOUSE = [each for each in set(forms_of(BaseForm)) if each.__module__.split(".")[0] in ROOMS]


def test_there_are_forms_to_look_at():
    assert len(HOUSE) > 40
    assert str(forms.Field.default_error_messages["required"]) == GENERIC


@pytest.mark.parametrize("form", HOUSE, ids=lambda form: form.__name__)
def test_every_form_asks_by_label(form):
    assert issubclass(form, AsksByLabel)


def test_what_is_written_and_what_is_chosen_are_asked_for_each_in_its_way():
    errors = TechnicianForm({}).errors
    assert errors["base"] == ["Fyll i ”Utgångsort”."]
    assert errors["kinds"] == ["Välj under ”Slag av besök”."]


def test_the_summary_says_no_label_twice():
    [base, *_others, kinds] = error_summary(TechnicianForm({}))["errors"]
    assert base["text"] == "Fyll i ”Utgångsort”."
    assert kinds["text"] == "Välj under ”Slag av besök”."
    [wrong] = error_summary(DriveForm({"minutes": "x"}))["errors"]
    assert wrong["text"].startswith("Minuter som du körde hit: ")


def test_a_field_that_is_added_late_is_asked_for_too():
    class Late(AsksByLabel, forms.Form):
        def __init__(self, *args: object) -> None:
            super().__init__(*args)
            self.fields["place"] = forms.CharField(label="Plats")

    assert Late({}).errors["place"] == ["Fyll i ”Plats”."]


def test_a_sentence_of_its_own_is_kept():
    class Own(AsksByLabel, forms.Form):
        day = forms.DateField(label="Dag", error_messages={"required": "Välj en dag."})

    assert Own({}).errors["day"] == ["Välj en dag."]


@pytest.mark.django_db
def test_the_log_in_asks_by_label(rf):
    errors = LogInForm(rf.post("/"), data={}).errors
    assert errors["password"] == ["Fyll i ”Lösenord”."]
