"""Pictures are judged in a process of their own that can hang, die or be fooled without harm."""

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photos import worker
from photos.domain.findings import Answer
from photos.domain.intake import Refused
from photos.domain.judgement import judge
from photos.profiles import load_profile
from photos.weights import WeightChanged, WeightMissing
from photos.worker import (
    Pool,
    Swamped,
    Worker,
    judge_in_worker,
    process,
    shown_in_worker,
    stop_workers,
)
from photos.worker.messages import judgement_message, read_judgement, receive, send
from tests import heic_builders, portraits

PROFILE = load_profile()


@pytest.fixture(scope="module")
def warm() -> Iterator[Worker]:
    started = Worker(portraits.models_folder())
    yield started
    started.stop()


@pytest.fixture
def impatient() -> Iterator[Worker]:
    started = Worker(portraits.models_folder(), seconds=1.0)
    started.judge(portraits.bad("no_face"), PROFILE)
    yield started
    started.stop()


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def limits(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()[1:]
    return {line[:26].strip(): line[26:].split()[0] for line in lines}


def test_the_worker_judges_as_the_domain_does(warm: Worker):
    for data in (portraits.good(), portraits.bad("two_faces"), portraits.bad("no_face")):
        here = judge(data, PROFILE, portraits.finder(), annotate=True)
        assert warm.judge(data, PROFILE, annotate=True) == here


def test_the_worker_judges_by_the_profile_it_is_given(warm: Worker):
    passport = warm.judge(portraits.good(), load_profile("icao-portrait"))
    assert portraits.image(passport.card_jpeg).size == (827, 1063)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"text", "not_a_picture"),
        (portraits.png_bomb(), "too_many_pixels"),
        (portraits.png_bomb(7_000), "broken"),
    ],
)
def test_a_refusal_crosses_with_its_code(warm: Worker, data: bytes, code: str):
    with pytest.raises(Refused) as caught:
        warm.judge(data, PROFILE)
    assert caught.value.code == code
    assert warm.judge(portraits.good(), PROFILE).verdict == Answer.PASS


@pytest.mark.parametrize(
    "change",
    [
        portraits.cmyk,
        portraits.sixteen_bit_grey,
        portraits.with_profile,
        lambda data: portraits.stored_turned(data, 6),
        lambda data: portraits.png(portraits.image(data).convert("RGBA")),
        lambda data: portraits.png(portraits.image(data).convert("P")),
        lambda data: portraits.jpeg(portraits.image(data), progressive=True),
    ],
)
def test_every_kind_of_picture_is_judged_without_opening_a_file(warm: Worker, change):
    assert warm.judge(change(portraits.good()), PROFILE, annotate=True).faces == 1


def test_the_process_may_open_and_write_nothing(warm: Worker):
    warm.judge(portraits.good(), PROFILE)
    allowed = limits(warm.pid)
    assert (allowed["Max open files"], allowed["Max file size"]) == ("0", "0")
    assert int(allowed["Max address space"]) == worker.MEMORY <= 700_000_000


