"""The demo does the whole job, again and again, and stops at the first step that fails."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from enrolment.desk.demo import verify
from enrolment.desk.demo.story import DemoFailed
from enrolment.desk.supervisor import InUse, Program, claimed

pytestmark = pytest.mark.sqlite
ROOT = Path(__file__).resolve().parents[2]


def run(
    command: str, data: Path, *options: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", command, *options],
        cwd=ROOT,
        env={**os.environ, "FOTORUNDAN_DATA": str(data), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_demo_does_the_whole_job_and_can_be_repeated(tmp_path):
    """One test, since each worker of the suite would make a demo of its own for several."""
    first = run("demo", tmp_path)
    assert first.returncode == 0, first.stdout + first.stderr
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert_the_summary_counts_what_was_done(summary)
    assert_the_artefacts_are_there(summary)
    assert_nothing_personal_lies_in_clear(tmp_path)
    assert_going_back_puts_back_rows_and_packages(tmp_path)
    again = run("demo", tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr


def assert_the_summary_counts_what_was_done(summary):
    assert summary["units"] >= 18
    assert summary["staff"] >= 240
    assert summary["planned_visits"] > summary["accepted_visits"] >= 1
    assert summary["staffed"] >= 5
    assert summary["photographed"] >= 20
    assert len(summary["rejected"]) >= 5
    assert all(summary["rejected"].values())
    assert summary["approved"] == summary["ordered"] == summary["photographed"]
    assert summary["batches"] == 2
    assert summary["receipts"] == 4
    assert summary["retakes"] == 1
    assert summary["log_lines"] > 300
    assert summary["verified_by_third_party"] is True


def assert_the_artefacts_are_there(summary):
    single = "package encrypted_package signer_certificate issuer_key issuer_certificate".split()
    named = [*(summary[name] for name in single), *summary["documents"]]
    assert [path for path in named if not (ROOT / path).is_file()] == []


def assert_nothing_personal_lies_in_clear(data):
    database = (data / "fotorundan.sqlite3").read_bytes()
    assert b"196112122871" not in database
    assert b"\xff\xd8\xff" not in database
    photos = [path for path in (data / "photos").rglob("*") if path.is_file()]
    assert photos
    assert [path for path in photos if path.read_bytes()[:3] == b"\xff\xd8\xff"] == []


LATER = """
import django; django.setup()
from django.conf import settings
from enrolment.cards.models import Issuer
from enrolment.desk.demo.reset import go_back
Issuer.objects.update(last_batch_no=9)
later = settings.HANDOVER_DIR / "goliska/demoutgivaren/KB-later.zip.cms"
later.write_bytes(b"sealed after the demo")
go_back()
print(Issuer.objects.get().last_batch_no, later.exists(), len(list(later.parent.glob("*.cms"))))
"""


def assert_going_back_puts_back_rows_and_packages(data):
    own = {"FOTORUNDAN_DATA": str(data), "DJANGO_SETTINGS_MODULE": "enrolment.settings"}
    result = subprocess.run(
        [sys.executable, "-c", LATER],
        cwd=ROOT,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout.split() == ["2", "False", "2"], result.stderr


def test_a_missing_program_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    package = tmp_path / "KB-2026-000001.zip.cms"
    with pytest.raises(DemoFailed, match="openssl saknas: installera"):
        verify.decrypt(package, package, package, tmp_path / "package")
    with pytest.raises(DemoFailed, match="unzip saknas: installera"):
        verify.check_zip(package)


def test_a_missing_model_is_said(tmp_path):
    result = run("demo", tmp_path, FOTORUNDAN_MODELS=str(tmp_path / "none"))
    assert result.returncode == 1
    assert "fetch_models" in result.stderr


@pytest.mark.parametrize("url", ["postgres://real@db.example/real", "sqlite:///{}/real.sqlite3"])
def test_the_demo_touches_no_database_but_its_own(tmp_path, url):
    earlier = tmp_path / "summary.json"
    earlier.write_text("an earlier demo")
    result = run("demo", tmp_path, DATABASE_URL=url.format(tmp_path))
    assert result.returncode == 1
    assert "ta bort DATABASE_URL" in result.stderr
    assert earlier.read_text() == "an earlier demo"


def test_going_back_to_a_demo_of_an_earlier_version_brings_it_up_to_date(tmp_path):
    for folder in ("handover", "kept-handover", "kept-anchors"):
        (tmp_path / folder).mkdir()
    assert run("migrate", tmp_path, *("photos", "0004_station")).returncode == 0
    shutil.copy(tmp_path / "fotorundan.sqlite3", tmp_path / "kept.sqlite3")
    assert run("migrate", tmp_path).returncode == 0
    back = "import django; django.setup()\nfrom enrolment.desk.demo.reset import go_back; go_back()"
    environment = {**os.environ, "FOTORUNDAN_DATA": str(tmp_path)}
    environment["DJANGO_SETTINGS_MODULE"] = "enrolment.settings"
    subprocess.run([sys.executable, "-c", back], cwd=ROOT, env=environment, check=True)
    assert run("migrate", tmp_path, "--check").returncode == 0


def test_the_demo_touches_nothing_while_the_house_is_open(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "kept.sqlite3").write_bytes(b"an earlier demo")
    with claimed(data, alone=False):
        with claimed(data, alone=False):
            pass  # two may be open on the same data
        refused = run("demo", data)
    assert refused.returncode == 1
    assert "Fotorundan är igång" in refused.stderr
    assert (data / "kept.sqlite3").read_bytes() == b"an earlier demo"


def test_the_house_does_not_open_while_the_demo_is_made(tmp_path):
    with claimed(tmp_path, alone=True):
        refused = run("run", tmp_path)
    assert refused.returncode == 1
    assert "Demon görs just nu" in refused.stderr
    assert "Öppna" not in refused.stdout


def test_a_program_keeps_the_claim_when_its_supervisor_is_gone(tmp_path):
    command = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"]
    with claimed(tmp_path, alone=False) as claim:
        program = Program("web", command, tmp_path, claim)
        program.start()
    try:
        with pytest.raises(InUse), claimed(tmp_path, alone=True):
            pass
    finally:
        program.kill()
    with claimed(tmp_path, alone=True):
        assert program.has_ended()


def test_the_demo_touches_nothing_in_production(tmp_path):
    kept = tmp_path / "fotorundan.sqlite3"
    kept.write_bytes(b"real")
    result = run(
        "demo",
        tmp_path,
        FOTORUNDAN_MODE="production",
        FOTORUNDAN_SECRET_KEY="k" * 50,
        FOTORUNDAN_HOSTS="kort.example",
        FOTORUNDAN_SMTP_HOST="mail.example",
        FOTORUNDAN_MAIL_FROM="kort@kort.example",
    )
    assert result.returncode == 1
    assert kept.read_bytes() == b"real"
