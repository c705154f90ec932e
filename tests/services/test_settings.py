"""The house starts as a demo without a setting, and refuses unsafe production values."""

import json
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
    ours = ("FOTORUNDAN", "DATABASE_URL")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
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


# --- The database ---------------------------------------------------------------------------------


def database(tmp_path, url: str | None = None, **variables: str):
    """Return what the settings say of the database, or what stopped the start."""
    given = variables if url is None else {"DATABASE_URL": url, **variables}
    show = "__import__('json').dumps(s.DATABASES['default'], default=str)"
    result = start(tmp_path, show, **given)
    return json.loads(result.stdout) if result.returncode == 0 else result.stderr


def test_without_a_url_the_database_is_a_file_in_the_data_folder(tmp_path):
    found = database(tmp_path)
    assert found["ENGINE"] == "django.db.backends.sqlite3"
    assert found["NAME"] == str(tmp_path / "fotorundan.sqlite3")
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_a_url_may_name_another_file(tmp_path):
    found = database(tmp_path, "sqlite:///srv/a%20b.sqlite3")
    assert (found["NAME"], found["OPTIONS"]["timeout"]) == ("/srv/a b.sqlite3", 20)


def test_a_url_may_name_postgresql(tmp_path):
    found = database(tmp_path, "postgres://kort:p%40ss@db.example:5433/fotorundan?sslmode=require")
    assert found["ENGINE"] == "django.db.backends.postgresql"
    parts = [found[part] for part in ("USER", "PASSWORD", "HOST", "PORT", "NAME")]
    assert parts == ["kort", "p@ss", "db.example", "5433", "fotorundan"]
    assert found["CONN_HEALTH_CHECKS"] is True
    assert found["OPTIONS"]["sslmode"] == "require"
    assert "-c lock_timeout=20s" in found["OPTIONS"]["options"]


def test_postgresql_may_be_reached_by_a_socket(tmp_path):
    found = database(tmp_path, "postgresql://kort@/fotorundan?host=/run/postgresql")
    assert (found["HOST"], found["PORT"]) == ("/run/postgresql", "")


def test_the_url_may_come_from_a_file(tmp_path):
    (tmp_path / "url").write_text("postgres://kort@db.example/fotorundan\n")
    found = database(tmp_path, DATABASE_URL_FILE=str(tmp_path / "url"))
    assert found["HOST"] == "db.example"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "DATABASE_URL or DATABASE_URL_FILE is missing"),
        ("mysql://kort:secret@db.example/kort", "must be postgres://"),
        ("postgres://kort:secret@db.example", "must be postgres://"),
        ("sqlite://", "must be postgres://"),
        ("sqlite://srv/kort.sqlite3", "must be postgres://"),
        ("postgres://kort:secret@db.example:many/kort", "port that is not a number"),
        ("postgres://kort:secret@db.example/kort?options=-cfsync%3Doff", "not known: options"),
    ],
)
def test_a_url_that_cannot_be_used_stops_the_start_and_keeps_its_password(tmp_path, url, says):
    found = database(tmp_path, url)
    assert says in found
    assert "secret@" not in found


def test_the_page_of_settings_names_every_variable_and_no_other():
    files = [*ROOT.glob("enrolment/*.py"), *ROOT.glob("enrolment/desk/**/*.py")]
    code = "\n".join(path.read_text() for path in files)
    used = set(re.findall(r'"(FOTORUNDAN_[A-Z_]+|DATABASE_URL)"', code))
    page = (ROOT / "docs/reference/settings.md").read_text()
    told = {
        name.removesuffix("_FILE")
        for name in re.findall(r"`((?:FOTORUNDAN|DATABASE)_[A-Z_]+)`", page)
    }
    assert told == used
