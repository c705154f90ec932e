"""The table of the security standard is true: a test stands behind each demand that is met."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/reference/asvs.md"
ROW = re.compile(r"^\| V(\d+)\.(\d+)\.(\d+) \|.*$", re.MULTILINE)
STATE = re.compile(r"met|partly: \S.*|not yet")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def faults(text: str) -> list[str]:
    """Return what is wrong with the rows of the table, each with its number."""
    return [fault for line in ROW.finditer(text) for fault in faults_of_row(line[0])]


def faults_of_row(line: str) -> list[str]:
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    if len(cells) != 6:
        return [f"{cells[0]}: {len(cells)} cells"]
    number, level, asks, _here, state, test = cells
    found = NAMED.fullmatch(test)
    wrong = {
        "level": level not in {"1", "2", "3"},
        "asks for nothing": not asks,
        "state": not STATE.fullmatch(state),
        "met without a test": state == "met" and not test,
        "done in part, by a test": state == "not yet" and bool(test),
        "no such test": bool(test) and not (found and found[2] in names_in(found[1])),
    }
    return [f"{number}: {fault}" for fault, is_so in wrong.items() if is_so]


@cache
def names_in(path: str) -> frozenset[str]:
    file = ROOT / path
    tree = ast.parse(file.read_text() if file.exists() else "")
    names = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return frozenset(name for name in names if name.startswith("test_"))


def test_every_row_holds():
    assert faults(PAGE.read_text()) == []


def test_rows_stand_in_order_and_once_each():
    numbers = [tuple(map(int, row.groups())) for row in ROW.finditer(PAGE.read_text())]
    assert numbers == sorted(set(numbers))
    assert len(numbers) > 100
    assert PAGE.read_text().count("\n| V") == len(numbers)


THIS = "`tests/architecture/test_asvs.py::test_every_row_holds`"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("| V1.1.1 | 1 | this | so | met | |", "V1.1.1: met without a test"),
        ("| V1.1.1 | 1 | this | so | met | `tests/a.py::test_b` |", "V1.1.1: no such test"),
        (f"| V1.1.1 | 1 | this | so | met | {THIS[:-1]}x` |", "V1.1.1: no such test"),
        ("| V1.1.1 | 1 | this | so | met | a test |", "V1.1.1: no such test"),
        (f"| V1.1.1 | 4 | this | so | met | {THIS} |", "V1.1.1: level"),
        (f"| V1.1.1 | 2 | this | so | done | {THIS} |", "V1.1.1: state"),
        (f"| V1.1.1 | 2 | this | so | partly | {THIS} |", "V1.1.1: state"),
        (f"| V1.1.1 | 2 | this | so | not yet | {THIS} |", "V1.1.1: done in part, by a test"),
        (f"| V1.1.1 | 2 | this | met | {THIS} |", "V1.1.1: 5 cells"),
    ],
)
def test_a_row_that_does_not_hold_is_found(row, fault):
    assert faults(row) == [fault]


def test_a_row_that_holds_is_let_through():
    assert faults(f"| V1.1.1 | 1 | this | so | met | {THIS} |") == []
    assert faults("| V1.1.1 | 1 | this | | not yet | |") == []
