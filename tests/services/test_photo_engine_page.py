"""The page about the photo engine is true: its blocks run without Django and print what it says."""

import json
import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from photos.domain.intake import Refused
from photos.services.bulk import Found, Outcome
from photos.services.verdict_lines import verdict_line

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/how-to/use-the-photo-engine.md").read_text()
BLOCK = re.compile(r"^```python\n(.*?)^```(?:\n\n```text\n(.*?)^```)?", re.MULTILINE | re.DOTALL)

# Runs each block in one namespace; tells what each printed, and whether Django came along.
RUNNER = """
import contextlib, io, json, sys
told, names = [], {}
for block in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(block, "<page>", "exec"), names)
    told.append(out.getvalue())
print(json.dumps([told, sorted(name for name in sys.modules if name.split(".")[0] == "django")]))
"""


def test_every_block_prints_what_stands_under_it_and_needs_no_django():
    blocks = BLOCK.findall(PAGE)
    assert len(blocks) == PAGE.count("```python")
    environment = {"PYTHONPATH": str(ROOT), "FOTORUNDAN_MODELS": str(settings.FOTORUNDAN_MODELS)}
    run = subprocess.run(
        [sys.executable, "-c", RUNNER],
        input=json.dumps([code for code, _expected in blocks]),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment,
    )
    assert run.returncode == 0, run.stderr
    printed, django = json.loads(run.stdout)
    assert printed == [expected for _code, expected in blocks]
    assert django == []


def test_the_page_names_every_key_of_a_line():
    file = Found(Path("x.jpg"), Path("x.jpg"))
    line = verdict_line(Outcome(file, None, refused=Refused("empty")), "nexus")
    cells = re.findall(r"^\| (`[^|]+) \|", PAGE, re.MULTILINE)
    assert re.findall(r"\w+", " ".join(cells)) == list(json.loads(line))
