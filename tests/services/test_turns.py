"""Turns are counted together: of many processes at once no more than may get one do."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.utils import timezone

from booking.domain.own_codes import code_of
from booking.services.own_links import MOST_WRONG_CODES, TooManyWrongCodes, link_of_code
from enrolment import turns, vault
from enrolment.audit.models import Entry
from enrolment.cards.models import IssuerToken
from enrolment.cards.services import rates
from enrolment.cards.services.rates import CALLS_A_MINUTE, take_turn
from enrolment.people.services.log_ins import MOST_FAILURES, note_failed_log_in
from tests.services.racing import Racer, crew, together

RACERS, TRIES = 4, 60
REST = timedelta(minutes=1)
PLACE = "192.0.2.1"


# --- What the racers run, each in its own process -------------------------------------------------


def use(_meet, folder: str) -> None:
    settings.KEYS_DIR = Path(folder) / "keys"
    settings.CACHES = {
        "default": settings.CACHES["default"] | {"LOCATION": str(Path(folder) / "cache")}
    }


def make_keys(_meet) -> None:
    vault.create_keys(settings.KEYS_DIR)


def take(meet, most: int) -> int:
    """Take turns as fast as can be; return how many there were."""
    meet.wait(30)
    return sum(turns.take("race", most=most, rest=REST) for _ in range(TRIES))


def call(meet) -> int:
    meet.wait(30)
    now, token = timezone.now(), IssuerToken(pk=1)
    rates.timezone = SimpleNamespace(now=lambda: now.replace(hour=0, minute=0))
    return sum(take_turn(token) == 0 for _ in range(TRIES))


def fail_to_log_in(meet) -> None:
    meet.wait(30)
    for _ in range(MOST_FAILURES):
        note_failed_log_in(email="okand@example.org", place=PLACE)


def guess(meet, guesses: int) -> int:
    """Try codes that nobody has; return how many were looked for."""
    meet.wait(30)
    return sum(is_looked_for() for _ in range(guesses))


def is_looked_for() -> bool:
    try:
        return link_of_code(code=code_of("0" * 16), place=PLACE) is None
    except TooManyWrongCodes:
        return False


def failures_in_the_log(_meet) -> int:
    return Entry.objects.filter(action="people.log_in_failed").count()


def guess_alone(_meet, guesses: int) -> int:
    return sum(is_looked_for() for _ in range(guesses))


# --- The races ------------------------------------------------------------------------------------


def mine(function: str) -> str:
    return f"{__name__}.{function}"


@pytest.fixture
def racers(own_database, tmp_path) -> list[Racer]:
    with crew(own_database, RACERS) as racers:
        for racer in racers:
            racer.run(mine("use"), str(tmp_path))
        racers[0].run(mine("make_keys"))
        yield racers


def test_no_turn_is_lost_and_none_is_given_twice(racers):
    most = RACERS * TRIES - 7
    assert sum(together(racers, mine("take"), [most] * RACERS)) == most


def test_a_token_has_its_calls_and_no_more_however_many_call_at_once(racers):
    assert sum(together(racers, mine("call"))) == CALLS_A_MINUTE


def test_wrong_passwords_of_many_at_once_are_all_counted_and_no_more_are_logged(racers):
    together(racers, mine("fail_to_log_in"))
    assert racers[0].run(mine("failures_in_the_log")) == MOST_FAILURES


def test_wrong_codes_of_many_at_once_are_all_counted(racers):
    each = MOST_WRONG_CODES // RACERS - 1
    together(racers, mine("guess"), [each] * RACERS)
    assert racers[0].run(mine("guess_alone"), MOST_WRONG_CODES) == RACERS


def test_turns_are_forgotten_a_while_after_the_last():
    assert [turns.take("a", most=2, rest=REST) for _ in range(3)] == [True, True, False]
    assert turns.take("b", most=2, rest=REST)
    assert turns.taken("a") == 2
    assert turns.take("c", most=1, rest=timedelta())
    assert turns.taken("c") == 0
