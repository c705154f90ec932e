"""The box that keeps names on the laptop: opened by a passphrase or a passkey, by nothing else."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from tests.browser.standing_page import StandingPage
from tests.browser.station_store import station_in
from tests.browser.station_upload_server import UploadServer

pytest_plugins = "tests.browser.station_fixtures"
pytestmark = pytest.mark.browser

MODULES = "/static/photos/station"
PASSPHRASE = "tre gula cyklar i regn"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "hasPrf": True,
    "automaticPresenceSimulation": True,
}


# A passphrase takes the laptop's time on purpose: here a thousandth of it, as asked for.
EASED = """
  const whole = SubtleCrypto.prototype.deriveKey;
  window.rounds = [];
  SubtleCrypto.prototype.deriveKey = function ({ iterations, ...how }, ...given) {
    if (iterations) window.rounds.push(iterations);
    return whole.call(this, { ...how, iterations: iterations / 1000 }, ...given);
  };
"""


@pytest.fixture(scope="module")
def eased(bare_chromium: Browser) -> StandingPage:
    return StandingPage(bare_chromium.new_context(), EASED)


@pytest.fixture
def page(eased: StandingPage, standing_server: UploadServer) -> Iterator[Page]:
    with eased.loaded(standing_server.url) as page:
        yield page


def run(page: Page, script: str, argument: object = None) -> object:
    """Run with the lockbox and the database at hand; a StationFault is told as its code."""
    return page.evaluate(
        f"""async (argument) => {{
          const lockbox = await import("{MODULES}/lockbox.js");
          const database = await import("{MODULES}/database.js");
          const [ANN, BO] = ["ann", "bo"].map((id) => ({{ id, name: id.toUpperCase() }}));
          try {{
            return await (async () => {{ {script} }})();
          }} catch (fault) {{
            if (typeof fault.code !== "string") throw fault;
            return fault.code;
          }}
        }}""",
        argument,
    )


def authenticator(context: BrowserContext, page: Page, **differs: object) -> tuple[CDPSession, str]:
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {**AUTHENTICATOR, **differs}
    answer = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, answer["authenticatorId"]


SEAL = "const sealed = await box.seal({ name: 'Åsa Öberg' }, 'visit');"
KEEP = "await database.write('settings', sealed, 'sealed');"
OPEN = "return (await box.open(await database.read('settings', 'sealed'), 'visit')).name;"


def create(page: Page, given: str) -> object:
    script = f"const box = await lockbox.createBox({given}); {SEAL} {KEEP} return box.way;"
    return run(page, script, PASSPHRASE)


def reopen(page: Page, given: str, passphrase: str = PASSPHRASE) -> object:
    page.reload()
    return run(page, f"const box = await lockbox.openBox({given}); {OPEN}", passphrase)


# --- A passphrase -------------------------------------------------------------------------------


def test_a_passphrase_opens_after_a_reload_what_was_sealed(fresh_page):
    page = fresh_page
    assert create(page, "{ passphrase: argument, user: ANN }") == "passphrase"
    assert reopen(page, "{ passphrase: argument }") == "Åsa Öberg"


def test_a_wrong_passphrase_is_told_each_time_and_never_locks_anybody_out(page):
    create(page, "{ passphrase: argument, user: ANN }")
    wrong = "return lockbox.openBox({ passphrase: 'tre gula cyklar i snö' });"
    assert [run(page, wrong) for _each in range(6)] == ["wrong_passphrase"] * 6
    assert reopen(page, "{ passphrase: argument }") == "Åsa Öberg"


@pytest.mark.parametrize(
    ("passphrase", "answer"),
    [
        ("elva tecken", "short_passphrase"),
        ("tolv tecken!", "passphrase"),
        ("😀" * 11, "short_passphrase"),
    ],
)
def test_a_passphrase_has_twelve_characters(page, passphrase, answer):
    made = "return (await lockbox.createBox({ passphrase: argument })).way;"
    assert run(page, made, passphrase) == answer
    assert run(page, "return lockbox.hasBox();") == (answer == "passphrase")


def test_no_passphrase_is_too_short_and_opens_nothing(page):
    assert run(page, "return lockbox.createBox({});") == "short_passphrase"
    create(page, "{ passphrase: argument }")
    assert run(page, "return lockbox.openBox({});") == "wrong_passphrase"


def test_a_letter_typed_as_two_signs_is_the_same_letter(page):
    composed, in_two_signs = "på ängen blå hö", "pa\u030a a\u0308ngen bla\u030a ho\u0308"
    create_with = "await lockbox.createBox({ passphrase: argument });"
    run(page, create_with, composed)
    opened = "return (await lockbox.openBox({ passphrase: argument })).way;"
    assert run(page, opened, in_two_signs) == "passphrase"


def test_without_a_box_there_is_nothing_to_open(page):
    assert run(page, "return lockbox.hasBox();") is False
    assert run(page, "return lockbox.openBox({ passphrase: argument });", PASSPHRASE) == "no_box"
    assert run(page, "return lockbox.openBox({ passkey: true });") == "no_box"


def test_a_forgotten_box_opens_no_more(page):
    create(page, "{ passphrase: argument, user: ANN }")
    run(page, "return lockbox.forgetBox();")
    assert reopen(page, "{ passphrase: argument }") == "no_box"


def test_rounds_and_salt_are_as_promised_and_each_box_has_its_own_salt(page):
    kept = []
    for _each in range(2):
        create(page, "{ passphrase: argument, user: ANN }")
        kept.append(
            run(
                page,
                "const it = await database.read('settings', 'box:ann');"
                "return { rounds: it.rounds, salt: [...it.salt], wrapped: it.wrapped.byteLength };",
            )
        )
    assert [(it["rounds"], len(it["salt"]), it["wrapped"]) for it in kept] == [
        (600_000, 16, 48)
    ] * 2
    assert set(page.evaluate("() => window.rounds")) == {600_000}
    assert kept[0]["salt"] != kept[1]["salt"]


# --- The box ------------------------------------------------------------------------------------


def test_the_key_of_an_open_box_is_nowhere_to_be_had(page):
    members = run(
        page,
        "const box = await lockbox.createBox({ passphrase: argument });"
        "return Object.entries(box).map(([name, value]) => [name, typeof value]);",
        PASSPHRASE,
    )
    texts = [["user", "string"], ["way", "string"]]
    assert members == [*texts, ["seal", "function"], ["open", "function"]]


def test_what_was_sealed_about_one_thing_does_not_open_as_another(page):
    swapped = f"const box = await lockbox.createBox({{ passphrase: argument }}); {SEAL}"
    assert run(page, f"{swapped} return box.open(sealed, 'other');", PASSPHRASE) == "other_box"
    assert run(page, f"{swapped} return (await box.open(sealed, 'visit')).name;", PASSPHRASE)


def test_a_changed_byte_opens_nothing(page):
    changed = (
        f"const box = await lockbox.createBox({{ passphrase: argument }}); {SEAL}"
        "new Uint8Array(sealed.bytes)[5] ^= 1; return box.open(sealed, 'visit');"
    )
    assert run(page, changed, PASSPHRASE) == "other_box"


def test_the_same_is_never_sealed_to_the_same_bytes(page):
    twice = (
        "const box = await lockbox.createBox({ passphrase: argument });"
        "const sealed = [await box.seal({}), await box.seal({})];"
        "return sealed.map(({ nonce, bytes }) => [...nonce, ...new Uint8Array(bytes)].join());"
    )
    assert len(set(run(page, twice, PASSPHRASE))) == 2


def test_a_new_box_does_not_open_what_the_earlier_one_sealed(page):
    create(page, "{ passphrase: argument, user: ANN }")
    again = f"const box = await lockbox.createBox({{ passphrase: argument, user: ANN }}); {OPEN}"
    assert run(page, again, PASSPHRASE) == "other_box"


def test_two_technicians_on_one_laptop_open_their_own_boxes_alone(page):
    create(page, "{ passphrase: argument, user: ANN }")
    run(page, "await lockbox.createBox({ passphrase: 'sju blå båtar på sjön', user: BO });")
    who = "return (await lockbox.openBox({ passphrase: argument })).user;"
    assert run(page, who, PASSPHRASE) == "ann"
    assert run(page, who, "sju blå båtar på sjön") == "bo"
    named = "return lockbox.openBox({ passphrase: argument, user: BO });"
    assert run(page, named, PASSPHRASE) == "wrong_passphrase"
    run(page, "await lockbox.forgetBox('bo');")
    boxes = "return [await lockbox.hasBox('bo'), await lockbox.hasBox('ann')];"
    assert run(page, boxes) == [False, True]


# --- A passkey ----------------------------------------------------------------------------------


def test_a_passkey_opens_after_a_reload_what_was_sealed(profile):
    page = station_in(profile)
    authenticator(profile, page)
    assert create(page, "{ passkey: true, user: ANN }") == "passkey"
    assert run(page, "return lockbox.waysIn();") == ["passkey"]
    assert reopen(page, "{ passkey: true }") == "Åsa Öberg"


def test_a_passkey_needs_that_its_owner_is_verified(profile):
    page = station_in(profile)
    session, id_ = authenticator(profile, page)
    create(page, "{ passkey: true, user: ANN }")
    assert reopen(page, "{ passkey: true }") == "Åsa Öberg"
    unverified = {"authenticatorId": id_, "isUserVerified": False}
    session.send("WebAuthn.setUserVerified", unverified)
    assert reopen(page, "{ passkey: true }") == "passkey_refused"


def test_a_passkey_that_can_keep_no_secret_is_told_and_makes_no_box(profile):
    page = station_in(profile)
    authenticator(profile, page, hasPrf=False)
    assert create(page, "{ passkey: true, user: ANN }") == "no_prf"
    assert run(page, "return lockbox.hasBox();") is False


def test_without_passkeys_in_the_browser_it_is_told(page):
    gone = (
        "delete window.PublicKeyCredential; return lockbox.createBox({ passkey: true, user: ANN });"
    )
    assert run(page, gone) == "no_passkeys"


def test_another_passkey_on_the_same_laptop_does_not_open_the_box(profile):
    page = station_in(profile)
    session, id_ = authenticator(profile, page)
    create(page, "{ passkey: true, user: ANN }")
    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": id_})
    authenticator(profile, page)
    run(page, "await lockbox.createBox({ passkey: true, user: BO });")
    who = "return (await lockbox.openBox({ passkey: true })).user;"
    assert run(page, who) == "bo"
    assert run(page, "return lockbox.openBox({ passkey: true, user: ANN });") == "passkey_refused"


def test_the_secret_of_a_passkey_is_not_on_the_laptop(profile):
    page = station_in(profile)
    authenticator(profile, page)
    create(page, "{ passkey: true, user: ANN }")
    kept = run(page, "return Object.keys(await database.read('settings', 'box:ann')).sort();")
    assert kept == ["credential", "kind", "nonce", "salt", "user", "way", "wrapped"]


# --- What the browser can do --------------------------------------------------------------------


def able(page: Page, before: str = "") -> dict:
    """Ask on a page without a policy of its own: the house's forbids WebAssembly."""
    page.goto(f"{page.url}static/photos/photos.css")
    script = f"{before}; return (await import('{MODULES}/capabilities.js')).capabilities();"
    return run(page, script)


