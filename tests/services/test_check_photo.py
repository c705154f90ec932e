"""The command line: what is printed, what is written, and the exit code."""

import contextlib
import errno
import io
import json
import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from photos.domain.intake import MAX_BYTES
from photos.profiles import load_profile
from photos.services import bulk
from photos.services.verdict_lines import Ledger
from photos.worker import process
from tests import portraits

KEYS = [
    *("file", "sha256", "profile", "refused", "verdict", "decided_by", "faces", "size"),
    *("eye_left", "eye_right", "roll", "yaw", "pitch", "crop", "evened"),
    *("advice", "findings", "milliseconds"),
]
FINDING_KEYS = {
    *("component", "answer", "value", "unit", "limit", "bounds", "source", "tier"),
    *("advice", "advice_code"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two good and two bad pictures, two files that are none, and things nobody asks for."""
    place = tmp_path / "bilder"
    (place / "under").mkdir(parents=True)
    (place / "bra.jpg").write_bytes(portraits.good())
    (place / "ingen.jpg").write_bytes(portraits.bad("no_face"))
    (place / "text.jpg").write_text("Detta är ingen bild.")
    (place / "tom.jpg").touch()
    (place / "under" / "bra till.jpg").write_bytes(portraits.good(2))
    (place / "under" / "öppen mun.jpg").write_bytes(portraits.bad("mouth_open"))
    (place / ".dold.jpg").touch()
    return place


NAMES = ["bra.jpg", "ingen.jpg", "text.jpg", "tom.jpg", "under/bra till.jpg", "under/öppen mun.jpg"]


def test_an_empty_folder_is_told(tmp_path: Path):
    (tmp_path / "inget").mkdir()
    with pytest.raises(CommandError, match="inga filer"):
        call_command("check_photo", str(tmp_path / "inget"))


def lines(capsys) -> list[dict]:
    return read(capsys.readouterr().out)


def read(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def checked(*arguments: object) -> str:
    """Run the command and return its complaint, empty if it has none."""
    try:
        call_command("check_photo", *arguments)
    except CommandError as error:
        return str(error)
    return ""


def manage(*arguments: object, **more) -> subprocess.Popen:
    root = Path(__file__).resolve().parents[2]
    return subprocess.Popen(
        [sys.executable, root / "manage.py", "check_photo", *arguments],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | more,
    )


# --- One file -------------------------------------------------------------------------------------


def test_json_is_one_object_a_line_with_every_key(folder: Path, capsys):
    mouth = folder / "under" / "öppen mun.jpg"
    call_command("check_photo", folder / "bra.jpg", mouth, "--json")
    good, bad = lines(capsys)
    assert list(good) == KEYS
    assert all(set(finding) == FINDING_KEYS for finding in good["findings"])
    assert (good["file"], good["verdict"], good["faces"]) == (str(folder / "bra.jpg"), "pass", 1)
    assert (good["profile"], good["refused"], good["decided_by"]) == ("siths-default", None, None)
    assert good["eye_left"][0] < good["eye_right"][0]
    assert set(good["crop"]) == {"x", "y", "width", "height", "angle"}
    assert good["milliseconds"] > 0
    found = next(f for f in bad["findings"] if f["component"] == "mouth closed")
    assert (bad["verdict"], bad["decided_by"], found["answer"]) == ("fail", "mouth closed", "fail")
    assert found["advice_code"] == "close_mouth"
    assert found["advice"] in bad["advice"]
    assert len(bad["advice"]) <= 2


def test_without_a_face_the_geometry_is_null(folder: Path, capsys):
    call_command("check_photo", folder / "ingen.jpg", "--json")
    (nobody,) = lines(capsys)
    assert list(nobody) == KEYS
    assert (nobody["faces"], nobody["eye_left"], nobody["crop"]) == (0, None, None)


def test_a_file_that_is_refused_has_a_line_too(folder: Path, capsys):
    assert "text.jpg" in checked(folder / "text.jpg", "--json")
    (line,) = lines(capsys)
    assert list(line) == KEYS
    assert (line["verdict"], line["refused"], line["findings"]) == (None, "not_a_picture", [])
    assert line["advice"][0].endswith(".")


def test_the_text_says_what_to_do(folder: Path, capsys):
    mouth = folder / "under" / "öppen mun.jpg"
    call_command("check_photo", folder / "bra.jpg", mouth, folder / "ingen.jpg")
    good, bad, measured, empty, nobody = capsys.readouterr().out.splitlines()
    assert good.startswith(f"{folder / 'bra.jpg'}: ")
    assert bad.startswith(f"{mouth}: ")
    assert f"({load_profile().limits['mouth_closed']})" in measured
    assert empty.startswith(f"{folder / 'ingen.jpg'}: ")
    assert nobody.startswith("  ")


def test_the_profile_decides_the_size_of_the_card(folder: Path):
    call_command("check_photo", folder / "bra.jpg", "--profile", "id06", "--out", folder)
    assert portraits.image((folder / "bra.jpg.card.jpg").read_bytes()).size == (450, 615)


def test_a_missing_model_says_which_command_to_run(folder: Path, tmp_path: Path, settings):
    settings.FOTORUNDAN_MODELS = tmp_path / "inga"
    with pytest.raises(CommandError, match=r"python manage\.py fetch_models"):
        call_command("check_photo", folder)


def test_a_worker_that_cannot_start_is_no_refusal_of_the_picture(folder: Path, monkeypatch):
    monkeypatch.setattr(process, "START_SECONDS", 0.01)
    with pytest.raises(CommandError, match=r"(?i)log"):
        call_command("check_photo", folder / "bra.jpg")


def test_the_exit_code_is_0_only_when_every_file_could_be_judged(folder: Path):
    for name, code in (("ingen.jpg", 0), ("text.jpg", 1)):
        run = manage(folder / name)
        out, err = run.communicate()
        assert run.returncode == code
        assert name in (err if code else out)
        assert "Traceback" not in err


# --- Folders --------------------------------------------------------------------------------------


def test_a_folder_is_judged_in_order_and_ends_with_a_list_of_the_bad_ones(folder: Path, capsys):
    (folder / "stor.jpg").write_bytes(portraits.good() + bytes(MAX_BYTES))
    said = checked(folder, folder / "saknas.jpg", "--json")
    judged = lines(capsys)
    expected = [*NAMES[:2], "stor.jpg", *NAMES[2:], "saknas.jpg"]
    assert [line["file"] for line in judged] == [str(folder / name) for name in expected]
    assert [line["sha256"] is None for line in judged] == [
        name in {"stor.jpg", "saknas.jpg"} for name in expected
    ]
    heading, *told = said.splitlines()
    assert "4" in heading
    assert "8" in heading
    bad = ["stor.jpg", "text.jpg", "tom.jpg", "saknas.jpg"]
    assert [line.split(": ")[0].strip() for line in told] == [str(folder / name) for name in bad]
    assert all(line.endswith(".") for line in told)


def test_what_is_no_file_and_a_name_that_is_no_text_are_named(tmp_path: Path, capsys):
    place = tmp_path / "udda"
    place.mkdir()
    pipe, odd = place / "rör.jpg", place / os.fsdecode(b"\xff.jpg")
    os.mkfifo(pipe)
    odd.write_bytes(portraits.good())
    assert "rör.jpg" in checked(place, "--json")
    assert [line["file"] for line in lines(capsys)] == [str(pipe), str(odd)]
    assert "rör.jpg" in checked(place)
    assert "\\udcff.jpg: " in capsys.readouterr().out


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch):
    closed = tmp_path / "bilder" / "stängd"
    closed.mkdir(parents=True)
    scan = os.scandir

    def refuse(path):
        if Path(path) == closed:
            raise PermissionError(13, "closed", str(closed))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert [found.path for found in bulk.files_in([closed.parent])] == [closed]


def test_pictures_are_written_in_folders_as_the_files_lie(folder: Path):
    out = folder / "ut"
    checked(folder, "--out", out, "--resume", folder / "domar.jsonl")
    checked(folder, "--out", out)
    written = {str(path.relative_to(out)) for path in out.rglob("*.jpg")}
    assert written == {
        *("bra.jpg.card.jpg", "bra.jpg.annotated.jpg", "ingen.jpg.annotated.jpg"),
        *("under/bra till.jpg.card.jpg", "under/bra till.jpg.annotated.jpg"),
        *("under/öppen mun.jpg.card.jpg", "under/öppen mun.jpg.annotated.jpg"),
    }
    assert portraits.image((out / "bra.jpg.card.jpg").read_bytes()).size == (413, 531)


def test_pictures_of_two_files_are_never_written_under_one_name(folder: Path, tmp_path: Path):
    twice = folder / "under" / "bra.jpg"
    twice.write_bytes(portraits.good(3))
    assert checked(folder / "bra.jpg", twice, "--out", tmp_path / "ut")
    assert checked(folder, tmp_path, "--out", tmp_path / "ut")
    assert not (tmp_path / "ut").exists()


# --- The same every time --------------------------------------------------------------------------


def verdicts(text: str) -> list[dict]:
    """Return the lines but for the time they took."""
    return [{**line, "milliseconds": 0} for line in read(text)]


def judged(*arguments: object, capsys) -> list[dict]:
    checked(*arguments, "--json")
    return verdicts(capsys.readouterr().out)


def test_again_with_one_or_two_processes_and_in_any_order_the_lines_are_the_same(
    folder: Path, capsys
):
    once = judged(folder, "--jobs", "1", capsys=capsys)
    assert len(once) == len(NAMES)
    assert judged(folder, "--jobs", "1", capsys=capsys) == once
    assert judged(folder, "--jobs", "2", capsys=capsys) == once
    backwards = judged(*(folder / name for name in reversed(NAMES)), capsys=capsys)
    assert list(reversed(backwards)) == once


def test_a_window_bounds_how_far_the_judging_runs_ahead(folder: Path, settings, monkeypatch):
    monkeypatch.setattr(bulk, "AHEAD", 2)
    asked = []

    def files():
        for number in range(12):
            asked.append(number)
            yield bulk.Found(folder / "tom.jpg", Path("tom.jpg"))

    profile, models = load_profile(), settings.FOTORUNDAN_MODELS
    outcomes = bulk.judge_files(files(), profile, folder=models, jobs=1)
    next(outcomes)
    assert len(asked) == 2
    assert len(list(outcomes)) == 11


# --- Many files, and runs that end too early ------------------------------------------------------


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Forty takes, four of them rubbish."""
    place = tmp_path / "många"
    place.mkdir()
    for number in range(36):
        (place / f"{number:02}.jpg").write_bytes(portraits.good(number % 3 + 1) + bytes(number))
    for number in range(4):
        (place / f"{number}{number}-skräp.jpg").write_text(f"Skräp {number}")
    return place


def test_a_run_that_was_killed_is_resumed_where_it_ended(many: Path, tmp_path: Path):
    kept = tmp_path / "domar.jsonl"
    run = manage(many, "--resume", kept, "--jobs", "2")
    while not kept.exists() or kept.read_bytes().count(b"\n") < 5:
        assert run.poll() is None
    run.kill()
    run.communicate()
    before = kept.read_bytes()
    whole = before[: before.rindex(b"\n") + 1]
    assert 5 <= whole.count(b"\n") < 40
    kept.write_bytes(whole + b'{"file": "half a li')
    said = checked(many, "--resume", kept)
    after = kept.read_bytes()
    assert after.startswith(whole)
    names = [line["file"] for line in read(after.decode())]
    assert names == sorted(str(path) for path in many.iterdir())
    assert said.count("skräp.jpg: ") == 4
    assert "40" in said.splitlines()[0]


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(many: Path, tmp_path: Path):
    kept = tmp_path / "domar.jsonl"
    run = manage(many, "--resume", kept)
    while not kept.exists() or kept.read_bytes().count(b"\n") < 3:
        assert run.poll() is None
    run.send_signal(2)
    _out, err = run.communicate()
    assert run.returncode == 130
    assert "Traceback" not in err
    assert 3 <= len(read(kept.read_text())) < 40


def test_nothing_is_judged_twice_but_what_has_changed_or_failed_for_the_moment(
    folder: Path, tmp_path: Path, monkeypatch
):
    kept = tmp_path / "domar.jsonl"
    (folder / "saknas.jpg").symlink_to(tmp_path / "saknas.jpg")
    first = checked(folder, "--resume", kept)
    (tmp_path / "saknas.jpg").write_bytes(portraits.good())
    (folder / "tom.jpg").write_bytes(portraits.good(3))
    second = checked(folder, "--resume", kept)
    assert [line["file"] for line in read(kept.read_text())] == [
        *(str(folder / name) for name in [*NAMES[:2], "saknas.jpg", *NAMES[2:]]),
        *(str(folder / name) for name in ["saknas.jpg", "tom.jpg"]),
    ]
    assert (first.count(".jpg: "), second.count(".jpg: ")) == (3, 1)
    os.utime(folder / "bra.jpg", (1, 1))
    size = kept.stat().st_size
    checked(folder, "--resume", kept)
    assert kept.stat().st_size == size


def test_another_profile_is_another_verdict(folder: Path, tmp_path: Path):
    kept = tmp_path / "domar.jsonl"
    for profile in ("siths-default", "nexus", "nexus"):
        checked(folder / "bra.jpg", "--resume", kept, "--profile", profile)
    assert [line["profile"] for line in read(kept.read_text())] == ["siths-default", "nexus"]


LIST = b'{"file": [1], "profile": "siths-default", "refused": null, "sha256": 1}\n'


@pytest.mark.parametrize("text", [b"\xff\xd8 picture\n", b"notes", b'{"file": 1}\n', LIST, b"\n"])
def test_a_file_of_something_else_is_never_resumed_nor_changed(folder, tmp_path, text):
    other = tmp_path / "annat"
    other.write_bytes(text)
    assert str(other) in checked(folder, "--resume", other)
    assert other.read_bytes() == text


def test_a_file_in_a_folder_that_is_not_there_is_told(folder: Path, tmp_path: Path):
    assert "finns/inte" in checked(folder, "--resume", tmp_path / "finns/inte")


def test_a_place_that_cannot_be_written_to_is_told(folder: Path, tmp_path: Path, monkeypatch):
    assert "bra.jpg" in checked(folder / "bra.jpg", "--out", folder / "bra.jpg")
    kept = tmp_path / "domar.jsonl"

    def full(ledger: Ledger, line: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        broken.setattr(Ledger, "add", full)
        assert os.strerror(errno.ENOSPC) in checked(folder, "--resume", kept)
    assert kept.read_bytes() == b""
    checked(folder, "--resume", kept)
    assert len(read(kept.read_text())) == len(NAMES)


@pytest.mark.parametrize("jobs", ["0", "-1", "två"])
def test_so_many_processes_cannot_be(folder: Path, jobs: str):
    with pytest.raises(CommandError, match="--jobs"):
        call_command("check_photo", folder, "--jobs", jobs)


def test_progress_is_shown_on_a_terminal_alone(folder: Path, tmp_path: Path, capsys):
    checked(folder, "--json")
    assert "%|" not in capsys.readouterr().err
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    run = manage(folder / "under", "--json", stderr=theirs)
    os.close(theirs)
    assert "2/2" in on_screen(ours)
    out, _err = run.communicate()
    assert len(read(out)) == 2


def on_screen(terminal: int) -> str:
    """Return what a program wrote to its terminal until it ended."""
    shown = b""
    with io.FileIO(terminal) as screen, contextlib.suppress(OSError):  # at the end, on Linux
        while more := screen.read(1000):
            shown += more
    return shown.decode()
