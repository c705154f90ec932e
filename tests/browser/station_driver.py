"""A technician at the capture station: the keys and clicks of a visit, for tests in a browser."""

from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

# A machine that does much else at the same time is slow, milliseconds.
PATIENCE = 30_000

PASSPHRASE = "fyra hästar i regn"


def screen(page: Page, name: str) -> Locator:
    """Return a screen, once it is the one that is shown."""
    shown = page.locator(f"[data-screen={name}]")
    expect(shown).to_be_visible(timeout=PATIENCE)
    return shown


def unlock(page: Page) -> None:
    """Open the station and choose a lock, or open the one there is."""
    page.goto(reverse("photos:station"))
    screen(page, "lock")
    expect(page.locator("#passphrase")).to_be_focused(timeout=PATIENCE)
    page.fill("#passphrase", PASSPHRASE)
    if page.locator("#passphrase-again").is_visible():
        page.fill("#passphrase-again", PASSPHRASE)
    page.keyboard.press("Enter")
    screen(page, "visits")


def prepare(page: Page) -> None:
    """Unlock, fetch the one visit there is and go as far as the readiness check."""
    unlock(page)
    page.locator("[data-act=fetch]:visible").click()
    open_visit(page)


def open_visit(page: Page) -> None:
    """Open the visit that lies ready, and wait for the readiness check to end."""
    page.locator("[data-act=open]:visible").click()
    screen(page, "readiness")
    expect(page.locator("#answers:not([aria-busy]) .answer").first).to_be_visible(timeout=PATIENCE)


def begin(page: Page) -> None:
    """Have a visit before one, with the question who is next."""
    prepare(page)
    page.click("#begin")
    screen(page, "search")
    expect(page.locator("#search")).to_be_focused()


def until_camera(page: Page, document: str = "1") -> None:
    """Take the next in turn as far as a camera that runs."""
    page.keyboard.press("Enter")
    screen(page, "identity")
    page.keyboard.press(document)
    screen(page, "camera")
    expect(page.locator("#shutter")).to_be_focused()
    expect(page.locator("#camera-wait")).to_be_hidden(timeout=PATIENCE)


def until_folder(page: Page) -> None:
    """Go on as far as a camera whose folder is watched for the person at hand."""
    until_camera(page)
    expect(watched(page)).to_be_visible(timeout=PATIENCE)


def watched(page: Page) -> Locator:
    """Return what tells that the camera's folder is watched for the person at hand."""
    return page.locator("[data-screen=camera] [data-part=watched]")


def shoot(page: Page) -> None:
    """Take the photo and wait for what is said about it."""
    page.keyboard.press("Enter")
    screen(page, "verdict")


def photograph(page: Page) -> None:
    """Take the next in turn all the way."""
    until_camera(page)
    shoot(page)
    expect(page.locator("#accept")).to_be_focused()
    page.keyboard.press("Enter")
    screen(page, "search")


def in_control(page: Page) -> None:
    """Wait until the station opens without a network."""
    page.evaluate(
        """() => new Promise((resolve) => {
          if (navigator.serviceWorker.controller) resolve();
          else navigator.serviceWorker.addEventListener("controllerchange", () => resolve());
        })"""
    )


def count(page: Page, state: str) -> Locator:
    """Return the number that stands for a state of sending, at the top."""
    return page.locator(f"#open-outbox [data-slot={state}]")
