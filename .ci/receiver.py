"""Pack the card issuer's receiver into one file: `python .ci/receiver.py TARGET`.

What it takes of this house goes in and nothing else: a ZIP that Python runs, the same bytes from
the same sources. Where it runs, the packages of requirements-receiver.txt must be installed.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import enrolment.cards.receiver.command  # noqa: E402, F401
from enrolment.cards.domain.stored_zip import write_stored_zip  # noqa: E402

START = ROOT / "enrolment/cards/receiver/__main__.py"


def ours() -> set[Path]:
    """Return the files of this house that the receiver has imported."""
    found = [module for name, module in sys.modules.items() if name.startswith("enrolment")]
    return {Path(str(module.__file__)) for module in found}


def pack(target: Path) -> None:
    """Write the receiver to `target`, its folder made if missing."""
    files = {path.relative_to(ROOT).as_posix(): path for path in ours()} | {START.name: START}
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as sink:
        write_stored_zip(sink, ((name, files[name].read_bytes()) for name in sorted(files)))


if __name__ == "__main__":
    pack(Path(sys.argv[1]))
