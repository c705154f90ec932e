"""What the documents say is true: links, commands, words on screen, tables; and they stay ours."""

import datetime
import re
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.core.management import get_commands

from booking import access as booking
from booking.domain import matrix_file
from enrolment.cards import access as cards
from enrolment.people import access as people
from enrolment.people.access import Role
from enrolment.people.domain.staff_file import HEADINGS
from photos.domain.checks import CHECKS
from photos.domain.findings import Answer, Tier
from photos.domain.profile import Limit
from photos.evaluation.quantities import warns
from photos.profiles import PROFILE_KEYS, load_profile

ROOT = Path(__file__).resolve().parents[2]
DOCS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
PICTURES = sorted((ROOT / "docs/pictures").iterdir())
DECISIONS = sorted(path.name for path in (ROOT / "docs/decisions").iterdir())
IN_SWEDISH = [
    ROOT / "docs/tutorial/a-card-in-ten-minutes.md",
    *(ROOT / f"docs/how-to/{name}.md" for name in ("boka-besok", "fotografera")),
    *(ROOT / f"docs/how-to/{name}.md" for name in ("granska-och-bestalla", "lasa-in-personalfil")),
    ROOT / "docs/how-to/hantera-kortutgivare.md",
    ROOT / "docs/how-to/planera-rundor.md",
    ROOT / "docs/how-to/stall-in-planeringen.md",
    ROOT / "docs/how-to/valja-bildprofil.md",
    ROOT / "docs/how-to/halla-bemanningen.md",
    ROOT / "docs/how-to/byta-din-tid.md",
    ROOT / "docs/how-to/andra-meddelandetexter.md",
    ROOT / "docs/how-to/las-laptopen.md",
    ROOT / "docs/how-to/reda-ut-fotograferingar.md",
]
PICTURE_BYTES = 200_000

FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FOREIGN = re.compile(
    r"pypi|npmjs|registry\.|files\.pythonhosted|index-url"  # where packages come from
    r"|(?<![\w&/])#\d+\b|\bissues? \d+|pull request"  # where work is planned
    r"|/(work|home|root|tmp|Users)/",  # where somebody's files lie
    re.IGNORECASE,
)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


each_doc = pytest.mark.parametrize("path", DOCS, ids=name_of)


def prose(text: str) -> str:
    return FENCE.sub("", text)


