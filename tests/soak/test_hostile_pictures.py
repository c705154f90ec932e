"""Ten thousand files that were made to harm: each refused or judged, none felt, none let through.

Run by `make soak`; a short form runs with the other tests (test_hostile_pictures.py there).
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor

from tests.services.hostile_run import Found, hostile_run

FILES = int(os.environ.get("SOAK_FILES", "10000"))
WORKERS = 2


def test_ten_thousand_hostile_files_harm_nobody():
    began = time.monotonic()
    with ThreadPoolExecutor(WORKERS) as threads:
        shares = [range(start, FILES, WORKERS) for start in range(WORKERS)]
        all_found: list[Found] = list(threads.map(hostile_run, shares))
    slowest = max(all_found, key=lambda found: found.slowest)
    files, judged = (
        sum(getattr(found, name) for found in all_found) for name in ("files", "judged")
    )
    peak, space = (
        max(getattr(found, name) for found in all_found) for name in ("peak", "address_space")
    )
    print(
        f"\nhostile_files: {files} in {time.monotonic() - began:.0f} s, judged {judged}, "
        f"refused {files - judged}\n"
        f"hostile_slowest: {slowest.slowest:.2f} s ({slowest.slowest_kind})\n"
        f"hostile_peak: {peak / 1e6:.0f} MB in use, {space / 1e6:.0f} MB of address space"
    )
    assert [each for found in all_found for each in found.wrong] == []
    assert [each for found in all_found for each in found.leaks] == []
    assert files == FILES
    assert slowest.slowest <= 5
    assert 0 < space <= 700_000_000
