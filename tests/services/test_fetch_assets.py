"""Set-up copies the browser files we name, and says what to run when it cannot."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as house
from django.core.management import CommandError, call_command

from enrolment.desk.management.commands import fetch_assets
from enrolment.reports.domain.lettering import FONT_FILES

ROOT = Path(house.BASE_DIR)


@pytest.fixture
def targets(settings, tmp_path: Path) -> Path:
    folder = tmp_path / "assets"
    settings.VENDOR_DIR = folder / "vendor"
    settings.ICONS_DIR = folder / "icons"
    settings.FONTS_DIR = folder / "fonts"
    return folder


def test_copies_every_named_file_with_its_licence(targets: Path) -> None:
    call_command("fetch_assets", stdout=StringIO())
    copied = {str(path.relative_to(targets)) for path in targets.rglob("*") if path.is_file()}
    assert copied == {
        *(f"vendor/{target}" for _, _, target in fetch_assets.FILES),
        *(f"icons/{name}.svg" for name in fetch_assets.ICONS),
        "icons/LICENSE.txt",
        *(f"fonts/{file}" for file in FONT_FILES.values()),
        "fonts/LICENSE.txt",
    }
    source = ROOT / "node_modules" / "htmx.org" / "dist" / "htmx.min.js"
    assert (targets / "vendor/htmx/htmx.min.js").read_bytes() == source.read_bytes()


def test_running_again_replaces_a_damaged_copy(targets: Path) -> None:
    call_command("fetch_assets", stdout=StringIO())
    copy = targets / "vendor/bootstrap/bootstrap.min.css"
    whole = copy.read_bytes()
    copy.write_bytes(whole[:100])
    call_command("fetch_assets", stdout=StringIO())
    assert copy.read_bytes() == whole


def test_without_node_modules_the_message_says_what_to_run(targets: Path, settings) -> None:
    settings.BASE_DIR = targets / "elsewhere"
    with pytest.raises(CommandError, match="npm ci"):
        call_command("fetch_assets")
    assert not (targets / "vendor").exists()


def test_a_missing_file_is_named_and_nothing_is_copied(targets: Path, settings) -> None:
    settings.BASE_DIR = targets / "half"
    (settings.BASE_DIR / "node_modules" / "bootstrap").mkdir(parents=True)
    with pytest.raises(CommandError, match=r"htmx\.org/dist/htmx\.min\.js"):
        call_command("fetch_assets")
    assert not (targets / "vendor").exists()


def test_every_package_is_pinned_exactly_and_the_lock_names_no_host() -> None:
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    locked = json.loads(text)["packages"]
    assert "://" not in text
    for name, version in wanted.items():
        entry = locked[f"node_modules/{name}"]
        assert entry["version"] == version
        assert entry["integrity"].startswith("sha512-")
    used = {package for package, _, _ in fetch_assets.FILES}
    assert used | {fetch_assets.ICON_PACKAGE, fetch_assets.FONT_PACKAGE} <= set(wanted)


def test_modules_import_each_other_by_hashed_names(targets: Path, settings) -> None:
    call_command("fetch_assets", stdout=StringIO())
    settings.STATIC_ROOT = targets / "static"
    settings.STATICFILES_DIRS = [ROOT / "enrolment" / "static", settings.VENDOR_DIR]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "enrolment.staticfiles.HashedModules"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    manifest = json.loads((targets / "static" / "staticfiles.json").read_text(encoding="utf-8"))
    page = (targets / "static" / manifest["paths"]["shared/page.js"]).read_text(encoding="utf-8")
    hashed = manifest["paths"]["shared/dialog.js"].rpartition("/")[2]
    assert f'"./{hashed}"' in page
    assert hashed != "dialog.js"
