"""What a page must keep for everybody: axe finds nothing, nothing overflows, focus is somewhere."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
# What is right is neither listed nor sent: of all axe tells, only its violations are read.
LOOK = """rules => axe.run({ ...rules, resultTypes: ["violations"] })
    .then(({ violations }) => violations)"""


def bring_axe(page: Page) -> None:
    """Give axe to each document the page will open: cheaper than to send it to each."""
    page.add_init_script(AXE_SCRIPT)


def violations(page: Page) -> list[dict[str, Any]]:
    """Return what axe finds wrong on the page as it is now; each document gets axe once."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return page.evaluate(LOOK, RULES)


def described(violation: dict[str, Any]) -> str:
    """Return the rule that is broken, axe's words for it, and the first place where."""
    return f"{violation['id']}: {violation['help']}: {violation['nodes'][0]['html'][:200]}"


def assert_no_axe_violations(page: Page) -> None:
    """Fail with axe's own words unless it finds nothing on the page as it is now."""
    assert [described(each) for each in violations(page)] == []


def assert_fits_its_width(page: Page) -> None:
    """Fail when the page must be scrolled sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
