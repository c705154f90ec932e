"""A page for a file of tests: each finds it loaded anew with nothing kept, at half the work."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, CDPSession, Page

from tests.browser.conftest import TIMEOUT


class StandingPage:
    """A page, and what its scripts and its policy have complained of."""

    page: Page
    session: CDPSession
    faults: list[str]

    def __init__(self, context: BrowserContext, script: str = "") -> None:
        context.set_default_timeout(TIMEOUT)
        self.faults = watched(context)
        self.page = context.new_page()
        self.page.add_init_script(where_secure(script))
        self.session = context.new_cdp_session(self.page)

    @contextmanager
    def loaded(self, url: str) -> Iterator[Page]:
        """Load the page, and leave it as if it had never been; a complaint fails the test."""
        self.page.goto(url)
        yield self.page
        self.page.goto("about:blank")
        self.session.send("Storage.clearDataForOrigin", {"origin": url, "storageTypes": "all"})
        assert self.faults == []


def where_secure(script: str) -> str:
    """Keep a script from the empty page there is before one is loaded: it has no cameras."""
    return f"if (isSecureContext) {{ {script} }}"


def watched(context: BrowserContext) -> list[str]:
    """Return the list to which all is added that the pages' scripts and policy complain of."""
    faults: list[str] = []
    context.on("weberror", lambda fault: faults.append(str(fault.error)))
    context.on(
        "console",
        lambda line: faults.append(line.text) if "Security Policy" in line.text else None,
    )
    return faults
