"""The table of what may go wrong at the station names tests that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs/reference/station.md"
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def test_every_test_that_the_table_of_faults_names_is_there():
    section = TABLE.read_text().split("## What may go wrong")[1].split("\n## ")[0]
    named = NAMED.findall(section)
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert all(NAMED.search(row) for row in rows)
    assert len(named) >= len(rows) > 20
    missing = [f"{file}::{name}" for file, name in named if not is_there(file, name)]
    assert missing == []


def is_there(file: str, name: str) -> bool:
    path = ROOT / (file if "/" in file else f"tests/browser/{file}")
    return path.exists() and f"\ndef {name}(" in path.read_text()
