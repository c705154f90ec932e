"""Let tools that are not ours judge the package: unzip by Python, bagit.py and openssl."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from enrolment.desk.demo.story import DemoFailed

SIGNED = "tagmanifest-sha256.txt"


def unpack(package: Path, folder: Path) -> Path:
    """Unpack the package and return its one bag."""
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    (bag,) = folder.iterdir()
    return bag


def check_bag(bag: Path) -> None:
    """Validate the bag by bagit.py, the Library of Congress's tool. Raises DemoFailed."""
    program = Path(sys.executable).parent / "bagit.py"
    if not program.exists():
        raise DemoFailed("bagit saknas: kör make setup igen.")
    _run([sys.executable, str(program), "--validate", str(bag)], "bagit.py")


def check_signature(bag: Path, certificate: Path) -> None:
    """Verify the detached signature by openssl. Raises DemoFailed."""
    openssl = shutil.which("openssl")
    if openssl is None:
        raise DemoFailed("openssl saknas: installera paketet openssl och kör make demo igen.")
    command = [openssl, "cms", "-verify", "-binary", "-inform", "DER"]
    command += ["-in", str(bag / f"{SIGNED}.p7s"), "-content", str(bag / SIGNED)]
    command += ["-CAfile", str(certificate), "-out", "/dev/null"]
    _run(command, "openssl")


def _run(command: list[str], name: str) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise DemoFailed(f"{name} underkänner paketet: {result.stderr.strip()[-400:]}")
