"""The models that the station's browser runs: laid ready at set-up, but for a shape unchanged."""

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings as house
from django.core.management import call_command

from enrolment.desk.management.commands import fetch_assets
from photos import weights
from photos.domain import face
from photos.domain.network import Interpreter, Network
from tests import portraits


@pytest.fixture
def laid(settings, tmp_path: Path) -> Path:
    settings.VENDOR_DIR = tmp_path / "vendor"
    call_command("fetch_models", stdout=StringIO())
    return settings.VENDOR_DIR / "models"


def pinned(name: str) -> bytes:
    return weights.load(portraits.models_folder(), name)


def signatures(model: bytes) -> list[tuple[int, ...]]:
    interpreter = Interpreter(model_content=model)
    return [tuple(map(int, each["shape_signature"])) for each in interpreter.get_tensor_details()]


def test_every_model_lies_ready_for_the_browser(laid):
    assert {path.name for path in laid.iterdir()} == set(face.MODELS)
    for name in face.MODELS:
        assert (laid / name).read_bytes() == weights.browser_copy(name, pinned(name))


def test_no_copy_has_an_open_batch_and_only_the_landmark_model_had_one():
    opened = {name for name in face.MODELS if any(-1 in each for each in signatures(pinned(name)))}
    assert opened == set(weights.BROWSER_SHA256) == {face.LANDMARKS}
    for name in face.MODELS:
        copy = weights.browser_copy(name, pinned(name))
        assert len(copy) == len(pinned(name))
        assert not any(-1 in each for each in signatures(copy))


def test_the_copy_says_what_the_pinned_model_says():
    model = pinned(face.LANDMARKS)
    view = np.random.default_rng(1).random((1, 256, 256, 3), np.float32)
    of_copy = Network(weights.browser_copy(face.LANDMARKS, model)).run(view)
    for expected, output in zip(Network(model).run(view), of_copy, strict=True):
        assert np.array_equal(expected, output)


def test_a_copy_of_another_file_is_refused():
    model = pinned(face.LANDMARKS)
    with pytest.raises(weights.WeightChanged, match="fetch_models"):
        weights.browser_copy(face.LANDMARKS, model[:-1] + b"x")


def test_running_again_writes_nothing_but_what_is_damaged(laid, settings):
    damaged, whole = laid / face.LANDMARKS, laid / face.IRIS
    before = whole.stat().st_mtime_ns
    damaged.write_bytes(b"half")
    call_command("fetch_models", stdout=StringIO())
    assert whole.stat().st_mtime_ns == before
    assert damaged.read_bytes() == weights.browser_copy(face.LANDMARKS, pinned(face.LANDMARKS))


def test_the_runtime_in_the_browser_imports_by_place_alone(settings, tmp_path: Path):
    settings.VENDOR_DIR, settings.ICONS_DIR = tmp_path / "vendor", tmp_path / "icons"
    settings.FONTS_DIR = tmp_path / "fonts"
    call_command("fetch_assets", stdout=StringIO())
    for name, (bare, relative) in fetch_assets.REWRITTEN.items():
        copy = (settings.VENDOR_DIR / name).read_text(encoding="utf-8")
        assert bare not in copy
        assert relative in copy
        place = relative.removeprefix("from ").strip('"')
        assert (settings.VENDOR_DIR / name).parent.joinpath(place).resolve().is_file()


def test_station_and_server_run_the_same_version_of_the_runtime_files():
    """What npm installed is what the page gets, but for the one line."""
    source = house.BASE_DIR / "node_modules/@litertjs/core/wasm/litert_wasm_compat_internal.wasm"
    copy = house.VENDOR_DIR / "litert/core/litert.wasm"
    assert copy.read_bytes() == source.read_bytes()
    assert copy.read_bytes()[:4] == b"\0asm"
