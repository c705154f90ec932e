"""The house starts as a demo without a setting, and refuses unsafe production values."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "FOTORUNDAN_MODE": "production",
    "FOTORUNDAN_SECRET_KEY": "k" * 50,
    "FOTORUNDAN_HOSTS": "kort.example",
    "FOTORUNDAN_SMTP_HOST": "mail.example",
    "FOTORUNDAN_MAIL_FROM": "kort@kort.example",
}
ASK = "from django.conf import settings as s; s.DEBUG; print({!s})"


def start(tmp_path: Path, show: str = "s.MODE", **variables: str):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FOTORUNDAN")}
    data = {"FOTORUNDAN_DATA": str(tmp_path)} if "FOTORUNDAN_DATA" not in variables else {}
    return subprocess.run(
        [sys.executable, "-c", ASK.format(show)],
        cwd=ROOT,
        env={**kept, "DJANGO_SETTINGS_MODULE": "enrolment.settings", **data, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_settings_it_is_a_demo_on_loopback_only(tmp_path):
    result = start(tmp_path, "(s.MODE, s.ALLOWED_HOSTS, s.DEBUG)")
    assert result.stdout.strip() == "('demo', ['localhost', '127.0.0.1'], False)"


def test_the_demo_keeps_its_secret(tmp_path):
    first, second = start(tmp_path, "s.SECRET_KEY"), start(tmp_path, "s.SECRET_KEY")
    assert first.stdout == second.stdout
    assert len(first.stdout.strip()) >= 50
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_production_starts_with_safe_values(tmp_path):
    result = start(
        tmp_path,
        "(s.SESSION_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0, s.DEMO)",
        **PRODUCTION,
    )
    assert result.stdout.strip() == "(True, True, True, False)", result.stderr


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("FOTORUNDAN_SECRET_KEY", "", "FOTORUNDAN_SECRET_KEY or FOTORUNDAN_SECRET_KEY_FILE"),
        ("FOTORUNDAN_SECRET_KEY", "short", "at least 50 characters"),
        ("FOTORUNDAN_HOSTS", "", "must name the hosts"),
        ("FOTORUNDAN_HOSTS", "*", "must name the hosts"),
        ("FOTORUNDAN_SMTP_HOST", "", "FOTORUNDAN_SMTP_HOST is missing"),
        ("FOTORUNDAN_SMTP_PORT", "many", "must be a whole number"),
        ("FOTORUNDAN_SMTP_TLS", "perhaps", "must be 1 or 0"),
        ("FOTORUNDAN_SMTP_USER", "kort", "FOTORUNDAN_SMTP_PASSWORD"),
        ("FOTORUNDAN_MAIL_FROM", "", "FOTORUNDAN_MAIL_FROM is missing"),
        ("FOTORUNDAN_MODE", "test", "must be demo or production"),
        ("FOTORUNDAN_DATA", "", "FOTORUNDAN_DATA is missing"),
    ],
)
def test_production_refuses(tmp_path, variable, value, says):
    result = start(tmp_path, **{**PRODUCTION, variable: value})
    assert result.returncode != 0
    assert says in result.stderr


def test_a_secret_may_come_from_a_file(tmp_path):
    file = tmp_path / "given"
    file.write_text("f" * 60 + "\n")
    given = {**PRODUCTION, "FOTORUNDAN_SECRET_KEY_FILE": str(file)}
    del given["FOTORUNDAN_SECRET_KEY"]
    assert start(tmp_path, "s.SECRET_KEY", **given).stdout.strip() == "f" * 60


def test_the_page_of_settings_names_every_variable_and_no_other():
    files = [*ROOT.glob("enrolment/*.py"), *ROOT.glob("enrolment/desk/**/*.py")]
    code = "\n".join(path.read_text() for path in files)
    used = set(re.findall(r'"(FOTORUNDAN_[A-Z_]+)"', code))
    page = (ROOT / "docs/reference/settings.md").read_text()
    told = {name.removesuffix("_FILE") for name in re.findall(r"`(FOTORUNDAN_[A-Z_]+)`", page)}
    assert told == used
