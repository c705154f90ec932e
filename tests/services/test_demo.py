"""The demo does the whole job, again and again, and stops at the first step that fails."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from enrolment.desk.demo import verify
from enrolment.desk.demo.story import DemoFailed

pytestmark = pytest.mark.sqlite
ROOT = Path(__file__).resolve().parents[2]


def run(command: str, data: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", command],
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
