"""Where the system's Chromium is, and what its absence means."""

import os
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
# The same engine without windows, menus and their own pages: a fourth of the work for each test.
SHELL = "chromium-headless-shell"


def find_shell() -> str:
    """Return the path of the browser for most tests; the whole one does as well, slower."""
    return shutil.which(SHELL) or find_chromium()


def find_chromium() -> str:
    """Return the path of the whole browser, which a profile on the disk is made by.

    Without one the tests are not run, and in CI that is a failure.
    """
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("Chromium is missing: run apt-get install chromium.")
    if found is None:
        pytest.skip("Chromium is missing, so the browser tests are not run.")
    return found
