"""What was made to harm is refused or judged, and nothing that it carries comes out again.

A long form runs in `make soak` (tests/soak/test_hostile_pictures.py).
"""

from tests.services.hostile_run import hostile_run

FILES = 300
# Metadata that leads nowhere: reading it would end the process.
ASTRAY = 954


def test_hostile_files_harm_nobody():
    found = hostile_run([*range(FILES), ASTRAY])
    assert found.wrong == []
    assert found.leaks == []
    assert found.files == FILES + 1
    assert found.judged > FILES // 10
    assert found.slowest <= 5
    assert 0 < found.peak <= 700_000_000
