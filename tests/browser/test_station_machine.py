"""The station's pure parts: the machine of states, who is meant by what was typed, who is next."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from booking.domain import own_codes

pytest_plugins = "tests.browser.station_fixtures"
pytestmark = pytest.mark.browser

MODULES = "/static/photos/station"
HYPOTHESIS = {
    "deadline": None,
    "max_examples": 60,
}


@pytest.fixture(scope="module")
def page(pure_page: Page) -> Page:
    return pure_page


def run(page: Page, module: str, script: str, argument: object = None):
    return page.evaluate(
        f"async (argument) => {{ const it = await import('{MODULES}/{module}.js'); {script} }}",
        argument,
    )


def play(page: Page, *events: dict, state: dict | None = None) -> dict:
    script = "return argument[0].reduce(it.next, argument[1] ?? it.START);"
    return run(page, "machine", script, [events, state])


def event(kind: str, **facts) -> dict:
    return {"type": kind, **facts}


UNTIL_SEARCH = [event("unlocked"), event("opened", visit="v"), event("begun")]
UNTIL_IDENTITY = [*UNTIL_SEARCH, event("picked", subject="karin", at=1)]
UNTIL_CAMERA = [*UNTIL_IDENTITY, event("identified", document="passport", at=2)]


def judged(answer: str) -> list[dict]:
    return [event("shot"), event("judged", answer=answer)]


UNTIL_VERDICT = [*UNTIL_CAMERA, *judged("pass")]


# --- The machine --------------------------------------------------------------------------------


def test_a_person_goes_round_from_search_to_search(page):
    state = play(page, *UNTIL_VERDICT, event("accepted"), event("kept", record="r"))
    assert (state["screen"], state["subject"], state["busy"]) == ("search", "", False)
    assert state["last"] == {"record": "r", "subject": "karin"}


@pytest.mark.parametrize(
    ("events", "screen"),
    [
        ([], "lock"),
        ([event("unlocked")], "visits"),
        (UNTIL_SEARCH[:2], "readiness"),
        (UNTIL_SEARCH, "search"),
        (UNTIL_IDENTITY, "identity"),
        (UNTIL_CAMERA, "camera"),
        (UNTIL_VERDICT, "verdict"),
        ([*UNTIL_SEARCH, event("wrapUp")], "wrap_up"),
        ([*UNTIL_SEARCH, event("wrapUp"), event("cleaned")], "clean"),
    ],
)
def test_each_state_is_reached_in_turn(page, events, screen):
    assert play(page, *events)["screen"] == screen


@pytest.mark.parametrize(
    "events",
    [
        [*UNTIL_SEARCH, event("shot")],
        [*UNTIL_IDENTITY, event("shot")],
        [*UNTIL_IDENTITY, event("identified", document="library_card", at=2), event("shot")],
        [*UNTIL_IDENTITY, event("identified", document="vouched", at=2), event("shot")],
        [*UNTIL_IDENTITY, event("panelled", panel="name_differs"), *UNTIL_CAMERA[-1:]],
        [*UNTIL_SEARCH, event("picked", subject="", at=1), *UNTIL_CAMERA[-1:]],
    ],
    ids=["nobody", "no document", "another document", "no voucher", "name differs", "no subject"],
)
def test_nobody_is_photographed_without_a_check_in(page, events):
    assert play(page, *events)["screen"] in {"search", "identity"}


def test_one_press_takes_one_picture(page):
    state = play(page, *UNTIL_CAMERA, event("shot"), event("shot"))
    assert (state["tries"], state["busy"]) == (1, True)


def test_one_press_accepts_once(page):
    once = play(page, *UNTIL_VERDICT, event("accepted"))
    assert play(page, event("accepted"), state=once) == once


def test_a_shot_that_failed_counts_as_no_try(page):
    state = play(page, *UNTIL_CAMERA, event("shot"), event("shotFailed"))
    assert (state["screen"], state["tries"], state["busy"]) == ("camera", 0, False)


def test_what_could_not_be_kept_stays_to_be_accepted_again(page):
    state = play(page, *UNTIL_VERDICT, event("accepted"), event("keepFailed", fault="storage_full"))
    assert (state["screen"], state["fault"], state["busy"]) == ("verdict", "storage_full", False)
    assert play(page, event("accepted"), state=state)["busy"]


VOUCHING = [*UNTIL_IDENTITY, event("panelled", panel="vouching")]


def vouched(name: str) -> dict:
    return event("vouched", name=name, technician="Tea Tekniker", person="Karin Ek", at=3)


def test_somebody_else_vouches_and_is_named(page):
    state = play(page, *VOUCHING, vouched("  Eva   Chef "))
    assert (state["screen"], state["document"]) == ("camera", "vouched")
    assert state["vouchedBy"] == "Eva Chef"


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("", "voucher_missing"),
        ("Eva", "voucher_missing"),
        ("- .", "voucher_missing"),
        ("tea  TEKNIKER", "voucher_is_you"),
        ("Tekniker Tea", "voucher_is_you"),
        ("Karin Ek", "voucher_is_person"),
    ],
)
def test_four_eyes_are_four_eyes(page, name, fault):
    state = play(page, *VOUCHING, vouched(name))
    assert (state["screen"], state["fault"]) == ("identity", fault)


def test_nobody_vouches_unasked(page):
    assert play(page, *UNTIL_IDENTITY, vouched("Eva Chef"))["screen"] == "identity"


THREE_BAD = [*UNTIL_CAMERA, *[*judged("fail"), event("retake")] * 2, *judged("fail")]


def test_after_three_tries_a_reason_lets_a_bad_picture_through(page):
    state = play(page, *THREE_BAD, event("accepted", reason="covering"))
    assert (state["busy"], state["anyway"], state["tries"]) == (True, "covering", 3)


@pytest.mark.parametrize(
    "events",
    [
        [*UNTIL_CAMERA, *judged("fail"), event("accepted")],
        [*UNTIL_CAMERA, *judged("fail"), event("accepted", reason="body")],
        [*THREE_BAD, event("accepted")],
        [*THREE_BAD, event("accepted", reason="in a hurry")],
    ],
    ids=["no reason", "too early", "three tries but no reason", "no reason there is"],
)
def test_a_bad_picture_is_not_let_through(page, events):
    assert not play(page, *events)["busy"]


def test_a_reason_is_kept_for_bad_pictures_alone(page):
    assert play(page, *UNTIL_VERDICT, event("accepted", reason="body"))["anyway"] == ""


DONE = [*UNTIL_VERDICT, event("accepted"), event("kept", record="r")]
NEXT = [event("picked", subject="jonas", at=9), event("identified", document="passport", at=9)]


@pytest.mark.parametrize("more", [[], NEXT[:1], NEXT], ids=["search", "identity", "camera"])
def test_the_last_person_is_taken_back_until_the_next_is_shot(page, more):
    state = play(page, *DONE, *more, event("undone"))
    assert (state["screen"], state["last"]) == ("search", None)


@pytest.mark.parametrize(
    "more", [[*NEXT, event("shot")], [event("released")]], ids=["shot", "sent now"]
)
def test_then_it_is_too_late(page, more):
    state = play(page, *DONE, *more)
    assert state["last"] is None
    assert play(page, event("undone"), state=state) == state


KINDS = {
    "unlocked": {},
    "opened": {"visit": "v"},
    "begun": {},
    "picked": {"subject": "karin", "at": 1},
    "identified": {"document": "passport", "at": 1},
    "panelled": {"panel": "vouching"},
    "vouched": {"name": "Eva Chef", "technician": "Tea Tekniker", "person": "Karin Ek", "at": 1},
    "absent": {},
    "shot": {},
    "judged": {"answer": "fail"},
    "shotFailed": {},
    "retake": {},
    "accepted": {"reason": "body"},
    "kept": {"record": "r"},
    "keepFailed": {"fault": "x"},
    "undone": {},
    "released": {},
    "back": {},
    "wrapUp": {},
}
EVENTS = st.sampled_from([event(kind, **facts) for kind, facts in KINDS.items()])


@given(events=st.lists(EVENTS, max_size=60))
@settings(**HYPOTHESIS)
def test_whatever_happens_in_whatever_order_no_rule_is_broken(page, events):
    script = """
      const states = [it.START];
      for (const event of argument) states.push(it.next(states.at(-1), event));
      return states;
    """
    before = None
    for state in run(page, "machine", script, [*UNTIL_SEARCH, *events]):
        if state["screen"] in {"camera", "verdict"}:
            assert state["subject"]
            assert state["document"]
            assert (state["document"] == "vouched") == bool(state["vouchedBy"])
        if state["anyway"]:
            assert state["tries"] >= 3
        if before and before["screen"] == "verdict" and state["screen"] == "search":
            assert before["busy"]
        before = state


# --- Who is meant -------------------------------------------------------------------------------


def code(number: int) -> str:
    return own_codes.grouped(own_codes.code_of(hashlib.sha256(str(number).encode()).hexdigest()))


PEOPLE = [
    {"given_name": "Karin", "family_name": "Lindqvist", "clock": "09.00", "code": code(1)},
    {"given_name": "Åsa", "family_name": "Ängström", "clock": "09.04", "code": code(2)},
    {"given_name": "Emelie", "family_name": "von Rosenstierna-Berg", "clock": "10.04", "code": ""},
    {"given_name": "Kalle", "family_name": "Öberg 😀", "clock": "", "code": ""},
]


def find(page: Page, typed: str) -> tuple[str, list[str], str]:
    found = run(page, "find", "return it.find(...argument);", [PEOPLE, typed])
    exact = found["exact"] and found["exact"]["given_name"]
    return exact or "", [person["given_name"] for person in found["hits"]], found["told"]


@pytest.mark.parametrize(
    "typed", [code(1), code(1).lower(), code(1).replace("-", " – "), f"{code(1)}\r"]
)
def test_a_code_names_one_person(page, typed):
    assert find(page, typed) == ("Karin", ["Karin"], "")


@pytest.mark.parametrize(
    ("typed", "hits"),
    [
        ("kar", ["Karin"]),
        ("lind ka", ["Karin"]),
        ("ÅSA", ["Åsa"]),
        ("angs", ["Åsa"]),
        ("berg", ["Emelie"]),
        ("ka", ["Karin", "Kalle"]),
        ("9.0", ["Karin", "Åsa"]),
        ("0904", ["Åsa"]),
        ("10:04", ["Emelie"]),
        ("öberg 😀", ["Kalle"]),
    ],
)
def test_parts_of_a_name_and_times_find_people(page, typed, hits):
    assert find(page, typed) == ("", hits, "")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (code(3), "other_visit"),
        ("2345-6789", "misread"),
        ("zebra", "nobody"),
        ("23.59", "nobody"),
        ("x" * 200, "nobody"),
        ("😀", "nobody"),
        ("<script>", "nobody"),
    ],
)
def test_whom_nothing_names_is_told_apart(page, typed, told):
    assert find(page, typed) == ("", [], told)


@given(
    number=st.integers(0, 10**9), slip=st.integers(0, 7), other=st.sampled_from("23456789ABCXYZ")
)
@settings(**HYPOTHESIS)
def test_codes_are_read_as_the_server_reads_them(page, number, slip, other):
    right = own_codes.code_of(hashlib.sha256(str(number).encode()).hexdigest())
    wrong = right[:slip] + other + right[slip + 1 :]
    read = run(page, "find", "return argument.map(it.readCode);", [right, wrong])
    assert read == [right, right if wrong == right else ""]


# --- Who is next --------------------------------------------------------------------------------


def test_the_room_knows_what_happened_there_and_the_server_what_was_before(page):
    people = [
        {"subject": key, "given_name": key, "family_name": "", "time": time, "state": state}
        for key, time, state in [
            ("late", "2031-05-12T11:00:00Z", "booked"),
            ("done", "2031-05-12T09:00:00Z", "done"),
            ("here", "2031-05-12T10:00:00Z", "checked_in"),
            ("gone", "2031-05-12T09:30:00Z", "booked"),
        ]
    ]
    came = [{"subject": "came", "given_name": "Kim", "family_name": "Ek", "walk_in": {}}]
    script = """
      const journal = new Map([["gone", { state: "no_show", at: "2031-05-12T09:40:00Z" }]]);
      const all = it.roster(argument[0], argument[1], journal, (time) => time.slice(11, 16));
      const rows = all.map(({ subject, now }) => [subject, now]);
      return [rows, it.suggested(all).subject, it.totals(all)];
    """
    rows, following, totals = run(page, "roster", script, [people, came])
    assert rows == [
        ["done", "done"],
        ["gone", "no_show"],
        ["here", "waiting"],
        ["late", "waiting"],
        ["came", "waiting"],
    ]
    assert following == "here"
    assert totals == {"all": 5, "done": 1, "no_show": 1, "missing": 3}
