import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrolment.messages.domain.phone_numbers import PhoneNumberError, normal


@pytest.mark.parametrize(
    "number",
    ["070-174 06 05", "+46 70 174 06 05", "0046701740605", "+46 (0)70-1740605", "070.174.06.05"],
)
def test_a_swedish_mobile_number_gets_its_country(number):
    assert normal(number) == "+46701740605"


def test_a_foreign_number_is_kept():
    assert normal("+47 912 34 567") == "+4791234567"
    assert normal("0047 912 34 567") == "+4791234567"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", "not_a_number"),
        ("ring mig", "not_a_number"),
        ("070-174 06 05 eller 06", "not_a_number"),
        ("701740605", "not_a_number"),
        ("+", "not_a_number"),
        ("+46701", "not_a_number"),
        ("+4670174060512345", "not_a_number"),
        ("٠٧٠١٧٤٠٦٠٥", "not_a_number"),
        ("+46701740605\r\nTo: x", "not_a_number"),
        ("08-465 004 00", "not_mobile"),
        ("070-174 06 0", "not_mobile"),
        ("0510-77 00 00", "not_mobile"),
    ],
)
def test_what_takes_no_sms_is_refused_with_its_word(number, code):
    with pytest.raises(PhoneNumberError) as refused:
        normal(number)
    assert refused.value.code == code


@given(st.text())
def test_whatever_comes_out_is_e164_and_stays(text):
    try:
        number = normal(text)
    except PhoneNumberError:
        return
    assert re.fullmatch(r"\+[1-9][0-9]{7,14}", number)
    assert normal(number) == number
