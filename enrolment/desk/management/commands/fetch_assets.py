"""Copy the browser files and fonts we use out of the installed npm packages."""

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from enrolment.reports.domain.lettering import FONT_FILES

# npm package, path inside it, target below VENDOR_DIR. The source map comes along because the
# hashing of static files follows every reference in a style sheet.
FILES = (
    ("bootstrap", "dist/css/bootstrap.min.css", "bootstrap/bootstrap.min.css"),
    ("bootstrap", "dist/css/bootstrap.min.css.map", "bootstrap/bootstrap.min.css.map"),
    ("bootstrap", "LICENSE", "bootstrap/LICENSE.txt"),
    ("htmx.org", "dist/htmx.min.js", "htmx/htmx.min.js"),
    ("htmx.org", "LICENSE", "htmx/LICENSE.txt"),
    ("@litertjs/core", "dist/index.js", "litert/core/index.js"),
    ("@litertjs/core", "dist/index.js.map", "litert/core/index.js.map"),
    ("@litertjs/core", "package.json", "litert/core/package.json"),
    ("@litertjs/core", "wasm/litert_wasm_compat_internal.js", "litert/core/loader.js"),
    ("@litertjs/core", "wasm/litert_wasm_compat_internal.wasm", "litert/core/litert.wasm"),
    ("@litertjs/wasm-utils", "dist/index.js", "litert/wasm-utils/index.js"),
    ("@litertjs/wasm-utils", "dist/index.js.map", "litert/wasm-utils/index.js.map"),
    ("@litertjs/wasm-utils", "package.json", "litert/wasm-utils/package.json"),
)

# A package's name means nothing to a browser without an import map, which would have to stand
# inline in the page. In these copies it gives way to where the other package's copy lies.
REWRITTEN = {
    "litert/core/index.js": ('from "@litertjs/wasm-utils"', 'from "../wasm-utils/index.js"'),
}

ICON_PACKAGE = "bootstrap-icons"
ICON_LICENCE = "LICENSE"
# Every icon a page may draw with {% icon %}. Add a name here before using it.
ICONS = (
    "arrow-clockwise arrow-counterclockwise arrow-left arrow-repeat arrow-right box-arrow-right "
    "box-seam building buildings calendar-check calendar-plus calendar-x calendar3 camera "
    "camera-fill card-checklist card-image cart check-circle check-circle-fill check-lg "
    "chevron-down chevron-left chevron-right circle clipboard-check clock clock-history "
    "cloud-arrow-up cloud-check credit-card-2-front dash-circle door-open download envelope "
    "envelope-check exclamation-circle exclamation-triangle exclamation-triangle-fill eye "
    "eye-slash file-earmark-arrow-up file-earmark-pdf file-earmark-text filter flag gear geo-alt "
    "hourglass-split house image images inbox info-circle journal-text key keyboard lightbulb "
    "list list-check lock mailbox map patch-check pause-circle pencil people people-fill person "
    "person-badge person-check person-dash person-lock person-plus person-vcard person-x "
    "play-circle plus-lg printer qr-code question-circle receipt search send shield-check "
    "shield-exclamation shield-lock signpost-split slash-circle sliders star sun table telephone "
    "trash truck upc-scan upload wifi wifi-off x-circle x-circle-fill x-lg x-octagon"
).split()

FONT_PACKAGE = "dejavu-fonts-ttf"
FONT_LICENCE = "LICENSE"


class Command(BaseCommand):
    """Fill VENDOR_DIR, ICONS_DIR and FONTS_DIR from node_modules; running it again is harmless."""

    help = "Copy style sheet, scripts, icons and fonts from node_modules to the ignored var folder."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Copy every file, or stop with a message that says what to run."""
        packages = Path(settings.BASE_DIR) / "node_modules"
        if not packages.is_dir():
            raise CommandError(f"{packages} is missing. Run `npm ci` first.")
        wanted = [*_files(packages), *_icons(packages), *_fonts(packages)]
        missing = [source for source, _ in wanted if not source.is_file()]
        if missing:
            names = ", ".join(str(source.relative_to(packages)) for source in missing)
            raise CommandError(f"Not found in node_modules: {names}. Run `npm ci` again.")
        for source, target in wanted:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        for name, (bare, relative) in REWRITTEN.items():
            _rewrite(Path(settings.VENDOR_DIR) / name, bare, relative)
        self.stdout.write(f"{len(wanted)} files copied.")


def _rewrite(path: Path, bare: str, relative: str) -> None:
    text = path.read_text(encoding="utf-8")
    if text.count(bare) != 1:
        raise CommandError(f"{path.name}: {bare} is not there once. Run `npm ci` again.")
    path.write_text(text.replace(bare, relative), encoding="utf-8")


def _files(packages: Path) -> list[tuple[Path, Path]]:
    vendor = Path(settings.VENDOR_DIR)
    return [(packages / package / inside, vendor / target) for package, inside, target in FILES]


def _icons(packages: Path) -> list[tuple[Path, Path]]:
    package, folder = packages / ICON_PACKAGE, Path(settings.ICONS_DIR)
    drawings = [(package / "icons" / f"{name}.svg", folder / f"{name}.svg") for name in ICONS]
    return [*drawings, (package / ICON_LICENCE, folder / "LICENSE.txt")]


def _fonts(packages: Path) -> list[tuple[Path, Path]]:
    package, folder = packages / FONT_PACKAGE, Path(settings.FONTS_DIR)
    fonts = [(package / "ttf" / file, folder / file) for file in FONT_FILES.values()]
    return [*fonts, (package / FONT_LICENCE, folder / "LICENSE.txt")]
