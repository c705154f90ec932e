"""Every file has a known place, no file outgrows its room, and web files meet doors only."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = "enrolment/(audit|messages|people|cards|reports|desk)|booking|photos"
LAYERS = (
    "apps|models|access|queries|forms|views|api|urls|tasks|services|storage|rules|faults|advice|"
    "worker|routing|sms|texts|authentication|weights|handover|sftp|receiver|demo_certificates|pdf|documents|statistics|charts|"
    "context|words|takes|supervisor|health|"
    "checks|triggers|anchor_file|log_words|log_lines"
)
PLACES = [
    r"(README|CHANGELOG|CONTRIBUTING|SECURITY)\.md|LICENSE|Makefile|manage\.py|pyproject\.toml",
    r"publiccode\.yml|package(-lock)?\.json|\.(gitignore|gitattributes|npmrc|python-version)",
    r"requirements(-dev|-node|-models|-receiver)?\.txt|requirements-models\.in",
    r"\.ci/[\w.]+",
    r"docs/(tutorial|how-to|reference|explanation|decisions|pictures)/[\w.-]+\.(md|png)|docs/README\.md",
    r"enrolment/(blanking|settings|environment|middleware|urls|wsgi|jobs|outside|turns|vault|wall|staticfiles)\.py",
    rf"(enrolment|{ROOMS})/__init__\.py",
    r"enrolment/static/.+",
    r"enrolment/locale/sv/LC_MESSAGES/django\.(po|mo)",
    rf"({ROOMS})/({LAYERS})\.py",
    rf"({ROOMS})/(models|services|queries|views|api|forms|domain|demo|worker|receiver|evaluation|documents)/(\w+/)?\w+\.py",
    rf"({ROOMS})/(migrations|templatetags|management|management/commands)/\w+\.py",
    r"photos/(profiles/(__init__\.py|[\w-]+\.toml)|static/photos/.+)",
    r"templates/.+\.(html|svg|txt)|templates/photos/station/sw\.js",
    r"tests/(conftest|databases|portraits|subjects|(\w+_)?builders)\.py",
    r"tests/(domain|services|web|browser|architecture|golden|bench|soak)/[\w/.-]+",
]


def tracked() -> list[str]:
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in names.splitlines() if (ROOT / name).exists()]


def misplaced(names: list[str]) -> list[str]:
    return [name for name in names if not any(re.fullmatch(place, name) for place in PLACES)]


def product_files() -> list[Path]:
    rooms = ("enrolment/", "booking/", "photos/")
    names = [n for n in tracked() if n.startswith(rooms) and n.endswith(".py")]
    return [ROOT / name for name in names if "/migrations/" not in name]


def manager_uses(source: str) -> list[int]:
    """Return the lines that name a model's manager, or reach one through a relation."""
    attributes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)]
    return [node.lineno for node in attributes if node.attr in {"objects", "_default_manager"}]


def web_files() -> list[Path]:
    web = re.compile(r"(views|forms|api|urls|templatetags|context)(\.py|/)")
    return [path for path in product_files() if web.search(str(path.relative_to(ROOT)))]


def test_every_file_has_a_place():
    assert misplaced(tracked()) == []


@pytest.mark.parametrize("name", ["utils.py", "photos/helpers.py", "enrolment/people/stuff/x.py"])
def test_a_file_without_a_place_is_found(name):
    assert misplaced([name]) == [name]


def test_no_file_is_longer_than_400_lines():
    long = [path for path in product_files() if len(path.read_text().splitlines()) >= 400]
    assert long == []


def test_no_function_is_longer_than_50_lines():
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in product_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= 50
    ]
    assert long == []


def test_web_files_name_no_manager():
    uses = {str(path.relative_to(ROOT)): manager_uses(path.read_text()) for path in web_files()}
    assert {name: lines for name, lines in uses.items() if lines} == {}


def test_a_manager_in_a_web_file_is_found():
    assert manager_uses("def page(request):\n    return Staff.objects.all()\n") == [2]


def test_nobody_uses_signals_or_save_overrides():
    found = [
        str(path.relative_to(ROOT))
        for path in product_files()
        if re.search(r"django\.dispatch|models\.signals|def save\(self", path.read_text())
    ]
    assert found == []


def test_migrations_form_one_line_per_room():
    for folder in {
        path.parent for path in ROOT.glob("**/migrations/0*.py") if ".venv" not in str(path)
    }:
        numbers = [path.name[:4] for path in sorted(folder.glob("0*.py"))]
        assert numbers == [f"{index:04}" for index in range(1, len(numbers) + 1)], folder
