"""Where the system's Chromium is, and what its absence means."""

import os
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str:
    """Return its path; without one the tests are not run, and in CI that is a failure."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("Chromium is missing: run apt-get install chromium.")
    if found is None:
        pytest.skip("Chromium is missing, so the browser tests are not run.")
    return found
