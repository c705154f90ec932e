"""Let tools that are not ours judge the package: openssl, unzip and bagit.py."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from enrolment.desk.demo.story import DemoFailed

SIGNED = "tagmanifest-sha256.txt"


def decrypt(encrypted: Path, key: Path, certificate: Path, folder: Path) -> Path:
    """Decrypt the package by openssl, as its recipient, into an emptied folder; return the ZIP.

    Raises DemoFailed.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    package = folder / encrypted.stem
    command = [_program("openssl"), "cms", "-decrypt", "-binary", "-inform", "DER"]
    command += ["-in", str(encrypted), "-inkey", str(key), "-recip", str(certificate)]
    _run([*command, "-out", str(package)], "openssl cms -decrypt")
    return package


def check_zip(package: Path) -> None:
    """Test the ZIP by unzip. Raises DemoFailed."""
    _run([_program("unzip"), "-tqq", str(package)], "unzip -t")


def unpack(package: Path, folder: Path) -> Path:
    """Unpack the package and return its one bag."""
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
    command = [_program("openssl"), "cms", "-verify", "-binary", "-inform", "DER"]
    command += ["-in", str(bag / f"{SIGNED}.p7s"), "-content", str(bag / SIGNED)]
    command += ["-CAfile", str(certificate), "-out", "/dev/null"]
    _run(command, "openssl cms -verify")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise DemoFailed(f"{name} saknas: installera paketet {name} och kör make demo igen.")
    return found


def _run(command: list[str], name: str) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise DemoFailed(f"{name} underkänner paketet: {result.stderr.strip()[-400:]}")