def test_what_this_browser_can_do(page):
    told = able(page)
    sure = {name for name, can in told.items() if can is True}
    assert {"secure", "folder", "wasm", "camera", "worker", "locks", "persist", "prf"} <= sure


def test_webassembly_that_the_policy_forbids_is_not_there(page):
    script = f"return (await import('{MODULES}/capabilities.js')).capabilities();"
    assert run(page, script)["wasm"] is False


@pytest.mark.parametrize(
    ("gone", "name", "answer"),
    [
        ("delete window.showDirectoryPicker", "folder", False),
        ("window.WebAssembly = undefined", "wasm", False),
        ("delete PublicKeyCredential.getClientCapabilities", "prf", None),
        ("delete window.PublicKeyCredential", "prf", False),
        ("delete window.BarcodeDetector", "barcode", False),
    ],
)
def test_a_browser_that_lacks_something_says_so(page, gone, name, answer):
    assert able(page, gone)[name] is answer


@pytest.mark.parametrize(("formats", "answer"), [(["qr_code"], True), (["ean_13"], False)])
def test_a_reader_of_barcodes_must_read_the_one_that_is_printed(page, formats, answer):
    reader = f"window.BarcodeDetector = {{ getSupportedFormats: async () => {formats} }}"
    assert able(page, reader)["barcode"] is answer
