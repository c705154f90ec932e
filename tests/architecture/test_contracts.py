"""Each import contract, broken on purpose in a copy of the house, is caught."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BREAKS = {
    "rooms": ("booking/queries/__init__.py", "import photos.models\n"),
    "layers": ("booking/queries/__init__.py", "import booking.services.visits\n"),
    "bottom": ("enrolment/audit/models.py", "import enrolment.audit.services\n"),
    "pure-domain": ("booking/domain/slots.py", "import django.conf\n"),
    "receiver": ("enrolment/cards/receiver/ledger.py", "import django.conf\n"),
    "reportlab": ("enrolment/cards/queries/orders.py", "import reportlab\n"),
    "queue": ("photos/queries/review.py", "import django_q.tasks\n"),
    "cycles": ("enrolment/people/domain/refusal.py", "import enrolment.people.domain.stages\n"),
    "places": ("photos/helpers.py", ""),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Path:
    copy = tmp_path_factory.mktemp("house")
    for room in ("enrolment", "booking", "photos"):
        shutil.copytree(ROOT / room, copy / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "lint-imports"
    return subprocess.run(
        [program, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )


def test_the_house_keeps_its_contracts(house):
    result = lint(house)
    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


@pytest.mark.parametrize("contract", BREAKS)
def test_a_broken_contract_is_caught(house, contract):
    name, line = BREAKS[contract]
    path = house / name
    kept = path.read_text() if path.exists() else None
    path.write_text((kept or "") + line)
    try:
        result = lint(house)
    finally:
        path.unlink() if kept is None else path.write_text(kept)
    assert result.returncode == 1, result.stdout
