"""What the process of its own costs: the first picture after a start, memory, and two at once.

Run by `make bench`. The figures are printed; nothing here fails for being slow.
"""

import statistics
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from photos.profiles import load_profile
from photos.worker import Worker
from tests import heic_builders, portraits

STARTS, PICTURES, ROUNDS = 5, 40, 4
LARGE = (4000, 6000)


def first_ms() -> float:
    """Start a process, judge one picture, and end it again."""
    worker, began = Worker(portraits.models_folder()), time.perf_counter()
    worker.judge(portraits.good(), load_profile())
    took = 1000 * (time.perf_counter() - began)
    worker.stop()
    return took


def judge_all(worker: Worker, seeds: Iterable[int]) -> None:
    for seed in seeds:
        worker.judge(portraits.good(seed % 4), load_profile())


def warm() -> Worker:
    worker = Worker(portraits.models_folder())
    judge_all(worker, range(4))
    return worker


def peak_mb(worker: Worker) -> float:
    lines = Path(f"/proc/{worker.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1000


def test_the_first_picture_after_a_start():
    portraits.good()
    print(f"\nphoto_first_ms: {statistics.median(first_ms() for _ in range(STARTS)):.0f}")


def test_the_memory_of_24_megapixels():
    large = portraits.image(portraits.good()).resize(LARGE, Image.Resampling.BICUBIC)
    for name, data in (("jpeg", portraits.jpeg(large)), ("heic", heic_builders.saved(large))):
        worker = warm()
        assert worker.judge(data, load_profile(), annotate=True).faces == 1
        print(f"\nphoto_worker_peak_mb ({name}): {peak_mb(worker):.0f}")
        worker.stop()


def test_two_processes_against_one():
    workers = [warm(), warm()]
    shares = [range(0, PICTURES, 2), range(1, PICTURES, 2)]
    alone, together = [], []
    for _round in range(ROUNDS):
        alone.append(seconds(workers[:1], [range(PICTURES)]))
        together.append(seconds(workers, shares))
    for worker in workers:
        worker.stop()
    print(f"\nphoto_two_processes: {min(alone) / min(together):.2f}")
    print(f"photo_worker_each_ms: {1000 * min(alone) / PICTURES:.0f}")


def seconds(workers: list[Worker], shares: list[range]) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(len(workers)) as threads:
        list(threads.map(judge_all, workers, shares))
    return time.perf_counter() - began
