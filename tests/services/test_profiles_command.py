"""Profiles on the command line: listed, told apart, shown for a place, and changed by rules."""

import re
import tomllib
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from enrolment.audit.models import Entry
from enrolment.people.models import CareUnit, Rule
from photos.domain.profile import Glasses, HeadCovering, ProfileError, with_overrides
from photos.domain.profile_diff import differences
from photos.profiles import PROFILE_KEYS, load_profile
from photos.queries.profiles import in_force, laid
from photos.services.photo_rules import set_photo_rule
from tests import builders

DAY = date(2026, 5, 12)


def said(*arguments: object, command: str = "profiles") -> list[str]:
    out = StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue().splitlines()


def limits(**changes: dict) -> dict:
    sourced = {"source": "Styrelsen § 12", "date": "2026-05-01"}
    return {"limits": {name: sourced | bounds for name, bounds in changes.items()}}


def ruled(unit: CareUnit, *, trial: bool = False, **more) -> list[Rule]:
    return set_photo_rule(
        actor=builders.user(),
        federation=unit.municipality.federation,
        municipality=unit.municipality if trial else None,
        **{"valid_from": DAY} | more,
    )


def applied(unit: CareUnit, on: date = DAY) -> dict:
    return dict(laid(*in_force(unit, on)).limits)


# --- What there is --------------------------------------------------------------------------------


def test_every_profile_is_listed_with_its_card_and_the_dates_of_its_sources():
    lines = said()
    assert [line.split(": ")[0] for line in lines] == list(PROFILE_KEYS)
    assert all("2026-11" in line for line in lines)
    assert "827 × 1063 px" in lines[-1]
    assert "600 dpi" in lines[-1]


def test_two_profiles_are_told_apart_by_what_differs_alone():
    heading, *lines = said("siths-default", "icao-portrait")
    assert heading == "siths-default → icao-portrait"
    assert "  card.dpi: 300 → 600" in lines
    yaw = next(index for index, line in enumerate(lines) if line.startswith("  limits.yaw: "))
    assert "-5 – 5" in lines[yaw]
    assert all("ISO/IEC 39794-5" in line for line in lines[yaw + 1 : yaw + 3])
    assert not any("mouth_closed" in line for line in lines)


def test_a_profile_does_not_differ_from_itself():
    assert said("nexus", "nexus") == ["nexus → nexus"]


def test_an_unknown_profile_is_refused_with_those_that_there_are():
    with pytest.raises(CommandError, match=r"körkort.*siths-default"):
        said("nexus", "körkort")


@pytest.mark.parametrize(
    "arguments", [["nexus"], ["nexus", "id06", "nexus"], ["--on", "2026-05-12"]]
)
def test_half_a_question_is_no_question(arguments: list[str]):
    with pytest.raises(CommandError):
        said(*arguments)


# --- What applies somewhere -----------------------------------------------------------------------


@pytest.mark.django_db
def test_a_place_shows_what_applies_on_a_day_and_which_rule_says_so():
    unit = builders.unit()
    [chosen] = ruled(unit, profile="nexus")
    [changed] = ruled(unit, limits=limits(yaw={"pass_max": 7}, sharpness={"pass_min": 2.5}))
    [trial] = ruled(
        unit,
        trial=True,
        limits=limits(yaw={"pass_max": 8}),
        valid_until=DAY + timedelta(days=30),
    )
    heading, *lines = said("--unit", unit.hsa_id, "--on", DAY)
    assert heading.endswith("2026-05-12: nexus")
    rules = lines[:3]
    for rule, line in zip((chosen, changed, trial), rules, strict=True):
        assert f" {rule.pk}" in line
    assert "2026-06-11" in rules[2]
    marked = {line.split(":")[0].strip(): line for line in lines if "←" in line}
    assert set(marked) == {"limits.yaw", "limits.sharpness"}
    assert f" {trial.pk}" in marked["limits.yaw"].split("←")[1]
    assert f" {changed.pk}" in marked["limits.sharpness"].split("←")[1]


@pytest.mark.django_db
def test_before_the_trial_and_next_door_the_federation_decides():
    unit = builders.unit()
    federation = unit.municipality.federation
    neighbour = builders.municipality(federation, "Grannby")
    ruled(unit, trial=True, profile="id06", limits=limits(yaw={"pass_max": 8}))
    before = said("--municipality", unit.municipality.code, "--on", DAY - timedelta(days=1))
    beside = said("--municipality", neighbour.code, "--federation", federation.slug, "--on", DAY)
    above = said("--federation", federation.slug, "--on", DAY)
    for lines in (before, beside, above):
        assert lines[0].endswith("siths-default")
        assert not any("←" in line for line in lines)
    there = said("--municipality", unit.municipality.code, "--on", DAY)
    assert there[0].endswith("id06")


@pytest.mark.django_db
def test_a_place_that_is_not_there_or_is_several_is_refused():
    first = builders.municipality()
    second = builders.municipality()
    second.code = first.code
    second.save()
    for arguments in (["--unit", "SE5560000000-NONE"], ["--federation", "ingen"]):
        with pytest.raises(CommandError, match=arguments[1]):
            said(*arguments)
    with pytest.raises(CommandError, match="--federation"):
        said("--municipality", first.code)
    assert said("--municipality", first.code, "--federation", first.federation.slug)


@pytest.mark.django_db
def test_rules_that_do_not_add_up_are_told():
    unit = builders.unit()
    ruled(unit, limits=limits(yaw={"pass_max": 7}))
    Rule.objects.update(value=limits(yaw={"pass_max": -70}))
    with pytest.raises(CommandError, match=r"limits\.yaw: bounds out of order"):
        said("--unit", unit.hsa_id, "--on", DAY)


