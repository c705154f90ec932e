"""Judge an annotated photo as it is, and again with each made fault."""

import time
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from photos.domain.findings import Answer, Finding
from photos.domain.intake import Refused, check_upload
from photos.domain.intake.decode import decode
from photos.domain.judgement import Judgement, judge
from photos.evaluation.annotations import Sample
from photos.evaluation.bench import Bench
from photos.evaluation.faults import AS_IS, FAULTS, made
from photos.evaluation.portrait import Portrait, png, portrait_of

ORIGINAL = ""
UNREADABLE = "unreadable"
STRAIGHT = ("yes", "near")


@dataclass(frozen=True, eq=False)
class Reading:
    """One judgement: of a file (`made` is empty), or of what was made of it."""

    file: str
    made: str
    judgement: Judgement
    milliseconds: float

    def finding(self, component: str) -> Finding:
        """Return what a check found; KeyError for an unknown one."""
        return self.findings[component]

    @property
    def findings(self) -> dict[str, Finding]:
        """The findings by component."""
        return {finding.component: finding for finding in self.judgement.findings}

    def answer(self, component: str) -> Answer:
        """Return what a check says."""
        return self.finding(component).answer


@dataclass(frozen=True, eq=False)
class Examined:
    """What was read in one sample's file: the judgement of it, and those of made faults.

    `refused` is the code with which intake refused the file; it was then converted to PNG for
    measuring. `original` is None if even that could not be done, or the file is not there.
    """

    sample: Sample
    refused: str | None
    original: Reading | None
    made: tuple[Reading, ...] = ()


@dataclass(frozen=True)
class Job:
    """A sample, where its file lies, and which faults to make on it if it is fit for that."""

    folder: Path
    sample: Sample
    faults: tuple[str, ...]


def jobs(folder: Path, samples: list[Sample], *, with_faults: bool) -> list[Job]:
    """Return what is to be examined: faults are made on single people who face the camera."""
    names = fault_names() if with_faults else ()
    return [
        Job(folder, sample, names if sample.kind == "single" and sample.frontal in STRAIGHT else ())
        for sample in samples
    ]


def fault_names() -> tuple[str, ...]:
    """Return every fault and every base that one is made on."""
    bases, names = (fault.base for fault in FAULTS), (fault.name for fault in FAULTS)
    return tuple(dict.fromkeys((AS_IS, *bases, *names)))


def examine(bench: Bench, job: Job) -> Examined:
    """Judge a sample's file and what is made of it."""
    sample = job.sample
    data, refused = opened(job.folder / sample.file)
    if data is None:
        return Examined(sample, refused, None)
    original = read(bench, sample.file, ORIGINAL, data)
    portrait = _portrait(bench, data, original) if job.faults else None
    if portrait is None:
        return Examined(sample, refused, original)
    readings = (read(bench, sample.file, name, made(portrait, name)) for name in job.faults)
    return Examined(sample, refused, original, tuple(readings))


def opened(path: Path) -> tuple[bytes | None, str | None]:
    """Return what can be judged of a file, and the code with which it was refused as it is.

    A picture of a kind that intake refuses is converted to PNG.
    """
    try:
        data = path.read_bytes()
    except OSError:
        return None, UNREADABLE
    try:
        upload = check_upload(data)
        decode(data, upload, 1)
    except Refused as error:
        return as_png(data), error.code
    return data, None


def read(bench: Bench, file: str, name: str, data: bytes) -> Reading:
    """Judge bytes and take the time; raise `Refused` if they are no picture."""
    started = time.perf_counter()
    judgement = judge(data, bench.profile, bench.finder)
    return Reading(file, name, judgement, (time.perf_counter() - started) * 1000)


def as_png(data: bytes) -> bytes | None:
    """Return any still picture that Pillow reads as PNG, upright; None if it reads none."""
    try:
        with Image.open(BytesIO(data)) as image:
            return png(ImageOps.exif_transpose(image).convert("RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None


def _portrait(bench: Bench, data: bytes, original: Reading) -> Portrait | None:
    return portrait_of(data, original.judgement, bench.profile, bench.finder)
