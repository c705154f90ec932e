"""The locks pin everything by hash and name no host."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = [*sorted(ROOT.glob("requirements*.txt")), ROOT / "package-lock.json"]
HOST = re.compile(r"https?://|--(extra-)?index-url|--find-links|registry\.|file:/", re.IGNORECASE)


def hosts(text: str) -> list[str]:
    return [line for line in text.splitlines() if HOST.search(line)]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_no_host(lock):
    text = lock.read_text()
    if lock.suffix == ".json":
        text = "\n".join(_resolved(json.loads(text)))
    assert hosts(text) == []


@pytest.mark.parametrize(
    "line",
    ['"resolved": "https://a.example/x.tgz"', "--index-url https://a.example", "--find-links /x"],
)
def test_a_host_in_a_lock_is_found(line):
    assert hosts(f"six==1.17.0\n{line}\n") == [line]


@pytest.mark.parametrize("lock", LOCKS[:-1], ids=lambda path: path.name)
def test_every_pin_has_a_hash(lock):
    requirements = re.split(r"\n(?=\S)", lock.read_text())
    pins = [pin for pin in requirements if pin.strip() and not pin.startswith("#")]
    assert pins
    assert [pin for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


def test_every_browser_package_has_an_integrity_hash():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    installed = {name: package for name, package in packages.items() if name}
    assert installed
    assert [name for name, package in installed.items() if "integrity" not in package] == []


def _resolved(lock: dict) -> list[str]:
    """Return the addresses to fetch from; a package's home page and funding page are no hosts."""
    return [package.get("resolved", "") for package in lock["packages"].values()]
