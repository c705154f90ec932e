"""`manage.py plan_rounds`: from a file or for a federation, for people and for programs."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from booking.domain.rounds import (
    InstanceFault,
    Window,
    check,
    instance_json,
    read_plan,
)
from booking.faults import INSTANCE_FAULTS
from tests import builders
from tests.rounds_builders import MONDAY, SOLOMON, federation, instance, job


def told(capsys, *options: str) -> str:
    call_command("plan_rounds", "--seconds", "1", *options)
    return capsys.readouterr().out


def saved(tmp_path, text: str) -> str:
    path = tmp_path / "instance"
    path.write_text(text)
    return str(path)


@pytest.mark.sqlite
def test_an_instance_is_planned_and_told(tmp_path, capsys):
    question = federation(units=8, days=2)
    file = saved(tmp_path, json.dumps(instance_json(question)))
    out = told(capsys, "--instance", file)
    for words in ("Besök: 8 av 8", "Rundor: ", "Körning: ", "Mål: ", "Kontroll: godkänd."):
        assert words in out
    assert " technician 1: " in out
    plan = json.loads(told(capsys, "--instance", file, "--json"))
    assert plan["faults"] == []
    assert check(question, read_plan(plan)) == []


@pytest.mark.sqlite
@pytest.mark.parametrize("text", [json.dumps(instance_json(federation(units=2))), SOLOMON])
def test_a_file_with_the_mark_that_windows_sets_before_it_is_read(tmp_path, capsys, text):
    assert "Kontroll: godkänd." in told(capsys, "--instance", saved(tmp_path, f"\ufeff{text}"))


@pytest.mark.sqlite
def test_a_confirmed_visit_when_nobody_works_is_told_with_its_reason(tmp_path, capsys):
    data = instance_json(federation(units=2))
    data["jobs"][1]["locked"] = {"vehicle": "ingen", "starts": 36000}
    out = told(capsys, "--instance", saved(tmp_path, json.dumps(data)))
    assert f"Får inte plats: {data['jobs'][1]['key']}. " in out
    assert "Besök: 1 av 2" in out


@pytest.mark.sqlite
def test_what_finds_no_room_is_told_with_its_reason(tmp_path, capsys):
    day_after = Window(MONDAY + timedelta(days=1), 0, 80000)
    question = instance(job("a"), job("late", windows=(day_after,)))
    out = told(capsys, "--instance", saved(tmp_path, json.dumps(instance_json(question))))
    assert "Får inte plats: late. " in out
    assert "Besök: 1 av 2" in out


@pytest.mark.sqlite
def test_a_solomon_file_is_solved_and_told_in_its_own_units(tmp_path, capsys):
    out = told(capsys, "--instance", saved(tmp_path, SOLOMON))
    assert "Besök: 6 av 6" in out
    assert "i sträcka" in out
    assert "Kontroll: godkänd." in out


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello", "JSON"),
        ('{"format": "x"}', "format: "),
        (SOLOMON.replace("  1      45", "  1      x"), "11: "),
    ],
)
def test_a_bad_file_is_refused_and_says_where(tmp_path, text, words):
    with pytest.raises(CommandError, match="instance: ") as refused:
        call_command("plan_rounds", "--instance", saved(tmp_path, text))
    assert words in str(refused.value)


@pytest.mark.sqlite
def test_a_file_that_is_not_there_and_seconds_that_are_none_are_refused(tmp_path):
    with pytest.raises(CommandError, match="går inte att läsa"):
        call_command("plan_rounds", "--instance", str(tmp_path / "nowhere"))
    with pytest.raises(CommandError, match="sekunder"):
        call_command("plan_rounds", "--instance", saved(tmp_path, SOLOMON), "--seconds", "0")


@pytest.mark.sqlite
def test_every_fault_of_a_file_has_a_sentence():
    assert set(INSTANCE_FAULTS) == set(InstanceFault)


@pytest.mark.django_db
def test_a_federation_is_asked_for_by_its_short_name():
    house = builders.federation()
    with pytest.raises(CommandError, match="Inget förbund heter"):
        call_command("plan_rounds", "--federation", "nobody")
    with pytest.raises(CommandError, match="Ingen enhet behöver"):
        call_command("plan_rounds", "--federation", house.slug)
