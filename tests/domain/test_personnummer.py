from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrolment.people.domain.personnummer import Personnummer, PersonnummerError, parse
from enrolment.people.domain.refusal import Code

TODAY = date(2026, 5, 12)

# Skatteverket's official test numbers (CC0).
PERSONAL = """
196112122871 196208132834 196305183144 196401053076 196501133372 196604072618 196709132887
196810292398 196906092389 197002259294 197101039282 197201079295 197303159250 197404279288
197505279294 197607162380 197707312398 197808212398 197905082397 198005032381 198105232394
198205182382 198305119284 198405152391 198506062390 198606092396 198701202395 198812172388
198901272396 199012142395 199101152396 199211232385 199301212396 199407102392 199501012380
199606192384 199701262389 199809212393 199911192392 200010242394 200101022390 200204022388
200303082382 200403012388
""".split()
COORDINATION = "202601612381 202601622380 202601912393 191401682396 191406652386".split()
UNKNOWN_DATE = ["191500722390", "191711602399"]
OFFICIAL = PERSONAL + COORDINATION + UNKNOWN_DATE

official = st.sampled_from(OFFICIAL)


def with_check_digit(nine: str) -> str:
    doubled = "0246813579"
    digits = [doubled[int(d)] if place % 2 == 0 else d for place, d in enumerate(nine)]
    return nine + str(-sum(map(int, digits)) % 10)


def sign(year: int, today: date) -> str:
    return "+" if today.year - year >= 100 else "-"


@pytest.mark.parametrize("number", OFFICIAL)
def test_every_official_number_is_read_in_all_its_spellings(number: str):
    century, six, last = number[:2], number[2:8], number[8:]
    mark = sign(int(number[:4]), TODAY)
    spellings = [
        number,
        f"{century}{six}-{last}",
        f"{century}{six}+{last}",
        f"{six}{mark}{last}",
        f"  {six}{mark}{last}\n",
    ]
    assert {parse(text, TODAY).digits for text in spellings} == {number}


def test_without_a_sign_ten_digits_mean_less_than_a_hundred_years():
    assert parse("6112122871", TODAY).digits == "196112122871"
    assert parse("1711602399", TODAY).digits == "201711602399"


@pytest.mark.parametrize("dash", "‐‑–−")
def test_a_dash_from_a_word_processor_is_a_hyphen(dash: str):
    assert parse(f"611212{dash}2871", TODAY).digits == "196112122871"


@given(official, st.integers(1, 199), st.integers(0, 364))
def test_ten_digits_with_their_sign_give_the_century_back(number: str, years: int, day: int):
    birth_year = int(number[:4])
    today = date(birth_year + years, 1, 1) + timedelta(days=day)
    ten = f"{number[2:8]}{sign(birth_year, today)}{number[8:]}"
    assert parse(ten, today).digits == number


def test_the_plus_comes_the_year_one_turns_a_hundred():
    assert parse("611212+2871", date(2061, 1, 1)).digits == "196112122871"
    assert parse("611212-2871", date(2060, 12, 31)).digits == "196112122871"
    with pytest.raises(PersonnummerError):
        parse("611212-2871", date(2061, 1, 1))


@given(official, st.integers(2, 11), st.integers(1, 9))
def test_one_wrong_digit_is_found(number: str, place: int, more: int):
    wrong = str((int(number[place]) + more) % 10)
    with pytest.raises(PersonnummerError) as refusal:
        parse(number[:place] + wrong + number[place + 1 :], TODAY)
    assert refusal.value.code == Code.PERSONNUMMER_CHECK_DIGIT


@pytest.mark.parametrize(
    "nine",
    ["900231123", "901301123", "900100123", "900032123", "900292123", "901360123"],
)
def test_a_day_that_does_not_exist_is_refused(nine: str):
    with pytest.raises(PersonnummerError) as refusal:
        parse("19" + with_check_digit(nine), TODAY)
    assert refusal.value.code == Code.PERSONNUMMER_DATE


def test_an_unknown_day_is_taken_in_a_samordningsnummer_alone():
    assert parse("191711602399", TODAY).digits == "191711602399"
    with pytest.raises(PersonnummerError) as refusal:
        parse("19" + with_check_digit("171100239"), TODAY)
    assert refusal.value.code == Code.PERSONNUMMER_DATE


def test_a_day_ahead_is_refused_and_today_is_not():
    assert parse("202601912393", date(2026, 1, 31)).digits == "202601912393"
    with pytest.raises(PersonnummerError) as refusal:
        parse("202601912393", date(2026, 1, 30))
    assert refusal.value.code == Code.PERSONNUMMER_DATE


@pytest.mark.parametrize(
    ("number", "first"),
    [("191500722390", date(1915, 1, 12)), ("191711602399", date(1917, 11, 1))],
)
def test_an_unknown_month_or_day_counts_as_the_first(number: str, first: date):
    assert parse(number, first).digits == number
    with pytest.raises(PersonnummerError):
        parse(number, first - timedelta(days=1))


@pytest.mark.parametrize(
    "text",
    [
        *("", "196112122", "19611212287", "1961121228711", "611212 28 71", "611212--2871"),
        *("T61212-2871", "٦١١٢١٢٢٨٧١", "6112122871x", "19-611212-2871", "000000000000000"),
    ],
)
def test_another_form_is_refused(text: str):
    with pytest.raises(PersonnummerError) as refusal:
        parse(text, TODAY)
    assert refusal.value.code == Code.PERSONNUMMER_FORM


@given(st.text() | st.from_regex(r"[0-9]{6,8}[-+]?[0-9]{4}"))
def test_any_text_is_read_or_refused_by_name(text: str):
    with suppress(PersonnummerError):
        assert len(parse(text, TODAY).digits) == 12


@given(official)
def test_the_last_four_never_show(number: str):
    read = parse(number, TODAY)
    assert read.masked == f"{number[:8]}-****"
    assert all(number[8:] not in shown for shown in (str(read), repr(read), f"{read}"))


def test_a_refusal_never_shows_the_number():
    with pytest.raises(PersonnummerError) as refusal:
        parse("196112122872", TODAY)
    assert "2872" not in f"{refusal.value!r} {refusal.value} {refusal.value.params}"


def test_the_same_number_is_the_same_value():
    assert parse("611212-2871", TODAY) == Personnummer("196112122871")
    assert len({parse("6112122871", TODAY), parse("196112122871", TODAY)}) == 1
