"""What a page must keep for everybody: axe finds nothing, nothing overflows, focus is somewhere."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}


def assert_no_axe_violations(page: Page) -> None:
    """Fail with axe's own words unless it finds nothing on the page as it is now."""
    results = Axe().run(page, options=RULES)
    assert results.violations_count == 0, results.generate_report()


def assert_fits_its_width(page: Page) -> None:
    """Fail when the page must be scrolled sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
