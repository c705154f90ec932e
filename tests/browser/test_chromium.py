"""A missing Chromium is told, and in CI it fails the run."""

import pytest

from tests.browser.chromium import find_chromium, find_shell


@pytest.fixture
def no_chromium(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))


def test_on_a_developers_machine_the_browser_tests_are_not_run(no_chromium, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="Chromium is missing"):
        find_chromium()


def test_in_ci_a_missing_chromium_is_a_failure(no_chromium, monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="Chromium is missing"):
        find_chromium()


def test_the_systems_chromium_is_found_by_its_name(no_chromium, tmp_path):
    program = tmp_path / "chromium-browser"
    program.touch(mode=0o755)
    assert find_chromium() == str(program)


def test_most_tests_take_the_shell_and_where_there_is_none_the_whole(no_chromium, tmp_path):
    (tmp_path / "chromium").touch(mode=0o755)
    assert find_shell() == find_chromium() == str(tmp_path / "chromium")
    (tmp_path / "chromium-headless-shell").touch(mode=0o755)
    assert find_shell() == str(tmp_path / "chromium-headless-shell")
