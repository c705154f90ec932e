"""The receiver packed into one file runs where nothing else of this house is installed."""

import re
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

from tests.tampering_builders import BATCH, Desk, bag_files, encrypted, escrow, zipped

pytestmark = pytest.mark.sqlite

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / ".ci" / "receiver.py"
LOCK = ROOT / "requirements-receiver.txt"

# Isolated, without site-packages: the standard library, the receiver, and the folder named first.
RUN = """
import runpy, sys
packages, *sys.argv = sys.argv[1:]
sys.path.append(packages)
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    print(*{str(getattr(module, "__file__", "")) for module in sys.modules.values()}, sep="\\n")
    print("django" in sys.modules)
"""


@pytest.fixture(scope="module")
def receiver(tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("packed") / "receiver.pyz"
    subprocess.run([sys.executable, PACK, target], check=True)
    return target


@pytest.fixture(scope="module")
def packages(tmp_path_factory) -> Path:
    """Return a folder with those packages alone that the lock names, for this Python."""
    folder = tmp_path_factory.mktemp("packages")
    for name in re.findall(r"^([\w-]+)==", LOCK.read_text(), re.MULTILINE):
        package = distribution(name)
        for top in {path.parts[0] for path in package.files or []} - {".."}:
            (folder / top).symlink_to(package.locate_file(top))
    return folder


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.put_files(bag_files())
    return made


def run(receiver: Path, packages: Path, desk: Desk) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", RUN, packages, receiver, *desk.words()],
        cwd=desk.inbox,
        capture_output=True,
        text=True,
        check=False,
    )


def test_alone_it_receives_a_package(receiver, packages, desk):
    done = run(receiver, packages, desk)
    assert done.returncode == 0, done.stderr
    assert f"{BATCH} är mottagen.\nBeställningar: 3. Bilder: 2.\n" in done.stdout
    assert desk.receipt("1")["status"] == "RECEIVED"
    assert desk.receipt("2")["counts"]["accepted"] == 3


def test_alone_it_needs_nothing_of_the_checkout_and_no_django(receiver, packages, desk):
    *places, django = run(receiver, packages, desk).stdout.splitlines()
    modules = [place for place in places if place.endswith(".py")]
    assert f"{receiver}/enrolment/cards/receiver/command.py" in modules
    assert [place for place in modules if place.startswith(str(ROOT / "enrolment"))] == []
    assert django == "False"


def test_alone_it_refuses_a_package_to_somebody_else(receiver, packages, desk):
    content = zipped(bag_files())
    desk.put(encrypted(content, escrow()), content)
    done = run(receiver, packages, desk)
    assert done.returncode == 1
    assert "ENVELOPE_NOT_FOR_THIS_KEY: " in done.stderr


def test_without_words_it_tells_how_it_is_used(receiver, packages):
    command = [sys.executable, "-I", "-S", "-c", RUN, packages, receiver]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: receiver.pyz ")


def test_the_same_sources_make_the_same_file(receiver, tmp_path):
    subprocess.run([sys.executable, PACK, tmp_path / "again.pyz"], check=True)
    assert (tmp_path / "again.pyz").read_bytes() == receiver.read_bytes()