# --- Rules that are set ---------------------------------------------------------------------------


@pytest.mark.django_db
def test_limits_come_from_a_file_and_are_logged(tmp_path: Path):
    unit = builders.unit()
    municipality = unit.municipality
    file = tmp_path / "prov.toml"
    file.write_text('[limits.yaw]\npass_max = 7\nsource = "Styrelsen"\ndate = 2026-05-01\n')
    place = ["--federation", municipality.federation.slug, "--municipality", municipality.code]
    period = ["--from", DAY, "--until", DAY + timedelta(days=30)]
    [line] = said(*place, *period, "--limits", file, "--profile", "nexus", command="set_photo_rule")
    assert "2" in line
    assert applied(unit)["yaw"].pass_max == 7
    assert applied(unit)["yaw"].date == date(2026, 5, 1)
    assert in_force(unit, DAY)[0] == "nexus"
    assert in_force(unit, DAY + timedelta(days=31)) == ("siths-default", {})
    entries = Entry.objects.filter(action="people.set_rule")
    assert {entry.details["key"] for entry in entries} == {"photo_profile", "photo_limits"}
    assert {entry.actor for entry in entries} == {"system:set_photo_rule"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[limits.yaw]\npass_max = 7", "source"),
        ("[limits.yaw", "prov.toml"),
        ("[limits.kaffe]\n", "kaffe"),
        ('[limits.yaw]\npass_max = nan\nsource = "x"\ndate = 2026-05-01', "not a number"),
        ('[limits.yaw]\npass_max = -9\nsource = "x"\ndate = 2026-05-01', "out of order"),
        (b"\xff\xfe", "prov.toml"),
    ],
)
def test_a_faulty_file_sets_nothing_and_is_named_with_its_fault(tmp_path, text, fault):
    file = tmp_path / "prov.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    slug = builders.federation().slug
    given = ["--federation", slug, "--limits", file, "--from", DAY]
    with pytest.raises(CommandError, match=rf"prov\.toml.*{fault}|{fault}"):
        said(*given, "--profile", "nexus", command="set_photo_rule")
    assert not Rule.objects.exists()
    assert not Entry.objects.filter(action="people.set_rule").exists()


@pytest.mark.django_db
def test_what_is_missing_or_elsewhere_is_said(tmp_path: Path):
    municipality = builders.municipality()
    slug = municipality.federation.slug
    other = builders.municipality()
    for given in (
        ["--federation", slug],
        ["--federation", "ingen", "--profile", "nexus"],
        ["--federation", slug, "--municipality", other.code, "--profile", "nexus"],
        ["--federation", slug, "--limits", tmp_path / "saknas.toml"],
        ["--federation", slug, "--profile", "nexus", "--until", DAY - timedelta(days=1)],
    ):
        with pytest.raises(CommandError):
            said(*given, "--from", DAY, command="set_photo_rule")
    assert not Rule.objects.exists()
    said("--federation", slug, "--profile", "nexus", "--from", DAY, command="set_photo_rule")
    with pytest.raises(CommandError, match="2026-05-12"):
        said("--federation", slug, "--profile", "id06", "--from", DAY, command="set_photo_rule")


@pytest.mark.django_db
def test_a_rule_that_fits_alone_but_not_with_a_trial_that_runs_meanwhile_is_refused():
    unit = builders.unit()
    later = DAY + timedelta(days=10)
    ruled(unit, trial=True, limits=limits(yaw={"warn_max": 11}), valid_from=later)
    federation = unit.municipality.federation
    wide = limits(yaw={"pass_max": 12, "warn_max": 13})
    told = {"actor": builders.user(), "federation": federation, "limits": wide, "valid_from": DAY}
    with pytest.raises(ProfileError, match="out of order"):
        set_photo_rule(**told)
    assert Rule.objects.count() == 1
    set_photo_rule(**told, valid_until=later - timedelta(days=1))
    assert applied(unit)["yaw"].pass_max == 12
    assert applied(unit, later)["yaw"].warn_max == 11


@pytest.mark.django_db
def test_a_trial_without_a_last_day_is_ended_by_one_that_changes_nothing(tmp_path: Path):
    unit = builders.unit()
    ruled(unit, limits=limits(yaw={"pass_max": 6}))
    ruled(unit, trial=True, limits=limits(yaw={"pass_max": 8}), valid_from=DAY)
    nothing = tmp_path / "inget.toml"
    nothing.touch()
    municipality, later = unit.municipality, DAY + timedelta(days=5)
    place = ["--federation", municipality.federation.slug, "--municipality", municipality.code]
    said(*place, "--limits", nothing, "--from", later, command="set_photo_rule")
    assert applied(unit)["yaw"].pass_max == 8
    assert applied(unit, later)["yaw"].pass_max == 6


def test_the_guides_examples_are_overrides_and_its_words_are_those_of_a_policy():
    page = (settings.BASE_DIR / "docs/how-to/valja-bildprofil.md").read_text()
    examples = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        assert differences(load_profile(), with_overrides(load_profile(), tomllib.loads(example)))
    told = set(re.findall(r"^\| `([\w-]+)` \|", page, re.MULTILINE))
    assert told == {*PROFILE_KEYS, *Glasses, *HeadCovering}


@pytest.mark.django_db
def test_an_unknown_profile_is_never_set():
    with pytest.raises(ProfileError, match="körkort"):
        ruled(builders.unit(), profile="körkort")
    assert not Rule.objects.exists()
