"""What the judging process and its parent say to each other: JSON, then bytes, each with a length.

Only plain data crosses, never pickles: the child reads pictures that nobody trusts, and what it
sends back must not be able to do more than say what was found.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict
from typing import IO, Any

from photos.domain.crop import Nudge
from photos.domain.findings import Advice, Answer, Finding, Tier
from photos.domain.frame import Frame
from photos.domain.judgement import Judgement, Marks
from photos.domain.profile import Profile

LENGTHS = struct.Struct(">II")


def send(stream: IO[bytes], head: Mapping[str, Any], body: bytes = b"") -> None:
    """Write one message: a JSON object and the bytes that go with it."""
    text = json.dumps(head, default=str).encode()
    stream.write(LENGTHS.pack(len(text), len(body)))
    stream.write(text)
    stream.write(body)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """Read one message; raise EOFError when the other side has gone."""
    head_length, body_length = LENGTHS.unpack(_exactly(stream, LENGTHS.size))
    head: dict[str, Any] = json.loads(_exactly(stream, head_length))
    return head, _exactly(stream, body_length)


def _exactly(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def judge_request(profile: Profile, *, nudge: Nudge, annotate: bool) -> dict[str, Any]:
    """Return the JSON that asks for a judgement; the picture itself is the message's body."""
    options = {"profile": profile.data, "nudge": asdict(nudge), "annotate": annotate}
    return {"do": "judge", **options}


def show_request(longest_side: int) -> dict[str, Any]:
    """Return the JSON that asks for a JPEG to look at; the picture is the message's body."""
    return {"do": "show", "longest_side": longest_side}


def judgement_message(judgement: Judgement) -> tuple[dict[str, Any], bytes]:
    """Return a judgement as JSON and the bytes of its pictures, one after the other."""
    head = asdict(judgement)
    card, annotated = head.pop("card_jpeg"), head.pop("annotated_jpeg")
    head["card_length"] = None if card is None else len(card)
    head["annotated_length"] = None if annotated is None else len(annotated)
    return head, (card or b"") + (annotated or b"")


def read_judgement(head: Mapping[str, Any], body: bytes) -> Judgement:
    """Return the judgement that `judgement_message` was made of."""
    told = dict(head)
    card_length, annotated_length = told.pop("card_length"), told.pop("annotated_length")
    rest = card_length or 0
    return Judgement(
        **told
        | {
            "verdict": Answer(head["verdict"]),
            "findings": tuple(_finding(finding) for finding in head["findings"]),
            "advice": tuple(Advice(**advice) for advice in head["advice"]),
            "eye_left": _point(head["eye_left"]),
            "eye_right": _point(head["eye_right"]),
            "crop": None if head["crop"] is None else Frame(**head["crop"]),
            "nudge": Nudge(**head["nudge"]),
            "marks": None if head["marks"] is None else _marks(head["marks"]),
            "others": tuple(tuple(box) for box in head["others"]),
        },
        card_jpeg=None if card_length is None else body[:card_length],
        annotated_jpeg=None if annotated_length is None else body[rest:],
    )


def _finding(data: Mapping[str, Any]) -> Finding:
    left, right, warn_left, warn_right = data["bounds"]
    return Finding(
        **{
            **data,
            "answer": Answer(data["answer"]),
            "bounds": (left, right, warn_left, warn_right),
            "tier": Tier(data["tier"]),
            "advice": None if data["advice"] is None else Advice(**data["advice"]),
        }
    )


def _marks(data: Mapping[str, Any]) -> Marks:
    return Marks(
        outline=tuple((x, y) for x, y in data["outline"]),
        eye_left=(data["eye_left"][0], data["eye_left"][1]),
        eye_right=(data["eye_right"][0], data["eye_right"][1]),
        crown=data["crown"],
        chin=data["chin"],
    )


def _point(pair: list[float] | None) -> tuple[float, float] | None:
    return None if pair is None else (pair[0], pair[1])
