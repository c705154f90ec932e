"""A visit made ready offline: its names sealed, its facts in clear, what has changed told."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, Route

from tests.browser.station_packages import ADDRESSES, ANN, VISIT, listed, package, person

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_database")]

MODULES = "/static/photos/station"
KARIN = person(1, "Karin", "Lindqvist", "09:00")
JONAS = person(2, "Jonas", "Ek", "09:10")
ULLA = person(3, "Ulla", "Åberg", "09:20")
PREPARE = "return prepare.prepareVisit(given.visit, box, given.addresses);"
OPEN = "return prepare.openVisit(given.visit, box);"

Answer = Callable[[str, object], None]


@pytest.fixture
def page(context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto(reverse("people:log_in"))
    return page


@pytest.fixture
def server(page) -> Answer:
    """Return a function that says what the server answers at an address from now on."""

    def answers(address: str, told: object, status: int = 200) -> None:
        page.unroute(f"**{address}")
        page.route(f"**{address}", lambda route: route.fulfill(json=told, status=status))

    return answers


def package_address(visit: str = VISIT) -> str:
    return f"{ADDRESSES['visits']}/{visit}"


def run(page: Page, script: str, user: dict = ANN, visit: str = VISIT) -> object:
    """Run with the user's open box at hand; a StationFault is told as its code."""
    given = {"user": user, "visit": visit, "addresses": ADDRESSES}
    return page.evaluate(
        f"""async (given) => {{
          const lockbox = await import("{MODULES}/lockbox.js");
          const prepare = await import("{MODULES}/prepare.js");
          const database = await import("{MODULES}/database.js");
          const outbox = await import("{MODULES}/outbox.js");
          const {{ user }} = given;
          window.boxes ??= {{}};
          const made = () => lockbox.createBox({{ passphrase: "tre gula cyklar", user }});
          const box = (window.boxes[user.id] ??= await made());
          try {{
            return await (async () => {{ {script} }})();
          }} catch (fault) {{
            if (typeof fault.code !== "string") throw fault;
            return fault.code;
          }}
        }}""",
        given,
    )


def test_a_prepared_visit_is_opened_without_the_server(page, server):
    told = package([KARIN, JONAS])
    server(package_address(), told)
    facts = run(page, PREPARE)["facts"]
    assert facts["count"] == 2
    server(package_address(), {}, 500)
    assert run(page, OPEN) == told


def test_only_facts_lie_in_clear_and_no_name(page, server):
    server(package_address(), package([KARIN, JONAS]))
    run(page, PREPARE)
    kept = run(page, "return database.read('visits', given.visit);")
    facts = {"id", "user", "unit", "starts_at", "ends_at", "count", "schema", "version"}
    facts |= {"list_version", "prepared_at", "public_key", "profile", "people"}
    assert set(kept) == facts
    assert sorted(kept["people"]) == ["bytes", "nonce"]
    in_clear = str({name: value for name, value in kept.items() if name != "people"})
    assert [word for word in ("Karin", "Lindqvist", "ABCD", "Ann") if word in in_clear] == []


def test_the_first_time_there_is_nothing_to_compare_with(page, server):
    server(package_address(), package([KARIN]))
    assert run(page, PREPARE)["changes"] is None


def test_preparing_again_says_who_has_come_gone_and_moved(page, server):
    server(package_address(), package([KARIN, JONAS]))
    run(page, PREPARE)
    moved = KARIN | {"time": "2031-05-12T10:00:00+02:00", "state": "done"}
    server(package_address(), package([moved, ULLA], version="2" * 64))
    changes = run(page, PREPARE)["changes"]
    assert changes == {
        "added": [ULLA],
        "removed": [JONAS],
        "moved": [moved | {"earlier": KARIN["time"]}],
    }


def test_preparing_the_same_again_says_that_nothing_has_changed(page, server):
    same_moment = KARIN | {"time": "2031-05-12T07:00:00Z"}
    server(package_address(), package([KARIN]))
    run(page, PREPARE)
    server(package_address(), package([same_moment]))
    assert run(page, PREPARE)["changes"] == {"added": [], "removed": [], "moved": []}


def test_a_list_of_an_earlier_box_is_replaced_and_not_compared(page, server):
    server(package_address(), package([KARIN]))
    run(page, PREPARE)
    run(page, "delete window.boxes[user.id];")
    assert run(page, OPEN) == "other_box"
    assert run(page, PREPARE)["changes"] is None
    assert run(page, OPEN)["people"] == [KARIN]


