"""A browser that is killed loses nothing it said it had kept; the long form is in tests/soak."""

from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.browser.station_kills import assert_nothing_lost, kill_often
from tests.browser.station_upload_server import serving

pytestmark = pytest.mark.browser

KILLS = 6


def test_a_browser_killed_at_random_moments_loses_nothing(
    playwright: Playwright, chromium_path: str, tmp_path: Path
):
    with serving() as server:
        found = kill_often(playwright, chromium_path, server, tmp_path / "profile", KILLS, seed=6)
    assert_nothing_lost(found)
