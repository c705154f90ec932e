"""What stands above the screen: notices that are put away, and a bar with room for all it says."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import assert_fits_its_width, assert_no_axe_violations
from tests.browser.station_driver import PATIENCE, begin, in_control, screen, unlock, until_camera

pytest_plugins = ["tests.browser.station_visit"]
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_database")]

# Resolves when a version lies ready that did not before.
UPDATED = """async () => {
  const registration = await navigator.serviceWorker.getRegistration("/");
  const before = registration.waiting;
  const { promise, resolve } = Promise.withResolvers();
  registration.addEventListener("updatefound", () => {
    registration.installing.addEventListener("statechange", ({ target }) => {
      if (target.state === "installed") resolve(registration.waiting !== before);
    });
  });
  await registration.update();
  return promise;
}"""
EVERYTHING = """() => {
  for (const part of document.querySelectorAll(".rig-bar [hidden]")) part.hidden = false;
  const slot = (name) => document.querySelector(`.rig-bar [data-slot=${name}]`);
  document.querySelector(".rig-bar [data-network=yes]").hidden = true;
  slot("unit").textContent = "Hemtjänsten i Björkgården";
  slot("camera").textContent = "Integrated Camera (04f2:b2ea)";
}"""
TOLD = """async ([name, words]) => {
  const { notice } = await import("/static/photos/station/notices.js");
  notice(name, words);
}"""


@pytest.fixture
def page(karin, station_page) -> Page:
    return station_page


def tell(page: Page, name: str, words: str = "") -> Locator:
    """Show a notice as the station does."""
    page.evaluate(TOLD, [name, words])
    notice = page.locator(f"[data-notice={name}]")
    expect(notice).to_be_visible()
    return notice


@pytest.mark.usefixtures("service_worker")
def test_a_new_version_is_put_away_until_the_station_is_opened_again(page, monkeypatch):
    begin(page)
    in_control(page)
    new_version(page, monkeypatch, "one")
    notice = page.locator("[data-notice=new_version]")
    expect(notice).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Shift+Tab")
    expect(notice.locator("[data-closes]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(notice).to_be_hidden()
    expect(page.locator("#search")).to_be_focused()
    new_version(page, monkeypatch, "two")
    expect(notice).to_be_hidden()
    page.reload()
    screen(page, "lock")
    expect(notice).to_be_visible(timeout=PATIENCE)
    notice.locator("[data-closes]").click()
    expect(notice).to_be_hidden()


def new_version(page: Page, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    words = {"advice": {"new": word}, "components": {}}
    monkeypatch.setattr("photos.views.shell.station_words", lambda: words)
    assert page.evaluate(UPDATED)


def test_escape_puts_a_notice_away_and_the_keys_go_on_where_they_were(page):
    begin(page)
    until_camera(page)
    notice = tell(page, "new_version")
    assert_no_axe_violations(page)
    notice.locator("#take-new-version").focus()
    page.keyboard.press("Escape")
    expect(notice).to_be_hidden()
    expect(page.locator("#shutter")).to_be_focused()
    screen(page, "camera")


def test_what_is_told_anew_is_shown_anew(page):
    begin(page)
    for words in ("one", "two"):
        notice = tell(page, "changed", words)
        expect(notice).to_contain_text(words)
        notice.locator("[data-closes]").click()
        expect(notice).to_be_hidden()
        expect(page.locator("#search")).to_be_focused()


@pytest.mark.parametrize("width", [1280, 1366, 1920])
def test_the_bar_has_room_for_everything_it_may_say(page, width):
    page.set_viewport_size({"width": width, "height": 768})
    unlock(page)
    expect(page.locator("[data-network=yes]")).to_be_visible()
    page.evaluate(EVERYTHING)
    assert_fits_its_width(page)
    right = page.locator("#open-outbox").evaluate("(it) => it.getBoundingClientRect().right")
    assert right <= width
    parts = page.locator(".rig-status > li, .rig-outbox > span")
    edges = parts.evaluate_all("(all) => all.map((it) => it.getBoundingClientRect().right)")
    assert max(edges) <= width


def test_a_clean_laptop_has_let_go_of_the_camera(page):
    begin(page)
    live = "() => document.getElementById('video').srcObject?.getVideoTracks()[0].readyState ?? ''"
    expect(page.locator(".rig-camera")).to_be_visible(timeout=PATIENCE)
    assert page.evaluate(live) == "live"
    page.keyboard.press("F9")
    screen(page, "wrap_up")
    page.click("#clean")
    screen(page, "clean")
    assert page.evaluate(live) == ""
    expect(page.locator(".rig-camera")).to_be_hidden()