def test_preparing_and_forgetting_leave_what_has_been_taken(page, server):
    server(package_address(), package([KARIN]))
    run(page, PREPARE)
    keep = """
      const row = { visit: given.visit, subject: "s", user: user.id, device: "d", kind: "photo" };
      const made_at = new Date().toISOString();
      const bytes = new Uint8Array([1, 2, 3]).buffer;
      const journal = (stores) => stores.journal.put({ ...row, done: true });
      await outbox.keep({ ...row, id: "r", sha256: "", made_at, bytes, held: false }, journal);
    """
    run(page, keep)
    run(page, PREPARE)
    run(page, "await prepare.forgetVisit(given.visit);")
    left = "return [await outbox.mine(user.id), await database.readAll('journal')];"
    assert [len(rows) for rows in run(page, left)] == [1, 1]
    assert run(page, OPEN) == "not_prepared"


REFUSED = {401: "log_in", 403: "log_in", 404: "no_visit", 409: "no_visit", 500: "server"}


def test_what_the_server_refuses_is_named_and_the_list_kept(page, server):
    server(package_address(), package([KARIN]))
    run(page, PREPARE)
    for status, code in REFUSED.items():
        server(package_address(), {"code": "no", "message": "Nej"}, status)
        assert run(page, PREPARE) == code, status
        assert run(page, OPEN)["people"] == [KARIN], status


def test_without_a_network_it_says_so_and_the_list_is_kept(page, server, context):
    server(package_address(), package([KARIN]))
    run(page, PREPARE)
    page.unroute_all()
    context.set_offline(True)
    assert run(page, PREPARE) == "no_network"
    assert run(page, "return prepare.listVisits(given.addresses);") == "no_network"
    assert run(page, OPEN)["people"] == [KARIN]


def test_a_change_after_the_download_is_seen(page, server):
    server(package_address(), package([KARIN]))
    run(page, PREPARE)
    lists = [
        (listed(version="2" * 64), "changed"),
        (listed(), "same"),
        (listed(id_="5b1f0c9e-0000-4000-8000-000000000002"), "gone"),
        ({"visits": []}, "gone"),
    ]
    for told, answer in lists:
        server(ADDRESSES["visits"], told)
        seen = run(page, "return prepare.changedSince(given.visit, given.addresses);")
        assert seen == answer, told


def test_the_own_visits_are_listed_and_anothers_only_counted(page, server):
    later = "5b1f0c9e-0000-4000-8000-000000000002"
    starts = {"id": later, "unit": "Ekbacken", "starts_at": "2031-05-12T14:00:00+02:00"}
    first = package([KARIN])
    server(package_address(later), package([ULLA], visit=first["visit"] | starts))
    server(package_address(), first)
    run(page, PREPARE, visit=later)
    run(page, PREPARE)
    bo = {"id": "8", "name": "Bo Tekniker"}
    mine = "return (await prepare.preparedVisits(user.id)).map((visit) => visit.id);"
    assert run(page, mine) == [VISIT, later]
    assert run(page, mine, user=bo) == []
    others = "return prepare.othersPrepared(user.id);"
    assert [run(page, others), run(page, others, user=bo)] == [0, 2]
    assert run(page, OPEN, user=bo) == "other_box"


def test_a_list_moved_to_another_visit_does_not_open(page, server):
    server(package_address(), package([KARIN]))
    run(page, PREPARE)
    other = "5b1f0c9e-0000-4000-8000-000000000002"
    swap = f"""
      const kept = await database.read("visits", given.visit);
      await database.write("visits", {{ ...kept, id: "{other}" }});
    """
    run(page, swap)
    assert run(page, OPEN, visit=other) == "other_box"


AGES = {"2031-05-11T16:00:00+02:00": 0, "2031-05-12T15:59:00+02:00": 23, "2030-01-01": 0}


def test_the_age_is_told_in_hours_and_never_locks_anybody_out(page, server):
    server(package_address(), package([KARIN], prepared_at="2031-05-11T16:00:00+02:00"))
    run(page, PREPARE)
    for now, hours in AGES.items():
        age = f"""
          const [facts] = await prepare.preparedVisits(user.id);
          return prepare.hoursOld(facts, Date.parse("{now}"));
        """
        assert run(page, age) == hours, now


def test_the_laptop_has_one_name_of_its_own_and_tells_it(page):
    headers: list[dict] = []

    def keep(route: Route) -> None:
        headers.append(route.request.headers)
        route.fulfill(json=package([KARIN]))

    page.route(f"**{package_address()}", keep)
    device = run(page, "return prepare.deviceId();")
    run(page, PREPARE)
    page.reload()
    assert run(page, "return prepare.deviceId();") == device
    assert [it["x-device"] for it in headers] == [device]
    assert len(device) == 36
