"""Every way the booking room says no has its sentence, and no sentence is left over."""

import pytest

from booking import faults
from booking.domain.matrix_file import MatrixCode
from booking.routing import RoutingCode
from booking.services import refusals
from booking.services.refusals import BookingRefused, NotEnoughSlots, PeopleLeft

REFUSALS = BookingRefused.__subclasses__()


def test_each_refusal_has_a_sentence_and_each_sentence_a_refusal():
    told = {refusal.code for refusal in REFUSALS} | set(MatrixCode) | set(RoutingCode)
    assert told == set(faults.SENTENCES)


def test_no_two_refusals_share_a_code():
    assert len({refusal.code for refusal in REFUSALS}) == len(REFUSALS)


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (NotEnoughSlots(free=2, wanted=3), "2 personer och du valde 3"),
        (PeopleLeft(4), "4 återstår"),
    ],
)
def test_numbers_are_told(refusal, words):
    assert words in faults.sentence(refusal.code, **vars(refusal))


def test_an_unknown_code_is_an_error():
    with pytest.raises(KeyError):
        faults.sentence("no_such_code")


def test_every_refusal_says_when_it_is_raised():
    assert all(refusal.__doc__ for refusal in REFUSALS)
    assert refusals.__doc__
