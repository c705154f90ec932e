"""Send hostile files through a judging process, as a person would, and look at what comes back."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from photos.domain.intake import Refused
from photos.domain.judgement import Judgement
from photos.profiles import load_profile
from photos.worker import Worker
from photos.worker.messages import judgement_message
from tests import portraits
from tests.hostile_builders import JUDGED, PAYLOAD, Hostile, hostile

# What a JPEG that we wrote says of itself, and no more.
OURS = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "icc_profile"}
SHOWN = 800
PATIENCE = 60.0  # seconds: what counts is how long the processor was at it
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Found:
    """What happened: files that ended as they should not, and files whose message came through.

    `slowest` is in seconds of the processor, for both uses of a file, whatever else the machine is
    busy with; `peak` is the most bytes of memory that a process had at one time, `address_space`
    the most that it had set aside.
    """

    files: int = 0
    judged: int = 0
    wrong: list[tuple[int, str, str]] = field(default_factory=list)
    leaks: list[tuple[int, str]] = field(default_factory=list)
    slowest: float = 0.0
    slowest_kind: str = ""
    peak: int = 0
    address_space: int = 0


def hostile_run(numbers: Iterable[int]) -> Found:
    """Judge and show the files of these numbers with one worker."""
    found, worker = Found(), Worker(portraits.models_folder(), seconds=PATIENCE)
    try:
        for number in numbers:
            _try(found, worker, number)
    finally:
        worker.stop()
    return found


def _try(found: Found, worker: Worker, number: int) -> None:
    file, before = hostile(number), _processor_seconds(worker)
    end, outputs = _sent(worker, file)
    took = _processor_seconds(worker) - before  # judged, and shown
    found.files += 1
    found.judged += end == JUDGED
    if end not in file.ends:
        found.wrong.append((number, file.kind, end))
    if any(_leaks(output) for output in outputs):
        found.leaks.append((number, file.kind))
    if before and took > found.slowest:
        found.slowest, found.slowest_kind = took, file.kind
    _measure(found, worker)


def _sent(worker: Worker, file: Hostile) -> tuple[str, list[bytes]]:
    """Return how a file ended, the same for both uses of it, and all that came back."""
    ends, outputs = set(), []
    for use in (_judged, _shown):
        try:
            outputs += use(worker, file.data)
            ends.add(JUDGED)
        except Refused as refused:
            ends.add(refused.code)
    return " and ".join(sorted(ends)), outputs


def _judged(worker: Worker, data: bytes) -> list[bytes]:
    judgement: Judgement = worker.judge(data, load_profile(), annotate=True)
    told = json.dumps(judgement_message(judgement)[0], default=str).encode()
    return [told, judgement.annotated_jpeg or b"", judgement.card_jpeg or b""]


def _shown(worker: Worker, data: bytes) -> list[bytes]:
    return [worker.shown(data, longest_side=SHOWN)]


def _leaks(output: bytes) -> bool:
    if not output.startswith(b"\xff\xd8"):
        return PAYLOAD in output
    return PAYLOAD in output or not portraits.image(output).info.keys() <= OURS


def _processor_seconds(worker: Worker) -> float:
    """Return how long the process has been at work; 0 if there is none."""
    if worker.pid is None:
        return 0.0
    fields = Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _measure(found: Found, worker: Worker) -> None:
    if worker.pid is None:  # the file ended it, and `wrong` tells which
        return
    lines = Path(f"/proc/{worker.pid}/status").read_text().splitlines()
    told = dict(line.split(":", 1) for line in lines)
    found.peak = max(found.peak, 1024 * int(told["VmHWM"].split()[0]))
    found.address_space = max(found.address_space, 1024 * int(told["VmPeak"].split()[0]))