def anchors(text: str) -> set[str]:
    """Return the anchors that a page's headings make."""
    headings = re.findall(r"^#+ +(.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(path: Path, text: str) -> list[str]:
    return [link for link in LINK.findall(prose(text)) if not leads_somewhere(path, text, link)]


def leads_somewhere(path: Path, text: str, link: str) -> bool:
    if re.match(r"\w+:", link):
        return True
    file, _, anchor = link.partition("#")
    target = path.parent / file
    if not target.exists():
        return False
    return not anchor or anchor in anchors(target.read_text() if file else text)


def unknown_commands(text: str) -> list[str]:
    """Return the commands that code in the text names and the project does not have."""
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    code = "\n".join(CODE.findall(text))
    made = re.findall(r"\bmake(?: \w+=\S+)* ([a-z][\w-]*)", code)
    managed = re.findall(r"manage\.py ([a-z]\w*)", code)
    wrong = {f"make {name}" for name in made if name not in targets}
    return sorted(wrong | {f"manage.py {name}" for name in managed if name not in get_commands()})


def unknown_tests(text: str) -> list[str]:
    """Return the tests that are named and nobody has written; `::name` is in the file before."""
    unknown, file = [], ""
    for path, name in re.findall(r"`(tests/[\w/]+\.py)?::(\w+)`", text):
        file = path or file
        written = (ROOT / file).is_file() and f"def {name}(" in (ROOT / file).read_text()
        unknown += [] if written else [f"{file}::{name}"]
    return unknown


@cache
def words_on_screen() -> frozenset[str]:
    with (ROOT / "enrolment/locale/sv/LC_MESSAGES/django.po").open("rb") as file:
        catalogue = read_po(file, locale="sv")
    strings = (entry.string for entry in catalogue if entry.id)
    return frozenset(
        chain.from_iterable([text] if isinstance(text, str) else text for text in strings)
    )


def words_not_on_screen(text: str) -> list[str]:
    """Return what stands in bold and on no page."""
    bold = re.findall(r"\*\*(.+?)\*\*", prose(text))
    return sorted({word for word in bold if word not in words_on_screen()} - {"fetstil"})


def gaps(names: list[str]) -> list[str]:
    """Return the decision records that are not next in number."""
    return [name for index, name in enumerate(names, 1) if not name.startswith(f"{index:04}-")]


def rows(text: str) -> list[list[str]]:
    """Return the cells of the text's tables, head and rule left out."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [
        row
        for row, after in zip(cells, [*cells[1:], []], strict=True)
        if not is_rule(row) and not is_rule(after)
    ]


def is_rule(row: list[str]) -> bool:
    return bool(row) and all(set(cell) <= set("-: ") and cell for cell in row)


@each_doc
def test_every_link_leads_somewhere(path):
    assert broken_links(path, path.read_text()) == []


@pytest.mark.parametrize("link", ["gone.md", "docs/gone/", "README.md#gone", "#gone"])
def test_a_broken_link_is_found(link):
    text = f"# Here\n\nSee [there]({link}), not [here](#here) or [home](README.md).\n"
    assert broken_links(ROOT / "CONTRIBUTING.md", text) == [link]


@each_doc
def test_every_command_exists(path):
    assert unknown_commands(path.read_text()) == []


def test_a_wrong_command_is_found():
    text = "`make cake`, make believe, `make demo`\n\n```\nmanage.py erase && make X=1 tea\n```\n"
    assert unknown_commands(text) == ["make cake", "make tea", "manage.py erase"]


@each_doc
def test_every_test_that_is_named_is_written(path):
    assert unknown_tests(path.read_text()) == []


def test_a_test_that_nobody_has_written_is_found():
    told = "`tests/domain/test_slots.py::test_none` and `tests/no.py::test_a`, `::test_b`"
    wanted = ["tests/domain/test_slots.py::test_none", "tests/no.py::test_a", "tests/no.py::test_b"]
    assert unknown_tests(told) == wanted


@each_doc
def test_a_document_speaks_of_the_project_alone(path):
    assert [match[0] for match in FOREIGN.finditer(path.read_text())] == []


@pytest.mark.parametrize(
    "text", ["see #12", "issue 7", "https://pypi.example", "/home/me/x", "--index-url y"]
)
def test_a_foreign_word_is_found(text):
    assert FOREIGN.search(text)


@pytest.mark.parametrize("path", IN_SWEDISH, ids=name_of)
def test_every_word_in_bold_is_on_screen(path):
    assert words_not_on_screen(path.read_text()) == []


def test_a_word_that_is_not_on_screen_is_found():
    assert words_not_on_screen("Välj **Boka besök**, inte **Boka kaffe**.") == ["Boka kaffe"]


def test_decisions_are_numbered_without_gaps():
    assert gaps(DECISIONS) == []


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_bears_its_number(name):
    text = (ROOT / "docs/decisions" / name).read_text()
    assert text.startswith(f"# {int(name[:4])}. ")


def test_a_gap_is_found():
    assert gaps(["0001-a.md", "0003-c.md"]) == ["0003-c.md"]


@pytest.mark.parametrize("path", PICTURES, ids=name_of)
def test_a_picture_is_small_and_used(path):
    assert path.stat().st_size <= PICTURE_BYTES
    assert [doc for doc in DOCS if path.name in doc.read_text()]


def test_the_photo_checks_are_those_that_are_made():
    page = (ROOT / "docs/reference/photo-checks.md").read_text()
    told = [[row[0], row[3], row[4], row[6], row[7]] for row in rows(page) if len(row) == 8]
    limits = load_profile().limits
    made = [
        [check.component, check.unit, str(limit), check.tier, limit.source]
        for check in CHECKS
        for limit in [limits[check.limit]]
    ]
    assert told == made


def test_the_photo_checks_name_what_is_on_screen():
    page = (ROOT / "docs/reference/photo-checks.md").read_text()
    assert {row[1] for row in rows(page) if len(row) == 8} <= words_on_screen()
    assert {row[0].strip("`") for row in rows(page) if len(row) == 2} == set(PROFILE_KEYS[1:])


@pytest.mark.parametrize(
    ("bounds", "gravest", "tier", "told"),
    [
        ((0.1, None, None, None), Answer.FAIL, Tier.A, ""),
        ((0.1, None, 0.1, None), Answer.FAIL, Tier.A, ""),
        ((0.2, None, 0.1, None), Answer.FAIL, Tier.A, "≥ 0.1"),
        ((None, 1, None, 2), Answer.FAIL, Tier.B, "≤ 2"),
        ((-5, 5, -10, 10), Answer.FAIL, Tier.A, "-10 – 10"),
        ((-5, 5, None, None), Answer.WARN, Tier.B, "all else"),
        ((None, 8, None, None), Answer.FAIL, Tier.C, "all else"),
        ((None, 8, None, None), Answer.PASS, Tier.B, "never: only told"),
    ],
)
def test_what_warns_is_told(bounds, gravest, tier, told):
    limit = Limit(*bounds, "own choice", datetime.date(2026, 11, 22), gravest)
    assert warns(limit, tier) == told


def test_the_measurements_have_a_place_for_each_command():
    page = (ROOT / "docs/reference/photo-measurements.md").read_text()
    for name in ("evaluate_photos", "evaluate_skin_tone"):
        figures = page.partition(f"<!-- figures: {name} -->\n")[2]
        told, _, after = figures.partition("<!-- end of figures -->")
        assert f"by `manage.py {name}`" in told
        assert len(rows(told)) > 5
        assert after


def test_the_staff_file_page_names_every_heading():
    page = (ROOT / "docs/how-to/lasa-in-personalfil.md").read_text()
    told = [tuple(row[1].split(", ")) for row in rows(page) if len(row) == 4]
    assert sorted(told) == sorted(HEADINGS.values())


def test_the_travel_time_pages_name_every_heading():
    for name in ("docs/how-to/stall-in-planeringen.md", "docs/reference/travel.md"):
        cells = [row[:2] for row in rows((ROOT / name).read_text()) if "," in row[1]]
        told = {(first, *rest.split(", ")) for first, rest in cells}
        assert set(matrix_file.HEADINGS.values()) <= told


DOORS = {
    "people.READERS": people.READERS,
    "people.NEED_OPENERS": people.NEED_OPENERS,
    "people.STAFF_EDITORS": people.STAFF_EDITORS,
    "booking.READERS": booking.READERS,
    "booking.BOOKERS": booking.BOOKERS,
    "booking.PLANNERS": booking.PLANNERS,
    "cards.KEEPERS": cards.KEEPERS,
}
COLUMNS = (
    *(Role.CARE_MANAGER, Role.PLANNER, Role.TECHNICIAN),
    *(Role.ID_ADMINISTRATOR, Role.ADMINISTRATOR, Role.CARD_ISSUER),
)


@pytest.mark.parametrize("door", DOORS)
def test_the_roles_are_those_of_the_doors(door):
    page = (ROOT / "docs/reference/roles.md").read_text()
    told = [row[1:7] for row in rows(page) if row[-1] == f"`{door}`"]
    assert told
    allowed = ["●" if role in DOORS[door] else "" for role in COLUMNS]
    assert [row for row in told if row != allowed] == []


def test_the_page_of_roles_has_every_role():
    assert set(COLUMNS) == set(Role)
