"""How long a sealed and encrypted package of 2,000 photos takes, and how much memory.

Run by `make bench`. The time is from the sealed photos on disk to the sentinel, against hashing and
writing (with fsync) as many bytes once, measured in turns with it; medians. The memory is the peak
(VmHWM of Linux) of the process that does it, Python and all.
"""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from tests.bench import package_child

ROUNDS = 7
BYTES = package_child.PHOTOS * package_child.PHOTO_BYTES
MOST_RATIO, MOST_MB = 3, 100


def test_a_sealed_and_encrypted_package_against_one_hash_and_one_write(tmp_path):
    command = [sys.executable, package_child.__file__, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    data, ours, yardsticks = os.urandom(BYTES), [], []
    with subprocess.Popen(command, env=environment, **pipes) as child:
        assert child.stdout.readline() == "ready\n"
        for _ in range(ROUNDS):
            yardsticks.append(_hash_and_write(tmp_path / "plain", data))
            child.stdin.write("\n")
            child.stdin.flush()
            seconds, size = child.stdout.readline().split()
            ours.append(float(seconds))
        child.stdin.close()
        peak = int(child.stdout.read()) / 1e6
    ratio = median(ours) / median(yardsticks)
    print(
        f"\npackage: {int(size) / 1e6:.0f} MB sealed and encrypted in {median(ours):.2f} s, "
        f"yardstick {median(yardsticks):.2f} s"
    )
    print(f"package_ratio: {ratio:.2f}\npackage_peak_mb: {peak:.0f}")
    assert int(size) > BYTES
    assert ratio <= MOST_RATIO
    assert peak <= MOST_MB


def _hash_and_write(path: Path, data: bytes) -> float:
    began = time.perf_counter()
    hashlib.sha256(data).hexdigest()
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return time.perf_counter() - began
