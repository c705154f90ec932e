"""The process that judges: reads requests from its parent, has nothing else to do or to open.

Started by `photos.worker` as `python -m photos.worker.child FOLDER BYTES SECONDS`. It loads the
models, tries itself out, gives up its right to open or write files and then judges one picture at a
time.
"""

import contextlib
import os
import resource
import signal
import sys
import traceback
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from PIL import ExifTags, Image, ImageCms

from photos.domain.annotate import annotated
from photos.domain.checks import check_subject
from photos.domain.crop import Nudge
from photos.domain.face import FaceFinder
from photos.domain.findings import Answer
from photos.domain.frame import Frame
from photos.domain.intake import Refused, check_upload
from photos.domain.intake.decode import decode
from photos.domain.intake.shown import shown
from photos.domain.judgement import AS_CUT, judge
from photos.domain.picture import Picture
from photos.domain.profile import parse_profile
from photos.domain.subject import subject_of
from photos.profiles import load_profile
from photos.weights import WeightError, load_models
from photos.worker.messages import judgement_message, receive, send

MODES = {"JPEG": ("L", "RGB", "CMYK"), "PNG": ("1", "L", "LA", "I;16", "P", "RGB", "RGBA")}


def main(folder: Path, memory: int, seconds: float) -> None:
    """Serve the parent until it closes the pipe."""
    requests, answers = sys.stdin.buffer, _take_over_output()
    try:
        models = load_models(folder)
    except WeightError as error:
        send(answers, {"weight_error": type(error).__name__, **error.params})
        return
    with _silent():
        finder = FaceFinder(models)
    _warm_up(finder)
    _give_up_rights(memory)
    send(answers, {"ready": True})
    with contextlib.suppress(EOFError):
        while True:
            asked = receive(requests)
            with _no_longer_than(seconds):
                answer = _answer(*asked, finder)
            send(answers, *answer)


def _answer(head: dict[str, Any], data: bytes, finder: FaceFinder) -> tuple[dict[str, Any], bytes]:
    try:
        if head["do"] == "show":
            return {}, shown(data, head["longest_side"])
        profile, nudge = parse_profile(head["profile"]), Nudge(**head["nudge"])
        judgement = judge(data, profile, finder, nudge=nudge, annotate=head["annotate"])
        return judgement_message(judgement)
    except Refused as refused:
        return {"refused": refused.code, "params": refused.params}, b""
    except MemoryError:
        return {"refused": "too_heavy", "params": {}}, b""


@contextlib.contextmanager
def _no_longer_than(seconds: float) -> Iterator[None]:
    """End this process by SIGPROF once it has had so many seconds of a processor.

    By the clock a good picture would be refused wherever the machine is busy with others.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _take_over_output() -> IO[bytes]:
    """Keep standard output for answers alone; whatever else prints goes to standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Drop what LiteRT tells about itself when it starts; no setting of its own stops it."""
    shown = os.dup(2)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(shown, 2)
        os.close(shown)


def _warm_up(finder: FaceFinder) -> None:
    """Do everything once, since modules that are imported late can't be opened afterwards."""
    profile = load_profile()
    for data in _samples():
        upload = check_upload(data)
        decode(data, upload, 1)
        with contextlib.suppress(Refused):
            decode(data[: len(data) // 2], upload, 1)
    picture = Picture(Image.effect_noise((640, 800), 64).convert("RGB"), 640, 800)
    face = finder.look(picture, Frame(320, 400, 300, 300), 1.0)
    subject = subject_of(picture, [face, face], profile, finder, AS_CUT)
    check_subject(subject, profile)
    annotated(picture, subject, Answer.PASS)
    judge(shown(data, 48), profile, finder)


def _samples() -> Iterator[bytes]:
    """Make a small picture of every kind that is taken."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for kind, modes in MODES.items():
        for mode in modes:
            buffer = BytesIO()
            Image.new(mode, (48, 64)).save(buffer, kind, exif=exif, icc_profile=icc)
            yield buffer.getvalue()


def _give_up_rights(memory: int) -> None:
    """From here on: no new file or socket, no byte written to a file, no more memory than this."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


if __name__ == "__main__":
    sys.excepthook = traceback.print_exception
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
