"""A page of the reference that no longer says what the code says is found, and made anew."""

from shutil import copytree

import pytest
from django.core.management import CommandError, call_command

from enrolment.desk.management.commands import write_reference


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("states.md", "| `needs_card` |"),
        ("commands.md", "## run"),
        ("issuer-api.md", "| `no_token` |"),
        ("package.md", "| `audit_hash` |"),
        ("receipts.md", "| `PHOTO_BLUR` |"),
    ],
)
def test_a_changed_page_is_found_and_made_anew(name, row, tmp_path, monkeypatch):
    pages = copytree(write_reference.FOLDER, tmp_path / "reference")
    monkeypatch.setattr(write_reference, "FOLDER", pages)
    fresh = (pages / name).read_text()
    assert fresh.count(f"\n{row}") == 1
    (pages / name).write_text(fresh.replace(f"\n{row}", "\nchanged"))
    with pytest.raises(CommandError, match=f"Stale: {name}. Run make docs"):
        call_command("write_reference", check=True)
    call_command("write_reference")
    assert (pages / name).read_text() == fresh
