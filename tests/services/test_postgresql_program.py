"""The program that lends a PostgreSQL server to a command, and leaves nothing behind."""

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.sqlite
ROOT = Path(__file__).resolve().parents[2]
ASK = """
import os, psycopg
from urllib.parse import parse_qs, urlsplit
url = os.environ["DATABASE_URL"]
with psycopg.connect(url) as connection:
    [(role, may_all, may_end)] = connection.execute(
        "SELECT rolname, rolsuper OR rolbypassrls, pg_has_role('pg_signal_backend', 'usage')"
        " FROM pg_roles WHERE rolname = current_user")
folder = parse_qs(urlsplit(url).query)["host"][0]
print(role, may_all, may_end, folder, open(f"{folder}/postmaster.pid").readline(), flush=True)
"""


def lend(tmp_path: Path, *command: str) -> "subprocess.Popen[str]":
    program = [sys.executable, str(ROOT / ".ci/postgresql.py"), *command]
    return subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd=tmp_path)


def assert_gone(said: str) -> None:
    """The folder is gone; the server's last act is to say so, and then it ends."""
    _role, _may_all, _may_end, folder, pid = said.split()
    assert not Path(folder).exists()
    with suppress(psutil.NoSuchProcess):
        psutil.Process(int(pid)).wait(timeout=20)


def test_a_command_gets_a_server_and_its_exit_code_is_passed_on(tmp_path):
    program = lend(tmp_path, sys.executable, "-c", ASK + "raise SystemExit(7)")
    said, _ = program.communicate(timeout=60)
    assert program.returncode == 7
    role, may_all, may_end, *_ = said.split()
    assert (role, may_all) == ("fotorundan", "False")
    # Else a database that is just being vacuumed can't be dropped.
    assert may_end == "True"
    assert_gone(said)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_being_told_to_end_ends_the_command_and_the_server(tmp_path, number):
    ready = "import signal; signal.signal(signal.SIGTERM, lambda *_: exit(9))"
    program = lend(tmp_path, sys.executable, "-c", f"{ready}; {ASK}signal.pause()")
    said = program.stdout.readline()
    if number == signal.SIGINT:
        # A terminal tells both.
        [command] = psutil.Process(program.pid).children()
        command.send_signal(number)
    program.send_signal(number)
    program.communicate(timeout=60)
    assert program.returncode == (9 if number == signal.SIGTERM else 128 + signal.SIGINT)
    assert_gone(said)