def test_the_process_knows_no_secret_of_its_parent(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hemligt")
    started = Worker(portraits.models_folder())
    started.judge(portraits.bad("no_face"), PROFILE)
    known = Path(f"/proc/{started.pid}/environ").read_bytes()
    started.stop()
    assert b"OMP_NUM_THREADS=1" in known
    assert b"hemligt" not in known


def test_the_process_is_kept_from_picture_to_picture(warm: Worker):
    warm.judge(portraits.good(), PROFILE)
    first = warm.pid
    warm.judge(portraits.bad("dark"), PROFILE)
    assert warm.pid == first


def test_a_process_that_hangs_is_killed_in_time_and_replaced(impatient: Worker):
    hung = impatient.pid
    os.kill(hung, signal.SIGSTOP)
    started = time.monotonic()
    with pytest.raises(Swamped):
        impatient.judge(portraits.good(), PROFILE)
    assert 1 < time.monotonic() - started < 5
    assert impatient.judge(portraits.good(), PROFILE).verdict == Answer.PASS
    assert impatient.pid != hung


@pytest.fixture
def patient(monkeypatch):
    """Let the clock run, however busy the machine is."""
    monkeypatch.setattr(process, "PATIENCE", 200)


@pytest.mark.usefixtures("patient")
def test_a_picture_that_takes_too_much_of_the_processor_is_refused_for_good():
    hasty = Worker(portraits.models_folder(), seconds=0.2)
    heavy = portraits.jpeg(Image.effect_noise((4800, 4800), 99), quality=40, progressive=True)
    try:
        assert hasty.judge(portraits.bad("no_face"), PROFILE).faces == 0
        with pytest.raises(Refused) as caught:
            hasty.judge(heavy, PROFILE)
        assert (caught.value.code, caught.value.params) == ("too_slow", {"seconds": 0})
        assert hasty.judge(portraits.bad("no_face"), PROFILE).faces == 0
    finally:
        hasty.stop()


@pytest.mark.usefixtures("patient")
def test_the_time_of_earlier_pictures_is_not_counted():
    thrifty = Worker(portraits.models_folder(), seconds=0.5)
    try:
        thrifty.judge(portraits.good(), PROFILE)
        first, began = thrifty.pid, processor_seconds(thrifty.pid)
        while processor_seconds(first) - began < 1:
            thrifty.judge(portraits.good(), PROFILE)
        assert thrifty.pid == first
    finally:
        thrifty.stop()


class Interruption(BaseException):
    """What a queue raises in a job that takes too long."""


def interrupt(number: int, frame: object) -> None:
    raise Interruption


def test_the_answer_nobody_waited_for_is_not_taken_for_the_next_pictures(impatient: Worker):
    os.kill(impatient.pid, signal.SIGSTOP)
    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(Interruption):
            impatient.judge(portraits.good(), PROFILE)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert impatient.pid is None
    assert impatient.judge(portraits.bad("no_face"), PROFILE).faces == 0


def test_a_process_killed_between_pictures_is_replaced_unnoticed(impatient: Worker):
    os.kill(impatient.pid, signal.SIGKILL)
    assert impatient.judge(portraits.good(), PROFILE).verdict == Answer.PASS


class Doomed(Worker):
    """A worker whose every process dies as soon as it is ready."""

    def _start(self):
        child = super()._start()
        child.kill()
        return child


def test_a_picture_at_which_two_processes_die_is_refused():
    with pytest.raises(Refused) as caught:
        Doomed(portraits.models_folder()).judge(portraits.good(), PROFILE)
    assert caught.value.code == "crashed"


@pytest.mark.parametrize("kind", ["two_faces", "no_face", "too_close"])
def test_a_judgement_crosses_whole(kind: str):
    sent = judge(portraits.bad(kind), PROFILE, portraits.finder(), annotate=True)
    stream = BytesIO()
    send(stream, *judgement_message(sent))
    stream.seek(0)
    assert read_judgement(*receive(stream)) == sent
    with pytest.raises(EOFError):
        receive(stream)


def test_a_picture_that_needs_too_much_memory_is_refused():
    poor = Worker(portraits.models_folder(), memory=330_000_000)
    large = portraits.png(Image.new("RGBA", (7000, 7000)))
    try:
        with pytest.raises(Refused) as caught:
            poor.judge(large, PROFILE)
        assert caught.value.code == "too_heavy"
        assert poor.judge(portraits.good(), PROFILE).verdict == Answer.PASS
    finally:
        poor.stop()


def test_a_missing_or_changed_model_is_told_from_the_process(tmp_path: Path):
    with pytest.raises(WeightMissing) as caught:
        Worker(tmp_path).judge(portraits.good(), PROFILE)
    assert caught.value.params["folder"] == str(tmp_path)
    (tmp_path / "face_detector.tflite").write_bytes(b"something else")
    with pytest.raises(WeightChanged):
        Worker(tmp_path).judge(portraits.good(), PROFILE)


def test_a_process_that_cannot_start_is_the_machines_fault_and_no_refusal(monkeypatch):
    slow = Worker(portraits.models_folder())
    monkeypatch.setattr(process, "START_SECONDS", 0.01)
    with pytest.raises(worker.CannotStart):
        slow.judge(portraits.good(), PROFILE)
    assert slow.pid is None


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool(portraits.models_folder(), size=2)
    yield made
    made.stop()


def test_a_second_process_starts_only_when_the_first_is_busy(pool: Pool):
    for kind in ("dark", "no_face", "dark"):
        with pool.worker() as only:
            only.judge(portraits.bad(kind), PROFILE)
    assert pool.pids == [only.pid]
    with pool.worker() as first, pool.worker() as second:
        assert first is only
        assert second.judge(portraits.bad("dark"), PROFILE).verdict == Answer.FAIL
    assert len(set(pool.pids)) == 2


def test_more_threads_than_processes_wait_for_each_other(pool: Pool):
    kinds = ["dark", "two_faces", "no_face", "dark", "no_face", "two_faces"]
    expected = [portraits.judged(portraits.bad(kind)).faces for kind in kinds]
    answers: dict[int, int] = {}

    def ask(number: int) -> None:
        with pool.worker() as lent:
            answers[number] = lent.judge(portraits.bad(kinds[number]), PROFILE).faces

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(kinds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answers[number] for number in range(len(kinds))] == expected
    assert 1 <= len(pool.pids) <= 2


def test_a_refused_picture_gives_its_process_back(pool: Pool):
    for _ in range(3):  # one more than there are places
        with pytest.raises(Refused), pool.worker() as lent:
            lent.judge(b"text", PROFILE)
    assert len(pool.pids) == 1


def test_a_pool_has_a_process_for_each_core():
    cores = len(os.sched_getaffinity(0))
    pool = Pool(portraits.models_folder())
    with contextlib.ExitStack() as lent:
        taken = {id(lent.enter_context(pool.worker())) for _ in range(cores)}
        assert len(taken) == cores
        assert not pool._places.acquire(blocking=False)
    assert pool.pids == []


@pytest.mark.parametrize(
    "change",
    [
        lambda data: portraits.stored_turned(data, 6),
        portraits.cmyk,
        heic_builders.heic,
        lambda data: heic_builders.heic(data, orientation=6),
    ],
)
def test_every_picture_is_shown_upright_as_a_small_jpeg_with_nothing_else(change):
    try:
        data = change(portraits.good())
        shown = shown_in_worker(data, folder=portraits.models_folder(), longest_side=700)
    finally:
        stop_workers()
    seen, plain = portraits.image(shown), portraits.image(portraits.good()).resize((560, 700))
    assert (seen.format, seen.mode, seen.size) == ("JPEG", "RGB", (560, 700))
    assert seen.info.keys() == {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert np.abs(np.asarray(seen, int) - np.asarray(plain, int)).mean() < 5


def test_a_picture_is_never_enlarged_to_be_shown(warm: Worker):
    small = portraits.png(Image.new("RGB", (40, 30), "teal"))
    assert portraits.image(warm.shown(small, longest_side=700)).size == (40, 30)


def test_what_is_no_picture_is_not_shown(warm: Worker):
    for data, code in ((b"<svg/>", "not_a_picture"), (portraits.png_bomb(), "too_many_pixels")):
        with pytest.raises(Refused) as caught:
            warm.shown(data, longest_side=700)
        assert caught.value.code == code


def test_a_heic_is_judged_as_what_it_shows(warm: Worker):
    for orientation in (1, 6):
        found = warm.judge(heic_builders.heic(portraits.good(), orientation=orientation), PROFILE)
        assert (found.verdict, found.width, found.height) == (Answer.PASS, 1120, 1400)


def test_a_photo_of_24_megapixels_takes_little_memory(warm: Worker):
    large = portraits.image(portraits.good()).resize((4800, 6000), Image.Resampling.BILINEAR)
    judged = warm.judge(portraits.jpeg(large, subsampling=2), PROFILE, annotate=True)
    lines = Path(f"/proc/{warm.pid}/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    assert judged.faces == 1
    assert 50_000 < peak < 350_000


def _judge_in_child(folder: Path, data: bytes, answers) -> None:
    answers.put(str(judge_in_worker(data, PROFILE, folder=folder).verdict))
    stop_workers()


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_daemonic_process_uses_a_worker_of_its_own():
    """As gunicorn and the queue fork: the parent's worker must not be talked to by two."""
    folder = portraits.models_folder()
    try:
        assert judge_in_worker(portraits.good(), PROFILE, folder=folder).verdict == Answer.PASS
        context = multiprocessing.get_context("fork")
        answers = context.Queue()
        child = context.Process(
            target=_judge_in_child, args=(folder, portraits.bad("dark"), answers), daemon=True
        )
        child.start()
        assert answers.get(timeout=30) == Answer.FAIL
        child.join(timeout=30)
        assert child.exitcode == 0
        assert judge_in_worker(portraits.good(), PROFILE, folder=folder).verdict == Answer.PASS
    finally:
        stop_workers()


def test_the_process_ends_when_its_parent_hangs_up(impatient: Worker):
    child = impatient._child
    child.stdin.close()
    assert child.wait(timeout=10) == 0
