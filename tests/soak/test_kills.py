"""A thousand kills over all steps of sealing and handing over: nothing torn, nothing twice.

Run by `make soak`; a short form runs with the other tests (test_batch_processes.py).
"""

import os
import time

from tests.services.racing import crew

KILLING = "tests.services.killing"
KILLS = int(os.environ.get("SOAK_KILLS", "1000"))
AT_A_TIME = 50


def test_a_thousand_kills_tear_nothing_and_give_no_number_twice(own_database, tmp_path):
    folder, all_found, began = str(tmp_path), [], time.monotonic()
    with crew(own_database, 1) as [racer]:
        issuer_id, steps = racer.run(f"{KILLING}.prepare", folder)
        while sum(found["kills"] for found in all_found) < KILLS:
            at = sum(found["batches"] for found in all_found)
            plan = (folder, issuer_id, AT_A_TIME, steps, at)
            all_found.append(racer.run(f"{KILLING}.kill_often", *plan))

    def total(name: str) -> list:
        return [each for found in all_found for each in found[name]]

    kills, batches = (sum(found[name] for found in all_found) for name in ("kills", "batches"))
    numbers = all_found[-1]["numbers"]
    doubles = len(numbers) - len(set(numbers))
    print(
        f"\nkills: {kills} over {batches} batches and all {steps} steps "
        f"({len(set(total('places')))} hit in first tries) in {time.monotonic() - began:.0f} s\n"
        f"torn: {len(total('torn'))}, double numbers: {doubles}, "
        f"other hashes: {len(total('other_hashes'))}, wrong steps: {len(total('wrong_steps'))}"
    )
    assert (total("torn"), total("other_hashes"), total("wrong_steps")) == ([], [], [])
    assert numbers == list(range(1, batches + 2))
    assert kills >= KILLS
