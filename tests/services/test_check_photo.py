"""The command line: what is printed, what is written, and the exit code."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from photos import worker
from photos.domain.intake import MAX_BYTES
from photos.worker import stop_workers
from tests import portraits

KEYS = [
    *("file", "verdict", "faces", "eye_left", "eye_right", "roll", "yaw", "pitch", "crop"),
    *("findings", "milliseconds"),
]
FINDING_KEYS = {"component", "answer", "value", "unit", "limit", "source", "advice"}


@pytest.fixture(scope="module", autouse=True)
def one_worker() -> Iterator[None]:
    yield
    stop_workers()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bra.jpg").write_bytes(portraits.good())
    (tmp_path / "öppen mun.jpg").write_bytes(portraits.bad("mouth_open"))
    (tmp_path / "ingen.jpg").write_bytes(portraits.bad("no_face"))
    (tmp_path / "text.jpg").write_text("Detta är ingen bild.")
    (tmp_path / "tom.jpg").touch()
    return tmp_path


def lines(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_json_is_one_object_a_line_with_every_key(folder: Path, capsys):
    call_command("check_photo", folder / "bra.jpg", folder / "öppen mun.jpg", "--json")
    good, bad = lines(capsys)
    assert list(good) == KEYS
    assert all(set(finding) == FINDING_KEYS for finding in good["findings"])
    assert (good["file"], good["verdict"], good["faces"]) == (str(folder / "bra.jpg"), "pass", 1)
    assert good["eye_left"][0] < good["eye_right"][0]
    assert set(good["crop"]) == {"x", "y", "width", "height", "angle"}
    assert good["milliseconds"] > 0
    mouth = next(f for f in bad["findings"] if f["component"] == "mouth closed")
    assert (bad["verdict"], mouth["answer"]) == ("fail", "fail")
    assert mouth["advice"].endswith(".")


def test_without_a_face_the_geometry_is_null(folder: Path, capsys):
    call_command("check_photo", folder / "ingen.jpg", "--json")
    (nobody,) = lines(capsys)
    assert list(nobody) == KEYS
    assert (nobody["faces"], nobody["eye_left"], nobody["crop"]) == (0, None, None)


def test_the_text_says_what_to_do(folder: Path, capsys):
    call_command("check_photo", folder / "bra.jpg", folder / "öppen mun.jpg", folder / "ingen.jpg")
    good, bad, mouth, empty, nobody = capsys.readouterr().out.splitlines()
    assert good.startswith(f"{folder / 'bra.jpg'}: ")
    assert bad.startswith(f"{folder / 'öppen mun.jpg'}: ")
    assert "(≤ 0.045)" in mouth
    assert empty.startswith(f"{folder / 'ingen.jpg'}: ")
    assert nobody.startswith("  ")


def test_out_writes_the_card_and_the_annotated_picture(folder: Path):
    out = folder / "ut" / "kort"
    call_command("check_photo", folder / "bra.jpg", folder / "ingen.jpg", "--out", out)
    assert sorted(path.name for path in out.iterdir()) == [
        "bra.jpg.annotated.jpg",
        "bra.jpg.card.jpg",
        "ingen.jpg.annotated.jpg",
    ]
    assert portraits.image((out / "bra.jpg.card.jpg").read_bytes()).size == (413, 531)


def test_the_profile_decides_the_size_of_the_card(folder: Path):
    call_command("check_photo", folder / "bra.jpg", "--profile", "id06", "--out", folder)
    assert portraits.image((folder / "bra.jpg.card.jpg").read_bytes()).size == (450, 615)


def test_bad_files_are_named_and_the_good_ones_still_judged(folder: Path, capsys):
    huge = folder / "stor.jpg"
    huge.write_bytes(portraits.good() + bytes(MAX_BYTES))
    names = ["text.jpg", "bra.jpg", "tom.jpg", "saknas.jpg", "stor.jpg"]
    with pytest.raises(CommandError) as caught:
        call_command("check_photo", *(folder / name for name in names), "--json")
    captured = capsys.readouterr()
    assert [json.loads(line)["verdict"] for line in captured.out.splitlines()] == ["pass"]
    told = captured.err.splitlines()
    assert [line.split(": ")[0] for line in told] == [
        str(folder / name) for name in names if name != "bra.jpg"
    ]
    assert "15" in told[-1]
    assert caught.value.returncode == 1
    assert "4" in str(caught.value)
    assert "5" in str(caught.value)


def test_a_missing_model_says_which_command_to_run(folder: Path, tmp_path: Path, settings):
    settings.FOTORUNDAN_MODELS = tmp_path / "inga"
    with pytest.raises(CommandError, match=r"python manage\.py fetch_models"):
        call_command("check_photo", folder / "bra.jpg")


def test_a_worker_that_cannot_start_is_no_refusal_of_the_picture(folder: Path, monkeypatch):
    stop_workers()
    monkeypatch.setattr(worker, "START_SECONDS", 0.01)
    with pytest.raises(CommandError, match=r"(?i)log"):
        call_command("check_photo", folder / "bra.jpg")


def test_the_exit_code_is_0_only_when_every_file_could_be_judged(folder: Path, settings):
    manage = [sys.executable, settings.BASE_DIR / "manage.py", "check_photo"]
    for name, code in (("ingen.jpg", 0), ("text.jpg", 1)):
        done = subprocess.run([*manage, folder / name], capture_output=True, text=True, check=False)
        assert done.returncode == code
        assert name in (done.stderr if code else done.stdout)
        assert "Traceback" not in done.stderr
